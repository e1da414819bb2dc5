"""Templates that Box's query does not know, classifications and those of the global scope, are read by listings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scripted_box import ScriptedBox, scripted_box

import box_dialect
from box_dialect.emulator.metadata.classifications import classifications
from box_dialect.emulator.metadata.instances import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

KEY, FIELD = "securityClassification-6VMVochwUWo", "Box__Security__Classification__Key"
CLASSIFICATIONS = f'"enterprise_{KEY}"'
OPTIONS = [{"key": "Public"}, {"key": "Secret"}]
LISTING = 2
"""Calls that list the templates."""


@pytest.fixture
def scripted() -> Iterator[ScriptedBox]:
    template = {
        "scope": "enterprise_7",
        "templateKey": KEY,
        "displayName": "Classification",
        "fields": [{"type": "enum", "key": FIELD, "displayName": "Classification", "options": OPTIONS}],
    }
    with scripted_box() as box:
        box.answers |= {
            "GET /metadata_templates/enterprise": {"entries": [template]},
            "GET /metadata_templates/global": {"entries": [{"scope": "global", "templateKey": "properties"}]},
        }
        yield box


def run(connection: box_dialect.Connection, statement: str, *parameters: Any) -> box_dialect.Cursor:
    return connection.cursor().execute(statement, parameters)


def test_classifications_are_read_with_the_walk(fresh: Box) -> None:
    template = classifications(fresh.store)
    assert template is not None
    first, second, third = [each.item for each in fresh.store.of(Instance).values() if each.template is template]
    folder = next(each for each in fresh.store.folders.values() if each.id != "0")
    fresh.store.add_instance(folder, template, {FIELD: "Secret"})
    with fresh.connect() as connection:
        walk = run(connection, "SELECT id FROM files WHERE depth > 0 ORDER BY id")
        walk.fetchall()
        found = run(connection, f"SELECT item_id, item_type, {FIELD} FROM {CLASSIFICATIONS} ORDER BY 2, 1")
        labels = [(first.id, "Public"), (second.id, "Confidential"), (third.id, "Secret")]
        expected = [(identity, "file", label) for identity, label in sorted(labels)]
        assert found.fetchall() == [*expected, (folder.id, "folder", "Secret")]
        assert found.api_calls == walk.api_calls + LISTING
        secret = run(connection, f'SELECT item_id FROM "enterprise.{KEY}" WHERE {FIELD} = ?', "Secret")
        assert {row[0] for row in secret} == {third.id, folder.id}
        assert secret.api_calls == walk.api_calls
        joined = run(
            connection,
            f"SELECT f.name, c.{FIELD} FROM {CLASSIFICATIONS} c JOIN files f ON f.id = c.item_id"
            " WHERE c.item_type = 'file' ORDER BY f.id",
        )
        names = {first.id: first.name, second.id: second.name, third.id: third.name}
        assert joined.fetchall() == [(names[identity], label) for identity, label in sorted(labels)]
        assert joined.api_calls == walk.api_calls


def test_a_listing_names_the_template(scripted: ScriptedBox) -> None:
    instance = {"$parent": "file_1", "$version": 3, "$scope": "enterprise_7", "$template": KEY, FIELD: "Secret"}
    file = {"id": "1", "type": "file", "metadata": {"enterprise_7": {KEY: instance}}}
    scripted.answers["GET /folders/0/items"] = {"entries": [file, {"id": "2", "type": "file", "metadata": {}}]}
    with scripted.connected() as connection:
        found = run(connection, f"SELECT * FROM {CLASSIFICATIONS}")
        assert found.fetchall() == [("1", "file", 3, "Secret")]
    (listing,) = (each for each in scripted.asked if each.path == "/folders/0/items")
    assert listing.parameters["fields"] == f"id,metadata.enterprise_7.{KEY},type"


@pytest.mark.parametrize(
    ("table", "path", "column"),
    [(CLASSIFICATIONS, f"enterprise/{KEY}", FIELD), ("global_properties", "global/properties", "properties ->> 'a'")],
)
def test_by_its_key_it_is_one_call(scripted: ScriptedBox, table: str, path: str, column: str) -> None:
    scripted.answers[f"GET /folders/1/metadata/{path}"] = {"$version": 0, FIELD: "Public", "a": "Public"}
    with scripted.connected() as connection:
        statement = f"SELECT {column} FROM {table} WHERE item_id = ? AND item_type = 'folder'"
        assert run(connection, statement, "1").fetchall() == [("Public",)]
        assert run(connection, statement, "2").fetchall() == []
    assert scripted.operations[LISTING:] == [f"GET /folders/{number}/metadata/{path}" for number in (1, 2)]


@pytest.mark.parametrize("table", [CLASSIFICATIONS, "global_properties"])
def test_there_is_no_input_that_would_be_without_effect(scripted: ScriptedBox, table: str) -> None:
    with (
        scripted.connected() as connection,
        pytest.raises(box_dialect.ProgrammingError, match="no such column: ancestor_id"),
    ):
        run(connection, f"SELECT item_id FROM {table} WHERE ancestor_id = '12'")


def test_another_template_of_the_global_scope_is_read_so_too(fresh: Box) -> None:
    template = fresh.store.add_template("shared", {"type": "float", "key": "amount"}, scope="global")
    file = next(iter(fresh.store.files.values()))
    fresh.store.add_instance(file, template, {"amount": 5})
    with fresh.connect() as connection:
        assert run(connection, "SELECT item_id, amount FROM global_shared WHERE amount > 1").fetchall() == [
            (file.id, 5)
        ]
    with fresh.connect(IncludeCustomFields="true") as connection:
        statement = "SELECT id FROM files WHERE global_shared_amount > 1"
        assert run(connection, statement).fetchall() == [(file.id,)]
