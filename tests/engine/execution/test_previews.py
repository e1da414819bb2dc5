"""A preview gives what its calls have given, makes no call more, and nothing that it left out is taken for absent."""

from __future__ import annotations

import itertools
import logging
import re
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest
from conftest import Box
from planted_box import planted_box
from sweep import sweep

import box_dialect
from bench.shapes import SHAPES
from bench.tree import furnish, names_of
from box_dialect import aio
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from bench.shapes import Shape

FILES: Final = "SELECT id FROM files"
FOLDERS: Final = 111
DEPENDS_ON_ABSENCE: Final = re.compile(
    r"\b(not|null|left|count|sum|min|max|avg|limit|except|over|content|case|coalesce)\b|, ?\(select|= ?\(select",
    re.IGNORECASE,
)
"""What a statement has that gives other rows where some are missing, not only fewer."""
READS: Final = [each for each in SHAPES if not each.sets and each.sql.lower().startswith(("select", "with"))][::4]
GROWS: Final = [each for each in READS if not DEPENDS_ON_ABSENCE.search(each.sql)][::2]


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Ten folders in each of ten, ten files in each of these. Tests must leave it as it is."""
    with planted_box() as box:
        yield box


@pytest.fixture(scope="module")
def names(box: Box) -> dict[str, str]:
    """What the statements name."""
    with box.connect() as connection:
        return names_of(connection)


def ran(
    box: Box, names: dict[str, str], shape: Shape, **properties: Any
) -> tuple[box_dialect.Cursor, Counter[tuple[Any, ...]]]:
    with box.connect(**properties) as connection:
        furnish(connection, names)
        cursor = connection.cursor().execute(shape.sql, names)
        return cursor, Counter(cursor.fetchall())


@pytest.mark.long
@sweep("shape", READS, ids=str)
@sweep("calls", [1, 2, 7, 20])
def test_statements_of_every_shape_end_within_their_calls(
    box: Box, names: dict[str, str], shape: Shape, calls: int
) -> None:
    cursor, _ = ran(box, names, shape, PreviewCalls=calls)
    assert cursor.api_calls <= calls
    assert cursor.api_calls == calls or not cursor.is_preview_partial


@pytest.mark.long
@sweep("shape", GROWS, ids=str)
def test_a_preview_has_some_of_the_rows_and_a_large_one_all(box: Box, names: dict[str, str], shape: Shape) -> None:
    _, rows = ran(box, names, shape)
    for calls in (3, 12, 10_000):
        cursor, some = ran(box, names, shape, PreviewCalls=calls)
        assert not some - rows
        assert cursor.is_preview_partial or some == rows
    assert not cursor.is_preview_partial


@pytest.mark.parametrize("calls", [1, 5, 16, FOLDERS - 1])
def test_a_preview_makes_all_of_its_calls_and_tells_that_there_may_be_more(
    box: Box, calls: int, caplog: pytest.LogCaptureFixture
) -> None:
    box.reset()
    with box.connect(PreviewCalls=calls) as connection, caplog.at_level(logging.WARNING, "box_dialect"):
        cursor = connection.cursor().execute(FILES)
        rows = cursor.fetchall()
        assert len(rows) == len({*rows}) < 1_000
        assert cursor.api_calls == box.stats()["calls"] == calls
        assert cursor.is_preview_partial
        assert len(cursor.execute("SELECT id FROM folders WHERE parent_id = '0'").fetchall()) == 10
        assert not cursor.is_preview_partial
    [record] = caplog.records
    assert f"after the {calls} calls of PreviewCalls" in record.getMessage()


def test_a_preview_that_comes_to_the_end_is_whole(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    with box.connect(PreviewCalls=FOLDERS) as connection:
        cursor = connection.cursor().execute(FILES)
        assert len(cursor.fetchall()) == 1_000
        assert not cursor.is_preview_partial
    assert not caplog.records


@pytest.mark.long
def test_previews_at_once_keep_to_their_calls_each_and_shorten_nobody_elses_rows(box: Box) -> None:
    found: dict[int, tuple[int, int]] = {}

    def read(calls: int) -> None:
        with box.connect(PreviewCalls=calls) as connection:
            cursor = connection.cursor().execute("SELECT f.id FROM files f LEFT JOIN comments c ON item_id = f.id")
            rows = len(cursor.fetchall())
            found[calls] = cursor.api_calls, rows

    threads = [threading.Thread(target=read, args=(calls,)) for calls in (0, 3, 7, 20, 40, 10_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {calls: made for calls, (made, _) in found.items() if 0 < calls < FOLDERS} == {3: 3, 7: 7, 20: 20, 40: 40}
    assert found[0][1] == found[10_000][1] == 1_200


def test_a_call_that_is_sent_again_counts(fresh: Box) -> None:
    fresh.faults({"operation": "get_folders_id_items", "status": 503, "times": 2})
    with fresh.connect(PreviewCalls=2) as connection:
        cursor = connection.cursor().execute(FILES)
        assert cursor.fetchall() == []
        assert cursor.api_calls == 2
        assert cursor.is_preview_partial


def test_content_that_is_not_downloaded_is_null(box: Box, names: dict[str, str]) -> None:
    with box.connect(PreviewCalls=4) as connection:
        cursor = connection.cursor().execute("SELECT content FROM files WHERE parent_id = :folder0", names)
        values = [value for (value,) in cursor]
        assert len(values) == 10
        assert values.count(None) == 7
        assert cursor.is_preview_partial


def test_a_row_that_cannot_be_completed_is_left_out(fresh: Box) -> None:
    store = fresh.store
    group = store.add_group("Readers")
    for number in range(3):
        store.add_collaboration(store.add_folder(f"f{number}", store.root, store.admin), group, "viewer", store.admin)
    sql = f"SELECT acceptance_requirements_status FROM collaborations WHERE group_id = '{group.id}'"
    with fresh.connect() as connection:
        whole = connection.cursor().execute(sql).fetchall()
    assert None not in {value for (value,) in whole}
    for calls in range(1, 5):
        with fresh.connect(PreviewCalls=calls) as connection:
            cursor = connection.cursor().execute(sql)
            assert cursor.fetchall() == whole[: calls - 1]
            assert cursor.is_preview_partial is (calls < 4)


@pytest.fixture
def equal_ids() -> Iterator[tuple[Box, str]]:
    """A file in the root folder, and a folder with the same id further down, to which somebody has access."""
    store = Store()
    user = store.add_user("guest", "guest@example.com")
    below = store.add_folder("below", store.root, store.admin)
    file = store.add_file("file", store.root, PatternContent("x", 1), store.admin)
    store._ids["folder"] = itertools.count(int(file.id))
    folder = store.add_folder("folder", store.add_folder("between", below, store.admin), store.admin)
    between = next(each for each in store.items["folder"].values() if each.name == "between")
    shared = between if between.id == file.id else folder
    store.add_collaboration(shared, user, "editor", store.admin)
    emulator = Emulator(Options())
    emulator.store = store
    with emulator:
        yield Box(emulator), file.id


def test_what_a_preview_has_not_seen_is_asked_for_by_the_next_statement(equal_ids: tuple[Box, str]) -> None:
    box, key = equal_ids
    for calls in (1, 2, 3):
        with box.connect(PreviewCalls=calls) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT f.id, role FROM files f LEFT JOIN collaborations c ON c.item_id = f.id").fetchall()
            sql = "SELECT role FROM collaborations WHERE item_id = ? AND item_type = 'folder'"
            assert cursor.execute(sql, (key,)).fetchall() == [("editor",)]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE copied AS SELECT id FROM files",
        "CREATE TABLE copied AS SELECT id, modified_at FROM files",
        "CREATE TEMP TABLE copied AS SELECT count(*) AS n FROM files",
        "INSERT INTO own SELECT id FROM files",
        "INSERT INTO own VALUES ((SELECT count(*) FROM folders))",
        "UPDATE own SET a = (SELECT max(name) FROM files)",
        "DELETE FROM own WHERE a NOT IN (SELECT id FROM files)",
        "INSERT INTO own SELECT id FROM viewed",
        "INSERT INTO folders (name, parent_id) VALUES ('Made', '0')",
        "INSERT INTO folders (name, parent_id) VALUES ('Made', '0') RETURNING id",
        "UPDATE folders SET description = 'x'",
        "DELETE FROM folders WHERE id = '1'",
        "INSERT INTO telling VALUES (1)",
    ],
)
def test_nothing_is_written_from_a_preview(box: Box, sql: str) -> None:
    with box.connect(PreviewCalls=3) as connection:
        cursor = connection.cursor()
        for made in (
            "CREATE TABLE own (a)",
            "CREATE TABLE telling (a)",
            "CREATE VIEW viewed AS SELECT id FROM files",
            "CREATE TRIGGER t AFTER INSERT ON telling BEGIN INSERT INTO own SELECT name FROM folders; END",
            "INSERT INTO own VALUES ('kept'), ('changed')",
            "UPDATE own SET a = 'kept' WHERE a = 'changed'",
        ):
            cursor.execute(made)
        connection.commit()
        box.reset()
        with pytest.raises(box_dialect.ProgrammingError, match="PreviewCalls=3"):
            cursor.execute(sql)
        assert box.stats()["calls"] == 0
        assert cursor.execute("SELECT a FROM own").fetchall() == [("kept",), ("kept",)]
        assert cursor.execute("SELECT name FROM sqlite_master WHERE name = 'copied'").fetchall() == []


def test_the_smaller_one_of_the_bounds_holds(box: Box) -> None:
    with (
        box.connect(PreviewCalls=5, MaxApiCalls=4) as connection,
        pytest.raises(box_dialect.OperationalError, match="MaxApiCalls"),
    ):
        connection.cursor().execute(FILES).fetchall()
    with box.connect(PreviewCalls=5, MaxApiCalls=5) as connection:
        cursor = connection.cursor().execute(FILES)
        cursor.fetchall()
        assert cursor.is_preview_partial


def test_previews_share_the_rate_limit_with_other_statements(box: Box) -> None:
    with box.connect() as one, box.connect(PreviewCalls=5) as other:
        assert one.session.client is other.session.client


def test_a_preview_for_asyncio_tells_so_too(box: Box, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
    async def preview() -> None:
        async with await aio.connect(box.url, PreviewCalls=2) as connection:
            cursor = connection.cursor()
            assert not cursor.is_preview_partial
            await cursor.execute(FILES)
            await cursor.fetchall()
            assert cursor.is_preview_partial

    run(preview())
