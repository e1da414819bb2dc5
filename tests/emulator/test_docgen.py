"""Documents that are generated of templates; notes, archives, Shield's lists, and how the enterprise is set up."""

import json

import pytest

from box_dialect.emulator.docgen import filled, tags

V25 = {"headers": {"box-version": "2025.0"}}
V26 = {"headers": {"box-version": "2026.0"}}
TEXT = "Dear {{ customer.name }},\n{{for item in order.items}}{{item.price}}{{endfor}}{{ total * 2 }} {{customer.name}}"


@pytest.fixture
def template(box, place):
    """Make a file of the text a template."""
    file = box.upload("letter.docx", TEXT.encode(), place)["entries"][0]["id"]
    assert box.post("/docgen_templates", {"file": {"type": "file", "id": file}}, **V25)["file"]["id"] == file
    return file


@pytest.fixture
def generate(box, template, place):
    """Return a function that generates documents of the template."""

    def generating(*documents, status=202, **more):
        body = {
            "file": {"type": "file", "id": template}, "input_source": "api", "output_type": "pdf",
            "destination_folder": {"type": "folder", "id": place},
            "document_generation_data": [
                {"generated_file_name": name, "user_input": values} for name, values in documents
            ],
        }  # fmt: skip
        return box.post("/docgen_batches", body | more, status, **V25)

    return generating


def jobs(box, path):
    return box.get(path, **V25)["entries"]


def test_a_template(box, template, place):
    told = box.get(f"/docgen_templates/{template}", **V25)
    assert told == {"file": {"type": "file", "id": template}, "file_name": "letter.docx"}
    assert told in jobs(box, "/docgen_templates?limit=1000")
    box.post("/docgen_templates", {"file": {"type": "file", "id": template}}, **V25)
    assert jobs(box, "/docgen_templates?limit=1000").count(told) == 1
    assert [(tag["tag_content"], tag["tag_type"], tag["json_paths"]) for tag in jobs(
        box, f"/docgen_templates/{template}/tags")] == [
        ("{{customer.name}}", "text", ["customer.name"]), ("{{for item in order.items}}", "for-loop", ["order.items"]),
        ("{{item.price}}", "text", ["item.price"]), ("{{total * 2}}", "arithmetic", ["total"]),
    ]  # fmt: skip
    with box.signed_in(box.ready["user_id"]) as other:
        assert other.get(f"/docgen_templates/{template}", 404, **V25)["code"] == "not_found"
        box.share(place, role="viewer")
        other.delete(f"/docgen_templates/{template}", 403, **V25)
    box.delete(f"/docgen_templates/{template}", **V25)
    for path in ("", "/tags"):
        assert box.get(f"/docgen_templates/{template}{path}", 404, **V25)["code"] == "not_found"
    assert box.get(f"/docgen_template_jobs/{template}", 404, **V25)["code"] == "not_found"


@pytest.mark.parametrize(
    ("tag", "kind", "paths"),
    [
        ("a", "text", ["a"]), ("if a.b == 1", "conditional", ["a.b"]), ("tablerow r in rows", "table-loop", ["rows"]),
        ("a + b", "arithmetic", ["a", "b"]), ("image logo", "image", ["logo"]), ("elseif c", "conditional", ["c"]),
    ],
)  # fmt: skip
def test_kinds_of_tags(tag, kind, paths):
    text = f"x {{{{ {tag} }}}} {{{{endif}}}}"
    assert tags(text) == [{"tag_content": f"{{{{{tag}}}}}", "tag_type": kind, "json_paths": paths}]


def test_values_take_the_place_of_tags():
    assert filled("{{a.b}}-{{c}}-{{if c}}{{endif}}", {"a": {"b": 5}}) == (
        "5--", ["There is no value for the tag {{c}}"],
    )  # fmt: skip


def test_documents_are_generated(box, template, generate, place):
    batch = generate(("One", {"customer": {"name": "Ada"}, "item": {"price": 3}}), ("Two.pdf", {}))
    assert batch.keys() == {"type", "id"}
    one, two = jobs(box, f"/docgen_batch_jobs/{batch['id']}")
    assert (one["status"], one["failures"], two["status"]) == ("completed", None, "completed_with_error")
    assert two["failures"]["errors"] == [
        "There is no value for the tag {{customer.name}}", "There is no value for the tag {{item.price}}",
    ]  # fmt: skip
    assert (one["template_file"]["id"], one["batch"]) == (template, batch)
    names = [entry["name"] for entry in box.get(f"/folders/{place}/items")["entries"]]
    assert names == ["letter.docx", "One.pdf", "Two.pdf"]
    made = box.store.files[one["output_file"]["id"]]
    assert made.content.read() == b"Dear Ada,\n3 Ada"
    assert made.versions[-1].id == one["output_file_version"]["id"]
    assert box.get(f"/docgen_jobs/{one['id']}", **V25) == one
    assert [each["id"] for each in jobs(box, f"/docgen_template_jobs/{template}")] == [one["id"], two["id"]]
    full = next(each for each in jobs(box, "/docgen_jobs?limit=1000") if each["id"] == one["id"])
    assert (full["source"], full["enterprise"]["id"]) == ("api", box.ready["enterprise_id"])
    with box.signed_in(box.ready["user_id"]) as other:
        for path in (f"/docgen_jobs/{one['id']}", f"/docgen_batch_jobs/{batch['id']}"):
            assert other.get(path, 404, **V25)["code"] == "not_found"
        assert jobs(other, "/docgen_jobs") == []


