"""Rows of several keys, keys that are texts, and targets in several tables, with tables that the tests declare."""

from __future__ import annotations

from typing import Any

import pytest
from scripted_box import ScriptedBox, by_id, rows, run, sent

import box_dialect
from box_dialect.api import Paging
from box_dialect.catalog.model import TEXT, AccessPath, Column, Endpoint, Table, Target, Type, Write

VERSION = {"box-version": "2025.0"}


INSTANCES = Table(
    name="instances",
    doc="",
    key=("item_id", "scope", "template"),
    columns=(
        Column("item_id"),
        Column("scope"),
        Column("template"),
        Column("status", insert="status", update="status", cleared=None),
        Column("amount", Type.INTEGER, insert="amount", update="amount", cleared=None),
        Column("odd", source="a/b~c", insert="a/b~c", update="a/b~c", cleared=None),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=(
                Endpoint(
                    path="/files/{item_id}/metadata/{scope}/{template}",
                    takes_fields=False,
                    known=frozenset({"item_id", "scope", "template"}),
                ),
            ),
            keys=("item_id", "scope", "template"),
            accepts={"scope": TEXT, "template": TEXT},
            unique=True,
        ),
        AccessPath(
            name="by file",
            endpoints=(
                Endpoint(
                    path="/files/{item_id}/metadata",
                    paging=Paging.ALL,
                    takes_fields=False,
                    known=frozenset({"item_id"}),
                ),
            ),
            keys=("item_id",),
        ),
    ),
    insert=Write(method="POST", path="/files/{item_id}/metadata/{scope}/{template}", answers=False, takes_fields=False),
    update=Write(method="PUT", path="/files/{item_id}/metadata/{scope}/{template}", patch="add", takes_fields=False),
    delete=Write(method="DELETE", path="/files/{item_id}/metadata/{scope}/{template}"),
)
ONE = "/files/7/metadata/enterprise/a%20%C3%BC%2F%3F"
TEMPLATE = "a ü/?"


def test_an_update_is_a_json_patch(box: ScriptedBox) -> None:
    box.answers |= {f"GET {ONE}": {"status": "open", "a/b~c": None}, f"PUT {ONE}": {"status": "done"}}
    where = "WHERE item_id = '7' AND scope = 'enterprise' AND template = ?"
    with box.connected(INSTANCES) as connection:
        run(connection, f"UPDATE instances SET status = 'done', odd = '/x', amount = 5 {where}", TEMPLATE)
        assert box.asked[-1].headers["content-type"] == "application/json-patch+json"
        assert sent(box) == [
            (
                f"PUT {ONE}",
                [
                    {"op": "add", "path": "/status", "value": "done"},
                    {"op": "add", "path": "/amount", "value": 5},
                    {"op": "add", "path": "/a~1b~0c", "value": "/x"},
                ],
            )
        ]
        run(connection, f"UPDATE instances SET status = NULL, odd = NULL, amount = 6 {where}", TEMPLATE)
        assert sent(box) == [
            (f"GET {ONE}", None),
            (f"PUT {ONE}", [{"op": "remove", "path": "/status"}, {"op": "add", "path": "/amount", "value": 6}]),
        ]
        cursor = run(connection, f"UPDATE instances SET odd = NULL {where} RETURNING status", TEMPLATE)
        assert cursor.fetchall() == [("open",)]
        assert {operation for operation, _ in sent(box)} == {f"GET {ONE}"}


def test_a_row_of_several_keys_that_are_texts(box: ScriptedBox) -> None:
    other = "/files/7/metadata/enterprise/t"
    box.answers |= {
        f"POST {ONE}": (201, {"status": "open"}),
        f"GET {ONE}": {"status": "open"},
        f"DELETE {ONE}": (204, None),
        f"GET {other}": {"status": "open"},
        "GET /files/7/metadata": {
            "entries": [
                {"scope": "enterprise", "template": "t", "status": "open"},
                {"scope": "enterprise", "template": TEMPLATE, "status": "open"},
                {"scope": "global", "template": "t", "status": "open"},
            ]
        },
    }
    with box.connected(INSTANCES) as connection:
        statement = "INSERT INTO instances (item_id, scope, template, status) VALUES ('7', 'enterprise', ?, 'open')"
        cursor = run(connection, f"{statement} RETURNING template, status", TEMPLATE)
        assert cursor.fetchall() == [(TEMPLATE, "open")]
        assert run(connection, statement, TEMPLATE).lastrowid == cursor.lastrowid != 0
        found = run(
            connection,
            "SELECT scope, template FROM instances "
            "WHERE (item_id = '7' AND scope = 'enterprise' AND template IN ('t', ?)) OR item_id = '7'",
            TEMPLATE,
        ).fetchall()
        assert sorted(found) == [("enterprise", TEMPLATE), ("enterprise", "t"), ("global", "t")]
        sent(box)
        cursor = run(connection, "DELETE FROM instances WHERE item_id = '7' AND template = ? AND status > ''", TEMPLATE)
        assert cursor.rowcount == 1
        assert sent(box) == [("GET /files/7/metadata", None), (f"DELETE {ONE}", None)]


