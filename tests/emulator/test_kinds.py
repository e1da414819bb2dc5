"""Kinds of entities that are alike: made, listed, read, changed and removed, by whom that is let."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from box_dialect.emulator.resources import SHIPPED

FEATURES = {resource.entity.type: resource.feature for resource in SHIPPED if resource.entity is not None}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is done to a kind: the body that makes one at `path`, of what a test names by these words in braces.

    `listed` is the path of its list, `one` that of one of them, `changes` what changes it; None is what Box has not.
    `entries` are the keys of the entries of the list. `refused` is the status for who may not; anybody may list what
    `is_own`, and gets less.
    """

    path: str
    body: Callable[[Mapping[str, str]], Any]
    made: int = 201
    one: str | None = None
    is_read: bool = True
    changes: Callable[[Mapping[str, str]], Any] | None = None
    is_removed: bool = True
    listed: str | None = None
    entries: str = ""
    counters: str = "limit next_marker"
    refused: int = 403
    is_own: bool = False


KINDS = {
    "task": Kind(
        path="/tasks",
        body=lambda ids: {"item": {"type": "file", "id": ids["file"]}, "due_at": "2035-01-01T00:00:00Z"},
        changes=lambda _: {"message": "Anew", "action": "complete", "completion_rule": "any_assignee"},
        listed="/files/{file}/tasks",
        entries="type id item due_at action message task_assignment_collection is_completed created_by created_at "
        "completion_rule",
        counters="total_count",
        refused=404,
    ),
    "task_assignment": Kind(
        path="/task_assignments",
        body=lambda ids: {"task": {"type": "task", "id": ids["task"]}, "assign_to": {"id": ids["admin"]}},
        changes=lambda _: {"message": "Soon"},
        listed="/tasks/{task}/assignments",
        entries="type id item assigned_to message completed_at assigned_at reminded_at resolution_state assigned_by",
        counters="total_count",
        refused=404,
    ),
    "file_request": Kind(
        path="/file_requests/{request}/copy",
        one="/file_requests/{id}",
        made=200,
        body=lambda ids: {"folder": {"type": "folder", "id": ids["folder"]}, "title": "Hand it in"},
        changes=lambda _: {"title": "Now", "description": "All of it", "status": "inactive", "is_email_required": True},
        refused=404,
    ),
    "folder_lock": Kind(
        path="/folder_locks",
        made=200,
        body=lambda ids: {
            "folder": {"type": "folder", "id": ids["folder"]},
            "locked_operations": {"move": True, "delete": True},
        },
        is_read=False,
        listed="/folder_locks?folder_id={folder}",
        entries="type id folder created_by created_at locked_operations lock_type",
        refused=404,
    ),
    "email_alias": Kind(
        path="/users/{user}/email_aliases",
        body=lambda ids: {"email": f"alias{ids['folder']}@example.com"},
        is_read=False,
        listed="/users/{user}/email_aliases",
        entries="type id email is_confirmed",
        counters="total_count",
    ),
    "terms_of_service_user_status": Kind(
        path="/terms_of_service_user_statuses",
        body=lambda ids: {
            "tos": {"type": "terms_of_service", "id": ids["terms"]},
            "user": {"type": "user", "id": ids["other"]},
            "is_accepted": False,
        },
        is_read=False,
        is_removed=False,
        changes=lambda _: {"is_accepted": True},
        listed="/terms_of_service_user_statuses?tos_id={terms}&user_id={other}",
        entries="type id tos user is_accepted created_at modified_at",
        counters="total_count",
    ),
    "webhook": Kind(
        path="/webhooks",
        body=lambda ids: {
            "target": {"type": "folder", "id": ids["folder"]},
            "address": "https://example.com/called",
            "triggers": ["FILE.UPLOADED"],
        },
        changes=lambda ids: {
            "target": {"type": "file", "id": ids["file"]},
            "address": "https://example.com:443/other",
            "triggers": ["FILE.TRASHED"],
        },
        listed="/webhooks?limit=1000",
        entries="type id target",
        refused=404,
        is_own=True,
    ),
    "collaboration_whitelist_entry": Kind(
        path="/collaboration_whitelist_entries",
        made=200,
        body=lambda ids: {"domain": f"d{ids['folder']}.example.org", "direction": "outbound"},
        listed="/collaboration_whitelist_entries",
        entries="type id domain direction enterprise created_at",
    ),
    "collaboration_whitelist_exempt_target": Kind(
        path="/collaboration_whitelist_exempt_targets",
        made=200,
        body=lambda ids: {"user": {"id": ids["other"]}},
        listed="/collaboration_whitelist_exempt_targets",
        entries="type id enterprise user created_at modified_at",
    ),
    "storage_policy_assignment": Kind(
        path="/storage_policy_assignments",
        made=200,
        body=lambda ids: {
            "storage_policy": {"type": "storage_policy", "id": ids["policy"]},
            "assigned_to": {"type": "user", "id": ids["other"]},
        },
        changes=lambda ids: {"storage_policy": {"type": "storage_policy", "id": ids["policy2"]}},
        listed="/storage_policy_assignments?resolved_for_type=user&resolved_for_id={other}",
        entries="type id storage_policy assigned_to",
    ),
}


