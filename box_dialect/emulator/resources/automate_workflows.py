"""Serve the workflows of Box Automate that are started by hand.

Source: https://developer.box.com/reference/v2026.0/resources/automate-workflow-action/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from msgspec import Meta

from box_dialect.emulator import access, errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.governance.keeping import lies_in
from box_dialect.emulator.metadata.taxonomies import identify
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import mini, times
from box_dialect.emulator.resource import List, Resource

if TYPE_CHECKING:
    from box_dialect.emulator.model import Folder, User
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class WorkflowAction(Entity):
    """What starts a workflow for files of a folder; `runs` are the ids of the files of each run."""

    type, table, first_id, owners = "workflow_action", "automate_workflows", 2_270_000_001, ("folder",)
    folder: Folder
    name: str
    created_by: User
    description: str = ""
    runs: list[list[str]] = field(default_factory=list)

    @property
    def workflow_id(self) -> str:
        """The id of the workflow."""
        return identify("automate_workflow", self.id)


class AutomateStart(TypedDict):
    """What a workflow is started with."""

    workflow_action_id: str
    file_ids: Annotated[list[str], Meta(min_length=1)]


def _rows(call: Call) -> list[WorkflowAction]:
    identity = call.needed("folder_id")
    folder = call.find("folder", identity)
    if folder is None or folder.is_trashed:
        raise errors.not_found("folder", identity)
    return list(folder.of(WorkflowAction).values())


AUTOMATE_WORKFLOWS = Resource(
    WorkflowAction,
    List("/automate_workflows", rows=_rows, page=marker_page),
    mini=("action_type", "description", "created_at", "updated_at", "created_by", "updated_by", "workflow"),
    computed={
        "action_type": lambda _: "run_workflow",
        "updated_by": lambda action: mini(action.created_by),
        "workflow": lambda action: {"id": action.workflow_id, "type": "workflow", "name": action.name},
        **times(updated_at="modified_at"),
    },
    takes_fields=False,
    version="2026.0",
    feature=Feature("automate"),
)


@AUTOMATE_WORKFLOWS.operation("POST", "/automate_workflows/{workflow_id}/start", AutomateStart)
def start_workflow(call: Call) -> Reply:
    """Start a workflow for files of its folder."""
    action = call.store.of(WorkflowAction).get(call.json["workflow_action_id"])
    if action is None or action.workflow_id != call.id or not call.sees(action.folder):
        raise errors.not_found("workflow", call.id)
    if not access.permissions(call.user, action.folder) >= {"can_upload"}:
        raise errors.forbidden()
    files: list[Any] = [call.find("file", identity) for identity in call.json["file_ids"]]
    if any(file is None or not lies_in(file, action.folder) for file in files):
        raise errors.invalid_parameter("file_ids", call.json["file_ids"], "Each one must be a file of the folder")
    action.runs.append([file.id for file in files])
    return Reply(204)