@pytest.mark.parametrize("template", ["..", ".", "", "../../users/me", "a\nb"])
def test_a_text_that_no_path_can_hold_has_no_row(box: ScriptedBox, template: str) -> None:
    where = "WHERE item_id = '7' AND scope = 'enterprise' AND template = ?"
    with box.connected(INSTANCES) as connection:
        assert run(connection, f"SELECT status FROM instances {where}", template).fetchall() == []
        assert run(connection, f"UPDATE instances SET status = 'x' {where}", template).rowcount == 0
        if template:
            with pytest.raises(box_dialect.DataError, match="is no template that a path of Box's can hold"):
                run(connection, "INSERT INTO instances (item_id, scope, template) VALUES ('7', 'x', ?)", template)
    assert sent(box) == []


ASSIGNMENTS = Table(
    name="assignments",
    doc="",
    columns=(
        Column("id"),
        Column("policy_id", insert="policy_id"),
        Column("assign_to_type", source="assign_to.type", insert="assign_to.type", update="assign_to.type"),
        Column(
            "assign_to_id",
            source="assign_to.id",
            insert="assign_to.id",
            update="assign_to.id",
            target=Target(
                by="assign_to_type",
                tables={"folder": "folders.id", "metadata_template": "metadata_templates.id", "enterprise": None},
                alone=frozenset({"enterprise"}),
            ),
        ),
    ),
    paths=(by_id("/assignments/{id}"),),
    insert=Write(method="POST", path="/assignments", required=("policy_id",), takes_fields=False),
    update=Write(method="PUT", path="/assignments/{id}", takes_fields=False),
)


@pytest.mark.parametrize(
    ("kind", "identity", "body"),
    [
        ("folder", "5", {"policy_id": "1", "assign_to": {"type": "folder", "id": "5"}}),
        ("metadata_template", "5", {"policy_id": "1", "assign_to": {"type": "metadata_template", "id": "5"}}),
        ("enterprise", None, {"policy_id": "1", "assign_to": {"type": "enterprise"}}),
        (None, None, {"policy_id": "1"}),
        ("enterprise", "5", "INSERT INTO assignments takes no assign_to_id where assign_to_type is enterprise"),
        ("folder", None, "INSERT INTO assignments needs assign_to_id beside assign_to_type"),
        (None, "5", "INSERT INTO assignments needs assign_to_type beside assign_to_id"),
        ("file", "5", 'takes enterprise or folder or metadata_template for assign_to_type, not "file"'),
    ],
)
def test_a_target_is_in_one_of_several_tables(box: ScriptedBox, kind: Any, identity: Any, body: Any) -> None:
    box.answers["POST /assignments"] = 201, {"id": "2"}
    with box.connected(ASSIGNMENTS) as connection:
        statement = "INSERT INTO assignments (policy_id, assign_to_type, assign_to_id) VALUES ('1', ?, ?)"
        if isinstance(body, str):
            with pytest.raises(box_dialect.IntegrityError, match=body):
                run(connection, statement, kind, identity)
            assert sent(box) == []
        else:
            run(connection, statement, kind, identity)
            assert sent(box) == [("POST /assignments", body)]


def test_a_target_is_changed_with_its_type(box: ScriptedBox) -> None:
    box.answers["PUT /assignments/2"] = {"id": "2"}
    with box.connected(ASSIGNMENTS) as connection:
        with pytest.raises(box_dialect.IntegrityError, match="assignments needs assign_to_type beside assign_to_id"):
            run(connection, "UPDATE assignments SET assign_to_id = '6' WHERE id = '2'")
        with pytest.raises(box_dialect.IntegrityError, match="assignments needs assign_to_id beside assign_to_type"):
            run(connection, "UPDATE assignments SET assign_to_type = 'folder' WHERE id = '2'")
        assert sent(box) == []
        run(connection, "UPDATE assignments SET assign_to_type = 'folder', assign_to_id = '6' WHERE id = '2'")
        assert sent(box) == [("PUT /assignments/2", {"assign_to": {"type": "folder", "id": "6"}})]


