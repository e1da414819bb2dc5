"""`box-dialect shell`: at a prompt in a terminal, and with what it reads from a pipe."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import TYPE_CHECKING

import click.testing
import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from box_dialect.cli.commands import cli
from box_dialect.cli.interactive.completion import ShellCompleter
from box_dialect.cli.interactive.dot_commands import COMMANDS, WORDS
from box_dialect.cli.interactive.history import History, history_file
from box_dialect.cli.interactive.pager import paged
from box_dialect.cli.interactive.session import is_complete
from box_dialect.cli.shell import _pieces
from box_dialect.cli.statements import is_query

if sys.platform != "win32":
    from .terminals import terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Box

    import box_dialect

    Shell = Callable[..., click.testing.Result]
    Complete = Callable[[str], list[str]]


@pytest.fixture
def shell(small: Box) -> Shell:
    """Return a function that runs the shell with lines from a pipe."""

    def run(*lines: str) -> click.testing.Result:
        runner = click.testing.CliRunner(env={"BOX_URL": small.url})
        return runner.invoke(cli, ["shell"], input="\n".join(lines))

    return run


@pytest.fixture
def complete(connection: box_dialect.Connection) -> Complete:
    """Return a function that gives the completions of a text."""
    completer = ShellCompleter(connection, COMMANDS, WORDS)
    return lambda text: [each.text for each in completer.get_completions(Document(text), CompleteEvent())]


def test_it_runs_statements_of_several_lines_and_its_own_commands(shell: Shell) -> None:
    result = shell("SELECT 'a;' AS a,", "  2 AS b; -- done;", ".mode json", "SELECT 1 AS a; SELECT 2 AS b", ";")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == 'a,b\na;,2\n[\n{"a":1}\n]\n[\n{"b":2}\n]\n'


def test_what_is_not_in_utf_8_is_told(small: Box) -> None:
    runner = click.testing.CliRunner(env={"BOX_URL": small.url})
    result = runner.invoke(cli, ["shell"], input=b"SELECT 1;\nSELECT '\xff';\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot read standard input: 'utf-8' codec can't decode byte 0xff" in result.stderr
    assert is_complete("SELECT '\udcff';")


def test_a_statement_of_many_lines_is_looked_at_where_it_may_end(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []
    monkeypatch.setattr("box_dialect.cli.shell.is_complete", lambda text: looked_at.append(text) or is_complete(text))
    lines = ["SELECT 1,\n", "2,\n", "3;\n", ".mode json\n", "\n", "SELECT 4"]
    assert [*_pieces(lines)] == ["SELECT 1,\n2,\n3;\n", ".mode json\n", "\n", "SELECT 4"]
    assert "SELECT 1,\n2,\n" not in looked_at


def test_commands_may_follow_comments(shell: Shell) -> None:
    result = shell("-- as JSON", "", "  -- of one object", ".mode json", "SELECT 1", "-- within", "AS a;")
    assert (result.exit_code, result.stdout) == (0, '[\n{"a":1}\n]\n')


def test_a_pipe_ends_it_at_the_first_failure(shell: Shell) -> None:
    result = shell("SELECT nam FROM files;", "SELECT 1;")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: no such column: nam; did you mean name?\n"
    assert shell("SELECT 1;", ".quit", "SELECT nam FROM files;").exit_code == 0


@pytest.mark.parametrize("name", [".open", ".read", ".load", ".shell", ".system", ".restore", ".backup", ".output"])
def test_what_reaches_past_the_guard_is_no_command(name: str, shell: Shell) -> None:
    result = shell(f"{name} x")
    assert result.exit_code == 1
    assert result.stderr == f"Error: there is no command {name}; .help tells them\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (".mode parquet", ".mode is one of table, csv"),
        (".headers maybe", ".headers is on or off"),
        (".timer maybe", ".timer is on or off"),
        (".import a.csv", ".import takes a file and a table"),
        (".import missing.csv t", "cannot read missing.csv: No such file or directory"),
        (".import a.doc t", "cannot read a.doc"),
        (".import a.csv files", "files is a table of Box"),
        (".export a.doc", ".export takes a file with one of the extensions .txt, .csv"),
        (".export", ".export takes a file with one of the extensions .txt, .csv"),
        (".export a.csv", "there is no result yet; .export FILE SQL runs a statement, and writes its rows"),
        (".export a.csv SELECT nam FROM files", "no such column: nam"),
        (".import ~nobody-has-this-name/a.csv t", "~nobody-has-this-name/a.csv is no path: Could not determine home"),
        (".export ~nobody-has-this-name/a.csv", "~nobody-has-this-name/a.csv is no path: Could not determine home"),
        (".schema", ".schema takes the name of a table"),
        (".schema nothing", "there is no table nothing"),
        (".explain SELECT nam FROM files", "no such column: nam"),
        (".explain", ".explain takes a statement"),
    ],
)
def test_a_wrong_command_is_one_line(line: str, told: str, shell: Shell) -> None:
    result = shell(line)
    assert result.exit_code in {1, 2}
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_it_tells_of_tables_and_who_is_signed_in(shell: Shell) -> None:
    table = "CREATE TABLE comments_kept (a INTEGER)"
    result = shell(f"{table};", ".tables comments%", ".schema comments_kept", ".schema users")
    assert result.stdout.startswith(f"comments\ncomments_kept\n{table}\nusers: ")
    assert "\n  login " in result.stdout
    assert "(admin@example.com)" in shell(".whoami").stdout
    assert shell("SELECT count(*) FROM users;", ".calls").stdout.endswith("\n1 API call in this session\n")
    assert all(name in shell(".help").stdout for name in COMMANDS)


def test_it_explains_without_a_call(shell: Shell, small: Box) -> None:
    small.reset()
    assert shell(".explain SELECT name FROM users").stdout.startswith("  plan  users  all: GET /users\n  ")
    assert small.stats()["calls"] == 0


def test_the_last_result_is_exported_without_a_call(shell: Shell, small: Box, tmp_path: Path) -> None:
    path = tmp_path / "with a blank.json"
    small.reset()
    result = shell(
        "SELECT login FROM users WHERE login LIKE '%@example.com' ORDER BY login LIMIT 2;",
        f".export '{path}'",
        "SELECT 2 AS b;",
    )
    assert json.loads(path.read_text(encoding="utf-8")) == [
        {"login": "admin@example.com"},
        {"login": "user01@example.com"},
    ]
    assert small.stats()["calls"] == 1
    assert (result.exit_code, result.stderr) == (0, f"2 rows written to {path}\n")
    assert result.stdout.endswith("\nb\n2\n")


def test_the_rows_of_a_statement_that_is_given_are_exported(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    result = shell(f".export {path} SELECT 1 AS a;", "SELECT 2 AS b;")
    assert result.stdout == "b\n2\n"
    assert json.loads(path.read_text(encoding="utf-8")) == [{"a": 1}]


def test_a_result_that_is_too_large_to_hold_runs_again_unless_it_changes_something(
    shell: Shell,
    fresh: Box,
    command: Callable[..., click.testing.Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("box_dialect.cli.interactive.last_result._MOST_BYTES", 100)
    path = tmp_path / "a.csv"
    result = shell("SELECT 1 AS a, 2 AS b;", f".export {path}")
    assert result.stderr == "the last result was too large to hold, or was not read to its end: it runs again\n"
    assert path.read_bytes() == b"a,b\r\n1,2\r\n"
    copy = "SELECT * FROM CopyFolder WHERE FolderId = '160000000001' AND ParentId = '0' AND Name = 'Copied';"
    for each in ("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2) RETURNING *;", copy):
        result = command(fresh.url, "shell", "-p", "Readonly=false", typed=f"{each}\n.export {path}\n")
        assert result.stderr.endswith("are not held, and to run its statement again would repeat it\n")
    assert path.read_bytes() == b"a,b\r\n1,2\r\n"


def test_what_a_statement_took_is_told_where_that_is_wanted(shell: Shell) -> None:
    result = shell(".timer", ".timer on", "SELECT 1 AS a;", ".timer off", "SELECT 1 AS a;", ".headers")
    assert result.stdout == "off\na\n1\na\n1\non\n"
    assert result.stderr.startswith("1 row, 0 API calls, ")
    assert result.stderr.count("\n") == 1


def test_what_is_shown_and_described_is_a_query() -> None:
    assert all(map(is_query, ("SHOW TABLES", "describe files", "DESC files", "EXPLAIN SELECT 1")))


def test_csv_becomes_a_local_table_of_text(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "of mine.csv"
    path.write_bytes(b'\xef\xbb\xbfid,"a ""name"""\r\n007,"x,\ny"\r\n8,\r\n')
    result = shell(f".import {path} t", 'SELECT id, "a ""name""" AS n FROM t;')
    assert result.stdout == '2 rows imported into t\nid,n\n007,"x,\ny"\n8,""\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", '[{"a": 1, "b": {"c": 2}}, {"a": null}]'), ("a.ndjson", '{"a": 1, "b": {"c": 2}}\n\n{"a": null}\n')],
)
def test_json_becomes_a_local_table_of_its_values(name: str, content: str, shell: Shell, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    result = shell(f".import {tmp_path / name} t", "SELECT typeof(a) AS t, b FROM t;")
    assert result.stdout == '2 rows imported into t\nt,b\ninteger,"{""c"":2}"\nnull,\n'


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "a,b\n1,2\n3\n", "line 3 has 1 values, and the first line 2"),
        ("a.csv", "", "a.csv names no columns"),
        ("a.csv", 'a\n"1\n', "a.csv cannot be read as .csv"),
        ("a.json", "{}", "the file is no JSON array of objects"),
        ("a.json", '[{"a": 1}, {"b": 1}]', "an object has b, which the first one has not"),
        ("a.json", '[{"a":' + "[" * 100_000, "the file is no JSON array of objects"),
        ("a.ndjson", '{"a": 1}\n[]\n', "a line is no JSON object"),
        ("a.ndjson", '{"a":' + "[" * 100_000, "a line is no JSON object"),
        ("a.doc", "", "a.doc is neither .csv"),
    ],
)
def test_a_file_is_imported_whole_or_not_at_all(
    name: str, content: str, told: str, connection: box_dialect.Connection, tmp_path: Path
) -> None:
    from box_dialect import Error
    from box_dialect.cli.interactive.imports import import_file

    (tmp_path / name).write_text(content, encoding="utf-8")
    connection.autocommit = True
    with pytest.raises(Error, match=told):
        import_file(connection, tmp_path / name, "t")
    assert connection.cursor().execute("SELECT count(*) FROM sqlite_schema").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT * FROM terms_of_service_u", ["terms_of_service_user_statuses"]),
        ("UPDATE comments SET tagg", ["tagged_message"]),
        ("SELECT id FROM comments AS c WHERE c.tagg", ["tagged_message"]),
        ("SELECT comments.tagg", ["tagged_message"]),
        ("SELECT json_group_ob", ["json_group_object"]),
        ("SELECT moment_k", []),
        ("SELECT GetOAuthAccessT", ["GetOAuthAccessToken"]),
        ("select distin", ["distinct"]),
        ("SELECT DISTIN", ["DISTINCT"]),
        ("EXEC DownloadF", ["DownloadFile"]),
        ("SELECT 'an open text tagg", []),
        (".sch", [".schema"]),
        (".mode nd", ["ndjson"]),
        (".mode parq", []),
        (".timer o", ["on", "off"]),
        ("DESCRI", ["DESCRIBE"]),
        ("desc terms_of_service_u", ["terms_of_service_user_statuses"]),
        ("SELECT 1; DESCRIBE terms_of_service_u", ["terms_of_service_user_statuses"]),
        ("SELECT id FROM comments ORDER BY id DESC LIMI", ["LIMIT"]),
        ("SHOW pro", ["procedures", "properties"]),
        ("SHOW COLUMNS FROM terms_of_service_u", ["terms_of_service_user_statuses"]),
        ("DESCRIBE PROCEDURE DownloadF", ["DownloadFile"]),
        (".schema terms_of_service_u", ["terms_of_service_user_statuses"]),
    ],
)
def test_names_are_completed_where_they_may_stand(text: str, found: list[str], complete: Complete) -> None:
    assert [each for each in complete(text) if not each.startswith("DownloadFile_")] == found


