"""Metadata instances: what files and folders have for the fields of a template."""

import itertools
import json

import pytest

NUMBERS = itertools.count(1)
OPTIONS = {"options": [{"key": each} for each in ("a", "b", "c")]}
VALUES = {"name": "Ada", "amount": 5.5, "signed": "2020-02-03T04:05:06.789Z", "status": "a", "tags": ["b", "a"]}
OWN = {"$id", "$type", "$parent", "$template", "$scope", "$version", "$typeVersion", "$canEdit"}


@pytest.fixture
def template(box):
    kinds = {"name": "string", "amount": "float", "signed": "date", "status": "enum", "tags": "multiSelect"}
    fields = [
        {"type": kind, "key": key, **(OPTIONS if kind in ("enum", "multiSelect") else {})}
        for key, kind in kinds.items()
    ]
    return box.store.add_template(f"deed{next(NUMBERS)}", *fields)


@pytest.fixture(params=["file", "folder"])
def item(request, box, place):
    """Return the path of an item, and how metadata names it."""
    if request.param == "folder":
        identity = box.folder("tagged", place)
    else:
        identity = box.upload("tagged.txt", b"x", place)["entries"][0]["id"]
    return f"/{request.param}s/{identity}", f"{request.param}_{identity}"


@pytest.fixture
def path(item, template):
    return f"{item[0]}/metadata/enterprise/{template.key}"


def test_an_instance(box, item, path, template):
    made = box.post(path, VALUES)

    assert made.keys() == VALUES.keys() | OWN
    assert made.items() >= VALUES.items()
    assert (made["$parent"], made["$template"], made["$version"]) == (item[1], template.key, 0)
    assert (made["$scope"], made["$canEdit"], made["$typeVersion"]) == (template.scope, True, 0)
    assert made["$type"].startswith(f"{template.key}-")
    assert box.get(path) == made
    full = path.replace("/enterprise/", f"/{template.scope}/")
    assert box.get(full, check_request=False) == made
    box.delete(path)
    assert box.get(path, 404)["code"] == "instance_not_found"
    assert box.delete(path, 404)["code"] == "instance_not_found"
    assert box.post(path, {})["$id"] != made["$id"]


def test_the_list_of_an_item(box, item, path):
    assert box.get(f"{item[0]}/metadata") == {"entries": [], "limit": 100}
    made = box.post(path, VALUES)
    properties = box.post(f"{item[0]}/metadata/global/properties", {"any key": "any text"})

    for listed, one in zip(box.get(f"{item[0]}/metadata")["entries"], (made, properties), strict=True):
        assert listed == {key: value for key, value in one.items() if key != "$canEdit"}


def test_the_second_one_is_a_conflict(box, path):
    box.post(path, VALUES)
    error = box.post(path, VALUES, 409)

    assert error.keys() == {"code", "message", "request_id"}
    assert (error["code"], error["message"]) == ("conflict", "Conflict on Metadata Instance.")


