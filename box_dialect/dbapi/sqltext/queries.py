"""The query that reads what a statement writes to a local table: it is what may run once more."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from box_dialect.dbapi.sqltext.classify import first_word
from box_dialect.dbapi.sqltext.lexer import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAKE_QUERIES: Final = frozenset({"insert", "replace", "create"})
_WRITE: Final = frozenset({"insert", "replace", "update", "delete"})
_BEGIN_QUERIES: Final = frozenset({"select", "with"})
_CLAUSES: Final = ("update", "delete", "set", "from", "where", "returning")
_QUERY: Final = re.compile(r"\(\s*(?:SELECT|WITH)\b", re.IGNORECASE)
_CONFLICT: Final = re.compile(r"\AOR\s+\w+\s+", re.IGNORECASE)


def query_of(statement: str) -> str | None:
    """Return the query whose rows an INSERT or a CREATE TABLE takes, or one that reads what an UPDATE or DELETE does.

    It has the same parameters in the same order, but those of RETURNING. None where there is none.
    """
    word = first_word(statement)
    if word == "with":
        start = next((token.start for token in _outermost(statement) if token.text.lower() in _WRITE), None)
        query = None if start is None else query_of(statement[start:])
        return None if query is None else statement[:start] + query
    if word in _TAKE_QUERIES:
        return _taken(statement)
    clauses = _clauses(statement) if word in {"update", "delete"} else {}
    values, tables = [*_values(clauses.get("set", ""))] or ["1"], clauses.get("from", "")
    if word == "update":
        tables = ", ".join(filter(None, [_CONFLICT.sub("", clauses["update"], count=1), tables]))
    where = f" WHERE {clauses['where']}" if "where" in clauses else ""
    # SQLite makes a join of EXISTS in a query, with other scans than in a write; not where there is an OFFSET.
    query = f"SELECT {', '.join(values)} FROM {tables}{where} LIMIT -1 OFFSET 0"  # noqa: S608 - of the statement's own parts
    return query if tables else None


def _taken(statement: str) -> str | None:
    start = None
    for token, after in pairwise((*_outermost(statement), None)):
        word = "" if token is None else token.text.lower()
        if token is None or (word == "values" and start is None):
            return None  # the many values of an INSERT are not read
        if start is None and word in _BEGIN_QUERIES:
            start = token.start
        is_conflict = word == "on" and after is not None and after.text.lower() == "conflict"
        if start is not None and (word == "returning" or is_conflict):
            return statement[start : token.start]
    return None if start is None else statement[start:]


def _clauses(statement: str) -> dict[str, str]:
    """Return what follows each word that begins a clause, up to the next one."""
    found: list[Token] = []
    for token in _outermost(statement):
        after = _CLAUSES.index(found[-1].text.lower()) + 1 if found else 0
        if token.text.lower() in _CLAUSES[after:]:
            found.append(token)
    ends = [*(token.start for token in found[1:]), len(statement.rstrip("; \t\n\f\r"))]
    return {t.text.lower(): statement[t.start + len(t.text) : end].strip() for t, end in zip(found, ends, strict=True)}


def _values(assignments: str) -> Iterator[str]:
    """Yield the expressions that columns are set to; a query that sets several is one that has rows."""
    begin, is_row, is_new = 0, False, True
    for token in [*_outermost(assignments), Token("sign", ",", len(assignments))]:
        if token.text == "=" and is_new:
            begin, is_row, is_new = token.start + 1, assignments[: token.start].rstrip().endswith(")"), False
        elif token.text == "," and not is_new:
            value = assignments[begin : token.start].strip()
            yield value if not is_row else f"EXISTS {value}" if _QUERY.match(value) else value[1:-1]
            is_new = True


def _outermost(sql: str) -> Iterator[Token]:
    """Yield the tokens that are in no parentheses."""
    depth = 0
    for token in tokens(sql):
        depth += (token.text == "(") - (token.text == ")")
        if not depth and token.text != ")":
            yield token
