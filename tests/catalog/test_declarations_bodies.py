"""What the declaration of a table can say of what stands within a body, with tables that the tests declare."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scripted_box import ScriptedBox, by_id, run, sent

import box_dialect
from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type, Write

MAPPINGS = Table(
    name="mappings",
    doc="",
    columns=(
        Column("id"),
        Column("note", insert="note", update="note"),
        Column("folder_id", source="box_item.id", insert="box_item.id", update="box_item.id"),
        Column("kind", source="partner.type", insert="partner.type", update="partner.type"),
        Column("channel", source="partner.id", insert="partner.id", update="partner.id"),
    ),
    paths=(by_id("/mappings/{id}"),),
    insert=Write(
        method="POST",
        path="/mappings",
        objects={"box_item": {"type": "folder"}, "partner": {"type": "channel"}},
        takes_fields=False,
    ),
    update=Write(method="PUT", path="/mappings/{id}", objects={"box_item": {"type": "folder"}}, takes_fields=False),
)


def test_an_object_of_a_body_has_its_type_where_it_is_sent(box: ScriptedBox) -> None:
    box.answers |= {"POST /mappings": {"id": "1"}, "PUT /mappings/1": {"id": "1"}}
    with box.connected(MAPPINGS) as connection:
        run(connection, "INSERT INTO mappings (folder_id, channel) VALUES ('7', 'c')")
        run(connection, "INSERT INTO mappings (kind, channel) VALUES ('team', 't')")
        run(connection, "UPDATE mappings SET note = 'n' WHERE id = '1'")
        run(connection, "UPDATE mappings SET folder_id = '8' WHERE id = '1'")
    assert sent(box) == [
        ("POST /mappings", {"box_item": {"type": "folder", "id": "7"}, "partner": {"type": "channel", "id": "c"}}),
        ("POST /mappings", {"partner": {"type": "team", "id": "t"}}),
        ("PUT /mappings/1", {"note": "n"}),
        ("PUT /mappings/1", {"box_item": {"type": "folder", "id": "8"}}),
    ]


OPERATION: dict[str, Any] = {"item": {"id": "{item_id}"}}
LISTED = Endpoint(
    path="/shelf_items",
    paging=Paging.MARKER,
    parameters={"shelf_id": "{shelf_id}"},
    takes_fields=False,
    max_limit=2,
    known=frozenset({"shelf_id"}),
)
SHELF_ITEMS = Table(
    name="shelf_items",
    doc="",
    key=("shelf_id", "item_id"),
    fields=(),
    columns=(
        Column("board_id", hidden=True, derived=NOTHING, insert="operations.0.board_id"),
        Column("shelf_id", derived=NOTHING),
        Column("item_id", source="id"),
        Column("name"),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=(
                Endpoint(
                    path=LISTED.path,
                    paging=LISTED.paging,
                    parameters=LISTED.parameters,
                    takes_fields=False,
                    max_limit=2,
                    known=LISTED.known,
                    keep={"id": "{item_id}"},
                ),
            ),
            keys=("shelf_id", "item_id"),
            unique=True,
        ),
        AccessPath(name="by shelf", endpoints=(LISTED,), keys=("shelf_id",)),
    ),
    insert=Write(
        method="POST",
        path="/shelves/{shelf_id}/manage",
        body={"operations": [{"action": "add", **OPERATION}]},
        answers=False,
        results="operations",
        takes_fields=False,
    ),
)


def test_a_value_stands_in_an_element_of_a_list(box: ScriptedBox) -> None:
    box.answers["POST /shelves/1/manage"] = 207, {"operations": [{"status": 201}]}
    with box.connected(SHELF_ITEMS) as connection:
        run(connection, "INSERT INTO shelf_items (shelf_id, item_id, board_id) VALUES ('1', '8', 'b')")
        run(connection, "INSERT INTO shelf_items (shelf_id, item_id) VALUES ('1', '8')")
    added = {"action": "add", "item": {"id": "8"}}
    assert [body["operations"] for _, body in sent(box)] == [[{**added, "board_id": "b"}], [added]]


def test_a_row_that_was_written_is_found_in_the_pages_of_a_listing(box: ScriptedBox) -> None:
    def page(asked: Any) -> Any:
        if asked.parameters.get("marker") == "2":
            return {"entries": [{"id": "8", "name": "eight"}], "next_marker": "3"}
        return {"entries": [{"id": "6", "name": "six"}, {"id": "7", "name": "seven"}], "next_marker": "2"}

    box.answers |= {"POST /shelves/1/manage": (207, {"operations": [{"status": 201}]}), "GET /shelf_items": page}
    with box.connected(SHELF_ITEMS) as connection:
        insert = "INSERT INTO shelf_items (shelf_id, item_id) VALUES ('1', '8') RETURNING shelf_id, item_id, name"
        assert run(connection, insert).fetchall() == [("1", "8", "eight")]
    assert [(each.operation, each.parameters.get("limit")) for each in box.asked] == [
        ("POST /shelves/1/manage", None),
        ("GET /shelf_items", "2"),
        ("GET /shelf_items", "2"),
    ]


CARDS = Table(
    name="cards",
    doc="",
    columns=(Column("id"), Column("cards", Type.JSON, insert="cards", update="cards")),
    paths=(by_id("/cards/{id}"),),
    update=Write(method="PUT", path="/cards/{id}", patch="replace", elements=frozenset({"cards"}), takes_fields=False),
)


def test_a_patch_sets_the_elements_of_a_list_that_differ(box: ScriptedBox) -> None:
    box.answers["GET /cards/1"] = box.answers["PUT /cards/1"] = {"id": "1", "cards": [{"a": 1}, {"b": 2}, {"c": 3}]}
    with box.connected(CARDS) as connection:
        update = "UPDATE cards SET cards = ? WHERE id = '1'"
        run(connection, update, json.dumps([{"a": 1}, {"b": 7}, {"d": 8}]))
        assert sent(box) == [
            ("GET /cards/1", None),
            (
                "PUT /cards/1",
                [
                    {"op": "replace", "path": "/cards/1", "value": {"b": 7}},
                    {"op": "replace", "path": "/cards/2", "value": {"d": 8}},
                ],
            ),
        ]
        for other in ([{"a": 1}], {"a": 1}, None):
            with pytest.raises(box_dialect.IntegrityError, match=r"Box has 3 cards|takes no NULL"):
                run(connection, update, None if other is None else json.dumps(other))
        assert {each for each, _ in sent(box)} == {"GET /cards/1"}
