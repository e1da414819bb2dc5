"""Workflows of Relay and Automate, which are started for files of a folder; and mappings of folders to channels."""

import pytest

from box_dialect.emulator.resources.automate_workflows import WorkflowAction
from box_dialect.emulator.resources.workflows import Flow, Workflow

V26 = {"box-version": "2026.0"}
MANUAL = "WORKFLOW_MANUAL_START"


@pytest.fixture
def file(box, place):
    return box.upload("a.txt", b"x", place)["entries"][0]["id"]


@pytest.fixture
def workflow(box, place):
    """Add a workflow with a flow that asks who is to do a task."""
    outcome = {"id": "17", "type": "outcome", "name": "Task", "action_type": "assign_task", "if_rejected": []}
    flow = Flow(id="12345", outcomes=[outcome], variables={"17": frozenset({"task_collaborators"})})
    folder = box.store.folders[place]
    return box.store.add(Workflow(folder=folder, name="Approval", created_by=box.store.admin, flows=[flow]))


@pytest.fixture
def start_it(box, workflow, place, file):
    """Return a function that starts the workflow."""
    people = {"type": "variable", "variable_type": "user_list", "variable_value": [{"type": "user", "id": "1"}]}
    outcomes = [{"id": "17", "task_collaborators": people}]

    def starting(status=204, identity=workflow.id, client=box, **more):
        body = {
            "type": "workflow_parameters", "flow": {"type": "flow", "id": "12345"},
            "files": [{"type": "file", "id": file}], "folder": {"type": "folder", "id": place}, "outcomes": outcomes,
        }  # fmt: skip
        answer = client.call("POST", f"/workflows/{identity}/start", status, json=body | more)
        return answer.json()["code"] if answer.content else None

    return starting


def test_workflows_of_a_folder(box, workflow, place):
    (listed,) = box.get(f"/workflows?folder_id={place}&trigger_type={MANUAL}")["entries"]
    assert (listed["id"], listed["name"], listed["is_enabled"]) == (workflow.id, "Approval", True)
    (flow,) = listed["flows"]
    assert (flow["id"], flow["trigger"]["trigger_type"], flow["outcomes"][0]["id"]) == ("12345", MANUAL, "17")
    assert box.get(f"/workflows?folder_id={box.folder('other', place)}")["entries"] == []
    assert box.get(f"/workflows?folder_id={place}&trigger_type=OTHER", 400)["code"] == "bad_request"
    assert box.get("/workflows?folder_id=1", 404)["code"] == "not_found"
    assert box.get("/workflows", 400, check_request=False)["code"] == "bad_request"


def test_a_workflow_is_started(box, workflow, start_it, file):
    start_it()
    assert workflow.runs == [[file]]
    assert start_it(404, identity="1") == "workflow_not_found"
    assert start_it(404, flow={"type": "flow", "id": "1"}) == "flow_missing_or_inaccessible"
    assert start_it(400, folder={"type": "folder", "id": "1"}) == "workflow_not_active_on_provided_folder"
    mismatch = "parameters_provided_do_not_match_target_outcome"
    assert start_it(400, outcomes=[]) == mismatch
    assert start_it(400, outcomes=[{"id": "18"}]) == mismatch
    outside = box.upload(f"{file}.txt", b"x")["entries"][0]["id"]
    for files in ([], [{"type": "file", "id": outside}], [{"type": "file", "id": "1"}]):
        assert start_it(400, files=files) == "bad_request"
    box.store.change(workflow, {"is_enabled": False})
    assert start_it(400) == "workflow_is_not_enabled"
    assert workflow.runs == [[file]]


def test_who_may_start_a_workflow(box, start_it, place):
    with box.signed_in(box.ready["user_id"]) as other:
        assert start_it(404, client=other) == "workflow_not_found"
        box.share(place, role="viewer")
        assert start_it(403, client=other) == "insufficient_access"


