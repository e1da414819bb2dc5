"""RETURNING gives the rows as Box has them after the write, in the order of the statement, with no call more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sweep import sweep

import box_dialect

if TYPE_CHECKING:
    from conftest import Box, Calls

INSERT = "INSERT INTO folders (name, parent_id) VALUES "


def folder(box: Box, name: str) -> Any:
    return next(f for f in box.store.items["folder"].values() if f.name == name and not f.is_trashed)


def test_an_insert_gives_what_box_assigned_by_the_same_call(
    fresh: Box, cursor: box_dialect.Cursor, calls: Calls
) -> None:
    cursor.execute(f"{INSERT} ('New', '0') RETURNING id, path, created_at, has_collaborations, upper(name) AS loud")
    made = folder(fresh, "New")
    ((identity, path, created_at, has_collaborations, loud),) = cursor.fetchall()
    assert (identity, path, loud) == (made.id, "/New", "NEW")
    assert isinstance(created_at, dt.datetime)
    assert created_at.tzinfo is dt.UTC
    assert has_collaborations is False
    assert (cursor.rowcount, cursor.lastrowid, cursor.api_calls) == (1, int(made.id), 1)
    assert calls.made == ["POST /folders"]
    assert calls.fields == [{"id", "name", "path_collection", "created_at", "has_collaborations"}]


def test_the_description_is_that_of_a_select(cursor: box_dialect.Cursor) -> None:
    cursor.execute(f"{INSERT} ('New', '0') RETURNING id, created_at, size AS bytes, 1 + 1, *")
    returned = cursor.description
    cursor.execute("SELECT id, created_at, size AS bytes, 1 + 1, * FROM folders WHERE id = '0'")
    assert returned == cursor.description


def test_all_columns_are_those_of_a_select(cursor: box_dialect.Cursor) -> None:
    row = cursor.execute(f"{INSERT} ('New', '0') RETURNING *, rowid").fetchone()
    assert row == cursor.execute("SELECT *, rowid FROM folders WHERE path = '/New'").fetchone()


def test_many_rows_come_in_the_order_of_values(fresh: Box, cursor: box_dialect.Cursor, calls: Calls) -> None:
    names = [f"n{number}" for number in range(40)]
    values = ", ".join("(?, '0')" for _ in names)
    rows = cursor.execute(f"{INSERT} {values} RETURNING name, id", names).fetchall()
    assert rows == [(name, folder(fresh, name).id) for name in names]
    assert (cursor.rowcount, cursor.lastrowid) == (40, int(rows[-1][1]))
    assert calls.made == ["POST /folders"] * 40


def test_rows_of_a_select_come_in_its_order(cursor: box_dialect.Cursor) -> None:
    select = 'SELECT value, \'0\' FROM json_each(\'["c", "a", "b"]\') ORDER BY value DESC'
    cursor.execute(f"INSERT INTO folders (name, parent_id) {select} RETURNING name")
    assert cursor.fetchall() == [("c",), ("b",), ("a",)]


def test_a_column_that_only_an_update_takes_is_returned_too(cursor: box_dialect.Cursor, calls: Calls) -> None:
    cursor.execute(
        "INSERT INTO folders (name, parent_id, description) VALUES ('New', '0', 'd') RETURNING name, description, etag"
    )
    assert cursor.fetchall() == [("New", "d", "1")]
    assert [made.split("/")[0] for made in calls.made] == ["POST ", "PUT "]
    assert calls.fields == [{"id"}, {"id", "name", "description", "etag"}]


def test_a_row_that_is_left_out_is_not_returned(cursor: box_dialect.Cursor) -> None:
    cursor.execute(
        "INSERT OR IGNORE INTO folders (name, parent_id) VALUES ('photos', '0'), ('New', '0') RETURNING name"
    )
    assert cursor.fetchall() == [("New",)]
    assert cursor.rowcount == 1
    cursor.execute("UPDATE OR IGNORE folders SET name = 'PHOTOS' WHERE name = 'New' AND parent_id = '0' RETURNING name")
    assert (cursor.fetchall(), cursor.rowcount) == ([], 0)


def test_an_update_gives_the_rows_as_they_are_after_it(cursor: box_dialect.Cursor, calls: Calls) -> None:
    ((identity, etag),) = cursor.execute(f"{INSERT} ('New', '0') RETURNING id, etag").fetchall()
    calls.forget()
    cursor.execute("UPDATE folders SET name = 'Other' WHERE id = ? RETURNING name, path, etag", (identity,))
    assert cursor.fetchall() == [("Other", "/Other", str(int(etag) + 1))]
    assert (cursor.rowcount, cursor.lastrowid) == (1, None)
    assert calls.made == [f"PUT /folders/{identity}"]
    assert calls.fields == [{"id", "name", "path_collection", "etag"}]


def test_a_delete_gives_the_rows_as_they_were_read(fresh: Box, cursor: box_dialect.Cursor, calls: Calls) -> None:
    cursor.execute(f"{INSERT} ('x1', '0'), ('x2', '0'), ('y', '0')")
    calls.forget()
    cursor.execute(
        "DELETE FROM folders WHERE parent_id = '0' AND name GLOB 'x?' RETURNING name, path, created_by_login"
    )
    # Which of the two Box made first is left to it, and so is the order in which it lists them.
    assert sorted(cursor.fetchall()) == [("x1", "/x1", "admin@example.com"), ("x2", "/x2", "admin@example.com")]
    assert cursor.rowcount == 2
    assert sorted(made.split(" ")[0] for made in calls.made) == ["DELETE", "DELETE", "GET"]
    assert folder(fresh, "y")


def test_a_delete_that_returns_the_key_reads_nothing(cursor: box_dialect.Cursor, calls: Calls) -> None:
    ((identity,),) = cursor.execute(f"{INSERT} ('New', '0') RETURNING id").fetchall()
    calls.forget()
    cursor.execute("DELETE FROM folders WHERE id = ? RETURNING id, 'gone'", (identity,))
    assert cursor.fetchall() == [(identity, "gone")]
    assert calls.made == [f"DELETE /folders/{identity}"]
    cursor.execute("DELETE FROM folders WHERE id = ? RETURNING id", (identity,))
    assert (cursor.fetchall(), cursor.rowcount) == ([], 0)


def test_comments_and_web_links_return_rows_too(fresh: Box, cursor: box_dialect.Cursor, calls: Calls) -> None:
    file = next(f for f in fresh.store.items["file"].values() if f.name == "README")
    insert = "INSERT INTO comments (item_type, item_id, message) VALUES (?, ?, ?) RETURNING id, item_id, item_type"
    ((first, *of_file),) = cursor.execute(insert, ("file", file.id, "Why?")).fetchall()
    assert of_file == [file.id, "file"]
    assert cursor.api_calls == 1
    ((_, *of_reply),) = cursor.execute(insert, ("comment", first, "So.")).fetchall()
    assert of_reply == [file.id, "file"]
    assert cursor.api_calls == 2  # Box tells the thread that a reply is in, and not the file
    calls.forget()
    cursor.execute(
        "INSERT INTO web_links (name, url, parent_id) VALUES ('E', 'https://example.com/', '0') RETURNING path, type"
    )
    assert cursor.fetchall() == [("/E", "web_link")]
    assert calls.made == ["POST /web_links"]


def test_a_subquery_reads_what_is_there_after_the_write(cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT id FROM folders WHERE path = '/Photos'")
    ((photos,),) = cursor.fetchall()
    sibling = "(SELECT name FROM folders AS f WHERE f.id = folders.id)"
    cursor.execute(
        f"UPDATE folders SET name = 'Pictures' WHERE id = ? RETURNING name, {sibling}, (SELECT count(*) FROM folders)",
        (photos,),
    )
    (row,) = cursor.fetchall()
    assert row[:2] == ("Pictures", "Pictures")
    assert row[2] == cursor.execute("SELECT count(*) FROM folders").fetchone()[0]  # type: ignore[index]


def test_an_aggregate_in_a_subquery_is_over_one_row(cursor: box_dialect.Cursor) -> None:
    clause = "RETURNING (SELECT max(x) FROM (SELECT length(group_concat(name)) AS x UNION ALL SELECT 1))"
    rows = cursor.execute(f"{INSERT} ('four', '0'), ('three', '0') {clause}").fetchall()
    assert rows == [(4,), (5,)]


def test_a_partial_failure_names_the_rows_and_returns_nothing(fresh: Box, cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.IntegrityError, match="1 of 2 rows were written and 1 failed: row 0") as failure:
        cursor.execute(f"{INSERT} ('photos', '0'), ('New', '0') RETURNING id")
    assert [row for row, _ in failure.value.failures] == [0]
    assert folder(fresh, "New")
    with pytest.raises(box_dialect.ProgrammingError, match="no rows"):
        cursor.fetchall()


@sweep(
    ("clause", "message"),
    [
        ("RETURNING nosuch", "no such column: nosuch"),
        ("RETURNING count(*)", "misuse of aggregate"),
        ("RETURNING sum(size) OVER ()", "misuse of window function"),
        ("RETURNING folders.*", "may not use"),
        ("RETURNING", "incomplete input"),
        ("RETURNING id FROM files", "syntax error"),
        ("RETURNING id UNION SELECT 1", "syntax error"),
        ("RETURNING id; DELETE FROM folders", "one statement at a time"),
        ("RETURNING ?", "uses 1 parameters and there are 0"),
        ("RETURNING other.id", "no such column: other.id"),
    ],
)
def test_a_wrong_clause_is_refused_before_anything_is_written(
    fresh: Box, cursor: box_dialect.Cursor, clause: str, message: str
) -> None:
    fresh.reset()
    for write in (f"{INSERT} ('New', '0')", "UPDATE folders SET name = 'x' WHERE path = '/Photos'"):
        with pytest.raises(box_dialect.ProgrammingError, match=message):
            cursor.execute(f"{write} {clause}")
    assert fresh.stats()["calls"] == 0


def test_executemany_takes_no_returning(fresh: Box, cursor: box_dialect.Cursor) -> None:
    fresh.reset()
    with pytest.raises(box_dialect.ProgrammingError, match="return no rows"):
        cursor.executemany(f"{INSERT} (?, '0') RETURNING id", [("a",), ("b",)])
    assert fresh.stats()["calls"] == 0


def test_a_trigger_that_writes_to_box_goes_without_returning(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("CREATE TABLE wanted (name)")
    cursor.execute(
        "CREATE TEMP TRIGGER make AFTER INSERT ON wanted BEGIN "
        "INSERT INTO folders (name, parent_id) VALUES (new.name, '0'); END"
    )
    fresh.reset()
    with pytest.raises(box_dialect.NotSupportedError, match="a trigger writes to Box"):
        cursor.execute("INSERT INTO wanted VALUES ('By trigger') RETURNING name")
    assert fresh.stats()["calls"] == 0


def test_an_alias_names_the_table_in_the_clause(cursor: box_dialect.Cursor) -> None:
    cursor.execute("INSERT INTO folders AS made (name, parent_id) VALUES ('New', '0') RETURNING made.name, made.depth")
    assert cursor.fetchall() == [("New", 1)]
    cursor.execute("UPDATE main.folders AS f SET name = 'Newer' WHERE f.path = '/New' RETURNING folders.name")
    assert cursor.fetchall() == [("Newer",)]


def test_rows_are_fetched_as_those_of_a_select(cursor: box_dialect.Cursor) -> None:
    cursor.execute(f"{INSERT} ('a', '0'), ('b', '0'), ('c', '0'), ('d', '0') RETURNING name")
    other = cursor.connection.cursor()
    assert cursor.fetchone() == ("a",)
    other.execute(f"{INSERT} ('e', '0') RETURNING name")
    assert cursor.fetchmany(2) == [("b",), ("c",)]
    assert other.fetchall() == [("e",)]
    assert (list(cursor), cursor.fetchone()) == ([("d",)], None)


def test_the_same_write_returns_what_each_clause_asks_for(cursor: box_dialect.Cursor) -> None:
    cursor.execute(f"{INSERT} ('a', '0'), ('b', '0')")
    for columns, names in (("name", ["a"]), ("name, depth, type", ["b"])):
        cursor.execute(f"DELETE FROM folders WHERE path = ? RETURNING {columns}", (f"/{names[0]}",))
        assert cursor.fetchall() == [(names[0], 1, "folder")[: columns.count(",") + 1]]


def test_local_rows_are_counted_and_numbered(cursor: box_dialect.Cursor) -> None:
    cursor.execute("CREATE TABLE own (id INTEGER PRIMARY KEY, name)")
    cursor.execute("INSERT INTO own (name) VALUES ('a'), ('b') RETURNING id, name")
    assert (cursor.rowcount, cursor.lastrowid) == (2, 2)
    assert cursor.fetchall() == [(1, "a"), (2, "b")]
    assert cursor.execute("UPDATE own SET name = name || '!' RETURNING name").rowcount == 2
    cursor.connection.commit()
    assert cursor.fetchall() == [("a!",), ("b!",)]
