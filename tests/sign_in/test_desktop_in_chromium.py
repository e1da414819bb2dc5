"""The desktop flow as a person sees it, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from services import CHROMIUM_ARGUMENTS, playwright_and_chromium

from box_dialect.errors import OperationalError
from sign_in.acting import ANY_PORT, PATIENCE_SECONDS, me

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sign_in.acting import Box, Browser

DESKTOP: Final = {"AuthScheme": "OAuth", "InitiateOAuth": "GETANDREFRESH", "CallbackURL": ANY_PORT}
# A connection that Chromium opens, in advance, just as the server closes is accepted by asyncio and then left alone.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def chromium(browser: Browser, tmp_path: Path) -> Callable[[Callable[[Any], None]], None]:
    """Return a function that makes Chromium the default browser, in which a person does something at a page.

    What it shows at last is the text of the page.
    """
    sync_playwright, chromium_path = playwright_and_chromium()

    def used(act: Callable[[Any], None]) -> None:
        def visit(address: str) -> str:
            with sync_playwright() as playwright:
                context = playwright.chromium.launch_persistent_context(
                    tmp_path / "chromium",
                    executable_path=chromium_path,
                    headless=True,
                    args=CHROMIUM_ARGUMENTS,
                    timeout=PATIENCE_SECONDS * 1000,
                )
                try:
                    context.set_default_timeout(PATIENCE_SECONDS * 1000)
                    page = context.pages[0]
                    page.goto(address)
                    act(page)
                    page.wait_for_url("http://localhost:*/?*")
                    return str(page.inner_text("body"))
                finally:
                    context.close()

        browser.visit = visit

    return used


def test_a_person_signs_in_and_grants_access(
    box: Box, browser: Browser, chromium: Callable[[Callable[[Any], None]], None]
) -> None:
    somebody = box.emulator.store.users[box.ready["user_id"]]

    def act(page: Any) -> None:
        page.select_option("#login", somebody.login)
        page.click("#grant")

    chromium(act)
    connection = box.connect(**DESKTOP)
    assert me(connection) == somebody.id
    assert "You are signed in to Box" in browser.page()


@pytest.mark.long
def test_a_person_denies_access(box: Box, browser: Browser, chromium: Callable[[Callable[[Any], None]], None]) -> None:
    chromium(lambda page: page.click("#deny"))
    with pytest.raises(OperationalError, match="the user refused access to Box"):
        box.connect(**DESKTOP)
    assert "You are not signed in" in browser.page()
    assert "the user refused access to Box" in browser.page()
