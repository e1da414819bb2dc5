"""A tree that others change while it is walked: the walk ends, and nothing comes twice."""

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store

LISTING, COMMENTS = "get_folders_id_items", "get_files_id_comments"
PROPERTIES = {"Timeout": PATIENCE_SECONDS, "MaxConcurrency": 1}


def at_call(box, monkeypatch, operation, number, act):
    """Let another user do something as the call of an operation comes that has this number."""
    control = box.emulator._server.config.app.control
    enter = control.enter

    def enter_and_act(entered):
        enter(entered)
        if entered == operation and control.by_operation[operation] == number:
            act()

    monkeypatch.setattr(control, "enter", enter_and_act)


@pytest.fixture
def emulator():
    emulator = Emulator(Options())
    emulator.store = Store()
    with emulator:
        yield emulator


@pytest.fixture
def store(emulator):
    return emulator.store


def test_a_walk_ends_though_two_folders_change_places(box, store, monkeypatch):
    outer = store.add_folder("outer", store.root, store.admin)
    inner = store.add_folder("inner", outer, store.admin)

    def swap():
        store.relocate(inner, store.root, "inner")
        store.relocate(outer, inner, "outer")

    at_call(box, monkeypatch, LISTING, 3, swap)
    found = box.connect(**PROPERTIES).cursor().execute("SELECT id, path FROM folders").fetchall()
    assert sorted(found) == sorted([("0", "/"), (outer.id, "/outer"), (inner.id, "/outer/inner")])
    assert box.calls(LISTING) == 3


@pytest.mark.parametrize("table", ["files", "folders", "items", "comments", "collaborations"])
def test_a_folder_that_lists_itself_is_listed_once(box, table):
    itself = {"type": "folder", "id": "7", "name": "again", "item_status": "active", "has_collaborations": False}
    box.fault(LISTING, status=200, body={"entries": [itself]}, times=50)
    connection = box.connect(**PROPERTIES)
    connection.cursor().execute(f"SELECT id FROM {table}").fetchall()
    assert box.calls(LISTING) == 2


@pytest.mark.parametrize(
    ("sql", "calls_of_comments"),
    [("SELECT id FROM files", 0), ("SELECT id FROM items WHERE type = 'file'", 0), ("SELECT id FROM comments", 1)],
)
def test_what_moves_to_a_folder_that_is_listed_later_comes_once(box, store, monkeypatch, sql, calls_of_comments):
    first, later = (store.add_folder(name, store.root, store.admin) for name in ("first", "later"))
    moved, stayed = (store.add_file(name, first, PatternContent("x", 1), store.admin) for name in ("moved", "stayed"))
    comment = store.add_comment(moved, "It moves.", store.admin)
    at_call(box, monkeypatch, LISTING, 3, lambda: store.relocate(moved, later, "moved"))
    found = box.connect(**PROPERTIES).cursor().execute(sql).fetchall()
    expected = [(comment.id,)] if "comments" in sql else [(moved.id,), (stayed.id,)]
    assert sorted(found) == sorted(expected)
    assert (box.calls(LISTING), box.calls(COMMENTS)) == (3, calls_of_comments)


@pytest.mark.parametrize("tail", ["", " ORDER BY name DESC", " LIMIT 1500"])
def test_what_slides_to_a_later_page_comes_once(box, store, monkeypatch, tail):
    """Box's offset counts from the beginning, before which another user puts something between two pages."""
    for number in range(1, 1_500):
        store.add_group(f"group {number:04}")
    at_call(box, monkeypatch, "get_groups", 2, lambda: store.add_group("a group"))
    found = box.connect(**PROPERTIES).cursor().execute(f"SELECT name FROM groups{tail}").fetchall()
    assert sorted(found) == [(f"group {number:04}",) for number in range(1, 1_500)]
    assert box.calls("get_groups") == 2
