"""`etag = …` in a write is a condition that Box checks, so that nobody's change is overwritten unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sweep import sweep

import box_dialect
from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from conftest import Box, Calls


@pytest.fixture
def made(fresh: Box, cursor: box_dialect.Cursor) -> Any:
    """A folder whose etag is 0."""
    cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('Mine', '0') RETURNING id")
    return fresh.store.items["folder"][cursor.fetchall()[0][0]]


@pytest.mark.parametrize("etag", ["0", 0])
def test_a_write_names_the_etag_and_reads_nothing(
    cursor: box_dialect.Cursor, calls: Calls, made: Any, etag: object
) -> None:
    calls.forget()
    cursor.execute("UPDATE folders SET name = 'Changed' WHERE id = ? AND etag = ? RETURNING etag", (made.id, etag))
    assert (cursor.fetchall(), made.name) == ([("1",)], "Changed")
    cursor.execute("DELETE FROM folders WHERE etag = '1' AND id = ?", (made.id,))
    assert (cursor.rowcount, made.is_trashed) == (1, True)
    assert calls.made == [f"PUT /folders/{made.id}", f"DELETE /folders/{made.id}"]


@sweep("write", ["UPDATE folders SET name = 'Changed'", "DELETE FROM folders"])
@sweep("etag", ["7", "", "0 ", "a\r\nb", None, b"0", 0.5])
def test_another_etag_is_no_row(cursor: box_dialect.Cursor, made: Any, write: str, etag: object) -> None:
    cursor.execute(f"{write} WHERE id = ? AND etag = ?", (made.id, etag))
    assert (cursor.rowcount, made.name, made.is_trashed) == (0, "Mine", False)
    cursor.execute(f"{write} WHERE id = ? AND etag = ? RETURNING id", (made.id, etag))
    assert (cursor.fetchall(), cursor.rowcount) == ([], 0)


@pytest.mark.parametrize("write", ["UPDATE folders SET name = 'Changed'", "DELETE FROM folders"])
@pytest.mark.parametrize(
    "where", ["path = '/Mine'", "id = :id", "id = :id AND name = 'Mine'", "parent_id = '0' AND name LIKE 'Mi%'"]
)
def test_a_second_writer_between_is_noticed(
    fresh: Box, cursor: box_dialect.Cursor, made: Any, write: str, where: str
) -> None:
    """The other one writes after the row was read, and before the write is sent."""
    other = fresh.connect()

    def meddle() -> int:
        if made.etag == 0:
            with other.cursor() as second:
                second.execute("UPDATE folders SET description = 'theirs' WHERE id = ?", (made.id,))
        return 1

    cursor.connection.sqlite.create_scalar_function("meddle", meddle, 0)
    cursor.execute(f"{write} WHERE {where} AND etag = '0' AND meddle()", {"id": made.id})
    assert (cursor.rowcount, made.name, made.description, made.is_trashed) == (0, "Mine", "theirs", False)
    other.close()


def test_a_move_reads_the_etag_since_box_does_not_compare_it(
    fresh: Box, cursor: box_dialect.Cursor, calls: Calls, made: Any
) -> None:
    (photos,) = (folder for folder in fresh.store.items["folder"].values() if folder.name == "Photos")
    move = "UPDATE folders SET parent_id = ? WHERE id = ? AND etag = ?"
    calls.forget()
    cursor.execute(move, (photos.id, made.id, "7"))
    assert (cursor.rowcount, made.parent.id) == (0, "0")
    cursor.execute(move, (photos.id, made.id, "0"))
    assert (cursor.rowcount, made.parent) == (1, photos)
    assert calls.made == [f"{method} /folders/{made.id}" for method in ("GET", "GET", "PUT")]
    cursor.execute(move, ("0", "987654321", "0"))
    assert cursor.rowcount == 0


def test_a_write_of_many_leaves_out_those_that_were_changed(cursor: box_dialect.Cursor) -> None:
    cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('a', '0'), ('b', '0'), ('c', '0') RETURNING id")
    keys = [key for (key,) in cursor.fetchall()]
    cursor.execute("UPDATE folders SET name = 'B' WHERE id = ?", (keys[1],))
    cursor.executemany("UPDATE folders SET description = 'x' WHERE id = ? AND etag = '0'", [(key,) for key in keys])
    assert (cursor.rowcount, cursor.api_calls) == (2, 3)
    cursor.execute("DELETE FROM folders WHERE id IN (?, ?, ?) AND etag = '1' RETURNING name", keys)
    assert sorted(cursor.fetchall()) == [("B",), ("a",), ("c",)]


def test_the_etag_may_be_set_to_what_it_is_compared_with(cursor: box_dialect.Cursor, calls: Calls, made: Any) -> None:
    """SQLAlchemy sets it where it has nothing else to set, so that somebody else's change is noticed."""
    itself = "UPDATE folders SET etag = :etag WHERE id = :id AND etag = :etag"
    calls.forget()
    assert cursor.execute(itself, {"id": made.id, "etag": "0"}).rowcount == 1
    cursor.execute(f"{itself} RETURNING etag, path", {"id": made.id, "etag": "0"})
    assert (cursor.fetchall(), cursor.rowcount, made.etag) == ([("0", "/Mine")], 1, 0)
    assert calls.made == [f"GET /folders/{made.id}"] * 2
    assert cursor.execute(itself, {"id": made.id, "etag": "7"}).rowcount == 0
    cursor.execute(itself.replace("SET", "SET name = 'Changed',"), {"id": made.id, "etag": "0"})
    assert (cursor.rowcount, made.name) == (1, "Changed")
    with pytest.raises(box_dialect.ProgrammingError, match="UPDATE cannot set etag"):
        cursor.execute("UPDATE folders SET etag = '7' WHERE id = ? AND etag = '1'", (made.id,))