def test_columns_of_tables_that_are_named_behind_the_cursor_are_completed(connection: box_dialect.Connection) -> None:
    completer = ShellCompleter(connection, COMMANDS, WORDS)
    document = Document("SELECT tagg FROM comments", len("SELECT tagg"))
    assert [each.text for each in completer.get_completions(document, CompleteEvent())] == ["tagged_message"]


def test_local_tables_are_completed_too(connection: box_dialect.Connection, complete: Complete) -> None:
    connection.cursor().execute("CREATE TEMP TABLE of_my_own (a_column)")
    assert complete("SELECT * FROM of_my") == ["of_my_own"]
    assert complete("SELECT of_my_own.") == ["a_column"]


def test_paths_are_completed_by_one_call_for_each_folder(complete: Complete, small: Box) -> None:
    small.reset()
    assert complete("SELECT * FROM files WHERE parent_path = '/contr") == ["Contracts/"]
    assert complete("SELECT * FROM files WHERE parent_path = '/Contr") == ["Contracts/"]
    assert small.stats()["calls"] == 1
    assert "2024/" in complete("SELECT * FROM files WHERE parent_path = '/Contracts/2")
    assert small.stats()["calls"] == 2
    assert complete("SELECT * FROM files WHERE parent_path = '/Nowhere/") == []
    assert complete("SELECT 'closed' || '/contr' ") == complete("SELECT 'closed' || 'other' ")


