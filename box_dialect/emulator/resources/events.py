"""Serve the event streams: of a user, and of the enterprise for its administrators.

Source: https://developer.box.com/reference/get-events
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.emulator import clock, errors
from box_dialect.emulator.model import Folder
from box_dialect.emulator.paging import limit_of
from box_dialect.emulator.realtime import (
    MAX_RETRIES,
    PATH,
    RETRY_TIMEOUT_SECONDS,
    TTL_MINUTES,
    channel_of,
    concerns,
    position_of,
)
from box_dialect.emulator.representations import mini
from box_dialect.emulator.resource import Resource

if TYPE_CHECKING:
    from box_dialect.emulator.model import Event, Item
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

USER_STREAMS, ENTERPRISE_STREAMS = ("all", "changes", "sync"), ("admin_logs", "admin_logs_streaming")
DEFAULT_LIMIT, MAX_LIMIT = 100, 500
SCOPES = ("root_readonly", "root_readwrite")
# What changes the tree: "changes" and "sync" leave out the rest, such as comments and downloads.
_CHANGES = ("ITEM_CREATE", "ITEM_UPLOAD", "ITEM_MODIFY", "ITEM_RENAME", "ITEM_MOVE", "ITEM_COPY", "ITEM_TRASH",
    "ITEM_UNDELETE_VIA_TRASH", "COLLAB_ADD_COLLABORATOR", "COLLAB_REMOVE_COLLABORATOR", "LOCK_CREATE",
    "LOCK_DESTROY")  # fmt: skip
# How the enterprise's streams name what the user's stream names otherwise; the rest is named alike.
ENTERPRISE_NAMES = {
    "ITEM_UPLOAD": "UPLOAD",
    "ITEM_MODIFY": "EDIT",
    "ITEM_RENAME": "RENAME",
    "ITEM_MOVE": "MOVE",
    "ITEM_COPY": "COPY",
    "ITEM_TRASH": "DELETE",
    "ITEM_UNDELETE_VIA_TRASH": "UNDELETE",
    "ITEM_DOWNLOAD": "DOWNLOAD",
    "ITEM_SHARED": "SHARE",
    "ITEM_SHARED_UNSHARE": "UNSHARE",
    "LOCK_CREATE": "LOCK",
    "LOCK_DESTROY": "UNLOCK",
    "COLLAB_ADD_COLLABORATOR": "COLLABORATION_ACCEPT",
    "COLLAB_INVITE_COLLABORATOR": "COLLABORATION_INVITE",
    "COLLAB_REMOVE_COLLABORATOR": "COLLABORATION_REMOVE",
    "COLLAB_ROLE_CHANGE": "COLLABORATION_ROLE_CHANGE",
}
EVENTS = Resource[Any]()


@EVENTS.operation("GET", "/events")
def list_events(call: Call) -> Json:
    """List events from a position in a stream on, those of `admin_logs` by their time."""
    stream = call.query.get("stream_type") or "all"
    if stream not in USER_STREAMS + ENTERPRISE_STREAMS:
        raise errors.invalid_parameter("stream_type", stream, "There is no such stream")
    is_enterprise = stream in ENTERPRISE_STREAMS
    if is_enterprise:
        call.require_administrator("manage_enterprise_properties")
    else:
        call.require_scope(*SCOPES)
    events, limit = call.store.events, limit_of(call.query, DEFAULT_LIMIT, MAX_LIMIT)
    if stream == "admin_logs":
        events = sorted(events, key=lambda event: event.created_at)
    position = position_of(call.query.get("stream_position", ""), len(events))
    is_wanted = _Filter(call, stream)
    found: list[Event] = []
    while position < len(events) and len(found) < limit:
        found.extend([events[position]] if is_wanted(events[position]) else [])
        position += 1
    return {
        "chunk_size": len(found),
        "next_stream_position": str(position) if is_enterprise else position,  # both occur at Box
        "entries": [_render(event, is_enterprise=is_enterprise) for event in found],
    }


class _Filter:
    """Tell whether an event belongs to a stream and to the period and types that a call asks for."""

    def __init__(self, call: Call, stream: str) -> None:
        self.only_changes, self.only_synced = stream in ("changes", "sync"), stream == "sync"
        by_type, by_time = stream in ENTERPRISE_STREAMS, stream == "admin_logs"
        types = call.query.get("event_type", "") if by_type else ""
        self.types = {name.strip() for name in types.split(",")} if types else None
        self.after = _time(call, "created_after") if by_time else None
        self.before = _time(call, "created_before") if by_time else None
        self._call, self._is_of_user = call, stream in USER_STREAMS

    def __call__(self, event: Event) -> bool:
        if self._is_of_user and not concerns(self._call.user, event):
            return False
        if self.only_changes and event.event_type not in _CHANGES:
            return False
        if self.only_synced and not (event.item is not None and _is_synced(event.item)):
            return False
        if self.types is not None and _enterprise_name(event) not in self.types:
            return False
        return (self.after is None or event.created_at >= self.after) and (
            self.before is None or event.created_at <= self.before
        )


def _is_synced(item: Item) -> bool:
    """Tell whether an item is, or lies in, a folder that a desktop keeps in step."""
    step: Item | None = item
    while step is not None and not (isinstance(step, Folder) and step.sync_state == "synced"):
        step = step.parent
    return step is not None


def _time(call: Call, name: str) -> int | None:
    text = call.query.get(name)
    if not text:
        return None
    try:
        return clock.parse(text.replace(" ", "+"))  # a plus sign that was not escaped
    except ValueError:
        raise errors.invalid_parameter(name, text, f"'{name}' must be a date and time of RFC 3339") from None


def _enterprise_name(event: Event) -> str:
    return ENTERPRISE_NAMES.get(event.event_type, event.event_type)


def _render(event: Event, *, is_enterprise: bool) -> Json:
    body: Json = {
        "type": "event",
        "event_id": event.event_id,
        "event_type": _enterprise_name(event) if is_enterprise else event.event_type,
        "created_by": mini(event.created_by),
        "created_at": clock.stamp(event.created_at),
        "recorded_at": clock.stamp(event.created_at),
        "source": event.sources()[is_enterprise],
    }
    if is_enterprise:
        body |= {"additional_details": {"version_id": None}, "ip_address": "127.0.0.1", "action_by": None}
    return body


@EVENTS.operation("OPTIONS", "/events")
def find_realtime_server(call: Call) -> Json:
    """Tell where changes can be waited for."""
    call.require_scope(*SCOPES)
    server = {
        "type": "realtime_server",
        "url": f"{call.base_url}{PATH}?channel={channel_of(call.store, call.user)}&stream_type=all",
        "ttl": str(TTL_MINUTES),
        "max_retries": str(MAX_RETRIES),
        "retry_timeout": RETRY_TIMEOUT_SECONDS,
    }
    return {"chunk_size": 1, "entries": [server]}
