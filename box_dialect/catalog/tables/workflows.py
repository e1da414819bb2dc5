"""Workflows of Box Relay and Box Automate that are started by hand, each for files of a folder.

Sources: https://developer.box.com/reference/resources/workflow/ and
https://developer.box.com/reference/v2026.0/resources/automate-workflows/
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.api_versions import V2026_0
from box_dialect.catalog.columns import NOTHING, user
from box_dialect.catalog.features import needs
from box_dialect.catalog.folder_items import FOLDER_ITEMS, FOLDERS, NOT_ROOT
from box_dialect.catalog.model import AccessPath, Column, Endpoint, FanOut, Table, Type
from box_dialect.catalog.model.as_user import AS_USER

_WORKFLOWS: Final = 0.05
"""How many workflows a folder is thought to have."""

_FOLDER: Final = Column(
    "folder_id", derived=NOTHING, nullable=False, references="folders.id", doc="Id of the folder that it acts on."
)


_OF_RELAY: Final = Endpoint(
    path="/workflows",
    paging=Paging.MARKER,
    parameters={"folder_id": "{folder_id}"},
    takes_fields=False,
    known=frozenset({"folder_id"}),
    advice=needs("Box Relay"),
)
_OF_AUTOMATE: Final = replace(_OF_RELAY, path="/automate_workflows", headers=V2026_0, advice=needs("Box Automate"))


def _paths(of_folder: Endpoint) -> tuple[AccessPath, ...]:
    """Return the access paths to the workflows of folders."""
    return (
        AccessPath(name="by folder", endpoints=(of_folder,), keys=("folder_id",), accepts=NOT_ROOT, rows=_WORKFLOWS),
        AccessPath(
            name="of every folder",
            endpoints=(of_folder,),
            fan_out=FanOut(key="folder_id", parents=FOLDER_ITEMS.keeping(type="folder"), walk=True),
            calls=2 * FOLDERS,
            rows=_WORKFLOWS * FOLDERS,
        ),
    )


workflows: Final = Table(
    name="workflows",
    doc="Workflows of Box Relay that are started by hand for files of a folder. Without a key, those of every folder "
    "that the signed-in user sees, which takes a call for each. The application needs the scope Manage Box Relay.",
    reference="https://developer.box.com/reference/resources/workflow/",
    key=("folder_id", "id"),
    columns=(
        AS_USER,
        _FOLDER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `workflow`."),
        Column("name", doc="The name."),
        Column("description", doc="The description."),
        Column("is_enabled", Type.BOOLEAN, doc="Whether it can be started."),
        Column("flows", Type.JSON, doc="The flows that can be started, each with its trigger and its outcomes."),
    ),
    paths=_paths(_OF_RELAY),
)

automate_workflows: Final = Table(
    name="automate_workflows",
    doc="What starts workflows of Box Automate for files of a folder. Without a key, those of every folder that the "
    "signed-in user sees, which takes a call for each.",
    reference="https://developer.box.com/reference/v2026.0/resources/automate-workflows/",
    key=("folder_id", "id"),
    columns=(
        AS_USER,
        _FOLDER,
        Column("id", nullable=False, doc="Box's id of what starts the workflow."),
        Column("type", nullable=False, doc="Always `workflow_action`."),
        Column("action_type", nullable=False, doc="Always `run_workflow`."),
        Column("description", doc="The description."),
        Column("workflow_id", source="workflow.id", nullable=False, doc="Id of the workflow."),
        Column("workflow_name", source="workflow.name", doc="Name of the workflow."),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("updated_at", Type.TIMESTAMP, doc="When it was last changed."),
        *user("created_by", "the user who made it"),
        *user("updated_by", "the user who changed it last"),
    ),
    paths=_paths(_OF_AUTOMATE),
)
