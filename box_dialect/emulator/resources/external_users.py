"""Serve the removal of external users from what they collaborate on here.

Source: https://developer.box.com/reference/v2025.0/post-external-users-submit-delete-job/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import Resource

from .users import SCOPES

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

EXTERNAL_USERS = Resource[Any]()


class _User(TypedDict):
    type: Literal["user"]
    id: str


class DeleteJob(TypedDict):
    """Who is to be removed."""

    external_users: list[_User]


def _remove(call: Call, identity: str) -> Json:
    """Remove a user from all collaborations on what is the enterprise's, and return what becomes of it."""
    user = call.store.users.get(identity)
    if user is None or user.enterprise is not None:
        return {"user_id": identity, "status": 404, "detail": "The external user was not found"}
    for collaboration in list(user.collaborations.values()):
        if collaboration.item.owned_by.enterprise is not None:
            call.store.remove(collaboration)
            call.store.record("COLLAB_REMOVE_COLLABORATOR", call.user, collaboration.item)
    return {"user_id": identity, "status": 202}


@EXTERNAL_USERS.operation("POST", "/external_users/submit_delete_job", DeleteJob, version="2025.0")
def submit_delete_job(call: Call) -> Reply:
    """Remove external users, and answer 207 with a status for each; the job is done before the answer."""
    call.require_scope(*SCOPES)
    if not call.user.administers:
        raise errors.not_found("external_users", call.user.id)
    entries = [_remove(call, each["id"]) for each in call.json["external_users"]]
    return Reply(207, {"entries": entries})
