"""Random statements over tables that the tests declare give what SQLite gives over the same rows."""

from __future__ import annotations

import random
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from random_examples import examples
from scripted_box import NOT_FOUND, Asked, ScriptedBox, scripted_box

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.model import TEXT, AccessPath, Column, Endpoint, FanOut, Nested, Table, Type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STATEMENTS = examples(40)
POLICIES, ASSIGNMENTS, FILES = 3, 4, 5

_POLICIES = Endpoint(path="/policies", paging=Paging.ALL, takes_fields=False)
_OF_POLICY = Endpoint(
    path="/assignments", parameters={"policy_id": "{policy_id}"}, paging=Paging.ALL, takes_fields=False
)
_ROWS = Endpoint(
    path="/files",
    method="POST",
    body={"policy": "{policy_id}", "assignment": "{assignment_id}"},
    paging=Paging.MARKER,
    max_limit=2,
    rows=(Nested("files", "around"),),
    takes_fields=False,
    known=frozenset({"policy_id", "assignment_id"}),
)
_OF_ASSIGNMENT = FanOut(parents=_OF_POLICY, key="assignment_id")
RETAINED = Table(
    name="retained",
    doc="",
    key=("policy_id", "assignment_id", "id"),
    columns=(
        Column("policy_id"),
        Column("assignment_id"),
        Column("id"),
        Column("kind"),
        Column("size", Type.INTEGER),
        Column("page", source="around.page"),
    ),
    paths=(
        AccessPath(
            name="by both",
            endpoints=(_ROWS,),
            keys=("policy_id", "assignment_id"),
            accepts={"assignment_id": TEXT},
            filters=(filters.equals("kind", "where.kind", "a|b"),),
            rows=FILES,
        ),
        AccessPath(
            name="by policy",
            endpoints=(_ROWS,),
            keys=("policy_id",),
            fan_out=_OF_ASSIGNMENT,
            filters=(filters.equals("kind", "where.kind", "a|b"),),
            calls=5,
            rows=20,
        ),
        AccessPath(
            name="all",
            endpoints=(_ROWS,),
            fan_out=FanOut(parents=_OF_POLICY, key="assignment_id", outer=FanOut(parents=_POLICIES, key="policy_id")),
            filters=(filters.equals("kind", "where.kind", "a|b"),),
            calls=20,
            rows=60,
        ),
    ),
)


def _data() -> list[tuple[Any, ...]]:
    drawn = random.Random(7)
    keys = [(str(policy + 1), f"a{each}") for policy in range(POLICIES) for each in range(ASSIGNMENTS)]
    return [
        (*key, str(number), drawn.choice(["a", "b", None, "A"]), drawn.choice([1, 2, None]), "p")
        for key in keys
        for number in range(drawn.randint(0, FILES))
    ]


ROWS = _data()


def _files(asked: Asked) -> Any:
    """Answer a page of two objects with three rows at most in each; `where` narrows them, and is told to be ignored."""
    body = asked.body
    of = [row for row in ROWS if row[:2] == (body["policy"], body["assignment"])]
    if not of:
        return NOT_FOUND
    if kind := body.get("where", {}).get("kind"):
        of = [row for row in of if row[3] == kind or row[4] == 1]  # more than were asked for
    objects = [of[start : start + 3] for start in range(0, len(of), 3)]
    start = int(body.get("marker", 0))
    end = start + body["limit"]
    entries = [
        {"page": "p", "files": [{"id": row[2], "kind": row[3], "size": row[4]} for row in each]}
        for each in objects[start:end]
    ]
    return {"entries": entries, "next_marker": str(end) if end < len(objects) else None}


@pytest.fixture(scope="module")
def box() -> Iterator[ScriptedBox]:
    with scripted_box() as box:
        box.answers |= {
            "GET /policies": {"entries": [{"id": str(number)} for number in range(1, POLICIES + 1)]},
            "GET /assignments": {"entries": [{"id": f"a{number}"} for number in range(ASSIGNMENTS)]},
            "POST /files": _files,
        }
        yield box


