"""The API of the example, SQLModel's classes behind FastAPI, asked over HTTP: what it shows, changes and costs."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import plain_http
import pytest
from docs.pages import ROOT
from fastapi.testclient import TestClient
from served_example import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

EXAMPLE = ROOT / "examples" / "sqlmodel_api.py"


@pytest.fixture(scope="module")
def module(small: Box) -> Any:
    """The example, imported once: SQLModel's metadata takes a table once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOX_URL", small.url)
        spec = importlib.util.spec_from_file_location(EXAMPLE.stem, EXAMPLE)
        assert spec is not None
        assert spec.loader is not None
        loaded = sys.modules[EXAMPLE.stem] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def api(module: Any, fresh: Box) -> Iterator[TestClient]:
    module.engine = module.create_engine(fresh.url)
    with TestClient(module.app) as client:
        yield client
    module.engine.dispose()


@pytest.fixture
def ids(fresh: Box) -> dict[str, str]:
    """The ids of all files and folders by their paths."""
    with fresh.connect() as connection:
        found = dict(connection.cursor().execute("SELECT path, id FROM items").fetchall())
    fresh.reset()
    return found


def calls(box: Box) -> Any:
    return box.stats()["by_operation"]


def test_the_example_is_served(small: Box) -> None:
    with served("An API", small.emulator.ready, warnings="ignore") as address:
        assert len(plain_http.get(f"{address}/folders/0").raise_for_status().json()["files"]) == 3


def test_a_folder_is_shown_with_its_files(api: TestClient, fresh: Box) -> None:
    shown = api.get("/folders/0").json()
    assert sorted(file["path"] for file in shown["files"]) == ["/.gitignore", "/Notes.txt", "/notes"]
    assert {file["modified_at"] for file in shown["files"] if file["path"] == "/notes"} == {"2015-04-11T08:00:00Z"}
    assert calls(fresh) == {"get_folders_id": 1, "get_folders_id_items": 1}
    assert api.get("/folders/77").status_code == 404


def test_a_folder_is_made_changed_and_deleted(api: TestClient, fresh: Box) -> None:
    made = api.post("/folders", json={"name": "made"})
    assert made.status_code == 201
    again = api.post("/folders", json={"name": "made"})
    assert again.status_code == 409
    assert "choose another name" in again.json()["detail"]
    item = fresh.store.items["folder"][made.json()["id"]]
    changed = api.patch(f"/folders/{item.id}", json={"name": "changed", "description": "by SQLModel"})
    assert (changed.json()["name"], item.name, item.description) == ("changed", "changed", "by SQLModel")
    fresh.reset()
    assert api.delete(f"/folders/{item.id}").status_code == 204
    assert calls(fresh) == {"get_folders_id": 1, "delete_folders_id": 1}
    assert api.get(f"/folders/{item.id}").status_code == 404


def test_what_lies_in_a_folder_is_left_to_box(api: TestClient, fresh: Box, ids: dict[str, str]) -> None:
    answer = api.delete(f"/folders/{ids['/Contracts']}")
    assert answer.status_code == 409
    assert "folder not empty" in answer.json()["detail"]
    assert "put_files_id" not in calls(fresh)


def test_files_are_listed_below_a_path(api: TestClient, fresh: Box) -> None:
    files = api.get("/files", params={"below": "/Contracts/", "limit": 2}).json()
    assert [file["path"] for file in files] == ["/Contracts/README", "/Contracts/2023/Signed/ACME master agreement.pdf"]
    assert calls(fresh)["get_folders_id_items"] < len(fresh.store.items["folder"]) / 2
    (third,) = api.get("/files", params={"below": "/Contracts/", "limit": 1, "offset": 2}).json()
    assert third["size"] == 12


def test_a_file_has_comments_and_takes_one(api: TestClient, fresh: Box, ids: dict[str, str]) -> None:
    page = f"/files/{ids['/Notes.txt']}"
    assert [each["message"] for each in api.get(page).json()["comments"]][:2] == ["Who wrote this?", "I did."]
    assert calls(fresh) == {"get_files_id": 1, "get_files_id_comments": 1}
    said = api.post(f"{page}/comments", json={"message": "Well said."})
    assert (said.status_code, said.json()["created_by_name"]) == (201, "Ada Admin")
    assert api.get(page).json()["comments"][-1] == said.json()
    assert api.post("/files/77/comments", json={"message": "Who reads this?"}).status_code == 404


def test_the_api_is_described(api: TestClient) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    assert {"/folders", "/folders/{folder_id}", "/files", "/files/{file_id}", "/files/{file_id}/comments"} == {*paths}
