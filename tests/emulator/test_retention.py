"""Retention policies keep content from being deleted for good, for as long as they say."""

import pytest

DAY = 86_400


@pytest.fixture(scope="module")
def box(start):
    with start() as client:
        yield client


@pytest.fixture
def make(box, place):
    """Return a function that makes a policy with a name of its own."""

    def making(status=201, days=30, kind="finite", action="permanently_delete", **more):
        length = {} if days is None else {"retention_length": days}
        body = {"policy_name": f"Policy of {place}", "policy_type": kind, "disposition_action": action}
        return box.post("/retention_policies", body | length | more, status, check_request=False)

    return making


def assign(box, policy, target, status=201, **more):
    return box.post("/retention_policy_assignments", {"policy_id": policy, "assign_to": target, **more}, status)


def folder(identity):
    return {"type": "folder", "id": identity}


def ids(box, path):
    return [entry["id"] for entry in box.get(path)["entries"]]


def test_a_policy(box, make):
    recipient = {"type": "user", "id": box.ready["admin_user_id"]}
    policy = make(description="Of all", max_extension_length=10, custom_notification_recipients=[recipient])
    expected = {
        "policy_type": "finite", "retention_length": "30", "disposition_action": "permanently_delete",
        "retention_type": "modifiable", "status": "active", "max_extension_length": "10", "description": "Of all",
        "assignment_counts": {"enterprise": 0, "folder": 0, "metadata_template": 0},
    }  # fmt: skip
    assert expected.items() <= policy.items()
    assert [user["id"] for user in policy["custom_notification_recipients"]] == [recipient["id"]]
    path = f"/retention_policies/{policy['id']}"
    assert box.get(path) == policy
    named = box.get(f"{path}?fields=status")
    assert named == {"type": "retention_policy", "id": policy["id"], "status": "active"}
    listed = box.get(f"/retention_policies?policy_name={policy['policy_name']}")["entries"]
    assert [entry.keys() for entry in listed] == [
        {"type", "id", "policy_name", "retention_length", "disposition_action", "max_extension_length"}
    ]
    assert ids(box, f"/retention_policies?policy_name={policy['policy_name'].lower()}") == []
    assert policy["id"] not in ids(box, "/retention_policies?policy_type=indefinite")
    assert policy["id"] in ids(box, f"/retention_policies?created_by_user_id={box.ready['admin_user_id']}")
    assert ids(box, f"/retention_policies?created_by_user_id={box.ready['user_id']}") == []
    assert box.get("/retention_policies?created_by_user_id=1", 404)["code"] == "not_found"
    assert box.get("/retention_policies?policy_type=none", 400, check_request=False)["code"] == "bad_request"


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": None}, {"kind": "indefinite"}, {"days": 0}, {"days": "many"}, {"action": "keep"},
        {"action": "remove_retention", "max_extension_length": "5"}, {"description": "x" * 501},
        {"kind": "indefinite", "days": None, "max_extension_length": 5},
    ],
)  # fmt: skip
def test_what_a_policy_cannot_be(make, wrong):
    assert make(400, **wrong)["code"] == "bad_request"


def test_a_policy_that_is_not_modifiable(box, make):
    policy = make(retention_type="non_modifiable")
    path = f"/retention_policies/{policy['id']}"
    assert box.put(path, {"retention_length": "60", "policy_name": None})["retention_length"] == "60"
    for change in ({"retention_length": "59"}, {"retention_type": "modifiable"}):
        assert box.put(path, change, 403)["code"] == "access_denied_insufficient_permissions"
    assert box.put(path, {"status": "gone"}, 400)["code"] == "bad_request"
    assert box.put(path, {"status": "retired"})["status"] == "retired"
    assert box.delete(path, 403)["code"] == "access_denied_insufficient_permissions"


def test_a_folder_is_kept(box, make, place):
    file = box.upload("kept.txt", b"1", place)["entries"][0]["id"]
    policy = make()
    made = assign(box, policy["id"], folder(place))
    expected = {"assigned_to": folder(place), "filter_fields": [], "start_date_field": "upload_date"}
    assert expected.items() <= made.items()
    path = f"/retention_policy_assignments/{made['id']}"
    assert box.get(path) == made
    assert box.get(f"/retention_policies/{policy['id']}")["assignment_counts"]["folder"] == 1
    assert ids(box, f"/retention_policies/{policy['id']}/assignments?type=folder") == [made["id"]]
    assert ids(box, f"/retention_policies/{policy['id']}/assignments?type=enterprise") == []
    assert ids(box, f"{path}/files_under_retention") == [file]
    box.upload("kept.txt", b"2", path=f"/files/{file}/content", status=200)
    (old,) = box.get(f"{path}/file_versions_under_retention")["entries"]
    current = box.get(f"/files/{file}")["file_version"]["id"]
    assert (old["id"], old["file_version"]["id"] != current) == (file, True)

    box.delete(f"/files/{file}")
    assert box.delete(f"/files/{file}/trash", 403)["code"] == "forbidden_by_policy"
    with box.clock(31 * DAY):
        assert ids(box, f"{path}/files_under_retention") == []
        box.get(f"/files/{file}", 404)  # nothing keeps it in the trash any more


