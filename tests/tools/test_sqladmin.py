"""sqladmin's pages of the example, asked for as a browser does: what they show, change and cost."""

from __future__ import annotations

import html
import re
import runpy
from typing import TYPE_CHECKING, Any

import plain_http
import pytest
import sqlalchemy as sa
from docs.pages import ROOT, TOOLS, run
from served_example import served
from starlette.testclient import TestClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


@pytest.fixture
def site(fresh: Box) -> Iterator[TestClient]:
    """The site of the example."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOX_URL", fresh.url)
        module = runpy.run_path(str(ROOT / "examples" / "admin_site.py"))
    with TestClient(module["app"], base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client
    module["admin"].engine.dispose()


@pytest.fixture
def ids(fresh: Box) -> dict[str, str]:
    """The ids of all files and folders by their paths."""
    with fresh.connect() as connection:
        found = dict(connection.cursor().execute("SELECT path, id FROM items").fetchall())
    fresh.reset()
    return found


def text(site: TestClient, path: str) -> str:
    """Return what a page shows."""
    answer = site.get(f"/admin/{path}")
    assert answer.status_code == 200, answer.text
    shown = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(shown).split())


def calls(box: Box) -> Any:
    return box.stats()["by_operation"]


def test_the_example_is_served(small: Box) -> None:
    with served("An admin site", small.emulator.ready, warnings="ignore") as address:
        assert "NDA.pdf" in plain_http.get(f"{address}/admin/file/list?search=nda").raise_for_status().text


def test_a_list_is_shown_sorted_and_searched(site: TestClient) -> None:
    assert "Showing 1 to 10 of 27 items" in text(site, "file/list?sortBy=size&sort=desc")
    found = text(site, "file/list?search=nda")
    assert "NDA.pdf /Contracts/2024 12 2015-03-13 08:00:00+00:00 Showing 1 to 1 of 1 items" in found
    assert "Showing 1 to 2 of 2 items" in text(site, "user/list?search=an")


def test_what_a_row_refers_to_is_called_by_its_name(site: TestClient, ids: dict[str, str]) -> None:
    assert "Who wrote this? Notes.txt Amelia Andersen" in text(site, "comment/list")
    assert "Contracts /Contracts Amelia Andersen" in text(site, "folder/list?search=Contracts")
    assert "parent All Files folders (2023) (2024) files (README)" in text(site, f"folder/details/{ids['/Contracts']}")


def test_the_details_of_a_file_download_nothing(site: TestClient, fresh: Box, ids: dict[str, str]) -> None:
    shown = text(site, f"file/details/{ids['/Notes.txt']}")
    assert "name Notes.txt" in shown
    assert "parent All Files" in shown
    assert calls(fresh).keys() == {"get_files_id", "get_folders_id"}


def test_a_file_is_edited(site: TestClient, fresh: Box, ids: dict[str, str]) -> None:
    page = f"/admin/file/edit/{ids['/Notes.txt']}"
    assert 'value="Notes.txt"' in site.get(page).text
    fresh.reset()
    answer = site.post(page, data={"name": "Notes 2.txt", "description": "edited", "save": "Save"})
    assert answer.status_code == 302, answer.text
    assert calls(fresh)["put_files_id"] == 1
    item = fresh.store.items["file"][ids["/Notes.txt"]]
    assert (item.name, item.description) == ("Notes 2.txt", "edited")


def test_a_folder_is_made_moved_and_deleted(site: TestClient, fresh: Box, ids: dict[str, str]) -> None:
    (parent,) = site.get("/admin/folder/ajax/lookup?name=parent&term=2024").json()["results"]
    assert parent == {"id": ids["/Contracts/2024"], "text": "2024"}
    answer = site.post("/admin/folder/create", data={"name": "made", "parent": "0", "save": "Save"})
    assert answer.status_code == 302, answer.text
    (made,) = [each for each in fresh.store.items["folder"].values() if each.name == "made"]
    page = f"/admin/folder/edit/{made.id}"
    assert 'value="made"' in site.get(page).text
    moved = site.post(page, data={"name": "moved", "parent": parent["id"], "save": "Save"})
    assert moved.status_code == 302, moved.text
    assert (made.name, made.parent.id) == ("moved", parent["id"])
    site.delete(f"/admin/folder/delete?pks={made.id}")
    with sa.create_engine(fresh.url).connect() as connection:
        left = sa.text("SELECT count(*) FROM folders WHERE parent_id = :parent AND name = 'moved'")
        assert connection.execute(left, {"parent": parent["id"]}).scalar() == 0


def test_what_box_refuses_is_told_in_the_form(site: TestClient) -> None:
    answer = site.post("/admin/folder/create", data={"name": "Contracts", "parent": "0", "save": "Save"})
    assert answer.status_code == 400
    assert "IntegrityError" in answer.text


def test_the_example_of_the_page_runs(small: Box) -> None:
    run(TOOLS, small.emulator.ready, "sqladmin")
