"""Viewers who sign in to Box for themselves, and see what is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from sign_in.acting import authorize

if TYPE_CHECKING:
    from conftest import Box
    from superset_server import Answer, Person, Superset

MINE = "SELECT path FROM files ORDER BY path"
ME = "SELECT login FROM users WHERE id = 'me'"


@pytest.fixture(scope="module")
def own(admin: Person, box: Box) -> int:
    """A database at which each viewer signs in."""
    return admin.add_own_database("Box for each", box.url)


def paths(box: Box, login: str) -> list[str]:
    """Return the paths of what is somebody's, by the driver alone."""
    (user,) = (user for user in box.store.users.values() if user.login == login)
    with box.connect(AsUserId=user.id) as connection:
        return [path for (path,) in connection.cursor().execute(MINE).fetchall()]


def sign_in(person: Person, answer: Answer, login: str) -> None:
    """Go where the answer sends a viewer, and grant access there."""
    assert answer.error["error_type"] == "OAUTH2_REDIRECT"
    back = person.http.get(authorize(answer.error["extra"]["url"], login=login))
    assert back.status_code == 200, back.text


@pytest.fixture(scope="module")
def viewers(amelia: Person, bjoern: Person) -> dict[str, Person]:
    """Those who are somebody at Box, by their logins there."""
    return {"user01@example.com": amelia, "user02@example.com": bjoern}


def test_viewers_sign_in_once_and_see_what_is_theirs(own: int, viewers: dict[str, Person], box: Box) -> None:
    for login, viewer in viewers.items():
        sign_in(viewer, viewer.run(own, MINE), login)
    for login, viewer in [*viewers.items()] * 2:
        assert [path for (path,) in viewer.run(own, MINE).rows] == paths(box, login)
        assert viewer.run(own, ME).rows == [(login,)]
    assert len({tuple(paths(box, login)) for login in viewers}) == len(viewers)


def test_the_page_of_box_is_asked_with_pkce(own: int, admin: Person, box: Box) -> None:
    address = admin.run(own, ME).error["extra"]["url"]
    question = parse_qs(urlsplit(address).query)
    assert address.startswith(box.emulator.ready["authorize_url"])
    assert question["code_challenge_method"] == ["S256"]
    assert box.emulator.ready["client_secret"] not in address


def test_a_sign_in_is_renewed(own: int, amelia: Person, superset: Superset, box: Box) -> None:
    for _ in range(2):  # each refresh token is good for one use
        superset.let_tokens_run_out()
        superset.forget_renewed_tokens()
        box.reset()
        assert amelia.run(own, ME).rows == [("user01@example.com",)]
        assert box.stats()["grants"] == {"refresh_token": 1}


def test_a_chart_out_of_the_cache_is_the_viewers_own(own: int, viewers: dict[str, Person], box: Box) -> None:
    dataset = viewers["user01@example.com"].add_dataset(own, "paths", MINE)
    query = {"columns": ["path"], "metrics": [], "orderby": [["path", True]]}
    for login, viewer in [*viewers.items()] * 2:
        assert [row["path"] for row in viewer.chart(dataset, query, force=False)] == paths(box, login)


def test_a_sign_in_that_is_over_is_asked_for_again(own: int, bjoern: Person, superset: Superset, box: Box) -> None:
    superset.let_tokens_run_out()
    superset.forget_renewed_tokens()
    box.expire("refresh_token")
    sign_in(bjoern, bjoern.run(own, ME), "user02@example.com")
    assert bjoern.run(own, ME).rows == [("user02@example.com",)]


def test_an_account_stands_for_each_viewer_by_their_email(viewers: dict[str, Person], admin: Person, box: Box) -> None:
    database = admin.add_database("Box as each", f"{box.url}&AsUserId={{email}}", impersonate_user=True)
    for login, viewer in viewers.items():
        assert [path for (path,) in viewer.run(database, MINE).rows] == paths(box, login)
    assert "ada@example.com" in admin.run(database, ME).error["message"]
