"""What sqlglot reads and writes anew is the same to SQLite, and to Box."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw
import pytest
from differential.datasets import World, world
from differential.statements import Builder, Statement
from docs.pages import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_examples import examples
from sweep import sweep

import box_dialect
from box_dialect.catalog import TABLES
from docs import test_pages

if TYPE_CHECKING:
    from conftest import Box

sqlglot = pytest.importorskip("sqlglot")
box = pytest.importorskip("box_dialect.integrations.sqlglot", exc_type=ImportError)
from sqlglot import exp, tokens  # noqa: E402
from sqlglot.dialects.sqlite import SQLite  # noqa: E402
from sqlglot.optimizer.pushdown_predicates import pushdown_predicates  # noqa: E402

RUN = box_dialect.Cursor._run
QUERY = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
PAGES = [page for page in test_pages.RUNNABLE if not page.name.startswith("sign-in")]  # which show one query each


def anew(statement: str, *, pretty: bool = True) -> str:
    """Return a statement as SQL Lab sends it."""
    return ";\n".join(each.sql(dialect="box", pretty=pretty) for each in sqlglot.parse(statement, dialect="box"))


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES, ids=test_pages.name)
def test_statements_of_a_page_stay_as_they_are(
    page: Path, fresh: Box, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They give the rows, take the calls and raise the errors that the page shows, by the same plans."""
    monkeypatch.setattr(box_dialect.Cursor, "_run", run_anew)
    test_pages.test_the_blocks_of_a_page_run(page, fresh, monkeypatch, tmp_path)


def run_anew(cursor: box_dialect.Cursor[Any], operation: str, sets: Any, *, many: bool) -> None:
    written = anew(operation)
    if not many and QUERY.match(operation):
        with contextlib.suppress(box_dialect.Error):  # it is refused below
            assert plan(cursor, written, *sets) == plan(cursor, operation, *sets)
    RUN(cursor, written, sets, many=many)


def plan(cursor: box_dialect.Cursor[Any], statement: str, parameters: Any) -> list[str]:
    planned = cursor.connection.cursor()
    RUN(planned, f"EXPLAIN QUERY PLAN {statement}", [parameters], many=False)
    return [re.sub(r"INDEX \d+", "", detail) for *_, detail in planned]


def made_database() -> apsw.Connection:
    made = apsw.Connection(":memory:")
    made.execute("CREATE TABLE t (a, b TEXT COLLATE NOCASE, c INTEGER PRIMARY KEY, d, UNIQUE (a, b))")
    made.execute("CREATE INDEX by_d ON t (d)")
    made.execute("CREATE TABLE u (c, e); CREATE TABLE v (e); CREATE TABLE files (id, name, parent_id)")
    for name in ("regexp", "match", "date_trunc", "now", "MyFunction"):
        made.create_scalar_function(name, lambda *values: values[0] if values else None)
    return made


DATABASE = made_database()


def program(statement: str) -> list[Any]:
    """Return what SQLite makes of a statement: where that is alike, so is what is done, with any rows."""
    return [row[1:7] for row in DATABASE.execute(f"EXPLAIN {statement}")]


def assert_same_program(statement: str) -> None:
    expected = program(statement)
    for pretty in (True, False):
        assert program(anew(statement, pretty=pretty)) == expected, anew(statement, pretty=pretty)


STATEMENTS = re.sub(r"^--.*\n", "", Path(__file__).with_name("statements.sql").read_text(), flags=re.MULTILINE)


@sweep("statement", STATEMENTS.strip().removesuffix(";").split(";\n"))
def test_a_statement_stays_the_same_program(statement: str) -> None:
    assert_same_program(statement)


