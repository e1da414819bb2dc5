"""Who collaborates on what, and what they say.

Sources: https://developer.box.com/reference/resources/collaboration/ and …/comment--full/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING, user
from box_dialect.catalog.folder_items import FILES, FOLDER_ITEMS, FOLDERS
from box_dialect.catalog.model import (
    AccessPath,
    Column,
    Completion,
    Derived,
    Endpoint,
    FanOut,
    Fetch,
    Having,
    JsonObject,
    Table,
    Target,
    Type,
    Write,
    dig,
)
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.tables.people import MAX_OFFSET


def _grantee(kind: str) -> Derived:
    def read(entry: JsonObject, _: object) -> Any:
        return dig(entry, "accessible_by", "id") if dig(entry, "accessible_by", "type") == kind else None

    return Derived(function=read, fields=("accessible_by",))


def _collaborations(kind: str) -> Endpoint:
    return Endpoint(
        path=f"/{kind}s/{{item_id}}/collaborations",
        paging=Paging.MARKER,
        known=frozenset({"item_id"}),
        given={"item_type": kind},
        parent_type=kind,
        own="item.id",
    )


_SHARED: Final = 0.025
_COMMENTED: Final = 0.1
"""The part of the items that is thought to have collaborations, and that of the files that has comments."""

_REQUIREMENTS: Final = "acceptance_requirements_status"


async def _find_requirements(collaboration: JsonObject, fetch: Fetch) -> None:
    """Ask for what Box tells only when it is named, where the listing takes no names."""
    answer = await fetch(collaboration["id"])
    collaboration[_REQUIREMENTS] = None if answer is None else answer.get(_REQUIREMENTS)


_PENDING: Final = Endpoint(
    path="/collaborations", paging=Paging.OFFSET, max_offset=MAX_OFFSET, parameters={"status": "pending"}
)
"""What the signed-in user is invited to."""

_ON_ITEMS: Final = (_collaborations("file"), _collaborations("folder"))

collaborations: Final = Table(
    name="collaborations",
    doc="Who has access to which file or folder, or is invited to it. Without a key, those of every file and folder "
    "that the signed-in user sees, each listed at the item that it was given for, and what the user is invited to.",
    reference="https://developer.box.com/reference/resources/collaboration/",
    columns=(
        AS_USER,
        Column(
            "invitee",
            hidden=True,
            derived=NOTHING,
            doc="`invitee = 'me'` finds what the signed-in user is invited to, and has not answered, by one call.",
        ),
        Column(
            "notify",
            Type.BOOLEAN,
            hidden=True,
            derived=NOTHING,
            insert="notify",
            doc="Set by an INSERT: whether who gets access is told by e-mail.",
        ),
        Column(
            "can_view_path",
            Type.BOOLEAN,
            hidden=True,
            derived=NOTHING,
            insert="can_view_path",
            update="can_view_path",
            doc="Whether who has access to a folder sees the folders above it; Box does not tell.",
        ),
        Column("id", nullable=False, doc="Box's id of the collaboration."),
        Column("type", nullable=False, doc="Always `collaboration`."),
        Column(
            "item_id",
            source="item.id",
            target=Target(by="item_type", tables={"file": "files.id", "folder": "folders.id"}),
            insert="item.id",
            doc="Id of the file or folder; none where the signed-in user is invited to it.",
        ),
        Column("item_type", source="item.type", insert="item.type", doc="`file` or `folder`."),
        Column("item_name", source="item.name", doc="Name of the file or folder."),
        Column("app_item_id", source="app_item.id", doc="Id of the Box app item, where it was given on one."),
        Column("app_item_type", source="app_item.type", doc="Type of the Box app item."),
        Column(
            "accessible_by_id",
            source="accessible_by.id",
            insert="accessible_by.id",
            doc="Id of the user or group that has access.",
        ),
        Column(
            "accessible_by_type",
            source="accessible_by.type",
            insert="accessible_by.type",
            doc="`user`, as INSERT takes it, or `group`.",
        ),
        Column("accessible_by_name", source="accessible_by.name", doc="Name of the user or group."),
        Column(
            "accessible_by_login",
            source="accessible_by.login",
            insert="accessible_by.login",
            doc="Login of the user; an INSERT may have an address that is nobody's yet.",
        ),
        Column(
            "user_id", derived=_grantee("user"), references="users.id", doc="Id of the user, where a user has access."
        ),
        Column(
            "group_id",
            derived=_grantee("group"),
            references="groups.id",
            doc="Id of the group, where a group has access.",
        ),
        Column("invite_email", doc="Address that was invited and has no account yet."),
        Column(
            "role",
            insert="role",
            update="role",
            doc="`editor`, `viewer`, `previewer`, `uploader`, their pairs, `co-owner` or `owner`. An UPDATE to `owner` "
            "hands the item over: Box removes the collaboration, and makes one of who owned it.",
        ),
        Column(
            "status",
            update="status",
            doc="`accepted`, `pending` or `rejected`, which who is invited sets.",
        ),
        Column(
            "is_access_only",
            Type.BOOLEAN,
            insert="is_access_only",
            doc="Whether the item stays out of the user's All Files.",
        ),
        Column("expires_at", Type.TIMESTAMP, insert="expires_at", update="expires_at", doc="When the access ends."),
        Column("acknowledged_at", Type.TIMESTAMP, doc="When the invitation was answered."),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
        *user("created_by", "the user who invited"),
        Column(_REQUIREMENTS, Type.JSON, doc="What has to be met before it can be accepted."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/collaborations/{id}"),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(name="by item", endpoints=_ON_ITEMS, keys=("item_id",), calls=2, rows=0.1),
        AccessPath(
            name="by group",
            endpoints=(
                Endpoint(
                    path="/groups/{group_id}/collaborations",
                    paging=Paging.OFFSET,
                    max_offset=MAX_OFFSET,
                    takes_fields=False,
                    known=frozenset({"group_id"}),
                    complete=Completion(
                        columns=frozenset({_REQUIREMENTS}),
                        path="/collaborations/{id}",
                        fields=frozenset({_REQUIREMENTS}),
                        add=_find_requirements,
                    ),
                ),
            ),
            keys=("group_id",),
            calls=2,
            rows=50,
        ),
        AccessPath(
            name="by invitee",
            endpoints=(replace(_PENDING, known=frozenset({"invitee"})),),
            keys=("invitee",),
            accepts=re.compile("me"),
        ),
        AccessPath(
            name="of every item",
            endpoints=_ON_ITEMS,
            also=(_PENDING,),
            fan_out=FanOut(
                parents=FOLDER_ITEMS, key="item_id", walk=True, having=Having("has_collaborations"), share=_SHARED
            ),
            calls=1 + FOLDERS + _SHARED * (FILES + FOLDERS),
            rows=0.1 * (FILES + FOLDERS),
        ),
    ),
    insert=Write(
        method="POST",
        path="/collaborations",
        required=("item_id", "item_type", "role"),
        either=(("accessible_by_id", "accessible_by_login"),),
        body={"accessible_by": {"type": "user"}},
        parameters={"notify": "notify"},
    ),
    # Box answers less of a row than it has, and nothing of one that it has removed.
    update=Write(method="PUT", path="/collaborations/{id}", answers=False, takes_fields=False),
    delete=Write(method="DELETE", path="/collaborations/{id}"),
)


async def _find_file(comment: JsonObject, fetch: Fetch) -> None:
    """Follow a reply to the file that its thread is on; Box names the comment replied to as the reply's item."""
    item = comment.get("item")
    while item is not None and item["type"] == "comment":
        answer = await fetch(item["id"])
        item = None if answer is None else answer.get("item")
    comment["thread_item"] = item


