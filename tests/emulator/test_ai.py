"""Box AI, whose answers are found in the texts, and the agents of AI Studio."""

import json

import pytest

TEXT = b"""Invoice number: A-17
Due date: 2024-03-31 at the latest
Total amount: EUR 1,250.50
Paid: yes
State: open, though late
Topics: law and money
Payment is due within thirty days. The supplier is ACME in Berlin.
"""
V25 = {"box-version": "2025.0"}


@pytest.fixture
def file(box, place):
    return box.upload("invoice.txt", TEXT, place)["entries"][0]["id"]


def items(*identities, **more):
    return [{"type": "file", "id": identity, **more} for identity in identities]


def ask(box, prompt, *identities, status=200, mode=None, **more):
    mode = mode or ("single_item_qa" if len(identities) == 1 else "multiple_item_qa")
    body = {"mode": mode, "prompt": prompt, "items": items(*identities), **more}
    return box.post("/ai/ask", body, status, check_request=False)


def test_a_question(box, file):
    told = ask(box, "Where is the supplier?", file, include_citations=True)
    assert told["answer"] == "The supplier is ACME in Berlin."
    assert told["completion_reason"] == "done"
    assert told["citations"] == [
        {"content": "The supplier is ACME in Berlin.", "id": file, "type": "file", "name": "invoice.txt"}
    ]
    assert ask(box, "Where is the supplier?", file)["answer"] == told["answer"]
    assert "citations" not in ask(box, "Where is the supplier?", file)
    assert ask(box, "Zebras?", file)["answer"] == "The documents do not say."


def test_a_question_about_several(box, file, place):
    other = box.upload("other.txt", b"The supplier of pens is in Paris.", place)["entries"][0]["id"]
    told = ask(box, "In which town is the supplier of pens?", file, other, include_citations=True)
    assert told["answer"] == "The supplier of pens is in Paris."
    assert [each["id"] for each in told["citations"]] == [other, file]
    body = {"mode": "single_item_qa", "prompt": "Who?", "items": items(file, content="Ada did it.")}
    assert box.post("/ai/ask", body | {"prompt": "Who did it?"}, 200)["answer"] == "Ada did it."


def test_what_cannot_be_asked(box, file):
    assert ask(box, "Why?", "1", status=404)["code"] == "not_found"
    assert ask(box, "Why?", file, file, status=400, mode="single_item_qa")["code"] == "bad_request"
    assert ask(box, "x" * 10_001, file, status=400)["code"] == "bad_request"
    assert ask(box, "Why?", *[file] * 26, status=400)["code"] == "bad_request"
    body = {"mode": "multiple_item_qa", "prompt": "Why?", "items": [*items(file), {"type": "hubs", "id": "1"}]}
    assert box.post("/ai/ask", body, 400)["code"] == "bad_request"
    with box.signed_in(box.ready["user_id"]) as other:
        ask(other, "Why?", file, status=404)


def test_a_question_about_a_hub(box, file):
    hub = box.post("/hubs", {"title": "Bills"}, headers=V25)["id"]
    body = {"mode": "single_item_qa", "prompt": "Where is the supplier?", "items": [{"type": "hubs", "id": hub}]}
    assert box.call("POST", "/ai/ask", 204, json=body).content == b""
    added = {"operations": [{"action": "add", "item": {"type": "file", "id": file}}]}
    box.post(f"/hubs/{hub}/manage_items", added, 207, headers=V25)
    assert box.post("/ai/ask", body, 200)["answer"] == "The supplier is ACME in Berlin."
    with box.signed_in(box.ready["user_id"]) as other:
        other.post("/ai/ask", body, 404)


def test_a_text(box, file):
    body = {"prompt": "Write a reminder.", "items": items(file)}
    told = box.post("/ai/text_gen", body, 200)
    assert told["answer"].startswith("Write a reminder: Invoice number: A-17 Due date")
    assert box.post("/ai/text_gen", body, 200)["answer"] == told["answer"]
    assert box.post("/ai/text_gen", body | {"items": items(file, file)}, 400, check_request=False)


@pytest.mark.parametrize(
    "prompt",
    ["invoice number, due date", json.dumps({"fields": [{"key": "invoice number"}, {"key": "due date"}]}),
        '["invoice number", "due date", "unknown"]'],
)  # fmt: skip
def test_free_extraction(box, file, prompt):
    told = box.post("/ai/extract", {"prompt": prompt, "items": items(file)}, 200)["answer"]
    assert json.loads(told) == {"invoice number": "A-17", "due date": "2024-03-31 at the latest"}


@pytest.mark.parametrize("prompt", ["[" * 9000, "5", '{"fields": 5}', '{"total": ""}', "{", ", ,", '[{"key": []}]'])
def test_odd_prompts(box, file, prompt):
    told = box.post("/ai/extract", {"prompt": prompt, "items": items(file)}, 200)["answer"]
    assert isinstance(json.loads(told), dict)


def test_a_text_that_is_no_prose_is_read_soon(box, place):
    file = box.upload("spaces.txt", b" " * 1_000_000 + b"{{" * 1000, place)["entries"][0]["id"]
    assert ask(box, "Why?", file)["answer"] == "The documents do not say."
    assert box.post("/ai/extract", {"prompt": "total", "items": items(file)}, 200)["answer"] == "{}"


