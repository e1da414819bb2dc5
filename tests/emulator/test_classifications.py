"""Classifications and Skills cards: labels of the enterprise, and what items have of them."""

import pytest

from box_dialect.emulator.metadata.classifications import LABEL
from box_dialect.emulator.metadata.templates import CLASSIFICATION

SCHEMA = f"/metadata_templates/enterprise/{CLASSIFICATION}/schema"
FIELD = {
    "type": "enum", "key": LABEL, "displayName": "Classification",
    "options": [
        {"key": "Internal", "staticConfig": {"classification": {"classificationDefinition": "Ours.", "colorID": 4}}},
        {"key": "Open"},
    ],
}  # fmt: skip
NEW = {
    "scope": "enterprise", "templateKey": CLASSIFICATION, "displayName": "Classification", "fields": [FIELD],
    "copyInstanceOnItemCopy": True,
}  # fmt: skip
CARD = {
    "type": "skill_card", "skill_card_type": "keyword", "skill": {"type": "service", "id": "s"},
    "invocation": {"type": "skill_invocation", "id": "i"}, "entries": [{"text": "law", "type": "text"}],
}  # fmt: skip


def make_labels(box, status=200, **more):
    # The document has the body and the answer of classifications at a variant of the path only.
    return box.post("/metadata_templates/schema", NEW | more, status, check_request=False, documented=status != 200)


@pytest.fixture
def labels(box):
    """Make the labels anew."""
    box.http.delete(f"{box.ready['api_base_url']}{SCHEMA}")
    return make_labels(box)


@pytest.fixture
def file(box, place):
    return box.upload("secret.txt", b"x", place)["entries"][0]["id"]


def keys(template):
    return [option["key"] for option in template["fields"][0]["options"]]


def test_the_labels(box, labels):
    assert box.get(SCHEMA) == labels
    assert (labels["templateKey"], labels["displayName"], keys(labels)) == (
        CLASSIFICATION, "Classification", ["Internal", "Open"],
    )  # fmt: skip
    assert labels["fields"][0]["options"][0]["staticConfig"] == FIELD["options"][0]["staticConfig"]
    assert make_labels(box, 409)["code"] == "tuple_already_exists"
    with box.signed_in(box.ready["user_id"]) as other:
        assert other.get(SCHEMA) == labels
        change = [{"op": "addEnumOption", "fieldKey": LABEL, "data": {"key": "x"}}]
        other.put(SCHEMA, change, 403)


@pytest.mark.usefixtures("labels")
def test_without_labels_there_is_no_template(box, file):
    box.delete(SCHEMA)
    assert box.get(SCHEMA, 404)["code"] == "not_found"
    path = f"/files/{file}/metadata/enterprise/{CLASSIFICATION}"
    assert box.post(path, {LABEL: "Open"}, 404)["code"] == "instance_tuple_not_found"


@pytest.mark.usefixtures("labels")
def test_labels_are_added_changed_and_removed(box, file):
    path = f"/files/{file}/metadata/enterprise/{CLASSIFICATION}"
    box.post(path, {LABEL: "Open"})
    more = {"op": "addEnumOption", "fieldKey": LABEL, "data": {"key": "Top", "staticConfig": {"classification": {
        "colorID": 2, "classificationDefinition": "For nobody."}}}}  # fmt: skip
    changed = box.put(SCHEMA, [more])
    assert keys(changed) == ["Internal", "Open", "Top"]
    data = {"key": "Public", "staticConfig": {"classification": {"colorID": 6}}}
    edit = {"op": "editEnumOption", "fieldKey": LABEL, "enumOptionKey": "Open", "data": data}
    changed = box.json_patch(SCHEMA, [edit])
    assert keys(changed) == ["Internal", "Public", "Top"]
    assert changed["fields"][0]["options"][1]["staticConfig"] == data["staticConfig"]
    assert box.get(path)[LABEL] == "Public"
    gone = {"op": "removeEnumOption", "fieldKey": LABEL, "enumOptionKey": "Top"}
    assert keys(box.put(SCHEMA, [gone], check_request=False)) == ["Internal", "Public"]
    again = {"op": "addEnumOption", "fieldKey": LABEL, "data": {"key": "Internal"}}
    assert box.put(SCHEMA, [again], 400)["code"] == "bad_request"
    assert box.put(SCHEMA, [{**edit, "enumOptionKey": "None"}], 400, check_request=False)["code"] == "bad_request"


