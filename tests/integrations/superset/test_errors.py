"""Errors: each message that the driver really raises is of its type, and says all that the driver says."""

from __future__ import annotations

import re
import socket
import sys
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sweep import sweep

import box_dialect
from box_dialect.integrations.superset.errors import ERRORS, message_of, pattern, template

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

PATTERNS = {pattern(part): (error.type, template(error)) for part, error in ERRORS.items()}

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {})"
LARGE = f"{NUMBERS.format(900)} SELECT group_concat(hex(zeroblob(10000))) FROM n"


def told(error: BaseException) -> tuple[str, str]:
    """Return the type and the text that Superset shows, as its `extract_errors` finds them."""
    said = message_of(error)
    for regex, (kind, text) in PATTERNS.items():
        if match := regex.search(said):
            shown = text % match.groupdict()
            assert shown.startswith(said)
            return kind, shown
    return "GENERIC_DB_ENGINE_ERROR", said


def failing(box: Box, statement: str, **properties: object) -> BaseException:
    with pytest.raises(box_dialect.Error) as caught, box.connect(**properties) as connection:
        connection.cursor().execute(statement).fetchall()
    return caught.value


@sweep(
    ("statement", "kind", "properties"),
    [
        ("SELECT nam FROM files", "COLUMN_DOES_NOT_EXIST_ERROR", {}),
        ("INSERT INTO folders (nam) VALUES ('x')", "COLUMN_DOES_NOT_EXIST_ERROR", {}),
        ("SELECT * FROM filez", "TABLE_DOES_NOT_EXIST_ERROR", {}),
        ("SELECT GetOAuthAccessTokem()", "OBJECT_DOES_NOT_EXIST_ERROR", {}),
        ("EXEC Nope", "OBJECT_DOES_NOT_EXIST_ERROR", {}),
        ("SELEC 1", "SYNTAX_ERROR", {}),
        ("SELECT (", "SYNTAX_ERROR", {}),
        ("SELECT load_extension('x')", "GENERIC_DB_ENGINE_ERROR", {}),
        ("SELECT 1 #", "SYNTAX_ERROR", {}),
        ("SHOW INDEXES FROM files", "SYNTAX_ERROR", {}),
        ("DESCRIBE", "SYNTAX_ERROR", {}),
        ("EXEC MoveItem @ItemId", "SYNTAX_ERROR", {}),
        ("CREATE TABLE enterprise_x (a ENUM(1)) WITH (hidden = true)", "SYNTAX_ERROR", {}),
        ("DESCRIBE filez", "TABLE_DOES_NOT_EXIST_ERROR", {}),
        ("DESCRIBE PROCEDURE Nope", "OBJECT_DOES_NOT_EXIST_ERROR", {}),
        ("SELECT count(*) FROM files", "SQLLAB_TIMEOUT_ERROR", {"MaxApiCalls": 3}),
        ("SELECT AskAI('1200000000008', 'Why?')", "SQLLAB_TIMEOUT_ERROR", {}),
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
            "SQLLAB_TIMEOUT_ERROR",
            {"Timeout": 1},
        ),
        (LARGE, "RESULT_TOO_LARGE_ERROR", {"MaxStatementMemory": 4}),
        ("DELETE FROM folders", "DML_NOT_ALLOWED_ERROR", {"Readonly": True}),
        ("UPDATE events SET event_type = 'x'", "DML_NOT_ALLOWED_ERROR", {}),
        ("SELECT 'x' WHERE no_moment", "COLUMN_DOES_NOT_EXIST_ERROR", {}),
        (
            "SELECT name FROM files WHERE files MATCH 'budget' OR size > 5",
            "GENERIC_DB_ENGINE_ERROR",
            {},
        ),
    ],
)
def test_statements(small: Box, statement: str, kind: str, properties: dict[str, object]) -> None:
    assert told(failing(small, statement, **properties))[0] == kind


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of files without a name")
def test_too_much_disk(small: Box) -> None:
    sort = f"{NUMBERS.format(1_000_000)} SELECT i, hex(zeroblob(1000)) AS b FROM n ORDER BY b, i DESC"
    assert told(failing(small, sort, MaxTemporaryDisk=20))[0] == "RESULT_TOO_LARGE_ERROR"


@sweep(
    ("status", "kind"),
    [
        (401, "CONNECTION_ACCESS_DENIED_ERROR"),
        (403, "CONNECTION_DATABASE_PERMISSIONS_ERROR"),
        (429, "BACKEND_TIMEOUT_ERROR"),
        (500, "GENERIC_DB_ENGINE_ERROR"),
    ],
)
def test_answers_of_box(fresh: Box, status: int, kind: str) -> None:
    fresh.reset()
    fresh.faults({"operation": "get_groups", "status": status, "times": 9})
    assert told(failing(fresh, "SELECT * FROM groups", MaxRetries=0))[0] == kind


