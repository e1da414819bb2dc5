"""`CallAPI` makes any call below the base of Box's API, and no other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


@pytest.fixture
def cursor(small: Box) -> Iterator[box_dialect.Cursor]:
    with small.connect() as connection, connection.cursor() as cursor:
        yield cursor


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("files/1", "what follows the version"),
        ("https://elsewhere.example/files", "what follows the version"),
        ("/files/1?fields=id", "given by Parameters"),
        ("/files/1#x", "given by Parameters"),
        ("//elsewhere.example/files", "no segment_0"),
        ("/files/../users", "no segment_0"),
        ("/files/./users", "no segment_0"),
        ("/files/..;/users", "no segment_0"),
        ("/files/1/", "no segment_1"),
        ("/", "no segment_0"),
        ("/files/a\\..\\b", "no segment_0"),
        ("/files/1\r\nHost: x", "no segment_0"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(cursor: box_dialect.Cursor, path: str, message: str) -> None:
    with pytest.raises((box_dialect.ProgrammingError, box_dialect.DataError), match=message):
        cursor.execute("EXEC CallAPI 'GET', ?", (path,))
    assert cursor.api_calls == 0


@pytest.mark.parametrize("path", ["/files/%2e%2e", "/files/1%2F..%2F..", "/files/a b;c@d:e"])
def test_what_is_odd_in_a_path_is_quoted(cursor: box_dialect.Cursor, path: str) -> None:
    with pytest.raises(box_dialect.DatabaseError) as failure:
        cursor.execute("EXEC CallAPI 'GET', ?", (path,))
    assert failure.value.diag.status in {404, 405}
    assert cursor.api_calls == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer x"},
        {"As-User": "1"},
        {"Host": "elsewhere.example"},
        {"BoxApi": "shared_link=x"},
        {"If-Match": "0\r\nAs-User: 1"},
        {"If-Match": 0},
        {"Content-Type": "text/plain"},
        {"box-version": "latest"},
    ],
)
def test_other_headers_are_refused(cursor: box_dialect.Cursor, headers: dict[str, object]) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="header"):
        cursor.execute("EXEC CallAPI 'GET', '/users/me', @Headers = ?", (json.dumps(headers),))
    assert cursor.api_calls == 0


def test_what_answers_with_no_json_tells_what_to_read(cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.OperationalError, match="the column content of files"):
        cursor.execute("EXEC CallAPI 'GET', '/files/1200000000027/content'")


@pytest.mark.parametrize("given", ["{", "[1]", "7", "[" * 100_000])
def test_parameters_are_an_object(cursor: box_dialect.Cursor, given: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="Parameters of CallAPI is an object of JSON"):
        cursor.execute("EXEC CallAPI 'GET', '/users', @Parameters = ?", (given,))


def test_a_body_may_be_no_larger_than_is_known(cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="Body of CallAPI is JSON as text"):
        cursor.execute("EXEC CallAPI 'POST', '/folders', @Body = ?", (f'"{"x" * 10_000_000}"',))


def test_where_nothing_may_be_written_it_gets_alone(small: Box) -> None:
    with small.connect(Readonly=True) as connection, connection.cursor() as cursor:
        cursor.execute("EXEC CallAPI 'get', '/users/me'")
        assert json.loads(cursor.fetchall()[0][0])["login"] == "admin@example.com"
        cursor.execute("SELECT CallAPI('GET', '/users/' || id) FROM users ORDER BY id LIMIT 2")
        assert len(cursor.fetchall()) == 2
        for call in (
            "EXEC CallAPI 'DELETE', '/files/1200000000008'",
            "SELECT CallAPI('PUT', '/files/' || id, NULL, '{}') FROM files",
            "SELECT * FROM CallAPI('OPTIONS', '/events')",
        ):
            with pytest.raises(box_dialect.ProgrammingError, match="may not be called but with Method GET"):
                cursor.execute(call)
            assert "delete_files_id" not in str(small.stats())


def test_a_process_that_restricts_urls_changes_nothing(small: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    with small.connect() as connection, connection.cursor() as cursor:
        cursor.execute("EXEC CallAPI 'GET', '/users/me'")
        with pytest.raises(box_dialect.ProgrammingError, match="restricts URLs"):
            cursor.execute("EXEC CallAPI 'DELETE', '/files/1200000000008'")


def test_it_is_called_once_for_each_row_all_at_once(fresh: Box) -> None:
    with fresh.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT CallAPI('PUT', '/files/' || id, NULL, '{\"tags\": [\"seen\"]}') FROM files")
        assert len(cursor.fetchall()) == 27
    assert {tuple(file.tags) for file in fresh.store.files.values() if not file.is_trashed} == {("seen",)}
