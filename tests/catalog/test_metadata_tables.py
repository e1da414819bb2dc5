"""Templates, instances, cascade policies and taxonomies are read and written with as few calls as Box allows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from known_rows.metadata import CLASSIFICATIONS
from scripted_box import ScriptedBox, sent

import box_dialect
from box_dialect.emulator.metadata.cascades import CascadePolicy
from box_dialect.emulator.metadata.instances import Instance
from box_dialect.emulator.metadata.taxonomies import Node, Taxonomy
from box_dialect.emulator.metadata.templates import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

SCOPE = "enterprise_491291"
REVIEW = f"scope = '{SCOPE}' AND template_key = 'documentReview'"
REGIONS = f"namespace = '{SCOPE}' AND taxonomy_key = 'regions'"


@pytest.fixture
def connection(fresh: Box) -> Iterator[box_dialect.Connection]:
    with fresh.connect() as connection:
        yield connection


def run(connection: box_dialect.Connection, statement: str, *values: Any) -> tuple[list[tuple[Any, ...]], int]:
    """Return the rows of a statement, and how many calls it made."""
    cursor = connection.cursor()
    cursor.execute(statement, values)
    return (cursor.fetchall() if cursor.description else []), cursor.api_calls


def template(box: Box, key: str = "documentReview") -> Template:
    return next(each for each in box.store.of(Template).values() if each.key == key)


def instance(box: Box, item: Any) -> Instance:
    return next(each for each in item.of(Instance).values() if each.template is template(box))


def named(box: Box, name: str) -> Any:
    return next(item for items in box.store.items.values() for item in items.values() if item.name == name)


@pytest.mark.parametrize(
    ("statement", "calls"),
    [
        ("SELECT display_name FROM metadata_templates", 2),
        (f"SELECT display_name FROM metadata_templates WHERE {REVIEW}", 1),
        ("SELECT key FROM metadata_template_fields", 2),
        (f"SELECT type FROM metadata_template_fields WHERE {REVIEW} AND key = 'due'", 1),
        (f"SELECT key FROM metadata_template_field_options WHERE {REVIEW} AND field_key = 'topics'", 1),
        ("SELECT t.display_name, f.key FROM metadata_templates t JOIN metadata_template_fields f USING (scope)", 2),
        ("SELECT key FROM metadata_taxonomies", 2),
        (f"SELECT display_name FROM metadata_taxonomies WHERE namespace = '{SCOPE}' AND key = 'regions'", 1),
        (f"SELECT display_name FROM metadata_taxonomy_levels WHERE {REGIONS} AND level = 2", 1),
        (f"SELECT display_name FROM metadata_taxonomy_nodes WHERE {REGIONS} AND level = 2", 1),
        ("SELECT display_name FROM metadata_taxonomy_nodes", 3),
    ],
)
def test_each_statement_makes_the_calls_that_it_takes(
    connection: box_dialect.Connection, statement: str, calls: int
) -> None:
    found, made = run(connection, statement)
    assert found
    assert made == calls


def test_the_nodes_below_one_are_found(fresh: Box, connection: box_dialect.Connection) -> None:
    europe = next(node for node in fresh.store.of(Node).values() if node.display_name == "Europe")
    where = f"{REGIONS} AND ancestor_id = ?"
    found = run(connection, f"SELECT display_name FROM metadata_taxonomy_nodes WHERE {where}", europe.id)
    assert found == ([("France",)], 1)


def test_a_template_is_found_by_its_id_and_by_an_instance(fresh: Box, connection: box_dialect.Connection) -> None:
    review = template(fresh)
    one = next(iter(review.of(Instance).values()))
    for condition, value in (("id = ?", review.id), ("metadata_instance_id = ?", one.id)):
        select = f"SELECT template_key FROM metadata_templates WHERE {condition}"
        assert run(connection, select, value) == ([("documentReview",)], 1)
        assert run(connection, select, "00000000-0000-4000-8000-000000000000") == ([], 1)


def test_a_template_is_made_changed_and_deleted(fresh: Box, connection: box_dialect.Connection) -> None:
    fields = json.dumps([{"type": "enum", "key": "a", "displayName": "A", "options": [{"key": "x"}]}])
    insert = "INSERT INTO metadata_templates (display_name, hidden, fields) VALUES ('My terms', 1, ?)"
    made = run(connection, f"{insert} RETURNING scope, template_key, hidden", fields)
    assert made == ([(SCOPE, "myTerms", True)], 1)
    where = f"WHERE scope = '{SCOPE}' AND template_key = 'myTerms'"
    assert run(connection, f"UPDATE metadata_templates SET display_name = 'Terms', hidden = 0 {where}")[1] == 1
    terms = template(fresh, "myTerms")
    assert (terms.display_name, terms.hidden, [field.key for field in terms.fields]) == ("Terms", False, ["a"])
    assert run(connection, f"DELETE FROM metadata_templates {where}")[1] == 1
    assert {each.key for each in fresh.store.of(Template).values()} == {"documentReview", "properties", CLASSIFICATIONS}


def test_a_scope_may_name_the_enterprise(fresh: Box, connection: box_dialect.Connection) -> None:
    run(connection, "INSERT INTO metadata_templates (scope, display_name) VALUES (?, 'Terms')", SCOPE)
    assert template(fresh, "terms").scope == SCOPE
    with pytest.raises(box_dialect.OperationalError, match="Only templates of the enterprise can be written"):
        run(connection, "INSERT INTO metadata_templates (scope, display_name) VALUES ('global', 'Terms')")


def test_a_body_names_no_enterprise(box: ScriptedBox) -> None:
    box.answers["POST /metadata_templates/schema"] = {"id": "1", "scope": SCOPE, "templateKey": "terms"}
    with box.connected() as connection:
        for scope in (SCOPE, "enterprise", None):
            run(connection, "INSERT INTO metadata_templates (scope, display_name) VALUES (?, 'Terms')", scope)
    expected = ("POST /metadata_templates/schema", {"scope": "enterprise", "displayName": "Terms"})
    assert sent(box) == [expected] * 3


def test_fields_are_added_in_the_order_of_the_rows(fresh: Box, connection: box_dialect.Connection) -> None:
    values = ", ".join(f"('{SCOPE}', 'documentReview', 'f{number}', 'string', 'F')" for number in range(12))
    insert = "INSERT INTO metadata_template_fields (scope, template_key, key, type, display_name)"
    made, calls = run(connection, f"{insert} VALUES {values} RETURNING key, position, template_id")
    review = template(fresh)
    assert made == [(f"f{number}", 7 + number, review.id) for number in range(12)]
    assert calls == 12
    assert [field.key for field in review.fields][6:] == [f"f{number}" for number in range(12)]


def test_a_field_is_renamed_and_removed_with_its_values(fresh: Box, connection: box_dialect.Connection) -> None:
    contracts = named(fresh, "Contracts")
    table, where = "metadata_template_fields", f"WHERE {REVIEW} AND key = "
    update = f"UPDATE {table} SET key = 'grade', description = 'd', hidden = 1 {where} 'score' RETURNING key, position"
    assert run(connection, update) == ([("grade", 3)], 1)
    field = template(fresh).field("grade")
    assert field is not None
    assert (field.description, field.hidden, instance(fresh, contracts).values) == ("d", True, {"grade": -1})
    assert run(connection, f"DELETE FROM {table} {where} 'grade'")[1] == 1
    assert instance(fresh, contracts).values == {}


def test_fields_and_options_are_put_into_another_order(fresh: Box, connection: box_dialect.Connection) -> None:
    keys = ["due", "place", "score", "topics", "remark", "state"]
    update = f"UPDATE metadata_templates SET display_name = 'R', field_keys = ? WHERE {REVIEW} RETURNING field_keys"
    assert run(connection, update, json.dumps(keys)) == ([(json.dumps(keys, separators=(",", ":")),)], 2)
    assert [field.key for field in template(fresh).fields] == keys
    for column, key, options in (
        ("enum_option_keys", "state", ["done", "open"]),
        ("multi_select_option_keys", "topics", ["law", "money"]),
    ):
        update = f"UPDATE metadata_template_fields SET {column} = ? WHERE {REVIEW} AND key = '{key}'"
        assert run(connection, update, json.dumps(options))[1] == 1
        field = template(fresh).field(key)
        assert field is not None
        assert [option.key for option in field.options] == options


@pytest.mark.parametrize(("field", "kind"), [("state", "enum"), ("topics", "multiSelect")])
def test_options_are_added_renamed_and_removed(
    fresh: Box, connection: box_dialect.Connection, field: str, kind: str
) -> None:
    table = "metadata_template_field_options"
    columns, values = "scope, template_key, field_key, field_type, key", f"('{SCOPE}', 'documentReview', ?, ?, 'new')"
    made = run(connection, f"INSERT INTO {table} ({columns}) VALUES {values} RETURNING key, position", field, kind)
    assert made == ([("new", 3)], 1)
    where = f"WHERE {REVIEW} AND field_key = ? AND field_type = ? AND key = "
    assert run(connection, f"UPDATE {table} SET key = 'newer' {where} 'new'", field, kind)[1] == 1
    found = template(fresh).field(field)
    assert found is not None
    assert found.options[-1].key == "newer"
    assert run(connection, f"DELETE FROM {table} {where} 'newer' RETURNING position", field, kind) == ([(3,)], 2)
    found = template(fresh).field(field)
    assert found is not None
    assert len(found.options) == 2


def test_an_option_is_one_of_an_enum_unless_told(fresh: Box, connection: box_dialect.Connection) -> None:
    insert = "INSERT INTO metadata_template_field_options (scope, template_key, field_key, key)"
    run(connection, f"{insert} VALUES ('{SCOPE}', 'documentReview', 'state', 'new')")
    field = template(fresh).field("state")
    assert field is not None
    assert field.options[-1].key == "new"


def test_an_instance_is_written_with_one_call(fresh: Box, connection: box_dialect.Connection) -> None:
    table, values = "metadata_instances", '{"state": "open", "topics": ["law"]}'
    for kind, name in (("file", "README"), ("folder", "Photos")):
        item = named(fresh, name)
        columns = "item_type, item_id, scope, template_key, field_values"
        insert = f"INSERT INTO {table} ({columns}) VALUES (?, ?, ?, 'documentReview', ?) RETURNING version, scope"
        assert run(connection, insert, kind, item.id, SCOPE, values) == ([(0, SCOPE)], 1)
        assert instance(fresh, item).values == json.loads(values)
        where = f"WHERE item_type = ? AND item_id = ? AND {REVIEW}"
        update = f"UPDATE {table} SET field_values = ? {where} RETURNING version, field_values"
        changed = '{"state":"done","topics":["law"]}'
        assert run(connection, update, changed, kind, item.id) == ([(1, changed)], 2)
        assert instance(fresh, item).values == json.loads(changed)
        assert run(connection, f"DELETE FROM {table} {where}", kind, item.id)[1] == 1
        assert not item.of(Instance)


def test_one_field_of_many_instances_is_set(fresh: Box, connection: box_dialect.Connection) -> None:
    signed = instance(fresh, named(fresh, "ACME master agreement.pdf"))
    before = dict(signed.values)
    run(connection, f"UPDATE metadata_instances SET field_values = json_set(field_values, '$.score', 5) WHERE {REVIEW}")
    assert signed.values == {**before, "score": 5}
    assert {each.values["score"] for each in template(fresh).of(Instance).values()} == {5}


def test_what_another_changes_meanwhile_is_not_overwritten(fresh: Box, connection: box_dialect.Connection) -> None:
    notes = named(fresh, "Notes.txt")
    fresh.faults(
        {
            "operation": "get_files_id_metadata_id_id",
            "times": 1,
            "status": 200,
            "body": {**instance(fresh, notes).written(), "$version": 7},
        }
    )
    where = f"WHERE item_type = 'file' AND item_id = ? AND {REVIEW}"
    with pytest.raises(box_dialect.IntegrityError, match="409"):
        run(connection, f"UPDATE metadata_instances SET field_values = '{{}}' {where}", notes.id)
    assert instance(fresh, notes).values == {"state": "open"}


def test_instances_of_a_template_take_the_calls_of_a_walk(fresh: Box, connection: box_dialect.Connection) -> None:
    folders = 1 + sum(not folder.is_trashed for folder in fresh.store.items["folder"].values())  # with the root folder
    found, calls = run(
        connection, f"SELECT item_type, field_values ->> '$.state' FROM metadata_instances WHERE {REVIEW}"
    )
    assert sorted(found, key=str) == [("file", "done"), ("file", "open"), ("folder", None)]
    assert calls == folders
    found, calls = run(
        connection, "SELECT item_id FROM metadata_instances WHERE scope = 'global' AND template_key = ?", "properties"
    )
    assert (len(found), calls) == (1, folders)


def test_instances_are_joined_with_their_files(fresh: Box, connection: box_dialect.Connection) -> None:
    contracts = named(fresh, "Contracts")
    select = (
        "SELECT f.name, t.display_name FROM folders f JOIN metadata_instances m "
        "ON m.item_id = f.id AND m.item_type = 'folder' JOIN metadata_templates t USING (scope, template_key) "
        "WHERE f.id = ?"
    )
    assert run(connection, select, contracts.id) == ([("Contracts", "Document review")], 3)


def test_a_cascade_policy_is_made_and_deleted(fresh: Box, connection: box_dialect.Connection) -> None:
    contracts = named(fresh, "Contracts")
    insert = "INSERT INTO metadata_cascade_policies (folder_id, scope, template_key) VALUES (?, ?, 'documentReview')"
    made = run(connection, f"{insert} RETURNING scope, owner_enterprise_id", contracts.id, SCOPE)
    assert made == ([(SCOPE, "491291")], 1)
    (policy,) = contracts.of(CascadePolicy).values()
    select = "SELECT id FROM metadata_cascade_policies WHERE folder_id = ?"
    assert run(connection, select, contracts.id) == ([(policy.id,)], 1)
    assert run(connection, "SELECT id FROM metadata_cascade_policies WHERE folder_id = '0'") == ([], 0)
    assert run(connection, "DELETE FROM metadata_cascade_policies WHERE id = ?", policy.id)[1] == 1
    assert not contracts.of(CascadePolicy)


def test_a_taxonomy_is_built(fresh: Box, connection: box_dialect.Connection) -> None:
    insert = "INSERT INTO metadata_taxonomies (namespace, display_name) VALUES (?, 'Law') RETURNING key"
    assert run(connection, insert, SCOPE) == ([("law",)], 1)
    (law,) = (each for each in fresh.store.of(Taxonomy).values() if each.key == "law")
    values = ", ".join(f"('{SCOPE}', 'law', 'L{number}')" for number in range(1, 6))
    insert = "INSERT INTO metadata_taxonomy_levels (namespace, taxonomy_key, display_name)"
    made = run(connection, f"{insert} VALUES {values} RETURNING level, display_name")
    assert made == ([(number, f"L{number}") for number in range(1, 6)], 5)
    where = f"namespace = '{SCOPE}' AND taxonomy_key = 'law'"
    update = f"UPDATE metadata_taxonomy_levels SET description = 'd' WHERE {where} AND level = 2 RETURNING display_name"
    assert run(connection, update) == ([("L2",)], 2)
    assert law.levels[1] == {"displayName": "L2", "description": "d"}
    insert = "INSERT INTO metadata_taxonomy_nodes (namespace, taxonomy_key, display_name, level, parent_id)"
    ((top,),) = run(connection, f"{insert} VALUES (?, 'law', 'Civil', 1, NULL) RETURNING id", SCOPE)[0]
    made = run(connection, f"{insert} VALUES (?, 'law', 'Sale', 2, ?) RETURNING parent_id, node_path", SCOPE, top)
    assert made == ([(top, f'["{top}"]')], 1)
    assert (
        run(connection, f"UPDATE metadata_taxonomy_nodes SET display_name = 'C' WHERE {where} AND id = ?", top)[1] == 1
    )
    assert [node.display_name for node in law.of(Node).values()] == ["C", "Sale"]
    run(connection, f"DELETE FROM metadata_taxonomy_nodes WHERE {where} AND level = 2")
    run(connection, f"DELETE FROM metadata_taxonomy_nodes WHERE {where}")
    assert run(connection, f"DELETE FROM metadata_taxonomies WHERE namespace = '{SCOPE}' AND key = 'law'")[1] == 1
    assert law not in fresh.store.of(Taxonomy).values()


def test_who_has_no_enterprise_has_no_taxonomies(fresh: Box, connection: box_dialect.Connection) -> None:
    fresh.faults({"operation": "get_users_me", "times": 1, "status": 200, "body": {"id": "1", "enterprise": None}})
    assert run(connection, "SELECT key FROM metadata_taxonomies") == ([], 1)


@pytest.mark.parametrize(
    ("table", "expected"),
    [("file", [("ACME master agreement.pdf", "done"), ("Notes.txt", "open")]), ("folder", [("Contracts", None)])],
)
@pytest.mark.parametrize("join", ["JOIN", "CROSS JOIN"])
def test_a_walk_for_instances_shows_their_items_too(
    connection: box_dialect.Connection, table: str, expected: list[Any], join: str
) -> None:
    walk = run(connection, f"SELECT count(*) FROM metadata_instances WHERE {REVIEW}")[1]
    select = (
        f"SELECT i.name, m.field_values ->> '$.state' FROM metadata_instances m {join} {table}s i ON i.id = m.item_id "
        f"WHERE m.item_type = '{table}' AND m.scope = '{SCOPE}' AND m.template_key = 'documentReview' ORDER BY 1"
    )
    assert run(connection, select) == (expected, walk)


def test_the_scope_of_the_enterprise_needs_no_id_in_an_insert(connection: box_dialect.Connection) -> None:
    inserted = (
        "INSERT INTO metadata_template_fields (scope, template_key, key, type, display_name, options)"
        " VALUES ('enterprise', 'documentReview', 'carrier', 'enum', 'Carrier', '[{\"key\": \"ship\"}]')"
        " RETURNING scope, key"
    )
    assert run(connection, inserted)[0] == [(SCOPE, "carrier")]
    option = (
        "INSERT INTO metadata_template_field_options (scope, template_key, field_key, key)"
        " VALUES ('enterprise', 'documentReview', 'carrier', 'plane') RETURNING scope, field_key, key, position"
    )
    assert run(connection, option)[0] == [(SCOPE, "carrier", "plane", 2)]