@pytest.mark.long
@pytest.mark.parametrize(
    "values",
    [
        {"other": "x"}, {"name": 5}, {"name": None}, {"amount": "5"}, {"amount": True}, {"signed": "2020-02-03"},
        {"signed": "2020-02-30T00:00:00Z"}, {"signed": "2020-02-03T04:05:06"}, {"signed": 5}, {"status": "z"},
        {"status": ["a"]}, {"tags": "a"}, {"tags": ["a", "z"]}, {"tags": [1]}, {"$version": 1},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_what_no_field_takes(box, path, values):
    error = box.post(path, values, 400, check_request=False)
    assert (error.keys(), error["code"]) == ({"code", "message", "request_id"}, "schema_validation_failed")
    box.post(path, {})
    for key, value in values.items():
        change = [{"op": "add", "path": f"/{key}", "value": value}]
        assert box.json_patch(path, change, 400, check_request=False)["code"] == "schema_validation_failed"
    assert box.get(path)["$version"] == 0


@pytest.mark.parametrize("values", [{}, {"amount": -16777216}, {"signed": "1960-01-01T00:00:00-08:00"}, {"tags": []}])
def test_what_fields_take_comes_back_as_it_was_sent(box, path, values):
    assert box.post(path, values).items() >= values.items()


def test_properties_take_any_text(box, item):
    path = f"{item[0]}/metadata/global/properties"
    for values in ({"a": 5}, {"a": ["x"]}, {"$a": "x"}, {"": "x"}):
        assert box.post(path, values, 400, check_request=False)["code"] == "schema_validation_failed"
    values = {"a": "b", "é ~/": "", "same": "x", "Same": "y"}

    assert box.post(path, values).items() >= values.items()
    change = [{"op": "replace", "path": "/é ~0~1", "value": "z"}, {"op": "remove", "path": "/a"}]
    changed = box.json_patch(path, change)
    assert (changed["é ~/"], "a" in changed, changed["$version"]) == ("z", False, 1)


def test_a_patch(box, path):
    box.post(path, {"name": "Ada", "tags": ["a"]})
    changed = box.json_patch(
        path,
        [
            {"op": "test", "path": "/$version", "value": 0},
            {"op": "test", "path": "/name", "value": "Ada"},
            {"op": "replace", "path": "/name", "value": "Bob"},
            {"op": "add", "path": "/amount", "value": 1},
            {"op": "add", "path": "/tags/-", "value": "c"},
            {"op": "add", "path": "/tags/0", "value": "b"},
            {"op": "copy", "from": "/tags/1", "path": "/status"},
            {"op": "test", "path": "/tags", "value": ["b", "a", "c"]},
            {"op": "remove", "path": "/tags/2"},
        ],
    )

    expected = {"name": "Bob", "amount": 1, "tags": ["b", "a"], "status": "a", "$version": 1}
    assert changed.items() >= expected.items()
    assert box.get(path) == changed
    moved = box.json_patch(path, [{"op": "remove", "path": "/status"}, {"op": "remove", "path": "/tags"}])
    assert moved.keys() == {"name", "amount"} | OWN


def test_a_patch_that_changes_nothing_makes_no_version(box, path):
    box.post(path, {"name": "Ada"})
    for operations in ([], [{"op": "test", "path": "/name", "value": "Ada"}],
                       [{"op": "replace", "path": "/name", "value": "Ada"}]):  # fmt: skip
        assert box.json_patch(path, operations)["$version"] == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("operation", "status", "code"),
    [
        ({"op": "test", "path": "/name", "value": "Bob"}, 409, "failed_json_patch_application"),
        ({"op": "test", "path": "/$version", "value": 1}, 409, "failed_json_patch_application"),
        ({"op": "test", "path": "/amount", "value": 1}, 409, "failed_json_patch_application"),
        ({"op": "replace", "path": "/amount", "value": 1}, 409, "failed_json_patch_application"),
        ({"op": "remove", "path": "/amount"}, 409, "failed_json_patch_application"),
        ({"op": "move", "from": "/amount", "path": "/name"}, 409, "failed_json_patch_application"),
        ({"op": "add", "path": "/tags/5", "value": "a"}, 409, "failed_json_patch_application"),
        ({"op": "add", "path": "/name/5", "value": "a"}, 409, "failed_json_patch_application"),
        ({"op": "replace", "path": "/$version", "value": 7}, 400, "schema_validation_failed"),
        ({"op": "remove", "path": "/$id"}, 400, "schema_validation_failed"),
        ({"op": "copy", "from": "/name", "path": "/other"}, 400, "schema_validation_failed"),
        ({"op": "add", "path": "/amount"}, 400, "bad_request"),
        ({"op": "copy", "path": "/amount"}, 400, "bad_request"),
        ({"op": "remove"}, 400, "bad_request"),
        ({"path": "/amount"}, 400, "bad_request"),
        ({"op": "remove", "path": "amount"}, 400, "bad_request"),
        ({"op": "erase", "path": "/name"}, 400, "bad_request"),
    ],
    ids=json.dumps,
)
def test_a_patch_is_all_or_nothing(box, path, operation, status, code):
    made = box.post(path, {"name": "Ada", "tags": ["a"]})
    good = {"op": "add", "path": "/signed", "value": VALUES["signed"]}
    error = box.json_patch(path, [good, operation], status, check_request=False)

    assert error["code"] == code
    assert ("type" in error) == (code == "bad_request")
    assert box.get(path) == made


def test_a_patch_needs_its_content_type(box, path):
    box.post(path, {})

    assert box.call("PUT", path, 415, json=[], check_request=False).json()["code"] == "unsupported_media_type"


def test_what_there_is_not(box, item, template):
    path = f"{item[0]}/metadata"
    assert box.post(f"{path}/enterprise/none", {}, 404)["code"] == "instance_tuple_not_found"
    assert box.post(f"{path}/enterprise_7/{template.key}", {}, 404, check_request=False)["code"] == (
        "instance_tuple_not_found"
    )
    assert box.get(f"{path}/enterprise/none", 404)["code"] == "instance_not_found"
    assert box.get(f"{path}/nowhere/none", 400, check_request=False)["code"] == "bad_request"
    assert box.json_patch(f"{path}/enterprise/{template.key}", [], 404)["code"] == "instance_not_found"
    assert box.post(f"/files/7/metadata/enterprise/{template.key}", {}, 404)["code"] == "not_found"
    box.get("/folders/7/metadata", 404)


def test_the_root_folder_has_none(box, template):
    path = f"/folders/0/metadata/enterprise/{template.key}"
    assert box.get("/folders/0/metadata", 403)["code"] == "forbidden"
    for method in ("GET", "DELETE"):
        assert box.call(method, path, 405).json()["code"] == "method_not_allowed"
    box.post(path, {}, 405)


def test_who_may_read_and_who_may_write(box, place, template):
    folder = box.folder("shared", place)
    path = f"/folders/{folder}/metadata/enterprise/{template.key}"
    box.post(path, VALUES)
    with box.signed_in(box.ready["user_id"]) as other:
        other.get(path, 404)
        shared = box.share(folder, role="viewer")
        assert other.get(path)["$canEdit"] is False
        other.json_patch(path, [], 403)
        other.delete(path, 403)
        box.put(f"/collaborations/{shared}", {"role": "editor"})
        assert other.get(path)["$canEdit"] is True
        other.json_patch(path, [{"op": "remove", "path": "/name"}])


def test_an_item_has_so_many_at_most(box, place):
    store, folder = box.store, box.folder("full", place)
    templates = [store.add_template(f"full{number}of{folder}") for number in range(101)]
    for template in templates[:100]:
        store.add_instance(store.folders[folder], template, {})

    assert len(box.get(f"/folders/{folder}/metadata")["entries"]) == 100
    box.post(f"/folders/{folder}/metadata/enterprise/{templates[100].key}", {}, 400)


def test_fields_name_instances(box, place, item, path, template):
    made, asked = box.post(path, VALUES), f"metadata.{template.scope}.{template.key}"
    properties = box.post(f"{item[0]}/metadata/global/properties", {"a": "b"})
    written = box.get(f"{item[0]}?fields=name,{asked},metadata.global.properties")
    assert written.keys() == {"type", "id", "etag", "name", "metadata"}
    assert written["metadata"] == {template.scope: {template.key: made}, "global": {"properties": properties}}
    bare = box.folder("bare", place)

    entries = box.get(f"/folders/{place}/items?fields={asked}")["entries"]
    found = {entry["id"]: entry["metadata"] for entry in entries}
    assert found == {item[1].partition("_")[2]: {template.scope: {template.key: made}}, bare: {}}
    for unknown in ("metadata", f"metadata.{template.scope}", f"{asked}.name", "metadata.enterprise_7.x"):
        assert box.get(f"{item[0]}?fields={unknown}").get("metadata", {}) == {}
    tagged = box.get(f"/search?query=tagged&fields={asked}&ancestor_folder_ids={place}")["entries"]
    assert [entry["metadata"] for entry in tagged] == [{template.scope: {template.key: made}}]


@pytest.mark.parametrize("goes_along", [True, False])
def test_copies(box, place, goes_along):
    store, key = box.store, f"copied{next(NUMBERS)}"
    template = store.add_template(key, {"type": "string", "key": "name"}, copy_instance_on_item_copy=goes_along)
    folder = store.folders[box.folder("original", place)]
    file = store.files[box.upload("inner.txt", b"x", folder.id)["entries"][0]["id"]]
    for each in (folder, file):
        store.add_instance(each, template, {"name": each.name})
    copy = box.post(f"/folders/{folder.id}/copy", {"parent": {"id": place}, "name": "copy"})["id"]
    inner = box.get(f"/folders/{copy}/items")["entries"][0]["id"]

    for path, name in ((f"/folders/{copy}", "original"), (f"/files/{inner}", "inner.txt")):
        instance = box.get(f"{path}/metadata/enterprise/{key}", 200 if goes_along else 404)
        assert instance.get("name") == (name if goes_along else None)
    if goes_along:
        box.json_patch(f"/files/{inner}/metadata/enterprise/{key}", [{"op": "remove", "path": "/name"}])
        assert box.get(f"/files/{file.id}/metadata/enterprise/{key}")["name"] == "inner.txt"


def test_what_is_gone_has_none(box, place, template):
    file = box.upload("gone.txt", b"x", place)["entries"][0]["id"]
    path = f"/files/{file}/metadata/enterprise/{template.key}"
    identity = box.post(path, VALUES)["$id"]
    box.delete(f"/files/{file}")
    box.get(path, 404)
    box.post(f"/files/{file}", {}, 201)
    assert box.get(path)["$id"] == identity
    box.delete(f"/files/{file}")
    box.delete(f"/files/{file}/trash")

    assert identity not in box.store.metadata_instances