def test_a_quote_in_a_path_is_doubled_and_what_turns_text_is_not_typed(fresh: Box) -> None:
    with fresh.connect(Readonly=False) as connection:
        names = "INSERT INTO folders (name, parent_id) VALUES ('Quo''ted', '0'), ('Quo\u202egnp', '0')"
        connection.cursor().execute(names)
        completer = ShellCompleter(connection, COMMANDS, WORDS)
        document = Document("SELECT * FROM files WHERE parent_path = '/Quo")
        found = [each.text for each in completer.get_completions(document, CompleteEvent())]
    assert found == ["Quo''ted/", "Quotes/"]


@pytest.mark.skipif(os.name == "nt", reason="modes of files")
def test_history_is_the_users_alone_and_has_no_secrets(connection: box_dialect.Connection) -> None:
    history = History(connection.catalog.procedures)
    for each in (
        "SELECT 1;",
        "SELECT * FROM shared_items WHERE shared_link_password = 'hush';",
        "EXEC GetOAuthAccessToken @ClientSecret = 'hush';",
        ".explain EXEC GetOAuthAccessToken @ClientSecret = 'hush'",
        ".export a.csv EXEC GetOAuthAccessToken @ClientSecret = 'hush'",
        ".export 'a b.csv' SELECT * FROM shared_items WHERE shared_link_password = 'hush'",
        ".exprot a.csv EXEC GetOAuthAccessToken @ClientSecret = 'hush'",
        ".export a.csv SELECT 'told'",
        ".tables",
    ):
        history.append_string(each)
    kept = history_file().read_text(encoding="utf-8")
    assert [line for line in kept.splitlines() if line.startswith("+")] == [
        "+SELECT 1;",
        "+.export a.csv SELECT 'told'",
        "+.tables",
    ]
    assert len(history.get_strings()) == 9
    assert history_file().stat().st_mode & 0o777 == 0o600
    assert history_file().parent.stat().st_mode & 0o077 == 0


