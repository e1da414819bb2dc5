"""The web application of the examples: served by uvicorn, visited over HTTP, on an emulator."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import plain_http
import pytest
from patience import PATIENCE_SECONDS
from served_example import served
from sign_in.acting import authorize

import box_dialect
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("fastapi")


@pytest.fixture(scope="module")
def box() -> Iterator[Emulator]:
    with Emulator(Options()) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def address(box: Emulator) -> Iterator[str]:
    """Serve the application as its page says, at a free port."""
    with served("A web application", box.ready) as address:
        yield address


@contextmanager
def visiting(address: str, login: str) -> Iterator[httpx.Client]:
    """Give a browser whose user has signed in at Box's page."""
    with httpx.Client(base_url=address, timeout=PATIENCE_SECONDS, trust_env=False) as browser:
        sent_to = browser.get("/login")
        back = browser.get(authorize(sent_to.headers["location"], login=login))
        assert (back.status_code, back.headers["location"]) == (307, "/")
        yield browser


@pytest.fixture
def amelia(address: str) -> Iterator[httpx.Client]:
    with visiting(address, "user01@example.com") as browser:
        yield browser


def folder(box: Emulator, name: str) -> str:
    with box_dialect.connect(box.ready["url"]) as connection:
        (found,) = connection.cursor().execute("SELECT id FROM folders WHERE name = ?", (name,)).fetchall()
    return str(found[0])


def test_each_visitor_is_somebody_else(address: str, amelia: httpx.Client) -> None:
    assert amelia.get("/").json() == {"name": "Amelia Andersen", "login": "user01@example.com"}
    with visiting(address, "user02@example.com") as bjoern:
        assert bjoern.get("/").json()["name"] == "Björn Brown"
        assert amelia.get("/").json()["name"] == "Amelia Andersen"


def test_who_has_access_is_told_of_the_folders_above_too(box: Emulator, amelia: httpx.Client) -> None:
    above, below = (amelia.get(f"/folders/{folder(box, name)}/access").json() for name in ("Contracts", "2024"))
    assert [(each["folder"], each["level"], each["who"], each["role"]) for each in above] == [
        ("Contracts", 0, "Amelia Andersen", "editor"),
        ("Contracts", 0, "Legal", "viewer"),
        ("Contracts", 0, "stranger@example.net", "viewer"),
    ]
    assert below == [each | {"level": 1} for each in above]


def test_a_file_is_found_downloaded_and_commented_on(amelia: httpx.Client) -> None:
    (found,) = (file for file in amelia.get("/search", params={"words": "report"}).json() if file["size"] == 24)
    assert found["path"] == "/case twin/report.txt"
    content = amelia.get(f"/files/{found['id']}/content")
    assert len(content.content) == 24
    assert content.headers["content-disposition"] == "attachment; filename*=UTF-8''report.txt"
    said = amelia.post(f"/files/{found['id']}/comments", json={"message": "Well said."})
    assert said.status_code == 201
    assert said.json()["created_by_name"] == "Amelia Andersen"


def test_what_a_visitor_may_not_do_has_the_status_that_it_has_at_box(amelia: httpx.Client) -> None:
    assert amelia.get("/files/77/content").status_code == 404
    assert amelia.post("/files/77/comments", json={"message": "Who reads this?"}).status_code == 404


def test_nobody_gets_in_unseen(address: str) -> None:
    with httpx.Client(base_url=address, timeout=PATIENCE_SECONDS, trust_env=False) as stranger:
        assert stranger.get("/").status_code == 401
        assert stranger.get("/callback", params={"code": "x", "state": ""}).status_code == 400
        state = httpx.URL(stranger.get("/login").headers["location"]).params["state"]
        assert stranger.get("/callback", params={"code": "x", "state": "ü"}).status_code == 400
        assert stranger.get("/callback", params={"error": "access_denied", "state": state}).status_code == 403
        assert stranger.get("/callback", params={"code": "x", "state": state}).status_code == 502
        assert stranger.get("/").status_code == 401


def test_who_is_signed_out_at_box_is_asked_to_sign_in(box: Emulator, amelia: httpx.Client) -> None:
    control = box.ready["api_base_url"].removesuffix("/2.0") + "/_emulator"
    for kind in ("access_token", "refresh_token"):
        plain_http.post(f"{control}/expire", json={"kind": kind}).raise_for_status()
    answer = amelia.get("/")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Sign in at /login"})
