"""What is alike in governance and in Box's services: each kind is made, read, listed, changed and deleted."""

from typing import Any, NamedTuple

import pytest
from emulator import governed
from sweep import sweep

from box_dialect.emulator.resources import operations

V25 = {"box-version": "2025.0"}


class Case(NamedTuple):
    """What makes an entity, changes it and lists it; names in braces stand for ids of the emulator."""

    path: str
    new: Any
    change: Any = None
    query: str = ""
    headers: Any = None
    created: int = 201
    is_got: bool = True


BARRIER = {"type": "shield_information_barrier", "id": "{barrier}"}
SEGMENT = {"type": "shield_information_barrier_segment", "id": "{segment}"}
FOLDER = {"type": "folder", "id": "{folder}"}
FINITE = {"policy_type": "finite", "retention_length": 30, "disposition_action": "permanently_delete"}
AGENT = {"type": "ai_agent", "access_state": "enabled", "ask": {
    "type": "ai_agent_ask", "access_state": "enabled", "description": "Answers."}}  # fmt: skip
CASES = {
    "retention_policy": Case(
        "/retention_policies", {"policy_name": "A policy", **FINITE}, {"policy_name": "Another"},
    ),
    "legal_hold_policy": Case(
        "/legal_hold_policies", {"policy_name": "A hold", "is_ongoing": True}, {"description": "Of all"},
    ),
    "shield_information_barrier_segment": Case(
        "/shield_information_barrier_segments", {"shield_information_barrier": BARRIER, "name": "Law"},
        {"name": "Tax", "description": None}, "shield_information_barrier_id={barrier}",
    ),
    "shield_information_barrier_segment_member": Case(
        "/shield_information_barrier_segment_members",
        {"shield_information_barrier": BARRIER, "shield_information_barrier_segment": SEGMENT,
            "user": {"type": "user", "id": "{admin}"}},
        query="shield_information_barrier_segment_id={segment}",
    ),
    "shield_information_barrier_segment_restriction": Case(
        "/shield_information_barrier_segment_restrictions",
        {"type": "shield_information_barrier_segment_restriction", "shield_information_barrier": BARRIER,
            "shield_information_barrier_segment": {**SEGMENT, "id": "{other_segment}"}, "restricted_segment": SEGMENT},
        query="shield_information_barrier_segment_id={other_segment}",
    ),
    "integration_mapping_slack": Case(
        "/integration_mappings/slack",
        {"partner_item": {"type": "channel", "id": "C1", "slack_org_id": "E1"}, "box_item": FOLDER},
        {"options": {"is_access_management_disabled": True}}, "partner_item_id=C1", is_got=False,
    ),
    "integration_mapping_teams": Case(
        "/integration_mappings/teams",
        {"partner_item": {"type": "team", "id": "1", "tenant_id": "2", "team_id": "3"}, "box_item": FOLDER},
        {"box_item": {"type": "folder", "id": "{other_folder}"}}, "partner_item_type=team", is_got=False,
    ),
    "ai_agent": Case(
        "/ai_agents", {"name": "Reader", **AGENT}, {"name": "Writer", **AGENT}, created=200,
    ),
    "hub": Case("/hubs", {"title": "A hub"}, {"title": "Another"}, headers=V25),
    "hub_collaboration": Case(
        "/hub_collaborations",
        {"hub": {"type": "hubs", "id": "{hub}"}, "accessible_by": {"type": "group", "id": "{group}"}, "role": "viewer"},
        {"role": "editor"}, "hub_id={hub}", V25,
    ),
    "shield_list": Case(
        "/shield_lists", {"name": "Lands", "content": {"type": "country", "country_codes": ["FR", "DE"]}},
        {"name": "Nets", "content": {"type": "ip", "ip_addresses": ["192.0.2.1"]}}, headers=V25, created=200,
    ),
    "archive": Case("/archives", {"name": "Old"}, {"description": "Of old"}, headers=V25, is_got=False),
}  # fmt: skip


@pytest.fixture(scope="module")
def box(start):
    with start() as client:
        yield client


@pytest.fixture
def fill(box, place):
    """Return a function that puts ids in the place of names in braces."""
    segments = list(box.store.shield_information_barrier_segments)
    ids = {
        "barrier": next(iter(box.store.shield_information_barriers)), "segment": segments[0],
        "other_segment": segments[1], "folder": place, "other_folder": box.folder("other", place),
        "admin": box.ready["admin_user_id"], "hub": next(iter(box.store.hubs)), "group": next(iter(box.store.groups)),
    }  # fmt: skip

    def filling(value):
        if isinstance(value, dict):
            return {key: filling(each) for key, each in value.items()}
        return value.format(**ids) if isinstance(value, str) else value

    return filling


def listed(box, case, fill):
    path = f"{case.path}?{fill(case.query)}".rstrip("?")
    return {entry["id"]: entry for entry in box.get(path, headers=case.headers)["entries"]}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_is_made_read_listed_changed_and_deleted(box, fill, case):
    body, options = fill(case.new), {"headers": case.headers}
    made = box.post(case.path, body, case.created, **options)
    path = f"{case.path}/{made['id']}"
    told = {name: value for name, value in body.items() if isinstance(value, str)}
    assert told.items() <= made.items()
    if case.is_got:
        assert box.get(path, **options) == made
    assert listed(box, case, fill)[made["id"]].items() <= made.items() or case.path == "/shield_lists"
    if case.change is not None:
        change = fill(case.change)
        changed = box.put(path, change, **options)
        told = {name: value or "" for name, value in change.items() if not isinstance(value, dict)}
        assert told.items() <= changed.items()
        assert changed.keys() == made.keys()
    box.delete(path, 202 if case.path == "/legal_hold_policies" else 204, **options)
    if case.path != "/legal_hold_policies":
        assert made["id"] not in listed(box, case, fill)
        assert box.delete(path, 404, **options)["code"] == "not_found"


