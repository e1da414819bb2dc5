"""Files made and changed with their content: by which calls, and what is told where some of it fails."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from patience import wait_until

import box_dialect
from box_dialect.engine.execution import write_queue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

UPLOAD, VERSION, UPDATE = "post_files_content", "post_files_id_content", "put_files_id"
PART, COMMIT, ABORT = (
    "put_files_upload_sessions_id",
    "post_files_upload_sessions_id_commit",
    "delete_files_upload_sessions_id",
)
LARGE = 25_000_000


@pytest.fixture
def connection(fresh: Box) -> Iterator[box_dialect.Connection]:
    with fresh.connect(CreateFolders=True, MaxCallsPerMinute=0) as connection:
        yield connection


@pytest.fixture
def cursor(connection: box_dialect.Connection) -> box_dialect.Cursor:
    return connection.cursor()


@pytest.fixture
def identity(cursor: box_dialect.Cursor, fresh: Box) -> str:
    """The id of a file that was just made."""
    cursor.execute("INSERT INTO files (path, content) VALUES ('/x.txt', 'first') RETURNING id")
    found: str = cursor.fetchone()[0]
    fresh.reset()
    return found


def operations(box: Box) -> dict[str, int]:
    """Return the calls since the last time, by operation."""
    found: dict[str, int] = box.stats()["by_operation"]  # type: ignore[assignment]
    box.reset()
    return {name: number for name, number in found.items() if number}


def content(box: Box, identity: str) -> bytes:
    return box.store.files[identity].content.read()


def test_a_path_stands_for_the_folder_and_the_name(cursor: box_dialect.Cursor, fresh: Box) -> None:
    cursor.execute("INSERT INTO files (path, content) VALUES ('/Contracts/new.txt', 'x') RETURNING path, parent_path")
    assert cursor.fetchall() == [("/Contracts/new.txt", "/Contracts")]
    assert operations(fresh) == {"get_folders_id_items": 1, UPLOAD: 1}


def test_missing_folders_are_made_once(cursor: box_dialect.Cursor, fresh: Box) -> None:
    paths = [(f"/new/{n % 2}/{n}.txt", f"{n}") for n in range(20)]
    cursor.executemany("INSERT INTO files (path, content) VALUES (?, ?)", paths)
    assert operations(fresh) == {"get_folders_id_items": 1, "post_folders": 3, UPLOAD: 20}
    cursor.execute("SELECT path, content FROM files WHERE path LIKE '/new/%'")
    assert sorted(cursor.fetchall()) == sorted((path, text.encode()) for path, text in paths)


def test_no_folder_is_made_unasked(fresh: Box) -> None:
    with fresh.connect() as connection, pytest.raises(box_dialect.IntegrityError, match="CreateFolders=true"):
        connection.cursor().execute("INSERT INTO files (path, content) VALUES ('/none/x.txt', 'x')")
    assert operations(fresh) == {"get_folders_id_items": 1}


def test_a_folder_that_another_makes_meanwhile_is_taken(cursor: box_dialect.Cursor, fresh: Box) -> None:
    fresh.faults({"operation": "get_folders_id_items", "status": 200, "body": {"entries": [], "limit": 1000}})
    cursor.execute("INSERT INTO files (path, content) VALUES ('/contracts/new.txt', 'x') RETURNING path")
    assert cursor.fetchall() == [("/Contracts/new.txt",)]


def test_no_more_of_a_folder_is_listed_than_it_takes(cursor: box_dialect.Cursor, fresh: Box) -> None:
    for number in range(2_500):
        fresh.store.add_folder(f"folder {number:04}", fresh.store.root, fresh.store.admin)
    insert = "INSERT INTO files (path, content) VALUES (?, 'x')"
    cursor.execute(insert, ("/folder 0100/x",))
    assert operations(fresh) == {"get_folders_id_items": 1, UPLOAD: 1}
    cursor.executemany(insert, [("/folder 2499/x",), ("/FOLDER 0200/x",), ("/folder 2498/x",)])
    assert operations(fresh) == {"get_folders_id_items": 3, UPLOAD: 3}


def test_a_file_is_no_folder(cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.IntegrityError, match="item_name_in_use"):
        cursor.execute("INSERT INTO files (path, content) VALUES ('/Notes.txt/new.txt', 'x')")


@pytest.mark.parametrize("table", ["folders", "web_links"])
def test_other_items_have_a_path_too(cursor: box_dialect.Cursor, table: str) -> None:
    url = {"folders": "", "web_links": ", url"}[table]
    value = {"folders": "", "web_links": ", 'https://www.box.com/'"}[table]
    cursor.execute(f"INSERT INTO {table} (path{url}) VALUES ('/a/b/c'{value}) RETURNING path, name")
    assert cursor.fetchall() == [("/a/b/c", "c")]


@pytest.mark.parametrize(
    ("columns", "values", "error", "message"),
    [
        ("path", "''", "DataError", "no path"),
        ("path", "'x.txt'", "DataError", "no path"),
        ("path", "'/'", "DataError", "root folder"),
        ("path", "'//x.txt'", "DataError", "no path"),
        ("path", "'/a//x.txt'", "DataError", "no path"),
        ("path", "'/a/'", "DataError", "no path"),
        ("path", "x'00'", "DataError", "takes text"),
        ("path, name", "'/x', 'x'", "IntegrityError", "takes path, or else name"),
        ("path, parent_id", "'/x', '0'", "IntegrityError", "takes path, or else parent_id"),
        ("name", "'x'", "IntegrityError", "needs a value for parent_id"),
    ],
)
def test_what_is_no_place_is_refused(
    cursor: box_dialect.Cursor, fresh: Box, columns: str, values: str, error: str, message: str
) -> None:
    with pytest.raises(getattr(box_dialect, error), match=message):
        cursor.execute(f"INSERT INTO files ({columns}, content) VALUES ({values}, 'x')")
    assert operations(fresh) == {}


@pytest.mark.parametrize(
    ("others", "calls"),
    [
        ("", {VERSION: 1}),
        (", name = 'y.txt', content_modified_at = '2020-01-01'", {VERSION: 1}),
        (", name = 'y.txt', description = 'd', parent_id = '160000000001'", {VERSION: 1, UPDATE: 1}),
        (", lock_type = 'lock', shared_link_access = 'open'", {VERSION: 1, UPDATE: 1}),
    ],
    ids=["alone", "one call", "two calls", "lock and link"],
)
def test_a_new_version_takes_the_fewest_calls(
    cursor: box_dialect.Cursor, fresh: Box, identity: str, others: str, calls: dict[str, int]
) -> None:
    fresh.store.files[identity].lock = None
    cursor.execute(
        f"UPDATE files SET content = 'second'{others} WHERE id = ? RETURNING size, version_number", (identity,)
    )
    assert cursor.fetchall() == [(6, "2")]
    assert operations(fresh) == calls
    assert content(fresh, identity) == b"second"


def test_without_content_an_update_is_one_call(cursor: box_dialect.Cursor, fresh: Box, identity: str) -> None:
    cursor.execute(
        "UPDATE files SET name = 'y', description = 'd', tags = '[\"t\"]', lock_type = 'lock', "
        "shared_link_access = 'open', collections = '[{\"id\": \"405151\"}]', parent_id = '160000000001' WHERE id = ?",
        (identity,),
    )
    assert operations(fresh) == {UPDATE: 1}


def test_description_and_tags_of_a_new_file_take_one_call_more(cursor: box_dialect.Cursor, fresh: Box) -> None:
    cursor.execute(
        "INSERT INTO files (name, parent_id, content, content_modified_at, description, tags) "
        "VALUES ('x', '0', 'x', '2020-01-02', 'd', '[\"t\"]') RETURNING description, tags, content_modified_at, sha1"
    )
    description, tags, modified, sha1 = cursor.fetchone()
    assert (description, tags, modified.year, sha1) == ("d", '["t"]', 2020, hashlib.sha1(b"x").hexdigest())
    assert operations(fresh) == {UPLOAD: 1, UPDATE: 1}


@pytest.mark.parametrize("size", [1, LARGE], ids=["small", "large"])
def test_a_new_file_has_its_own_times(cursor: box_dialect.Cursor, fresh: Box, size: int) -> None:
    cursor.execute(
        "INSERT INTO files (path, content, content_created_at, content_modified_at) "
        "VALUES ('/x', zeroblob(?), '2019-08-07', '2020-01-02') RETURNING content_created_at, content_modified_at",
        (size,),
    )
    assert [each.isoformat() for each in cursor.fetchone()] == [
        "2019-08-07T00:00:00+00:00",
        "2020-01-02T00:00:00+00:00",
    ]
    assert UPDATE not in operations(fresh)


@pytest.mark.parametrize("size", [1, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("etag", ["0", "7"], ids=["same", "other"])
def test_the_etag_is_compared(cursor: box_dialect.Cursor, fresh: Box, identity: str, etag: str, size: int) -> None:
    cursor.execute("UPDATE files SET content = zeroblob(?) WHERE id = ? AND etag = ?", (size, identity, etag))
    assert cursor.rowcount == (etag == "0")
    assert (content(fresh, identity) == b"first") == (etag != "0")
    assert operations(fresh).keys().isdisjoint({UPDATE, "get_files_id"})


def test_a_file_that_is_gone_is_no_row(cursor: box_dialect.Cursor, identity: str) -> None:
    cursor.execute("UPDATE files SET content = 'x' WHERE id = ?", (f"{identity}9",))
    assert cursor.rowcount == 0


def test_a_large_file_is_returned_by_the_call_that_makes_it(cursor: box_dialect.Cursor, fresh: Box) -> None:
    cursor.execute(
        "INSERT INTO files (path, content) VALUES ('/large', zeroblob(?)) RETURNING id, size, path", (LARGE,)
    )
    identity, size, path = cursor.fetchone()
    assert (size, path, len(content(fresh, identity))) == (LARGE, "/large", LARGE)
    assert operations(fresh) == {"options_files_content": 1, "post_files_upload_sessions": 1, PART: 3, COMMIT: 1}


def test_what_that_call_does_not_tell_is_read(cursor: box_dialect.Cursor) -> None:
    cursor.execute(
        "INSERT INTO files (path, content) VALUES ('/large', zeroblob(?)) RETURNING extension, tags", (LARGE,)
    )
    assert cursor.fetchone() == ("", "[]")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE files SET expires_at = '2030-01-01' WHERE id = '1'",
     "INSERT INTO files (path, content, expires_at) VALUES ('/x', 'x', '2030-01-01')"],
)  # fmt: skip
def test_what_box_takes_nowhere_is_not_supported(cursor: box_dialect.Cursor, fresh: Box, statement: str) -> None:
    with pytest.raises(box_dialect.NotSupportedError, match="Box's web app"):
        cursor.execute(statement)
    assert operations(fresh) == {}


def test_content_cannot_be_taken_away(cursor: box_dialect.Cursor, identity: str) -> None:
    with pytest.raises(box_dialect.IntegrityError, match="content takes no NULL"):
        cursor.execute("UPDATE files SET content = NULL WHERE id = ?", (identity,))


def test_each_row_that_fails_is_named(cursor: box_dialect.Cursor) -> None:
    rows = [("/a.txt", b"a"), ("/Notes.txt", b"b"), ("c.txt", b"c"), ("/d.txt", b"d")]
    with pytest.raises(box_dialect.IntegrityError, match="2 of 4 rows were written and 2 failed") as caught:
        cursor.executemany("INSERT INTO files (path, content) VALUES (?, ?)", rows)
    assert [(row, type(failure).__name__) for row, failure in caught.value.failures] == [
        (1, "IntegrityError"),
        (2, "DataError"),
    ]


def test_a_full_quota_may_pass(cursor: box_dialect.Cursor, fresh: Box) -> None:
    refusal = {"type": "error", "status": 403, "code": "storage_limit_exceeded", "message": "Account is full"}
    fresh.faults({"operation": UPLOAD, "status": 403, "body": refusal})
    with pytest.raises(box_dialect.OperationalError, match="free some of it"):
        cursor.execute("INSERT INTO files (path, content) VALUES ('/x', 'x')")


def test_readonly_refuses_it(fresh: Box) -> None:
    with fresh.connect(Readonly=True) as connection, pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
        connection.cursor().execute("UPDATE files SET content = 'x'")
    assert operations(fresh) == {}


def test_rows_wait_for_one_another_by_their_bytes(
    connection: box_dialect.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of rows with content no more are taken than fit, whatever their number; a larger one goes alone."""
    monkeypatch.setattr(write_queue, "_MOST_BYTES", 1000)
    waiting: list[int] = []
    changes: list[write_queue.PendingWrite] = []
    put = write_queue.WriteQueue.put

    def noted(self: write_queue.WriteQueue, change: write_queue.PendingWrite, *args: Any) -> None:
        is_noted, send = threading.Event(), change.send

        async def sent_late() -> Any:
            while not is_noted.is_set():  # noqa: ASYNC110 - it may be answered before this thread goes on
                await asyncio.sleep(0.001)
            return await send()

        change.send = sent_late
        put(self, change, *args)
        waiting.append(self._bytes)
        changes.append(change)
        is_noted.set()

    monkeypatch.setattr(write_queue.WriteQueue, "put", noted)
    sizes = [400, 400, 400, 5000, 100, 400, 400, 400]
    cursor = connection.cursor()
    cursor.executemany(
        "INSERT INTO files (path, content) VALUES (?, zeroblob(?))", [(f"/{n}", size) for n, size in enumerate(sizes)]
    )
    assert cursor.rowcount == len(sizes)
    assert waiting[3] == 5000
    assert max(waiting[:3] + waiting[4:]) <= 1000
    assert {change.send for change in changes} == {write_queue._nothing}  # nobody holds the content any more


