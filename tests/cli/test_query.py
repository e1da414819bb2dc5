"""`box-dialect query`, run as its users run it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click.testing
import pytest

from box_dialect.cli.commands import cli
from box_dialect.cli.progress import Mode
from box_dialect.cli.statements import statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Box

    Query = Callable[..., click.testing.Result]


@pytest.fixture
def query(small: Box) -> Query:
    """Return a function that runs the command on the small tree."""

    def run(*arguments: str, given: str | bytes | None = None, **environment: str) -> click.testing.Result:
        runner = click.testing.CliRunner(env={"BOX_URL": small.url, **environment})
        return runner.invoke(cli, ["query", *arguments], input=given)

    return run


def test_rows_go_to_standard_output_and_nothing_else_does(query: Query) -> None:
    result = query("SELECT name, size FROM files WHERE parent_id = '0' AND name = 'notes'")
    assert (result.exit_code, result.stdout_bytes, result.stderr) == (0, b"name,size\r\nnotes,24\r\n", "")


def test_sql_comes_from_standard_input_or_a_file(query: Query, tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("SELECT 'ü' AS a", encoding="utf-8")
    (tmp_path / "b.sql").write_text("SELECT 'ü' AS a", encoding="utf-8-sig")
    for result in (
        query(given="SELECT 'ü' AS a"),
        query("-", given="SELECT 'ü' AS a"),
        query("--file", "-", given="SELECT 'ü' AS a"),
        query("--file", str(tmp_path / "a.sql")),
        query("--file", str(tmp_path / "b.sql")),
    ):
        assert (result.exit_code, result.stdout_bytes.decode()) == (0, "a\r\nü\r\n"), result.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "There is no statement in the SQL."),
        (("; -- nothing",), "There is no statement in the SQL."),
        (("SELECT 1", "--file", "a.sql"), "SQL is given twice"),
        (("--file", "missing.sql"), "cannot read missing.sql: No such file or directory."),
        (("SELECT 1", "-o", "a.doc"), "a.doc does not tell its format"),
        (("SELECT 1", "-o", "missing/a.csv"), "cannot write missing/a.csv: No such file or directory"),
        (("SELECT 1; SELECT 2", "--format", "json"), "The statement of line 1 is a query, and json takes"),
        (("SELECT 1", "--format", "markdown", "--no-header"), "--no-header: markdown has the names"),
        (("SELECT 1; SELECT ?", "--params", "[1]", "--format", "table"), "belong to one statement"),
        (("SELECT 1", "--params", "{", "--param", "a=1"), "neither an object nor an array"),
        (("SELECT 1", "--params", "[" * 100_000), "neither an object nor an array"),
        (("SELECT 1", "--params", "[1]", "--param", "a=1"), "--param names a parameter, and --params has an array"),
        (("SELECT 1", "--params", "missing.json"), "cannot read missing.json"),
        (("SELECT 1", "-p", "Nothing=1"), "unknown connection property 'Nothing'"),
    ],
)
def test_wrong_usage_is_told_before_anything_runs(arguments: tuple[str, ...], told: str, query: Query) -> None:
    result = query(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_what_is_not_in_utf_8_is_told(query: Query) -> None:
    result = query(given=b"SELECT '\xff'")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot read standard input: 'utf-8' codec can't decode byte 0xff in position 8" in result.stderr
    result = query("SELECT '\udcff';")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Error: 'utf-8' codec can't encode character" in result.stderr


def test_a_long_script_is_looked_at_once() -> None:
    looked_at = 0

    class Script(str):
        __slots__ = ()

        def count(self, part: str, start: int, end: int) -> int:
            nonlocal looked_at
            looked_at += end - start
            return super().count(part, start, end)

    script = Script("SELECT 1;\n\n" * 500)
    assert [each.line for each in statements(script)] == [*range(1, 1000, 2)]
    assert looked_at <= len(script)


@pytest.mark.parametrize("comment", ["-- the root\n", "--\n", "--what\n", "-- a = b\n"])
def test_sql_may_begin_with_a_comment(comment: str, query: Query) -> None:
    assert query(f"{comment}SELECT 1 AS a").stdout == "a\n1\n"
    assert query("--formt", f"{comment}SELECT 1 AS a").exit_code == 2
    assert "line 3: " in query("--format", "table", f"{comment}SELECT 1;\nSELEC 2").stderr


def test_a_failure_does_not_steer_the_terminal(query: Query) -> None:
    assert query('SELECT * FROM "a\x1b[31m"').stderr.startswith("Error: no such table: a\\x1b[31m; the tables are ")


def test_a_statement_that_fails_is_one_line(query: Query) -> None:
    result = query("SELECT nam FROM files")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: no such column: nam; did you mean name?\n"


def test_a_sign_in_that_fails_has_an_exit_code_of_its_own(query: Query, small: Box) -> None:
    wrong = small.url.replace(small.emulator.ready["client_secret"], "wrong")
    result = query(wrong, "SELECT id FROM users")
    assert result.exit_code == 3
    assert "wrong" not in result.output.replace("client_secret is wrong", "")


def test_a_bound_that_is_reached_has_one_too(query: Query) -> None:
    result = query("SELECT id FROM files", "--max-calls", "1")
    assert result.exit_code == 4
    assert "MaxApiCalls" in result.stderr
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    result = query(sql, "--timeout", "1")
    assert result.exit_code == 4
    assert "Timeout" in result.stderr


def test_a_script_runs_in_its_order_and_gives_the_rows_of_its_last_statement(query: Query) -> None:
    script = """
        CREATE TABLE t (a); -- a comment; with a semicolon
        CREATE TRIGGER double AFTER INSERT ON t BEGIN UPDATE t SET a = 2 * new.a WHERE a = new.a; SELECT 1; END;
        WITH v(b) AS (VALUES (1), (3)) INSERT INTO t SELECT b FROM v RETURNING a;
        SELECT a, 'x;y' AS b FROM t
    """
    assert query(script).stdout_bytes == b"a,b\r\n2,x;y\r\n6,x;y\r\n"


def test_a_table_shows_the_rows_of_every_statement(query: Query) -> None:
    result = query("SELECT 1 AS a; CREATE TABLE t (x); SELECT 2 AS b", "--format", "table")
    assert result.stdout == "a\n-\n1\n\nb\n-\n2\n"


def test_the_line_of_the_statement_that_fails_is_told_where_there_are_several(query: Query) -> None:
    result = query("--format", "table", given="CREATE TABLE t (a);\n\n\nSELECT b FROM t;\nSELECT 1")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: line 4: no such column: b")


def test_parameters_have_names_or_places(query: Query, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1, "b": "from a file"}', encoding="utf-8")
    sql = "SELECT :a AS a, :b AS b"
    for arguments, expected in (
        (("--param", "a=1", "--param", "b=x=y"), '{"a":"1","b":"x=y"}'),
        (("--params", '{"a": 1, "b": null}'), '{"a":1,"b":null}'),
        (("--params", str(tmp_path / "a.json"), "--param", "a=2"), '{"a":"2","b":"from a file"}'),
    ):
        assert query(sql, "--format", "ndjson", *arguments).stdout == f"{expected}\n"
    assert query("SELECT ? AS a, ? AS b", "--format", "ndjson", "--params", "[1.5, true]").stdout == '{"a":1.5,"b":1}\n'
    assert "there is no value for the parameter 'b'" in query(sql, "--param", "a=1").stderr


def test_what_writes_says_nothing_on_standard_output(query: Query) -> None:
    result = query("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    assert (result.exit_code, result.output) == (0, "")


def test_a_file_is_there_once_it_is_whole(query: Query, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("before", encoding="utf-8")
    path.chmod(0o640)
    (tmp_path / "same.csv").hardlink_to(path)  # what has the file open goes on to read what it was
    assert query("SELECT name FROM files WHERE name = 'notes'", "-o", str(path)).output == ""
    assert path.read_bytes() == b"name\r\nnotes\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "same.csv").read_text(encoding="utf-8") == "before"


def test_a_file_stays_as_it_was_where_the_statement_fails_among_its_rows(query: Query, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("before", encoding="utf-8")
    fails = "SELECT iif(value < 500, value, json(value || 'x')) AS a FROM generate_series(1, 1000)"
    sql = fails.replace(
        "generate_series(1, 1000)",
        "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 1000) SELECT * FROM n)",
    )
    assert query(sql, "-o", str(path)).exit_code == 1
    assert path.read_text(encoding="utf-8") == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.skipif(os.name == "nt", reason="devices")
def test_what_is_no_regular_file_is_written_as_it_is(query: Query) -> None:
    assert query("SELECT 1 AS a", "-o", "/dev/null", "--format", "csv").exit_code == 0
    assert not Path("/dev/null").is_file()


def test_a_link_stays_one(query: Query, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "target.csv")
    query("SELECT 1 AS a", "-o", str(tmp_path / "link.csv"))
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "target.csv").read_bytes() == b"a\r\n1\r\n"


def test_explain_tells_the_plan_and_the_calls_and_makes_none(query: Query, small: Box) -> None:
    small.reset()
    result = query("SELECT name FROM files WHERE parent_id = '0'", "--explain")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith("  plan  files  by parent: GET /folders/{parent_id}/items")
    assert "1 API call" in result.stdout.splitlines()[-1]
    assert query("SELECT nam FROM files", "--explain").exit_code == 1
    assert small.stats()["calls"] == 0


def test_a_format_without_its_extra_says_what_to_install(query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "box_dialect.arrow", raising=False)
    result = query("SELECT 1 AS a", "--format", "parquet")
    assert result.exit_code == 2
    assert "run: pip install 'box-dialect[arrow]'" in result.stderr


def test_warnings_are_one_line_each(query: Query, written: Box) -> None:
    script = "BEGIN; INSERT INTO folders (name, parent_id) VALUES ('Of a script', '0'); ROLLBACK"
    result = query(written.url, script, "-p", "Readonly=false")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("Warning: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "terminal", "is_terminal", "mode"),
    [
        (None, "xterm", True, Mode.LIVE),
        (None, "dumb", True, Mode.PLAIN),
        ("plain", "xterm", True, Mode.PLAIN),
        ("live", "xterm", False, Mode.NONE),
        (None, "xterm", False, Mode.NONE),
    ],
)
def test_progress_fits_the_terminal(
    name: str | None, terminal: str, is_terminal: bool, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return is_terminal

    monkeypatch.setenv("TERM", terminal)
    assert Mode.of(name, Stream()) is mode


def test_who_reads_no_further_ends_it_quietly(small: Box) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    command = [sys.executable, "-m", "box_dialect.cli", "query", sql]
    environment = {**os.environ, "BOX_URL": small.url}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"i\r\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device is Linux's")
@pytest.mark.parametrize("command", [("query", "SELECT id FROM files"), pytest.param(("ls",), marks=pytest.mark.long)])
def test_where_output_is_full_that_is_told_once(command: tuple[str, ...], small: Box) -> None:
    environment = {**os.environ, "BOX_URL": small.url, "PYTHONUNBUFFERED": ""}
    with Path("/dev/full").open("wb") as full:
        found = subprocess.run(
            [sys.executable, "-m", "box_dialect.cli", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment,
            check=False,
        )
    assert (found.returncode, found.stderr) == (1, b"Error: cannot use standard output: No space left on device\n")


def test_json_can_be_piped(query: Query) -> None:
    found = json.loads(query("SELECT id, tags FROM files WHERE name = 'Notes.txt'", "--format", "json").stdout)
    assert found[0]["tags"] == ["todo"]
