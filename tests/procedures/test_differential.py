"""What is called for the rows of a random statement gives what SQLite's own evaluation of a pure function gives."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import apsw
import pytest
from random_examples import examples

import box_dialect
from box_dialect.catalog import Column
from box_dialect.catalog.model.procedure import Input, Procedure

if TYPE_CHECKING:
    from conftest import Box

STATEMENTS = examples(1_000)

ROWS = [(n, text, other) for n, (text, other) in enumerate(zip("cabbage", "xyxyzzx", strict=True))]

EXPRESSIONS = (
    ["Wrap(a)", "Wrap(b)", "(Wrap(a))", '"wrap"(a)', "[WRAP](a || b)", "Wrap((SELECT max(b) FROM t))"] * 6
    + ["CASE WHEN a > 'b' THEN Wrap(a) END", "CASE a WHEN 'b' THEN Wrap(b) WHEN 'a' THEN (Wrap(a)) ELSE b END"] * 2
    + ["CASE WHEN a > 'b' THEN CASE WHEN b = 'x' THEN Wrap(a) ELSE 0 END END", "CASE WHEN Wrap(a) THEN a END"]
    + ["upper(Wrap(a))", "Wrap(a) ISNULL", "Wrap(a) || ''", "NOT(Wrap(a))", "Wrap(Wrap(a))", "count(Wrap(a))"]
    + ["Wrap(a) COLLATE nocase", "Wrap(a) IN ('<a>')", "coalesce(Wrap(a), 1)", "-Wrap(n)", "Wrap(max(a))"]
    + ["a", "b", "n", "n + 1", "*", "t.*", "count(*) OVER ()", "a IS DISTINCT FROM b", "(SELECT s FROM t LIMIT 1)"]
)
ALIASES = [""] * 12 + [" AS s", " s", ' AS "a"', " 'b'", " AS [n]", " end", " window", " AS materialized", " isnull"]
SOURCES = ["t", "t AS s", "t, (SELECT 1 AS one)", "t JOIN t AS u USING (n)", "(SELECT n, a, b FROM t LIMIT 4) AS t"]
CONDITIONS = [
    "n > 1",
    "a > 'a' AND b < 'z'",
    "b LIKE 'x%'",
    "s > '<b>'",
    "a = '<a>'",
    "a IS DISTINCT FROM s",
    "n IN (SELECT n FROM t)",
    "EXISTS (SELECT s)",
]
TERMS = [
    "a",
    "n",
    "s",
    '"b"',
    "1",
    "2",
    "+1",
    "likely(2)",
    "(1)",
    "0x1",
    "a || s",
    "(SELECT s)",
    "Wrap(a)",
    "-n",
    "1 + 1",
]
SPACES = [" "] * 12 + ["\n", "\ufeff ", " \v", "/* ' FROM */", "-- ) ORDER BY 1\n"]


def drawn(random: random.Random) -> str:
    """Draw a statement, which SQLite may well refuse."""
    columns = ", ".join(random.choice(EXPRESSIONS) + random.choice(ALIASES) for _ in range(random.choice([1, 1, 2, 3])))
    parts = [random.choice(["SELECT"] * 9 + ["SELECT ALL", "SELECT DISTINCT"]), columns]
    if random.random() < 0.95:
        parts += ["FROM", random.choice(SOURCES)]
    if random.random() < 0.4:
        parts += ["WHERE", random.choice(CONDITIONS)]
    if random.random() < 0.1:
        parts += ["GROUP BY", random.choice(TERMS)]
    if random.random() < 0.1:
        parts += [random.choice(["UNION ALL", "EXCEPT"]), "SELECT", random.choice(EXPRESSIONS)]
    if random.random() < 0.6:
        ends = ["", " DESC", " COLLATE nocase ASC", " NULLS LAST"]
        parts += ["ORDER BY", ", ".join(random.choice(TERMS) + random.choice(ends) for _ in range(2))]
    if random.random() < 0.5:
        parts += ["LIMIT", random.choice(["1", "3", "2 OFFSET 1", "1, 2", "0"])]
    if random.random() < 0.1:
        parts = ["WITH x AS (SELECT Wrap(a) FROM t)" if random.random() < 0.5 else "WITH x AS (SELECT 1)", *parts]
    return "".join(random.choice(SPACES) if each == " " else each for each in " ".join(parts))


async def _wrapped(_context: Any, *, value: str | None) -> list[tuple[str]]:
    return [(f"<{value}>",)]


WRAP = Procedure(
    name="Wrap",
    doc="Put a value into brackets.",
    inputs=(Input(name="Value", doc="The value."),),
    outputs=(Column("Wrapped", doc="The value in brackets."),),
    side_effect=True,
    run=_wrapped,
)


@pytest.mark.long
@pytest.mark.hypothesis  # which draws by itself
def test_the_rows_are_those_of_a_pure_function(small: Box) -> None:
    plain = apsw.Connection(":memory:")
    plain.create_scalar_function("Wrap", lambda value: f"<{value}>", 1)
    with small.connect() as connection:
        connection.catalog.add(WRAP)
        cursor = connection.cursor()
        for each in (plain, cursor):
            each.execute("CREATE TABLE t (n INTEGER, a TEXT, b TEXT)")
            each.executemany("INSERT INTO t VALUES (?, ?, ?)", ROWS)
        source, called = random.Random(1), 0
        for _ in range(STATEMENTS):
            sql = drawn(source)
            try:
                rows = cursor.execute(sql).fetchall()
            except box_dialect.ProgrammingError:
                continue
            assert rows == plain.execute(sql).fetchall(), sql
            called += any("<" in str(value) for row in rows for value in row)
        assert called > STATEMENTS / 40
