"""The query that reads what a statement writes to a local table."""

from __future__ import annotations

import pytest

from box_dialect.dbapi.queries import query_of


@pytest.mark.parametrize(
    ("statement", "query"),
    [
        ("INSERT INTO t (a) SELECT a FROM u WHERE b = ?", "SELECT a FROM u WHERE b = ?"),
        ("INSERT INTO t WITH u AS (SELECT 1) SELECT * FROM u", "WITH u AS (SELECT 1) SELECT * FROM u"),
        ("CREATE TEMP TABLE t AS SELECT 2", "SELECT 2"),
        ("UPDATE t SET a = u.a FROM u WHERE u.id = t.id;", "SELECT u.a FROM t, u WHERE u.id = t.id"),
        ("UPDATE OR IGNORE t AS x SET a = (SELECT 1), b = ? + 1", "SELECT (SELECT 1), ? + 1 FROM t AS x"),
        ('update "set" set a = 1 where b in (select c from d)', 'SELECT 1 FROM "set" WHERE b in (select c from d)'),
        ("UPDATE t SET (a, b) = (1, ?), c = 2", "SELECT 1, ?, 2 FROM t"),
        ("UPDATE t SET (a, b) = (SELECT c, d FROM u)", "SELECT EXISTS (SELECT c, d FROM u) FROM t"),
        ("DELETE FROM t WHERE id IN (SELECT id FROM u)", "SELECT 1 FROM t WHERE id IN (SELECT id FROM u)"),
        ("DELETE FROM t", "SELECT 1 FROM t"),
        ("INSERT INTO t SELECT a FROM u WHERE b RETURNING a", "SELECT a FROM u WHERE b "),
        (
            "INSERT INTO t SELECT 1 FROM u JOIN v ON x WHERE b ON CONFLICT DO NOTHING",
            "SELECT 1 FROM u JOIN v ON x WHERE b ",
        ),
        ("INSERT INTO t VALUES (1), (2)", None),
        ("UPDATE", None),
        ("SELECT 1", None),
        ("PRAGMA user_version", None),
    ],
)
def test_a_write_has_the_query_of_what_it_reads(statement: str, query: str | None) -> None:
    assert query_of(statement) == query
