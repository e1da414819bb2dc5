"""Several rows are written at once, each has its outcome, and the order of what depends on it is kept."""

from __future__ import annotations

import pickle
import threading
from typing import TYPE_CHECKING, Any

import pytest
from patience import wait_until
from sweep import sweep

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

INSERT = "INSERT INTO folders (name, parent_id) VALUES (?, '0')"


@pytest.fixture
def cursor(fresh: Box) -> Iterator[box_dialect.Cursor]:
    with fresh.connect(MaxConcurrency=8) as connection, connection.cursor() as cursor:
        yield cursor
        connection.commit()


def operations(box: Box) -> dict[str, int]:
    counts: Any = box.stats()["by_operation"]
    return dict(counts)


def folders(box: Box) -> dict[str, str]:
    """Return the ids of the folders that are not in the trash by their names."""
    return {folder.name: folder.id for folder in box.store.items["folder"].values() if not folder.is_trashed}


def made(box: Box, cursor: box_dialect.Cursor, number: int) -> list[str]:
    """Make so many folders and return their ids, the counts of calls forgotten."""
    names = [f"n{n}" for n in range(number)]
    cursor.executemany(INSERT, [(name,) for name in names])
    box.reset()
    known = folders(box)
    return [known[name] for name in names]


MANY = {
    "executemany INSERT": INSERT,
    "executemany UPDATE": "UPDATE folders SET description = 'the same' WHERE id = ?",
    "executemany DELETE": "DELETE FROM folders WHERE id = ?",
    "UPDATE": "UPDATE folders SET description = 'the same' WHERE name GLOB 'n*' AND parent_id = '0'",
    "DELETE": "DELETE FROM folders WHERE name GLOB 'n*' AND parent_id = '0'",
    "INSERT SELECT": "INSERT INTO web_links (url, parent_id) "
    "SELECT 'https://example.com', id FROM folders WHERE parent_id = '0' AND name GLOB 'n*'",
}


def run(cursor: box_dialect.Cursor, name: str, identities: list[str]) -> None:
    """Run one of the statements for the folders."""
    if name == "executemany INSERT":
        cursor.executemany(MANY[name], [(f"new {identity}",) for identity in identities])
    elif name.startswith("executemany"):
        cursor.executemany(MANY[name], [(identity,) for identity in identities])
    else:
        cursor.execute(MANY[name])


@pytest.mark.long
@pytest.mark.parametrize("name", MANY)
def test_rows_are_written_within_the_bounds(fresh: Box, cursor: box_dialect.Cursor, name: str) -> None:
    run(cursor, name, made(fresh, cursor, 40))
    assert cursor.rowcount == 40
    wrote = [count for operation, count in operations(fresh).items() if not operation.startswith("get")]
    assert wrote == [40]
    assert cursor.api_calls == 40 + (not name.startswith("executemany"))
    assert fresh.stats()["max_in_flight"] <= 8


@pytest.mark.long
@pytest.mark.parametrize("name", MANY)
def test_as_many_calls_are_in_flight_as_allowed(fresh: Box, cursor: box_dialect.Cursor, name: str) -> None:
    held = [
        {"operation": operation, "delay_ms": 600_000, "times": 100}
        for operation in ("post_folders", "put_folders_id", "delete_folders_id", "post_web_links")
    ]

    def interrupt() -> None:
        try:
            wait_until(lambda: fresh.stats()["max_in_flight"] == 8)
            seen.append(fresh.stats()["max_in_flight"])
        finally:
            cursor.connection.interrupt()

    seen: list[object] = []
    thread = threading.Thread(target=interrupt)
    identities = made(fresh, cursor, 40)
    fresh.faults(*held)
    thread.start()
    with pytest.raises(box_dialect.OperationalError, match="interrupted"):
        run(cursor, name, identities)
    thread.join()
    assert seen == [8]


def test_a_bound_of_one_sends_one_after_another(fresh: Box) -> None:
    with fresh.connect(MaxConcurrency=1) as connection:
        connection.cursor().executemany(INSERT, [(f"n{n}",) for n in range(10)])
        connection.commit()
    assert fresh.stats()["max_in_flight"] == 1
    assert {f"n{n}" for n in range(10)} <= set(folders(fresh))


@pytest.mark.parametrize(
    ("statement", "operation"),
    [
        ("UPDATE folders SET name = 'renamed' WHERE id = ?", "put_folders_id"),
        ("UPDATE folders SET description = 'd' WHERE id IN (?)", "put_folders_id"),
        ("DELETE FROM folders WHERE id = ?", "delete_folders_id"),
    ],
)
def test_a_row_that_is_named_by_its_key_is_not_read_first(
    fresh: Box, cursor: box_dialect.Cursor, statement: str, operation: str
) -> None:
    (identity,) = made(fresh, cursor, 1)
    for parameter in (identity, int(identity)):
        cursor.execute(statement, (parameter,))
        assert operations(fresh).pop(operation) == cursor.api_calls == 1
        assert cursor.rowcount == (parameter == identity or "DELETE" not in statement)
        fresh.reset()


