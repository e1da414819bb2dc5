"""Bodies: declared as the document has them, and refused where it refuses them."""

import json
from functools import cache
from typing import get_args, get_origin, is_typeddict

import msgspec
import pytest
from emulator import governed
from sweep import sweep

from box_dialect.emulator.bodies import Moment
from box_dialect.emulator.resources import operations
from box_dialect.emulator.resources.items import Restore
from box_dialect.emulator.routing import API_VERSION, JSON_PATCH

LABELS = "put_metadata_templates_enterprise_securityClassification-6VMVochwUWo_schema"
# What is declared otherwise than the document says, and why.
OTHERWISE = {
    ("put_files_id", "content_modified_at"): "undocumented, but what synchronizes files sets it so",
    ("put_files_id", "lock.type"): "the reference's words name the kind of a lock so",
    ("put_web_links_id", "collections"): "of https://developer.box.com/guides/collections",
    ("put_web_links_id", "collections[]"): "likewise",
    ("put_web_links_id", "collections[].id"): "likewise",
    ("put_web_links_id", "collections[].type"): "likewise",
    ("post_collaborations", "item.type"): "another kind has an error of its own: invalid_collaboration_item",
    ("post_files_id_copy", "name"): "too long a name has an error of its own: item_name_too_long",
    ("post_folders_id_copy", "name"): "likewise",
    ("post_folders", "name"): "likewise",
    ("post_files_id_metadata_id_id", "{}"): "what a value may be is told by the template, with an error of its own",
    ("post_folders_id_metadata_id_id", "{}"): "likewise",
    ("post_metadata_queries_execute_read", "query_params{}"): "what it may be is told by the field",
    ("post_query_v2026.0", "query.params{}"): "likewise",
    ("post_query_insights_v2026.0", "query.params{}"): "likewise",
    ("put_metadata_templates_id_id_schema", "[].data{}"): "what it may be is told by the operation",
    ("put_files_id_metadata_id_id", "[].value"): "what it may be is told by the template",
    ("put_files_id_metadata_id_id", "[].value[]"): "likewise",
    ("put_folders_id_metadata_id_id", "[].value"): "likewise",
    ("put_folders_id_metadata_id_id", "[].value[]"): "likewise",
    (LABELS, "[].op"): "labels are removed, too: https://developer.box.com/guides/security/classifications/delete",
    ("post_retention_policies", "retention_length"): "a text or a number, which the document says by oneOf",
    ("post_retention_policies", "max_extension_length"): "likewise",
    ("put_retention_policies_id", "retention_length"): "likewise",
    ("put_retention_policies_id", "max_extension_length"): "likewise",
    ("post_legal_hold_policies", "filter_started_at"): "a time has no maximum length",
    ("post_legal_hold_policies", "filter_ended_at"): "likewise",
    ("post_sign_requests", "source_files[]"): "a file that is null is none",
    ("post_ai_agents", "allowed_entities[].type"): "a user or a group, which the document says by oneOf",
    ("post_ai_agents", "allowed_entities[].id"): "likewise",
    ("put_ai_agents_id", "allowed_entities[].type"): "likewise",
    ("put_ai_agents_id", "allowed_entities[].id"): "likewise",
    (
        "post_files_upload_sessions_id_commit",
        "attributes",
    ): "of https://developer.box.com/guides/uploads/chunked",
    ("post_files_upload_sessions_id_commit", "attributes.content_created_at"): "likewise",
    ("post_files_upload_sessions_id_commit", "attributes.content_modified_at"): "likewise",
    ("post_hubs_id_manage_items_v2025.0", "operations[].item"): "an item of one of three kinds, likewise",
    ("post_hubs_id_manage_items_v2025.0", "operations[].item.type"): "likewise",
    ("post_hubs_id_manage_items_v2025.0", "operations[].item.id"): "likewise",
}
# Of templates a variant of the path makes that of classifications, whose body has a test of its own.
VARIANTS = ("/metadata_templates/schema#classifications",)
# What must, or need not, be there other than the document says, and why.
NEEDED = {
    ("put_files_id", "lock.type"): "the document asks for it and does not have it",
    ("post_collaborations", "item.type"): "nothing could be shared without",
    ("post_collaborations", "item.id"): "nothing could be shared without",
    ("options_files_content", "name"): "nothing could be checked without",
    ("options_files_content", "parent"): "nothing could be checked without",
    ("options_files_content", "parent.id"): "nothing could be checked without",
    ("post_files_id_versions_current", "id"): "no version could be promoted without",
    ("post_files_id_content", "name"): "the guide of uploads has it only where a file is to be renamed",
    (LABELS, "items"): "the document says so of a list",
    (LABELS, "[].enumOptionKey"): "a label that is added has none",
    (LABELS, "[].data"): "a label that is removed has none",
    ("put_files_id_metadata_enterprise_securityClassification-6VMVochwUWo", "items"): "the document says so of a list",
    ("put_folders_id_metadata_enterprise_securityClassification-6VMVochwUWo", "items"): "likewise",
    ("post_ai_agents", "allowed_entities[].type"): "a user or a group, which the document says by oneOf",
    ("post_ai_agents", "allowed_entities[].id"): "likewise",
    ("put_ai_agents_id", "allowed_entities[].type"): "likewise",
    ("put_ai_agents_id", "allowed_entities[].id"): "likewise",
    ("post_hubs_id_manage_items_v2025.0", "operations[].item.type"): "an item of one of three kinds, likewise",
    ("post_hubs_id_manage_items_v2025.0", "operations[].item.id"): "likewise",
}
# What the document calls what is missing of a body, and what is invalid, where that is not bad_request.
CODES = {
    "post_files_upload_sessions": {
        "folder_id": ("missing_destination", "invalid_folder_id"),
        "file_size": ("missing_file_size", "invalid_file_size"),
        "file_name": ("missing_file_name", "item_name_invalid"),
    },
    "post_files_id_upload_sessions": {
        "file_size": ("missing_file_size", "invalid_file_size"),
        "file_name": (None, "item_name_invalid"),
    },
}
OF_GUIDES = ("options_files_id_content",)  # which the document lacks
BOUNDS = ("maxLength", "minLength", "maxItems")