@pytest.mark.usefixtures("labels")
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_items_are_labelled(box, file, place, kind):
    identity = {"file": file, "folder": place}[kind]
    path = f"/{kind}s/{identity}/metadata/enterprise/{CLASSIFICATION}"
    assert box.get(path, 404)["code"] == "instance_not_found"
    made = box.post(path, {LABEL: "Internal"})
    assert (made[LABEL], made["$parent"], made["$template"]) == ("Internal", f"{kind}_{identity}", CLASSIFICATION)
    assert box.get(path) == made
    assert box.post(path, {LABEL: "Open"}, 409)["code"] == "conflict"
    described = box.get(f"/{kind}s/{identity}?fields=classification")["classification"]
    assert described == {"name": "Internal", "definition": "Ours.", "color": "#2486FC"}
    change = [{"op": "replace", "path": f"/{LABEL}", "value": "Open"}]
    assert (box.json_patch(path, change)[LABEL], box.get(path)[LABEL]) == ("Open", "Open")
    change = [{"op": "replace", "path": f"/{LABEL}", "value": "Unknown"}]
    refused = box.json_patch(path, change, 400, documented=False)  # the body is that of metadata errors
    assert refused["code"] == "schema_validation_failed"
    box.delete(path)
    assert box.get(f"/{kind}s/{identity}?fields=classification")["classification"] is None


@pytest.mark.usefixtures("labels")
def test_a_label_goes_along_with_copies_and_is_listed_with_the_folder(box, file, place):
    box.post(f"/files/{file}/metadata/enterprise/{CLASSIFICATION}", {LABEL: "Internal"})
    copy = box.post(f"/files/{file}/copy", {"parent": {"id": place}, "name": "copy.txt"})["id"]
    listed = box.get(f"/folders/{place}/items?fields=classification")["entries"]
    assert {entry["id"]: entry["classification"]["name"] for entry in listed} == dict.fromkeys((file, copy), "Internal")


def test_cards(box, file):
    path = f"/files/{file}/metadata/global/boxSkillsCards"
    assert box.get(path, 404)["code"] == "instance_not_found"
    made = box.post(path, {"cards": [CARD]})
    assert (made["cards"], made["$template"], made["$version"]) == ([CARD], "boxSkillsCards", 0)
    assert box.get(path) == made
    assert box.post(path, {"cards": [CARD]}, 409, documented=False)["code"] == "tuple_already_exists"
    other = {**CARD, "entries": []}
    changed = box.json_patch(path, [{"op": "replace", "path": "/cards/0", "value": other}])
    assert (changed["cards"], changed["$version"]) == ([other], 1)
    wrong = box.post(path, {"cards": [{"type": "skill_card"}]}, 400, check_request=False, documented=False)
    assert wrong["code"] == "schema_validation_failed"
    for place, value in (("/cards", {}), ("/cards/0/skill_card_type", {}), ("/cards/0", {"skill_card_type": []})):
        change = [{"op": "replace", "path": place, "value": value}]
        refused = box.json_patch(path, change, 400, check_request=False, documented=False)
        assert refused["code"] == "schema_validation_failed"
    assert box.get(path) == changed
    box.delete(path)
    box.delete(path, 404)


def test_an_invocation_overwrites_the_cards(box, file):
    path = f"/files/{file}/metadata/global/boxSkillsCards"
    body = {"status": "success", "metadata": {"cards": [CARD]}, "file": {"type": "file", "id": file},
        "usage": {"unit": "file", "value": 1}}  # fmt: skip
    assert box.call("PUT", "/skill_invocations/33243242", 200, json=body).content == b""
    assert box.get(path)["cards"] == [CARD]
    box.call("PUT", "/skill_invocations/33243242", 200, json={**body, "metadata": {"cards": []}})
    assert box.get(path)["cards"] == []
    version = {"file_version": {"type": "file_version", "id": "1"}}
    assert box.put("/skill_invocations/1", body | version, 404)["code"] == "not_found"
    with box.signed_in(box.ready["user_id"]) as other:
        other.put("/skill_invocations/1", body, 404)
        box.share(file, role="viewer", kind="file")
        other.put("/skill_invocations/1", body, 403)
        other.post(path, {"cards": [CARD]}, 403)
