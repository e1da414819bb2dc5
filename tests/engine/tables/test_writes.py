"""INSERT, UPDATE and DELETE reach Box at once, and only with what the statement says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sweep import sweep

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


@pytest.fixture
def cursor(fresh: Box) -> Iterator[box_dialect.Cursor]:
    with fresh.connect() as connection, connection.cursor() as cursor:
        yield cursor
        connection.commit()


def operations(box: Box) -> dict[str, int]:
    counts: Any = box.stats()["by_operation"]
    return dict(counts)


def test_a_folder_is_made_changed_moved_and_deleted(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("INSERT INTO folders (name, parent_id, description) VALUES ('New', '0', 'what it is')")
    assert (cursor.rowcount, cursor.api_calls) == (1, 2)
    folder = fresh.store.items["folder"][str(cursor.lastrowid)]
    assert (folder.name, folder.description, folder.parent) == ("New", "what it is", fresh.store.root)

    cursor.execute("INSERT INTO folders (name, parent_id) VALUES (?, ?)", ("Inner", folder.id))
    inner = fresh.store.items["folder"][str(cursor.lastrowid)]
    assert cursor.api_calls == 1
    cursor.execute("UPDATE folders SET name = 'Moved', parent_id = '0' WHERE id = ?", (inner.id,))
    assert (inner.name, inner.parent, cursor.rowcount) == ("Moved", fresh.store.root, 1)

    cursor.execute("DELETE FROM folders WHERE id IN (?, ?)", (folder.id, inner.id))
    assert cursor.rowcount == 2
    assert folder.is_trashed
    assert inner.is_trashed


def test_an_update_sends_only_the_columns_that_it_sets(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("INSERT INTO folders (name, parent_id, description) VALUES ('Kept', '0', 'kept')")
    folder = fresh.store.items["folder"][str(cursor.lastrowid)]
    folder.description = "changed elsewhere"
    cursor.execute("UPDATE folders SET name = 'Renamed' WHERE parent_id = '0' AND name = 'Kept'")
    assert (folder.name, folder.description) == ("Renamed", "changed elsewhere")
    cursor.execute("UPDATE folders SET description = NULL, can_non_owners_invite = false WHERE id = ?", (folder.id,))
    assert (folder.name, folder.can_non_owners_invite) == ("Renamed", False)


def test_an_update_of_no_row_writes_nothing(fresh: Box, cursor: box_dialect.Cursor) -> None:
    fresh.reset()
    cursor.execute("UPDATE folders SET name = 'x' WHERE parent_id = '0' AND name = 'not there'")
    cursor.execute("DELETE FROM folders WHERE path = '/not there'")
    assert cursor.rowcount == 0
    assert {name for name in operations(fresh) if not name.startswith("get")} == set()


def test_a_web_link_is_made_changed_and_deleted(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("INSERT INTO web_links (url, parent_id, name) VALUES ('https://example.com/a', '0', 'Link')")
    link = fresh.store.items["web_link"][str(cursor.lastrowid)]
    cursor.execute("UPDATE web_links SET url = 'https://example.com/b', description = 'd' WHERE id = ?", (link.id,))
    assert (link.name, link.url, link.description) == ("Link", "https://example.com/b", "d")
    cursor.execute("SELECT path, url FROM web_links WHERE id = ?", (link.id,))
    assert cursor.fetchall() == [("/Link", "https://example.com/b")]
    cursor.execute("DELETE FROM web_links WHERE path = '/Link'")
    assert (cursor.rowcount, link.is_trashed) == (1, True)


def test_a_comment_is_made_answered_changed_and_deleted(fresh: Box, cursor: box_dialect.Cursor) -> None:
    file = next(f for f in fresh.store.items["file"].values() if not f.is_trashed and not f.comments)
    cursor.execute("INSERT INTO comments (item_id, message) VALUES (?, 'First')", (file.id,))
    first = fresh.store.comments[str(cursor.lastrowid)]
    cursor.execute("INSERT INTO comments (item_type, item_id, message) VALUES ('comment', ?, 'An answer')", (first.id,))
    reply = fresh.store.comments[str(cursor.lastrowid)]
    assert (reply.file, reply.reply_to) == (file, first)
    cursor.execute("UPDATE comments SET message = 'Changed' WHERE item_id = ? AND reply_to_id IS NULL", (file.id,))
    cursor.execute("SELECT message, is_reply_comment FROM comments WHERE item_id = ? ORDER BY id", (file.id,))
    assert cursor.fetchall() == [("Changed", False), ("An answer", True)]
    cursor.execute("DELETE FROM comments WHERE id = ?", (reply.id,))
    assert list(file.comments) == [first.id]


def test_many_rows_are_inserted_one_by_one(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.executemany("INSERT INTO folders (name, parent_id) VALUES (?, '0')", [(f"n{n}",) for n in range(5)])
    assert (cursor.rowcount, cursor.api_calls) == (5, 5)
    cursor.execute(
        "INSERT INTO folders (name, parent_id) SELECT name || '!', parent_id FROM folders WHERE name GLOB 'n?'"
    )
    names = {folder.name for folder in fresh.store.items["folder"].values()}
    assert {f"n{n}!" for n in range(5)} <= names


def test_a_name_in_use_is_a_conflict(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('Twice', '0')")
    with pytest.raises(box_dialect.IntegrityError, match="item_name_in_use") as failure:
        cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('twice', '0')")
    assert (failure.value.diag.status, failure.value.diag.code) == (409, "item_name_in_use")
    assert failure.value.diag.request_id
    before = len(fresh.store.items["folder"])
    cursor.execute("INSERT OR IGNORE INTO folders (name, parent_id) VALUES ('Twice', '0')")
    assert (cursor.rowcount, cursor.lastrowid) == (0, None)
    assert len(fresh.store.items["folder"]) == before
    cursor.execute("UPDATE OR IGNORE folders SET name = 'Twice' WHERE name = 'Contracts'")
    assert "Contracts" in {folder.name for folder in fresh.store.items["folder"].values()}


def test_a_folder_with_content_is_not_deleted(fresh: Box, cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.IntegrityError, match="delete what the folder holds first"):
        cursor.execute("DELETE FROM folders WHERE path = '/Contracts'")
    assert not next(f for f in fresh.store.items["folder"].values() if f.name == "Contracts").is_trashed


@sweep(
    ("statement", "error", "message"),
    [
        ("INSERT INTO folders (name) VALUES ('x')", "IntegrityError", "needs a value for parent_id"),
        ("INSERT INTO folders DEFAULT VALUES", "IntegrityError", "needs a value for name and parent_id"),
        ("INSERT INTO folders (name, parent_id, etag) VALUES ('x', '0', '1')", "ProgrammingError", "cannot set etag"),
        ("INSERT INTO folders (rowid, name, parent_id) VALUES (5, 'x', '0')", "ProgrammingError", "rowid"),
        ("UPDATE folders SET size = 1 WHERE id = '0'", "ProgrammingError", "cannot set size"),
        ("UPDATE folders SET id = '5' WHERE parent_id = '0'", "ProgrammingError", "cannot set id"),
        ("UPDATE folders SET rowid = 5 WHERE parent_id = '0'", "ProgrammingError", "rowid"),
        ("UPDATE folders SET can_non_owners_invite = 'maybe' WHERE parent_id = '0'", "DataError", "true or false"),
        ("UPDATE folders SET name = x'00' WHERE parent_id = '0'", "DataError", "not bytes"),
        ("REPLACE INTO folders (name, parent_id) VALUES ('x', '0')", "NotSupportedError", "REPLACE"),
        (
            "INSERT INTO folders (name, parent_id) VALUES ('x', '0') ON CONFLICT DO NOTHING",
            "NotSupportedError",
            "UPSERT",
        ),
        ("INSERT INTO folders (name, parent_id) VALUES ('a/b', '0')", "DataError", "item_name_invalid"),
        ("INSERT INTO folders (name, parent_id) VALUES ('x', '12345')", "OperationalError", "HTTP 404"),
        ("INSERT INTO comments (message) VALUES ('x')", "IntegrityError", "needs a value for item_id"),
        ("INSERT INTO files (name) VALUES ('x')", "IntegrityError", "needs a value for parent_id and content"),
        (
            "UPDATE files SET shared_link_access = NULL, shared_link_vanity_name = 'x' WHERE parent_id = '0'",
            "IntegrityError",
            "cannot set shared_link_vanity_name where shared_link_access is NULL",
        ),
        ("UPDATE files SET lock_expired_at = NULL WHERE parent_id = '0'", "IntegrityError", "takes no NULL"),
        (
            "UPDATE files SET permissions_can_download = 'all' WHERE parent_id = '0'",
            "IntegrityError",
            "open or company",
        ),
        ("INSERT INTO events (event_id) VALUES ('x')", "NotSupportedError", "events"),
        ("DELETE FROM events", "NotSupportedError", "events"),
    ],
)
def test_a_write_that_cannot_be_is_refused_and_changes_nothing(
    fresh: Box, cursor: box_dialect.Cursor, statement: str, error: str, message: str
) -> None:
    fresh.reset()
    with pytest.raises(getattr(box_dialect, error), match=message):
        cursor.execute(statement)
    wrote = {name: count for name, count in operations(fresh).items() if not name.startswith("get")}
    assert sum(wrote.values()) <= (1 if "HTTP" in message or "item_name" in message else 0)
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_a_rollback_warns_that_it_cannot_undo(fresh: Box) -> None:
    with fresh.connect() as connection:
        connection.rollback()
        connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES ('Stays', '0')")
        with pytest.warns(box_dialect.BoxTransactionWarning, match="stays there"):
            connection.rollback()
        connection.rollback()
        connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES ('Stays too', '0')")
        connection.commit()
        connection.rollback()
    assert {"Stays", "Stays too"} <= {folder.name for folder in fresh.store.items["folder"].values()}


def test_readonly_refuses_writes_before_any_call(fresh: Box) -> None:
    fresh.reset()
    with fresh.connect(readonly=True) as connection, connection.cursor() as cursor:
        for statement in ("INSERT INTO folders (name, parent_id) VALUES ('x', '0')", "DELETE FROM folders"):
            with pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
                cursor.execute(statement)
        assert fresh.stats()["calls"] == 0
        assert cursor.execute("SELECT count(*) FROM folders").fetchone() is not None


@pytest.mark.parametrize("rollback", ["ROLLBACK", "/* no */ rollback to here", "-- no\n Rollback Transaction"])
def test_a_rollback_in_sql_warns_too(fresh: Box, rollback: str) -> None:
    with fresh.connect() as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SAVEPOINT here")
        cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('Stays', '0')")
        with pytest.warns(box_dialect.BoxTransactionWarning):
            cursor.execute(rollback)
    assert "Stays" in {folder.name for folder in fresh.store.items["folder"].values()}


def test_rowcount_leaves_out_what_triggers_change(cursor: box_dialect.Cursor) -> None:
    cursor.execute("CREATE TABLE local (a)")
    cursor.execute("CREATE TABLE log (a)")
    cursor.execute("CREATE TRIGGER t AFTER INSERT ON local BEGIN INSERT INTO log VALUES (new.a), (new.a); END")
    assert cursor.execute("INSERT INTO local VALUES (1)").rowcount == 1
    assert cursor.execute("CREATE TABLE another (a)").rowcount == 0


def test_a_row_that_is_made_but_not_finished_is_told(fresh: Box, cursor: box_dialect.Cursor) -> None:
    fresh.faults({"operation": "put_folders_id", "times": 1, "status": 403, "body": {"code": "forbidden"}})
    with pytest.raises(box_dialect.OperationalError, match=r"made with id \d+, but without description"):
        cursor.execute("INSERT INTO folders (name, parent_id, description) VALUES ('Half', '0', 'd')")
    assert "Half" in {folder.name for folder in fresh.store.items["folder"].values()}
