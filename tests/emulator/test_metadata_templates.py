"""Metadata templates: made, listed, changed by operations with their effect on values, and deleted."""

import itertools

import pytest

NUMBERS = itertools.count(1)
FIELDS = [
    {"type": "string", "key": "name", "displayName": "Name", "description": "Who signs", "hidden": True},
    {"type": "float", "key": "amount", "displayName": "Amount"},
    {"type": "date", "key": "signed", "displayName": "Signed"},
    {"type": "enum", "key": "status", "displayName": "Status", "options": [{"key": "open"}, {"key": "closed"}]},
    {"type": "multiSelect", "key": "tags", "displayName": "Tags", "options": [{"key": each} for each in "abc"]},
]
VALUES = {"name": "Ada", "amount": 5, "signed": "2020-02-03T04:05:06.789Z", "status": "open", "tags": ["a", "b"]}


@pytest.fixture
def make(box):
    """Return a function that makes a template, by default of a key of its own and with a field of each type."""

    def making(status=201, **body):
        key = {} if "displayName" in body else {"templateKey": f"contract{next(NUMBERS)}"}
        whole = {"scope": "enterprise", "displayName": "Contract", "fields": FIELDS, **key, **body}
        return box.post("/metadata_templates/schema", whole, status)

    return making


@pytest.fixture
def change(box):
    """Return a function that changes a template by operations."""

    def changing(template, *operations, status=200):
        path = f"/metadata_templates/enterprise/{template['templateKey']}/schema"
        return box.json_patch(path, list(operations), status)

    return changing


@pytest.fixture
def tagged(box, place):
    """Return a function that gives a folder an instance of a template, and returns a function that gets its values."""

    def tagging(template, values=None):
        path = f"/folders/{place}/metadata/enterprise/{template['templateKey']}"
        box.post(path, VALUES if values is None else values)
        return lambda: {key: value for key, value in box.get(path).items() if not key.startswith("$")}

    return tagging


def test_a_new_template(box, make):
    template = make()
    fields = {field["key"]: field for field in template["fields"]}
    scope = f"enterprise_{box.ready['enterprise_id']}"

    assert (template["type"], template["scope"], template["displayName"]) == ("metadata_template", scope, "Contract")
    assert (template["hidden"], template["copyInstanceOnItemCopy"]) == (False, False)
    assert list(fields) == ["name", "amount", "signed", "status", "tags"]
    assert fields["name"].items() >= FIELDS[0].items()
    assert "description" not in fields["amount"]
    assert [option["key"] for option in fields["tags"]["options"]] == ["a", "b", "c"]
    assert len({each["id"] for each in (template, *fields.values(), *fields["tags"]["options"])}) == 9
    key = template["templateKey"]
    for path in (
        f"/metadata_templates/enterprise/{key}/schema", f"/metadata_templates/{scope}/{key}/schema",
        f"/metadata_templates/{template['id']}",
    ):  # fmt: skip
        assert box.get(path, check_request=False) == template


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Deed of Gift", ("deedOfGift", "deedOfGift1")),
        ("URL list!", ("uRLList", "uRLList1")),
        ("2 many", ("_2Many", "_2Many1")),
    ],
)
def test_a_key_is_made_of_the_display_name(make, name, keys):
    assert tuple(make(displayName=name, fields=[])["templateKey"] for _ in keys) == keys


def test_keys_are_unique_by_case(make):
    make(templateKey="same", fields=[])
    make(templateKey="Same", fields=[])

    assert make(409, templateKey="same", fields=[])["code"] == "tuple_already_exists"


def test_what_is_refused(box, make):
    wrong = [
        {"fields": [FIELDS[0], FIELDS[0]]},
        {"fields": [{**FIELDS[0], "key": "$id"}]},
        {"fields": [{**FIELDS[0], "options": [{"key": "a"}]}]},
        {"fields": [{**FIELDS[3], "options": [{"key": "a"}, {"key": "a"}]}]},
        {"fields": [{"type": "taxonomy", "key": "place", "displayName": "Place"}]},
        {"scope": "nowhere"},
    ]
    for body in wrong:
        assert make(400, **body)["code"] == "bad_request", body
    make(403, scope="global")
    for odd in ("1a", "a b", "x" * 65):
        answer = box.http.post(
            f"{box.ready['api_base_url']}/metadata_templates/schema",
            json={"scope": "enterprise", "displayName": "x", "templateKey": odd},
        )
        assert answer.status_code == 400, odd