OPERANDS = ("a", "b", "c", "d", "b COLLATE BINARY", "1", "'x'", "NULL", "0x1f", "1.5", "TRUE", "x'41'", "(a = b)")
PREFIXES = ("", "", "", "", "-", "+", "~", "- -")
ARITHMETIC = ("||", "->", "->>", "+", "-", "*", "/", "%", "&", "|", "<<", ">>")
COMPARISONS = ("=", "==", "<>", "!=", "<", "<=", ">", ">=", "IS", "IS NOT", "IS DISTINCT FROM", "IS NOT DISTINCT FROM")
PATTERNS = ("LIKE", "GLOB", "REGEXP", "MATCH")
TESTS = ("{} ISNULL", "{} NOTNULL", "{} NOT NULL", "{} IS NULL", "{} IS NOT NULL", "{} IN (1, 2)", "{} NOT IN v")
FORMS = ("max({}, 1)", "CASE {} WHEN 1 THEN a END", "CAST({} AS TEXT)", "({})", "(SELECT {} FROM u)")


@st.composite
def expressions(draw: st.DrawFn, depth: int = 1) -> str:
    """Draw what people write: arithmetic, compared once or twice, joined by AND and OR."""

    def arithmetic() -> str:
        operands = [draw(st.sampled_from(PREFIXES)) + operand() for _ in range(draw(st.integers(1, 3)))]
        return operands[0] + "".join(f" {draw(st.sampled_from(ARITHMETIC))} {each}" for each in operands[1:])

    def operand() -> str:
        if depth and draw(st.integers(0, 3)) == 0:
            return draw(st.sampled_from(FORMS)).format(draw(expressions(depth - 1)))
        return draw(st.sampled_from(OPERANDS))

    def comparison() -> str:
        first = arithmetic()
        if draw(st.integers(0, 3)) == 0:
            first += f" {draw(st.sampled_from(COMPARISONS[:8]))} {arithmetic()}"
        negation = draw(st.sampled_from(("", "NOT ")))
        return draw(
            st.sampled_from(
                [
                    first,
                    f"{first} {draw(st.sampled_from(COMPARISONS))} {arithmetic()}",
                    draw(st.sampled_from(TESTS)).format(first),
                    f"{first} {negation}{draw(st.sampled_from(PATTERNS))} {arithmetic()}",
                    f"{first} {negation}LIKE {arithmetic()} ESCAPE 'x'",
                    f"{first} {negation}BETWEEN {arithmetic()} AND {arithmetic()}",
                ]
            )
        )

    terms = [draw(st.sampled_from(("", "NOT "))) + comparison() for _ in range(draw(st.integers(1, 2)))]
    return draw(st.sampled_from((" AND ", " OR "))).join(terms)


@pytest.mark.long
@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions())
def test_an_expression_stays_the_same_program(expression: str) -> None:
    assert_same_program(f"SELECT {expression} FROM t WHERE {expression}")


@st.composite
def statements(draw: st.DrawFn) -> tuple[World, Statement]:
    chosen = world(0)
    return chosen, Builder(draw, chosen).statement()


@pytest.mark.long
@settings(max_examples=examples(50), deadline=None, suppress_health_check=list(HealthCheck))
@given(statements())
def test_a_random_statement_gives_the_same_rows(case: tuple[World, Statement]) -> None:
    chosen, statement = case
    try:
        expected = list(chosen.plain.execute(statement.plain, statement.plain_parameters))
    except apsw.SQLError:
        return
    assert list(chosen.plain.execute(anew(statement.plain), statement.plain_parameters)) == expected


