"""Superset as people see it: the list of databases, a sign-in in a pop-up, the dashboard."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from superset_browser import Window, chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from conftest import Box
    from superset_server import Person, Superset

    Opened = Callable[[Person], AbstractContextManager[Window]]

STALE = "[data-test-chart-name='Stale files'] tbody tr td:first-child"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def window(browser: Any, superset: Superset) -> Opened:
    """Return a function that opens a window in which somebody is logged in."""

    @contextmanager
    def opened(person: Person) -> Iterator[Window]:
        window = Window(browser, superset, person)
        yield window
        window.close()

    return opened


def test_box_is_offered_with_its_form(window: Opened, admin: Person) -> None:
    with window(admin) as seen:
        page = seen.page
        page.goto("/databaseview/list/")
        page.click("[data-test=btn-create-database]")
        page.wait_for_selector("text=Supported databases")
        page.click("[role=dialog] input[type=search]")
        page.click(".ant-select-item-option[title=Box]")
        page.wait_for_selector("input[name=username]")
        assert {"username", "password", "account"} <= set(
            page.eval_on_selector_all("input", "all => all.map(i => i.name)")
        )
        seen.show("form")


def test_a_viewer_signs_in_in_a_pop_up(window: Opened, admin: Person, superset: Superset, box: Box) -> None:
    admin.add_person("chloe", "user03@example.com")
    own = admin.add_own_database("Box for all", box.url)
    with window(superset.log_in("chloe", "chloe")) as seen:
        seen.run(own, "SELECT login, name FROM users WHERE id = 'me'")
        seen.page.wait_for_selector("text=provide authorization")
        seen.show("sign-in")
        seen.sign_in("user03@example.com")
        seen.page.click("[data-test=run-query-action]")
        seen.page.wait_for_selector("text=user03@example.com")
        seen.show("sql-lab")


def test_viewers_see_their_own_dashboard(
    window: Opened,
    admin: Person,
    amelia: Person,
    bjoern: Person,
) -> None:
    admin.put(f"/database/{admin.database('Box governance')}", {"impersonate_user": True})
    seen_by = {}
    for login, viewer in {"user01@example.com": amelia, "user02@example.com": bjoern}.items():
        with window(viewer) as seen:
            seen.page.goto("/superset/dashboard/box-governance/")
            seen.page.wait_for_selector("text=provide authorization")
            seen.sign_in(login)
            seen.page.wait_for_selector(STALE)
            seen.page.wait_for_load_state("networkidle")
            seen_by[login] = set(seen.page.locator(STALE).all_inner_texts())
            assert not seen.page.is_visible("text=provide authorization")
            seen.show("dashboard")
    first, second = seen_by.values()
    assert first - second
    assert second - first
