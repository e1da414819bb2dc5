"""Invitations into the enterprise.

Source: https://developer.box.com/reference/resources/invite/
"""

from typing import Final

from box_dialect.catalog.columns import user
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type, Write

invites: Final = Table(
    name="invites",
    doc="Invitations of users of Box who are in no enterprise to join this one. Box lists none: each is found by the "
    "id that it got when it was made.",
    reference="https://developer.box.com/reference/resources/invite/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `invite`."),
        Column("invited_to_id", source="invited_to.id", insert="enterprise.id", doc="Id of the enterprise."),
        Column("invited_to_name", source="invited_to.name", doc="Name of the enterprise."),
        *user("actionable_by", "the user who is invited", reverse="invites", insert={"login": "actionable_by.login"}),
        *user("invited_by", "the user who invited"),
        Column("status", doc="Such as `pending`, `accepted` or `declined`."),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
    ),
    paths=(AccessPath(name="by id", endpoints=(Endpoint(path="/invites/{id}"),), keys=("id",), unique=True),),
    insert=Write(method="POST", path="/invites", required=("invited_to_id", "actionable_by_login")),
)