def test_signing_in(small: Box) -> None:
    refused = [
        failing(small, "SELECT * FROM groups", OAuthClientSecret="wrong"),
        failing(small, "SELECT * FROM groups", AuthScheme="OAuth", OAuthAccessToken="wrong"),
        failing(small, "SELECT * FROM groups", AuthScheme="OAuth"),
        failing(small, "SELECT * FROM groups", AuthScheme="OAuth", InitiateOAuth="REFRESH"),
        failing(small, "SELECT * FROM groups", AuthScheme="OAuth", InitiateOAuth="REFRESH", OAuthAccessToken="wrong"),
    ]
    for error in refused:
        kind, shown = told(error)
        assert kind == "CONNECTION_ACCESS_DENIED_ERROR"
        assert "administers Superset's databases" in shown


def test_no_box_there() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = (
            f"box://client:secret@127.0.0.1:{closed.getsockname()[1]}/?AuthScheme=OAuthClient&SubjectId=1&MaxRetries=0"
        )
        for properties in ({}, {"AuthScheme": "OAuth", "OAuthAccessToken": "t"}):
            with pytest.raises(box_dialect.OperationalError) as caught, box_dialect.connect(url, **properties) as it:
                it.cursor().execute("SELECT * FROM groups").fetchall()
            assert told(caught.value)[0] == "CONNECTION_HOST_DOWN_ERROR"


@sweep(
    ("url", "kind"),
    [
        ("box://a:b@/?AuthScheme=OAuthClient&SubjectId=1&Timeouts=1", "CONNECTION_MISSING_PARAMETERS_ERROR"),
        ("box://a:b@/?AuthScheme=OAuthClient&SubjectId=1&Timeout=soon", "CONNECTION_MISSING_PARAMETERS_ERROR"),
        ("box://a:b@/?AuthScheme=OAuthClient", "CONNECTION_MISSING_PARAMETERS_ERROR"),
        ("box://a:b@/?LocalDatabase=/etc/passwd", "CONNECTION_DATABASE_PERMISSIONS_ERROR"),
        ("box://a:b@/?Scope=env:HOME", "CONNECTION_DATABASE_PERMISSIONS_ERROR"),
        ("box://a:b@/?TokenCache=keyring", "CONNECTION_DATABASE_PERMISSIONS_ERROR"),
        ("box://example.com/?OAuthClientId=a", "CONNECTION_DATABASE_PERMISSIONS_ERROR"),
    ],
)
def test_urls(url: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    connect_args = {} if "a:b@" in url else {"OAuthClientSecret": "s3cret"}
    with pytest.raises((box_dialect.ProgrammingError, sa.exc.ProgrammingError)) as caught:
        sa.create_engine(url, connect_args=connect_args).connect()
    shown = told(caught.value)
    assert shown[0] == kind
    assert ("connect_args" in shown[1]) == (kind == "CONNECTION_DATABASE_PERMISSIONS_ERROR")


def test_too_much_of_ones_own(small: Box, tmp_path: Path) -> None:
    table = f"CREATE TABLE big AS {NUMBERS.format(20_000)} SELECT i, hex(zeroblob(60)) AS b FROM n"
    kind, shown = told(failing(small, table, LocalDatabase=str(tmp_path / "own.db"), MaxLocalDatabase=1))
    assert kind == "RESULT_TOO_LARGE_ERROR"
    assert '{"connect_args": {"MaxLocalDatabase": …}}' in shown


def test_a_write_in_a_process_that_restricts_urls(small: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    assert told(failing(small, "SELECT RevokeOAuthAccessToken('x')"))[0] == "DML_NOT_ALLOWED_ERROR"
    kind, shown = told(failing(small, "DELETE FROM folders WHERE id = '1'"))
    assert kind == "DML_NOT_ALLOWED_ERROR"
    assert '{"connect_args": {"Readonly": false}}' in shown


def test_the_first_that_is_found_tells() -> None:
    for part in ERRORS:
        assert not re.compile(part).groups, "a message is one group"
    assert pattern("^b").search("a b") is None
    assert pattern("no such table: ").search("100% of\nlines: no such table: x")


def test_what_sqlalchemy_wraps_is_told_bare(small: Box) -> None:
    engine = sa.create_engine(small.url)
    with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError) as caught:
        connection.execute(sa.text("SELECT :secret FROM filez"), {"secret": "hunter2"})
    assert "[SQL:" in str(caught.value)
    expected = ("TABLE_DOES_NOT_EXIST_ERROR", "no such table: filez; did you mean files?")
    assert told(caught.value) == expected
    # As the test of a connection does.
    assert told(sa.exc.DBAPIError(str(caught.value), None, None)) == expected
