"""In which regions content can be stored, and whose is where.

Sources: https://developer.box.com/reference/resources/storage-policy/ and …/storage-policy-assignment/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.enterprise import USERS, USERS_CALLS, USERS_COUNT
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import DIGITS, AccessPath, Column, Endpoint, FanOut, Table, Target, Write

_ZONES: Final = needs("Box Zones", "manage_enterprise_properties")
_POLICIES: Final = 5
"""How many regions there are thought to be."""

storage_policies: Final = Table(
    name="storage_policies",
    doc="Regions in which Box Zones can store content.",
    reference="https://developer.box.com/reference/resources/storage-policy/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `storage_policy`."),
        Column("name", doc="Name of the region."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/storage_policies/{id}", takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(
            name="all",
            endpoints=(Endpoint(path="/storage_policies", paging=Paging.MARKER, advice=_ZONES),),
            rows=_POLICIES,
        ),
    ),
)


def _resolved(kind: str, identity: str) -> Endpoint:
    """Return the listing of what holds for a user or an enterprise: their own assignment, or the enterprise's."""
    return Endpoint(
        path="/storage_policy_assignments",
        paging=Paging.MARKER,
        parameters={"resolved_for_type": kind, "resolved_for_id": identity},
        takes_limit=False,
        takes_fields=False,
        advice=_ZONES,
    )


_HOLDER: Final = re.compile("user|enterprise")

storage_policy_assignments: Final = Table(
    name="storage_policy_assignments",
    doc="In which region whose content is stored: that of a user, or of all others of the enterprise. Without a key, "
    "those of the enterprise of the signed-in user and of its users, which takes a call for each user.",
    reference="https://developer.box.com/reference/resources/storage-policy-assignment/",
    distinct=True,
    columns=(
        Column(
            "resolved_for_type",
            hidden=True,
            derived=NOTHING,
            doc="`user` or `enterprise`, an input beside `resolved_for_id`.",
        ),
        Column(
            "resolved_for_id",
            hidden=True,
            derived=NOTHING,
            doc="Id of a user, or the enterprise: the assignment that holds for them is listed, an input.",
        ),
        Column("id", nullable=False, doc="Box's id, which is no number."),
        Column("type", nullable=False, doc="Always `storage_policy_assignment`."),
        Column(
            "storage_policy_id",
            source="storage_policy.id",
            references="storage_policies.id",
            insert="storage_policy.id",
            update="storage_policy.id",
            doc="Id of the region.",
        ),
        Column("assigned_to_type", source="assigned_to.type", insert="assigned_to.type", doc="`user` or `enterprise`."),
        Column(
            "assigned_to_id",
            source="assigned_to.id",
            insert="assigned_to.id",
            target=Target(by="assigned_to_type", tables={"user": "users.id", "enterprise": None}),
            doc="Id of the user or the enterprise.",
        ),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/storage_policy_assignments/{id}", takes_fields=False),),
            keys=("id",),
            accepts=re.compile("[A-Za-z0-9_=-]{1,100}"),
            unique=True,
        ),
        AccessPath(
            name="by holder",
            endpoints=(_resolved("{assigned_to_type}", "{assigned_to_id}"),),
            keys=("assigned_to_type", "assigned_to_id"),
            accepts={"assigned_to_type": _HOLDER, "assigned_to_id": DIGITS},
        ),
        AccessPath(
            name="by whom it holds for",
            endpoints=(
                replace(
                    _resolved("{resolved_for_type}", "{resolved_for_id}"),
                    known=frozenset({"resolved_for_type", "resolved_for_id"}),
                ),
            ),
            keys=("resolved_for_type", "resolved_for_id"),
            accepts={"resolved_for_type": _HOLDER, "resolved_for_id": DIGITS},
        ),
        AccessPath(
            name="of the enterprise and its users",
            endpoints=(_resolved("enterprise", "{enterprise_id}"), _resolved("user", "{user_id}")),
            fan_out=FanOut(key="user_id", parents=USERS, binds={"enterprise_id": "enterprise.id"}),
            calls=USERS_CALLS + 1 + USERS_COUNT,
            rows=USERS_COUNT / 10,
        ),
    ),
    insert=Write(
        method="POST",
        path="/storage_policy_assignments",
        required=("storage_policy_id", "assigned_to_type", "assigned_to_id"),
        body={"storage_policy": {"type": "storage_policy"}},
        takes_fields=False,
    ),
    update=Write(
        method="PUT",
        path="/storage_policy_assignments/{id}",
        body={"storage_policy": {"type": "storage_policy"}},
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/storage_policy_assignments/{id}"),
)