def test_without_an_etag_there_is_no_condition(cursor: box_dialect.Cursor, made: Any) -> None:
    made.etag = 5
    cursor.execute("UPDATE folders SET name = 'Changed' WHERE id = ?", (made.id,))
    assert (cursor.rowcount, made.name) == (1, "Changed")


def test_an_update_whose_answer_is_lost_is_not_taken_for_somebody_elses(
    fresh: Box, cursor: box_dialect.Cursor, made: Any
) -> None:
    fresh.faults({"operation": "put_folders_id", "times": 1, "drop_connection": True, "carried_out": True})
    with pytest.raises(box_dialect.OperationalError, match="Box may have carried it out"):
        cursor.execute("UPDATE folders SET name = 'Changed' WHERE id = ? AND etag = '0'", (made.id,))
    assert made.name == "Changed"


def test_a_delete_whose_answer_is_lost_counts(fresh: Box, cursor: box_dialect.Cursor, made: Any) -> None:
    fresh.faults({"operation": "delete_folders_id", "times": 1, "drop_connection": True, "carried_out": True})
    cursor.execute("DELETE FROM folders WHERE id = ? AND etag = '0'", (made.id,))
    assert (cursor.rowcount, made.is_trashed) == (1, True)


def test_a_select_by_etag_is_as_ever(cursor: box_dialect.Cursor, made: Any) -> None:
    cursor.execute("SELECT name FROM folders WHERE parent_id = '0' AND etag = '0' AND name = 'Mine' LIMIT 1")
    assert cursor.fetchall() == [("Mine",)]
    cursor.execute("SELECT count(*) FROM folders WHERE id = ? AND etag = '3'", (made.id,))
    assert cursor.fetchall() == [(0,)]


def test_the_catalog_says_which_tables_compare_it() -> None:
    assert {table.name for table in TABLES.values() if table.version} >= {"folders"}
    assert all(table.version in table.numbers for table in TABLES.values() if table.version)
