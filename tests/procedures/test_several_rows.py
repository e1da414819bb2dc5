"""A procedure whose outputs are rows: a table where it is called as one, and a JSON list as a value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from scripted_box import ScriptedBox, scripted_box

from box_dialect.api import ApiCall, ApiPath
from box_dialect.catalog.model import Column, Derived, Type
from box_dialect.catalog.model.procedure import Context, Input, Procedure

if TYPE_CHECKING:
    from collections.abc import Iterator

    import box_dialect


async def _found(context: Context, *, words: str) -> list[Any]:
    answer = await context.send(ApiCall("GET", ApiPath("/search"), {"query": words}))
    return list(answer["entries"])


async def _asked(context: Context, *, words: str) -> list[Any]:
    answer = await context.send(ApiCall("POST", ApiPath("/ai/ask"), body={"prompt": words}, reads=True))
    return [(each,) for each in answer["lines"]]


SEARCH = Procedure(
    name="SearchItems",
    doc="",
    inputs=(Input(name="Words", doc="", required=True),),
    outputs=(
        Column("Id"),
        Column("ParentId", source="parent.id"),
        Column("ModifiedAt", Type.TIMESTAMP),
        Column("Tags", Type.JSON),
        Column("IsFile", Type.BOOLEAN, derived=Derived(function=lambda e, _: e["type"] == "file", fields=("type",))),
    ),
    side_effect=False,
    run=_found,
    several=True,
)
ASK = Procedure(
    name="AskLines",
    doc="",
    inputs=(Input(name="Words", doc="", required=True),),
    outputs=(Column("Line"),),
    side_effect=False,
    run=_asked,
    several=True,
)
ENTRIES = [
    {"id": "1", "type": "file", "parent": {"id": "0"}, "modified_at": "2026-01-31T12:30:00+01:00", "tags": ["a"]},
    {"id": "2", "type": "folder", "parent": None, "modified_at": None, "tags": None},
]


@pytest.fixture
def box() -> Iterator[ScriptedBox]:
    with scripted_box() as box:
        box.answers["GET /search"] = lambda asked: {"entries": ENTRIES if asked.parameters["query"] == "x" else []}
        box.answers["POST /ai/ask"] = {"lines": ["one", "two"]}
        yield box


@pytest.fixture
def cursor(box: ScriptedBox) -> Iterator[box_dialect.Cursor]:
    with box.connected(SEARCH, ASK, Readonly=True, MaxAICalls=1) as connection:
        yield connection.cursor()


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM SearchItems('x')", "EXEC SearchItems @Words = 'x'", "CALL SearchItems('x')"]
)
def test_each_row_has_the_values_of_the_objects(cursor: box_dialect.Cursor, sql: str) -> None:
    found = cursor.execute(sql).fetchall()
    assert [(row[0], row[1], row[3], bool(row[4])) for row in found] == [
        ("1", "0", '["a"]', True),
        ("2", None, None, False),
    ]
    assert str(found[0][2]) == "2026-01-31 11:30:00+00:00"


def test_rows_are_joined_and_counted(cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT s.Id, a.Line FROM SearchItems('x') s, AskLines('y') a WHERE s.IsFile ORDER BY a.Line")
    assert cursor.fetchall() == [("1", "one"), ("1", "two")]


def test_a_value_has_all_rows(cursor: box_dialect.Cursor) -> None:
    ((found,),) = cursor.execute("SELECT SearchItems('x')").fetchall()
    assert json.loads(found) == [
        {"Id": "1", "ParentId": "0", "ModifiedAt": "2026-01-31 11:30:00.000000", "Tags": ["a"], "IsFile": True},
        {"Id": "2", "ParentId": None, "ModifiedAt": None, "Tags": None, "IsFile": False},
    ]
    assert cursor.execute("SELECT SearchItems('y'), AskLines('z')").fetchall() == [("[]", '["one","two"]')]


def test_a_call_that_only_reads_is_made_where_nothing_is_written(
    box: ScriptedBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    with box.connected(ASK, MaxAICalls=1) as connection:
        assert connection.properties.is_box_readonly
        assert connection.cursor().execute("SELECT count(*) FROM AskLines('x')").fetchall() == [(2,)]
    assert box.operations == ["POST /ai/ask"]