def test_only_administrators_write_templates(box, make):
    template = make()
    path = f"/metadata_templates/enterprise/{template['templateKey']}/schema"
    with box.signed_in(box.ready["user_id"]) as user:
        assert user.get(path) == template
        user.json_patch(path, [], 403)
        user.delete(path, 403)
        user.post("/metadata_templates/schema", {"scope": "enterprise", "displayName": "x"}, 403)


def test_an_enterprise_has_so_many_templates_at_most(start):
    with start() as box:
        there = sum(template.scope != "global" for template in box.store.metadata_templates.values())
        for number in range(499 - there):
            box.store.add_template(f"many{number}")
        box.post("/metadata_templates/schema", {"scope": "enterprise", "displayName": "Last"})
        box.post("/metadata_templates/schema", {"scope": "enterprise", "displayName": "One more"}, 400)


def test_lists(box, make):
    mine = [make()["id"] for _ in range(3)]
    listed, query = [], {"limit": 2}
    while query.get("marker", "") is not None:
        page = box.get("/metadata_templates/enterprise", params=query)
        listed += [template["id"] for template in page["entries"]]
        query["marker"] = page["next_marker"]

    assert listed[-3:] == mine
    assert len(set(listed)) == len(listed)
    assert box.get("/metadata_templates/enterprise")["limit"] == 100
    of_all = box.get("/metadata_templates/global")["entries"]
    assert [(each["scope"], each["templateKey"], each["fields"]) for each in of_all] == [("global", "properties", [])]
    box.delete("/metadata_templates/global/properties/schema", 403)


def test_the_template_of_an_instance(box, make, place):
    template = make()
    instance = box.post(f"/folders/{place}/metadata/enterprise/{template['templateKey']}", {})

    found = box.get(f"/metadata_templates?metadata_instance_id={instance['$id']}")
    assert found["entries"] == [template]
    box.get(f"/metadata_templates?metadata_instance_id={template['id']}", 400)
    box.get("/metadata_templates", 400, check_request=False)


def test_what_there_is_not(box):
    box.get("/metadata_templates/enterprise/none/schema", 404)
    box.get("/metadata_templates/nowhere/none/schema", 400, check_request=False)
    box.get("/metadata_templates/7", 400, documented=False)
    box.json_patch("/metadata_templates/enterprise/none/schema", [], 404)


def test_what_a_template_itself_is_changed_to(box, make, change):
    template = make()
    data = {"displayName": "Deal", "hidden": True, "copyInstanceOnItemCopy": True}

    changed = change(template, {"op": "editTemplate", "data": data})
    assert changed == template | data
    assert box.get(f"/metadata_templates/{template['id']}") == changed


def test_fields_are_added_and_put_in_order(make, change, tagged):
    template, reason = make(), {"type": "string", "key": "reason", "displayName": "Reason"}
    values = tagged(template)
    keys = [field["key"] for field in change(template, {"op": "addField", "data": reason})["fields"]]
    assert keys == ["name", "amount", "signed", "status", "tags", "reason"]
    assert values() == VALUES
    by_key = {"op": "addField", "fieldKey": "late", "data": {"type": "float", "displayName": "Late"}}
    order = {"op": "reorderFields", "fieldKeys": ["late", *keys[::-1]]}

    changed = change(template, by_key, order)
    assert [field["key"] for field in changed["fields"]] == ["late", *keys[::-1]]


def test_values_follow_the_key_of_a_field(make, change, tagged):
    template = make()
    values = tagged(template)
    data = {"key": "signer", "displayName": "Signer", "description": "d", "hidden": False}
    field = change(template, {"op": "editField", "fieldKey": "name", "data": data})["fields"][0]

    assert field == template["fields"][0] | data
    assert values() == {"signer": "Ada"} | {key: VALUES[key] for key in ("amount", "signed", "status", "tags")}


def test_values_go_with_a_field_and_do_not_come_back(make, change, tagged):
    template = make()
    values = tagged(template)
    change(template, {"op": "removeField", "fieldKey": "name"})
    assert "name" not in values()
    change(template, {"op": "addField", "data": FIELDS[0]})

    assert "name" not in values()


