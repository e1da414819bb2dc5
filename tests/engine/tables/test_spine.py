"""A query runs from a URL to Box's HTTP API and back, for no more calls than it must."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Box

    import box_dialect

FOLDERS = 100
FILES = 2_000


def run(box: Box, sql: str, parameters: tuple[object, ...] = ()) -> tuple[list[tuple[object, ...]], int]:
    with box.connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall(), cursor.api_calls


def test_listing_a_folder_takes_one_call(small: Box) -> None:
    rows, calls = run(small, "SELECT name, size FROM files WHERE parent_id = '0'")
    expected = {
        (f.name, f.size)
        for f in small.store.items["file"].values()
        if f.parent is small.store.root and not f.is_trashed
    }
    assert set(rows) == expected
    assert len(rows) == len(expected) > 2
    assert calls == 1


def test_ten_files_of_a_large_tree_take_two_calls(synthetic: Box) -> None:
    rows, calls = run(synthetic, "SELECT * FROM files LIMIT 10")
    assert len(rows) == 10
    assert calls <= 2


def test_counting_all_files_takes_a_call_for_each_folder(synthetic: Box) -> None:
    rows, calls = run(synthetic, "SELECT count(*), sum(size) FROM files")
    sizes = [file.size for file in synthetic.store.items["file"].values()]
    assert rows == [(FILES, sum(sizes))]
    assert calls == FOLDERS + 1


def test_a_file_by_id_takes_one_call(synthetic: Box) -> None:
    file = next(iter(synthetic.store.items["file"].values()))
    assert run(synthetic, "SELECT name FROM files WHERE id = ?", (file.id,)) == ([(file.name,)], 1)


def test_files_by_ids_take_a_call_each(synthetic: Box) -> None:
    files = list(synthetic.store.items["file"].values())[:7]
    marks = ", ".join("?" * len(files))
    rows, calls = run(synthetic, f"SELECT name FROM files WHERE id IN ({marks})", tuple(file.id for file in files))
    assert sorted(rows) == sorted((file.name,) for file in files)
    assert calls == 7


def test_a_path_goes_down_only_its_branch(synthetic: Box) -> None:
    file = list(synthetic.store.items["file"].values())[777]
    path = f"/{file.parent.name}/{file.name}"
    assert run(synthetic, "SELECT id FROM files WHERE path = ?", (path,)) == ([(file.id,)], 2)
    rows, calls = run(synthetic, "SELECT id FROM files WHERE path LIKE ?", (f"/{file.parent.name.upper()}/%",))
    assert len(rows) == 20
    assert calls == 2
    assert run(synthetic, "SELECT id FROM files WHERE path = '/nowhere/x'") == ([], 1)
    assert run(synthetic, "SELECT count(*) FROM files WHERE depth = 1") == ([(0,)], 1)


def test_pages_are_of_a_thousand(fresh: Box) -> None:
    folder = fresh.store.add_folder("many", fresh.store.root, fresh.store.admin)
    for number in range(2_500):
        fresh.store.add_folder(f"{number}", folder, fresh.store.admin)
    rows, calls = run(fresh, "SELECT count(DISTINCT name) FROM folders WHERE parent_id = ?", (folder.id,))
    assert rows == [(2_500,)]
    assert calls == 3


def test_box_sorts_where_only_the_largest_are_wanted(fresh: Box) -> None:
    from box_dialect.emulator.content import PatternContent

    folder = fresh.store.add_folder("many", fresh.store.root, fresh.store.admin)
    for number in range(1_500):
        fresh.store.add_file(f"{number}", folder, PatternContent("x", number * 7919 % 1_500), fresh.store.admin)
    query = "SELECT size FROM files WHERE parent_id = ? ORDER BY size {} LIMIT 3 OFFSET 1"
    assert run(fresh, query.format("DESC"), (folder.id,)) == ([(1498,), (1497,), (1496,)], 1)
    assert run(fresh, query.format("ASC"), (folder.id,)) == ([(1,), (2,), (3,)], 1)


@pytest.mark.usefixtures("quiet")
def test_only_what_is_read_is_asked_for(synthetic: Box, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="box_dialect"):
        run(synthetic, "SELECT name, created_by_login FROM files WHERE parent_id = '0'")
    (call,) = [record.getMessage() for record in caplog.records if record.levelname == "DEBUG"]
    assert "fields=created_by%2Cid%2Cname%2Ctype: HTTP 200" in call


@pytest.mark.usefixtures("quiet")
def test_each_call_and_each_statement_is_told(synthetic: Box, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", logger="box_dialect"):
        run(synthetic, "SELECT name\nFROM users WHERE id = 'me'")
    levels = [record.levelname for record in caplog.records if record.name == "box_dialect"]
    assert levels == ["DEBUG", "INFO"]
    assert "GET /users/me" in caplog.text
    assert "SELECT name FROM users WHERE id = 'me': 1 API call in " in caplog.text


def test_a_statement_is_told_when_it_ends(synthetic: Box, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="box_dialect"), synthetic.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT name FROM files")
        assert cursor.fetchmany(10)
        assert not caplog.records
        cursor.fetchall()
        cursor.execute("SELECT name FROM files").fetchone()
        cursor.close()
    first, second = (record.getMessage() for record in caplog.records)
    assert f": {FOLDERS + 1} API calls in " in first
    assert ": 2 API calls in " in second


def test_the_plan_names_path_and_endpoint(connection: box_dialect.Connection) -> None:
    def plan(sql: str) -> str:
        cursor = connection.cursor()
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        assert cursor.api_calls == 0
        return "\n".join(row[3] for row in cursor)

    assert "by parent: GET /folders/{parent_id}/items (parent_id = ?)" in plan(
        "SELECT * FROM files WHERE parent_id = '0'"
    )
    assert "by id: GET /files/{id} (id IN ?)" in plan("SELECT * FROM files WHERE id IN ('1', '2')")
    assert "by id: GET /users/{id} (id IN ?)" in plan("SELECT * FROM users WHERE id IN ('1', '2')")
    assert "by id: GET /groups/{id} (id IN ?)" in plan("SELECT * FROM groups WHERE id IN ('1', '2')")
    assert "walk: GET /folders/{parent_id}/items (path LIKE ?)" in plan("SELECT * FROM files WHERE path LIKE '/a/%'")
    assert "by search: GET /search (search MATCH ?)" in plan("SELECT * FROM files WHERE files MATCH 'budget'")
    joined = plan("SELECT * FROM files f JOIN comments c ON c.item_id = f.id WHERE f.parent_id = '0'")
    assert "by file: GET /files/{item_id}/comments (item_id = ?)" in joined


def test_a_closed_cursor_stops_asking(synthetic: Box) -> None:
    synthetic.reset()
    with synthetic.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT name FROM files")
        cursor.fetchmany(30)
        cursor.close()
        connection.cursor().execute("SELECT 1").fetchall()
    assert synthetic.stats()["calls"] < 30


def test_two_statements_at_once_keep_their_counts_apart(synthetic: Box) -> None:
    with synthetic.connect() as connection:
        first, second = connection.cursor(), connection.cursor()
        first.execute("SELECT name FROM files")
        assert len(first.fetchmany(3)) == 3
        second.execute("SELECT id FROM groups")
        assert len(second.fetchall()) == 5
        first.fetchall()
    assert (first.api_calls, second.api_calls) == (FOLDERS + 1, 1)


def test_no_proxy_stands_before_this_machine(small: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with small.connect(max_concurrency=3) as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT id FROM users WHERE id = 'me'").fetchall() == [(small.store.admin.id,)]
