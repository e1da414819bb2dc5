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
    RANGE,
    AccessPath,
    Bound,
    Column,
    Derived,
    Endpoint,
    Filter,
    JsonObject,
    Op,
    Table,
    Type,
    dig,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAGE: Final = 500
_OF_ENTERPRISE: Final = frozenset({"admin_logs", "admin_logs_streaming"})


def _when(bound: Bound, keys: Mapping[str, str]) -> Mapping[str, str]:
    """Bound the time of `admin_logs`; the other streams do not take it."""
    if keys["stream_type"] != "admin_logs":
        return {}
    low, high = filters.bounds(bound)
    return {name: value for name, value in (("created_after", low), ("created_before", high)) if value}


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
        Column("session_id", doc="Id of the session of the user who did it."),
        Column("source", Type.JSON, doc="All that Box says of what it happened to."),
        Column("additional_details", Type.JSON, doc="What Box adds for some types."),
        Column("stream_type", hidden=True, derived=NOTHING, doc="The stream to read, an input."),
    ),
    paths=(
        AccessPath(
            name="by stream type",
            endpoints=(_events("{stream_type}").knowing("stream_type"),),
            keys=("stream_type",),
            accepts=re.compile("[a-z_]{1,40}"),
            filters=(
                Filter("created_at", RANGE | {Op.EQ}, _when),
                Filter("event_type", frozenset({Op.EQ, Op.IN}), _which),
            ),
            calls=20,
            rows=10_000,
        ),
        AccessPath(
            name="of the user",
            endpoints=(_events("all").giving(stream_type="all"),),
            calls=30,
            rows=10_000,
        ),
    ),
    fields=("event_id",),
    rowid=lambda _: None,
    distinct=True,
)