def test_a_document_that_cannot_be_made(box, generate):
    batch = generate(("One", {}), ("one", {}))
    (_, failed) = jobs(box, f"/docgen_batch_jobs/{batch['id']}")
    assert (failed["status"], failed["output_file"]) == ("failed", None)
    assert failed["failures"]["errors"] == ["There is something called 'one.pdf' already"]


def test_what_cannot_be_generated(generate):
    for more in ({"input_source": "web"}, {"output_type": "txt"}):
        assert generate(("x", {}), status=400, **more)["code"] == "bad_request"
    assert generate(("x", {}), ("a/b", {}), status=400)["code"] == "item_name_invalid"
    for more in ({"file": {"type": "file", "id": "1"}}, {"destination_folder": {"type": "folder", "id": "1"}},
            {"file_version": {"type": "file_version", "id": "1"}}):  # fmt: skip
        assert generate(("x", {}), status=404, **more)["code"] == "not_found"


def test_a_past_version_is_a_template_too(box, template, generate):
    old = box.get(f"/files/{template}")["file_version"]["id"]
    box.upload("letter.docx", b"Nothing", path=f"/files/{template}/content", status=200)
    assert jobs(box, f"/docgen_templates/{template}/tags") == []
    assert len(jobs(box, f"/docgen_templates/{template}/tags?template_version_id={old}")) == 4
    batch = generate(("One", {}), file_version={"type": "file_version", "id": old})
    (job,) = jobs(box, f"/docgen_batch_jobs/{batch['id']}")
    assert (job["status"], job["template_file_version"]["id"]) == ("completed_with_error", old)


def test_notes(box, place):
    body = {"content": "# Title\n\nText", "content_format": "markdown", "parent": {"type": "folder", "id": place},
        "name": "Plan"}  # fmt: skip
    made = box.post("/notes/convert", body, **V26)
    assert made.keys() == {"type", "id"}
    assert box.get(f"/files/{made['id']}")["name"] == "Plan.boxnote"
    document = json.loads(box.store.files[made["id"]].content.read())["doc"]["content"]
    assert [block["content"][0]["text"] for block in document] == ["# Title", "Text"]
    assert box.post("/notes/convert", body, 409, **V26)["code"] == "item_name_in_use"
    assert (
        box.post("/notes/convert", body | {"name": "b", "content": " "}, 422, **V26)["code"] == "unprocessable_entity"
    )
    nowhere = {"parent": {"type": "folder", "id": "1"}}
    assert box.post("/notes/convert", body | nowhere, 404, **V26)["code"] == "not_found"
    box.share(place, role="viewer")
    with box.signed_in(box.ready["user_id"]) as other:
        other.post("/notes/convert", body | {"name": "c"}, 403, **V26)


def test_archives(box):
    made = box.post("/archives", {"name": "Closed", "description": "What is over"}, **V25)
    assert (made["size"], made["owned_by"]) == (0, {"type": "user", "id": box.ready["admin_user_id"]})
    path = f"/archives/{made['id']}"
    for body, code in (
        ({"name": ""}, "item_name_invalid"), ({"name": "a/b"}, "item_name_invalid"),
        ({"name": "x" * 101}, "bad_request"), ({"description": "x" * 256}, "bad_request"),
    ):  # fmt: skip
        assert box.put(path, body, 400, **V25)["code"] == code
    box.store.change(box.store.archives[made["id"]], {"size": 5})
    assert box.delete(path, 400, **V25)["code"] == "bad_request"


@pytest.mark.parametrize(
    "content",
    [
        {}, {"type": "country"}, {"type": "country", "domains": ["a"]}, {"type": "ip", "ip_addresses": []},
        {"type": "country", "country_codes": ["FR"] * 1001}, {"type": "integration", "integrations": [{"id": "1"}]},
        {"type": "email", "email_addresses": [5]},
    ],
)  # fmt: skip
def test_what_a_shield_list_cannot_contain(box, content):
    body = {"name": "x", "content": content}
    refused = box.post("/shield_lists", body, 400, check_request=False, documented=False, **V25)  # it has no 400
    assert refused["code"] == "bad_request"


def test_shield_lists_are_listed_without_their_elements(box):
    made = box.post("/shield_lists", {"name": "Mail", "content": {
        "type": "email", "email_addresses": ["a@example.net"]}}, 200, **V25)  # fmt: skip
    assert made["content"] == {"type": "email", "email_addresses": ["a@example.net"]}
    listed = box.get("/shield_lists", **V25)
    assert listed.keys() == {"entries"}
    assert {"type": "shield_list", "id": made["id"], "name": "Mail", "content": {"type": "email"}} in listed["entries"]


def test_the_configuration_of_the_enterprise(box):
    path = f"/enterprise_configurations/{box.ready['enterprise_id']}"
    told = box.get(f"{path}?categories=security,user_settings", check_request=False, **V25)
    assert told["security"]["password_min_length"] == {"is_used": True, "value": 8}
    assert told["user_settings"]["new_user_default_language"]["value"] == "en"
    assert told["content_and_sharing"] is told["shield"] is None
    told = box.get(f"{path}?categories=shield&categories=content_and_sharing", **V25)
    assert (told["shield"], told["security"]) == ({"shield_rules": []}, None)
    assert told["content_and_sharing"]["trash_auto_clear_time"]["value"] == 30 * 86_400
    assert box.get(f"{path}?categories=none", 400, **V25)["code"] == "bad_request"
    assert box.get(path, 400, check_request=False, **V25)["code"] == "bad_request"
    assert box.get("/enterprise_configurations/1?categories=shield", 404, **V25)["code"] == "not_found"
    with box.signed_in(box.ready["user_id"]) as other:
        other.get(f"{path}?categories=shield", 403, **V25)
