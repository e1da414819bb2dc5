"""The declarations of the catalog say what Box's OpenAPI document says."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from complaints import Request, complaints
from documented import document
from sweep import sweep

from box_dialect.api import ApiPath, Paging
from box_dialect.catalog import TABLES, Column, Table, Type
from box_dialect.engine.tables.write_body import laid
from box_dialect.engine.tables.write_calls import calls_of

RESOURCE = "https://developer.box.com/reference/resources/"
SCHEMAS = [name for name, table in TABLES.items() if table.reference.startswith(RESOURCE)]
"""The tables whose reference is that of a resource of Box's, which names the schema of its objects."""

NO_COLUMNS = {
    "files": {
        "expiring_embed_link",  # reading it makes a link that opens the file
        "metadata",  # needs the names of templates
        "representations",  # needs the names of formats
    },
    "folders": {
        "item_collection",  # the table items
        "metadata",
    },
}

TYPES = {"string": Type.TEXT, "integer": Type.INTEGER, "boolean": Type.BOOLEAN, "array": Type.JSON, "object": Type.JSON}


def properties(schema: Any) -> dict[str, Any]:
    """Return the properties of a schema with all that it is composed of."""
    if "$ref" in schema:
        return properties(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    found: dict[str, Any] = {}
    for part in (*schema.get("allOf", []), *schema.get("oneOf", []), *schema.get("anyOf", [])):
        found.update(properties(part))
    return {**found, **schema.get("properties", {})}


def required(schema: Any) -> set[str]:
    """Return the properties that an object always has."""
    if "$ref" in schema:
        return required(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return {*schema.get("required", []), *(name for part in schema.get("allOf", []) for name in required(part))}


def resolved(schema: Any) -> Any:
    """Return a schema's own type and format, which references and compositions hide."""
    if "$ref" in schema:
        return resolved(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    merged = {key: value for part in schema.get("allOf", []) for key, value in resolved(part).items()}
    return {**merged, **schema}


def type_of(schema: Any) -> Type:
    """Return the type of a column with such values."""
    found = resolved(schema)
    return Type.TIMESTAMP if found.get("format") == "date-time" else TYPES[found.get("type", "object")]


def operation(method: str, path: str) -> Any:
    """Return the operation for a path whose parameters may have other names."""
    form = re.sub(r"\{\w+\}|\b0\b", "{}", path)
    for known, entry in document()["paths"].items():
        if re.sub(r"\{\w+\}", "{}", known) == form and method.lower() in entry:
            return entry[method.lower()]
    raise AssertionError(f"{method} {path} is not in the document")


def schema_of(table: Table) -> Any:
    """Return the schema of the resource that the reference names: `web_link` for `…/resources/web-link/`."""
    resource = re.sub("(?<!-)-(?!-)", "_", table.reference.removeprefix(RESOURCE).rstrip("/"))
    (schema,) = (s for s in document()["components"]["schemas"].values() if s.get("x-box-resource-id") == resource)
    return schema


def endpoints(table: Table) -> list[Any]:
    found = []
    for path in table.paths:
        found += [*path.endpoints, *path.also]
        if path.fan_out is not None:
            found.append(path.fan_out.parents)
    return found


def plain_columns(table: Table) -> list[Column]:
    return [column for column in table.columns if column.derived is None]


@sweep("name", SCHEMAS)
def test_every_column_is_at_its_place_in_the_schema(name: str) -> None:
    for column in plain_columns(TABLES[name]):
        schema = schema_of(TABLES[name])
        for key in column.place:
            assert key in properties(schema), f"{name}.{column.name}: {key}"
            schema = properties(schema)[key]


@sweep("name", SCHEMAS)
def test_every_column_has_the_type_of_the_schema(name: str) -> None:
    for column in plain_columns(TABLES[name]):
        schema = schema_of(TABLES[name])
        for key in column.place:
            schema = properties(schema)[key]
        assert column.type is type_of(schema), f"{name}.{column.name}"


@sweep("name", SCHEMAS)
def test_a_column_is_nullable_where_the_schema_leaves_it_out(name: str) -> None:
    for column in plain_columns(TABLES[name]):
        schema, is_required, is_nullable = schema_of(TABLES[name]), True, False
        for key in column.place:
            is_required &= key in required(schema)
            schema = properties(schema)[key]
            is_nullable |= bool(resolved(schema).get("nullable"))
        assert not (is_required and not is_nullable and column.nullable), f"{name}.{column.name} has always a value"
        assert not (is_nullable and not column.nullable), f"{name}.{column.name} may have no value"


@sweep("name", SCHEMAS)
def test_every_property_of_the_schema_is_in_a_column(name: str) -> None:
    covered = {field for column in TABLES[name].columns for field in column.fields(in_folder=False)}
    assert set(properties(schema_of(TABLES[name]))) - covered == NO_COLUMNS.get(name, set())


@sweep("name", TABLES)
def test_every_endpoint_is_documented(name: str) -> None:
    for endpoint in endpoints(TABLES[name]):
        parameters = {
            each["name"]: each
            for entry in operation("GET", endpoint.path)["parameters"]
            for each in [
                document()["components"]["parameters"][entry["$ref"].rpartition("/")[2]] if "$ref" in entry else entry
            ]
        }
        assert ("fields" in parameters) == endpoint.takes_fields, endpoint.path
        assert set(endpoint.parameters) <= set(parameters), endpoint.path
        if endpoint.paging not in {Paging.ONE, Paging.ALL}:
            assert endpoint.max_limit == parameters["limit"]["schema"].get("maximum", endpoint.max_limit)
            marker = {Paging.OFFSET: "offset", Paging.MARKER: "marker", Paging.STREAM_POSITION: "stream_position"}
            assert marker[endpoint.paging] in parameters, endpoint.path


@sweep("name", TABLES)
def test_every_download_is_documented(name: str) -> None:
    for column in TABLES[name].columns:
        if column.type is Type.BLOB and column.derived is not None:
            answers = operation("GET", column.derived.function({"id": "0"}, None).path.template)["responses"]
            assert answers["200"]["content"]["application/octet-stream"]["schema"]["format"] == "binary"
            assert {"202", "302"} <= set(answers)


@sweep("name", TABLES)
def test_filters_and_orders_are_documented(name: str) -> None:
    table = TABLES[name]
    for path in table.paths:
        known = {each.get("name") for each in operation("GET", path.endpoints[0].path)["parameters"]}
        for order in path.orders:
            assert {*order.ascending, *order.descending} <= known
        for narrow in path.filters:
            assert narrow.column in table.numbers


@sweep("name", [table.name for table in TABLES.values() if table.is_writable])
def test_every_write_is_documented(name: str) -> None:
    table = TABLES[name]
    for verb, write in (("insert", table.insert), ("update", table.update), ("delete", table.delete)):
        if write is None:
            continue
        described = operation(write.method, write.path)
        taken = [parameter.get("name") for parameter in described.get("parameters", [])]
        assert ("if-match" in taken) == write.takes_etag
        if verb == "delete":
            continue
        assert ("fields" in taken) == write.takes_fields
        body = described["requestBody"]["content"]["application/json"]["schema"]
        for column in table.columns:
            place = getattr(column, verb)
            schema = body
            for key in place.split(".") if place else ():
                assert key in properties(schema), f"{verb} {name}.{column.name}"
                schema = properties(schema)[key]
            if place:
                assert column.type is type_of(schema), f"{verb} {name}.{column.name}"
            if place and verb == "update":
                takes_null = bool(resolved(schema).get("nullable"))
                assert (column.cleared is None) == takes_null, f"{verb} {name}.{column.name}"


VALUES = {Type.TEXT: "x", Type.INTEGER: 1, Type.BOOLEAN: 1, Type.TIMESTAMP: "2026-01-31 12:30:00", Type.JSON: '["x"]'}


@sweep("name", [table.name for table in TABLES.values() if table.is_writable])
def test_every_body_is_as_documented(name: str) -> None:
    table = TABLES[name]
    for verb, write in (("insert", table.insert), ("update", table.update)):
        if write is None:
            continue
        described = operation(write.method, write.path)
        every = {column: sample(described, column, verb) for column in table.columns if getattr(column, verb)}
        needed = {column: value for column, value in every.items() if column.name in write.required}
        cleared = [column for column in every if column.cleared is not msgspec.UNSET]
        for values in (every, needed, dict.fromkeys(cleared) if verb == "update" else needed):
            for call in calls_of(write, verb, values):
                path = "/2.0" + str(ApiPath(call.write.path, **dict.fromkeys(call.write.keys, "7")))
                body = msgspec.json.encode(laid(call.write, call.places, {}))
                request = Request(call.write.method, path, "", {"content-type": "application/json"}, body)
                assert complaints(request) == []


def sample(described: Any, column: Column, verb: str) -> Any:
    """Return a value of a column, of those that the document lists where it lists some."""
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    for key in getattr(column, verb).split("."):
        schema = properties(schema)[key]
    found = resolved(schema)
    if items := resolved(found.get("items", {})).get("enum"):
        return json.dumps(items[:1])
    return found.get("enum", [VALUES[column.type]])[0]


@sweep("name", TABLES)
def test_everything_is_described(name: str) -> None:
    table = TABLES[name]
    assert table.doc.endswith(".")
    assert table.reference.startswith("https://developer.box.com/reference/")
    assert all(column.doc.endswith(".") for column in table.columns)


def test_every_table_names_its_schema() -> None:
    assert set(SCHEMAS) == set(TABLES) - {"items"}, (
        f"the table's reference is {RESOURCE}…/ for the schema of its objects"
    )


@sweep("name", [table.name for table in TABLES.values() if table.update or table.delete])
def test_a_row_that_is_written_is_found_by_its_rowid(name: str) -> None:
    table = TABLES[name]
    assert table.rowid({table.key: "1200000000001"}) == 1200000000001
