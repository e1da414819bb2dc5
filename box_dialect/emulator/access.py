"""Decide what a user may see, where it lies for them, and what they may do with it: the one rule for all operations.

Every user has a root folder "0" of their own. They may see what lies in it, what they own, and what they, or a group
that they belong to, collaborate on, each with all below it. What of that lies in a folder which they may not see, lies
in their root for them. A role gives permissions; of several roles on the way up from an item the permissions add up.
A shared link that a call names gives access for this call, also to all below what it leads to.

Sources: https://developer.box.com/reference/resources/collaboration and
https://support.box.com/hc/en-us/articles/360044196413
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from . import clock
from .model import Collaboration, Group, Membership

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Folder, Item, User

_PREVIEW = frozenset({"can_preview", "can_comment", "can_annotate", "can_view_annotations_all",
    "can_view_annotations_self"})  # fmt: skip
_UPLOAD = frozenset({"can_upload"})
_VIEW = _PREVIEW | {"can_download", "can_share"}
_EDIT = _VIEW | _UPLOAD | {"can_rename", "can_delete", "can_set_share_access", "can_invite_collaborator"}
OWNERS = ("owner", "co-owner")
PERMISSIONS = {
    "owner": _EDIT | {"can_apply_watermark"},
    "editor": _EDIT,
    "viewer": _VIEW,
    "previewer": _PREVIEW,
    "uploader": _UPLOAD,
    "previewer uploader": _PREVIEW | _UPLOAD,
    "viewer uploader": _VIEW | _UPLOAD,
    "co-owner": _EDIT | {"can_apply_watermark"},
}
ROLES = tuple(role for role in PERMISSIONS if role != "owner")

reader: ContextVar[User | None] = ContextVar("reader", default=None)
"""Whose call is answered: what is written of an item says where it lies, and what may be done with it, for them."""


class Grant(NamedTuple):
    """What gives a user access to an item: to do what, whether it shows in the root, whether with the path to it."""

    item: Item
    permissions: frozenset[str]
    is_owner: bool = False
    is_listed: bool = True
    shows_path: bool = False


opened: ContextVar[Grant | None] = ContextVar("opened", default=None)
"""What the shared link that a call names gives to who makes it."""


def grants(user: User, item: Item) -> Iterator[Grant]:
    """Yield what gives a user access to an item, from the item upward."""
    link = opened.get()
    if link is not None and (user is not reader.get() or item.is_trashed):
        link = None
    step: Item | None = item
    while step is not None:
        if step.owned_by is user:
            yield Grant(step, PERMISSIONS["owner"], is_owner=True)
        if link is not None and step is link.item:
            yield link
        for entry in step.of(Collaboration).values() if step.tables else ():  # most own nothing, and a call costs
            if _admits(entry, user):
                is_listed, shows_path = not entry.is_access_only, entry.can_view_path
                yield Grant(step, PERMISSIONS[entry.role], entry.role in OWNERS, is_listed, shows_path)
        step = step.parent


def _admits(entry: Collaboration, user: User) -> bool:
    if entry.status != "accepted" or (entry.expires_at is not None and entry.expires_at <= clock.now()):
        return False
    grantee = entry.accessible_by
    return grantee is user or (isinstance(grantee, Group) and is_member(user, grantee))


def is_member(user: User, group: Group) -> bool:
    """Tell whether a user belongs to a group."""
    return any(membership.group is group for membership in user.of(Membership).values())


def is_among(user: User, group: Group, level: str) -> bool:
    """Tell whether a user is among those whom a level of a group names: its invitability, or its members' viewability.

    `admins_only` are the administrators of the enterprise and of the group, `admins_and_members` all who belong to it
    besides, and `all_managed_users` all of the enterprise.
    """
    role = next((membership.role for membership in user.memberships.values() if membership.group is group), None)
    return (
        user.administers
        or role == "admin"
        or (level != "admins_only" and role is not None)
        or (level == "all_managed_users" and user.enterprise is not None)
    )


def may_see(user: User, item: Item) -> bool:
    """Tell whether a user may see an item; to anybody else it is as if it were not there."""
    return next(grants(user, item), None) is not None


def permissions(user: User, item: Item) -> frozenset[str]:
    """Return what a user may do with an item, in the words of its field `permissions`."""
    return frozenset[str]().union(*(grant.permissions for grant in grants(user, item)))


def owns(user: User, item: Item) -> bool:
    """Tell whether a user is an owner or a co-owner of an item."""
    return any(grant.is_owner for grant in grants(user, item))


def path(item: Item) -> list[Folder]:
    """Return the folders above an item, the nearest first, as the reader may see them; without a reader all of them.

    Above the highest folder that the reader may see comes their root, unless the access is to be listed nowhere.
    """
    above: list[Folder] = []
    step = item.parent
    while step is not None:
        above.append(step)
        step = step.parent
    user = reader.get()
    if user is None or not above or above[-1] is user.root:
        return above
    granted = list(grants(user, item))
    highest = [grant for grant in granted if grant.item is granted[-1].item]
    if any(grant.shows_path for grant in highest) or not highest:
        return above
    top = highest[0].item
    seen = [] if top is item else above[: above.index(top) + 1]  # type: ignore[arg-type]  # it is one of these
    return [*seen, user.root] if any(grant.is_listed for grant in highest) else seen


def gathered(user: User) -> list[Item]:
    """Return what lies in the root of a user for them only, because they may not see the folder that it lies in."""
    found = dict.fromkeys(item for item in user.owned if not _is_seen_above(user, item))
    grantees: list[User | Group] = [user, *(membership.group for membership in user.memberships.values())]
    for grantee in grantees:
        for entry in grantee.collaborations.values():
            if _admits(entry, user) and not entry.is_access_only and not _is_seen_above(user, entry.item):
                found[entry.item] = None
    return [item for item in found if not item.is_trashed]


def _is_seen_above(user: User, item: Item) -> bool:
    above = item.parent
    return above is not None and (above.owned_by is user or may_see(user, above))


def find(user: User, items: dict[str, dict[str, Item]], kind: str, identity: str) -> Item | None:
    """Return the item of a kind that has an id, or None for one that the user may not see."""
    if (kind, identity) == ("folder", "0"):
        return user.root
    item = items[kind].get(identity)
    return item if item is not None and may_see(user, item) else None
