"""What a declaration can say of an endpoint that takes a query language, with tables that the tests declare."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from scripted_box import Asked, ScriptedBox, pages, plan, rows

import box_dialect
from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import (
    RANGE,
    AccessPath,
    Bound,
    Column,
    Completion,
    Endpoint,
    Fetch,
    Filter,
    JsonObject,
    Named,
    Nested,
    Op,
    Order,
    Table,
    Target,
    Type,
)
from box_dialect.dialect.types import reflected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

QUERY = "POST /notes/query"
_SIGNS = {**{op: op.value for op in RANGE}, Op.EQ: "=", Op.NE: "<>"}


def condition(name: str) -> Filter:
    def render(bound: Bound, _: Mapping[str, str]) -> Mapping[str, Any]:
        written = [f"{name} {_SIGNS[op]} {values[0]}" if values else f"{name} {op.value}" for op, values in bound]
        return {"where.text": " AND ".join(written), f"where.count.{name}": len(written)}

    return Filter(name, frozenset({*_SIGNS, Op.IS_NULL, Op.NOT_NULL}), render)


async def _number(note: JsonObject, fetch: Fetch) -> None:
    note.update(await fetch(note["$page"]["id"], book="red") or {})


ENDPOINT = Endpoint(
    path="/notes/query",
    method="POST",
    body={"of": "{book}", "below": "all"},
    constants={"book": "red"},
    paging=Paging.MARKER,
    max_limit=2,
    rows=(Nested("extra.note", outer="$page", single=True, named=Named.VALUE),),
    complete=Completion(columns=frozenset({"number"}), path="/books/{book}/{id}", takes_fields=False, add=_number),
    lists={"file": "files"},
    joins={"where.text": " AND "},
    advice={"too_many": "name a book by below = '…'"},
)
ORDERS = (Order("weight", {"order": "up"}, {"order": "down"}, Paging.MARKER, nulls_last=True),)
NOTES = Table(
    name="notes",
    doc="",
    key=("page_id", "page_type"),
    fields=("$page.id", "$page.type"),
    columns=(
        Column("below", hidden=True, derived=NOTHING),
        Column("number", hidden=True, source="$number"),
        Column(
            "page_id",
            source="$page.id",
            target=Target(by="page_type", tables={"file": "files.id"}, relations={"file": "page"}),
        ),
        Column("page_type", source="$page.type"),
        Column("weight", Type.REAL),
        Column("colour", options=("red", "blue")),
    ),
    paths=(
        AccessPath(
            name="by page",
            endpoints=tuple(
                Endpoint(
                    path=f"/{kind}s/{{page_id}}/notes/{{book}}",
                    constants={"book": "red"},
                    takes_fields=False,
                    given={"page_type": kind},
                    known=frozenset({"page_id"}),
                )
                for kind in ("file", "folder")
            ),
            keys=("page_id", "page_type"),
            accepts=re.compile("[a-z0-9]+"),
            unique=True,
        ),
        AccessPath(
            name="by query below",
            endpoints=(replace(ENDPOINT, body={"of": "{book}", "below": "{below}"}, known=frozenset({"below"})),),
            keys=("below",),
            filters=(condition("weight"), condition("colour")),
            orders=ORDERS,
        ),
        AccessPath(
            name="by query",
            endpoints=(ENDPOINT,),
            filters=(condition("weight"), condition("colour")),
            orders=ORDERS,
            calls=50,
            rows=100,
        ),
    ),
)


def note(number: int, **values: Any) -> dict[str, Any]:
    page = {"id": str(number), "type": "file", "name": f"n{number}"}
    return {**page, "extra": {"note": values}} if values else page


def marker(asked: Asked) -> Any:
    return asked.body.get("marker")


def answering(*entries: dict[str, Any]) -> Callable[[Asked], Any]:
    return pages([*entries], 2, marker)


def test_rows_are_single_objects_within_objects(box: ScriptedBox) -> None:
    box.answers[QUERY] = answering(note(1, weight=1, colour="red"), note(2), note(3, weight=None))
    with box.connected(NOTES) as connection:
        assert rows(connection, "SELECT * FROM notes") == [("1", "file", 1.0, "red"), ("3", "file", None, None)]
    assert [each.body for each in box.asked] == [
        {
            "of": "red",
            "below": "all",
            "limit": 2,
            "fields": ["extra.note.colour", "extra.note.weight", "id", "type"],
            **({"marker": marker} if marker else {}),
        }
        for marker in (None, "2")
    ]


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("weight > 1 AND weight <= 2 AND colour = 'red'", {"weight > 1", "weight <= 2", "colour = red"}),
        ("weight <> '1.5'", {"weight <> 1.5"}),
        ("weight IS NULL AND colour IS NOT NULL", {"weight IS NULL", "colour IS NOT NULL"}),
        ("weight = 1.0", {"weight = 1.0"}),
    ],
)
def test_the_texts_of_several_filters_are_joined(box: ScriptedBox, where: str, text: set[str]) -> None:
    box.answers[QUERY] = answering()
    with box.connected(NOTES) as connection:
        assert rows(connection, f"SELECT page_id FROM notes WHERE {where}") == []
        shown = plan(connection, f"SELECT page_id FROM notes WHERE {where}")
        assert ("IS NULL" in shown) == ("IS NULL" in where)
    (asked,) = box.asked
    assert {*asked.body["where"]["text"].split(" AND ")} == text
    assert sum(asked.body["where"]["count"].values()) == len(text)


def test_an_order_with_nulls_last_ascends_where_none_is_wanted(box: ScriptedBox) -> None:
    box.answers[QUERY] = answering()
    with box.connected(NOTES) as connection:
        for tail in (
            "ORDER BY weight DESC LIMIT 1",
            "WHERE weight > 1 ORDER BY weight LIMIT 1",
            "ORDER BY weight LIMIT 1",
            "WHERE weight IS NULL ORDER BY weight LIMIT 1",
        ):
            rows(connection, f"SELECT weight FROM notes {tail}")
    assert [(each.body.get("order"), each.body["limit"]) for each in box.asked] == [
        ("down", 1),
        ("up", 1),
        (None, 2),
        (None, 2),
    ]


def test_a_marker_continues_the_very_query(box: ScriptedBox) -> None:
    box.answers[QUERY] = pages([note(number, weight=9 - number) for number in range(4)], 1, marker)
    with box.connected(NOTES) as connection:
        statement = "SELECT weight FROM notes WHERE weight < 9 ORDER BY weight DESC LIMIT 1"
        assert rows(connection, statement) == [(8.0,)]
    assert [each.body["limit"] for each in box.asked] == [1, 1]


def test_an_input_that_a_path_does_not_take_keeps_it_from_being_taken(box: ScriptedBox) -> None:
    box.answers[QUERY] = answering(note(1, weight=1))
    with box.connected(NOTES) as connection:
        statement = "SELECT page_id, below FROM notes WHERE page_id = '1' AND page_type = 'file' AND below = '7'"
        assert rows(connection, statement) == [("1", "7")]
        assert box.asked[0].body["below"] == "7"
        joined = "SELECT page_id FROM (SELECT '7' AS id UNION ALL SELECT '8') b JOIN notes n ON n.below = b.id"
        assert rows(connection, joined) == [("1",), ("1",)]
    assert sorted(each.body["below"] for each in box.asked[1:]) == ["7", "8"]


def test_a_key_that_an_endpoint_gives_chooses_it(box: ScriptedBox) -> None:
    box.answers |= {"GET /files/1/notes/red": {"weight": 1}, "GET /folders/1/notes/red": {"weight": 2}}
    with box.connected(NOTES) as connection:
        select = "SELECT page_id, page_type, weight FROM notes WHERE page_id = '1' AND page_type"
        assert rows(connection, f"{select} = 'folder'") == [("1", "folder", 2.0)]
        assert box.operations == ["GET /folders/1/notes/red"]
        found = rows(connection, f"{select} IN ('file', 'folder', 'other')")
        assert sorted(found) == [("1", "file", 1.0), ("1", "folder", 2.0)]
    assert len(box.asked) == 3


def test_rows_of_other_tables_are_the_objects_around(box: ScriptedBox) -> None:
    box.answers[QUERY] = answering(note(1, weight=1), note(2, weight=2))
    with box.connected(NOTES) as connection:
        statement = "SELECT f.name, n.weight FROM notes n JOIN files f ON f.id = n.page_id WHERE n.weight > 0"
        assert rows(connection, statement) == [("n1", 1.0), ("n2", 2.0)]
    assert box.operations == [QUERY]
    assert "name" in box.asked[0].body["fields"]


def test_what_completes_an_object_is_told_what_else_its_path_names(box: ScriptedBox) -> None:
    box.answers |= {QUERY: answering(note(1, weight=1)), "GET /books/red/1": {"$number": "n1"}}
    with box.connected(NOTES) as connection:
        assert rows(connection, "SELECT number FROM notes") == [("n1",)]


def test_a_failure_is_told_with_advice(box: ScriptedBox) -> None:
    box.answers[QUERY] = 400, {"code": "too_many", "message": "Too many notes"}
    with (
        box.connected(NOTES) as connection,
        pytest.raises(box_dialect.ProgrammingError, match=r"Too many notes .*; name a book by below = '…'$") as caught,
    ):
        rows(connection, "SELECT weight FROM notes")
    assert caught.value.diag.code == "too_many"


def test_equal_paths_with_other_bodies_have_fields_of_their_own(box: ScriptedBox) -> None:
    box.answers[QUERY] = answering(note(1, weight=1))
    by_page, _, whole = NOTES.paths
    blue = replace(whole, endpoints=(replace(ENDPOINT, constants={"book": "blue"}),))
    column, number, (identity, *further) = NOTES.columns[0], NOTES.columns[1], NOTES.columns[2:]
    renamed = replace(identity, reverse="blue_notes")
    other = replace(NOTES, name="blue_notes", columns=(column, number, renamed, *further), paths=(by_page, blue))
    with box.connected(NOTES, other) as connection:
        rows(connection, "SELECT a.weight, b.colour FROM notes a CROSS JOIN blue_notes b")
    asked = {each.body["of"]: each.body["fields"] for each in box.asked}
    assert asked == {
        "red": ["extra.note.weight", "id", "type"],
        "blue": ["extra.note.colour", "id", "type"],
    }


def test_options_and_relations_are_reflected() -> None:
    colour = NOTES.columns[NOTES.numbers["colour"]]
    kind = reflected(colour)
    assert isinstance(kind, sa.Enum)
    assert kind.enums == ["red", "blue"]
    assert [(each.name, each.reverse) for each in NOTES.references] == [("page", "notes")]
