"""Serve the workflows of Box Relay that are started by hand.

Source: https://developer.box.com/reference/resources/workflow/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NotRequired, TypedDict

from box_dialect.emulator import access, clock, errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.errors import BoxError
from box_dialect.emulator.features import Feature
from box_dialect.emulator.governance.keeping import lies_in
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import reference
from box_dialect.emulator.resource import List, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.emulator.model import Folder, User
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

SCOPE: Final = "manage_triggers"
MANUAL: Final = "WORKFLOW_MANUAL_START"


@dataclass(slots=True, eq=False, kw_only=True)
class Flow:
    """A step of a workflow, which is started by hand and has outcomes; `variables` names what each outcome asks for."""

    id: str
    outcomes: Sequence[Json] = ()
    variables: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(slots=True, eq=False, kw_only=True)
class Workflow(Entity):
    """What is done with files of a folder; `runs` are the ids of the files of each run."""

    type, table, first_id, owners = "workflow", "workflows", 2_130_000_001, ("folder",)
    folder: Folder
    name: str
    created_by: User
    flows: list[Flow]
    description: str = ""
    is_enabled: bool = True
    runs: list[list[str]] = field(default_factory=list)


class _UserVariable(TypedDict):
    type: Literal["user"]
    id: str


class _Collaborators(TypedDict):
    type: Literal["variable"]
    variable_type: Literal["user_list"]
    variable_value: list[_UserVariable]


class _CompletionRule(TypedDict):
    type: Literal["variable"]
    variable_type: Literal["task_completion_rule"]
    variable_value: Literal["all_assignees", "any_assignees"]


class _Role(TypedDict):
    type: Literal["variable"]
    variable_type: Literal["collaborator_role"]
    variable_value: Literal[
        "editor", "viewer", "previewer", "uploader", "previewer uploader", "viewer uploader", "co-owner"
    ]


class _Outcome(TypedDict):
    id: str
    collaborators: NotRequired[_Collaborators]
    completion_rule: NotRequired[_CompletionRule]
    file_collaborator_role: NotRequired[_Role]
    task_collaborators: NotRequired[_Collaborators]
    role: NotRequired[_Role]


class _Flow(TypedDict, total=False):
    type: str
    id: str


class _File(TypedDict, total=False):
    type: Literal["file"]
    id: str


class _Folder(TypedDict, total=False):
    type: Literal["folder"]
    id: str


class WorkflowStart(TypedDict):
    """What a workflow is started with."""

    flow: _Flow
    files: list[_File]
    folder: _Folder
    type: NotRequired[Literal["workflow_parameters"]]
    outcomes: NotRequired[list[_Outcome]]


def _rows(call: Call) -> list[Workflow]:
    """Return the workflows of a folder."""
    identity, trigger = call.needed("folder_id"), call.query.get("trigger_type") or MANUAL
    if trigger != MANUAL:
        raise errors.invalid_parameter("trigger_type", trigger, f"'trigger_type' must be {MANUAL}")
    folder = call.find("folder", identity)
    if folder is None or folder.is_trashed:
        raise errors.not_found("folder", identity)
    return list(folder.of(Workflow).values())


def _flow(workflow: Workflow, flow: Flow) -> Json:
    trigger = {"type": "trigger", "trigger_type": MANUAL, "scope": [
        {"type": "trigger_scope", "ref": f"/event/source/folder/{workflow.folder.id}",
            "object": reference(workflow.folder)},
    ]}  # fmt: skip
    return {
        "id": flow.id, "type": "flow", "trigger": trigger, "outcomes": list(flow.outcomes),
        "created_at": clock.stamp(workflow.created_at), "created_by": reference(workflow.created_by),
    }  # fmt: skip


WORKFLOWS = Resource(
    Workflow,
    List("/workflows", rows=_rows, page=marker_page, level="standard",
        permission=lambda call: call.require_scope(SCOPE)),
    mini=("name", "description", "is_enabled"),
    standard=("flows",),
    computed={"flows": lambda workflow: [_flow(workflow, flow) for flow in workflow.flows]},
    takes_fields=False,
    feature=Feature("relay", code="missing_relay_full_access"),
)  # fmt: skip


def _files(call: Call, folder: Folder) -> list[str]:
    """Return the ids of the files of the body, which must lie in a folder and be the caller's to change."""
    files: list[Any] = [call.find("file", each.get("id", "")) for each in call.json["files"]]
    if not files or any(file is None or not lies_in(file, folder) for file in files):
        raise errors.invalid_parameter("files", call.json["files"], "Each one must be a file of the folder")
    return [file.id for file in files]


def _check_outcomes(call: Call, flow: Flow) -> None:
    """Refuse outcomes that a flow has not, or that are not told what they ask for."""
    given = {outcome["id"]: outcome.keys() - {"id"} for outcome in call.json.get("outcomes", ())}
    if given.keys() - {outcome["id"] for outcome in flow.outcomes} or any(
        given.get(identity, set()) != needed for identity, needed in flow.variables.items()
    ):
        why = "The provided parameters do not match the target outcome"
        raise errors.bad_request("parameters_provided_do_not_match_target_outcome", why)


@WORKFLOWS.operation("POST", "/workflows/{workflow_id}/start", WorkflowStart)
def start_workflow(call: Call) -> Reply:
    """Start a flow of a workflow for files of its folder."""
    call.require_scope(SCOPE)
    body, workflow = call.json, call.store.of(Workflow).get(call.id)
    if workflow is None or not call.sees(workflow.folder):
        raise BoxError(404, "workflow_not_found", "The workflow was not found")
    if not access.permissions(call.user, workflow.folder) >= {"can_upload"}:
        raise BoxError(403, "insufficient_access", "The workflow's folder is not the caller's to change")
    flow = next((each for each in workflow.flows if each.id == body["flow"].get("id")), None)
    if flow is None:
        raise BoxError(404, "flow_missing_or_inaccessible", "The workflow has no such flow")
    if not workflow.is_enabled:
        raise errors.bad_request("workflow_is_not_enabled", "The workflow is not enabled")
    if body["folder"].get("id") != workflow.folder.id:
        raise errors.bad_request("workflow_not_active_on_provided_folder", "It is a workflow of another folder")
    _check_outcomes(call, flow)
    workflow.runs.append(_files(call, workflow.folder))
    return Reply(204)