def _thread_item(key: str) -> Derived:
    return Derived(function=lambda entry, _: dig(entry, "thread_item", key), fields=("item",))


def _reply_to(entry: JsonObject, _: object) -> Any:
    return dig(entry, "item", "id") if dig(entry, "item", "type") == "comment" else None


_COMMENTS: Final = Endpoint(
    path="/files/{item_id}/comments",
    paging=Paging.OFFSET,
    max_offset=MAX_OFFSET,
    known=frozenset({"item_id"}),
    given={"item_type": "file"},
    parent_type="file",
    lists={"comment": "comments"},
)

comments: Final = Table(
    name="comments",
    doc="What users say on files, replies included. Without a key, the comments of every file that the signed-in user "
    "sees.",
    reference="https://developer.box.com/reference/resources/comment--full/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id of the comment."),
        Column("type", nullable=False, doc="Always `comment`."),
        Column(
            "item_id",
            derived=_thread_item("id"),
            references="files.id",
            relation="file",
            insert="item.id",
            doc="Id of the file; for a reply, of the file that its thread is on.",
        ),
        Column(
            "item_type", derived=_thread_item("type"), insert="item.type", doc="`file`; `comment` on INSERT of a reply."
        ),
        Column("message", insert="message", update="message", doc="The text."),
        Column(
            "tagged_message",
            insert="tagged_message",
            doc="The text with its mentions, `@[USER_ID:NAME]`; given beside `message`, the text without them.",
        ),
        Column("is_reply_comment", Type.BOOLEAN, doc="Whether it answers another comment."),
        Column(
            "reply_to_id",
            derived=Derived(function=_reply_to, fields=("item",)),
            references="comments.id",
            reverse="replies",
            doc="Id of the comment that it answers.",
        ),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
        *user("created_by", "the author"),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(
                Endpoint(
                    path="/comments/{id}",
                    complete=Completion(
                        columns=frozenset({"item_id", "item_type"}),
                        path="/comments/{id}",
                        fields=frozenset({"item"}),
                        add=_find_file,
                    ),
                ),
            ),
            keys=("id",),
            unique=True,
        ),
        AccessPath(name="by file", endpoints=(_COMMENTS,), keys=("item_id",), rows=0.3),
        AccessPath(
            name="of every file",
            endpoints=(_COMMENTS,),
            fan_out=FanOut(
                parents=FOLDER_ITEMS, key="item_id", walk=True, having=Having("comment_count"), share=_COMMENTED
            ),
            calls=FOLDERS + _COMMENTED * FILES,
            rows=0.3 * FILES,
        ),
    ),
    insert=Write(method="POST", path="/comments", required=("item_id", "message"), body={"item": {"type": "file"}}),
    update=Write(method="PUT", path="/comments/{id}"),
    delete=Write(method="DELETE", path="/comments/{id}"),
)
