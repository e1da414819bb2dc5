"""Users, groups and who belongs to them.

Sources: https://developer.box.com/reference/resources/user--full/, …/group--full/ and …/group-membership/
"""

from __future__ import annotations

import re
from typing import Final

from box_dialect.api import ApiPath, Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import NOTHING, user
from box_dialect.catalog.enterprise import USERS
from box_dialect.catalog.model import (
    DIGITS,
    AccessPath,
    Column,
    Derived,
    Endpoint,
    FanOut,
    Form,
    JsonObject,
    Location,
    Multipart,
    Remote,
    Table,
    Type,
    Write,
)

MAX_OFFSET: Final = 10_000


def _avatar(entry: JsonObject, _: Location | None) -> Remote:
    return Remote(ApiPath("/users/{id}/avatar", id=entry["id"]), None)


_INPUTS: Final = (
    Column(
        "force",
        Type.BOOLEAN,
        hidden=True,
        derived=NOTHING,
        doc="Compared in the WHERE of a DELETE: whether a user is deleted who still owns content, which goes too.",
    ),
    Column(
        "notify",
        Type.BOOLEAN,
        hidden=True,
        derived=NOTHING,
        update="notify",
        doc="Whether the user gets an e-mail: set by an UPDATE that takes them out of the enterprise, or compared in "
        "the WHERE of a DELETE.",
    ),
    Column(
        "is_password_reset_required",
        Type.BOOLEAN,
        hidden=True,
        derived=NOTHING,
        update="is_password_reset_required",
        doc="Set by an UPDATE: whether the user has to choose a new password.",
    ),
    Column(
        "avatar",
        Type.BLOB,
        hidden=True,
        derived=Derived(function=_avatar, fields=("id",)),
        update="pic",
        download_calls=1,
        doc="The picture, a PNG or JPEG of 1 MB and 1024 x 1024 pixels at most; NULL removes it. It is downloaded for "
        "each row in which a statement reads it.",
    ),
)

_PICTURES: Final = {b"\x89PNG\r\n\x1a\n": ("avatar.png", "image/png"), b"\xff\xd8": ("avatar.jpg", "image/jpeg")}
_SET_AVATAR: Final = Write(
    method="POST",
    path="/users/{id}/avatar",
    multipart=Multipart(column="avatar", file="pic", kinds=_PICTURES),
    columns=frozenset({"avatar"}),
    removal=Write(method="DELETE", path="/users/{id}/avatar"),
    answers=False,
    takes_fields=False,
)
_NONE: Final = Form("NULL alone, which takes the user out of the enterprise", lambda _: False)

