"""Procedures that copy hubs, and put items into them.

Source: https://developer.box.com/reference/v2025.0/resources/hub/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.api_versions import V2025_0
from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.inputs import OBJECTS
from box_dialect.catalog.model.procedure import Call, Input, Procedure

_HUB_ID: Final = Input(name="HubId", required=True, doc="Id of the hub.")

copy_hub: Final = Procedure(
    name="CopyHub",
    doc="Copy a hub.",
    reference="https://developer.box.com/reference/v2025.0/post-hubs-id-copy/",
    inputs=(
        _HUB_ID,
        Input(name="Title", body="title", doc="Title of the copy. Default: one that tells of the original."),
        Input(name="Description", body="description", doc="Description of the copy."),
        Input(name="IncludeItems", type=Type.BOOLEAN, body="include_items", doc="Whether the copy has the items, too."),
    ),
    outputs=(
        Column("Id", doc="Id of the copy."),
        Column("Title", doc="Its title."),
        Column("Description", doc="Its description."),
        Column("CreatedAt", Type.TIMESTAMP, doc="When it was made."),
    ),
    side_effect=True,
    call=Call(method="POST", path="/hubs/{hub_id}/copy", headers=V2025_0),
)

manage_hub_items: Final = Procedure(
    name="ManageHubItems",
    doc="Put items into a hub and take others out, in one call; each operation succeeds or fails by itself.",
    reference="https://developer.box.com/reference/v2025.0/post-hubs-id-manage-items/",
    inputs=(
        _HUB_ID,
        Input(
            name="Operations",
            type=Type.JSON,
            form=OBJECTS,
            required=True,
            body="operations",
            doc='The operations: `[{"action": "add", "item": {"type": "file", "id": "…"}}]`, also `remove`.',
        ),
    ),
    outputs=(
        Column("Action", doc="What was to be done: `add` or `remove`."),
        Column("ItemType", source="item.type", doc="What the item is."),
        Column("ItemId", source="item.id", doc="Id of the item."),
        Column("ParentId", doc="Id of the list of the hub that has it."),
        Column("Status", Type.INTEGER, doc="What became of it, as an HTTP status: below 300 where it was done."),
        Column("Error", doc="What is wrong, where it was not."),
    ),
    side_effect=True,
    several=True,
    call=Call(method="POST", path="/hubs/{hub_id}/manage_items", headers=V2025_0, rows="operations"),
)
