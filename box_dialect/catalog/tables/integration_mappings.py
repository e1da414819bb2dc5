"""Which folders are mapped to channels of Slack, and to channels and teams of Microsoft Teams.

Sources: https://developer.box.com/reference/resources/integration-mapping-slack/ and …/integration-mapping-teams/
"""

from __future__ import annotations

from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import NOTHING, user
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type, Write

_MAPPINGS: Final = 200
_OBJECTS: Final = {"partner_item": {"type": "channel"}, "box_item": {"type": "folder"}}
_FILTERS: Final = (
    filters.equals("partner_item_type", accepts="channel|team"),
    filters.equals("partner_item_id"),
    filters.equals("box_item_id", accepts="[0-9]{1,20}"),
)
_COLUMNS: Final = (
    Column("id", nullable=False, doc="Box's id."),
    Column("type", nullable=False, doc="Always `integration_mapping`."),
)
_TIMES: Final = (
    Column("created_at", Type.TIMESTAMP, doc="When it was made."),
    Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
)
_BOX_ITEM: Final = (
    Column(
        "box_item_id",
        source="box_item.id",
        nullable=False,
        references="folders.id",
        relation="folder",
        insert="box_item.id",
        update="box_item.id",
        doc="Id of the folder, which must belong to the enterprise.",
    ),
    Column("box_item_type", source="box_item.type", nullable=False, doc="Always `folder`."),
)


def _partner(name: str, doc: str, *, nullable: bool = True) -> Column:
    """Return a column of what the folder is mapped to."""
    place = f"partner_item.{name}"
    return Column(f"partner_item_{name}", source=place, nullable=nullable, insert=place, doc=doc)


integration_mappings_slack: Final = Table(
    name="integration_mappings_slack",
    doc="Which folders are mapped to channels of Slack in the enterprise; for administrators and co-administrators.",
    reference="https://developer.box.com/reference/resources/integration-mapping-slack/",
    columns=(
        *_COLUMNS,
        Column("integration_type", doc="Always `slack`."),
        *_BOX_ITEM,
        Column("box_item_name", source="box_item.name", doc="Name of the folder."),
        _partner("type", "Always `channel`.", nullable=False),
        _partner("id", "Id of the channel at Slack.", nullable=False),
        _partner("slack_workspace_id", "Id of the workspace; given on INSERT, or the organization's."),
        _partner("slack_org_id", "Id of the organization."),
        Column("is_manually_created", Type.BOOLEAN, doc="Whether somebody mapped it, and not Slack's application."),
        Column(
            "is_access_management_disabled",
            Type.BOOLEAN,
            "options.is_access_management_disabled",
            insert="options.is_access_management_disabled",
            update="options.is_access_management_disabled",
            doc="Whether members of the channel are not made collaborators.",
        ),
        *_TIMES,
        *user("created_by", "the user who made it"),
        *user("modified_by", "the user who changed it last"),
    ),
    paths=(
        AccessPath(
            name="all",
            endpoints=(
                Endpoint(
                    path="/integration_mappings/slack",
                    paging=Paging.MARKER,
                    takes_fields=False,
                    advice=needs("the Box integration for Slack"),
                ),
            ),
            filters=(*_FILTERS, filters.equals("is_manually_created", spelled=filters.BOOLEANS)),
            rows=_MAPPINGS,
        ),
    ),
    insert=Write(
        method="POST",
        path="/integration_mappings/slack",
        required=("partner_item_id", "box_item_id"),
        objects=_OBJECTS,
        takes_fields=False,
    ),
    update=Write(method="PUT", path="/integration_mappings/slack/{id}", objects=_OBJECTS, takes_fields=False),
    delete=Write(method="DELETE", path="/integration_mappings/slack/{id}"),
)

integration_mappings_teams: Final = Table(
    name="integration_mappings_teams",
    doc="Which folders are mapped to channels and teams of Microsoft Teams in the enterprise; for administrators and "
    "co-administrators.",
    reference="https://developer.box.com/reference/resources/integration-mapping-teams/",
    columns=(
        Column(
            "partner_item_team_id",
            hidden=True,
            derived=NOTHING,
            insert="partner_item.team_id",
            doc="Id of the team, for INSERT alone: Box does not tell it again.",
        ),
        *_COLUMNS,
        Column("integration_type", doc="Always `teams`."),
        *_BOX_ITEM,
        _partner("type", "`channel`, which INSERT takes it for, or `team`.", nullable=False),
        _partner("id", "Id of the channel or the team at Microsoft.", nullable=False),
        _partner("tenant_id", "Id of the tenant at Microsoft.", nullable=False),
        Column("is_overridden_by_manual_mapping", Type.BOOLEAN, doc="Whether one that somebody made holds instead."),
        *_TIMES,
    ),
    paths=(
        AccessPath(
            name="all",
            endpoints=(
                Endpoint(
                    path="/integration_mappings/teams",
                    paging=Paging.ALL,
                    takes_fields=False,
                    advice=needs("the Box integration for Microsoft Teams"),
                ),
            ),
            filters=_FILTERS,
            rows=_MAPPINGS,
        ),
    ),
    insert=Write(
        method="POST",
        path="/integration_mappings/teams",
        required=("partner_item_id", "partner_item_tenant_id", "partner_item_team_id", "box_item_id"),
        objects=_OBJECTS,
        takes_fields=False,
    ),
    update=Write(method="PUT", path="/integration_mappings/teams/{id}", objects=_OBJECTS, takes_fields=False),
    delete=Write(method="DELETE", path="/integration_mappings/teams/{id}"),
)
