"""Serve what users did something with lately: a list of each user's own, which follows the events.

Source: https://developer.box.com/reference/resources/recent-item
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from box_dialect.emulator import clock
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.resource import List, Resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.model import Item, User
    from box_dialect.emulator.routing import Call
    from box_dialect.emulator.state import State

MANY = 1000
INTERACTIONS = {
    "ITEM_PREVIEW": "item_preview",
    "ITEM_UPLOAD": "item_upload",
    "COMMENT_CREATE": "item_comment",
    "ITEM_OPEN": "item_open",
    "ITEM_DOWNLOAD": "item_open",
    "ITEM_CREATE": "item_modify",
    "ITEM_COPY": "item_modify",
    "ITEM_MODIFY": "item_modify",
    "ITEM_RENAME": "item_modify",
    "ITEM_MOVE": "item_modify",
    "ITEM_MAKE_CURRENT_VERSION": "item_modify",
}
"""The kind of interaction that an event is; any other event is none."""


@dataclass(slots=True, eq=False, kw_only=True)
class RecentItem(Entity):
    """The last that a user did with an item, and when, which is `created_at`."""

    type, table, first_id = "recent_item", "recent_items", 5_103_000_001
    owners = ("item", "user")
    item: Item
    user: User
    interaction_type: str


def interact(store: State, user: User, item: Item, interaction_type: str, at: int | None = None) -> RecentItem:
    """Let an item be the most recent one of a user, of whose others the last thousand are kept."""
    before = next((each for each in item.of(RecentItem).values() if each.user is user), None)
    if before is not None:
        store.remove(before)
    found = user.of(RecentItem)
    if len(found) >= MANY:
        store.remove(next(iter(found.values())))
    return store.add(RecentItem(item=item, user=user, interaction_type=interaction_type), at)


def follow(store: State) -> None:
    """Note the interaction that the last event is, if it is one."""
    event = store.events[-1]
    interaction_type = INTERACTIONS.get(event.event_type)
    if interaction_type is not None and event.item is not None:
        interact(store, event.created_by, event.item, interaction_type, event.created_at)


def _rows(call: Call) -> Iterable[RecentItem]:
    """Return those of who is signed in, the most recent first, without what is trashed or no longer theirs to see."""
    found = reversed(list(call.user.of(RecentItem).values()))
    return [each for each in found if not each.item.is_trashed and call.sees(each.item)]


RECENT_ITEMS = Resource(
    RecentItem,
    List("/recent_items", rows=_rows, page=marker_page),
    base=("type",),
    mini=("item", "interaction_type", "interacted_at", "interaction_shared_link"),
    computed={
        "interacted_at": lambda recent: clock.stamp(recent.created_at),
        "interaction_shared_link": lambda _: None,
    },
)
