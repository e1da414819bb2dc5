"""What a declaration says of the parents that rows are listed for, with tables that the tests declare."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scripted_box import ScriptedBox, pages, plan, rows

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.folder_items import FOLDER_ITEMS
from box_dialect.catalog.model import (
    TEXT,
    AccessPath,
    Column,
    Endpoint,
    FanOut,
    Having,
    Nested,
    Table,
)

POLICIES = Endpoint(path="/retention_policies", paging=Paging.MARKER, max_limit=2)
ASSIGNMENTS = Endpoint(
    path="/retention_policies/{policy_id}/assignments",
    paging=Paging.MARKER,
    takes_fields=False,
    known=frozenset({"policy_id"}),
)
FILES = Endpoint(
    path="/retention_policy_assignments/{assignment_id}/files_under_retention",
    paging=Paging.MARKER,
    takes_fields=False,
    known=frozenset({"assignment_id"}),
)
OF_POLICIES = FanOut(
    parents=POLICIES, key="policy_id", having=Having("status", among=frozenset({"active", "expiring"}))
)
OF_ASSIGNMENTS = FanOut(
    parents=ASSIGNMENTS, key="assignment_id", outer=OF_POLICIES, having=Having("assigned_to.type", frozenset({"none"}))
)
RETAINED = Table(
    name="retained",
    doc="",
    key=("assignment_id", "id"),
    columns=(Column("id"), Column("assignment_id"), Column("policy_id"), Column("name")),
    paths=(
        AccessPath(name="by assignment", endpoints=(FILES,), keys=("assignment_id",)),
        AccessPath(
            name="by policy",
            endpoints=(FILES.knowing("assignment_id", "policy_id"),),
            keys=("policy_id",),
            fan_out=FanOut(parents=ASSIGNMENTS, key="assignment_id"),
            calls=3,
        ),
        AccessPath(
            name="of every policy",
            endpoints=(FILES.knowing("assignment_id", "policy_id"),),
            fan_out=OF_ASSIGNMENTS,
            calls=100,
            rows=1000,
        ),
    ),
)


def retention(box: ScriptedBox) -> None:
    """Let there be four policies, of which one is retired and one tells no status, with two assignments each."""
    statuses = {"1": "active", "2": "retired", "3": "expiring", "4": None}
    policies = [{"id": number, "type": "retention_policy", "status": status} for number, status in statuses.items()]
    box.answers["GET /retention_policies"] = pages(policies, 2, lambda asked: asked.parameters.get("marker"))
    for policy in statuses:
        entries = [
            {"id": f"{policy}0", "assigned_to": {"type": "folder"}},
            {"id": f"{policy}1", "assigned_to": {"type": "none"}},
        ]
        box.answers[f"GET /retention_policies/{policy}/assignments"] = {"entries": entries}
        for entry in entries:
            files = [{"id": "7", "name": f"of {entry['id']}"}, {"id": "8", "name": "both"}]
            box.answers[f"GET /retention_policy_assignments/{entry['id']}/files_under_retention"] = {"entries": files}


def test_rows_are_listed_through_several_levels_of_parents(box: ScriptedBox) -> None:
    retention(box)
    with box.connected(RETAINED) as connection:
        statement = "SELECT policy_id, assignment_id, id, name FROM retained"
        assert sorted(rows(connection, statement)) == [
            (policy, f"{policy}0", number, name)
            for policy in ("1", "3")
            for number, name in (("7", f"of {policy}0"), ("8", "both"))
        ]
        assert sorted(box.operations) == [
            "GET /retention_policies",
            "GET /retention_policies",
            "GET /retention_policies/1/assignments",
            "GET /retention_policies/3/assignments",
            "GET /retention_policy_assignments/10/files_under_retention",
            "GET /retention_policy_assignments/30/files_under_retention",
        ]
        assert {each.parameters.get("fields") for each in box.asked} == {"id,status,type", None}
        assert plan(connection, statement).endswith(
            "of every policy: GET /retention_policies, then GET /retention_policies/{policy_id}/assignments, "
            "then GET /retention_policy_assignments/{assignment_id}/files_under_retention"
        )
        assert len(set(rows(connection, "SELECT rowid FROM retained"))) == 4


def test_a_fan_out_begins_at_the_key_of_an_outer_level(box: ScriptedBox) -> None:
    retention(box)
    with box.connected(RETAINED) as connection:
        statement = "SELECT policy_id, name FROM retained WHERE policy_id IN ('2', '4') AND id = '7'"
        assert sorted(rows(connection, statement)) == [
            ("2", "of 20"),
            ("2", "of 21"),
            ("4", "of 40"),
            ("4", "of 41"),
        ]
        assert "GET /retention_policies" not in box.operations
        box.asked.clear()
        assert rows(connection, "SELECT name FROM retained WHERE assignment_id = '31' AND id = '7'") == [("of 31",)]
        assert len(box.asked) == 1


HUBS = Endpoint(path="/hubs", headers={"box-version": "2025.0"}, paging=Paging.MARKER, takes_fields=False)
BLOCKS = Endpoint(
    path="/hub_document_blocks",
    parameters={"hub_id": "{hub_id}", "page_id": "{page_id}"},
    headers={"box-version": "2025.0"},
    paging=Paging.MARKER,
    takes_fields=False,
    known=frozenset({"hub_id", "page_id"}),
)
PAGES = Endpoint(
    path="/hub_document_pages",
    parameters={"hub_id": "{hub_id}"},
    headers={"box-version": "2025.0"},
    paging=Paging.MARKER,
    takes_fields=False,
)
BLOCKS_OF_HUBS = Table(
    name="blocks",
    doc="",
    key=("hub_id", "page_id", "id"),
    columns=(Column("id"), Column("hub_id"), Column("page_id")),
    paths=(
        AccessPath(name="by page", endpoints=(BLOCKS,), keys=("hub_id", "page_id"), accepts={"page_id": TEXT}),
        AccessPath(
            name="all",
            endpoints=(BLOCKS,),
            fan_out=FanOut(parents=PAGES, key="page_id", outer=FanOut(parents=HUBS, key="hub_id")),
            calls=100,
        ),
    ),
)


def test_a_parent_of_two_outer_ones_is_asked_for_under_each_where_its_rows_need_both(box: ScriptedBox) -> None:
    box.answers["GET /hubs"] = {"entries": [{"id": "1"}, {"id": "2"}]}
    box.answers["GET /hub_document_pages"] = {"entries": [{"id": "first page"}]}
    box.answers["GET /hub_document_blocks"] = {"entries": [{"id": "b"}]}
    with box.connected(BLOCKS_OF_HUBS) as connection:
        assert sorted(rows(connection, "SELECT hub_id, page_id, id FROM blocks")) == [
            ("1", "first page", "b"),
            ("2", "first page", "b"),
        ]
        assert {each.headers["box-version"] for each in box.asked} == {"2025.0"}
        box.asked.clear()
        where = "WHERE hub_id = '2' AND page_id = 'first page'"
        assert rows(connection, f"SELECT id FROM blocks {where}") == [("b",)]
        assert [each.parameters for each in box.asked] == [{"hub_id": "2", "page_id": "first page", "limit": "1000"}]


def test_a_parent_of_two_outer_ones_is_asked_for_once_where_its_rows_need_no_other(box: ScriptedBox) -> None:
    aliases = Endpoint(path="/users/{user_id}/email_aliases", paging=Paging.ALL, takes_fields=False)
    members = Endpoint(path="/groups/{group_id}/memberships", paging=Paging.ALL, takes_fields=False)
    table = Table(
        name="aliases",
        doc="",
        columns=(Column("id"), Column("user_id")),
        paths=(
            AccessPath(
                name="of members",
                endpoints=(aliases.knowing("user_id"),),
                fan_out=FanOut(
                    parents=members,
                    key="user_id",
                    source="user.id",
                    outer=FanOut(parents=Endpoint(path="/groups", paging=Paging.ALL), key="group_id"),
                ),
            ),
        ),
    )
    box.answers["GET /groups"] = {"entries": [{"id": "1"}, {"id": "2"}]}
    for group in ("1", "2"):
        box.answers[f"GET /groups/{group}/memberships"] = {"entries": [{"id": f"m{group}", "user": {"id": "5"}}]}
    box.answers["GET /users/5/email_aliases"] = {"entries": [{"id": "9"}]}
    with box.connected(table) as connection:
        assert rows(connection, "SELECT user_id, id FROM aliases") == [("5", "9")]
    assert box.operations.count("GET /users/5/email_aliases") == 1


def test_a_filter_is_sent_for_the_rows_and_not_for_their_parents(box: ScriptedBox) -> None:
    retention(box)
    path = AccessPath(
        name="all", endpoints=(FILES,), fan_out=OF_ASSIGNMENTS, filters=(filters.equals("name", "file_name"),)
    )
    table = Table(name="named", doc="", columns=(Column("id"), Column("name"), Column("assignment_id")), paths=(path,))
    with box.connected(table) as connection:
        assert rows(connection, "SELECT assignment_id FROM named WHERE name = 'of 10'") == [("10",)]
    sent = {each.path for each in box.asked if "file_name" in each.parameters}
    assert sent == {each.path for each in box.asked if "files_under_retention" in each.path}


def test_many_keys_that_a_fan_out_lists_in_fewer_calls_have_all_their_rows(box: ScriptedBox) -> None:
    retention(box)
    of_all = FanOut(parents=ASSIGNMENTS, key="assignment_id", outer=FanOut(parents=POLICIES, key="policy_id"))
    every = replace(RETAINED.paths[2], fan_out=of_all)
    with box.connected(replace(RETAINED, paths=(*RETAINED.paths[:2], every))) as connection:
        statement = (
            "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 399) "
            "SELECT r.policy_id, r.assignment_id, r.id FROM n CROSS JOIN retained r WHERE r.policy_id = n || ''"
        )
        assert sorted(rows(connection, statement)) == sorted(
            (policy, f"{policy}{end}", number) for policy in "1234" for end in "01" for number in "78"
        )
        assert len(box.asked) < 50


def test_what_is_read_beside_a_fan_out_is_no_row_twice_and_no_parent(box: ScriptedBox) -> None:
    kinds = tuple(
        Endpoint(
            path=f"/{kind}/{{shelf_id}}/shares",
            paging=Paging.ALL,
            takes_fields=False,
            known=frozenset({"shelf_id"}),
            given={"kind": kind},
            parent_type=kind,
        )
        for kind in ("wood", "steel")
    )
    shelves = Endpoint(path="/shelves", paging=Paging.ALL, takes_fields=False)
    table = Table(
        name="shares",
        doc="",
        columns=(Column("id"), Column("shelf_id"), Column("kind")),
        paths=(
            AccessPath(name="by shelf", endpoints=kinds, keys=("shelf_id",), calls=2),
            AccessPath(
                name="of every shelf",
                endpoints=kinds,
                also=(Endpoint(path="/shares", paging=Paging.ALL, takes_fields=False),),
                fan_out=FanOut(parents=shelves, key="shelf_id", having=Having("shared")),
                calls=3,
            ),
        ),
    )
    box.answers |= {
        "GET /shelves": {"entries": [{"id": "1", "type": "wood", "shared": True}, {"id": "2", "type": "steel"}]},
        "GET /wood/1/shares": {"entries": [{"id": "a", "kind": "wood"}, {"id": "b", "kind": "wood"}]},
        "GET /shares": {"entries": [{"id": "b"}, {"id": "c"}]},
    }
    with box.connected(table) as connection:
        assert sorted(rows(connection, "SELECT id, shelf_id FROM shares"), key=str) == [
            ("a", "1"),
            ("b", "1"),
            ("c", None),
        ]
        assert box.operations == ["GET /shelves", "GET /wood/1/shares", "GET /shares"]
        box.asked.clear()
        assert sorted(rows(connection, "SELECT id FROM shares WHERE kind = 'wood'")) == [("a",), ("b",)]
        wanted = "SELECT id FROM shares WHERE shelf_id IN ('1', '2')"
        assert sorted(rows(connection, wanted)) == [("a",), ("b",)]
        assert "GET /shares" not in box.operations
        assert rows(connection, "SELECT id FROM shares LIMIT 3")


def test_parents_that_a_listing_shows_to_have_no_rows_are_not_asked(box: ScriptedBox) -> None:
    having = Having("status", among=frozenset({"active"}))
    listing = Endpoint(path="/retention_policies", paging=Paging.MARKER, lists={"retention_policy": "policies"})
    rows_of = Endpoint(
        path="/retention_policies/{policy_id}/assignments",
        paging=Paging.ALL,
        takes_fields=False,
        known=frozenset({"policy_id"}),
        parent_type="retention_policy",
    )
    policies = Table(
        name="policies",
        doc="",
        columns=(Column("id"), Column("status")),
        paths=(AccessPath(name="all", endpoints=(listing,)),),
    )
    assignments = Table(
        name="assignments",
        doc="",
        columns=(Column("id"), Column("policy_id")),
        paths=(
            AccessPath(name="by policy", endpoints=(rows_of,), keys=("policy_id",)),
            AccessPath(
                name="all",
                endpoints=(rows_of,),
                fan_out=FanOut(parents=listing, key="policy_id", having=having),
                calls=9,
            ),
        ),
    )
    retention(box)
    with box.connected(policies, assignments) as connection:
        statement = "SELECT p.id, a.id FROM policies p LEFT JOIN assignments a ON a.policy_id = p.id"
        found = rows(connection, statement)
        assert [row for row in found if row[1] is None] == [("2", None), ("3", None)]
        assert {each for each in box.operations if "assignments" in each} == {
            f"GET /retention_policies/{number}/assignments" for number in ("1", "4")
        }


def test_counts_of_an_object_tell_which_parents_have_rows(box: ScriptedBox) -> None:
    counts = [{"folder": 0, "user": 2}, {"folder": 0, "user": 0}, {}, None, {"folder": None, "user": 0}]
    entries = [{"id": str(number), "counts": each} for number, each in enumerate(counts)]
    box.answers["GET /retention_policies"] = {"entries": entries}
    box.answers["GET /retention_policies/0/assignments"] = {"entries": [{"id": "7"}]}
    assignments = Endpoint(
        path="/retention_policies/{policy_id}/assignments",
        paging=Paging.ALL,
        takes_fields=False,
        known=frozenset({"policy_id"}),
    )
    fan_out = FanOut(parents=POLICIES, key="policy_id", having=Having("counts.*"))
    table = Table(
        name="assignments",
        doc="",
        columns=(Column("id"), Column("policy_id")),
        paths=(AccessPath(name="all", endpoints=(assignments,), fan_out=fan_out),),
    )
    with box.connected(table) as connection:
        assert rows(connection, "SELECT policy_id, id FROM assignments") == [("0", "7")]
    listing, _ = box.asked
    assert listing.parameters["fields"] == "counts,id,type"


def test_a_walk_leads_to_several_levels(box: ScriptedBox) -> None:
    versions = Endpoint(
        path="/files/{file_id}/versions", paging=Paging.ALL, takes_fields=False, known=frozenset({"file_id"})
    )
    labels = Endpoint(
        path="/files/{file_id}/versions/{version_id}/labels",
        paging=Paging.ALL,
        takes_fields=False,
        known=frozenset({"file_id", "version_id"}),
    )
    fan_out = FanOut(
        parents=versions,
        key="version_id",
        outer=FanOut(parents=FOLDER_ITEMS.keeping(type="file"), key="file_id", walk=True),
    )
    table = Table(
        name="labels",
        doc="",
        columns=(Column("id"), Column("file_id"), Column("version_id")),
        paths=(AccessPath(name="all", endpoints=(labels,), fan_out=fan_out, calls=100),),
    )
    folders = {"0": [("folder", "1"), ("file", "7")], "1": [("folder", "2"), ("file", "8")], "2": [("file", "7")]}
    for folder, items in folders.items():
        entries = [{"type": kind, "id": number, "name": f"{kind} {number}"} for kind, number in items]
        box.answers[f"GET /folders/{folder}/items"] = {"entries": entries}
    for file in ("7", "8"):
        box.answers[f"GET /files/{file}/versions"] = {"entries": [{"id": "1"}, {"id": "2"}]}
        for version in ("1", "2"):
            box.answers[f"GET /files/{file}/versions/{version}/labels"] = {"entries": [{"id": f"{file}{version}"}]}
    with box.connected(table) as connection:
        found = sorted(rows(connection, "SELECT file_id, version_id, id FROM labels"))
        assert found == [(file, version, f"{file}{version}") for file in ("7", "8") for version in ("1", "2")]
        assert len(box.asked) == len(set(box.operations)) == 3 + 2 + 4
        assert len(rows(connection, "SELECT id FROM labels LIMIT 1")) == 1


def test_parents_may_be_nested_and_bind_several_keys_and_fixed_values_may_stand_between(box: ScriptedBox) -> None:
    options = Endpoint(
        path="/metadata_templates/{scope}/{template}/fields/{field}/options",
        parameters={"level": "{level}"},
        paging=Paging.ALL,
        takes_fields=False,
        known=frozenset({"scope", "template", "field", "level"}),
    )
    templates = Endpoint(path="/metadata_templates/enterprise", paging=Paging.ALL, rows=(Nested("fields", "template"),))
    fields = FanOut(
        parents=templates,
        key="field",
        source="key",
        binds={"scope": "template.scope", "template": "template.templateKey"},
        having=Having("type", among=frozenset({"taxonomy"})),
    )
    table = Table(
        name="options",
        doc="",
        key=("template", "field", "level", "id"),
        columns=tuple(map(Column, ("id", "scope", "template", "field", "level"))),
        paths=(
            AccessPath(
                name="all",
                endpoints=(options,),
                fan_out=FanOut(key="level", values=("1", "2"), outer=fields),
                calls=100,
            ),
        ),
    )
    taxonomy, text = {"key": "place of", "type": "taxonomy"}, {"key": "name", "type": "string"}
    box.answers["GET /metadata_templates/enterprise"] = {
        "entries": [
            {"scope": "enterprise_1", "templateKey": template, "fields": [text, taxonomy]} for template in ("a", "b")
        ]
    }
    for template in ("a", "b"):
        path = f"/metadata_templates/enterprise_1/{template}/fields/place%20of/options"
        box.answers[f"GET {path}"] = lambda asked: {"entries": [{"id": asked.parameters["level"]}]}
    with box.connected(table) as connection:
        found = sorted(rows(connection, "SELECT scope, template, field, level, id FROM options"))
        assert found == [("enterprise_1", t, "place of", level, level) for t in ("a", "b") for level in ("1", "2")]
    assert box.asked[0].parameters == {"fields": "fields,scope,templateKey"}


def table_by(path: AccessPath) -> Table:
    return Table(name="things", doc="Things.", columns=(Column("id"),), paths=(path,))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda: FanOut(key="a", parents=POLICIES, having="comment_count"),  # type: ignore[arg-type]
            r"`having` of a fan-out by a is a Having, as in Having\('comment_count'\)",
        ),
        (lambda: FanOut(key="a"), "either parents or values"),
        (lambda: FanOut(key="a", parents=POLICIES, values=("x",)), "either parents or values"),
        (lambda: FanOut(key="a", parents=POLICIES, walk=True, outer=OF_POLICIES), "has no outer one"),
        (
            lambda: table_by(AccessPath(name="p", endpoints=(ASSIGNMENTS,))),
            "nothing binds policy_id of GET .* in the access path 'p' of things",
        ),
        (
            lambda: table_by(AccessPath(name="p", endpoints=(PAGES,), keys=("id",))),
            "nothing binds hub_id of GET .* in the access path 'p' of things",
        ),
        (
            lambda: table_by(
                AccessPath(name="p", endpoints=(FILES,), fan_out=FanOut(parents=ASSIGNMENTS, key="assignment_id"))
            ),
            "nothing binds policy_id of GET .* in the access path 'p' of things",
        ),
        (lambda: Endpoint(path="/query", method="POST"), "has a body where its method is POST"),
        (lambda: Endpoint(path="/query", body={}), "has a body where its method is POST"),
    ],
)
def test_a_slip_of_a_declaration_is_told(make: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make()
