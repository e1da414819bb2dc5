"""What PEP 249 asks of connections, what transactions mean to Box, and what threads may do."""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest

import box_dialect
from box_dialect.dbapi.exceptions import Exceptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Box

INSERT = "INSERT INTO folders (name, parent_id) VALUES (?, '0')"

OPERATIONS: dict[str, Callable[[box_dialect.Connection], Any]] = {
    "cursor": lambda connection: connection.cursor(),
    "commit": lambda connection: connection.commit(),
    "rollback": lambda connection: connection.rollback(),
}


def names(box: Box) -> set[str]:
    return {folder.name for folder in box.store.items["folder"].values() if not folder.is_trashed}


def one(connection: box_dialect.Connection) -> bool:
    """Tell that the connection works."""
    return connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


def in_thread(function: Callable[[], Any]) -> BaseException | None:
    """Run a function in another thread and return what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised[0] if raised else None


def test_what_the_class_has_is_that_of_pep_249_and_what_is_told_of() -> None:
    of_pep_249 = {"close", "commit", "rollback", "cursor", "autocommit"} | {
        name for name in dir(Exceptions) if not name.startswith("_")
    }
    more = {"estimate", "find_tables", "interrupt", "sqlite", "is_closed", "check_open", "signs_in", "warn_of_writes"}
    assert {name for name in dir(box_dialect.Connection) if not name.startswith("_")} == of_pep_249 | more


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_closed_connection_is_unusable(small: Box, operation: Callable[[Any], Any]) -> None:
    connection = small.connect()
    connection.close()
    connection.close()
    with pytest.raises(box_dialect.InterfaceError, match="the connection is closed"):
        operation(connection)


def test_a_connection_is_a_context_manager(small: Box) -> None:
    with small.connect() as connection:
        assert one(connection)
    with pytest.raises(box_dialect.InterfaceError):
        connection.cursor()
    with pytest.raises(ZeroDivisionError), small.connect() as connection:
        _ = 1 / 0
    with pytest.raises(box_dialect.InterfaceError):
        connection.cursor()


def test_connecting_sends_nothing(fresh: Box) -> None:
    with fresh.connect() as connection:
        connection.cursor().execute("SELECT 1").fetchall()
        connection.commit()
        connection.rollback()
    assert (fresh.stats()["calls"], fresh.stats()["token_calls"]) == (0, 0)


def test_closing_in_mid_scan_stops_asking(synthetic: Box) -> None:
    synthetic.reset()
    connection = synthetic.connect()
    cursor = connection.cursor().execute("SELECT name FROM files")
    cursor.fetchmany(30)
    connection.close()
    with synthetic.connect() as other:
        assert one(other)
    assert synthetic.stats()["calls"] < 30


def test_connections_are_apart(small: Box) -> None:
    with small.connect() as first, small.connect() as second:
        first.cursor().execute("CREATE TABLE mine (a)")
        with pytest.raises(box_dialect.ProgrammingError, match="no such table: mine"):
            second.cursor().execute("SELECT * FROM mine")


def test_a_rollback_after_a_write_warns_once(fresh: Box) -> None:
    with fresh.connect() as connection:
        connection.rollback()
        connection.cursor().execute(INSERT, ("kept",))
        with pytest.warns(box_dialect.BoxTransactionWarning, match="stays there") as caught:
            connection.rollback()
        assert caught[0].filename == __file__
        connection.rollback()
        assert "kept" in names(fresh)


def test_a_rollback_warns_of_every_kind_of_write(fresh: Box) -> None:
    with fresh.connect() as connection:
        for sql in (
            "INSERT INTO folders (name, parent_id) VALUES ('a', '0')",
            "UPDATE folders SET name = 'b' WHERE name = 'a'",
            "DELETE FROM folders WHERE name = 'b'",
        ):
            connection.cursor().execute(sql)
            with pytest.warns(box_dialect.BoxTransactionWarning):
                connection.rollback()


def test_a_rollback_warns_of_what_was_written_before_a_failure(fresh: Box) -> None:
    with fresh.connect() as connection:
        with pytest.raises(box_dialect.IntegrityError):
            connection.cursor().executemany(INSERT, [("once",), ("twice",), ("twice",)])
        assert {"once", "twice"} <= names(fresh)
        with pytest.warns(box_dialect.BoxTransactionWarning):
            connection.rollback()


def test_a_rollback_after_commit_reading_and_local_writes_does_not_warn(fresh: Box) -> None:
    with fresh.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("error")
        connection.cursor().execute(INSERT, ("kept",))
        connection.commit()
        connection.rollback()
        connection.cursor().execute("SELECT * FROM files").fetchone()
        connection.cursor().execute("CREATE TABLE local AS SELECT 1")
        connection.cursor().execute("UPDATE folders SET name = 'x' WHERE name = 'nowhere'")
        connection.rollback()


@pytest.mark.parametrize("end", ["COMMIT", "END", "commit"])
def test_transactions_of_local_tables_are_kept(connection: box_dialect.Connection, end: str) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE local (a)")
    cursor.execute("BEGIN IMMEDIATE")
    cursor.execute("INSERT INTO local VALUES (1)")
    if end == "commit":
        connection.commit()
    else:
        cursor.execute(end)
    connection.rollback()
    assert cursor.execute("SELECT * FROM local").fetchall() == [(1,)]


@pytest.mark.parametrize("end", ["ROLLBACK", "rollback"])
def test_transactions_of_local_tables_are_undone(connection: box_dialect.Connection, end: str) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE local (a)")
    cursor.execute("BEGIN")
    cursor.execute("INSERT INTO local VALUES (1)")
    if end == "rollback":
        connection.rollback()
    else:
        cursor.execute(end)
    connection.commit()
    assert cursor.execute("SELECT * FROM local").fetchall() == []


def test_savepoints_of_local_tables(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE local (a)")
    for sql in (
        "SAVEPOINT outer",
        "INSERT INTO local VALUES (1)",
        "SAVEPOINT inner",
        "INSERT INTO local VALUES (2)",
        "ROLLBACK TO inner",
        "RELEASE outer",
    ):
        cursor.execute(sql)
    assert cursor.execute("SELECT a FROM local").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("before", "sql", "reason"),
    [
        ("SELECT 1", "COMMIT", "no transaction is active"),
        ("SELECT 1", "ROLLBACK", "no transaction is active"),
        ("SELECT 1", "RELEASE a", "no such savepoint"),
        ("BEGIN", "BEGIN", "within a transaction"),
    ],
)
def test_transactions_out_of_order_are_told(
    connection: box_dialect.Connection, before: str, sql: str, reason: str
) -> None:
    connection.cursor().execute(before)
    with pytest.raises(box_dialect.ProgrammingError, match=reason):
        connection.cursor().execute(sql)


def test_writes_to_box_in_a_transaction_are_there_at_once(fresh: Box) -> None:
    with fresh.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("BEGIN")
        cursor.execute(INSERT, ("at once",))
        assert "at once" in names(fresh)
        with pytest.warns(box_dialect.BoxTransactionWarning):
            connection.rollback()
        assert "at once" in names(fresh)


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_scan_outlives_the_transaction(connection: box_dialect.Connection, end: str) -> None:
    total = len(connection.cursor().execute("SELECT id FROM files").fetchall())
    cursor = connection.cursor()
    connection.cursor().execute("BEGIN")
    cursor.execute("SELECT id FROM files")
    rows = [cursor.fetchone()]
    getattr(connection, end)()
    rows += cursor.fetchall()
    assert len(set(rows)) == total


def test_a_write_in_mid_scan_leaves_the_scan_alone(fresh: Box) -> None:
    with fresh.connect() as connection:
        total = len(connection.cursor().execute("SELECT id FROM files").fetchall())
        cursor = connection.cursor()
        cursor.execute("SELECT id FROM files")
        cursor.fetchone()
        assert connection.cursor().execute(INSERT, ("meanwhile",)).rowcount == 1
        assert len(cursor.fetchall()) == total - 1


def test_threads_may_take_turns(connection: box_dialect.Connection) -> None:
    rows: list[Any] = []
    cursor = connection.cursor().execute("SELECT id FROM files")
    rows += cursor.fetchmany(2)
    assert in_thread(lambda: rows.extend(cursor.fetchmany(2))) is None
    rows += cursor.fetchall()
    assert len(set(rows)) == len(rows) > 10


def test_threads_may_each_have_a_connection(small: Box) -> None:
    def count() -> None:
        with small.connect() as connection:
            counts.append(connection.cursor().execute("SELECT count(*) FROM files").fetchall())

    counts: list[Any] = []
    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 6
    assert all(each == counts[0] for each in counts)


def test_a_second_thread_at_the_same_time_is_told(small: Box) -> None:
    connection = small.connect()
    cursor = connection.cursor().execute("SELECT id FROM files")
    running, proceed = threading.Event(), threading.Event()

    def hold() -> int:
        running.set()
        return int(proceed.wait(300))

    connection.sqlite.create_scalar_function("hold", hold, 0)
    rows: list[Any] = []
    busy = threading.Thread(target=lambda: rows.extend(connection.cursor().execute("SELECT hold()").fetchall()))
    busy.start()
    assert running.wait(300)
    execution = connection.session.execution
    try:
        for operation in (
            lambda: connection.cursor().execute("SELECT 1"),
            lambda: connection.cursor().executemany("DELETE FROM folders WHERE 0", [()]),
            cursor.fetchone,
            cursor.close,
            connection.commit,
            connection.rollback,
            connection.close,
        ):
            with pytest.raises(box_dialect.InterfaceError, match="another thread"):
                operation()
            assert connection.session.execution is execution, "an interrupt would go astray, and so would writes"
    finally:
        proceed.set()
        busy.join()
    assert rows == [(1,)]
    assert one(connection)
    connection.close()