def merged(schema, find):
    """Return a schema with what its parts say: of one that may be null, what else it may be."""
    schema = find(schema)
    whole = {"nullable": False, "properties": {}, "required": []}
    parts = [merged(part, find) for part in (*schema.get("allOf", ()), *schema.get("anyOf", ()))]
    for part in (*parts, {name: value for name, value in schema.items() if name not in ("allOf", "anyOf")}):
        if part.get("type") == "null" or part.get("enum") == [None]:
            whole["nullable"] = True
            continue
        if None in part.get("enum", ()):
            part = part | {"nullable": True, "enum": [value for value in part["enum"] if value is not None]}
        properties, required = part.get("properties", {}), part.get("required", [])
        whole |= part | {
            "nullable": part.get("nullable", False) or whole["nullable"],
            "properties": whole["properties"] | properties,
            "required": [*whole["required"], *required],
        }
    return whole


def walk(schema, find, path=""):
    """Yield the path of each value of a schema, what it may be, and the paths of what it must have."""
    whole = merged(schema, find)
    described = {name: whole[name] for name in (*BOUNDS, "nullable") if name in whole}
    described["type"] = whole.get("type", "string")
    if "enum" in whole:
        described["enum"] = sorted(whole["enum"])
    if whole.get("format") == "date-time":
        described["format"] = "date-time"
    yield path, described, {f"{path}.{name}".lstrip(".") for name in whole["required"]}
    for name, value in whole["properties"].items():
        yield from walk(value, find, f"{path}.{name}".lstrip("."))
    for name, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if whole.get(name):
            yield from walk(whole[name], find, path + mark)


def table(schemas, find):
    """Return the values of some schemas by their paths, and what is required; null is fine where it is in one."""
    values, needed = {}, set()
    for schema in schemas:
        for path, described, required in walk(schema, find):
            known = values.setdefault(path, {})
            nullable = known.get("nullable", False) or described["nullable"]
            known |= described | {"nullable": nullable}
            needed |= required
    return values, needed


def documented(contract, operation):
    """Return the schemas of an operation's bodies, those of the documentation variants of its path among them."""
    schemas = []
    for path, entry in contract.original["paths"].items():
        described = entry.get(operation.method.lower(), {})
        if path.partition("#")[0] == operation.path and path not in VARIANTS and "requestBody" in described:
            for kind, content in described["requestBody"]["content"].items():
                schema = content["schema"]
                schemas.append(schema["properties"].get("attributes") if kind.startswith("multipart") else schema)
    # Of a picture there is nothing but its bytes, and so of a part.
    return [schema for schema in schemas if schema is not None and schema.get("format") != "binary"]


