"""The declarations of the catalog say what Box's OpenAPI document says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec
from complaints import Request, complaints
from documented import document, everything
from judge import is_exempt
from sweep import sweep

from box_dialect.api import ApiPath, Host, Paging
from box_dialect.catalog import TABLES, Column, Table, Type
from box_dialect.engine.tables.write_body import body_of, headers_of, patch
from box_dialect.engine.tables.write_calls import WriteCall, calls_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from box_dialect.catalog.model import Write

RESOURCE = re.compile(
    r"https://developer\.box\.com/reference/(?:(?P<version>v[0-9.]+)/)?resources/(?P<name>[a-z-]+?)(?P<variant>--[a-z]+)?/"
)
SCHEMAS = [name for name, table in TABLES.items() if RESOURCE.fullmatch(table.reference)]
"""The tables whose reference is that of a resource of Box's, which names the schema of its objects."""

PAGES = {"event_positions"}
"""The tables whose rows are pages themselves."""

ITEMS = {"items", "trashed_items", "shared_items", "collection_items"}
"""The tables that have files, folders and web links together, for which Box has no schema."""

NO_COLUMNS = {
    "event_positions": {
        "chunk_size",  # of a page without events
        "entries",  # the table events
    },
    "files": {
        "expiring_embed_link",  # reading it makes a link that opens the file
        "metadata",  # needs the names of templates
        "representations",  # needs the names of formats
    },
    "folders": {
        "item_collection",  # the table items
        "metadata",
    },
    "sign_request_signers": {
        "password",  # Box does not tell it again
    },
    "skill_cards": {
        "$scope",  # always global
        "$template",  # always boxSkillsCards
    },
    "metadata_instances": {
        "$canEdit",  # listings of an item's instances do not tell
    },
}

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
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
    """Return the type of a column with such values: of a moment also where the document shows one as its example.

    What may be a text or a number is a text.
    """
    found = resolved(schema)
    if found.get("format") == "binary":
        return Type.BLOB
    is_moment = found.get("format") == "date-time" or MOMENT.fullmatch(str(found.get("example")))
    choices = {resolved(each).get("type") for each in (*found.get("oneOf", ()), *found.get("anyOf", ()))}
    kind = "string" if "string" in choices else found.get("type", "object")
    return Type.TIMESTAMP if is_moment else TYPES[kind]


def operation(method: str, path: str) -> Any:
    """Return the operation for a path whose parameters may have other names."""
    form = re.sub(r"\w*\{\w+\}|\b0\b", "{}", path)
    for known, entry in everything()["paths"].items():
        if re.sub(r"\{\w+\}", "{}", known) == form and method.lower() in entry:
            return entry[method.lower()]
    raise AssertionError(f"{method} {path} is not in the document")


def schema_of(table: Table) -> Any:
    """Return the schema of a row: that of the resource that the reference names, or of what stands in its lists."""
    schema = resource_of(table)
    for nested in table.paths[0].endpoints[0].rows:
        inner = resolved(properties(schema)[nested.place])
        inner = inner if nested.single else inner["items"]
        schema = {"allOf": [inner], "properties": {nested.outer: schema}, "required": [nested.outer]}
    return schema


def resource_of(table: Table) -> Any:
    """Return the schema of the resource that the reference names: `web_link` for `…/resources/web-link/`.

    That of `…/v2025.0/resources/hub/` is `hub_v2025.0`. Where it is a list, it is the schema of what stands in that.
    """
    named = RESOURCE.fullmatch(table.reference)
    assert named is not None
    version, variant = named["version"], named["variant"] or ""
    resource = "_".join(filter(None, [named["name"].replace("-", "_"), version])) + variant
    (schema,) = (s for s in document()["components"]["schemas"].values() if s.get("x-box-resource-id") == resource)
    is_list = "entries" in properties(schema) and table.name not in PAGES
    return properties(schema)["entries"]["items"] if is_list else schema


def endpoints(table: Table) -> list[Any]:
    found = []
    for path in table.paths:
        found += path.asked
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
    around = {nested.outer for nested in TABLES[name].paths[0].endpoints[0].rows}
    for column in plain_columns(TABLES[name]):
        schema, is_required, is_nullable = schema_of(TABLES[name]), True, False
        for key in column.place:
            is_required &= key in required(schema)
            schema = properties(schema)[key]
            is_nullable |= key not in around and bool(resolved(schema).get("nullable"))
        assert not (is_required and not is_nullable and column.nullable), f"{name}.{column.name} has always a value"
        assert not (is_nullable and not column.nullable), f"{name}.{column.name} may have no value"


