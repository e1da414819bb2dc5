"""Procedures that start workflows of Box Relay and Box Automate.

Source: https://developer.box.com/reference/resources/workflow/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.api_versions import V2026_0
from box_dialect.catalog.model import Type
from box_dialect.catalog.model.inputs import OBJECTS
from box_dialect.catalog.model.procedure import Call, Input, Procedure

from ._items import SUCCESS, references

start_workflow: Final = Procedure(
    name="StartWorkflow",
    doc="Start a workflow of Box Relay for files of its folder.",
    reference="https://developer.box.com/reference/post-workflows-id-start/",
    inputs=(
        Input(name="WorkflowId", required=True, doc="Id of the workflow."),
        Input(name="FlowId", required=True, body="flow.id", doc="Id of its flow that is started by hand."),
        Input(name="FolderId", required=True, body="folder.id", doc="Id of the folder that the workflow is of."),
        Input(
            name="FileIds",
            required=True,
            several=True,
            body="files",
            sent=references("file"),
            doc="Ids of the files, which lie in the folder.",
        ),
        Input(
            name="Outcomes",
            type=Type.JSON,
            form=OBJECTS,
            body="outcomes",
            doc="What the outcomes of the flow ask for, a list of objects of Box's reference.",
        ),
    ),
    outputs=(SUCCESS,),
    side_effect=True,
    call=Call(
        method="POST",
        path="/workflows/{workflow_id}/start",
        body={"type": "workflow_parameters", "flow": {"type": "flow"}, "folder": {"type": "folder"}},
    ),
)

start_automate_workflow: Final = Procedure(
    name="StartAutomateWorkflow",
    doc="Start a workflow of Box Automate for files.",
    reference="https://developer.box.com/reference/v2026.0/post-automate-workflows-id-start/",
    inputs=(
        Input(name="WorkflowId", required=True, doc="Id of the workflow."),
        Input(
            name="WorkflowActionId", required=True, body="workflow_action_id", doc="Id of the action that starts it."
        ),
        Input(name="FileIds", required=True, several=True, body="file_ids", doc="Ids of the files."),
    ),
    outputs=(SUCCESS,),
    side_effect=True,
    call=Call(method="POST", path="/automate_workflows/{workflow_id}/start", headers=V2026_0),
)
