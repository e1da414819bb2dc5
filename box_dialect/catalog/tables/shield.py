"""Box Shield: information barriers, with their segments, members, restrictions and reports, and the lists of rules.

Sources: https://developer.box.com/reference/resources/shield-information-barrier/, …-segment/, …-segment-member/,
…-segment-restriction/, …-report/ and …/v2025.0/resources/shield-list/
"""

from __future__ import annotations

import re
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.api_versions import V2025_0
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import (
    AccessPath,
    Column,
    Completion,
    Endpoint,
    FanOut,
    Fetch,
    JsonObject,
    Table,
    Type,
    Write,
)

_SHIELD: Final = needs("Box Shield with information barriers")
_SEGMENTS: Final = 10
_MEMBERS: Final = 100
_RESTRICTIONS: Final = 3
_REPORTS: Final = 5
"""How many segments a barrier is thought to have, members and restrictions each of these, and reports the barrier."""


def _user(verb: str, doc: str) -> Column:
    return Column(f"{verb}_by_id", source=f"{verb}_by.id", references="users.id", doc=f"Id of {doc}.")


_CHANGES: Final = (
    Column("created_at", Type.TIMESTAMP, doc="When it was made."),
    _user("created", "the user who made it"),
    Column("updated_at", Type.TIMESTAMP, doc="When it was last changed."),
    _user("updated", "the user who changed it last"),
)


def _barrier(doc: str, source: str = "shield_information_barrier", insert: str | None = None) -> Column:
    return Column(
        "shield_information_barrier_id",
        source=f"{source}.id",
        references="shield_information_barriers.id",
        insert=insert,
        doc=doc,
    )


_BARRIERS: Final = Endpoint(
    path="/shield_information_barriers", paging=Paging.MARKER, takes_fields=False, advice=_SHIELD
)
_OF_BARRIERS: Final = FanOut(key="shield_information_barrier_id", parents=_BARRIERS)
"""All barriers."""


def _one(of: str) -> AccessPath:
    return AccessPath(
        name="by id", endpoints=(Endpoint(path=f"/{of}/{{id}}", takes_fields=False),), keys=("id",), unique=True
    )


def _listed(of: str, owner: str) -> Endpoint:
    """Return the listing of what belongs to a barrier or a segment."""
    return Endpoint(
        path=f"/{of}",
        paging=Paging.MARKER,
        parameters={f"{owner}_id": f"{{{owner}_id}}"},
        takes_fields=False,
        known=frozenset({f"{owner}_id"}),
        advice=_SHIELD,
    )


shield_information_barriers: Final = Table(
    name="shield_information_barriers",
    doc="Information barriers of Box Shield, which keep segments of users apart; an enterprise has one at most. UPDATE "
    "sets `status`: `pending` is enabled when Box has checked it, and `disabled` keeps nobody apart.",
    reference="https://developer.box.com/reference/resources/shield-information-barrier/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `shield_information_barrier`."),
        Column("enterprise_id", source="enterprise.id", insert="enterprise.id", doc="Id of the enterprise."),
        Column(
            "status",
            update="status",
            options=("draft", "pending", "disabled", "enabled", "invalid"),
            doc="`draft`, `pending`, `disabled`, `enabled` or `invalid`.",
        ),
        *_CHANGES,
        Column("enabled_at", Type.TIMESTAMP, doc="When it was enabled."),
        _user("enabled", "the user who enabled it"),
    ),
    paths=(_one("shield_information_barriers"), AccessPath(name="all", endpoints=(_BARRIERS,))),
    insert=Write(
        method="POST",
        path="/shield_information_barriers",
        required=("enterprise_id",),
        body={"enterprise": {"type": "enterprise"}},
        takes_fields=False,
    ),
    update=Write(
        method="POST", path="/shield_information_barriers/change_status", body={"id": "{id}"}, takes_fields=False
    ),
)

_SEGMENTS_OF: Final = _listed("shield_information_barrier_segments", "shield_information_barrier")
_OF_SEGMENTS: Final = FanOut(key="shield_information_barrier_segment_id", parents=_SEGMENTS_OF, outer=_OF_BARRIERS)
"""The segments of all barriers."""

