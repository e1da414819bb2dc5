"""Procedures on users: their content, their sessions, and who is no user of the enterprise.

Source: https://developer.box.com/reference/resources/user/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.api_versions import V2025_0
from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.procedure import Call, Input, Procedure

from ._items import references

_MESSAGE: Final = (Column("Message", doc="What Box says: it does that in its own time."),)

transfer_owned_content: Final = Procedure(
    name="TransferOwnedContent",
    doc="Move all that a user owns to a new folder of another user, as before the user is deleted.",
    reference="https://developer.box.com/reference/put-users-id-folders-0/",
    inputs=(
        Input(name="UserId", required=True, doc="Id of the user who owns it."),
        Input(name="OwnedById", required=True, body="owned_by.id", doc="Id of the user who gets it."),
        Input(name="Notify", type=Type.BOOLEAN, query="notify", doc="Whether users are told by e-mail."),
    ),
    outputs=(
        Column("Id", doc="Id of the folder."),
        Column("Name", doc="Its name."),
        Column("OwnedById", source="owned_by.id", doc="Id of the user who owns it now."),
    ),
    side_effect=True,
    call=Call(method="PUT", path="/users/{user_id}/folders/0", parameters={"fields": "id,name,owned_by"}),
)

terminate_user_sessions: Final = Procedure(
    name="TerminateUserSessions",
    doc="Sign users out everywhere, by their ids, their logins or both.",
    reference="https://developer.box.com/reference/post-users-terminate-sessions/",
    inputs=(
        Input(name="UserIds", several=True, body="user_ids", doc="Ids of users."),
        Input(name="UserLogins", several=True, body="user_logins", doc="Logins of users."),
    ),
    outputs=_MESSAGE,
    side_effect=True,
    call=Call(method="POST", path="/users/terminate_sessions", body={"user_ids": [], "user_logins": []}),
)

terminate_group_sessions: Final = Procedure(
    name="TerminateGroupSessions",
    doc="Sign all members of groups out everywhere.",
    reference="https://developer.box.com/reference/post-groups-terminate-sessions/",
    inputs=(Input(name="GroupIds", required=True, several=True, body="group_ids", doc="Ids of groups."),),
    outputs=_MESSAGE,
    side_effect=True,
    call=Call(method="POST", path="/groups/terminate_sessions"),
)

submit_external_users_delete_job: Final = Procedure(
    name="SubmitExternalUsersDeleteJob",
    doc="Take users of other enterprises off all that they collaborate on here. Box does that in its own time.",
    reference="https://developer.box.com/reference/v2025.0/post-external-users-submit-delete-job/",
    inputs=(
        Input(
            name="UserIds",
            required=True,
            several=True,
            body="external_users",
            sent=references("user"),
            doc="Ids of the users.",
        ),
    ),
    outputs=(
        Column("UserId", doc="Id of a user."),
        Column("Status", Type.INTEGER, doc="What became of it, as an HTTP status: 202 where Box has taken it on."),
        Column("Detail", doc="What is wrong, where Box has not."),
    ),
    side_effect=True,
    several=True,
    call=Call(method="POST", path="/external_users/submit_delete_job", headers=V2025_0, rows="entries"),
)
