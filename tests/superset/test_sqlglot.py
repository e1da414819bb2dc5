"""Superset changes statements of this dialect, and finds in them what it looks for."""

from __future__ import annotations

import apsw
import pytest
from sweep import sweep

parse = pytest.importorskip("superset.sql.parse", reason="Superset is not installed")
from box_dialect.integrations.sqlglot import Box  # noqa: E402


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(parse.SQLGLOT_DIALECTS, "box", Box)


def script(statement: str) -> parse.SQLScript:
    return parse.SQLScript(statement, "box")


def flat(statement: parse.SQLStatement) -> str:
    """Return what is sent, on one line."""
    return " ".join(statement.format().split()).replace("( ", "(").replace(" )", ")")


LIMITED = {
    "SELECT a FROM t": "SELECT a FROM t LIMIT 11",
    "SELECT a FROM t LIMIT 5, 100": "SELECT a FROM t LIMIT 11 OFFSET 5",
    "SELECT a FROM t ORDER BY b DESC LIMIT -1": "SELECT a FROM t ORDER BY b DESC LIMIT 11",
    "WITH v(x) AS (SELECT 1) SELECT x FROM v, t": "WITH v(x) AS (SELECT 1) SELECT x FROM v, t LIMIT 11",
    "SELECT 1 UNION ALL SELECT 2": "SELECT 1 UNION ALL SELECT 2 LIMIT 11",
    "SELECT a FROM files WHERE files MATCH 'x'": "SELECT a FROM files WHERE files MATCH 'x' LIMIT 11",
    "VALUES (1), (2)": "SELECT * FROM (VALUES (1), (2)) LIMIT 11",
    "EXPLAIN QUERY PLAN SELECT a FROM t": "EXPLAIN QUERY PLAN SELECT a FROM t",
    "EXEC GetOAuthAuthorizationURL": "EXEC GetOAuthAuthorizationURL",
    "PRAGMA table_info('t')": "PRAGMA table_info('t')",
}


@sweep("statement, sent", LIMITED.items())
def test_a_limit_is_set(statement: str, sent: str) -> None:
    (read,) = script(statement).statements
    read.set_limit_value(11)
    assert flat(read) == sent


def test_a_limit_that_is_written_is_known() -> None:
    assert script("SELECT a FROM t LIMIT 5, 100").statements[0].get_limit_value() == 100


@sweep("method", parse.CTASMethod)
def test_a_query_is_kept(method: parse.CTASMethod) -> None:
    (read,) = script("WITH v(x) AS (SELECT 1) SELECT CAST(x AS TIMESTAMP) AS x, y FROM v, t").statements
    kept = read.as_create_table(parse.Table("kept", "main"), method)
    query = "WITH v(x) AS (SELECT 1) SELECT CAST(x AS TIMESTAMP) AS x, y FROM v, t"
    assert flat(kept) == f"CREATE {method.name} main.kept AS {query}"
    assert kept.is_mutating()
    assert kept.tables == {parse.Table("t")}


TABLES = {
    "SELECT 1 FROM files, folders f WHERE files.parent_id = f.id": {"files", "folders"},
    "SELECT (SELECT count(*) FROM comments WHERE item_id = files.id) FROM main.files": {"comments", "main.files"},
    "WITH files AS (SELECT * FROM folders) SELECT * FROM files WHERE id IN (SELECT item_id FROM comments)": {
        "comments",
        "folders",
    },
    "SELECT * FROM files WHERE files MATCH 'x' AND tags ->> 'a' REGEXP 'b'": {"files"},
    "CREATE VIEW x AS SELECT id FROM users": {"users"},
    "INSERT INTO t SELECT id FROM users": {"users"},
    "EXPLAIN QUERY PLAN SELECT 1 FROM users, groups": {"users", "groups"},
    "SELECT 1 FROM 'files' WHERE id NOT IN main.kept": {"files", "main.kept"},
    "VALUES (1, (SELECT login FROM users)) LIMIT 1": {"users"},
    "SELECT 1 UNION VALUES ((SELECT login FROM users))": {"users"},
    "WITH v AS (SELECT 1 AS x) VALUES ((SELECT x FROM v, users))": {"users"},
    "CREATE VIEW x AS VALUES ((SELECT login FROM users))": {"users"},
}


@sweep("statement, tables", TABLES.items())
def test_tables_are_found(statement: str, tables: set[str]) -> None:
    assert {str(table) for table in script(statement).statements[0].tables} == tables


def test_row_level_security_holds_for_each_table() -> None:
    (read,) = script("SELECT f.id FROM files f, main.folders LEFT JOIN files ON files.id NOT IN (1)").statements
    predicate = read.parse_predicate("owned_by_id = '7' OR name NOT LIKE 'x%'")
    read.apply_rls(None, "main", {parse.Table("files", "main"): [predicate]}, parse.RLSMethod.AS_SUBQUERY)
    hidden = "(SELECT * FROM files WHERE owned_by_id = '7' OR name NOT LIKE 'x%')"
    assert flat(read) == (
        f'SELECT f.id FROM {hidden} AS f, main.folders LEFT JOIN {hidden} AS "files" ON files.id NOT IN (1)'
    )


CHANGES = (
    "EXEC RevokeOAuthAccessToken 'x'",
    "SELECT RevokeOAuthAccessToken(token) FROM leaked",
    "REPLACE INTO t VALUES (1)",
    "UPDATE OR IGNORE t SET a = 1",
    "CREATE TABLE t (a TIMESTAMP TEXT)",
    "ATTACH 'x' AS y",
)


@sweep("statement", CHANGES)
def test_what_changes_something_is_known(statement: str) -> None:
    assert script(f"SELECT 1; {statement}").has_mutation()


@sweep("statement", ("CALL GetOAuthAuthorizationURL()", "SELECT replace(a, 'b', 'c') FROM t", "PRAGMA table_info('t')"))
def test_what_only_reads_is_known(statement: str) -> None:
    assert not script(f"SELECT 1; {statement}").has_mutation()


def test_functions_are_found_by_their_names() -> None:
    read = script("SELECT ifnull(a, 1), instr(a, 'b') FROM json_each('[]')")
    assert all(read.check_functions_present({name}) for name in ("ifnull", "INSTR", "json_each"))
    assert not read.check_functions_present({"coalesce"})


def test_a_clause_keeps_its_words() -> None:
    clause = "NOT name GLOB 'x*' AND replace(name, 'a', 'b') IS NOT NULL -- so"
    assert parse.sanitize_clause(clause, "box") == clause.replace("-- so", "/* so */")


def test_what_is_moved_inside_a_virtual_dataset_gives_the_same_rows() -> None:
    made = apsw.Connection(":memory:")
    made.execute("CREATE TABLE t (a, c); INSERT INTO t VALUES (1, 1), (1, 1), (2, 5)")
    statement = "SELECT n FROM (SELECT count(*) AS n FROM t) AS virtual_table WHERE virtual_table.n > 1"
    assert list(made.execute(script(statement).optimize().format())) == [(3,)]
