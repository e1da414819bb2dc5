"""What SQLite's own RETURNING gives for an ordinary table, a table of Box gives for the same rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import apsw
import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st
from random_examples import examples
from sweep import sweep

import box_dialect
from box_dialect.catalog import TABLES
from box_dialect.dbapi.sqltext.returning import returning
from box_dialect.emulator import Emulator, Options
from box_dialect.engine.sql.collations import add_collations

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = "[mn][0-9]"
"""The names of the rows that a test writes."""

MOST_PARAMETERS = 24

COLUMNS = ("id", "type", "name", "parent_id", "path", "depth", "description", "created_at", "can_non_owners_invite")

VALUES = st.one_of(st.none(), st.integers(-3, 3), st.sampled_from(["", "a", "RETURNING", "ä'\"", "--", "?"]))

COLUMN = st.sampled_from(
    [*COLUMNS, *(f"folders.{name}" for name in COLUMNS), '"name"', "[depth]", "`id`", "main.folders.id"]
)
LITERAL = st.sampled_from(
    ["1", "NULL", "'RETURNING ?'", "'it''s; -- no'", "x'00ff'", "1e2", '"no such"', "/* ? */ 2", "2 -- ?\n"]
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["||", "+", "=", "IS", "<", "AND"]), inner).map(" ".join).map("({})".format),
        inner.map("upper({})".format),
        inner.map("length({})".format),
        st.tuples(inner, inner).map(lambda both: f"coalesce({', '.join(both)})"),
        st.tuples(inner, inner, inner).map(lambda three: "CASE {} WHEN {} THEN {} END".format(*three)),
        inner.map("(SELECT max(x) FROM (SELECT {} AS x UNION ALL SELECT 1))".format),
        inner.map("(SELECT count(*) FROM other WHERE a <> {})".format),
        inner.map("CAST({} AS INTEGER)".format),
        inner.map("sum({})".format),
    )


def expressions(parameter: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(st.one_of(COLUMN, LITERAL, parameter), combined, max_leaves=5)


def clauses(parameter: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return the clauses of one to three columns, some with a name; `*` and unknown columns are among them."""
    term = st.one_of(
        st.tuples(expressions(parameter), st.sampled_from(["", " AS x", ' "AS y"', " 'z'"])).map("".join),
        st.sampled_from(["*", "nosuch", "folders.*"]),
    )
    listed = st.lists(term, min_size=1, max_size=3).map(", ".join)
    return st.tuples(st.sampled_from(["RETURNING ", "returning\n", "Returning/**/"]), listed).map("".join)


by_position = st.tuples(
    clauses(st.sampled_from(["?", "?", "?1", "?2", ":a", "@b"])),
    st.lists(VALUES, min_size=MOST_PARAMETERS, max_size=MOST_PARAMETERS),
)
by_name = st.tuples(clauses(st.sampled_from([":a", "@b", "$c"])), st.fixed_dictionaries(dict.fromkeys("abc", VALUES)))


class Pair:
    """A connection to Box, and SQLite with an ordinary table of the same name and columns."""

    def __init__(self, url: str) -> None:
        self.box = box_dialect.connect(url)
        self.cursor = self.box.cursor()
        self.plain = apsw.Connection(":memory:")
        self.plain.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
        self.failures: list[box_dialect.DataError] = []
        add_collations(self.plain, self.failures.append)  # a timestamp beside another text is an error on both sides
        visible = ", ".join(column.schema for column in TABLES["folders"].columns if not column.hidden)
        self.plain.execute(f"CREATE TABLE folders ({visible}); CREATE TABLE other (a)")
        self.box.sqlite.execute("CREATE TABLE other (a)")
        for sqlite in (self.plain, self.box.sqlite):
            sqlite.execute("INSERT INTO other VALUES ('a'), (1)")

    def load(self) -> None:
        """Put the rows that tests wrote to Box into the ordinary table, in the order of their names."""
        self.plain.execute("DELETE FROM folders")
        self.box.cursor().execute("SELECT 1")  # the driver has the last failure until its next statement
        rows = self.box.sqlite.execute(
            "SELECT * FROM folders WHERE parent_id = '0' AND name GLOB ? ORDER BY name", (OWN,)
        )
        for row in rows.fetchall():
            self.plain.execute(f"INSERT INTO folders VALUES ({', '.join('?' * len(row))})", row)

    def expected(self, clause: str, uses: str, parameters: Any) -> list[tuple[Any, ...]] | None:
        """Return what SQLite gives for all rows of the ordinary table; None where it refuses the clause."""
        self.failures.clear()
        try:
            found = self.plain.execute(f"UPDATE folders SET depth = depth WHERE {uses} {clause}", parameters).fetchall()
        except (apsw.SQLError, UnicodeDecodeError):  # a function may make a text that is none of a blob
            return None
        return None if self.failures else found

    def got(self, statement: str, parameters: Any) -> list[tuple[Any, ...]] | None:
        """Return what the driver gives; None where it refuses the clause."""
        try:
            return [_stored(row) for row in self.cursor.execute(statement, parameters).fetchall()]
        except (box_dialect.ProgrammingError, box_dialect.DataError):
            return None