def test_the_file_of_the_history_does_not_grow_without_end(connection: box_dialect.Connection) -> None:
    History(connection.catalog.procedures)
    history_file().write_text("\n# 2026-01-01\n+SELECT 1;\n" * 60_000, encoding="utf-8")
    found = [*History(connection.catalog.procedures).load_history_strings()]
    assert 10_000 < len(found) < 60_000
    assert set(found) == {"SELECT 1;"}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_ctrl_c_ends_the_statement_and_ctrl_d_the_shell(small: Box) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;"
    with terminal("shell", columns=120, BOX_URL=small.url) as found:
        found.wait_for(lambda shown: "box>" in shown)
        found.send("SELECT 6\r* 7 AS answer;\r")
        found.wait_for(lambda shown: "1 row, 0 API calls" in shown and shown.endswith("box>"))
        assert found.lines[:2] == ["box> SELECT 6", "...> * 7 AS answer;"]
        assert "42" in found.lines[4]
        found.send(f"{endless}\r")
        found.wait_for(lambda shown: "0 rows, 0 API calls, 0 calls/s" in shown)
        found.send("\x03")
        found.wait_for(lambda shown: shown.endswith("Interrupted\nbox>"))
        found.send("SELECT nam FROM files;\r")
        found.wait_for(lambda shown: "Error: no such column: nam; did you mean name?\nbox>" in shown)
        found.send("\x04")
        assert found.ended() == 0


def test_a_pager_that_cannot_be_read_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", 'less "')
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with paged() as stream:
        assert stream is sys.stdout.buffer


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_a_long_result_goes_to_the_pager_and_to_leave_that_is_no_failure(small: Box, tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\nhead -3 | tr a-z A-Z\n", encoding="utf-8")
    pager.chmod(0o700)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS name FROM n;"
    with terminal("shell", BOX_URL=small.url, PAGER=str(pager)) as found:
        found.wait_for(lambda shown: "box>" in shown)
        found.send(f"{endless}\r")
        found.wait_for(lambda shown: "NAME" in shown and shown.endswith("box>"))
        found.send("SELECT 'short' AS name;\r")
        found.wait_for(lambda shown: "\nname\n-----\nshort\n1 row, 0 API calls" in shown)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_what_a_statement_took_has_no_time_of_the_pager(small: Box, tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\ncat > /dev/null\nsleep 3\n", encoding="utf-8")
    pager.chmod(0o700)
    few = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100) SELECT i FROM n;"
    with terminal("shell", BOX_URL=small.url, PAGER=str(pager)) as found:
        found.wait_for(lambda shown: "box>" in shown)
        began = time.monotonic()
        found.send(f"{few}\r")
        told = found.wait_for(lambda shown: "100 rows, 0 API calls" in shown and shown.endswith("box>"))
        took = time.monotonic() - began
        assert float(re.findall(r"calls, ([0-9.]+) s", told)[0]) < took - 2.9  # what is told is rounded
