"""Serve the ends of the sessions of users, and of all who belong to groups.

At Box that is done after the answer; here it is done before, and of users who are named twice once.

Source: https://developer.box.com/reference/post-users-terminate-sessions/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.model import Group, User
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import Resource

from .groups import administers
from .users import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.routing import Call

MESSAGE = "Request is successful, please check the admin events for the status of the job"
SESSION_TERMINATIONS = Resource[Any]()


class Users(TypedDict):
    """The users whose sessions are to end, by either."""

    user_ids: list[str]
    user_logins: list[str]


class Groups(TypedDict):
    """The groups the sessions of whose members are to end."""

    group_ids: list[str]


def _who(call: Call, login: str) -> User:
    user: User | None = call.store.account_of(login)
    if user is None:
        raise errors.not_found("user", login)
    return user


def _end(call: Call, users: Iterable[User]) -> Reply:
    for user in dict.fromkeys(users):
        call.store.sign_out(user)
    return Reply(202, {"message": MESSAGE})


@SESSION_TERMINATIONS.operation("POST", "/users/terminate_sessions", Users)
def end_sessions_of_users(call: Call) -> Reply:
    """End the sessions of users, all of whom there must be."""
    call.require_administrator(*SCOPES)
    ids, logins = call.json["user_ids"], call.json["user_logins"]
    if not ids and not logins:
        raise errors.invalid_parameter("user_ids", "[]", "Users can not be NULL or EMPTY")
    by_id = [call.found(User, identity) for identity in ids]
    return _end(call, [*by_id, *(_who(call, login) for login in logins)])


@SESSION_TERMINATIONS.operation("POST", "/groups/terminate_sessions", Groups)
def end_sessions_of_groups(call: Call) -> Reply:
    """End the sessions of who belongs to groups, all of which there must be."""
    administers(call)
    ids = call.json["group_ids"]
    if not ids:
        raise errors.invalid_parameter("group_ids", "[]", "Groups can not be NULL or EMPTY")
    groups = [call.found(Group, identity) for identity in ids]
    return _end(call, [membership.user for group in groups for membership in group.memberships.values()])
