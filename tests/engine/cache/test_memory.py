"""The memory of a scan is that of a few pages, however many rows there are."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from box_dialect.emulator.content import PatternContent

if TYPE_CHECKING:
    from conftest import Box


def peak(box: Box, folder: str, files: int) -> int:
    """Return the most bytes that reading all files of a folder held at once."""
    with box.connect() as connection, connection.cursor() as cursor:
        query = "SELECT name, path, sha1, created_by_login FROM files WHERE parent_id = ?"
        cursor.execute(query, (folder,)).fetchall()  # so that the emulator, in this process too, has all made
        tracemalloc.start()
        try:
            cursor.execute(query, (folder,))
            assert sum(1 for _ in cursor) == files
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.long
def test_many_rows_take_no_more_memory_than_few(fresh: Box) -> None:
    folders = {
        count: fresh.store.add_folder(f"{count}", fresh.store.root, fresh.store.admin) for count in (2_000, 12_000)
    }
    for count, folder in folders.items():
        for number in range(count):
            fresh.store.add_file(f"{number:06}", folder, PatternContent("x", 1), fresh.store.admin)
    few, many = (peak(fresh, folder.id, count) for count, folder in folders.items())
    assert many < 3 * few


def test_what_a_statement_has_read_is_let_go_at_its_end(small: Box) -> None:
    sql = "SELECT f.name, c.message FROM files f LEFT JOIN comments c ON c.item_id = f.id"
    with small.connect() as connection:
        ended, closed = connection.cursor().execute(sql), connection.cursor().execute(sql)
        ended.fetchall()
        closed.fetchmany(3)
        read = closed._execution.statement
        assert read.cache._scans
        closed.close()
        for statement in (ended._execution.statement, read):
            assert not statement.cache._scans
            assert not statement.cache.positions
