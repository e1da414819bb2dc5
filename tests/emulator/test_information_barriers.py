"""Information barriers: their status, their segments, and who belongs to these."""

import pytest

BARRIERS = "/shield_information_barriers"


@pytest.fixture
def barrier(box):
    """Make the barrier anew."""
    for known in list(box.store.shield_information_barriers.values()):
        box.store.remove(known)
    return box.post(BARRIERS, {"enterprise": {"type": "enterprise", "id": box.ready["enterprise_id"]}})


def reference(barrier, kind="shield_information_barrier"):
    return {"type": kind, "id": barrier["id"]}


def segment(box, barrier, name, status=201):
    body = {"shield_information_barrier": reference(barrier), "name": name}
    return box.post("/shield_information_barrier_segments", body, status)


def test_the_barrier(box, barrier):
    assert (barrier["status"], barrier["enterprise"]["id"]) == ("draft", box.ready["enterprise_id"])
    assert box.get(f"{BARRIERS}/{barrier['id']}") == barrier
    assert box.get(BARRIERS)["entries"] == [barrier]
    enterprise = {"type": "enterprise", "id": box.ready["enterprise_id"]}
    assert box.post(BARRIERS, {"enterprise": enterprise}, 409)["code"] == "conflict"
    assert box.post(BARRIERS, {"enterprise": {**enterprise, "id": "1"}}, 404)["code"] == "not_found"
    assert box.post(BARRIERS, {}, 400, check_request=False)["code"] == "bad_request"


def test_the_status(box, barrier):
    path, change = f"{BARRIERS}/{barrier['id']}", f"{BARRIERS}/change_status"
    pending, disabled = ({"id": barrier["id"], "status": status} for status in ("pending", "disabled"))
    assert box.post(change, disabled, 409)["code"] == "conflict"
    assert box.post(change, pending, 200)["status"] == "pending"
    told = box.get(path)
    assert (told["status"], told["enabled_by"]["id"]) == ("enabled", box.ready["admin_user_id"])
    assert box.post(change, pending, 409)["code"] == "conflict"
    assert (box.post(change, disabled, 200)["status"], box.get(path)["status"]) == ("disabled", "disabled")
    events = box.get("/events?stream_type=admin_logs_streaming&limit=500", documented=False)["entries"]
    told = [event["event_type"] for event in events if event["event_type"].startswith("SHIELD")][-2:]
    assert told == ["SHIELD_INFORMATION_BARRIER_ENABLED", "SHIELD_INFORMATION_BARRIER_DISABLED"]
    assert box.post(change, {**pending, "id": "1"}, 404)["code"] == "not_found"


def test_reports(box, barrier):
    path = "/shield_information_barrier_reports"
    made = box.post(path, {"shield_information_barrier": reference(barrier)})
    assert (made["status"], made["shield_information_barrier"]) == (
        "done", {"shield_information_barrier": reference(barrier)},
    )  # fmt: skip
    assert box.get(f"{path}/{made['id']}") == made
    assert box.get(f"{path}?shield_information_barrier_id={barrier['id']}")["entries"] == [made]
    assert box.get(f"{path}?shield_information_barrier_id=1", 404)["code"] == "not_found"
    assert box.post(path, {}, 400)["code"] == "bad_request"


def test_segments_keep_their_names_apart(box, barrier):
    law, tax = segment(box, barrier, "Law"), segment(box, barrier, "Tax")
    assert segment(box, barrier, "law", 409)["code"] == "conflict"
    path = f"/shield_information_barrier_segments/{tax['id']}"
    assert box.put(path, {"name": "Law"}, 409)["code"] == "conflict"
    assert box.get(path)["name"] == "Tax"
    assert law["shield_information_barrier"] == reference(barrier)
    assert segment(box, {"id": "1"}, "None", 404)["code"] == "not_found"


def test_who_is_in_a_segment_is_in_no_other(box, barrier):
    path, kind = "/shield_information_barrier_segment_members", "shield_information_barrier_segment"
    law, tax = segment(box, barrier, "Law"), segment(box, barrier, "Tax")
    user = {"type": "user", "id": box.ready["user_id"]}
    made = box.post(path, {kind: reference(law, kind), "user": user})
    assert (made["user"], made[kind]) == (user, reference(law, kind))
    assert made["shield_information_barrier"] == reference(barrier)
    assert box.post(path, {kind: reference(tax, kind), "user": user}, 409)["code"] == "conflict"
    assert box.post(path, {kind: reference(tax, kind), "user": {**user, "id": "1"}}, 404)["code"] == "not_found"
    box.delete(f"/shield_information_barrier_segments/{law['id']}")
    box.get(f"{path}/{made['id']}", 404)
    box.post(path, {kind: reference(tax, kind), "user": user})


def test_restrictions(box, barrier):
    path, kind = "/shield_information_barrier_segment_restrictions", "shield_information_barrier_segment"
    law, tax = segment(box, barrier, "Law"), segment(box, barrier, "Tax")
    body = {"type": f"{kind}_restriction", kind: reference(law, kind), "restricted_segment": reference(tax, kind)}
    made = box.post(path, body)
    assert made["restricted_segment"] == reference(tax, kind)
    assert box.post(path, body, 409)["code"] == "conflict"
    assert box.post(path, body | {"restricted_segment": reference(law, kind)}, 400)["code"] == "bad_request"
    assert box.get(f"{path}?{kind}_id={law['id']}")["entries"] == [made]
    assert box.get(f"{path}?{kind}_id={tax['id']}")["entries"] == []
    missing = box.get(path, 400, check_request=False)
    assert missing["context_info"]["errors"][0]["name"] == f"{kind}_id"