@pytest.fixture(scope="module")
def plain() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE retained (policy_id TEXT, assignment_id TEXT, id TEXT, kind TEXT, size INT, page)")
    connection.executemany("INSERT INTO retained VALUES (?, ?, ?, ?, ?, ?)", ROWS)
    yield connection
    connection.close()


def _condition(drawn: random.Random, table: str, depth: int = 0) -> str:
    if depth < 2 and drawn.random() < 0.5:
        word = drawn.choice([" AND ", " AND ", " OR "])
        return f"({word.join(_condition(drawn, table, depth + 1) for _ in range(2))})"
    column = drawn.choice(["policy_id", "policy_id", "assignment_id", "assignment_id", "id", "kind", "kind", "size"])
    values = {
        "policy_id": ["'1'", "'2'", "'9'", "2", "'01'", "NULL", "'../x'"],
        "assignment_id": ["'a0'", "'a1'", "'a9'", "''", "'..'", "NULL"],
        "id": ["'0'", "'1'", "3"],
        "kind": ["'a'", "'b'", "'A'", "'x'", "NULL"],
        "size": ["1", "2", "'1'"],
    }[column]
    name = f"{table}.{column}"
    return drawn.choice(
        [
            f"{name} = {drawn.choice(values)}",
            f"{name} = {drawn.choice(values)}",
            f"{name} IN ({', '.join(drawn.choices(values, k=drawn.randint(1, 3)))})",
            f"{name} <> {drawn.choice(values)}",
            f"{name} > {drawn.choice(values)}",
            f"{name} IS NULL",
            f"{name} LIKE {drawn.choice(values)}",
            f"{name} = {drawn.choice(values)} COLLATE NOCASE",
            f"{name} IN (SELECT {column} FROM retained i WHERE i.policy_id = '1')",
        ]
    )


def _statement(drawn: random.Random) -> str:
    every = "policy_id, assignment_id, id"
    order = ", ".join(drawn.sample(["1", "2", "3", "4 DESC"], 4))
    limit = f" LIMIT {drawn.randint(0, 6)} OFFSET {drawn.randint(0, 3)}" if drawn.random() < 0.3 else ""
    if drawn.random() < 0.3:
        join = drawn.choice(["JOIN", "LEFT JOIN"])
        on = drawn.choice(
            [
                "s.policy_id = r.policy_id AND s.assignment_id = r.assignment_id",
                "s.policy_id = r.policy_id AND s.id = r.id",
                "s.id = r.id",
            ]
        )
        return (
            f"SELECT r.policy_id, r.assignment_id, r.id, s.id, s.assignment_id, s.policy_id FROM retained r {join} "
            f"retained s ON {on} WHERE {_condition(drawn, 'r')} ORDER BY 1, 2, 3, 6, 5, 4{limit}"
        )
    if drawn.random() < 0.2:
        return f"SELECT count(*), max(size), min(kind) FROM retained r WHERE {_condition(drawn, 'r')}"
    return f"SELECT {every}, kind, size, page FROM retained r WHERE {_condition(drawn, 'r')} ORDER BY {order}{limit}"


def _rows(found: Sequence[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found]


@pytest.mark.hypothesis  # which draws by itself
def test_random_statements_give_what_sqlite_gives(box: ScriptedBox, plain: sqlite3.Connection) -> None:
    drawn, given = random.Random(11), 0
    with box.connected(RETAINED, MaxCallsPerMinute=0) as connection:
        cursor = connection.cursor()
        for _ in range(STATEMENTS):
            statement = _statement(drawn)
            found = _rows(cursor.execute(statement).fetchall())
            assert found == _rows(plain.execute(statement).fetchall()), statement
            given += len(found)
    assert given > STATEMENTS