def test_a_statement_that_is_stopped_aborts_its_session(fresh: Box) -> None:
    def calls(operation: str) -> int:
        by_operation: Any = fresh.stats()["by_operation"]
        return int(by_operation.get(operation, 0))

    fresh.faults({"operation": PART, "delay_ms": 600_000, "times": 9})
    insert = "INSERT INTO files (path, content) VALUES ('/x', zeroblob(?))"
    with fresh.connect() as connection, ThreadPoolExecutor(1) as thread:
        running = thread.submit(connection.cursor().execute, insert, (LARGE,))
        wait_until(lambda: calls(PART))  # before that, there may be no session yet
        connection.interrupt()
        with pytest.raises(box_dialect.OperationalError, match="interrupted"):
            running.result()
        wait_until(lambda: calls(ABORT) == 1)


def test_rows_are_uploaded_as_a_user(fresh: Box) -> None:
    with fresh.connect(AsUserId="20000000005") as connection:
        for size in (1, LARGE):
            connection.cursor().execute(
                "INSERT INTO files (name, parent_id, content, as_user) VALUES (?, '0', zeroblob(?), ?)",
                (f"{size}", size, fresh.store.admin.id),
            )
    assert {"1", f"{LARGE}"} <= {each.name for each in fresh.store.root.children.values()}


@pytest.mark.long
def test_a_value_of_100_megabytes_is_uploaded(cursor: box_dialect.Cursor) -> None:
    data = hashlib.sha256(b"x").digest() * (100_000_000 // 32)
    cursor.execute("INSERT INTO files (path, content) VALUES ('/huge', ?) RETURNING size, sha1", (data,))
    assert cursor.fetchone() == (len(data), hashlib.sha1(data).hexdigest())
