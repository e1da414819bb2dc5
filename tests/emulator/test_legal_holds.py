"""Legal holds keep content from being deleted for good, until they are released."""

import pytest


@pytest.fixture
def make(box, place):
    """Return a function that makes a policy with a name of its own."""

    def making(status=201, **more):
        body = {"policy_name": f"Case {place}", **(more or {"is_ongoing": True})}
        return box.post("/legal_hold_policies", body, status)

    return making


@pytest.fixture
def file(box, place):
    return box.upload("evidence.txt", b"1", place)["entries"][0]["id"]


def assign(box, policy, kind, identity, status=201):
    body = {"policy_id": policy["id"], "assign_to": {"type": kind, "id": identity}}
    return box.post("/legal_hold_policy_assignments", body, status)


def ids(box, path):
    return [entry["id"] for entry in box.get(path)["entries"]]


def test_a_policy(box, make):
    policy = make(
        description="Of one", filter_started_at="2015-01-01T00:00:00Z", filter_ended_at="2016-01-01T00:00:00Z"
    )
    kinds = ("user", "folder", "file", "file_version", "ownership", "interactions")
    assert (policy["status"], policy["assignment_counts"]) == ("active", dict.fromkeys(kinds, 0))
    assert policy["filter_ended_at"] == "2015-12-31T16:00:00-08:00"
    path = f"/legal_hold_policies/{policy['id']}"
    assert box.get(path) == policy
    assert box.put(path, {"release_notes": "Over"})["release_notes"] == "Over"
    listed = box.get(f"/legal_hold_policies?policy_name={policy['policy_name'].upper()}")["entries"]
    assert listed == [{name: policy[name] for name in ("type", "id", "policy_name")}]
    fields = box.get(f"/legal_hold_policies?policy_name={policy['policy_name']}&fields=status")["entries"]
    assert fields == [{"type": "legal_hold_policy", "id": policy["id"], "status": "active"}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"is_ongoing": False}, {"filter_started_at": "2015-01-01T00:00:00Z"},
        {"filter_started_at": "2016-01-01T00:00:00Z", "filter_ended_at": "2015-01-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_what_a_policy_cannot_be(make, wrong):
    assert make(400, **wrong)["code"] == "bad_request"


@pytest.mark.long
@pytest.mark.parametrize("kind", ["file", "folder", "file_version", "user", "ownership", "interactions"])
def test_what_is_held(box, make, file, place, kind):
    admin, policy = box.ready["admin_user_id"], make()
    version = box.get(f"/files/{file}")["file_version"]["id"]
    target = {"file": file, "folder": place, "file_version": version}.get(kind, admin)
    made = assign(box, policy, kind, target)
    assert (made["assigned_to"], made["deleted_at"]) == ({"type": kind, "id": target}, None)
    path = f"/legal_hold_policy_assignments/{made['id']}"
    assert box.get(path) == made
    assert box.get(f"/legal_hold_policies/{policy['id']}")["assignment_counts"][kind] == 1
    listed = f"/legal_hold_policy_assignments?policy_id={policy['id']}"
    assert ids(box, f"{listed}&assign_to_type={kind}&assign_to_id={target}") == [made["id"]]
    assert ids(box, f"{listed}&assign_to_id=1") == []
    assert file in ids(box, f"{path}/files_on_hold?limit=1000")
    held = box.get(f"/file_version_legal_holds?policy_id={policy['id']}&limit=1000")["entries"]
    (hold,) = [each for each in held if each["file"]["id"] == file]
    assert made["id"] in [each["id"] for each in hold["legal_hold_policy_assignments"]]
    assert box.get(f"/file_version_legal_holds/{hold['id']}") == hold

    box.upload("evidence.txt", b"2", path=f"/files/{file}/content", status=200)
    past = box.get(f"{path}/file_versions_on_hold?limit=1000")["entries"]
    assert version in [each["id"] for each in past]
    assert (file in ids(box, f"{path}/files_on_hold?limit=1000")) == (kind != "file_version")
    box.delete(f"/files/{file}")
    assert box.delete(f"/files/{file}/trash", 403)["code"] == "forbidden_by_policy"
    box.call("DELETE", path, 202)
    with box.clock(120):
        box.get(path, 404)
        box.delete(f"/files/{file}/trash")


def test_custodians_are_held_between_two_times(box, make, file):
    admin = box.ready["admin_user_id"]
    past = make(filter_started_at="2015-01-01T00:00:00Z", filter_ended_at="2015-12-31T00:00:00Z")
    made = assign(box, past, "ownership", admin)
    held = ids(box, f"/legal_hold_policy_assignments/{made['id']}/files_on_hold?limit=1000")
    assert file not in held
    made = assign(box, past, "file", file)  # whose times make no difference
    path = f"/legal_hold_policy_assignments/{made['id']}/files_on_hold"
    assert ids(box, path) == [file]
    with box.clock(60):
        box.upload("evidence.txt", b"2", path=f"/files/{file}/content", status=200)
        assert ids(box, path) == []  # the hold is not ongoing
        assert len(ids(box, f"/legal_hold_policy_assignments/{made['id']}/file_versions_on_hold")) == 1


def test_a_policy_is_released_some_time_later(box, make, file):
    policy = make()
    made = assign(box, policy, "file", file)["id"]
    path = f"/legal_hold_policies/{policy['id']}"
    assert box.call("DELETE", path, 202).content == b""
    told = box.get(path)
    assert (told["status"], told["deleted_at"] is not None) == ("releasing", True)
    assert box.get(f"/legal_hold_policy_assignments/{made}")["deleted_at"] is not None
    other = box.upload(f"{file}.txt", b"1")["entries"][0]["id"]
    assert assign(box, policy, "file", other, 409)["code"] == "conflict"
    box.call("DELETE", path, 202)
    with box.clock(61):
        box.get(path, 404)
        box.get(f"/legal_hold_policy_assignments/{made}", 404)


def test_events(box, make, file):
    position = box.get("/events?stream_type=admin_logs_streaming&stream_position=now")["next_stream_position"]
    policy = make()
    path = f"/legal_hold_policies/{policy['id']}"
    made = assign(box, policy, "file", file)
    box.put(path, {"description": "x"})
    for gone in (f"/legal_hold_policy_assignments/{made['id']}", path):
        box.call("DELETE", gone, 202)
    told = box.get(f"/events?stream_type=admin_logs_streaming&stream_position={position}", documented=False)["entries"]
    assert [(event["event_type"], event["source"]["id"]) for event in told] == [
        ("LEGAL_HOLD_POLICY_CREATE", policy["id"]), ("LEGAL_HOLD_ASSIGNMENT_CREATE", made["id"]),
        ("LEGAL_HOLD_POLICY_UPDATE", policy["id"]), ("LEGAL_HOLD_ASSIGNMENT_DELETE", made["id"]),
        ("LEGAL_HOLD_POLICY_DELETE", policy["id"]),
    ]  # fmt: skip


def test_what_cannot_be_assigned(box, make, file):
    policy = make()
    for kind in ("file", "folder", "file_version", "user"):
        assert assign(box, policy, kind, "1", 404)["code"] == "not_found"
    assign(box, {"id": "1"}, "file", file, 404)
    assign(box, policy, "file", file)
    assert assign(box, policy, "file", file, 409)["code"] == "conflict"
    missing = box.get("/legal_hold_policy_assignments", 400, check_request=False)
    assert missing["context_info"]["errors"][0]["name"] == "policy_id"
    box.get("/legal_hold_policy_assignments?policy_id=1", 404)
    box.get("/file_version_legal_holds/1", 404)