@sweep("name", SCHEMAS)
def test_every_property_of_the_schema_is_in_a_column(name: str) -> None:
    covered = {field.split(".")[0] for column in TABLES[name].columns for field in column.fields(in_folder=False)}
    around = {nested.outer for nested in TABLES[name].paths[0].endpoints[0].rows}
    assert set(properties(schema_of(TABLES[name]))) - covered - around == NO_COLUMNS.get(name, set())


def parameters_of(endpoint: Any) -> dict[str, Any]:
    """Return what an endpoint takes in its query, or in its body, with the schema of each."""
    described = operation(endpoint.method, endpoint.path)
    if endpoint.body is not None:
        return properties(described["requestBody"]["content"]["application/json"]["schema"])
    known = document()["components"].get("parameters", {})
    entries = described.get("parameters", [])
    found = [known[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in entries]
    return {each["name"]: each["schema"] for each in found}


@sweep("name", TABLES)
def test_every_endpoint_is_documented(name: str) -> None:
    for endpoint in endpoints(TABLES[name]):
        parameters = parameters_of(endpoint)
        assert {*(endpoint.body or {})} <= {*parameters}, endpoint.path
        assert ("fields" in parameters) == endpoint.takes_fields, endpoint.path
        assert set(endpoint.parameters) <= set(parameters), endpoint.path
        if endpoint.paging not in {Paging.ONE, Paging.ALL}:
            assert ("limit" in parameters) == endpoint.takes_limit, endpoint.path
            limit = parameters["limit"] if endpoint.takes_limit else {}
            assert endpoint.max_limit == limit.get("maximum", endpoint.max_limit)
            marker = {Paging.OFFSET: "offset", Paging.MARKER: "marker", Paging.STREAM_POSITION: "stream_position"}
            assert marker[endpoint.paging] in parameters, endpoint.path


@sweep("name", TABLES)
def test_every_download_is_documented(name: str) -> None:
    for column in TABLES[name].columns:
        if column.type is Type.BLOB and column.derived is not None:
            answers = operation("GET", column.derived.function({"id": "0"}, None).path.template)["responses"]
            (content,) = answers["200"]["content"].values()
            assert content["schema"]["format"] == "binary"
            assert column.name != "content" or {"202", "302"} <= set(answers)


@sweep("name", TABLES)
def test_filters_and_orders_are_documented(name: str) -> None:
    table = TABLES[name]
    for path in table.paths:
        known = {*parameters_of(path.endpoints[0])}
        for order in path.orders:
            assert {*order.ascending, *order.descending} <= known
        for narrow in path.filters:
            assert narrow.column in table.numbers


def calls(table: Table) -> list[tuple[str, Write]]:
    """Return each call that writes a row of a table, with its verb."""
    writes = [("insert", table.insert), ("update", table.update), ("delete", table.delete)]
    chosen = [(verb, each) for verb, write in writes if write is not None for each in (write, *write.others.values())]
    return [(verb, call) for verb, write in chosen for call in write.calls]


UNDOCUMENTED = {("files", "update", "content_modified_at")}
"""What Box takes though its document does not say so: clients that keep files in step set it."""


NO_ETAG = {
    "collection_items",  # whether an item is a favorite of somebody is no part of it
    "file_versions",  # their objects tell none, and the file's is not that of a version
}
"""The tables whose rows Box would compare the etag of an item with."""
NULL_LEAVES = {"retention_policies"}
"""The tables of which Box takes null in an update and leaves what is."""


def body_schema(described: Any, write: Write) -> Any:
    """Return the schema of what a call sends: the body, each operation of a list, or what a form has beside a file."""
    if write.multipart is not None:
        form = properties(described["requestBody"]["content"]["multipart/form-data"]["schema"])
        assert write.multipart.file in form
        return form[write.multipart.json] if write.multipart.json is not None else {}
    (schema,) = (
        content["schema"]
        for kind, content in described["requestBody"]["content"].items()
        if ("patch" in kind) == (write.listed or write.patch is not None)
    )
    return schema["items"] if write.listed else schema


def inner(schema: Any, place: str) -> Any:
    """Return the schema at a dotted place of a body; None where the document leaves open what stands there."""
    for key in place.split(".") if place else ():
        if key.isdigit():
            schema = resolved(schema)["items"]
            continue
        known = properties(schema)
        if not known and "additionalProperties" in resolved(schema):
            return None
        assert key in known, place
        schema = known[key]
    return schema


@sweep("name", [table.name for table in TABLES.values() if table.is_writable])
def test_every_write_is_documented(name: str) -> None:
    table = TABLES[name]
    for verb, write in calls(table):
        described = operation(write.method, write.path)
        taken = [parameter.get("name") for parameter in described.get("parameters", [])]
        assert ("if-match" in taken and name not in NO_ETAG) == write.takes_etag
        if verb == "delete":
            continue
        assert ("fields" in taken) == write.takes_fields
        assert {*write.parameters} <= {*taken}
        for column in table.columns if write.patch is None else ():
            place = getattr(column, verb)
            is_sent = place is not None and (column.name in write.columns) == bool(write.columns)
            is_file = write.multipart is not None and write.multipart.column == column.name
            if is_file or (name, verb, column.name) in UNDOCUMENTED:
                continue
            is_of_another = any(column.name in call.columns for call in (*write.before, *write.then))
            is_of_another |= column.name in write.parameters.values()
            if not is_sent or is_of_another or (schema := inner(body_schema(described, write), place)) is None:
                continue
            takes_no_value = column.form is not None and column.form.words.startswith("NULL alone")
            assert takes_no_value or column.type is type_of(schema), f"{verb} {name}.{column.name}"
            if verb == "update" and name not in NULL_LEAVES:
                takes_null = bool(resolved(schema).get("nullable"))
                assert (column.cleared is None) == takes_null, f"{verb} {name}.{column.name}"


NOT_WRITTEN = {
    **{(name, "update"): {"parent.user_id"} for name in ("files", "folders", "web_links")},
    ("shield_information_barrier_segment_members", "insert"): {"type", "shield_information_barrier"},
    ("shield_information_barrier_segment_restrictions", "insert"): {"shield_information_barrier"},
    ("sign_requests", "insert"): {"parent_folder.etag", "parent_folder.name", "parent_folder.sequence_id"},
}
"""What Box takes in a body beside what a column says."""


@sweep("name", [table.name for table in TABLES.values() if table.is_writable])
def test_every_place_of_a_body_is_written(name: str) -> None:
    for verb, write in calls(TABLES[name]):
        is_other = write.patch is not None or write.listed or write.multipart is not None
        if verb == "delete" or is_other or name == "collection_items":
            continue  # operations and forms have what columns say, and an item has its collections beside all else
        sent = {*constants(write.body)}
        for around, values in write.objects.items():
            sent.update(constants(values, around))
        for column in TABLES[name].columns:
            sent.update(filter(None, (column.update, column.insert if verb == "insert" else None)))
        left = {*places_of(body_schema(operation(write.method, write.path), write), sent)}
        assert left <= NOT_WRITTEN.get((name, verb), set()), f"{verb} {name} {left}"


def constants(body: Mapping[str, Any], *outer: str) -> Iterator[str]:
    """Yield the places that a body has anyway."""
    for key, value in body.items():
        if isinstance(value, dict):
            yield from constants(value, *outer, key)
        else:
            yield ".".join([*outer, key])


def places_of(schema: Any, sent: set[str], *outer: str) -> Iterator[str]:
    """Yield the places of a body that nothing sent is at, nor around, nor within."""
    for key, inner in properties(schema).items():
        place = ".".join([*outer, key])
        if place in sent:
            continue
        if any(each.startswith(f"{place}.") for each in sent):
            yield from places_of(inner, sent, *outer, key)
        else:
            yield place


VALUES = {
    Type.BLOB: b"x",
    Type.TEXT: "x",
    Type.INTEGER: 1,
    Type.BOOLEAN: 1,
    Type.TIMESTAMP: "2026-01-31 12:30:00",
    Type.JSON: '["x"]',
}

KEYS = {"scope": "enterprise", "item_type": "file"}
"""What stands in a path or a body where the document lists what can; `7` elsewhere."""

CARD = {
    "type": "skill_card",
    "skill_card_type": "keyword",
    "skill": {"type": "service", "id": "x"},
    "invocation": {"type": "skill_invocation", "id": "x"},
    "entries": [{"text": "x"}],
}
CAPABILITY = '{"access_state": "enabled", "description": "x"}'
SAMPLES = {
    "configurable_permissions": '{"can_run_reports": true}',
    "tracking_codes": '[{"type": "tracking_code", "name": "x", "value": "x"}]',
    "avatar": b"\xff\xd8",
    "file_version_id": "7",
    "trashed_at": None,
    "collections": '[{"id": "405151"}]',
    "content_modified_at": "2026-01-31 12:30:00",
    "shared_link_vanity_name": "a-vanity-name",
    "shared_link_permissions": '{"can_download": false}',
    "allowed_entities": '[{"type": "user", "id": "7"}]',
    "ask": CAPABILITY,
    "cards": json.dumps([CARD]),
    "extract": CAPABILITY,
    "content": '{"type": "domain", "domains": ["example.com"]}',
    "custom_notification_recipients": '[{"type": "user", "id": "7"}]',
    "filter_fields": '[{"field": "7", "value": "8"}]',
    "disposition_action": "remove_retention",
    "max_extension_length": "365",
    "field_values": '{"amount": 1.5}',
    "fields": '[{"type": "string", "key": "x", "displayName": "X"}]',
    "options": '[{"key": "x"}]',
    "options_rules": '{"multiSelect": true}',
    "prefill_tags": '[{"document_tag_id": "7", "text_value": "x"}]',
    "signers": '[{"email": "x@example.com"}]',
    "source_files": '[{"type": "file", "id": "7"}]',
    "text_gen": CAPABILITY,
}
"""What columns have where the document leaves open what that is, or takes few values."""


@sweep("name", [table.name for table in TABLES.values() if table.is_writable])
def test_every_body_is_as_documented(name: str) -> None:
    table = TABLES[name]
    for verb, declared in (("insert", table.insert), ("update", table.update)):
        for write in () if declared is None else (declared, *declared.others.values()):
            described = operation(write.method, write.path)
            sent = [
                c for c in table.columns if getattr(c, verb) is not None and c.name not in write.parameters.values()
            ]
            every = {c: sample(described, write, c, verb) for c in sent}
            required = {*write.required, *(group[0] for group in write.either)}
            needed = {column: value for column, value in every.items() if column.name in required}
            cleared = [column for column in every if column.cleared is not msgspec.UNSET]
            for values in (every, needed, dict.fromkeys(cleared) if verb == "update" else needed):
                sent = calls_of(write, verb, with_whole(write, values, every))
                for call in (each for each in sent if each.values or verb == "insert"):
                    request = request_of(call)
                    found = [f"{request.name}: {complaint}" for complaint in complaints(request)]
                    is_form = call.write.multipart is not None  # which is judged where it is sent
                    assert is_form or [complaint for complaint in found if not is_exempt("", complaint)] == []


def with_whole(write: Write, values: Mapping[Column, Any], every: Mapping[Column, Any]) -> dict[Column, Any]:
    """Return the values of columns, and of those that Box replaces together with them."""
    names = {column.name for column in values}
    together = {name for group in write.whole if names.intersection(group) for name in group}
    return {**{column: value for column, value in every.items() if column.name in together}, **values}


def request_of(call: WriteCall) -> Request:
    """Return the request that a call makes."""
    write = call.write
    keys = {key: KEYS.get(key, "7") for key in write.keys}
    path = ("/2.0" if write.host is Host.API else "/api/2.0") + str(ApiPath(write.path, **keys))
    current = {place: [None] * len(value) for place, value in call.places.items() if place in write.elements}
    body = body_of(write, call.places, keys) if write.patch is None else patch(write, call.places, current)
    kind = "application/json" if write.multipart is None else "multipart/form-data"
    headers = {"content-type": kind, **{k.lower(): v for k, v in headers_of(write, keys).items()}}
    return Request(write.method, path, "", headers, msgspec.json.encode(body))


def sample(described: Any, write: Write, column: Column, verb: str) -> Any:
    """Return a value of a column, of those that the document lists where it lists some."""
    is_known = column.name in SAMPLES or (write.multipart is not None and write.multipart.column == column.name)
    schema = None if is_known else inner(body_schema(described, write), getattr(column, verb))
    if schema is None:
        return SAMPLES[column.name] if column.name in SAMPLES else VALUES[column.type]
    found = resolved(schema)
    if items := resolved(found.get("items", {})).get("enum"):
        return json.dumps(items[:1])
    value = found.get("enum", [VALUES[column.type]])[0]
    return value if column.form is None or column.cleared is not None or column.form.fits(value) else None


@sweep("name", TABLES)
def test_everything_is_described(name: str) -> None:
    table = TABLES[name]
    assert table.doc.endswith(".")
    assert table.reference.startswith("https://developer.box.com/reference/")
    assert all(column.doc.endswith(".") for column in table.columns)


def test_every_table_names_its_schema() -> None:
    assert set(SCHEMAS) == set(TABLES) - ITEMS, f"the table's reference is {RESOURCE}…/ for the schema of its objects"


@sweep("name", [table.name for table in TABLES.values() if (table.update or table.delete) and table.keys == ("id",)])
def test_a_row_that_is_written_is_found_by_its_rowid(name: str) -> None:
    assert TABLES[name].rowid({"id": "1200000000001"}) == 1200000000001
