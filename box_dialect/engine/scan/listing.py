"""Listing: where a listing of Box's stands, the pages that follow, and which objects of a page count."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import ApiCall, Paging, says_absent
from box_dialect.api.paging import Position, following
from box_dialect.catalog.model import OBJECTS, Endpoint, JsonObject, Location, dig
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.errors import DatabaseError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from box_dialect.catalog.model import FanOut, Nested
    from box_dialect.engine.scan.side_rows import Found

ROOT: Final = Location("0", "/", 0)


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing to be read from `position` on.

    `keys` fill the call, `location` is the folder that it lists, where a walk knows it. `levels` are those of a fan-out
    that are yet to go: its objects are parents on the first of them, and rows where there is none. `only` are the keys
    that its rows may have. `found` are the rows of other tables
    that led to it. `leads_on` tells that its page leads to the next one. `seen` are the objects that its pages gave,
    where these go by offset: what comes or goes at Box meanwhile moves others to a page where they were not.
    """

    endpoint: Endpoint
    keys: Mapping[str, str]
    position: Position
    location: Location | None = None
    levels: tuple[FanOut, ...] = ()
    only: frozenset[str] | None = None
    found: tuple[Found, ...] = ()
    leads_on: bool = True
    seen: set[tuple[Any, Any]] | None = None

    @property
    def is_beginning(self) -> bool:
        """Whether it is the first page."""
        return not self.position.seen and self.position.parameters.get("offset", "0") == "0"


def continuations(listing: Listing, body: Any) -> list[Listing]:
    """Return the listings of the pages that follow one, the next one last.

    That is one at most, or all of them where the first page tells how many rows there are.
    """
    endpoint = listing.endpoint
    if endpoint.paging in {Paging.ONE, Paging.ALL} or not listing.leads_on:
        return []
    # A marker is of the very query that it continues, and the limit stands in the body of that.
    limit = endpoint.max_limit if endpoint.takes_limit and endpoint.body is None else None
    position = following(endpoint.paging, listing.position, body, limit=limit, max_offset=endpoint.max_offset)
    if position is None:
        return []
    if endpoint.paging is not Paging.OFFSET or endpoint.max_offset is None:
        return [replace(listing, position=position)]
    total, step = body.get("total_count"), body.get("limit")
    if not isinstance(total, int) or str(step) != listing.position.parameters["limit"] or step != endpoint.max_limit:
        return [replace(listing, position=position)]
    offsets = range(int(position.parameters["offset"]), min(total, endpoint.max_offset + 1), step)
    positions = [replace(position, parameters={**position.parameters, "offset": str(each)}) for each in offsets]
    coming = [replace(listing, position=each, leads_on=each is positions[-1]) for each in positions]
    return coming[::-1]


def entries_of(call: ApiCall, endpoint: Endpoint, body: Any) -> list[JsonObject]:
    """Return the objects of an answer, whose form is not trusted."""
    entries = [body] if endpoint.paging is Paging.ONE else body.get("entries") if isinstance(body, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, OBJECTS) for entry in entries):
        raise DataError(f"{call.operation}: Box's answer is not as its reference says: no list of objects")
    return entries


def nested_of(operation: str, rows: Iterable[Nested], entries: list[JsonObject]) -> list[JsonObject]:
    """Return the objects of the lists within objects, each with the one around it; the objects where none are declared.

    The form of the lists is not trusted.
    """
    for nested in rows:
        *around, last = nested.place.split(".")
        inner: list[JsonObject] = []
        for entry in entries:
            found = _objects((dig(entry, *around) or {}).get(last), nested)
            if found is None:
                raise DataError(
                    f"{operation}: Box's answer is not as its reference says: no list of objects at {nested.place}"
                )
            inner += [{**each, nested.outer: entry} for each in found]
        entries = inner
    return entries


def _objects(value: Any, nested: Nested) -> list[JsonObject] | None:
    """Return the objects of a list, the only one, or those that others nest by names; None for another form."""
    found = [] if not value else [value] if nested.single or nested.keyed else value
    for level in range(nested.keyed + 1):
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            return None
        if level < nested.keyed:
            found = [inner for each in found for inner in each.values()]
    return found


def means_no_row(error: DatabaseError, listing: Listing) -> bool:
    """Tell whether a failure says that there is nothing under the keys, rather than that Box was asked wrongly.

    A listing without a key, unless its endpoint says otherwise, the root folder, and what had a first page are there.
    """
    keys = {name: value for name, value in listing.keys.items() if name != AS_USER.name}
    if not listing.is_beginning or keys.get("parent_id") == ROOT.id:
        return False
    if not listing.endpoint.absent.isdisjoint({error.diag.status, error.diag.code}):
        return True
    return bool(keys) and says_absent(error)


def advised(error: DatabaseError, endpoint: Endpoint) -> DatabaseError:
    """Return a failure with what to do about it, where the endpoint has a word on such ones."""
    advice = endpoint.advice.get(error.diag.code or "")
    return error if advice is None else type(error)(f"{error}; {advice}", error.diag)


def unrepeated(entries: list[JsonObject], listing: Listing, key: Callable[[JsonObject], Hashable]) -> list[JsonObject]:
    """Return the objects that no page of the listing gave before; `key` tells the id of one."""
    seen = listing.seen
    if seen is None:
        return entries
    found = {(entry.get("type"), key(entry)): entry for entry in entries}
    fresh = [entry for each, entry in found.items() if each not in seen]
    seen.update(found)
    return fresh


def kept_of(entries: list[JsonObject], listing: Listing) -> list[JsonObject]:
    """Return the objects that are rows of the table and of this listing."""
    endpoint = listing.endpoint
    for place, template in endpoint.keep.items():
        is_kept = _keeps(template, listing.keys)
        entries = [entry for entry in entries if is_kept(dig(entry, *place.split(".")))]
    if listing.only is not None:
        entries = [entry for entry in entries if entry.get("id") in listing.only]
    if endpoint.own is not None:
        owners = {None, *(value for name, value in listing.keys.items() if name != AS_USER.name)}
        owner = endpoint.own.split(".")
        entries = [entry for entry in entries if dig(entry, *owner) in owners]
    return entries


def _keeps(template: str | re.Pattern[str], keys: Mapping[str, str]) -> Callable[[Any], bool]:
    """Return what tells whether a row with a value is kept: one that a pattern matches, or that a text is."""
    if isinstance(template, re.Pattern):
        return lambda value: isinstance(value, str) and template.fullmatch(value) is not None
    value = template.format_map(keys)
    return ((value, int(value)) if value.isdecimal() else (value,)).__contains__