users: Final = Table(
    name="users",
    distinct=True,
    doc="The managed users of the enterprise. The id `me` stands for the signed-in user; an external user, and the "
    "application's service account, is found by id.",
    reference="https://developer.box.com/reference/resources/user--full/",
    columns=(
        *_INPUTS,
        # SQLite would replace the id by 'me' in other comparisons of a join, were the collation the usual one.
        Column("id", nullable=False, collation="RTRIM", doc="Box's id; `id = 'me'` finds the signed-in user."),
        Column("type", nullable=False, doc="Always `user`."),
        Column("name", nullable=False, insert="name", update="name", doc="The name, of 50 characters at most."),
        Column(
            "login",
            insert="login",
            update="login",
            doc="The e-mail address that the user signs in with; an app user is made without.",
        ),
        Column("created_at", Type.TIMESTAMP, doc="When the account was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When the account was last changed."),
        Column(
            "status",
            insert="status",
            update="status",
            doc="`active`, `inactive`, or what is forbidden: `cannot_delete_edit`, `cannot_delete_edit_upload`.",
        ),
        Column("role", insert="role", update="role", doc="`admin`, `coadmin` or `user`; one of the latter is written."),
        Column("language", insert="language", update="language", doc="Language, ISO 639-1."),
        Column("timezone", insert="timezone", update="timezone", doc="Time zone, such as `Europe/Berlin`."),
        Column(
            "space_amount",
            Type.INTEGER,
            insert="space_amount",
            update="space_amount",
            doc="Storage granted, in bytes; -1 is without limit.",
        ),
        Column("space_used", Type.INTEGER, doc="Storage in use, in bytes."),
        Column("max_upload_size", Type.INTEGER, doc="Largest file that the user may upload, in bytes."),
        Column("job_title", insert="job_title", update="job_title", cleared="", doc="Job title."),
        Column("phone", insert="phone", update="phone", cleared="", doc="Phone number."),
        Column("address", insert="address", update="address", cleared="", doc="Address."),
        Column("avatar_url", doc="Where the picture is."),
        Column(
            "notification_email",
            source="notification_email.email",
            update="notification_email.email",
            removes="notification_email",
            doc="Second address for notifications.",
        ),
        Column(
            "notification_email_is_confirmed",
            Type.BOOLEAN,
            "notification_email.is_confirmed",
            doc="Whether that address is confirmed.",
        ),
        Column(
            "enterprise_id",
            source="enterprise.id",
            update="enterprise",
            cleared=None,
            form=_NONE,
            doc="Id of the enterprise; an external user shows none. An UPDATE to NULL takes the user out of it.",
        ),
        Column("enterprise_name", source="enterprise.name", doc="Name of the enterprise."),
        Column(
            "tracking_codes",
            Type.JSON,
            insert="tracking_codes",
            update="tracking_codes",
            doc="Tracking codes, a list of objects with name and value.",
        ),
        Column("my_tags", Type.JSON, doc="Tags of the user's items, a list of texts."),
        Column("hostname", doc="Host name that the user's links carry."),
        *(
            Column(name, Type.BOOLEAN, insert=name, update=name, doc=doc)
            for name, doc in (
                ("can_see_managed_users", "Whether the user sees the other managed users."),
                ("is_sync_enabled", "Whether the user may use Box Sync."),
                ("is_external_collab_restricted", "Whether external collaboration is forbidden."),
                ("is_exempt_from_device_limits", "Whether device limits do not apply."),
                ("is_exempt_from_login_verification", "Whether two-factor sign-in is not required."),
            )
        ),
        Column(
            "is_platform_access_only",
            Type.BOOLEAN,
            insert="is_platform_access_only",
            doc="Whether it is an app user, which cannot sign in itself.",
        ),
        Column(
            "external_app_user_id",
            insert="external_app_user_id",
            update="external_app_user_id",
            doc="The id that an application gave its app user.",
        ),
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
            endpoints=(USERS,),
            filters=(
                filters.starts_with("login", "filter_term"),
                filters.starts_with("name", "filter_term"),
                filters.equals("external_app_user_id"),
            ),
            partial=True,
            calls=5,
            rows=1_000,
        ),
    ),
    insert=Write(method="POST", path="/users", required=("name",)),
    update=Write(method="PUT", path="/users/{id}", then=(_SET_AVATAR,)),
    delete=Write(method="DELETE", path="/users/{id}", parameters={"force": "force", "notify": "notify"}),
)

_COUNT: Final = 200
_LISTING_CALLS: Final = 3
_MEMBERS: Final = 10
"""How many groups there are thought to be, the calls that list them, and the members of each."""

_GROUPS: Final = Endpoint(path="/groups", paging=Paging.OFFSET, max_offset=MAX_OFFSET, lists={"group": "groups"})

_WHO: Final = "`admins_only`, `admins_and_members` or `all_managed_users`"

groups: Final = Table(
    name="groups",
    doc="The groups of the enterprise.",
    reference="https://developer.box.com/reference/resources/group--full/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `group`."),
        Column("name", nullable=False, insert="name", update="name", doc="The name, unique in the enterprise."),
        Column("group_type", doc="`managed_group`, or `all_users_group`."),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
        Column("description", insert="description", update="description", cleared="", doc="The description."),
        *(
            Column(name, insert=name, update=name, doc=doc)
            for name, doc in (
                ("provenance", "Where it was synchronized from, such as `Active Directory`."),
                ("external_sync_identifier", "Its id there."),
                ("invitability_level", f"Who may invite the group to collaborate: {_WHO}."),
                ("member_viewability_level", f"Who may see its members: {_WHO}."),
            )
        ),
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
    insert=Write(method="POST", path="/groups", required=("name",)),
    update=Write(method="PUT", path="/groups/{id}"),
    delete=Write(method="DELETE", path="/groups/{id}"),
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
        Column(
            "configurable_permissions",
            Type.JSON,
            hidden=True,
            derived=NOTHING,
            insert="configurable_permissions",
            update="configurable_permissions",
            cleared=None,
            doc="What an administrator of the group may do, an object of booleans, to be written; NULL allows all.",
        ),
        Column("id", nullable=False, doc="Box's id of the membership."),
        Column("type", nullable=False, doc="Always `group_membership`."),
        *user("user", "the member", insert={"id": "user.id"}),
        Column("group_id", source="group.id", references="groups.id", insert="group.id", doc="Id of the group."),
        Column("group_name", source="group.name", doc="Name of the group."),
        Column("role", insert="role", update="role", doc="`member`, or `admin` of the group."),
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
    insert=Write(method="POST", path="/group_memberships", required=("user_id", "group_id")),
    update=Write(method="PUT", path="/group_memberships/{id}"),
    delete=Write(method="DELETE", path="/group_memberships/{id}"),
)