def depot_items() -> Table:
    operation = {"item": {"id": "{id}", "type": "{type}"}}
    return Table(
        name="depot_items",
        doc="",
        key=("depot_id", "id"),
        columns=(Column("id"), Column("depot_id"), Column("type")),
        paths=(
            AccessPath(
                name="by hub",
                endpoints=(
                    Endpoint(
                        path="/depot_items",
                        parameters={"depot_id": "{depot_id}"},
                        paging=Paging.MARKER,
                        takes_fields=False,
                        known=frozenset({"depot_id"}),
                    ),
                ),
                keys=("depot_id",),
            ),
        ),
        insert=Write(
            method="POST",
            path="/depots/{depot_id}/manage_items",
            body={"operations": [{"action": "add", **operation}]},
            answers=False,
            results="operations",
            takes_fields=False,
        ),
        delete=Write(
            method="POST",
            path="/depots/{depot_id}/manage_items",
            body={"operations": [{"action": "remove", **operation}]},
            results="operations",
        ),
    )


def test_a_body_carries_the_keys_of_a_row(box: ScriptedBox) -> None:
    box.answers |= {
        "GET /depot_items": {"entries": [{"id": "8", "type": "file"}, {"id": "9", "type": "folder"}]},
        "POST /depots/1/manage_items": (207, {"operations": [{"status": 200}]}),
    }
    with box.connected(depot_items()) as connection:
        run(connection, "INSERT INTO depot_items (depot_id, id, type) VALUES ('1', '8', 'file')")
        with pytest.raises(box_dialect.IntegrityError, match="INSERT INTO depot_items needs a value for type"):
            run(connection, "INSERT INTO depot_items (depot_id, id) VALUES ('1', '8')")
        assert run(connection, "DELETE FROM depot_items WHERE depot_id = '1' AND id = '9'").rowcount == 1
    item = {"operations": [{"action": "add", "item": {"id": "8", "type": "file"}}]}
    assert sent(box) == [
        ("POST /depots/1/manage_items", item),
        ("GET /depot_items", None),
        ("POST /depots/1/manage_items", {"operations": [{"action": "remove", "item": {"id": "9", "type": "folder"}}]}),
    ]


def test_an_operation_that_failed_by_its_result_is_no_row(box: ScriptedBox) -> None:
    statement = "INSERT INTO depot_items (depot_id, id, type) VALUES ('1', '8', 'file')"
    box.answers["GET /depot_items"] = {"entries": [{"id": "9", "type": "folder"}]}
    with box.connected(depot_items()) as connection:
        for status, error, told in (
            (409, box_dialect.IntegrityError, "it is there"),
            (403, box_dialect.OperationalError, "it is there"),
            (404, box_dialect.OperationalError, "it is there .*does not exist, or the signed-in user cannot see it"),
        ):
            result = {"operations": [{"status": status, "error": "it is there"}]}
            box.answers["POST /depots/1/manage_items"] = 207, result
            with pytest.raises(error, match=told):
                run(connection, statement)
        assert run(connection, "DELETE FROM depot_items WHERE depot_id = '1'").rowcount == 0


@pytest.mark.parametrize(
    "answer", [{}, [], {"operations": "done"}, {"operations": [{"status": "200"}]}, {"operations": [7]}]
)
def test_an_odd_result_of_an_operation_is_told_as_such(box: ScriptedBox, answer: Any) -> None:
    box.answers["POST /depots/1/manage_items"] = 207, answer
    statement = "INSERT INTO depot_items (depot_id, id, type) VALUES ('1', '8', 'file')"
    told = "Box's answer is not as its reference says: no status of what"
    with box.connected(depot_items()) as connection, pytest.raises(box_dialect.DataError, match=told):
        run(connection, statement)


JOBS = Table(
    name="jobs",
    doc="",
    columns=(Column("id"), Column("status"), Column("source")),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/jobs/{id}", takes_fields=False),),
            keys=("id",),
            unique=True,
            lacks=frozenset({"source"}),
        ),
        AccessPath(
            name="all", endpoints=(Endpoint(path="/jobs", paging=Paging.MARKER, takes_fields=False),), calls=5, rows=9
        ),
    ),
)


def test_a_path_is_not_taken_for_a_column_that_it_lacks(box: ScriptedBox) -> None:
    box.answers |= {
        "GET /jobs/1": {"id": "1", "status": "done"},
        "GET /jobs": {"entries": [{"id": "1", "status": "done", "source": "api"}, {"id": "2", "source": "ui"}]},
    }
    with box.connected(JOBS) as connection:
        assert rows(connection, "SELECT id, status FROM jobs WHERE id = '1'") == [("1", "done")]
        assert sent(box) == [("GET /jobs/1", None)]
        for columns, where in (("id, source", "id = '1'"), ("id, 'api'", "id = '1' AND source = 'api'")):
            assert rows(connection, f"SELECT {columns} FROM jobs WHERE {where}") == [("1", "api")]
            assert sent(box) == [("GET /jobs", None)]
