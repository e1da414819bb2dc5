"""Users, groups and who belongs to them.

Sources: https://developer.box.com/reference/resources/user--full/, …/group--full/ and …/group-membership/
"""

from __future__ import annotations

import re
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import user
from box_dialect.catalog.model import DIGITS, AccessPath, Column, Endpoint, FanOut, Table, Type

MAX_OFFSET: Final = 10_000

users: Final = Table(
    name="users",
    distinct=True,
    doc="The managed users of the enterprise. The id `me` stands for the signed-in user; an external user, and the "
    "application's service account, is found by id.",
    reference="https://developer.box.com/reference/resources/user--full/",
    columns=(
        # SQLite would replace the id by 'me' in other comparisons of a join, were the collation the usual one.
        Column("id", nullable=False, collation="RTRIM", doc="Box's id; `id = 'me'` finds the signed-in user."),
        Column("type", nullable=False, doc="Always `user`."),
        Column("name", nullable=False, doc="The name."),
        Column("login", doc="The e-mail address that the user signs in with."),
        Column("created_at", Type.TIMESTAMP, doc="When the account was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When the account was last changed."),
        Column("status", doc="`active`, `inactive`, or which rights are taken away."),
        Column("role", doc="`admin`, `coadmin` or `user`."),
        Column("language", doc="Language, ISO 639-1."),
        Column("timezone", doc="Time zone, such as `Europe/Berlin`."),
        Column("space_amount", Type.INTEGER, doc="Storage granted, in bytes; -1 is without limit."),
        Column("space_used", Type.INTEGER, doc="Storage in use, in bytes."),
        Column("max_upload_size", Type.INTEGER, doc="Largest file that the user may upload, in bytes."),
        Column("job_title", doc="Job title."),
        Column("phone", doc="Phone number."),
        Column("address", doc="Address."),
        Column("avatar_url", doc="Where the picture is."),
        Column("notification_email", source="notification_email.email", doc="Second address for notifications."),
        Column(
            "notification_email_is_confirmed",
            Type.BOOLEAN,
            "notification_email.is_confirmed",
            doc="Whether that address is confirmed.",
        ),
        Column("enterprise_id", source="enterprise.id", doc="Id of the enterprise; an external user shows none."),
        Column("enterprise_name", source="enterprise.name", doc="Name of the enterprise."),
        Column("tracking_codes", Type.JSON, doc="Tracking codes, a list of objects with name and value."),
        Column("my_tags", Type.JSON, doc="Tags of the user's items, a list of texts."),
        Column("hostname", doc="Host name that the user's links carry."),
        Column("can_see_managed_users", Type.BOOLEAN, doc="Whether the user sees the other managed users."),
        Column("is_sync_enabled", Type.BOOLEAN, doc="Whether the user may use Box Sync."),
        Column("is_external_collab_restricted", Type.BOOLEAN, doc="Whether external collaboration is forbidden."),
        Column("is_exempt_from_device_limits", Type.BOOLEAN, doc="Whether device limits do not apply."),
        Column("is_exempt_from_login_verification", Type.BOOLEAN, doc="Whether two-factor sign-in is not required."),
        Column("is_platform_access_only", Type.BOOLEAN, doc="Whether it is an app user, which cannot sign in itself."),
        Column("external_app_user_id", doc="The id that an application gave its app user."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/users/{id}"),),
            keys=("id",),
            accepts=re.compile(f"{DIGITS.pattern}|me"),
            exact=True,
            alias="me",
            unique=True,
        ),
        AccessPath(
            name="all",
            endpoints=(Endpoint(path="/users", paging=Paging.MARKER, parameters={"usemarker": "true"}),),
            filters=(filters.starts_with("login", "filter_term"), filters.starts_with("name", "filter_term")),
            partial=True,
            calls=5,
            rows=1_000,
        ),
    ),
)

_COUNT: Final = 200
_LISTING_CALLS: Final = 3
_MEMBERS: Final = 10
"""How many groups there are thought to be, the calls that list them, and the members of each."""

_GROUPS: Final = Endpoint(path="/groups", paging=Paging.OFFSET, max_offset=MAX_OFFSET, lists={"group": "groups"})

groups: Final = Table(
    name="groups",
    doc="The groups of the enterprise.",
    reference="https://developer.box.com/reference/resources/group--full/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `group`."),
        Column("name", nullable=False, doc="The name."),
        Column("group_type", doc="`managed_group`, or `all_users_group`."),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
        Column("description", doc="The description."),
        Column("provenance", doc="Where it was synchronised from, such as `Active Directory`."),
        Column("external_sync_identifier", doc="Its id there."),
        Column("invitability_level", doc="Who may invite the group to collaborate."),
        Column("member_viewability_level", doc="Who may see its members."),
        Column(
            "can_invite_as_collaborator",
            Type.BOOLEAN,
            "permissions.can_invite_as_collaborator",
            doc="Whether the signed-in user may invite the group.",
        ),
    ),
    paths=(
        AccessPath(name="by id", endpoints=(Endpoint(path="/groups/{id}"),), keys=("id",), unique=True),
        AccessPath(
            name="all",
            endpoints=(_GROUPS,),
            filters=(filters.starts_with("name", "filter_term"),),
            calls=_LISTING_CALLS,
            rows=_COUNT,
        ),
    ),
)


def _memberships(of: str) -> Endpoint:
    return Endpoint(
        path=f"/{of}s/{{{of}_id}}/memberships",
        paging=Paging.OFFSET,
        max_offset=MAX_OFFSET,
        takes_fields=False,
        known=frozenset({f"{of}_id"}),
    )


memberships: Final = Table(
    name="memberships",
    doc="Which user belongs to which group. Without a key, those of all groups.",
    reference="https://developer.box.com/reference/resources/group-membership/",
    columns=(
        Column("id", nullable=False, doc="Box's id of the membership."),
        Column("type", nullable=False, doc="Always `group_membership`."),
        *user("user", "the member"),
        Column("group_id", source="group.id", references="groups.id", doc="Id of the group."),
        Column("group_name", source="group.name", doc="Name of the group."),
        Column("role", doc="`member`, or `admin` of the group."),
        Column("created_at", Type.TIMESTAMP, doc="When the user joined."),
        Column("modified_at", Type.TIMESTAMP, doc="When the membership was last changed."),
    ),
    paths=(
        AccessPath(name="by id", endpoints=(Endpoint(path="/group_memberships/{id}"),), keys=("id",), unique=True),
        AccessPath(name="by group", endpoints=(_memberships("group"),), keys=("group_id",), rows=_MEMBERS),
        AccessPath(name="by user", endpoints=(_memberships("user"),), keys=("user_id",), rows=2),
        AccessPath(
            name="of every group",
            endpoints=(_memberships("group"),),
            fan_out=FanOut(parents=_GROUPS, key="group_id"),
            calls=_LISTING_CALLS + _COUNT,
            rows=_COUNT * _MEMBERS,
        ),
    ),
)
