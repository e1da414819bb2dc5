"""Which values the fields of templates, the global properties and classifications take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from catalog.metadata.writing.conftest import KEYED, is_tagged, run, tag, values
from scripted_box import scripted_box

import box_dialect

if TYPE_CHECKING:
    from conftest import Box

CLASSIFICATION = "securityClassification-6VMVochwUWo"
KEY = "Box__Security__Classification__Key"
SCOPE = "enterprise_491291"


@pytest.mark.parametrize(
    "given", ["2026-01-02T00:00:00Z", "2026-01-02 01:00:00+01:00", "2026-01-02 00:00:00.000", "2026-01-02"]
)
def test_a_moment_may_be_spelled_in_any_way(
    fresh: Box, connection: box_dialect.Connection, files: list[str], given: str
) -> None:
    run(connection, "INSERT INTO enterprise_contract (item_id, due) VALUES (?, ?)", files[0], given)
    assert values(fresh, files[0]) == {"due": "2026-01-02T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("statement", "error", "said"),
    [
        (
            "UPDATE enterprise_contract SET item_id = '7'",
            "ProgrammingError",
            "cannot set item_id of enterprise_contract",
        ),
        ("UPDATE enterprise_contract SET item_type = 'folder'", "ProgrammingError", "cannot set item_type"),
        ("UPDATE enterprise_contract SET template_version = 7", "ProgrammingError", "cannot set template_version"),
        ("UPDATE enterprise_contract SET instance_id = 'x'", "ProgrammingError", "cannot set instance_id"),
        ("UPDATE enterprise_contract SET ancestor_id = '0'", "ProgrammingError", "ancestor_id .*WHERE alone takes"),
        ("INSERT INTO enterprise_contract (item_id, ancestor_id) VALUES ('7', '0')", "ProgrammingError", "ancestor_id"),
        ("INSERT INTO enterprise_contract (item_id, instance_id) VALUES ('7', 'x')", "ProgrammingError", "instance_id"),
        ("INSERT INTO enterprise_contract (amount) VALUES (5)", "IntegrityError", "needs a value for item_id"),
        (
            "INSERT INTO enterprise_contract (item_id, item_type) VALUES ('7', 'web_link')",
            "IntegrityError",
            'takes file or folder for item_type, not "web_link"',
        ),
        ("INSERT INTO enterprise_contract (item_id, amount) VALUES ('7', 'much')", "DataError", "takes a number"),
        ("INSERT INTO enterprise_contract (item_id, amount) VALUES ('7', 9e999)", "DataError", "takes a number"),
        ("INSERT INTO enterprise_contract (item_id, due) VALUES ('7', 'soon')", "DataError", "takes a moment"),
        ("INSERT INTO enterprise_contract (item_id, tags) VALUES ('7', '\"a\"')", "DataError", "a list of texts"),
        ("INSERT INTO enterprise_contract (item_id, tags) VALUES ('7', '[1]')", "DataError", "a list of texts"),
        ("INSERT INTO global_properties (item_id, properties) VALUES ('7', '[]')", "DataError", "an object of texts"),
        (
            "INSERT INTO global_properties (item_id, properties) VALUES ('7', '{\"a\": 1}')",
            "DataError",
            "an object of texts",
        ),
    ],
)
def test_what_cannot_be_written_is_refused_before_it_is_sent(
    fresh: Box,
    connection: box_dialect.Connection,
    files: list[str],
    statement: str,
    error: str,
    said: str,
) -> None:
    tag(fresh, files[0], amount=1)
    fresh.reset()
    with pytest.raises(getattr(box_dialect, error), match=said):
        run(connection, statement)
    by_operation: Any = fresh.stats()["by_operation"]
    assert not [each for each in by_operation if each.startswith(("put", "delete", "post_files"))]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("status", "opne", 'takes open or closed, not "opne"; did you mean open\\?'),
        ("status", '["open"]', "takes open or closed, not"),
        ("tags", '["a", "z"]', 'takes a or b, not "z"'),
    ],
)
def test_a_wrong_option_names_those_there_are(
    fresh: Box, connection: box_dialect.Connection, files: list[str], column: str, value: str, said: str
) -> None:
    fresh.reset()
    with pytest.raises(box_dialect.IntegrityError, match=f"column {column} {said}"):
        run(connection, f"INSERT INTO enterprise_contract (item_id, {column}) VALUES (?, ?)", files[0], value)
    assert fresh.stats()["by_operation"] == {
        "get_metadata_templates_enterprise": 1,
        "get_metadata_templates_global": 1,
    }
    assert not is_tagged(fresh, files[0])


def test_templates_are_listed_once_for_many_wrong_options(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    fresh.reset()
    rows = [(file, "open" if number else "opne") for number, file in enumerate(files[:4])]
    rows += [(file, f"wrong {number}") for number, file in enumerate(files[4:8])]
    cursor = connection.cursor()
    with pytest.raises(box_dialect.IntegrityError, match="3 of 8 rows were written and 5 failed"):
        cursor.executemany("INSERT INTO enterprise_contract (item_id, status) VALUES (?, ?)", rows)
    assert fresh.stats()["by_operation"] == {
        "get_metadata_templates_enterprise": 1,
        "get_metadata_templates_global": 1,
        "post_files_id_metadata_id_id": 3,
    }


def test_an_option_that_somebody_adds_meanwhile_is_taken(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    with fresh.connect() as another:
        field = "scope, template_key, field_key, field_type, key"
        insert = f"INSERT INTO metadata_template_field_options ({field})"
        for name, kind in (("status", "enum"), ("tags", "multiSelect")):
            run(another, f"{insert} VALUES (?, 'contract', '{name}', '{kind}', 'new')", SCOPE)
    insert = "INSERT INTO enterprise_contract (item_id, status, tags) VALUES (?, 'new', '[\"new\"]')"
    assert run(connection, insert, files[0]) == (1, 3)
    assert values(fresh, files[0]) == {"status": "new", "tags": ["new"]}


def test_the_global_properties_are_one_object(fresh: Box, connection: box_dialect.Connection, files: list[str]) -> None:
    insert = "INSERT INTO global_properties (item_id, properties) VALUES (?, ?)"
    assert run(connection, insert, files[5], '{"a": "1", "b/c": "2", "d.e": "3"}') == (1, 1)
    update = f"UPDATE global_properties SET properties = ? {KEYED} RETURNING properties"
    changed = {"a": "1", "b/c": "new", "f": "4"}
    ((found,),), calls = run(connection, update, json.dumps(changed), files[5])
    assert (json.loads(found), calls) == (changed, 2)
    assert values(fresh, files[5]) == changed
    merged = "properties = json_set(properties, '$.a', 'x')"
    assert run(connection, f"UPDATE global_properties SET {merged} {KEYED}", files[5]) == (1, 2)
    assert values(fresh, files[5]) == {**changed, "a": "x"}
    assert run(connection, f"DELETE FROM global_properties {KEYED}", files[5]) == (1, 1)


def test_classifications_are_written_as_their_reference_says() -> None:
    """Source: https://developer.box.com/reference/put-files-id-metadata-enterprise-securityclassification-6vmvochwuwo/."""
    options = [{"key": "Public"}, {"key": "Sensitive"}]
    field = {"id": "f", "type": "enum", "key": KEY, "displayName": "Classification", "options": options}
    template = {"id": "t", "scope": "enterprise_1", "templateKey": CLASSIFICATION, "fields": [field]}
    path = f"/files/7/metadata/enterprise/{CLASSIFICATION}"
    written = {KEY: "Public", "$parent": "file_7", "$version": 0, "$id": "i"}
    with scripted_box() as box:
        box.answers |= {
            "GET /metadata_templates/enterprise": {"entries": [template]},
            "GET /metadata_templates/global": {"entries": []},
            f"POST {path}": (201, written),
            f"PUT {path}": {**written, KEY: "Sensitive", "$version": 1},
            f"DELETE {path}": (204, None),
        }
        table = f'"enterprise_{CLASSIFICATION}"'
        with box.connected() as connection:
            connection.find_tables()
            box.asked.clear()
            assert run(connection, f"INSERT INTO {table} (item_id, {KEY}) VALUES ('7', 'Public')") == (1, 1)
            update = f"UPDATE {table} SET {KEY} = 'Sensitive' WHERE item_id = '7' AND item_type = 'file'"
            assert run(connection, f"{update} RETURNING template_version") == ([(1,)], 1)
            assert run(connection, f"DELETE FROM {table} WHERE item_id = '7' AND item_type = 'file'") == (1, 1)
            for statement, said in (
                (update.replace("'Sensitive'", "NULL"), "takes no NULL"),
                (f"INSERT INTO {table} (item_id) VALUES ('7')", f"needs a value for {KEY}"),
            ):
                with pytest.raises(box_dialect.IntegrityError, match=said):
                    run(connection, statement)
        assert box.operations == [f"POST {path}", f"PUT {path}", f"DELETE {path}"]
        assert box.asked[0].body == {KEY: "Public"}
        assert box.asked[1].body == [{"op": "replace", "path": f"/{KEY}", "value": "Sensitive"}]
        assert box.asked[1].headers["content-type"] == "application/json-patch+json"


def test_a_taxonomy_takes_the_ids_of_nodes(fresh: Box, files: list[str]) -> None:
    taxonomy = fresh.store.add_taxonomy("geography", "Continent", "Country")
    nodes = [fresh.store.add_node(taxonomy, name).id for name in ("Europe", "Asia")]
    rules = {"multiSelect": True, "selectableLevels": [1]}
    field = {"taxonomyKey": taxonomy.key, "namespace": taxonomy.namespace, "optionsRules": rules}
    fresh.store.add_template("placed", {"type": "taxonomy", "key": "places", **field})
    with fresh.connect() as connection:
        insert = "INSERT INTO enterprise_placed (item_id, places) VALUES (?, ?) RETURNING places"
        ((found,),), _ = run(connection, insert, files[0], json.dumps(nodes))
        assert json.loads(found) == nodes
        update = "UPDATE enterprise_placed SET places = json_array(places ->> '$[1]')"
        assert run(connection, update)[0] == 1
        assert values(fresh, files[0]) == {"places": nodes[1:]}
        with pytest.raises(box_dialect.DataError, match="places takes a list of texts"):
            run(connection, "UPDATE enterprise_placed SET places = '\"Europe\"'")