def one_of(kind: Kind, ids: Mapping[str, str], identity: str) -> str:
    return (kind.one or f"{kind.path}/{{id}}").format(**{**ids, "id": identity})


@pytest.fixture
def ids(box, place):
    """Return the ids of what is there for a test of its own, and of what the seed has."""
    store = box.store
    file = box.upload("a.txt", b"", place)["entries"][0]["id"]
    task = box.post("/tasks", {"item": {"type": "file", "id": file}})["id"]
    policy, policy2 = store.storage_policies
    other = store.add_user(f"Other {place}", f"other{place}@example.com").id
    return {
        "file": file, "folder": place, "task": task, "user": box.ready["user_id"], "admin": box.ready["admin_user_id"],
        "other": other, "policy": policy, "policy2": policy2, "request": next(iter(store.file_requests)),
        "terms": next(iter(store.terms_of_services)),
    }  # fmt: skip


@pytest.fixture(params=KINDS)
def name(request):
    return request.param


@pytest.fixture
def kind(name):
    return KINDS[name]


def make(box, kind, ids):
    return box.post(kind.path.format(**ids), kind.body(ids), kind.made)


def test_what_is_made_is_there_until_it_is_removed(box, name, kind, ids):
    made = make(box, kind, ids)
    one = one_of(kind, ids, made["id"])
    assert made["type"] == name

    if kind.is_read:
        assert box.get(one) == made
    if kind.changes is not None:
        changed = kind.changes(ids)
        made = box.put(one, changed)
        assert {key: made[key] for key in changed} == changed
    if kind.listed is not None:
        page = box.get(kind.listed.format(**ids))
        assert page.keys() == {"entries", *kind.counters.split()}
        assert {frozenset(entry) for entry in page["entries"]} == {frozenset(kind.entries.split())}
        (listed,) = (entry for entry in page["entries"] if entry["id"] == made["id"])
        assert listed == {key: made[key] for key in listed}
    if kind.is_removed:
        box.delete(one)
        error = box.delete(one, 404)
        assert (error["code"], error["context_info"]["errors"][0]["name"]) == ("not_found", name)


def test_who_may_not_is_refused(box, kind, ids):
    made = make(box, kind, ids)
    with box.signed_in(ids["other"] if kind.refused == 404 else ids["user"]) as other:
        other.call("POST", kind.path.format(**ids), kind.refused, json=kind.body(ids))
        if kind.listed is not None and not kind.is_own:
            other.get(kind.listed.format(**ids), kind.refused)
        one = one_of(kind, ids, made["id"])
        if kind.is_read:
            other.get(one, kind.refused)
        if kind.changes is not None:
            other.put(one, kind.changes(ids), kind.refused)
        if kind.is_removed:
            other.delete(one, kind.refused)
    assert made["id"] in [identity for table in box.store.tables.values() for identity in table]


def test_a_second_one_is_a_conflict_where_there_can_be_one_only(box, kind, ids):
    made = make(box, kind, ids)
    entity = next(table[made["id"]] for table in box.store.tables.values() if made["id"] in table)
    if entity.unique:
        assert box.post(kind.path.format(**ids), kind.body(ids), 409)["status"] == 409
    else:
        assert make(box, kind, ids)["id"] != made["id"]


@pytest.mark.parametrize("name", [name for name in KINDS if FEATURES[name] is not None])
def test_without_the_feature_it_is_refused(box, name, ids):
    kind, feature = KINDS[name], FEATURES[name]
    features = box.control("GET", "/features").json()["features"]
    box.control("POST", "/features", json={"features": [each for each in features if each != feature.name]})
    try:
        assert box.post(kind.path.format(**ids), kind.body(ids), 403)["code"] == "forbidden"
    finally:
        box.control("POST", "/features", json={"features": features})
    make(box, kind, ids)


@pytest.mark.parametrize("name", ["task", "task_assignment", "file_request", "folder_lock"])
def test_a_token_that_may_only_read_changes_nothing(box, name, ids):
    kind = KINDS[name]
    one = one_of(kind, ids, make(box, kind, ids)["id"])
    exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
    access_token = "urn:ietf:params:oauth:token-type:access_token"
    form = {"subject_token": box.ready["developer_token"], "subject_token_type": access_token, "scope": "root_readonly"}
    token = box.token(grant_type=exchange, **form)["access_token"]
    narrow = {"headers": {"authorization": f"Bearer {token}"}}
    if kind.is_read:
        box.get(one, **narrow)
    if kind.changes is not None:
        assert box.put(one, kind.changes(ids), 403, **narrow) is None
    for method, path, body in (("POST", kind.path.format(**ids), kind.body(ids)), ("DELETE", one, None)):
        refused = box.call(method, path, 403, json=body, check_request=False, **narrow)
        assert (refused.content, "insufficient_scope" in refused.headers["www-authenticate"]) == (b"", True)
