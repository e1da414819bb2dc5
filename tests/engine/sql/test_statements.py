"""Whatever text is given as a statement, it works or raises a PEP 249 exception, and a second statement never runs."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pytest
from conftest import Box
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_examples import examples
from sweep import sweep

import box_dialect
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

fuzz = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=examples(50),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

INSERT = "INSERT INTO folders (name, parent_id) VALUES ('second', '0')"
CREATE = "CREATE TABLE second (a)"

REAL = (
    "SELECT name, size FROM files WHERE parent_id = '0' ORDER BY size DESC LIMIT 3 OFFSET 1",
    "SELECT f.name, c.message FROM files AS f JOIN comments c ON c.item_id = f.id WHERE f.id IN (?, '12', :a)",
    'WITH big AS (SELECT id, "size" FROM [files] WHERE size > 10.5e1) SELECT count(*) FROM big /* all */',
    "INSERT OR IGNORE INTO folders (name, parent_id) VALUES ('fuzz', '0'), (x'00ff', NULL)",
    "UPDATE folders SET name = name || '-', description = NULL WHERE id = '0' -- the root",
    "DELETE FROM web_links WHERE id IN (SELECT id FROM items WHERE type > 'w' AND name LIKE '%x\\_%' ESCAPE '\\')",
    "SELECT * FROM files WHERE files MATCH 'budget' AND created_at >= '2020-01-01' GROUP BY parent_id HAVING count(*)",
    "CREATE TEMP TABLE IF NOT EXISTS kept AS SELECT id FROM files EXCEPT SELECT id FROM items",
    "EXPLAIN QUERY PLAN SELECT CASE WHEN size THEN 1 ELSE CAST(size AS TEXT) END FROM folders NATURAL JOIN items",
    "SELECT json_extract(tags, '$[0]'), row_number() OVER (PARTITION BY parent_id) FROM files WINDOW w AS ()",
    "PRAGMA table_info(files)",
    "SAVEPOINT a",
)
TOKEN = re.compile(r"--[^\n]*|/\*.*?\*/|'[^']*'|\"[^\"]*\"|\[[^]]*]|\w+|\s+|.", re.DOTALL)
NOISE = (
    "\0",
    "\ud800",
    ";",
    "--",
    "/*",
    "*/",
    "'",
    '"',
    "\n",
    "\x0b",
    "\xa0",
    "\ufeff",
    "🙂",
    "?",
    ":a",
    "(",
    ")",
    "NULL",
)


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """An emulator for statements of which nobody knows what they do."""
    with Emulator(Options()) as emulator:
        yield Box(emulator)


@pytest.fixture(scope="module")
def victim(box: Box) -> Iterator[box_dialect.Connection]:
    with box.connect() as connection:
        yield connection


@st.composite
def mutated(draw: st.DrawFn) -> str:
    tokens: list[str] = TOKEN.findall(draw(st.sampled_from(REAL)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(tokens) - 1)) if tokens else 0
        match draw(st.sampled_from(("delete", "double", "insert", "swap"))):
            case "delete":
                del tokens[place : place + 1]
            case "double":
                tokens[place:place] = tokens[place : place + draw(st.integers(1, 4))]
            case "insert":
                tokens.insert(place, draw(st.sampled_from(NOISE)))
            case "swap":
                other = draw(st.sampled_from(REAL))
                tokens[place : place + 1] = draw(st.lists(st.sampled_from(TOKEN.findall(other)), max_size=3))
    return "".join(tokens)


def run(connection: box_dialect.Connection, sql: str, parameters: object = ()) -> None:
    """Run what may fail, and find the connection usable."""
    cursor = connection.cursor()
    with contextlib.suppress(box_dialect.Error):
        cursor.execute(sql, parameters)  # type: ignore[arg-type]
        cursor.fetchmany(3)
    cursor.close()
    if connection.sqlite.in_transaction:
        connection.sqlite.execute("ROLLBACK")
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


@given(sql=st.text(st.characters(categories=None)))
@fuzz
def test_any_text_works_or_raises_a_pep_249_exception(victim: box_dialect.Connection, sql: str) -> None:
    run(victim, sql)


@given(sql=mutated())
@fuzz
def test_any_damaged_statement_works_or_raises_a_pep_249_exception(victim: box_dialect.Connection, sql: str) -> None:
    run(victim, sql)
    run(victim, sql, ("1", None))
    run(victim, sql, {"a": b"\0"})


@sweep("sql", REAL)
def test_the_statements_themselves_are_good(small: Box, sql: str) -> None:
    with small.connect(Readonly="true") as connection:
        cursor = connection.cursor()
        parameters = ("1", "2") if "?" in sql else ()
        if re.match("INSERT|UPDATE|DELETE|CREATE", sql):
            with pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
                cursor.execute(sql, parameters)
        else:
            cursor.execute(sql, parameters).fetchall()


SEPARATORS = st.text(st.sampled_from(" \t\n;"), max_size=3).map(lambda text: f";{text}")
COMMENTS = st.lists(
    st.sampled_from(("", "/**/", "/* ; */", "/* '*/", "-- ;\n", "--\n", "/*/*/", "\n")), max_size=4
).map("".join)
FIRST = st.sampled_from(
    ("SELECT 1", "SELECT 'é;🙂'", "VALUES (1)", CREATE, INSERT, "PRAGMA user_version", "SAVEPOINT a")
)


@pytest.mark.long
@given(first=FIRST, before=COMMENTS, separator=SEPARATORS, between=COMMENTS, after=COMMENTS)
@fuzz
def test_a_second_statement_runs_neither_itself_nor_the_first(
    box: Box, before: str, first: str, separator: str, between: str, after: str
) -> None:
    folders = set(box.store.items["folder"])
    with box.connect() as connection:
        with pytest.raises(box_dialect.ProgrammingError, match="one statement at a time, and nothing was run"):
            connection.cursor().execute(f"{before}{first}{separator}{between}{INSERT}{after}")
        assert connection.cursor().execute("SELECT name FROM sqlite_schema").fetchall() == []
        assert not connection.sqlite.in_transaction
    assert set(box.store.items["folder"]) == folders


@pytest.mark.parametrize("tail", ["; SELECT 1", ";\xa0", ";\u2003", ";\x0b", ";\0", "; x", ";/**/x/**/", ";\ufeff"])
def test_what_sqlite_cannot_skip_stops_the_first_statement(connection: box_dialect.Connection, tail: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError):
        connection.cursor().execute(CREATE + tail)
    assert connection.cursor().execute("SELECT * FROM sqlite_schema").fetchall() == []


@given(
    before=COMMENTS, after=COMMENTS, end=st.sampled_from(("", ";", ";;", " ; \n;", "/* open", "-- open", ";/* 'open"))
)
@fuzz
def test_comments_and_semicolons_are_no_statement(
    victim: box_dialect.Connection, before: str, after: str, end: str
) -> None:
    assert victim.cursor().execute(f"{before}SELECT 7{after}{end}").fetchall() == [(7,)]


def test_many_comments_take_no_time(connection: box_dialect.Connection) -> None:
    comments = "/* */ -- x\n" * 20_000
    assert connection.cursor().execute(f"SELECT 1;{comments}").fetchall() == [(1,)]
    with pytest.raises(box_dialect.ProgrammingError, match="one statement"):
        connection.cursor().execute(f"SELECT 1;{comments}SELECT 2")


@pytest.mark.parametrize("sql", ["", " \t\r\n\f", ";", ";;", "-- only", "/* only */", "/* open", "/**/--\n;"])
def test_nothing_is_no_statement(connection: box_dialect.Connection, sql: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="the statement is empty"):
        connection.cursor().execute(sql)


def test_executemany_takes_one_statement_too(fresh: Box) -> None:
    folders = set(fresh.store.items["folder"])
    with fresh.connect() as connection:
        with pytest.raises(box_dialect.ProgrammingError, match="one statement"):
            connection.cursor().executemany(f"{INSERT};{INSERT}", [(), ()])
        assert set(fresh.store.items["folder"]) == folders