def declared(operation):
    """Return the schema of an operation's declared body, and a function that follows its references."""
    schema = msgspec.json.schema(
        operation.body, schema_hook=lambda kind: {Moment: {"type": "string", "format": "date-time"}}[kind]
    )

    def find(part):
        return schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part

    return schema, find


@sweep("operation", operations(), ids=lambda operation: operation.name)
def test_what_is_declared_is_what_is_documented(contract, operation):
    schemas = documented(contract, operation)
    if operation.name in OF_GUIDES:
        return
    assert bool(schemas) == (operation.body is not None)
    if not schemas:
        return
    schema, find_declared = declared(operation)
    (told, told_needed), (said, said_needed) = table(schemas, contract.resolved), table([schema], find_declared)
    apart = {path for name, path in OTHERWISE if name == operation.name}
    needed_apart = {path for name, path in NEEDED if name == operation.name}
    assert said.keys() - apart == told.keys() - apart, "what differs on purpose stands in OTHERWISE, with the reason"
    assert said_needed ^ told_needed == needed_apart, "what differs on purpose stands in NEEDED, with the reason"
    for path in told.keys() - apart:
        if path.endswith("tags"):
            told[path].pop("minItems", None)
        bounds = {name: value for name, value in said[path].items() if name not in BOUNDS or name in told[path]}
        assert bounds == told[path], f"{path}: what differs on purpose stands in OTHERWISE, with the reason"


@cache
def shape(operation):
    """Return the values of a declared body by their paths, and what is required."""
    schema, find = declared(operation)
    return table([schema], find)


WRONG = (5, "x", None, True, [5], [{}], {"id": ["0"], "type": "folder"})
KINDS = {
    "string": str, "boolean": bool, "integer": int, "number": (int, float), "object": dict, "array": list,
}  # fmt: skip
SAMPLES = {"string": "1", "boolean": True, "integer": 1, "number": 1, "object": {}}
TAKERS = [operation for operation in operations() if is_typeddict(operation.body)]
MANY = 100  # paths
LIST_TAKERS = [operation for operation in operations() if get_origin(operation.body) is list]
UPLOADS = ("post_files_content", "post_files_id_content")


def fits(value, told):
    """Tell whether a value is what the document says it may be, as far as it can be told from itself."""
    if value is None:
        return told["nullable"]
    is_number = told["type"] in ("integer", "number")
    is_kind = isinstance(value, KINDS[told["type"]]) and not (is_number and isinstance(value, bool))
    return is_kind and not told.keys() & {"enum", "format"}


def filled(values, needed, above=""):
    """Return what is needed of an object at a path, and of all within it, with some value of its type."""
    names = [path.removeprefix(f"{above}.").lstrip(".") for path in needed if path.startswith(f"{above}.") or not above]
    return {
        name: sample(values, needed, f"{above}.{name}".lstrip("."))
        for name in names
        if name and not {".", "["} & set(name)
    }


def sample(values, needed, path):
    told = values[path]
    if "enum" in told:
        return told["enum"][0]
    if told["type"] == "array":
        return [sample(values, needed, f"{path}[]")]
    return filled(values, needed, path) if told["type"] == "object" else SAMPLES[told["type"]]


def put(body, path, value, values, needed, above=""):
    """Return a body with a value at a dotted path; what there is above it has what it needs besides."""
    name, _, rest = path.partition(".")
    here = f"{above}.{name}".lstrip(".")
    inner = body.get(name) or filled(values, needed, here)
    return body | {name: put(inner, rest, value, values, needed, here) if rest else value}


@cache
def examples(contract, operation):
    """Return the document's examples of what a body needs."""
    given, (_, needed) = {}, shape(operation)
    for schema in map(contract.resolved, documented(contract, operation)):
        for name, told in schema.get("properties", {}).items():
            parts = told.get("properties", {}).items()
            example = told.get("example", {part: inner["example"] for part, inner in parts if "example" in inner})
            given |= {name: example} if name in needed and example not in ({}, None) else {}
    return given


def references(told, ids):
    """Return what each object that names a type may refer to: something of the first of its types that there is."""
    found = {}
    for path, value in told.items():
        name, _, last = path.rpartition(".")
        kind = next((kind for kind in value.get("enum", ()) if f"{kind}_id" in ids), None)
        if last == "type" and kind is not None:
            found[name] = {"type": kind, "id": ids[f"{kind}_id"]}
    return found


