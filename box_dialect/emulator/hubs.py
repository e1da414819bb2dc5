"""Keep hubs: who may do what with them, their items, and their documents.

Sources: https://developer.box.com/reference/v2025.0/resources/hub/ and
https://developer.box.com/reference/v2025.0/resources/hub-document-page/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .access import is_member
from .entities import Entity
from .metadata.taxonomies import identify
from .model import Group

if TYPE_CHECKING:
    from .model import Item, User
    from .state import State

VERSION: Final = "2025.0"
ROLES: Final = ("viewer", "editor", "co-owner")
"""What a collaborator of a hub may be, each more than the one before; its owner is more than all."""


@dataclass(slots=True, eq=False, kw_only=True)
class Hub(Entity):
    """A page of content that lies anywhere; it belongs to who made it."""

    type, table, first_id, owners = "hubs", "hubs", 2_170_000_001, ("created_by",)
    title: str
    created_by: User
    updated_by: User
    description: str = ""
    view_count: int = 0
    last_accessed_at: int | None = None
    is_ai_enabled: bool = True
    is_collaboration_restricted_to_enterprise: bool = False
    can_non_owners_invite: bool = True
    can_shared_link_be_created: bool = True
    can_public_shared_link_be_created: bool = False
    copy_hub_access: str = "all"

    def role_of(self, user: User) -> str | None:
        """Return what a user is to the hub: `owner`, one of `ROLES`, or None."""
        if user is self.created_by:
            return "owner"
        roles = [each.role for each in self.of(HubCollaboration).values() if each.admits(user)]
        return max(roles, key=ROLES.index, default=None)

    def may(self, user: User, role: str) -> bool:
        """Tell whether a user is as much as a role to the hub."""
        known = self.role_of(user)
        return known == "owner" or (known is not None and ROLES.index(known) >= ROLES.index(role))


@dataclass(slots=True, eq=False, kw_only=True)
class HubCollaboration(Entity):
    """What a user or a group may do with a hub."""

    type, table, first_id = "hub_collaboration", "hub_collaborations", 2_180_000_001
    owners, unique = ("hub", "accessible_by"), ("hub", "accessible_by")
    hub: Hub
    accessible_by: User | Group
    role: str
    status: str = "accepted"

    def admits(self, user: User) -> bool:
        """Tell whether a user is who, or is among those who, this is about."""
        grantee = self.accessible_by
        return self.status == "accepted" and (
            is_member(user, grantee) if isinstance(grantee, Group) else grantee is user
        )


@dataclass(slots=True, eq=False, kw_only=True)
class HubPage(Entity):
    """A page of a hub's document."""

    type, table, first_id, owners = "page", "hub_document_pages", 2_190_000_001, ("hub", "parent")
    hub: Hub
    title_fragment: str
    parent: HubPage | None = None

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)


@dataclass(slots=True, eq=False, kw_only=True)
class HubBlock(Entity):
    """A part of a page, of one of Box's kinds; one of the kind `item_list` has items, others may have a text."""

    type, table, first_id, owners = "hub_block", "hub_document_blocks", 2_200_000_001, ("page", "parent")
    page: HubPage
    kind: str
    fragment: str | None = None
    parent: HubBlock | None = None

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)


@dataclass(slots=True, eq=False, kw_only=True)
class HubItem(Entity):
    """That an item stands in a list of a hub."""

    type, table, first_id = "hub_item", "hub_items", 2_210_000_001
    owners, unique = ("hub", "item", "block"), ("hub", "item")
    hub: Hub
    item: Item
    block: HubBlock


def add_hub(store: State, title: str, owner: User, description: str = "", at: int | None = None) -> Hub:
    """Make a hub, whose document has a page with an empty list of items."""
    made = Hub(title=title, description=description, created_by=owner, updated_by=owner)
    return furnish(store, store.add(made, at), at)


def furnish(store: State, hub: Hub, at: int | None = None) -> Hub:
    """Give a hub's document its first page."""
    page = store.add(HubPage(hub=hub, title_fragment=hub.title), at)
    store.add(HubBlock(page=page, kind="item_list"), at)
    return hub


def blocks(hub: Hub) -> dict[str, HubBlock]:
    """Return the blocks of all pages of a hub, by id."""
    return {each.id: each for page in hub.of(HubPage).values() for each in page.of(HubBlock).values()}


def first_list(hub: Hub) -> HubBlock:
    """Return the first list of items of a hub."""
    return next(block for block in blocks(hub).values() if block.kind == "item_list")
