"""Hold requests until something happens that concerns a user: the real-time server that long polling asks.

Source: https://developer.box.com/guides/events/user-events/polling
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from . import access, errors
from .paging import whole
from .reply import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Event, User
    from .state import State

PATH = "/subscribe"
TTL_MINUTES, MAX_RETRIES, RETRY_TIMEOUT_SECONDS = 10, 10, 610
HOLD_SECONDS = TTL_MINUTES * 60  # as long as a request is held where nothing happens


def channel_of(store: State, user: User) -> str:
    """Return the channel of a user, which nobody can guess: who knows it needs no token."""
    return f"{user.id}-{hmac.new(store.secret, user.id.encode(), hashlib.sha256).hexdigest()}"


ENTERPRISE_ONLY: Final = "METADATA_"
"""How the types of events begin that only the streams of the enterprise have."""


def concerns(user: User, event: Event) -> bool:
    """Tell whether an event belongs to the stream of a user, who did what it tells or may see what it is about."""
    if event.event_type.startswith(ENTERPRISE_ONLY):
        return False
    return event.created_by is user or (event.item is not None and access.may_see(user, event.item))


def position_of(text: str, end: int) -> int:
    """Read a position in the stream of events, which is the number of events before it; `end` is the newest one."""
    if text == "now":
        return end
    if text in ("", "null"):
        return 0
    try:
        return whole(text)
    except ValueError:
        why = "It must be a position that Box gave, 0 or now"
        raise errors.invalid_parameter("stream_position", text, why) from None


async def subscribe(store: State, query: Mapping[str, str]) -> Reply:
    """Answer `new_change` once an event after a position concerns the user of a channel, or `reconnect` after a while.

    Raises BoxError for a channel that is nobody's.
    """
    user = store.accounts.get(query.get("channel", "").partition("-")[0])
    if user is None or not hmac.compare_digest(channel_of(store, user).encode(), query["channel"].encode()):
        raise errors.not_found("channel", query.get("channel"))
    position = position_of(query.get("stream_position", "now"), len(store.events))
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    store.listeners.append(wake)
    try:
        async with asyncio.timeout(HOLD_SECONDS):
            while not any(concerns(user, event) for event in store.events[position:]):
                changed.clear()
                position = len(store.events)
                await changed.wait()
    except TimeoutError:
        return Reply(200, {"message": "reconnect"})
    finally:
        store.listeners.remove(wake)
    return Reply(200, {"message": "new_change"})
