"""Tasks on files: when they are completed, and who may do what with them."""

import pytest


@pytest.fixture
def file(box, place):
    """Return the id of a file that a user may edit."""
    box.share(place)
    return box.upload("a.txt", b"", place)["entries"][0]["id"]


def make(box, file, **options):
    return box.post("/tasks", {"item": {"type": "file", "id": file}, **options})["id"]


def assign(box, task, status=201, **to):
    body = {"task": {"type": "task", "id": task}, "assign_to": to}
    return box.call("POST", "/task_assignments", status, json=body).json()


def is_completed(box, task):
    return box.get(f"/tasks/{task}")["is_completed"]


def test_what_it_is_by_default(box, file):
    task = box.post("/tasks", {"item": {"type": "file", "id": file}})

    told = ("action", "message", "due_at", "completion_rule", "is_completed")
    assert [task[name] for name in told] == ["review", "", None, "all_assignees", False]
    assert (task["item"]["name"], task["created_by"]["id"]) == ("a.txt", box.ready["admin_user_id"])
    assert task["task_assignment_collection"] == {"total_count": 0, "entries": []}


def test_when_it_is_due_is_told_in_utc(box, file):
    task = box.get(f"/tasks/{make(box, file, due_at='2035-01-01T02:00:00+01:00')}")
    assert task["due_at"] == "2035-01-01T01:00:00.000Z"
    assert box.get(f"/files/{file}/tasks") == {"total_count": 1, "entries": [task]}


@pytest.mark.parametrize(("rule", "after"), [("all_assignees", [False, True]), ("any_assignee", [True, True])])
def test_it_is_completed_by_its_rule(box, file, rule, after):
    task = make(box, file, completion_rule=rule)
    both = [assign(box, task, id=box.ready[each])["id"] for each in ("user_id", "admin_user_id")]
    completed = []
    for assignment, state in zip(both, ("approved", "rejected"), strict=True):
        box.put(f"/task_assignments/{assignment}", {"resolution_state": state})
        completed.append(is_completed(box, task))
    assert completed == after

    box.put(f"/task_assignments/{both[0]}", {"resolution_state": "incomplete"})
    assert is_completed(box, task) is (rule == "any_assignee")


@pytest.mark.parametrize(
    ("action", "state", "status"),
    [
        ("complete", "completed", 200), ("complete", "approved", 400), ("complete", "rejected", 400),
        ("complete", "incomplete", 200), ("review", "completed", 400), ("review", "approved", 200),
        ("review", "rejected", 200), ("review", "incomplete", 200),
    ],
)  # fmt: skip
def test_the_states_are_those_of_the_action(box, file, action, state, status):
    path = f"/task_assignments/{assign(box, make(box, file, action=action), id=box.ready['user_id'])['id']}"
    answer = box.put(path, {"resolution_state": state, "message": "Here"}, status)

    if status == 400:
        assert answer["context_info"]["errors"][0]["name"] == "resolution_state"
        assert box.get(path)["message"] == ""
        return
    assert (answer["resolution_state"], answer["message"]) == (state, "Here")
    assert (answer["completed_at"] is None) is (state == "incomplete")


def test_a_completed_one_is_assigned_to_nobody_else_and_stays_assigned(box, file):
    task = make(box, file)
    assignment = assign(box, task, id=box.ready["user_id"])["id"]
    box.put(f"/task_assignments/{assignment}", {"resolution_state": "approved"})

    assert assign(box, task, 403, id=box.ready["admin_user_id"])["code"] == "access_denied_insufficient_permissions"
    box.delete(f"/task_assignments/{assignment}", 403)
    box.put(f"/task_assignments/{assignment}", {"resolution_state": "incomplete"})
    box.delete(f"/task_assignments/{assignment}")
    assert box.get(f"/tasks/{task}/assignments")["entries"] == []


def test_it_is_assigned_by_id_or_login_to_who_sees_the_file(box, file, place):
    task, user = make(box, file), box.store.users[box.ready["user_id"]]
    assert assign(box, task, login=user.login)["assigned_to"]["id"] == user.id

    stranger = box.store.add_user("Stranger", f"stranger{place}@example.com")
    assert assign(box, task, 400, id=stranger.id)["code"] == "task_assignee_not_allowed"
    assert assign(box, task, 404, id="1")["code"] == "not_found"
    assert assign(box, task, 404, login="nobody@example.com")["code"] == "not_found"
    assert assign(box, "1", 404, id=user.id)["context_info"]["errors"][0]["name"] == "task"
    missing = box.http.post(
        f"{box.ready['api_base_url']}/task_assignments", json={"task": {"type": "task", "id": task}, "assign_to": {}}
    )
    assert missing.json()["context_info"]["errors"] == [
        {"reason": "missing_parameter", "name": "assign_to.id", "message": "'assign_to.id' is required"}
    ]


def test_who_may_change_it(box, file):
    previewer = box.store.add_user("Previewer", f"previewer{file}@example.com")
    box.share(file, previewer.id, "previewer", "file")
    task = make(box, file)
    assignment = assign(box, task, id=box.ready["user_id"])["id"]

    with box.signed_in(previewer.id) as other:
        assert other.get(f"/tasks/{task}")["id"] == task
        other.put(f"/tasks/{task}", {"message": "x"}, 403)
        other.delete(f"/tasks/{task}", 403)
        other.put(f"/task_assignments/{assignment}", {"message": "x"}, 403)
        other.delete(f"/task_assignments/{assignment}", 403)
        own = make(other, file)
        assert other.put(f"/tasks/{own}", {"message": "x"})["message"] == "x"
    with box.signed_in(box.ready["user_id"]) as editor:
        assert editor.put(f"/tasks/{task}", {"message": "x"})["message"] == "x"
        assert editor.put(f"/task_assignments/{assignment}", {"message": "x"})["message"] == "x"


def test_who_may_only_upload_makes_none(box, file, place):
    uploader = box.store.add_user("Uploader", f"uploader{place}@example.com")
    box.share(place, uploader.id, "uploader")
    with box.signed_in(uploader.id) as other:
        other.post("/tasks", {"item": {"type": "file", "id": file}}, 403)
        assert assign(other, make(box, file), 403, id=uploader.id)["status"] == 403


def test_assignments_go_with_the_task_and_the_task_with_the_file(box, file):
    task = make(box, file)
    assignment = assign(box, task, id=box.ready["user_id"])["id"]
    box.delete(f"/tasks/{task}")
    box.get(f"/task_assignments/{assignment}", 404)

    other = make(box, file)
    box.delete(f"/files/{file}")
    box.delete(f"/files/{file}/trash")
    box.get(f"/tasks/{other}", 404)


def test_what_happens_is_told(box, file):
    task = make(box, file)
    assignment = assign(box, task, id=box.ready["user_id"])["id"]
    box.put(f"/task_assignments/{assignment}", {"message": "x"})
    box.delete(f"/task_assignments/{assignment}")
    events = box.get("/events?stream_position=0&limit=500")["entries"]
    assert [event["event_type"] for event in events[-4:]] == [
        "TASK_CREATE", "TASK_ASSIGNMENT_CREATE", "TASK_ASSIGNMENT_UPDATE", "TASK_ASSIGNMENT_DELETE",
    ]  # fmt: skip