VERBATIM = (
    "EXEC GetOAuthAuthorizationURL @CallbackURL = 'http://localhost:33333;x',  @State = 'xyz'",
    "SHOW FULL TABLES  LIKE 'sys\\_%'",
    'DESCRIBE "enterprise.documentReview" LIMIT 3',
    "desc files",
    "EXPLAIN QUERY PLAN SHOW TABLES",
    "call getoauthauthorizationurl('http://localhost:33333', State => ?)",
    "PRAGMA table_info('t')",
    "PRAGMA foreign_keys = ON",
    "SELECT ?, ?2, :a, @b, $c WHERE a IS ? COLLATE NOCASE AND b LIKE ? ESCAPE ?",
    "SELECT MyFunction(a), Count(*) FROM t WHERE b REGEXP 'x' OR a NOT MATCH 'y'",
    "CREATE TABLE x (a TIMESTAMP TEXT PRIMARY KEY, b DECIMAL(10, 2) CHECK (b > 0), c AS (a || b) STORED) WITHOUT ROWID",
    "CREATE UNIQUE INDEX i ON x (a COLLATE NOCASE DESC) WHERE b /* c */ > 0",
    "CREATE VIRTUAL TABLE f USING fts5(a, tokenize = 'porter')",
    "DROP TABLE IF EXISTS x",
    "ALTER TABLE x RENAME COLUMN a TO b",
    "CREATE TABLE enterprise_x (a ENUM('b', 'c') COMMENT 'A: b' HIDDEN, d MULTISELECT('e')) WITH (hidden = true)",
    "ALTER TABLE enterprise_x ADD b TEXT, ALTER COLUMN a RENAME VALUE 'b' TO 'd', SET (comment = NULL)",
    "COMMENT ON COLUMN enterprise_x.a IS 'B'",
    "ATTACH 'x.db' AS x",
    "BEGIN IMMEDIATE",
    "SAVEPOINT s",
    "ROLLBACK TO s",
    "VACUUM",
    "EXPLAIN QUERY PLAN SELECT a FROM t",
    "EXPLAIN DELETE FROM t",
    "CREATE TABLE IF NOT EXISTS x AS SELECT CAST(a AS DATE) AS d FROM t",
    "CREATE TEMPORARY VIEW main.x (a, b) AS WITH v(z) AS (SELECT 1) SELECT z, z FROM v",
    "UPDATE OR IGNORE t SET a = 1",
    "SELECT * FROM (VALUES (1, 2), (3, 4)) AS v",
)


@sweep("statement", VERBATIM)
def test_a_statement_comes_back_word_for_word(statement: str) -> None:
    assert anew(statement, pretty=False) == statement


@sweep(
    "statement",
    (
        "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE VIEW x AS SELECT a FROM t SELECT",
        "SELECT a INTO x FROM t",
    ),
)
def test_what_would_pass_for_something_else_is_refused(statement: str) -> None:
    with pytest.raises(sqlglot.ParseError):
        sqlglot.parse(statement, dialect="box")


CHANGES = (
    "EXEC RevokeOAuthAccessToken 'x'",
    "execute \"RevokeOAuthAccessToken\" 'x'",
    "CALL SomethingElse()",
    "SELECT revokeoauthaccesstoken(token) AS done FROM leaked",
    "WITH v AS (SELECT 1) SELECT * FROM (SELECT Success FROM RevokeOAuthAccessToken('x')), v",
    "SELECT Success FROM RevokeOAuthAccessToken WHERE Token = 'x'",
    "CREATE TABLE x (a)",
    "DROP TABLE x",
    "ALTER TABLE x RENAME TO y",
    "CREATE TABLE enterprise_x (a ENUM('b') COMMENT 'A') COMMENT 'X'",
    "COMMENT ON TABLE enterprise_x IS 'Y'",
    "VACUUM",
)


@sweep("statement", CHANGES)
def test_a_statement_that_changes_something_has_a_part_that_says_so(statement: str) -> None:
    (read,) = sqlglot.parse(statement, dialect="box")
    assert read.find(exp.Alter) is not None
    assert "ALTER" not in read.sql(dialect="box").removeprefix("ALTER TABLE")


@sweep(
    "statement",
    (
        "EXEC GetOAuthAuthorizationURL",
        "CALL GetOAuthAuthorizationURL()",
        "SELECT GetOAuthAuthorizationURL(NULL, id) FROM folders",
        "SELECT URL FROM GetOAuthAuthorizationURL('x')",
        "PRAGMA table_info('t')",
        "SELECT replace(a, 'x', 'y') FROM t",
        "replace(a, 'x', 'y') = 'z'",
    ),
)
def test_what_only_reads_has_none(statement: str) -> None:
    assert sqlglot.parse_one(statement, dialect="box").find(exp.Alter, exp.Insert) is None