def _stored(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        value.replace(tzinfo=None).isoformat(" ", "microseconds") if hasattr(value, "isoformat") else value
        for value in row
    )


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with Emulator(Options()) as emulator:
        pair = Pair(emulator.ready["url"])
        yield pair
        pair.box.close()


@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(1, 3), st.one_of(by_position, by_name))
def test_rows_are_those_of_sqlite(pair: Pair, rows: int, asked: tuple[str, Any]) -> None:
    clause, parameters = asked
    note(f"{clause}\n{parameters}")
    names = [f"n{number}" for number in range(rows)]
    if isinstance(parameters, dict):
        places = [f":k{number}" for number in range(rows)]
        parameters = parameters | {f"k{number}": name for number, name in enumerate(names)}
    else:
        places, parameters = ["?"] * rows, names + parameters
    listed = ", ".join(places)
    uses = f"coalesce({listed}, 1) IS NOT NULL"
    if not isinstance(parameters, dict):
        parameters = parameters[: _number_of(pair.plain, f"UPDATE folders SET depth = 1 WHERE {uses} {clause}")]
    pair.cursor.execute("DELETE FROM folders WHERE parent_id = '0' AND name GLOB ?", (OWN,))

    values = ", ".join(f"({place}, '0')" for place in places)
    got = pair.got(f"INSERT INTO folders (name, parent_id) VALUES {values} {clause}", parameters)
    pair.load()
    expected = pair.expected(clause, uses, parameters)
    assert got == expected
    event("refused" if expected is None else "taken")
    if expected is None:
        return
    assert len(expected) == pair.cursor.rowcount == rows

    where = f"WHERE parent_id = '0' AND 'n' || substr(name, 2) IN ({listed})"
    got = pair.got(f"UPDATE folders SET name = 'm' || substr(name, 2) {where} {clause}", parameters)
    pair.load()
    assert Counter(got or []) == Counter(pair.expected(clause, uses, parameters))
    assert pair.cursor.rowcount == rows
    got = pair.got(f"DELETE FROM folders {where} {clause}", parameters)
    assert Counter(got or []) == Counter(pair.expected(clause, uses, parameters))
    assert pair.cursor.rowcount == rows


def _number_of(plain: apsw.Connection, statement: str) -> int:
    """Return how many parameters SQLite counts in a statement, 0 where it refuses it."""
    for number in range(MOST_PARAMETERS):
        try:
            plain.execute(f"EXPLAIN {statement}", ("",) * number)
        except apsw.BindingsError:
            continue
        except apsw.SQLError:
            return 0
        return number
    raise AssertionError("more parameters than there are values")


@sweep(
    "statement",
    [
        "SELECT 'RETURNING' FROM folders",
        "INSERT INTO folders (name) SELECT 'RETURNING'",
        'UPDATE folders SET name = "RETURNING" -- RETURNING id',
        "INSERT INTO other VALUES (1) RETURNING a",
        "UPDATE items SET name = 'x' RETURNING id",
        "INSERT INTO folders (name) SELECT x FROM (SELECT 1 AS returning_x)",
        "EXPLAIN DELETE FROM folders RETURNING id",
        "RETURNING INSERT",
        "INSERT RETURNING",
        "INSERT INTO",
        "",
    ],
)
def test_what_is_left_to_sqlite(statement: str) -> None:
    assert returning(statement, TABLES) is None


@pytest.mark.parametrize(
    ("statement", "write", "parameters"),
    [
        ("INSERT INTO folders (name) VALUES (?) RETURNING ?, id", "INSERT INTO folders (name) VALUES (?) ", 1),
        ("/* c */ REPLACE INTO [Folders] VALUES (?3) returning id;", "/* c */ REPLACE INTO [Folders] VALUES (?3) ", 3),
        ('DELETE FROM main."folders" RETURNING id', 'DELETE FROM main."folders" ', 0),
        ("; ;WITH a AS (SELECT 1) DELETE FROM folders RETURNING id", "; ;WITH a AS (SELECT 1) DELETE FROM folders ", 0),
        (
            "WITH a AS (SELECT ? AS r), replace AS (DELETE) UPDATE OR IGNORE temp.folders SET name = :n RETURNING ?",
            "WITH a AS (SELECT ? AS r), replace AS (DELETE) UPDATE OR IGNORE temp.folders SET name = :n ",
            2,
        ),
    ],
)
def test_the_write_is_the_statement_without_the_clause(statement: str, write: str, parameters: int) -> None:
    found = returning(statement, TABLES)
    assert found is not None
    assert found.write == write
    most = max((number for _, number in found.places), default=0)
    assert len(found.write_values((0,) * most)) == parameters