@pytest.mark.parametrize(
    ("statement", "calls"),
    [
        ("UPDATE folders SET name = name || '!' WHERE id = ?", 2),
        ("UPDATE folders SET description = 'd' WHERE id = ? AND name LIKE 'n%'", 2),
        ("UPDATE folders SET description = 'd' WHERE id = ? AND name = 'another'", 1),
        ("DELETE FROM folders WHERE id = ? AND path = '/n0'", 2),
        ("DELETE FROM folders WHERE id = ? AND created_by_id = 'another'", 1),
    ],
)
def test_a_row_is_read_where_the_statement_needs_more_of_it(
    fresh: Box, cursor: box_dialect.Cursor, statement: str, calls: int
) -> None:
    (identity,) = made(fresh, cursor, 1)
    cursor.execute(statement, (identity,))
    assert (cursor.api_calls, cursor.rowcount) == (calls, calls - 1)
    assert operations(fresh)["get_folders_id"] == 1


@sweep("identity", ["999999", "no number", "", None, 1.5, b"12"])
@sweep("statement", ["UPDATE folders SET name = 'x' WHERE id = ?", "DELETE FROM folders WHERE id = ?"])
def test_a_key_that_does_not_exist_changes_no_row(
    fresh: Box, cursor: box_dialect.Cursor, statement: str, identity: object
) -> None:
    before = folders(fresh)
    assert cursor.execute(statement, (identity,)).rowcount == 0
    assert folders(fresh) == before


def test_an_update_that_names_what_does_not_exist_is_no_missing_row(fresh: Box, cursor: box_dialect.Cursor) -> None:
    (identity,) = made(fresh, cursor, 1)
    with pytest.raises(box_dialect.OperationalError, match="HTTP 404"):
        cursor.execute("UPDATE folders SET parent_id = '424242' WHERE id = ?", (identity,))
    cursor.execute("UPDATE folders SET parent_id = '424242' WHERE id = '424243'")
    assert cursor.rowcount == 0


def test_rows_that_fail_are_named_and_the_others_written(fresh: Box, cursor: box_dialect.Cursor) -> None:
    taken = next(iter(name for name in folders(fresh) if name != "All Files"))
    names = ["one", taken, "two", "a/b", "three"]
    cursor.execute("UPDATE folders SET parent_id = '0' WHERE name = ?", (taken,))
    with pytest.raises(box_dialect.IntegrityError) as caught:
        cursor.executemany(INSERT, [(name,) for name in names])
    error = caught.value
    assert str(error).startswith("3 of 5 rows were written and 2 failed: row 1: POST /folders: ")
    assert "; row 3: POST /folders: " in str(error)
    assert [(row, type(failure)) for row, failure in error.failures] == [
        (1, box_dialect.IntegrityError),
        (3, box_dialect.DataError),
    ]
    assert (error.diag.status, error.failures[1][1].diag.code) == (409, "item_name_invalid")
    assert (cursor.rowcount, cursor.lastrowid) == (3, None)
    assert {"one", "two", "three"} <= set(folders(fresh))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), [row for row, _ in again.failures]) == (str(error), [1, 3])


def test_values_that_cannot_be_sent_are_failures_of_their_rows(fresh: Box, cursor: box_dialect.Cursor) -> None:
    insert = "INSERT INTO folders (name, parent_id) VALUES (?, ?)"
    with pytest.raises(
        box_dialect.DataError, match="row 0: column name takes text, not bytes; row 2: INSERT"
    ) as caught:
        cursor.executemany(insert, [(b"x", "0"), ("well", "0"), ("no parent", None)])
    assert [row for row, _ in caught.value.failures] == [0, 2]
    assert cursor.rowcount == 1
    assert "well" in folders(fresh)


def test_a_column_that_is_read_only_fails_before_any_call(fresh: Box, cursor: box_dialect.Cursor) -> None:
    fresh.reset()
    with pytest.raises(box_dialect.ProgrammingError, match="cannot set etag") as caught:
        cursor.executemany("INSERT INTO folders (name, parent_id, etag) VALUES (?, '0', '1')", [("a",), ("b",)])
    assert (caught.value.failures, cursor.rowcount, fresh.stats()["calls"]) == ((), 0, 0)