def test_tables_of_a_copy_are_found() -> None:
    read = sqlglot.parse_one("CREATE TABLE x AS SELECT * FROM files, (SELECT 1 FROM folders)", dialect="box")
    assert {table.name for table in read.find_all(exp.Table)} == {"x", "files", "folders"}


def test_values_that_hold_a_query_give_the_same_rows() -> None:
    for statement in ("VALUES (1, (SELECT 2)), (3, 4)", "SELECT 1 UNION VALUES ((SELECT 2))"):
        expected = DATABASE.execute(statement).fetchall()
        assert DATABASE.execute(anew(statement)).fetchall() == expected
    assert anew("INSERT INTO t (a) VALUES ((SELECT 1))", pretty=False) == "INSERT INTO t (a) VALUES ((SELECT 1))"


def test_a_condition_on_an_aggregate_does_not_move_into_the_where() -> None:
    statement = "SELECT 1 FROM (SELECT Total(c) AS n FROM t) AS v WHERE v.n > 1 AND +v.n = 2"
    read = sqlglot.parse_one(statement, dialect="box")
    moved = pushdown_predicates(read, dialect="box").sql(dialect="box")
    assert "HAVING Total(c)" in moved
    assert program(moved)


FORMS_OF_NAMES = (
    "SELECT x.{0}, {0} FROM (SELECT 1 AS {0}) AS x WHERE {0} = 1 GROUP BY {0} ORDER BY {0}",
    "SELECT {0}.a FROM (SELECT 1 AS a) {0} LEFT JOIN (SELECT 1 AS b) {0}2 ON {0}.a = b",
    "SELECT a {0}, -{0}, NOT {0}, {0} IS NULL, ({0}) FROM (SELECT 1 AS a, 2 AS {0})",
    "WITH {0}({0}) AS (SELECT 1) SELECT {0} FROM {0} WHERE {0} > 0 LIMIT 1",
)
QUOTED = {"cross", "glob", "inner", "like", "offset", "outer", "regexp", "window", "with"}
"""SQLite's words that it takes as names without quotes, and sqlglot does not."""


@pytest.mark.long
def test_words_of_other_dialects_are_names() -> None:
    known = {word.lower() for keyword in tokens.Tokenizer.KEYWORDS for word in keyword.split() if word.isidentifier()}
    columns = {column.name for table in TABLES.values() for column in table.columns}
    for word in sorted((known | columns | set(map(str.lower, apsw.keywords))) - QUOTED):
        for form in FORMS_OF_NAMES:
            statement = form.format(word)
            with contextlib.suppress(apsw.SQLError):  # where SQLite wants quotes
                expected = program(statement)
                assert program(anew(statement)) == expected


@pytest.mark.long
def test_sqlglot_finds_the_dialect_where_the_package_is_installed(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    metadata = tmp_path / "box_dialect-0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: box-dialect\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text(
        f"[sqlglot.dialects]\nbox = {project['entry-points']['sqlglot.dialects']['box']}\n"
    )
    program = "import sqlglot; print(sqlglot.transpile('SELECT instr(a, 1), +b', read='box', write='box'))"
    path = os.pathsep.join(map(str, (tmp_path, ROOT)))
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "['SELECT instr(a, 1), +b']\n"


def test_a_compiled_sqlglot_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's parser can stand on one that is compiled."""
    monkeypatch.setattr(SQLite.Parser, "parse", print)
    spec = importlib.util.spec_from_file_location("another", box.__file__)
    assert spec is not None
    assert spec.loader is not None
    with pytest.raises(ImportError, match="uninstall sqlglotc"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