def named_metadata(box, folder, file):
    """Make a template, instances, a policy and a taxonomy, and return what paths name them by."""
    store, word = box.store, f"of{folder.id}"
    taxonomy = store.add_taxonomy(word, "Continent")
    node = store.add_node(taxonomy, "Europe")
    template = store.add_template(word, {"type": "string", "key": "note"})
    for item in (folder, file):
        store.add_instance(item, template, {"note": "n"})
    body = {"folder_id": folder.id, "scope": "enterprise", "templateKey": word}
    return {
        "scope": "enterprise", "namespace": "enterprise", "template_key": word, "template_id": template.id,
        "field_key": "note", "taxonomy_key": word, "level_index": "1", "node_id": node.id,
        "metadata_cascade_policy_id": box.post("/metadata_cascade_policies", body)["id"],
    }  # fmt: skip


def send(box, operation, path, body):
    """Send a body as an operation of its version takes it."""
    version = {} if operation.version == API_VERSION else {"box-version": operation.version}
    kind = {"content-type": JSON_PATCH} if operation.method == "PUT" and operation in LIST_TAKERS else {}
    return box.http.request(operation.method, path, json=body, headers=version | kind)


@pytest.fixture(scope="module")
def box(start):
    """Return a client of an emulator that has something of everything."""
    with start() as client:
        yield client


@pytest.fixture
def ask(box, place, contract):
    """Return a function that sends a body to an operation, about things of the test's own."""
    file = box.upload("a.txt", b"", place)["entries"][0]
    box.upload("a.txt", b"", path=f"/files/{file['id']}/content", status=200)
    link = box.post("/web_links", {"url": "https://example.com", "name": "b", "parent": {"id": place}}, 200)["id"]
    comment = box.post("/comments", {"message": "c", "item": {"type": "file", "id": file["id"]}})["id"]
    collaboration = box.share(place)
    membership, member = next(iter(box.store.memberships.items()))
    ids = {
        "file_id": file["id"], "folder_id": place, "web_link_id": link, "comment_id": comment,
        "collaboration_id": collaboration, "file_version_id": file["file_version"]["id"],
        "user_id": box.ready["user_id"], "group_id": member.group.id, "group_membership_id": membership,
        **governed.ids(box.store),
        **named_metadata(box, box.store.folders[place], box.store.files[file["id"]]),
    }  # fmt: skip
    fine = {
        "name": "n", "parent": {"id": place}, "message": "m", "role": "viewer", "url": "https://example.com",
        "login": "w@example.com", "id": file["file_version"]["id"], "user": {"id": box.ready["user_id"]},
        "group": {"id": member.group.id}, "metrics": {},
        "query": {"predicate": "EXISTS(:template)", "params": {"template": f"enterprise_1:of{place}"}},
    }  # fmt: skip

    governed.tag(box.store, box.store.folders[place], box.store.files[file["id"]])
    apart, found = governed.apart(box.store), {}
    for resource in box.store.resources:  # of every other kind, one that the seed has
        for operation in resource.operations if resource.entity else ():
            last = operation.path.rpartition("{")[2].partition("}")[0]
            seeded = box.store.of(resource.entity)
            if seeded and (last == f"{resource.entity.type}_id" or last not in found):
                found[last] = next(iter(seeded))
    ids = found | ids

    def asking(operation, changed, value):
        if changed is None:
            return send(box, operation, box.ready["api_base_url"] + operation.path.format(**ids), value)
        path = box.ready["api_base_url"] + operation.path.format(**ids | apart.get(operation.path, {}))
        if operation.name.startswith("post_") and operation.body is Restore:
            box.http.delete(path, params={"recursive": "true"})
        values, needed = shape(operation)
        given = fine | references(told_of(contract, operation), ids)
        body = filled(values, needed) | examples(contract, operation)
        body |= {name: given[name] for name in given.keys() & needed}
        body = put(body, changed, value, values, needed)
        if operation.name not in UPLOADS:
            return send(box, operation, path, body)
        parts = [("attributes", (None, json.dumps(body))), ("file", ("a", b""))]
        return box.http.request(operation.method, path, files=parts)

    return asking


@cache
def told_of(contract, operation):
    """Return what the document says of the values of a body by their paths, without those of lists."""
    values, _ = table(documented(contract, operation), contract.resolved)
    return {path: told for path, told in values.items() if not {"[", "{"} & set(path)}