def test_a_failure_of_a_statement_on_many_rows_names_their_keys(fresh: Box, cursor: box_dialect.Cursor) -> None:
    made(fresh, cursor, 3)
    with pytest.raises(box_dialect.IntegrityError) as caught:
        cursor.execute("UPDATE folders SET name = 'the same' WHERE name GLOB 'n?' AND parent_id = '0'")
    assert str(caught.value).startswith("1 of 3 rows were written and 2 failed: row ")
    (first, _), (second, _) = caught.value.failures
    assert 0 <= first < second <= 2
    left = [identity for name, identity in folders(fresh).items() if name in {"n0", "n1", "n2"}]
    assert all(f"(id {identity})" in str(caught.value) for identity in left)
    assert (cursor.rowcount, len(left)) == (1, 2)


def test_a_long_list_of_failures_is_cut_in_the_text_only(cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.DataError) as caught:
        cursor.executemany(INSERT, [(f"a/{n}",) for n in range(25)])
    assert str(caught.value).count("POST /folders") == 10
    assert str(caught.value).endswith("; and 15 more")
    assert [row for row, _ in caught.value.failures] == list(range(25))
    assert cursor.rowcount == 0


def test_one_set_of_parameters_fails_as_one_statement_does(cursor: box_dialect.Cursor) -> None:
    errors = []
    for execute in (lambda: cursor.execute(INSERT, ("a/b",)), lambda: cursor.executemany(INSERT, [("a/b",)])):
        with pytest.raises(box_dialect.DataError, match=r"^POST /folders: ") as caught:
            execute()
        errors.append((caught.value.failures, caught.value.diag.code))
    assert errors == [((), "item_name_invalid")] * 2


def test_conflicts_that_are_to_be_ignored_are_no_failures(fresh: Box, cursor: box_dialect.Cursor) -> None:
    made(fresh, cursor, 3)
    cursor.executemany(INSERT.replace("INSERT", "INSERT OR IGNORE"), [(f"n{n}",) for n in range(6)])
    assert cursor.rowcount == 3
    assert str(cursor.lastrowid) == folders(fresh)["n5"]
    cursor.execute("UPDATE OR IGNORE folders SET name = 'n5' WHERE name IN ('n0', 'n1') AND parent_id = '0'")
    assert cursor.rowcount == 0
    cursor.execute("UPDATE OR IGNORE folders SET name = 'new' WHERE name IN ('n0', 'n1') AND parent_id = '0'")
    assert cursor.rowcount == 1


