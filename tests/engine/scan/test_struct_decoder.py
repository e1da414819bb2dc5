"""Objects that are decoded into slots make the rows that dictionaries make, whatever Box sends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_examples import examples

from box_dialect.api import Paging
from box_dialect.catalog import TABLES
from box_dialect.catalog.model import Column, Endpoint, Slotted, Table, Type
from box_dialect.engine.scan.row_maker import fields, row_maker
from box_dialect.engine.scan.struct_decoder import decoder, shape
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from box_dialect.catalog.model import JsonObject
    from box_dialect.engine.scan.row_maker import Row, RowMaker

pytestmark = pytest.mark.usefixtures("no_network")

LISTINGS = {
    table.name: (table, endpoint)
    for table in TABLES.values()
    for path in table.paths
    for endpoint in path.endpoints
    if endpoint.paging is not Paging.ONE and endpoint.complete is None and not endpoint.rows and table.fields
}
KEYS = {name: "17" for table in TABLES.values() for name in table.numbers}

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS
JSONS = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(TEXTS, SCALARS, max_size=2)
MOMENTS = st.sampled_from(["2026-01-31T12:30:00Z", "2015-04-17T08:07:52-07:00", "2026-01-31T12:30:00.5+00:00"])
VALUES = {
    Type.TEXT: TEXTS | JSONS,
    Type.INTEGER: st.integers(0, 2**53) | st.sampled_from([1.0e12, True]),
    Type.BOOLEAN: st.booleans() | st.sampled_from([0, 1]),
    Type.TIMESTAMP: MOMENTS,
    Type.JSON: JSONS,
}
FOLDERS = st.lists(st.fixed_dictionaries({"id": st.sampled_from(["0", "5"]), "name": TEXTS}), max_size=3)


def put(entry: JsonObject, place: tuple[str, ...], value: Any) -> None:
    """Set a value at a place, unless the objects on the way are something else already."""
    *outer, last = place
    for key in outer:
        entry = entry.setdefault(key, {})
        if not isinstance(entry, dict):
            return
    entry.setdefault(last, value)


@st.composite
def pages(draw: st.DrawFn, table: Table) -> bytes:
    """Draw a page of objects that have the columns of a table, or lack some, and have more; spaced in some way."""
    entries = []
    for _ in range(draw(st.integers(0, 2))):
        entry: JsonObject = {"id": str(draw(st.integers(0, 10**15))), "type": "file", "more": draw(JSONS)}
        for column in table.columns:
            if column.derived is None and draw(st.booleans()):
                put(entry, column.place, draw(st.none() | VALUES[column.type]))
        entry["name"] = draw(TEXTS)
        entry["path_collection"] = draw(st.none() | st.fixed_dictionaries({"entries": FOLDERS}))
        entries.append(entry)
    page = {"entries": entries, "total_count": len(entries), "next_marker": draw(st.none() | TEXTS)}
    return json.dumps(page, ensure_ascii=draw(st.booleans()), indent=draw(st.none() | st.just(1))).encode()


def made(maker: RowMaker, entries: list[Any]) -> list[Row] | type[DataError]:
    try:
        return [maker(entry, None, KEYS) for entry in entries]
    except DataError:
        return DataError


@pytest.mark.long
@pytest.mark.parametrize("name", LISTINGS)
@given(data=st.data())
@settings(max_examples=examples(8), suppress_health_check=[HealthCheck.too_slow])
def test_slots_make_the_rows_that_dictionaries_make(name: str, data: st.DataObject) -> None:
    table, endpoint = LISTINGS[name]
    readable = [number for number, column in enumerate(table.columns) if not column.hidden]
    columns = sorted(data.draw(st.sets(st.sampled_from(readable))))
    names = fields(table, columns, endpoint, in_folder=False)
    found = shape(table, names, endpoint)
    assert found is not None
    body = data.draw(pages(table))
    plain = msgspec.json.decode(body)
    slotted = decoder(found).decode(body)
    assert {name: value for name, value in plain.items() if name != "entries"} == {
        name: value for name, value in slotted.items() if name != "entries"
    }
    assert all(type(entry) is found.type for entry in slotted["entries"])
    rows = made(row_maker(table, columns, endpoint, found), slotted["entries"])
    expected = made(row_maker(table, columns, endpoint), plain["entries"])
    assert rows == expected
    if isinstance(rows, list) and isinstance(expected, list):
        assert [[*map(type, row)] for row in rows] == [[*map(type, row)] for row in expected]


def a_table(*columns: Column) -> tuple[Table, Endpoint]:
    return Table(name="things", doc="", columns=columns, paths=()), Endpoint(path="/things", paging=Paging.MARKER)


def test_only_what_is_asked_for_is_decoded() -> None:
    table, endpoint = a_table(Column("id"), Column("a"), Column("by", source="owner.id"), Column("tags", Type.JSON))
    found = shape(table, {"a", "owner", "tags"}, endpoint)
    assert found is not None
    body = b'{"entries": [{"id": "1", "type": "x", "a": 2, "b": 3, "owner": {"id": "7", "login": "y"}, "tags": [1]}]}'
    (entry,) = decoder(found).decode(body)["entries"]
    assert isinstance(entry, Slotted)
    assert (entry["id"], entry.get("a"), type(entry["tags"])) == ("1", 2, msgspec.Raw)
    assert entry["owner"].__struct_fields__ == ("id",)
    with pytest.raises(AttributeError):
        entry.get("b")


@pytest.mark.parametrize("name", ["$template", "from", "get"])
def test_there_is_no_shape_for_a_name_that_no_slot_can_have(name: str) -> None:
    table, endpoint = a_table(Column("id"), Column("a", source=name))
    assert shape(table, {name}, endpoint) is None
    table, endpoint = a_table(Column("id"), Column("a", source=f"within.{name}"))
    assert shape(table, {"within"}, endpoint) is None


def test_an_object_of_another_form_has_no_shape() -> None:
    table, endpoint = a_table(Column("id"), Column("by", source="owner.id"))
    found = shape(table, {"owner"}, endpoint)
    assert found is not None
    with pytest.raises(msgspec.ValidationError):
        decoder(found).decode(b'{"entries": [{"id": "1", "owner": "somebody"}]}')


def test_a_field_of_several_uses_is_decoded_whole() -> None:
    table, endpoint = a_table(Column("id"), Column("source", Type.JSON), Column("kind", source="source.type"))
    found = shape(table, {"source"}, endpoint)
    assert found is not None
    (entry,) = decoder(found).decode(b'{"entries": [{"id": "1", "source": {"type": "x"}}]}')["entries"]
    assert row_maker(table, (1, 2), endpoint, found)(entry, None, {}) == ('{"type":"x"}', "x", 1)


def test_shapes_are_made_once() -> None:
    table, endpoint = a_table(Column("id"), Column("a"))
    found = shape(table, {"a"}, endpoint)
    assert found is not None
    assert shape(table, {"a"}, endpoint) is found
    assert decoder(found) is decoder(found)