FIELDS = [
    {"key": "invoiceNumber"}, {"key": "total", "displayName": "Total amount", "type": "float"},
    {"key": "due", "displayName": "Due date", "type": "date"}, {"key": "paid", "type": "boolean"},
    {"key": "state", "type": "enum", "options": [{"key": "closed"}, {"key": "Open"}]},
    {"key": "topics", "type": "multiSelect", "options": [{"key": "money"}, {"key": "art"}, {"key": "law"}]},
    {"key": "unknown", "type": "string"},
    {"key": "bill", "type": "struct", "fields": [{"key": "paid"}, {"key": "town"}]},
]  # fmt: skip
VALUES = {
    "invoiceNumber": "A-17", "total": 1250.5, "due": "2024-03-31T00:00:00Z", "paid": True, "state": "Open",
    "topics": ["money", "law"], "unknown": None, "bill": {"paid": "yes", "town": None},
}  # fmt: skip


def test_structured_extraction(box, file):
    body = {"items": items(file), "fields": FIELDS}
    told = box.post("/ai/extract_structured", body, 200)
    assert told["answer"] == VALUES
    assert not told.keys() & {"confidence_score", "reference"}
    told = box.post("/ai/extract_structured", body | {"include_confidence_score": True, "include_reference": True}, 200)
    scores, places = told["confidence_score"], told["reference"]
    assert (scores["total"]["level"], scores["unknown"]["level"]) == ("HIGH", "LOW")
    assert (places["total"][0]["itemId"], places["unknown"]) == (file, [])


def test_extraction_by_a_template(box, file, place):
    key = f"bill{place}"
    options = [{"key": "open"}, {"key": "closed"}]
    box.store.add_template(key, {"type": "float", "key": "total", "displayName": "Total amount"},
        {"type": "enum", "key": "state", "options": options})  # fmt: skip
    named = {"template_key": key, "type": "metadata_template", "scope": "enterprise"}
    body = {"items": items(file), "metadata_template": named}
    assert box.post("/ai/extract_structured", body, 200)["answer"] == {"total": 1250.5, "state": "open"}
    assert box.post("/ai/extract_structured", body | {"fields": FIELDS}, 400)["code"] == "bad_request"
    assert box.post("/ai/extract_structured", {"items": items(file)}, 400)["code"] == "bad_request"
    named = named | {"template_key": "none"}
    assert box.post("/ai/extract_structured", body | {"metadata_template": named}, 404)["code"] == "not_found"
    named.pop("scope")
    assert box.post("/ai/extract_structured", body | {"metadata_template": named}, 400)["code"] == "bad_request"


def test_extraction_by_a_taxonomy(box, place):
    file = box.upload("t.txt", b"Region: somewhere in France", place)["entries"][0]["id"]
    taxonomy = box.store.add_taxonomy(f"lands{place}", "Country")
    for name in ("France", "Spain"):
        box.store.add_node(taxonomy, name)
    field = {"key": "region", "type": "taxonomy", "taxonomy_key": taxonomy.key, "namespace": "enterprise"}
    body = {"items": items(file), "fields": [field]}
    assert box.post("/ai/extract_structured", body, 200)["answer"] == {"region": ["France"]}
    body["fields"] = [field | {"taxonomy_key": "none"}]
    box.post("/ai/extract_structured", body, 404)


@pytest.mark.parametrize("mode", ["ask", "text_gen", "extract", "extract_structured"])
def test_the_default_agent(box, mode):
    told = box.get(f"/ai_agent_default?mode={mode}&model=azure__openai__gpt_4o_mini")
    assert told["type"] == f"ai_agent_{mode}"
    tools = [value for name, value in told.items() if name != "type"]
    assert {tool["model"] for tool in tools} == {"azure__openai__gpt_4o_mini"}
    assert box.get("/ai_agent_default?mode=none", 400, check_request=False)["code"] == "bad_request"
    assert box.get("/ai_agent_default", 400, check_request=False)["code"] == "bad_request"


AGENT = {"type": "ai_agent", "name": "Reader", "access_state": "enabled"}


def capability(mode):
    return {mode: {"type": f"ai_agent_{mode}", "access_state": "enabled", "description": "It does."}}


def test_agents(box):
    user = {"type": "user", "id": box.ready["user_id"]}
    made = box.post("/ai_agents", AGENT | capability("ask") | {"allowed_entities": [user]}, 200)
    assert (made["origin"], made["allowed_entities"], made["extract"]) == ("CUSTOM", [user], None)
    assert made["ask"]["description"] == "It does."
    assert {"long_text", "basic_text", "spreadsheet"} <= made["ask"].keys()
    path = f"/ai_agents/{made['id']}"
    changed = box.put(path, AGENT | capability("extract") | {"access_state": "disabled"})
    assert (changed["ask"], changed["extract"]["description"]) == (None, "It does.")
    for query, is_listed in (
        ("mode=extract", True), ("mode=ask", False), ("mode=ask,extract&agent_state=disabled", True),
        ("agent_state=enabled", False),
    ):  # fmt: skip
        ids = [entry["id"] for entry in box.get(f"/ai_agents?{query}", check_request=False)["entries"]]
        assert (made["id"] in ids) is is_listed, query
    told = box.get(f"{path}?fields=name", documented=False)  # the document needs more than what is asked for
    assert told == {"type": "ai_agent", "id": made["id"], "name": "Reader"}
    own = next(agent.id for agent in box.store.ai_agents.values() if agent.origin == "BOX")
    assert own not in [entry["id"] for entry in box.get("/ai_agents")["entries"]]
    assert own in [entry["id"] for entry in box.get("/ai_agents?include_box_default=true")["entries"]]
    assert box.put(f"/ai_agents/{own}", AGENT | capability("ask"), 400)["code"] == "bad_request"
    assert box.delete(f"/ai_agents/{own}", 400)["code"] == "bad_request"
    for wrong in ("mode=none", "agent_state=none"):
        assert box.get(f"/ai_agents?{wrong}", 400)["code"] == "bad_request"
    for body in (AGENT, AGENT | capability("ask") | {"access_state": "off"}):
        assert box.post("/ai_agents", body, 400)["code"] == "bad_request"
