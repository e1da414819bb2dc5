"""Serve the transfer of all that a user owns to another user.

Source: https://developer.box.com/reference/put-users-id-folders-0/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.bodies import Identified
from box_dialect.emulator.model import User
from box_dialect.emulator.representations import render
from box_dialect.emulator.resource import Resource

from .items import check_storage, clash
from .users import SCOPES

if TYPE_CHECKING:
    from box_dialect.emulator.model import Folder
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

TRANSFERS = Resource[Any]()


class Transfer(TypedDict):
    """To whom."""

    owned_by: Identified


def _managed(call: Call, identity: str) -> User:
    """Return a user of the enterprise, as only these give and get."""
    user = call.found(User, identity)
    if user.enterprise is None:
        raise errors.forbidden("Content is transferred between managed users only")
    return user


def _free(root: Folder, name: str) -> str:
    free, number = name, 1
    while clash(root, free) is not None:
        free, number = f"{name} ({number})", number + 1
    return free


@TRANSFERS.operation("PUT", "/users/{user_id}/folders/0", Transfer)
def transfer(call: Call) -> Json:
    """Move what lies in a user's root to a new folder in that of another one, who gets the user's other items, too.

    All is done before the answer.
    """
    call.require_administrator(*SCOPES)
    call.require_scope("root_readwrite")
    call.flag("notify")
    user, heir = _managed(call, call.id), _managed(call, call.json["owned_by"]["id"])
    if user is heir:
        raise errors.forbidden("Content cannot be transferred to its owner")
    check_storage(heir, user.space_used)
    name = _free(heir.root, f"{user.name}'s Files and Folders")
    place = call.store.add_folder(name, heir.root, call.user)
    for item in list(user.root.children.values()):
        call.store.relocate(item, place, item.name)
    for item in list(user.owned):
        call.store.own(item, heir)
    call.store.record("ITEM_MOVE", call.user, place)
    return render(place, "standard", call.fields)
