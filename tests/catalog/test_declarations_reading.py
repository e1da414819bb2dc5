"""What the declaration of a table can say of how its rows are read, with tables that the tests declare."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS
from scripted_box import Asked, ScriptedBox, pages, plan, rows

import box_dialect
from box_dialect.api import ApiCall, ApiPath, CallCount, Paging, portal, writes
from box_dialect.catalog.model import (
    RANGE,
    TEXT,
    UUID,
    AccessPath,
    Bound,
    Column,
    Completion,
    Derived,
    Endpoint,
    Fetch,
    Filter,
    JsonObject,
    Nested,
    Order,
    Table,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def _amount(bound: Bound, _: Mapping[str, str]) -> Mapping[str, Any]:
    for op, (value, *_others) in bound:
        if op in RANGE and isinstance(value, int | float):
            return {"query": f"amount {op.value} :low", "query_params.low": value}
    return {}


def contracts(**path: Any) -> Table:
    endpoint = Endpoint(
        path="/metadata_queries/execute_read",
        method="POST",
        body={"from": "{scope}.contract", "ancestor_folder_id": "0", "query_params": {}},
        paging=Paging.MARKER,
        max_limit=2,
        known=frozenset({"scope"}),
    )
    return Table(
        name="contracts",
        doc="",
        columns=(Column("id"), Column("scope", hidden=True), Column("amount", Type.INTEGER), Column("name")),
        paths=(
            AccessPath(
                name="by query",
                endpoints=(endpoint,),
                keys=("scope",),
                accepts=re.compile("enterprise_[0-9]+"),
                filters=(Filter("amount", RANGE, _amount),),
                orders=(
                    Order(
                        "amount",
                        {"order_by": [{"field_key": "amount", "direction": "asc"}]},
                        {"order_by": [{"field_key": "amount", "direction": "desc"}]},
                        Paging.MARKER,
                    ),
                ),
                **path,
            ),
        ),
    )


ENTRIES = [{"id": str(number), "amount": 10 * number, "name": f"c{number}"} for number in range(1, 6)]
QUERY = "POST /metadata_queries/execute_read"


def _by_marker(asked: Asked) -> Any:
    return asked.body.get("marker")


def test_rows_are_read_by_post(box: ScriptedBox) -> None:
    box.answers[QUERY] = pages(ENTRIES, 2, _by_marker)
    with box.connected(contracts()) as connection:
        statement = "SELECT id, scope, name FROM contracts WHERE scope = ? AND amount > ?"
        found = rows(connection, statement, "enterprise_7", 15)
        assert found == [(each["id"], "enterprise_7", each["name"]) for each in ENTRIES[1:]]
        assert [each.body for each in box.asked] == [
            {
                "from": "enterprise_7.contract",
                "ancestor_folder_id": "0",
                "query": "amount > :low",
                "query_params": {"low": 15},
                "limit": 2,
                "fields": ["amount", "id", "name"],
                **({"marker": marker} if marker else {}),
            }
            for marker in (None, "2", "4")
        ]
        assert all(each.parameters == {} for each in box.asked)
        assert QUERY in plan(connection, statement, "enterprise_7", 15)


def test_an_order_and_a_limit_stand_in_the_body(box: ScriptedBox) -> None:
    box.answers[QUERY] = lambda _: {"entries": ENTRIES[:1], "next_marker": "1"}
    with box.connected(contracts()) as connection:
        statement = "SELECT id FROM contracts WHERE scope = 'enterprise_7' ORDER BY amount DESC LIMIT 1"
        assert rows(connection, statement) == [("1",)]
        (asked,) = box.asked
        assert asked.body["order_by"] == [{"field_key": "amount", "direction": "desc"}]
        assert asked.body["limit"] == 1


def test_equal_posts_that_read_are_one_call_and_others_are_not(box: ScriptedBox) -> None:
    box.answers[QUERY] = lambda asked: {"entries": [{"id": asked.body["from"], "amount": 1}], "next_marker": None}
    with box.connected(contracts()) as connection:
        statement = (
            "SELECT a.id, b.id FROM contracts a JOIN contracts b ON b.amount = a.amount "
            "WHERE a.scope = ? AND b.scope = ?"
        )
        assert rows(connection, statement, "enterprise_1", "enterprise_1") == [("enterprise_1.contract",) * 2]
        assert len(box.asked) == 1
        assert rows(connection, statement, "enterprise_1", "enterprise_2") == [
            ("enterprise_1.contract", "enterprise_2.contract")
        ]
        assert len(box.asked) == 3


@pytest.mark.parametrize(("reads", "calls"), [(True, 2), (False, 3)])
def test_equal_posts_that_read_fly_once(box: ScriptedBox, reads: bool, calls: int) -> None:
    box.answers[QUERY] = lambda asked: asked.body
    with box.connected() as connection:
        client, path = connection.session.client, ApiPath("/metadata_queries/execute_read")
        bodies = [{"from": "a"}, {"from": "a"}, {"from": "b"}]

        async def at_once() -> list[Any]:
            sent = (ApiCall("POST", path, body=body, reads=reads) for body in bodies)
            return await asyncio.gather(*(client.send(call, CallCount()) for call in sent))

        assert portal().run(at_once) == bodies
    assert len(box.asked) == calls


def test_a_post_that_reads_is_sent_again(box: ScriptedBox) -> None:
    answers = iter([(502, {"message": "bad gateway"}), (200, {"entries": ENTRIES[:1], "next_marker": None})])
    box.answers[QUERY] = lambda _: next(answers)
    with box.connected(contracts(), MaxRetries=1, RetrySeconds=60) as connection:
        assert rows(connection, "SELECT id FROM contracts WHERE scope = 'enterprise_7'") == [("1",)]
    assert len(box.asked) == 2


def test_a_post_that_reads_is_no_write(box: ScriptedBox) -> None:
    box.answers[QUERY] = lambda _: {"entries": ENTRIES[:1], "next_marker": None}
    before = writes()
    with box.connected(contracts(), Readonly=True) as connection:
        assert rows(connection, "SELECT id FROM contracts WHERE scope = 'enterprise_7'") == [("1",)]
    assert writes() == before


def test_a_join_asks_by_post_ahead(box: ScriptedBox) -> None:
    at_once, most, lock = 0, 0, threading.Lock()
    several = threading.Event()

    def answer(asked: Asked) -> Any:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            if at_once > 1:
                several.set()
        several.wait(PATIENCE_SECONDS)
        with lock:
            at_once -= 1
        return {"entries": [{"id": asked.body["from"]}], "next_marker": None}

    box.answers[QUERY] = answer
    with box.connected(contracts()) as connection:
        rows(connection, "CREATE TEMP TABLE scopes (scope TEXT)")
        connection.cursor().executemany("INSERT INTO scopes VALUES (?)", [(f"enterprise_{n}",) for n in range(8)])
        found = rows(connection, "SELECT c.id FROM scopes s CROSS JOIN contracts c WHERE c.scope = s.scope")
    assert found == [(f"enterprise_{n}.contract",) for n in range(8)]
    assert most > 1


HUBS = Table(
    name="depots",
    doc="",
    columns=(Column("id"), Column("title")),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/depots/{id}", headers={"box-version": "2025.0"}, takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(
            name="all",
            endpoints=(
                Endpoint(
                    path="/depots",
                    headers={"box-version": "2025.0"},
                    paging=Paging.MARKER,
                    max_limit=1,
                    takes_fields=False,
                ),
            ),
            calls=2,
            rows=100,
        ),
    ),
)


def test_each_call_of_an_endpoint_has_its_headers(box: ScriptedBox) -> None:
    box.answers["GET /depots"] = pages(
        [{"id": "1", "title": "a"}, {"id": "2", "title": "b"}], 1, lambda asked: asked.parameters.get("marker")
    )
    box.answers["GET /depots/1"] = {"id": "1", "title": "a"}
    with box.connected(HUBS) as connection:
        assert rows(connection, "SELECT title FROM depots ORDER BY id") == [("a",), ("b",)]
        assert rows(connection, "SELECT title FROM depots WHERE id = '1'") == [("a",)]
    assert box.operations == ["GET /depots", "GET /depots", "GET /depots/1"]
    assert {each.headers["box-version"] for each in box.asked} == {"2025.0"}


def test_what_completes_an_object_is_asked_for_with_the_headers(box: ScriptedBox) -> None:
    async def add(hub: JsonObject, fetch: Fetch) -> None:
        hub["title"] = (await fetch(hub["id"]) or {}).get("title")

    lacking = Completion(columns=frozenset({"title"}), path="/depots/{id}", fields=frozenset({"title"}), add=add)
    by_id, every = HUBS.paths
    path = replace(every, endpoints=(replace(every.endpoints[0], complete=lacking),))
    box.answers |= {"GET /depots": {"entries": [{"id": "1"}]}, "GET /depots/1": {"id": "1", "title": "a"}}
    with box.connected(replace(HUBS, paths=(by_id, path))) as connection:
        assert rows(connection, "SELECT title FROM depots") == [("a",)]
    assert [each.headers.get("box-version") for each in box.asked] == ["2025.0", "2025.0"]


SHARED = Table(
    name="shared",
    doc="",
    columns=(Column("id"), Column("link", hidden=True), Column("password", hidden=True)),
    paths=(
        AccessPath(
            name="by link and password",
            endpoints=(
                Endpoint(
                    path="/shared_items",
                    headers={"boxapi": "shared_link={link}&shared_link_password={password}"},
                    known=frozenset({"link", "password"}),
                ),
            ),
            keys=("link", "password"),
            accepts=TEXT,
        ),
    ),
)


def test_a_header_carries_the_values_of_keys(box: ScriptedBox) -> None:
    box.answers["GET /shared_items"] = lambda asked: {"id": asked.headers["boxapi"][-1]}
    with box.connected(SHARED) as connection:
        statement = "SELECT id FROM shared WHERE link = 'https://app.box.com/s/x' AND password IN ('p1', 'p2')"
        assert sorted(rows(connection, statement)) == [("1",), ("2",)]
        assert box.asked[0].headers["boxapi"].startswith("shared_link=https://app.box.com/s/x&shared_link_password=p")


@pytest.mark.parametrize("value", ["secret\r\nX-Other: 1", "sec\nret", "sécret", " secret", "secret ", "secret\x00"])
def test_a_value_that_no_header_can_hold_is_refused_and_not_shown(box: ScriptedBox, value: str) -> None:
    with box.connected(SHARED) as connection, pytest.raises(box_dialect.DataError) as caught:
        rows(connection, "SELECT id FROM shared WHERE link = 'x' AND password = ?", value)
    assert "the value of password cannot stand in an HTTP header" in str(caught.value)
    assert value not in str(caught.value)
    assert box.asked == []


OPTIONS = Table(
    name="options",
    doc="",
    key=("template_id", "field", "key"),
    columns=(
        Column("template_id", source="field.template.id"),
        Column("template_key", source="field.template.templateKey"),
        Column("field", source="field.key"),
        Column("key"),
        Column(
            "label", derived=Derived(function=lambda o, _: f"{o['field']['key']}/{o['key']}", fields=("field.key",))
        ),
    ),
    paths=(
        AccessPath(
            name="all",
            endpoints=(
                Endpoint(
                    path="/metadata_templates/enterprise",
                    paging=Paging.MARKER,
                    max_limit=2,
                    rows=(Nested("fields", outer="template"), Nested("options", outer="field")),
                    keep={"field.type": "enum"},
                ),
            ),
        ),
    ),
)

TEMPLATES = [
    {
        "id": f"t{number}",
        "templateKey": f"k{number}",
        "fields": [
            {"key": "status", "type": "enum", "options": [{"key": "open"}, {"key": "done"}]},
            {"key": "amount", "type": "float"},
            {"key": "tags", "type": "multiSelect", "options": [{"key": "left out"}]},
            {"key": "none", "type": "enum", "options": None},
        ],
    }
    for number in range(3)
] + [{"id": "t4", "templateKey": "k4"}]


def test_rows_are_the_objects_of_lists_within_objects(box: ScriptedBox) -> None:
    box.answers["GET /metadata_templates/enterprise"] = pages(
        TEMPLATES, 2, lambda asked: asked.parameters.get("marker")
    )
    with box.connected(OPTIONS) as connection:
        found = rows(connection, "SELECT template_id, template_key, field, key, label FROM options")
        assert found == [
            (f"t{number}", f"k{number}", "status", key, f"status/{key}")
            for number in range(3)
            for key in ("open", "done")
        ]
        assert {each.parameters["fields"] for each in box.asked} == {"fields,id,templateKey"}
        assert rows(connection, "SELECT key FROM options WHERE template_id = 't1' OR field = 'x' OR key = 'open'") == [
            ("open",),
            ("open",),
            ("done",),
            ("open",),
        ]
        assert len(set(rows(connection, "SELECT rowid FROM options"))) == 6


def test_a_limit_counts_rows_and_not_the_objects_around_them(box: ScriptedBox) -> None:
    (path,) = OPTIONS.paths
    kept = replace(path, endpoints=(replace(path.endpoints[0], keep={}),))
    box.answers["GET /metadata_templates/enterprise"] = pages(
        TEMPLATES, 2, lambda asked: asked.parameters.get("marker")
    )
    with box.connected(replace(OPTIONS, paths=(kept,))) as connection:
        assert len(rows(connection, "SELECT key FROM options LIMIT 1")) == 1
    assert [each.parameters["limit"] for each in box.asked] == ["2"]


def test_rows_of_a_list_in_one_object_are_joined_by_its_key(box: ScriptedBox) -> None:
    signers = Table(
        name="signers",
        doc="",
        key=("request_id", "email"),
        columns=(Column("request_id", source="request.id"), Column("email"), Column("role")),
        paths=(
            AccessPath(
                name="by request",
                endpoints=(
                    Endpoint(
                        path="/sign_requests/{request_id}", takes_fields=False, rows=(Nested("signers", "request"),)
                    ),
                ),
                keys=("request_id",),
                accepts=UUID,
            ),
        ),
    )
    first, second, third = (f"{number}2345678-1234-4234-8234-123456789abc" for number in range(3))
    box.answers[f"GET /sign_requests/{first}"] = {"id": first, "signers": [{"email": "a@b.c", "role": "signer"}]}
    box.answers[f"GET /sign_requests/{second}"] = {"id": second, "signers": []}
    with box.connected(signers) as connection:
        statement = "SELECT request_id, email, role FROM signers WHERE request_id IN (?, ?, ?, 'no id')"
        assert rows(connection, statement, first, second, third) == [(first, "a@b.c", "signer")]
    assert len(box.asked) == 3


@pytest.mark.parametrize("fields", ["text", {"key": "status"}, ["status"], [["status"]], 7])
def test_what_is_no_list_of_objects_is_told(box: ScriptedBox, fields: Any) -> None:
    box.answers["GET /metadata_templates/enterprise"] = {
        "entries": [{"id": "t", "fields": fields}],
        "next_marker": None,
    }
    with box.connected(OPTIONS) as connection, pytest.raises(box_dialect.DataError, match="not as its reference says"):
        rows(connection, "SELECT key FROM options")


def test_a_field_that_is_named_is_asked_for_only_where_it_is_read(box: ScriptedBox) -> None:
    named = (Column(f"c{n}", source=f"parts.p{n}.value", named=f"parts.p{n}") for n in range(100))
    listing = Endpoint(path="/things", paging=Paging.MARKER)
    things = Table(
        name="things",
        doc="",
        columns=(Column("id"), *named, Column("d", source="parts.d", hidden=True, named="parts.d")),
        paths=(AccessPath(name="all", endpoints=(listing,)),),
    )
    box.answers["GET /things"] = {"entries": [{"id": "1", "parts": {"p5": {"value": "five"}, "d": "D"}}]}
    with box.connected(things) as connection:
        for columns, fields, row in (
            ("c5", "id,parts.p5", ("five",)),
            ("c5, c90, d", "id,parts.d,parts.p5,parts.p90", ("five", None, "D")),
            ("max(c90)", "id,parts.p90", (None,)),
        ):
            assert rows(connection, f"SELECT {columns} FROM things") == [row]
            assert box.asked[-1].parameters["fields"] == fields