@pytest.mark.parametrize(("field", "kind", "left"), [("status", "Enum", None), ("tags", "MultiSelect", ["b"])])
def test_options(make, change, tagged, field, kind, left):
    template = make()
    values = tagged(template)
    singular, plural = f"{kind[0].lower()}{kind[1:]}OptionKey", f"{kind[0].lower()}{kind[1:]}OptionKeys"
    place = next(place for place, each in enumerate(FIELDS) if each["key"] == field)
    first, *others = [option["key"] for option in FIELDS[place]["options"]]

    def options(*operations):
        changed = change(template, *({"fieldKey": field, **operation} for operation in operations))
        return [option["key"] for option in changed["fields"][place]["options"]]

    assert options({"op": f"add{kind}Option", "data": {"key": "new"}}) == [first, *others, "new"]
    order = ["new", *others, first]
    assert options({"op": f"reorder{kind}Options", plural: order}) == order
    assert options({"op": f"edit{kind}Option", singular: first, "data": {"key": "x"}}) == ["new", *others, "x"]
    assert values()[field] == ("x" if kind == "Enum" else ["x", "b"])
    assert options({"op": f"remove{kind}Option", singular: "x"}) == ["new", *others]
    assert values().get(field) == left


def test_all_operations_or_none(box, make, tagged):
    template = make()
    values = tagged(template)
    good = [
        {"op": "editTemplate", "data": {"displayName": "Never"}},
        {"op": "editField", "fieldKey": "name", "data": {"key": "never"}},
        {"op": "addEnumOption", "fieldKey": "status", "data": {"key": "never"}},
    ]
    for bad in (
        {"op": "removeField", "fieldKey": "name"},  # which bears another name by then
        {"op": "removeField"},
        {"op": "addField"},
        {"op": "addField", "data": {"type": "integer", "key": "n", "displayName": "n"}},
        {"op": "addField", "data": FIELDS[1]},
        {"op": "editField", "fieldKey": "amount", "data": {"type": "string"}},
        {"op": "editField", "fieldKey": "amount", "data": {"key": "signed"}},
        {"op": "editTemplate", "data": {"displayName": 5}},
        {"op": "reorderFields", "fieldKeys": ["amount"]},
        {"op": "reorderEnumOptions", "fieldKey": "status", "enumOptionKeys": ["open", "open", "closed"]},
        {"op": "addEnumOption", "fieldKey": "status", "data": {"key": "open"}},
        {"op": "addEnumOption", "fieldKey": "tags", "data": {"key": "new"}},
        {"op": "editEnumOption", "fieldKey": "status", "enumOptionKey": "open", "data": {"key": "closed"}},
        {"op": "removeMultiSelectOption", "fieldKey": "tags", "multiSelectOptionKey": "z"},
    ):
        path = f"/metadata_templates/enterprise/{template['templateKey']}/schema"
        error = box.json_patch(path, [*good, bad], 400, check_request=False)
        assert error["code"] == "bad_request", bad
        assert box.get(path) == template, bad
    assert values() == VALUES


def test_operations_come_in_a_content_type_of_their_own(box, make):
    template = make()
    path = f"/metadata_templates/enterprise/{template['templateKey']}/schema"

    error = box.call("PUT", path, 415, json=[], check_request=False).json()
    assert error["code"] == "unsupported_media_type"


def test_instances_go_with_their_template(box, make, place, tagged):
    template, other = make(), make()
    for each in (template, other):
        tagged(each)
    policy = {"folder_id": place, "scope": "enterprise", "templateKey": template["templateKey"]}
    box.post("/metadata_cascade_policies", policy)
    box.delete(f"/metadata_templates/enterprise/{template['templateKey']}/schema")

    left = box.get(f"/folders/{place}/metadata")["entries"]
    assert [instance["$template"] for instance in left] == [other["templateKey"]]
    assert box.get(f"/metadata_cascade_policies?folder_id={place}")["entries"] == []
    box.get(f"/metadata_templates/enterprise/{template['templateKey']}/schema", 404)


def test_the_store_makes_templates(box):
    options = {"type": "enum", "key": "status", "options": [{"key": "open"}]}
    template = box.store.add_template("planted", options, display_name="Planted", copy_instance_on_item_copy=True)

    written = box.get("/metadata_templates/enterprise/planted/schema")
    assert (written["id"], written["displayName"], written["copyInstanceOnItemCopy"]) == (template.id, "Planted", True)
    assert [(field["key"], field["displayName"]) for field in written["fields"]] == [("status", "status")]