def test_lastrowid_is_that_of_the_last_row(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.executemany(INSERT, [(f"n{n}",) for n in range(20)])
    assert str(cursor.lastrowid) == folders(fresh)["n19"]
    assert cursor.execute("SELECT last_insert_rowid()").fetchone() == (int(folders(fresh)["n19"]),)
    cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('a', '0'), ('b', '0')")
    assert str(cursor.lastrowid) == folders(fresh)["b"]


def slow_down(box: Box, operation: str) -> None:
    """Have the next call answered late: it is refused first, and sent again."""
    box.faults({"operation": operation, "status": 429, "headers": {"retry-after": "0"}, "delay_ms": 300})


@pytest.mark.long
def test_a_set_of_parameters_sees_what_earlier_ones_wrote(fresh: Box, cursor: box_dialect.Cursor) -> None:
    slow_down(fresh, "post_folders")
    below = "INSERT INTO folders (name, parent_id) SELECT ?, id FROM folders WHERE path = ?"
    cursor.executemany(below, [("one", "/"), ("two", "/one"), ("three", "/one/two")])
    assert cursor.rowcount == 3
    assert cursor.execute("SELECT path FROM folders WHERE name = 'three'").fetchall() == [("/one/two/three",)]
    identity = folders(fresh)["three"]
    cursor.executemany("UPDATE folders SET name = name || ? WHERE id = ?", [("a", identity), ("b", identity)])
    assert folders(fresh)["threeab"] == identity
    parent = folders(fresh)["two"]
    cursor.executemany("UPDATE folders SET name = name || ? WHERE parent_id = ?", [("c", parent), ("d", parent)])
    assert folders(fresh)["threeabcd"] == identity


def test_the_last_of_several_values_for_a_row_stays(fresh: Box, cursor: box_dialect.Cursor) -> None:
    (identity,) = made(fresh, cursor, 1)
    slow_down(fresh, "put_folders_id")
    cursor.executemany("UPDATE folders SET name = ? WHERE id = ?", [(f"name {n}", identity) for n in range(3)])
    assert folders(fresh)["name 2"] == identity
    cursor.executemany("DELETE FROM folders WHERE id = ?", [(identity,), (identity,)])
    assert cursor.rowcount == 1


@pytest.mark.long
def test_names_may_go_round_among_the_rows(fresh: Box, cursor: box_dialect.Cursor) -> None:
    identities = made(fresh, cursor, 12)
    # The first is held back, so that the one which takes its name comes to Box before it.
    fresh.faults({"operation": "put_folders_id", "status": 429, "headers": {"retry-after": "1"}, "delay_ms": 300})
    names = ["out of the way", *[f"n{n}" for n in range(11)]]
    cursor.executemany("UPDATE folders SET name = ? WHERE id = ?", list(zip(names, identities, strict=True)))
    assert cursor.rowcount == 12
    known = folders(fresh)
    assert [known[name] for name in names] == identities


def test_a_row_may_take_the_name_of_one_that_is_sent_again(fresh: Box) -> None:
    with fresh.connect(MaxConcurrency=1) as connection, connection.cursor() as cursor:
        first, second, third = made(fresh, cursor, 3)
        moves = [("n1", first), ("out of the way", second), ("n0", third)]
        cursor.executemany("UPDATE folders SET name = ? WHERE id = ?", moves)
    known = folders(fresh)
    assert {name: known[name] for name, _ in moves} == dict(moves)
    assert operations(fresh)["put_folders_id"] == 5


@pytest.mark.parametrize("other", ["fetches", "executes"])
def test_another_cursor_may_give_the_sets_of_parameters(fresh: Box, cursor: box_dialect.Cursor, other: str) -> None:
    identities = made(fresh, cursor, 8)
    source = cursor.connection.cursor()
    if other == "fetches":
        source.execute("SELECT 'copy of ' || name FROM folders WHERE parent_id = '0' AND name GLOB 'n*'")
        before, sets = source.api_calls, iter(source)
    else:
        name = "SELECT 'copy of ' || name FROM folders WHERE id = ?"
        sets = ((row,) for (row,) in (source.execute(name, (each,)).fetchone() for each in identities))
        before = 1
    cursor.executemany(INSERT, sets)
    assert (cursor.rowcount, cursor.api_calls, source.api_calls) == (8, 8, before)
    assert cursor.lastrowid == int(folders(fresh)["copy of n7"])
    assert {f"copy of n{number}" for number in range(8)} <= folders(fresh).keys()
    with pytest.raises(box_dialect.IntegrityError, match="0 of 2 rows were written and 2 failed"):
        cursor.executemany(INSERT, source.execute("SELECT 'n' || value FROM json_each('[0, 1]')"))


def test_triggers_of_local_tables_write_row_by_row(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("CREATE TABLE wanted (name)")
    cursor.execute("CREATE TABLE log (name, id)")
    cursor.execute(
        "CREATE TRIGGER make AFTER INSERT ON wanted BEGIN "
        "INSERT INTO folders (name, parent_id) VALUES (new.name, '0'); "
        "INSERT INTO log SELECT name, id FROM folders WHERE path = '/' || new.name; END"
    )
    cursor.executemany("INSERT INTO wanted VALUES (?)", [("one",), ("two",)])
    assert cursor.rowcount == 2
    known = folders(fresh)
    rows = [("one", known["one"]), ("two", known["two"])]
    assert cursor.execute("SELECT * FROM log").fetchall() == rows
    with pytest.raises(box_dialect.IntegrityError, match=r"^POST /folders"):
        cursor.execute("INSERT INTO wanted VALUES ('one')")
    assert cursor.execute("SELECT name FROM wanted").fetchall() == [("one",), ("two",)]


def test_what_stops_the_parameters_leaves_what_was_written(fresh: Box, cursor: box_dialect.Cursor) -> None:
    def sets() -> Iterator[tuple[str]]:
        yield ("one",)
        yield ("two",)
        raise LookupError("of the caller")

    with pytest.raises(LookupError, match="of the caller"):
        cursor.executemany(INSERT, sets())
    assert cursor.rowcount == 2
    with pytest.raises(box_dialect.ProgrammingError):
        cursor.executemany(INSERT, [("three",), ("four", "too many")])
    assert cursor.rowcount == 1
    assert {"one", "two", "three"} <= set(folders(fresh))
    with pytest.raises(box_dialect.IntegrityError, match="1 of 2 rows were written") as caught:
        cursor.executemany(INSERT, [("one",), ("four",), ("five", "too many")])
    assert isinstance(caught.value.__context__, box_dialect.ProgrammingError)


def test_more_rows_than_may_wait_are_written(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.executemany(INSERT, [(f"n{n}",) for n in range(300)])
    assert (cursor.rowcount, cursor.api_calls) == (300, 300)
    assert {f"n{n}" for n in range(300)} <= set(folders(fresh))