class Family(NamedTuple):
    """What the operations need whose paths begin alike."""

    feature: str
    scope: str | None = None
    administered: bool = False


BARRIERS, MAPPINGS = Family("shield_information_barriers", None, True), Family("integration_mappings", None, True)
RETENTION, HOLDS = Family("retention", "manage_data_retention", True), Family("legal_holds", "manage_legal_hold", True)
SIGN, HUBS, DOCGEN = Family("sign", "sign_requests.readwrite"), Family("hubs"), Family("docgen")
FAMILIES = {
    "retention_policies": RETENTION, "retention_policy_assignments": RETENTION, "file_version_retentions": RETENTION,
    "legal_hold_policies": HOLDS, "legal_hold_policy_assignments": HOLDS, "file_version_legal_holds": HOLDS,
    "shield_information_barriers": BARRIERS, "shield_information_barrier_reports": BARRIERS,
    "shield_information_barrier_segments": BARRIERS, "shield_information_barrier_segment_members": BARRIERS,
    "shield_information_barrier_segment_restrictions": BARRIERS, "sign_requests": SIGN, "sign_templates": SIGN,
    "workflows": Family("relay", "manage_triggers"), "integration_mappings": MAPPINGS,
    "ai": Family("ai", "ai.readwrite"), "ai_agent_default": Family("ai", "ai.readwrite"),
    "ai_agents": Family("ai_studio", "ai.readwrite"), "hubs": HUBS, "hub_items": HUBS, "hub_collaborations": HUBS,
    "hub_document_pages": HUBS, "hub_document_blocks": HUBS, "enterprise_hubs": Family("hubs", "enterprise_content"),
    "docgen_templates": DOCGEN, "docgen_template_jobs": DOCGEN, "docgen_jobs": DOCGEN, "docgen_batch_jobs": DOCGEN,
    "docgen_batches": DOCGEN, "shield_lists": Family("shield_lists", None, True),
    "archives": Family("archives", None, True), "automate_workflows": Family("automate"), "notes": Family("notes"),
    "enterprise_configurations": Family("enterprise_configurations", None, True), "skill_invocations": Family("skills"),
}  # fmt: skip


def family_of(operation):
    return FAMILIES.get(operation.path.split("/")[1])


def families(need):
    """Let a test be about each operation of the families that have a need."""
    found = [operation for operation in operations() if getattr(family_of(operation), need, None)]
    return sweep("operation", found, ids=lambda operation: operation.name)


def ask(box, operation, **headers):
    """Call an operation with ids of what is there, and without a body."""
    ids = governed.ids(box.store) | {"skill_id": "1"} | governed.apart(box.store).get(operation.path, {})
    for resource in box.store.resources:
        last = operation.path.rpartition("{")[2].partition("}")[0]
        if resource.entity and operation in resource.operations and box.store.of(resource.entity):
            ids.setdefault(last, next(iter(box.store.of(resource.entity))))
    path = operation.path.format(**{name.partition("}")[0]: "1" for name in operation.path.split("{")[1:]} | ids)
    headers = {"box-version": operation.version, **headers}
    return box.http.request(operation.method, box.ready["api_base_url"] + path, headers=headers)


@families("feature")
def test_each_operation_has_the_feature_of_its_family(operation):
    assert operation.feature.name == family_of(operation).feature


@families("administered")
def test_only_administrators_may(box, operation):
    with box.signed_in(box.ready["user_id"]) as other:
        answer = ask(other, operation)
    assert (answer.status_code, answer.json()["code"]) == (403, "access_denied_insufficient_permissions")


@pytest.fixture(scope="module")
def narrow(box):
    """Return the headers with a token that is for files alone."""
    exchange = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token_type":
        "urn:ietf:params:oauth:token-type:access_token", "subject_token": box.ready["developer_token"]}  # fmt: skip
    token = box.token(**exchange, scope="root_readwrite")["access_token"]
    return {"authorization": f"Bearer {token}"}


@families("scope")
def test_a_token_needs_the_scope(box, narrow, operation):
    answer = ask(box, operation, **narrow)
    assert (answer.status_code, answer.content) == (403, b"")
    assert "insufficient_scope" in answer.headers["www-authenticate"]


FEATURED = {operation.feature.name: operation for operation in operations() if operation.feature}


@pytest.mark.parametrize("operation", FEATURED.values(), ids=FEATURED)
def test_without_the_feature_it_is_refused(box, operation):
    path, options = operation.path.replace("{", "").replace("}", ""), {"headers": {"box-version": operation.version}}
    features = box.control("GET", "/features").json()["features"]
    assert operation.feature.name in features
    without = [name for name in features if name != operation.feature.name]
    assert box.control("POST", "/features", json={"features": without}).status_code == 204
    try:
        answer = box.http.request(operation.method, box.ready["api_base_url"] + path, **options)
        known = {403: operation.feature.code, 404: "not_found"}
        assert (answer.status_code, answer.json()["code"]) == (operation.feature.status, known[answer.status_code])
    finally:
        box.control("POST", "/features", json={"features": features})
    answer = box.http.request(operation.method, box.ready["api_base_url"] + path, **options)
    assert "has the feature" not in answer.text


def test_a_second_one_of_a_name_is_a_conflict(box):
    for name in ("retention_policy", "legal_hold_policy", "shield_list", "archive"):
        case = CASES[name]
        body = {key: "Twin" if key in ("name", "policy_name") else value for key, value in case.new.items()}
        box.post(case.path, body, case.created, headers=case.headers)
        assert box.post(case.path, body, 409, headers=case.headers)["code"] == "conflict"