def test_automate(box, place, file):
    folder = box.store.folders[place]
    action = box.store.add(WorkflowAction(folder=folder, name="Archive it", created_by=box.store.admin))
    (listed,) = box.get(f"/automate_workflows?folder_id={place}", headers=V26)["entries"]
    assert (listed["type"], listed["id"], listed["action_type"]) == ("workflow_action", action.id, "run_workflow")
    assert listed["workflow"] == {"id": action.workflow_id, "type": "workflow", "name": "Archive it"}
    path = f"/automate_workflows/{action.workflow_id}/start"
    body = {"workflow_action_id": action.id, "file_ids": [file]}

    def begin(status, client=box, path=path, **more):
        answer = client.call("POST", path, status, json=body | more, headers=V26, check_request=False)
        return answer.json()["code"] if answer.content else None

    begin(204)
    assert action.runs == [[file]]
    assert begin(404, path="/automate_workflows/1/start") == "not_found"
    assert begin(404, workflow_action_id="1") == "not_found"
    assert begin(400, file_ids=["1"]) == begin(400, file_ids=[]) == "bad_request"
    box.share(place, role="viewer")
    with box.signed_in(box.ready["user_id"]) as other:
        assert begin(403, other) == "access_denied_insufficient_permissions"
    assert box.get("/automate_workflows?folder_id=1", 404, headers=V26)["code"] == "not_found"
    assert box.get(f"/automate_workflows?folder_id={place}", 400, check_request=False)["code"] == "invalid_api_version"


def folder_of(identity):
    return {"type": "folder", "id": identity}


def test_a_channel_of_slack_is_mapped_once(box, place):
    path, channel = "/integration_mappings/slack", {"type": "channel", "id": f"C{place}", "slack_workspace_id": "T1"}
    body = {"partner_item": channel, "box_item": folder_of(place)}
    made = box.post(path, body)
    assert (made["integration_type"], made["is_manually_created"]) == ("slack", True)
    assert (made["box_item"]["id"], made["partner_item"]) == (place, channel)
    assert box.post(path, body, 400)["code"] == "CHANNEL_ALREADY_MAPPED"
    for more, status in (({"slack_org_id": "E1"}, 400), ({"slack_workspace_id": None}, 400)):
        box.post(path, body | {"partner_item": channel | {"id": "C2"} | more}, status)
    for query, found in (
        (f"partner_item_id=C{place}", 1), (f"partner_item_id=C{place}&is_manually_created=true", 1),
        (f"partner_item_id=C{place}&is_manually_created=false", 0), (f"box_item_id={place}&box_item_type=folder", 1),
        ("partner_item_id=1", 0),
    ):  # fmt: skip
        assert len(box.get(f"{path}?{query}")["entries"]) == found, query
    box.get(f"{path}?partner_item_type=team", 400, check_request=False)
    other = box.folder("other", place)
    assert box.put(f"{path}/{made['id']}", {"box_item": folder_of(other)})["box_item"]["id"] == other
    assert box.put(f"{path}/{made['id']}", {"box_item": folder_of("1")}, 404)["code"] == "not_found"
    assert box.post(path, body | {"box_item": folder_of("1")}, 404)["code"] == "not_found"


def test_a_folder_is_mapped_to_teams_once(box, place):
    path = "/integration_mappings/teams"
    team = {"type": "team", "id": f"19:{place}", "tenant_id": "E1", "team_id": "17"}
    body, other = {"partner_item": team, "box_item": folder_of(place)}, box.folder("other", place)
    made = box.post(path, body)
    assert (made["integration_type"], made["box_item"]) == ("teams", folder_of(place))
    assert made["partner_item"] == {name: team[name] for name in ("type", "id", "tenant_id")}
    assert box.post(path, body | {"box_item": folder_of(other)}, 400)["code"] == "TEAM_ALREADY_MAPPED"
    again = body | {"partner_item": team | {"type": "channel", "id": "20"}}
    assert box.post(path, again, 400)["code"] == "FOLDER_ALREADY_MAPPED"
    second = box.post(path, again | {"box_item": folder_of(other)})
    refused = box.put(f"{path}/{second['id']}", {"box_item": folder_of(place)}, 400)
    assert refused["code"] == "FOLDER_ALREADY_MAPPED"
    assert set(box.get(f"{path}?box_item_id={place}")) == {"entries"}


def test_a_folder_of_somebody_else_cannot_be_mapped(box, place):
    external = next(user for user in box.store.users.values() if user.enterprise is None)
    box.store.hand_over(box.store.folders[place], external)
    box.store.add_collaboration(box.store.folders[place], box.store.admin, "editor", external)
    channel = {"type": "channel", "id": f"C{place}", "slack_workspace_id": "T1"}
    body = {"partner_item": channel, "box_item": folder_of(place)}
    assert box.post("/integration_mappings/slack", body, 400)["code"] == "BOX_FOLDER_EXTERNALLY_OWNED"