shield_information_barrier_segments: Final = Table(
    name="shield_information_barrier_segments",
    doc="The segments of users that information barriers keep apart. Without a key, those of every barrier.",
    reference="https://developer.box.com/reference/resources/shield-information-barrier-segment/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `shield_information_barrier_segment`."),
        _barrier("Id of the barrier.", insert="shield_information_barrier.id"),
        Column("name", insert="name", update="name", doc="The name, unique in the barrier."),
        Column("description", insert="description", update="description", cleared=None, doc="What it is."),
        *_CHANGES,
    ),
    paths=(
        _one("shield_information_barrier_segments"),
        AccessPath(
            name="by barrier", endpoints=(_SEGMENTS_OF,), keys=("shield_information_barrier_id",), rows=_SEGMENTS
        ),
        AccessPath(name="of every barrier", endpoints=(_SEGMENTS_OF,), fan_out=_OF_BARRIERS, calls=2, rows=_SEGMENTS),
    ),
    insert=Write(
        method="POST",
        path="/shield_information_barrier_segments",
        required=("shield_information_barrier_id", "name"),
        body={"shield_information_barrier": {"type": "shield_information_barrier"}},
        takes_fields=False,
    ),
    update=Write(method="PUT", path="/shield_information_barrier_segments/{id}", takes_fields=False),
    delete=Write(method="DELETE", path="/shield_information_barrier_segments/{id}"),
)


def _of_segments(table: str, rows: int) -> tuple[AccessPath, ...]:
    """Return the access paths to what belongs to segments."""
    listed = _listed(table, "shield_information_barrier_segment")
    return (
        _one(table),
        AccessPath(name="by segment", endpoints=(listed,), keys=("shield_information_barrier_segment_id",), rows=rows),
        AccessPath(
            name="of every segment",
            endpoints=(listed,),
            fan_out=_OF_SEGMENTS,
            calls=2 + _SEGMENTS,
            rows=_SEGMENTS * rows,
        ),
    )


_SEGMENT: Final = Column(
    "shield_information_barrier_segment_id",
    source="shield_information_barrier_segment.id",
    references="shield_information_barrier_segments.id",
    insert="shield_information_barrier_segment.id",
    doc="Id of the segment.",
)
_SEGMENT_TYPE: Final = {"type": "shield_information_barrier_segment"}

shield_information_barrier_segment_members: Final = Table(
    name="shield_information_barrier_segment_members",
    doc="Which user belongs to which segment of an information barrier. Without a key, the members of every segment.",
    reference="https://developer.box.com/reference/resources/shield-information-barrier-segment-member/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `shield_information_barrier_segment_member`."),
        _barrier("Id of the barrier."),
        _SEGMENT,
        Column("user_id", source="user.id", references="users.id", insert="user.id", doc="Id of the user."),
        *_CHANGES,
    ),
    paths=_of_segments("shield_information_barrier_segment_members", _MEMBERS),
    insert=Write(
        method="POST",
        path="/shield_information_barrier_segment_members",
        required=("shield_information_barrier_segment_id", "user_id"),
        body={"shield_information_barrier_segment": _SEGMENT_TYPE, "user": {"type": "user"}},
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/shield_information_barrier_segment_members/{id}"),
)

shield_information_barrier_segment_restrictions: Final = Table(
    name="shield_information_barrier_segment_restrictions",
    doc="From which other segment a segment of an information barrier is kept apart. Without a key, the restrictions "
    "of every segment.",
    reference="https://developer.box.com/reference/resources/shield-information-barrier-segment-restriction/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `shield_information_barrier_segment_restriction`."),
        _barrier("Id of the barrier."),
        _SEGMENT,
        Column(
            "restricted_segment_id",
            source="restricted_segment.id",
            references="shield_information_barrier_segments.id",
            reverse="shield_information_barrier_segment_restrictions_by_others",
            insert="restricted_segment.id",
            doc="Id of the other segment.",
        ),
        *_CHANGES,
    ),
    paths=_of_segments("shield_information_barrier_segment_restrictions", _RESTRICTIONS),
    insert=Write(
        method="POST",
        path="/shield_information_barrier_segment_restrictions",
        required=("shield_information_barrier_segment_id", "restricted_segment_id"),
        body={
            "type": "shield_information_barrier_segment_restriction",
            "shield_information_barrier_segment": _SEGMENT_TYPE,
            "restricted_segment": _SEGMENT_TYPE,
        },
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/shield_information_barrier_segment_restrictions/{id}"),
)

