"""What the declaration of a table can say of how its rows are written, with tables that the tests declare."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from scripted_box import NOT_FOUND, ScriptedBox, by_id, run, sent

import box_dialect
from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Form, Table, Type, Write

VERSION = {"box-version": "2025.0"}


HUBS = Table(
    name="depots",
    doc="",
    columns=(
        Column("id"),
        Column("title", insert="title", update="title"),
        Column("note", update="note", cleared=None),
    ),
    paths=(by_id("/depots/{id}", headers=VERSION),),
    insert=Write(method="POST", path="/depots", headers=VERSION, required=("title",), takes_fields=False),
    update=Write(method="PUT", path="/depots/{id}", headers=VERSION, takes_fields=False),
    delete=Write(method="DELETE", path="/depots/{id}", headers=VERSION),
)


def test_each_call_of_a_write_has_its_headers(box: ScriptedBox) -> None:
    box.answers |= {
        "POST /depots": {"id": "1", "title": "a"},
        "PUT /depots/1": {"id": "1", "title": "b"},
        "GET /depots/1": {"id": "1", "title": "b"},
        "DELETE /depots/1": (204, None),
        "PUT /depots/2": NOT_FOUND,
    }
    with box.connected(HUBS) as connection:
        run(connection, "INSERT INTO depots (title, note) VALUES ('a', 'n')")
        run(connection, "UPDATE depots SET title = 'b' WHERE id = '1'")
        assert run(connection, "UPDATE depots SET title = 'b' WHERE id = '2'").rowcount == 0
        run(connection, "DELETE FROM depots WHERE id = '1'")
    assert box.operations == [
        "POST /depots",
        "PUT /depots/1",
        "PUT /depots/1",
        "PUT /depots/2",
        "GET /depots/2",
        "DELETE /depots/1",
    ]
    assert {each.headers["box-version"] for each in box.asked} == {"2025.0"}


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
def test_what_may_have_been_carried_out_is_told(box: ScriptedBox, method: str) -> None:
    box.answers[f"{method} /depots/1"] = 502, {"message": "bad gateway"}
    table = replace(HUBS, update=Write(method=method, path="/depots/{id}", takes_fields=False))
    with box.connected(table) as connection, pytest.raises(box_dialect.OperationalError) as caught:
        run(connection, "UPDATE depots SET title = 'a' WHERE id = '1'")
    assert ("Box may have carried it out" in str(caught.value)) == (method != "PUT")


BARRIERS = Table(
    name="barriers",
    doc="",
    columns=(
        Column("id"),
        Column("enterprise_id", source="enterprise.id", insert="enterprise.id"),
        Column("status", insert="status", update="status"),
        Column("name", insert="name", update="name"),
        Column("watermark", source="watermark.imprint", insert="watermark.imprint", update="watermark.imprint"),
    ),
    paths=(by_id("/barriers/{id}"),),
    insert=Write(
        method="POST",
        path="/barriers",
        required=("enterprise_id",),
        body={"enterprise": {"type": "enterprise"}},
        takes_fields=False,
        then=(
            Write(
                method="POST",
                path="/barriers/change_status",
                body={"id": "{id}"},
                columns=frozenset({"status"}),
                takes_fields=False,
            ),
            Write(
                method="PUT",
                path="/barriers/{id}/watermark",
                columns=frozenset({"watermark"}),
                answers=False,
                takes_fields=False,
            ),
        ),
    ),
    update=Write(
        method="PUT",
        path="/barriers/{id}",
        takes_fields=False,
        then=(
            Write(
                method="POST",
                path="/barriers/change_status",
                body={"id": "{id}"},
                columns=frozenset({"status"}),
                takes_fields=False,
            ),
            Write(
                method="PUT",
                path="/barriers/{id}/watermark",
                columns=frozenset({"watermark"}),
                answers=False,
                takes_fields=False,
            ),
        ),
    ),
)
BARRIER = {"id": "5", "enterprise": {"id": "1"}, "status": "pending", "name": "n", "watermark": {"imprint": "default"}}


def barriers(box: ScriptedBox) -> None:
    box.answers |= {
        "POST /barriers": {"id": "5", "enterprise": {"id": "1"}, "status": "draft"},
        "PUT /barriers/5": {"id": "5", "name": "n"},
        "POST /barriers/change_status": {"id": "5", "status": "pending"},
        "PUT /barriers/5/watermark": {"watermark": {"created_at": None}},
        "GET /barriers/5": BARRIER,
    }


def test_a_row_is_made_by_several_calls(box: ScriptedBox) -> None:
    barriers(box)
    with box.connected(BARRIERS) as connection:
        run(connection, "INSERT INTO barriers (enterprise_id) VALUES ('1')")
        assert sent(box) == [("POST /barriers", {"enterprise": {"type": "enterprise", "id": "1"}})]
        statement = "INSERT INTO barriers (enterprise_id, status, watermark) VALUES ('1', 'pending', '{x}')"
        run(connection, statement)
        calls = [
            ("POST /barriers", {"enterprise": {"type": "enterprise", "id": "1"}}),
            ("POST /barriers/change_status", {"id": "5", "status": "pending"}),
            ("PUT /barriers/5/watermark", {"watermark": {"imprint": "{x}"}}),
        ]
        assert sent(box) == calls
        returned = run(connection, f"{statement} RETURNING id, status, watermark").fetchall()
        assert returned == [("5", "pending", "default")]
        assert sent(box) == [*calls, ("GET /barriers/5", None)]


def test_a_row_is_changed_by_the_calls_of_the_columns_that_are_set(box: ScriptedBox) -> None:
    barriers(box)
    with box.connected(BARRIERS) as connection:
        run(connection, "UPDATE barriers SET status = 'pending' WHERE id = '5'")
        assert sent(box) == [("POST /barriers/change_status", {"id": "5", "status": "pending"})]
        cursor = run(
            connection, "UPDATE barriers SET name = 'n', watermark = 'w' WHERE id = '5' RETURNING name, watermark"
        )
        assert cursor.fetchall() == [("n", "default")]
        assert sent(box) == [
            ("PUT /barriers/5", {"name": "n"}),
            ("PUT /barriers/5/watermark", {"watermark": {"imprint": "w"}}),
            ("GET /barriers/5", None),
        ]


def test_what_is_half_done_is_told(box: ScriptedBox) -> None:
    barriers(box)
    box.answers["POST /barriers/change_status"] = 409, {"code": "conflict", "message": "not now"}
    with box.connected(BARRIERS) as connection:
        statement = "INSERT INTO barriers (enterprise_id, status, watermark) VALUES ('1', 'pending', 'w')"
        with pytest.raises(
            box_dialect.IntegrityError, match=r"not now.*; the row was made with id 5, but without status, watermark$"
        ):
            run(connection, statement)
        with pytest.raises(
            box_dialect.IntegrityError, match=r"not now.*; name of id 5 had been set, but without status, watermark$"
        ):
            run(connection, "UPDATE barriers SET status = 'pending', name = 'n', watermark = 'w' WHERE id = '5'")
        barriers(box)
        box.answers["PUT /barriers/5/watermark"] = 403, {"code": "forbidden", "message": "no"}
        with pytest.raises(
            box_dialect.OperationalError, match=r"; status of id 5 had been set, but without watermark$"
        ):
            run(connection, "UPDATE barriers SET status = 'pending', watermark = 'w' WHERE id = '5'")


def test_a_conflict_that_leaves_a_row_half_changed_is_not_ignored(box: ScriptedBox) -> None:
    barriers(box)
    box.answers["POST /barriers/change_status"] = 409, {"code": "conflict", "message": "not now"}
    with box.connected(BARRIERS) as connection:
        assert run(connection, "UPDATE OR IGNORE barriers SET status = 'x' WHERE id = '5'").rowcount == 0
        with pytest.raises(box_dialect.OperationalError, match=r"name of id 5 had been set, but without status$"):
            run(connection, "UPDATE OR IGNORE barriers SET status = 'x', name = 'n' WHERE id = '5'")


def test_a_further_call_that_is_the_first_finds_no_row(box: ScriptedBox) -> None:
    with box.connected(BARRIERS) as connection:
        assert run(connection, "UPDATE barriers SET status = 'pending' WHERE id = '6'").rowcount == 0
        assert [operation for operation, _ in sent(box)] == ["POST /barriers/change_status", "GET /barriers/6"]


def test_what_box_answers_stands_where_no_single_row_can_be_read(box: ScriptedBox) -> None:
    box.answers |= {
        "PUT /depots/1": NOT_FOUND,
        "GET /depots/1": (405, {"code": "method_not_allowed", "message": "no GET"}),
    }
    with (
        box.connected(HUBS) as connection,
        pytest.raises(box_dialect.OperationalError, match="there is no such object"),
    ):
        run(connection, "UPDATE depots SET title = 'a' WHERE id = '1'")


LISTS = Table(
    name="lists",
    doc="",
    columns=(
        Column("id"),
        Column("etag"),
        Column("name", insert="name", update="name"),
        Column("kind", source="content.type", insert="content.type", update="content.type"),
        Column("words", Type.JSON, source="content.words", insert="content.words", update="content.words"),
        Column("comment", update="comment", cleared=None),
        Column("valid_from", insert="valid.from", update="valid.from"),
        Column("valid_to", insert="valid.to", update="valid.to"),
    ),
    paths=(by_id("/lists/{id}"),),
    insert=Write(method="POST", path="/lists", takes_fields=False, together=(("valid_from", "valid_to"),)),
    update=Write(
        method="PUT",
        path="/lists/{id}",
        takes_fields=False,
        takes_etag=True,
        whole=(("name", "kind", "words"),),
        together=(("valid_from", "valid_to"),),
    ),
)
A_LIST = {"id": "3", "etag": "4", "name": "old", "content": {"type": "words", "words": ["a", {"b": 1}]}, "comment": "c"}


def test_an_update_sends_the_columns_that_box_replaces_together(box: ScriptedBox) -> None:
    box.answers |= {"GET /lists/3": A_LIST, "PUT /lists/3": A_LIST}
    with box.connected(LISTS) as connection:
        run(connection, "UPDATE lists SET name = 'new' WHERE id = '3'")
        assert box.asked[-1].headers["if-match"] == "4"
        assert sent(box) == [
            ("GET /lists/3", None),
            ("PUT /lists/3", {"name": "new", "content": {"type": "words", "words": ["a", {"b": 1}]}}),
        ]
        run(connection, "UPDATE lists SET comment = 'x' WHERE id = '3'")
        assert "if-match" not in box.asked[-1].headers
        assert sent(box) == [("PUT /lists/3", {"comment": "x"})]
        run(connection, "UPDATE lists SET name = 'n', kind = 'k', words = '[]' WHERE id = '3'")
        assert sent(box) == [("PUT /lists/3", {"name": "n", "content": {"type": "k", "words": []}})]


def test_a_row_that_is_no_object_is_not_written_by(box: ScriptedBox) -> None:
    box.answers |= {"GET /lists/3": [A_LIST], "PUT /lists/3": A_LIST}
    told = "GET /lists/3: Box's answer is not as its reference says: no object"
    with box.connected(LISTS) as connection, pytest.raises(box_dialect.DataError, match=told):
        run(connection, "UPDATE lists SET name = 'new' WHERE id = '3'")
    assert sent(box) == [("GET /lists/3", None)]


def test_what_another_changes_meanwhile_is_not_overwritten(box: ScriptedBox) -> None:
    box.answers |= {
        "GET /lists/3": A_LIST,
        "PUT /lists/3": (412, {"code": "precondition_failed", "message": "changed"}),
    }
    with box.connected(LISTS) as connection:
        with pytest.raises(box_dialect.OperationalError, match="someone else changed the item"):
            run(connection, "UPDATE lists SET name = 'new' WHERE id = '3'")
        assert run(connection, "UPDATE lists SET name = 'new' WHERE id = '3' AND etag = '4'").rowcount == 0


def test_a_row_is_read_where_its_table_reads_one(box: ScriptedBox) -> None:
    by_query = AccessPath(
        name="by id",
        endpoints=(Endpoint(path="/query", method="POST", body={"id": "{id}"}),),
        keys=("id",),
        unique=True,
    )
    by_parameter = AccessPath(
        name="by parameter",
        endpoints=(Endpoint(path="/lists", parameters={"id": "{id}"}, takes_fields=False),),
        keys=("id",),
        unique=True,
    )
    box.answers |= {"GET /lists": A_LIST, "PUT /lists/3": A_LIST}
    with box.connected(replace(LISTS, paths=(by_query, by_parameter))) as connection:
        run(connection, "UPDATE lists SET kind = 'x' WHERE id = '3'")
        assert box.asked[0].parameters == {"id": "3"}
        assert sent(box) == [
            ("GET /lists", None),
            ("PUT /lists/3", {"name": "old", "content": {"type": "x", "words": ["a", {"b": 1}]}}),
        ]


def test_columns_that_travel_together_are_given_all_or_none(box: ScriptedBox) -> None:
    box.answers |= {"POST /lists": A_LIST, "PUT /lists/3": A_LIST}
    with box.connected(LISTS) as connection:
        with pytest.raises(box_dialect.IntegrityError, match="INSERT INTO lists needs valid_to beside valid_from"):
            run(connection, "INSERT INTO lists (name, valid_from) VALUES ('a', '1')")
        with pytest.raises(box_dialect.IntegrityError, match="UPDATE lists needs valid_from beside valid_to"):
            run(connection, "UPDATE lists SET valid_to = '2' WHERE id = '3'")
        assert sent(box) == []
        run(connection, "INSERT INTO lists (name) VALUES ('a')")
        run(connection, "INSERT INTO lists (name, valid_from, valid_to) VALUES ('a', '1', '2')")
        run(connection, "UPDATE lists SET valid_from = '1', valid_to = '2' WHERE id = '3'")
        assert [body for _, body in sent(box)] == [
            {"name": "a"},
            {"name": "a", "valid": {"from": "1", "to": "2"}},
            {"valid": {"from": "1", "to": "2"}},
        ]


def test_what_an_update_sends_of_a_new_row_is_given_all_or_none_too(box: ScriptedBox) -> None:
    table = replace(LISTS, insert=Write(method="POST", path="/lists", takes_fields=False))
    with box.connected(table) as connection, pytest.raises(box_dialect.IntegrityError, match="needs valid_to beside"):
        run(connection, "INSERT INTO lists (name, valid_from) VALUES ('a', '1')")
    assert sent(box) == []


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Write(method="PUT", path="/x", patch="test"), "adds or replaces"),
        (lambda: Write(method="PUT", path="/x", patch="add", body={"a": 1}), "adds or replaces"),
        (lambda: Write(method="PUT", path="/x", then=(Write(method="PUT", path="/y"),)), "has columns of its own"),
        (
            lambda: Write(method="PUT", path="/a/{x}", by="y", others={"z": Write(method="PUT", path="/a/{w}")}),
            "the calls for other values of y name the same columns",
        ),
        (
            lambda: Table(
                name="wrong",
                doc="",
                columns=(Column("id"),),
                paths=(),
                update=Write(method="PUT", path="/x", whole=(("y",),)),
            ),
            "wrong has no column y, which /x names",
        ),
    ],
)
def test_a_slip_of_a_declaration_is_told(make: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make()


def test_who_sets_what_another_table_writes_is_told_which(box: ScriptedBox) -> None:
    column = Column("amount", written_in="amounts")
    depots = replace(HUBS, columns=(*HUBS.columns, column))
    shown = replace(depots, name="shown_hubs", insert=None, update=None, delete=None)
    with box.connected(depots, shown) as connection:
        box.answers["GET /depots/1"] = {"id": "1", "title": "a"}
        with pytest.raises(box_dialect.ProgrammingError, match=r"cannot set amount of depots.*; write to amounts$"):
            run(connection, "UPDATE depots SET amount = 1 WHERE id = '1'")
        with pytest.raises(box_dialect.NotSupportedError, match=r"only reads it; write to amounts$"):
            run(connection, "UPDATE shown_hubs SET amount = 1 WHERE id = '1'")


LABELS = Table(
    name="labels",
    doc="",
    columns=(
        Column("id", nullable=False),
        Column("colour", options=("red", "blue"), insert="colour", update="colour", cleared=None),
        Column("words", Type.JSON, form=Form("a list", lambda value: isinstance(value, list)), update=r"the\.words"),
        Column("version", Type.INTEGER, source="$version"),
    ),
    fields=(),
    paths=(
        by_id("/items/{id}/labels/{kind}", constants={"kind": "a/b"}, known=frozenset({"id"})),
        AccessPath(name="all", endpoints=(Endpoint(path="/labels", paging=Paging.ALL, takes_fields=False),)),
    ),
    insert=Write(method="POST", path="/items/{id}/labels/{kind}", constants={"kind": "a/b"}, takes_fields=False),
    update=Write(
        method="PUT",
        path="/items/{id}/labels/{kind}",
        constants={"kind": "a/b"},
        patch="replace",
        tests="$version",
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/items/{id}/labels/{kind}", constants={"kind": "a/b"}),
)


def test_a_patch_has_what_differs_from_the_row_that_was_read(box: ScriptedBox) -> None:
    label = {"id": "1", "colour": "red", "the.words": ["x"], "$version": 3}
    box.answers |= {
        "GET /labels": {"entries": [label, {"id": "2", "colour": "blue", "$version": 0}]},
        "PUT /items/1/labels/a%2Fb": label,
        "PUT /items/2/labels/a%2Fb": label,
        "POST /items/3/labels/a%2Fb": label,
        "DELETE /items/3/labels/a%2Fb": (204, None),
    }
    with box.connected(LABELS) as connection:
        assert run(connection, """UPDATE labels SET colour = 'red', words = '["y"]'""").rowcount == 2
        run(connection, "INSERT INTO labels (id, colour) VALUES ('3', 'blue')")
        run(connection, "DELETE FROM labels WHERE id = '3'")
    patches = {each.path: each.body for each in box.asked if each.method == "PUT"}
    words = {"op": "replace", "path": "/the.words", "value": ["y"]}
    assert patches == {
        "/items/1/labels/a%2Fb": [{"op": "test", "path": "/$version", "value": 3}, words],
        "/items/2/labels/a%2Fb": [
            {"op": "test", "path": "/$version", "value": 0},
            {"op": "replace", "path": "/colour", "value": "red"},
            words,
        ],
    }


def test_a_version_that_a_statement_names_is_tested(box: ScriptedBox) -> None:
    conflict = 409, {"code": "failed_json_patch_application", "message": "value differs from expectations"}
    box.answers["PUT /items/1/labels/a%2Fb"] = conflict
    with box.connected(LABELS) as connection:
        update = "UPDATE labels SET colour = 'red' WHERE id = '1' AND version = 3"
        assert run(connection, update).rowcount == 0
    (asked,) = box.asked
    assert asked.body[0] == {"op": "test", "path": "/$version", "value": 3}


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ("colour = 'blu'", box_dialect.IntegrityError, 'colour takes red or blue, not "blu"; did you mean blue'),
        ("words = '{}'", box_dialect.DataError, "column words takes a list, not '{}'"),
    ],
)
def test_what_has_another_form_is_not_sent(
    box: ScriptedBox, values: str, error: type[box_dialect.Error], said: str
) -> None:
    with box.connected(LABELS) as connection, pytest.raises(error, match=re.escape(said)):
        run(connection, f"UPDATE labels SET {values} WHERE id = '1'")
    assert box.asked == []


BADGES = Table(
    name="badges",
    doc="",
    columns=(
        Column("id"),
        Column("pin", hidden=True, secret=True, derived=NOTHING, update="seal.pin", cleared=None),
        Column("title", insert="title", update="title"),
        Column("seal_kind", source="seal.kind", update="seal.kind", removes="seal"),
        Column("seal_until", Type.TIMESTAMP, "seal.until", update="seal.until_at"),
    ),
    paths=(by_id("/badges/{id}"),),
    update=Write(method="PUT", path="/badges/{id}", objects={"seal": {"access": "sealed"}}, takes_fields=False),
)


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ("title = 'a'", {"title": "a"}),
        ("seal_kind = 'wax'", {"seal": {"access": "sealed", "kind": "wax"}}),
        (
            "title = 'a', seal_until = '2030-01-01'",
            {"title": "a", "seal": {"access": "sealed", "until_at": "2030-01-01T00:00:00+00:00"}},
        ),
        ("seal_kind = NULL", {"seal": None}),
        ("seal_kind = NULL, pin = NULL, title = 'a'", {"title": "a", "seal": None}),
        ("pin = NULL", {"seal": {"access": "sealed", "pin": None}}),
    ],
)
def test_an_object_of_the_body_is_set_or_removed(box: ScriptedBox, values: str, body: Any) -> None:
    box.answers["PUT /badges/1"] = {"id": "1"}
    with box.connected(BADGES) as connection:
        run(connection, f"UPDATE badges SET {values} WHERE id = '1'")
    assert sent(box) == [("PUT /badges/1", body)]


def test_nothing_is_set_in_an_object_that_is_removed(box: ScriptedBox) -> None:
    with (
        box.connected(BADGES) as connection,
        pytest.raises(box_dialect.IntegrityError, match="cannot set pin and seal_until where seal_kind is NULL"),
    ):
        run(connection, "UPDATE badges SET seal_kind = NULL, pin = '1', seal_until = '2030-01-01' WHERE id = '1'")
    assert box.asked == []


def test_what_a_secret_column_is_given_is_not_told(box: ScriptedBox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "box_dialect")
    box.answers["PUT /badges/1"] = {"id": "1"}
    with box.connected(BADGES) as connection:
        run(connection, "UPDATE badges SET pin = '4711' WHERE id = '1'")
    assert "4711" not in caplog.text
    assert "SET pin = ***" in caplog.text