def test_what_is_kept_outlasts_the_trash(box, make, place):
    file = box.upload("kept.txt", b"1", place)["entries"][0]["id"]
    other = box.upload("other.txt", b"1")["entries"][0]["id"]
    assign(box, make(days=365)["id"], folder(place))
    for identity in (file, other):
        box.delete(f"/files/{identity}")
    with box.clock(40 * DAY):
        assert box.get(f"/files/{file}")["item_status"] == "trashed"
        box.get(f"/files/{other}", 404)


def test_the_longest_policy_wins(box, make, place):
    file = box.upload("kept.txt", b"1", place)["entries"][0]["id"]
    inner = box.folder("inner", place)
    box.put(f"/files/{file}", {"parent": {"id": inner}})
    short, good = make(), make(kind="indefinite", days=None, policy_name=f"Good {place}")
    assign(box, short["id"], folder(place))
    listed = f"/file_version_retentions?file_id={file}"
    (kept,) = box.get(listed)["entries"]
    assert (kept["file"]["id"], kept["winning_retention_policy"]["id"]) == (file, short["id"])
    assert box.get(f"/file_version_retentions/{kept['id']}") == kept
    assert ids(box, f"{listed}&disposition_after={kept['applied_at'][:10]}") == [kept["id"]]
    assert ids(box, f"{listed}&disposition_before={kept['applied_at'][:10]}") == []
    assert ids(box, f"{listed}&disposition_action=remove_retention") == []
    assert ids(box, f"{listed}&policy_id={short['id']}&file_version_id={kept['file_version']['id']}") == [kept["id"]]
    box.get(f"{listed}&disposition_after=soon", 400, check_request=False)
    assign(box, good["id"], folder(place))
    (kept,) = box.get(listed)["entries"]
    assert (kept["winning_retention_policy"]["id"], kept["disposition_at"]) == (good["id"], None)


def test_what_is_assigned_twice(box, make, place):
    long, short = make(days=60), make(days=30, policy_name=f"Short {place}")
    assign(box, short["id"], folder(place))
    assign(box, long["id"], folder(place))
    assert assign(box, short["id"], folder(place), 409)["code"] == "conflict"


def test_what_cannot_be_assigned(box, make, place):
    policy = make()["id"]
    for target, status in (
        ({"type": "enterprise", "id": "1"}, 400), ({"type": "folder"}, 400), (folder("1"), 404),
        ({"type": "metadata_template", "id": "1"}, 404),
    ):  # fmt: skip
        assign(box, policy, target, status)
    assign(box, "1", folder(place), 404)
    assign(box, policy, folder(place), 400, start_date_field="upload")
    locked = make(retention_type="non_modifiable", policy_name=f"Locked {place}")["id"]
    made = assign(box, locked, folder(place))["id"]
    assert box.delete(f"/retention_policy_assignments/{made}", 403)["code"] == "access_denied_insufficient_permissions"
    made = assign(box, policy, {"type": "enterprise", "id": None}, 201)
    assert made["assigned_to"] == {"type": "enterprise", "id": None}
    box.delete(f"/retention_policy_assignments/{made['id']}")


def test_a_template_is_assigned_with_a_filter_and_a_start(box, make, place):
    template = box.store.add_template(
        f"case{place}", {"type": "enum", "key": "state", "options": [{"key": "open"}, {"key": "closed"}]},
        {"type": "date", "key": "closed_at"},
    )  # fmt: skip
    state, closed_at = template.fields
    target, field = {"type": "metadata_template", "id": template.id}, {"field": state.id, "value": state.options[1].id}
    policy = make()["id"]
    made = assign(box, policy, target, filter_fields=[field], start_date_field=closed_at.id)
    assert (made["filter_fields"], made["start_date_field"]) == ([field], closed_at.id)
    files = {}
    for name, values in {
        "open": {"state": "open"}, "closed": {"state": "closed", "closed_at": "2100-01-01T00:00:00Z"},
        "long closed": {"state": "closed", "closed_at": "2020-01-01T00:00:00Z"},
    }.items():  # fmt: skip
        files[name] = box.upload(f"{name}.txt", b"1", place)["entries"][0]["id"]
        box.post(f"/files/{files[name]}/metadata/enterprise/{template.key}", values)
    assert ids(box, f"/retention_policy_assignments/{made['id']}/files_under_retention") == [files["closed"]]
    assign(box, policy, target, 400, filter_fields=[{"field": state.id, "value": "1"}])
    assign(box, policy, target, 400, filter_fields=[{"field": closed_at.id, "value": "1"}])
    assign(box, policy, target, 400, start_date_field=state.id)
    good = make(kind="indefinite", days=None, policy_name=f"Good {place}")["id"]
    assign(box, good, target, 400, start_date_field=closed_at.id)


def test_a_retired_policy_keeps_nothing_newer(box, make, place):
    policy = make()["id"]
    made = assign(box, policy, folder(place))["id"]
    before = box.upload("before.txt", b"1", place)["entries"][0]["id"]
    box.put(f"/retention_policies/{policy}", {"status": "retired"})
    with box.clock(60):
        box.upload("after.txt", b"1", place)
        assert ids(box, f"/retention_policy_assignments/{made}/files_under_retention") == [before]