def tried(told):
    """Return the paths to try: of a body that has very many, as an agent's tools, one of each name and kind."""
    paths = sorted(told.keys() - {""})
    if len(paths) <= MANY:
        return paths
    return list({(path.rpartition(".")[2], str(told[path])): path for path in paths}.values())


@pytest.mark.long
@pytest.mark.parametrize("operation", [taker for taker in TAKERS if taker.name not in OF_GUIDES], ids=lambda o: o.name)
def test_what_the_document_refuses_is_refused(contract, ask, operation):
    told, (_, needed) = told_of(contract, operation), shape(operation)
    cases = [(path, value, fits(value, told[path])) for path in tried(told) for value in WRONG]
    assert len(cases) >= len(WRONG)
    for path, value, is_fine in sorted(cases, key=lambda case: case[2]):  # what is refused changes nothing
        answer = ask(operation, path, value)
        if is_fine or (operation.name, path) in OTHERWISE:
            assert answer.status_code < 500, (path, value)
            continue
        error = answer.json()
        is_missing = value is None and path in needed
        missing, invalid = CODES.get(operation.name, {}).get(path, ("bad_request", "bad_request"))
        assert (answer.status_code, error["code"]) == (400, missing if is_missing else invalid), (path, value, error)
        reason = "missing_parameter" if is_missing else "invalid_parameter"
        assert {(entry["reason"], entry["name"]) for entry in error["context_info"]["errors"]} == {(reason, path)}


@pytest.mark.long
@pytest.mark.parametrize("operation", LIST_TAKERS, ids=lambda operation: operation.name)
def test_what_is_no_list_of_what_the_document_has_is_refused(contract, ask, operation):
    find = contract.resolved
    told, _ = table([find(find(schema)["items"]) for schema in documented(contract, operation)], find)
    value = {} if told.get("value", {}).get("type") == "object" else "x"
    fine = {"op": told["op"]["enum"][0], "path": "/x", "value": value} if "op" in told else {"displayName": "x"}
    fine |= filled(*shape(operation), "[]")
    names = [name for name in told if name and name != "value" and not {"[", "{", "."} & set(name)]
    assert set(names) <= set(get_args(operation.body)[0].__annotations__)
    for body in (5, "x", None, {}, [5], [[]], [None]):
        assert ask(operation, None, body).status_code == 400, body
    for name in names:
        for value in WRONG:
            answer = ask(operation, None, [fine, fine | {name: value}])
            if not fits(value, told[name]):
                error = answer.json()
                assert (answer.status_code, error["code"]) == (400, "bad_request"), (name, value)
                assert error["context_info"]["errors"][0]["name"] == name
            assert answer.status_code < 500, (name, value)


NO_OBJECTS = (
    b"5", b"[1", b'"x"', b"null", b"{", b"\xff", b'{"name": 1e400}', b'{"name": "\\ud800"}',
    b'{"name": %s}' % (b"[" * 5000 + b"]" * 5000), b'{"name": %s' % (b"[" * 100_000),
)  # fmt: skip


@pytest.mark.parametrize("body", NO_OBJECTS, ids=range(len(NO_OBJECTS)))
def test_what_is_no_object(box, body):
    for method, path in (
        ("POST", "/folders"),
        ("PUT", f"/users/{box.ready['user_id']}"),
        ("OPTIONS", "/files/content"),
    ):
        answer = box.http.request(method, box.ready["api_base_url"] + path, content=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_refused_password_is_not_repeated(box, place):
    answer = box.http.put(
        f"{box.ready['api_base_url']}/folders/{place}", json={"shared_link": {"password": 5_011_972_001}}
    )

    assert answer.status_code == 400
    assert "5011972001" not in answer.text


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("2020-02-03T04:05:06Z", 200), ("2020-02-03T04:05:06.789+01:00", 200), ("2020-02-03", 200),
        ("9999-12-31T23:59:59Z", 200), ("20200203T040506Z", 400), ("2020-W06-1", 400), ("2020-02-30", 400),
        ("9999-12-31T23:59:59-12:00", 400), ("0001-01-01T00:00:00Z", 400), ("٢٠٢٠-02-03", 400), ("", 400),
    ],
)  # fmt: skip
def test_times(box, place, text, status):
    file = box.upload("a.txt", b"", place)["entries"][0]["id"]

    box.put(f"/files/{file}", {"content_modified_at": text}, status, check_request=False)
