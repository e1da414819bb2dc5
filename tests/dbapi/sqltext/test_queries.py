"""The query that reads what a statement writes to a local table."""

from __future__ import annotations

import pytest
from sweep import sweep

from box_dialect.dbapi.sqltext.queries import query_of

pytestmark = pytest.mark.usefixtures("no_network")

WHOLE = " LIMIT -1 OFFSET 0"
"""What keeps SQLite from reading an EXISTS in other scans than the write does."""


@sweep(
    ("statement", "query"),
    [
        ("INSERT INTO t (a) SELECT a FROM u WHERE b = ?", "SELECT a FROM u WHERE b = ?"),
        ("INSERT INTO t WITH u AS (SELECT 1) SELECT * FROM u", "WITH u AS (SELECT 1) SELECT * FROM u"),
        ("CREATE TEMP TABLE t AS SELECT 2", "SELECT 2"),
        ("UPDATE t SET a = u.a FROM u WHERE u.id = t.id;", f"SELECT u.a FROM t, u WHERE u.id = t.id{WHOLE}"),
        ("UPDATE OR IGNORE t AS x SET a = (SELECT 1), b = ? + 1", f"SELECT (SELECT 1), ? + 1 FROM t AS x{WHOLE}"),
        (
            'update "set" set a = 1 where b in (select c from d)',
            f'SELECT 1 FROM "set" WHERE b in (select c from d){WHOLE}',
        ),
        ("UPDATE t SET (a, b) = (1, ?), c = 2", f"SELECT 1, ?, 2 FROM t{WHOLE}"),
        ("UPDATE t SET (a, b) = (SELECT c, d FROM u)", f"SELECT EXISTS (SELECT c, d FROM u) FROM t{WHOLE}"),
        ("DELETE FROM t WHERE id IN (SELECT id FROM u)", f"SELECT 1 FROM t WHERE id IN (SELECT id FROM u){WHOLE}"),
        ("DELETE FROM t", f"SELECT 1 FROM t{WHOLE}"),
        ("INSERT INTO t SELECT a FROM u WHERE b RETURNING a", "SELECT a FROM u WHERE b "),
        (
            "INSERT INTO t SELECT 1 FROM u JOIN v ON x WHERE b ON CONFLICT DO NOTHING",
            "SELECT 1 FROM u JOIN v ON x WHERE b ",
        ),
        ("WITH u AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM u", "WITH u AS (SELECT 1 AS a) SELECT a FROM u"),
        ("WITH u AS (SELECT 1) SELECT * FROM u", None),
        ("INSERT INTO t VALUES (1), (2)", None),
        ("UPDATE", None),
        ("SELECT 1", None),
        ("PRAGMA user_version", None),
    ],
)
def test_a_write_has_the_query_of_what_it_reads(statement: str, query: str | None) -> None:
    assert query_of(statement) == query
