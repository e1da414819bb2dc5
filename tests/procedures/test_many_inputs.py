"""Procedures with many inputs, with other names, and on the whole trash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

NAMES = [("notes",), ("Notes.txt",)]


@pytest.fixture
def cursor(small: Box) -> Iterator[box_dialect.Cursor]:
    with small.connect() as connection, connection.cursor() as cursor:
        yield cursor


@pytest.mark.parametrize(
    "call",
    [
        "EXEC Search 'notes'",
        "EXEC Search @Query = 'notes', @Limit = NULL",
        "CALL Search('notes', Limit => 2)",
        "SELECT * FROM Search('notes')",
        "SELECT * FROM Search WHERE Query = 'notes'",
        f"SELECT * FROM Search('notes', {', '.join(['NULL'] * 14)})",
    ],
)
def test_an_input_without_a_value_drops_no_row(cursor: box_dialect.Cursor, call: str) -> None:
    assert [row[2:3] for row in cursor.execute(call).fetchall()] == NAMES


def test_a_parameter_may_be_none(cursor: box_dialect.Cursor) -> None:
    cursor.execute("EXEC Search ?, @Limit = ?", ("notes", None))
    assert [row[2:3] for row in cursor.fetchall()] == NAMES


def test_null_where_sqlite_compares_again_is_told(cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="NULL behind 16 others"):
        cursor.execute(f"SELECT * FROM Search('notes', {', '.join(['NULL'] * 18)})").fetchall()


def test_a_search_goes_from_page_to_page(synthetic: Box) -> None:
    words = "SELECT count(DISTINCT Id) FROM Search WHERE Query = 'pdf' AND Type = 'file'"
    with synthetic.connect() as connection, connection.cursor() as cursor:
        (everything,) = cursor.execute(words).fetchall()[0]
        assert everything > 200
        assert cursor.api_calls == -(-everything // 200)
        assert cursor.execute(f'{words} AND "Limit" = 201').fetchall() == [(201,)]
        assert cursor.api_calls == 2
        assert cursor.execute(f'{words} AND "Offset" = {everything - 3}').fetchall() == [(3,)]
        assert cursor.api_calls == 1


def test_what_is_seen_by_a_shared_link_alone_tells_it(fresh: Box) -> None:
    item = {"type": "file", "id": "7", "name": "seven"}
    entry = {"type": "search_result", "accessible_via_shared_link": "https://app.box.com/s/7", "item": item}
    answer = {"type": "search_results_with_shared_links", "total_count": 1, "offset": 0, "limit": 200}
    fresh.faults({"operation": "get_search", "status": 200, "body": {**answer, "entries": [entry]}})
    with fresh.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CALL Search('seven', IncludeRecentSharedLinks => TRUE)")
        row = dict(zip((name for name, *_ in cursor.description or ()), cursor.fetchall()[0], strict=True))
        assert (row["Id"], row["Name"], row["AccessibleViaSharedLink"]) == ("7", "seven", "https://app.box.com/s/7")


@pytest.mark.parametrize("range_", ["yesterday,", "2026-01-01", "1,2,3"])
def test_a_range_of_a_search_is_two_moments(cursor: box_dialect.Cursor, range_: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="a range of Search is two moments"):
        cursor.execute("EXEC Search 'notes', @CreatedAtRange = ?", (range_,))


@pytest.mark.parametrize("range_", ["large", "7", "1,2,3", "-1,", "1.5,2"])
def test_a_size_of_a_search_is_two_numbers(cursor: box_dialect.Cursor, range_: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="SizeRange of Search is two whole numbers"):
        cursor.execute("EXEC Search 'notes', @SizeRange = ?", (range_,))


def test_the_names_of_the_commercial_connector_are_taken(fresh: Box) -> None:
    engine = sa.create_engine(fresh.url)
    with engine.connect() as connection:
        shared = connection.execute(sa.select(sa.func.ShareAnItem("1200000000008").table_valued())).one()
        assert shared.URL.startswith("https://app.box.com/s/")
        assert connection.execute(sa.select(sa.func.DeleteFile("1200000000008"))).scalar_one() == 1
        with pytest.raises(sa.exc.DBAPIError, match="CopyFile needs its input FileId"):
            connection.execute(sa.text("EXEC copyfile"))
    engine.dispose()


def test_what_of_the_trash_could_not_be_deleted_is_told(fresh: Box) -> None:
    fresh.faults({"operation": "delete_folders_id_trash", "status": 403, "body": {"code": "forbidden"}})
    with fresh.connect() as connection, connection.cursor() as cursor:
        with pytest.raises(box_dialect.OperationalError, match="1 of the 2 items in the trash were deleted"):
            cursor.execute("EXEC EmptyTrash")
        assert cursor.execute("EXEC EmptyTrash").fetchall() == [("160000000014", "folder", "Old folder")]
        assert cursor.execute("EXEC EmptyTrash").fetchall() == []


@pytest.mark.parametrize("bound", ["Limit", "Offset"])
def test_a_bound_below_zero_is_refused(cursor: box_dialect.Cursor, bound: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="no less than 0"):
        cursor.execute(f"EXEC Search 'notes', @{bound} = -1")
    assert cursor.api_calls == 0


def test_a_folder_that_is_not_empty_tells_the_input_that_deletes_all(cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.IntegrityError, match="the input Recursive of DeleteItem"):
        cursor.execute("SELECT DeleteItem(id, 'folder') FROM folders WHERE path = '/Contracts'")