_REPORTS_OF: Final = _listed("shield_information_barrier_reports", "shield_information_barrier")

shield_information_barrier_reports: Final = Table(
    name="shield_information_barrier_reports",
    doc="Reports on what information barriers would keep apart; an INSERT asks for one. Without a key, those on every "
    "barrier.",
    reference="https://developer.box.com/reference/resources/shield-information-barrier-report/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `shield_information_barrier_report`."),
        _barrier(
            "Id of the barrier.",
            "shield_information_barrier.shield_information_barrier",
            insert="shield_information_barrier.id",
        ),
        Column("status", doc="`pending`, `error`, `done` or `cancelled`."),
        Column(
            "folder_id", source="details.details.folder_id", references="folders.id", doc="Id of the folder it lies in."
        ),
        Column("created_at", Type.TIMESTAMP, doc="When it was asked for."),
        _user("created", "the user who asked for it"),
        Column("updated_at", Type.TIMESTAMP, doc="When its status last changed."),
    ),
    paths=(
        _one("shield_information_barrier_reports"),
        AccessPath(name="by barrier", endpoints=(_REPORTS_OF,), keys=("shield_information_barrier_id",), rows=_REPORTS),
        AccessPath(name="of every barrier", endpoints=(_REPORTS_OF,), fan_out=_OF_BARRIERS, calls=2, rows=_REPORTS),
    ),
    insert=Write(
        method="POST",
        path="/shield_information_barrier_reports",
        required=("shield_information_barrier_id",),
        body={"shield_information_barrier": {"type": "shield_information_barrier"}},
        takes_fields=False,
    ),
)

_LIST_ID: Final = re.compile("[-0-9a-fA-F]{1,36}")
_LISTS: Final = 10
_UNLISTED: Final = ("enterprise", "description", "created_at", "updated_at", "content")
"""How many lists there are thought to be, and what the listing of them tells nothing of, or not all."""


async def _find_content(entry: JsonObject, fetch: Fetch) -> None:
    """Ask for what the listing leaves out."""
    found = await fetch(entry["id"]) or {}
    entry.update({name: found.get(name) for name in _UNLISTED})


shield_lists: Final = Table(
    name="shield_lists",
    doc="Lists of countries, domains, e-mail addresses or IP addresses, by which rules of Box Shield go. Box's listing "
    "tells the name and the type of each; the rest takes a call for each list.",
    reference="https://developer.box.com/reference/v2025.0/resources/shield-list/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `shield_list`."),
        Column("name", nullable=False, insert="name", update="name", doc="The name, unique in the enterprise."),
        Column("content_type", source="content.type", doc="`country`, `domain`, `email`, `ip` or `integration`."),
        Column("description", insert="description", update="description", cleared="", doc="What it is for."),
        Column(
            "content",
            Type.JSON,
            nullable=False,
            insert="content",
            update="content",
            doc='The type, and what is listed: `{"type": "domain", "domains": ["example.com"]}`, `country_codes`, '
            "`email_addresses` or `ip_addresses`.",
        ),
        Column("enterprise_id", source="enterprise.id", doc="Id of the enterprise."),
        Column("created_at", Type.TIMESTAMP, nullable=False, doc="When it was made."),
        Column("updated_at", Type.TIMESTAMP, nullable=False, doc="When it was last changed."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/shield_lists/{id}", headers=V2025_0, takes_fields=False),),
            keys=("id",),
            accepts=_LIST_ID,
            unique=True,
        ),
        AccessPath(
            name="all",
            endpoints=(
                Endpoint(
                    path="/shield_lists",
                    paging=Paging.ALL,
                    headers=V2025_0,
                    takes_fields=False,
                    complete=Completion(
                        columns=frozenset({"description", "content", "enterprise_id", "created_at", "updated_at"}),
                        path="/shield_lists/{id}",
                        takes_fields=False,
                        add=_find_content,
                    ),
                    advice=needs("Box Shield"),
                ),
            ),
            calls=_LISTS,
            rows=_LISTS,
        ),
    ),
    insert=Write(
        method="POST",
        path="/shield_lists",
        required=("name", "content"),
        headers=V2025_0,
        takes_fields=False,
    ),
    update=Write(
        method="PUT",
        path="/shield_lists/{id}",
        whole=(("name", "description", "content"),),
        headers=V2025_0,
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/shield_lists/{id}", headers=V2025_0),
)
