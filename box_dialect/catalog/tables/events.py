"""What happened, as Box's event streams tell it.

Source: https://developer.box.com/reference/get-events/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import NOTHING, user
from box_dialect.catalog.model import (
    EXACT,
    RANGE,
    AccessPath,
    Bound,
    Column,
    Derived,
    Endpoint,
    FanOut,
    Filter,
    JsonObject,
    Op,
    Table,
    Type,
    dig,
)
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.errors import ProgrammingError, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAGE: Final = 500
_OF_USER: Final = ("all", "changes", "sync")
_OF_ENTERPRISE: Final = ("admin_logs", "admin_logs_streaming")


def _when(bound: Bound, keys: Mapping[str, str]) -> Mapping[str, str]:
    """Bound the time of `admin_logs`; the other streams do not take it."""
    if keys["stream_type"] != "admin_logs":
        return {}
    low, high = filters.bounds(bound)
    return {name: value for name, value in (("created_after", low), ("created_before", high)) if value}


_FORM: Final = re.compile(r"[^\s:]{1,500}(?::[^\s:]{1,500})?")


def _behind(bound: Bound, _: Mapping[str, str]) -> Mapping[str, str]:
    """Continue the stream; raises ProgrammingError for what is no position, since Box would begin anew."""
    [(_op, (value,))] = bound
    if not _FORM.fullmatch(str(value)):
        raise ProgrammingError(f"stream_position is that of an event, or of event_positions, not {printable(value)!r}")
    return {"stream_position": str(value)}


_BEHIND: Final = Filter("stream_position", frozenset({Op.GT}), _behind, exact=True)

_EVENT_TYPES: Final = filters.one_of("event_type", "event_type", r"[A-Z_0-9]+")


def _which(bound: Bound, keys: Mapping[str, str]) -> Mapping[str, str]:
    """Choose the event types of an enterprise's stream; the user's streams do not take it."""
    return _EVENT_TYPES.render(bound, keys) if keys["stream_type"] in _OF_ENTERPRISE else {}


def _source(*places: str) -> Derived:
    """Read what the event is about, which enterprise streams name in other words than a user's."""

    def read(entry: JsonObject, _: object) -> Any:
        found = (dig(entry, "source", place) for place in places)
        return next((value for value in found if value is not None), None)

    return Derived(function=read, fields=("source",))


def _told(*place: str) -> Derived:
    """Read what stands at a place that Box's reference does not have."""
    return Derived(function=lambda entry, _: dig(entry, *place), fields=place[:1])


_ACTOR: Final = "the administrator who did it as that user"


def _events(stream_type: str) -> Endpoint:
    return Endpoint(
        path="/events",
        paging=Paging.STREAM_POSITION,
        parameters={"stream_type": stream_type},
        max_limit=_PAGE,
        takes_fields=False,
    )


events: Final = Table(
    name="events",
    doc="Events of the signed-in user, or of the enterprise where `stream_type` says so: `all` (the default), "
    "`changes`, `sync`, `admin_logs`, `admin_logs_streaming`.",
    reference="https://developer.box.com/reference/resources/event/",
    key="event_id",
    columns=(
        AS_USER,
        Column("event_id", nullable=False, doc="Box's id of the event."),
        Column("type", nullable=False, doc="Always `event`."),
        Column("event_type", doc="What happened, such as `ITEM_UPLOAD`; enterprise streams have their own words."),
        Column("created_at", Type.TIMESTAMP, doc="When it happened."),
        Column("recorded_at", Type.TIMESTAMP, doc="When Box recorded it."),
        *user("created_by", "the user who did it"),
        Column(
            "source_type",
            derived=_source("type", "item_type"),
            doc="What it happened to: a file, folder, user or group.",
        ),
        Column("source_id", derived=_source("id", "item_id", "user_id", "group_id"), doc="Id of what it happened to."),
        Column(
            "source_name",
            derived=_source("name", "item_name", "user_name", "group_name"),
            doc="Name of what it happened to.",
        ),
        Column("ip_address", derived=_told("ip_address"), doc="Address that it was done from."),
        Column("action_by_id", derived=_told("action_by", "id"), references="users.id", doc=f"Id of {_ACTOR}."),
        Column("action_by_name", derived=_told("action_by", "name"), doc=f"Name of {_ACTOR}."),
        Column("action_by_login", derived=_told("action_by", "login"), doc=f"Login of {_ACTOR}."),
        Column("session_id", doc="Id of the session of the user who did it."),
        Column("source", Type.JSON, doc="All that Box says of what it happened to."),
        Column("additional_details", Type.JSON, doc="What Box adds for some types."),
        Column("stream_type", hidden=True, derived=NOTHING, doc="The stream to read, an input."),
        Column(
            "stream_position",
            hidden=True,
            derived=_told("stream_position"),
            doc="What continues the stream behind the event, in `WHERE stream_position > '...'`.",
        ),
    ),
    paths=(
        AccessPath(
            name="by stream type",
            endpoints=(_events("{stream_type}").knowing("stream_type"),),
            keys=("stream_type",),
            accepts=re.compile("[a-z_]{1,40}"),
            filters=(
                Filter("created_at", RANGE | {Op.EQ}, _when),
                Filter("event_type", EXACT, _which),
                _BEHIND,
            ),
            calls=20,
            rows=10_000,
        ),
        AccessPath(
            name="of the user",
            endpoints=(_events("all").giving(stream_type="all"),),
            filters=(_BEHIND,),
            calls=30,
            rows=10_000,
        ),
    ),
    fields=("event_id",),
    rowid=lambda _: None,
    distinct=True,
)


_NEWEST: Final = Endpoint(
    path="/events",
    parameters={"stream_type": "{stream_type}", "stream_position": "now", "limit": "1"},
    takes_fields=False,
    known=frozenset({"stream_type"}),
)

event_positions: Final = Table(
    name="event_positions",
    doc="The newest position of a stream of `events`: what comes behind it is what happens from now on. Without a key, "
    "those of the signed-in user's streams.",
    reference="https://developer.box.com/reference/resources/events/",
    key="stream_type",
    columns=(
        AS_USER,
        Column("stream_type", nullable=False, derived=NOTHING, doc="The stream, as `events` takes it."),
        Column(
            "stream_position",
            derived=Derived(
                function=lambda entry, _: str(entry["next_stream_position"]), fields=("next_stream_position",)
            ),
            nullable=False,
            doc="The position, to begin with in `WHERE stream_position > '...'` of `events`.",
        ),
    ),
    paths=(
        AccessPath(
            name="by stream type",
            endpoints=(_NEWEST,),
            keys=("stream_type",),
            accepts=re.compile("|".join((*_OF_USER, *_OF_ENTERPRISE))),
            unique=True,
        ),
        AccessPath(
            name="of the user",
            endpoints=(_NEWEST,),
            fan_out=FanOut(key="stream_type", values=_OF_USER),
            partial=True,
            calls=len(_OF_USER),
            rows=len(_OF_USER),
        ),
    ),
    fields=(),
)
