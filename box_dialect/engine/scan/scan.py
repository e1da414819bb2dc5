"""Scan: one run of an access path against Box, from the listings that it begins with to pages of rows.

A walk leads to the folders that it finds, a fan-out to the listings of the parents that it finds, a page to its
continuation.
"""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from box_dialect.api import ApiCall, ApiPath, EndOfPreviewError, Paging, says_absent
from box_dialect.api.paging import first
from box_dialect.api.template import filled_headers
from box_dialect.catalog.model import Completion, Endpoint, JsonObject, Location, Slotted, dig
from box_dialect.catalog.values import put
from box_dialect.engine.scan.bindings import Bindings
from box_dialect.engine.scan.concurrent_pages import ConcurrentPages, ScanPage
from box_dialect.engine.scan.distinct import Distinct
from box_dialect.engine.scan.listing import (
    ROOT,
    Listing,
    continuations,
    entries_of,
    kept_of,
    means_no_row,
    nested_of,
    unrepeated,
)
from box_dialect.engine.scan.page_call import page_call
from box_dialect.engine.scan.row_maker import OTHER_FORMS, Row, RowMaker, of_another_form, row_maker
from box_dialect.engine.scan.sorted_pages import SortedPages, SortedRows
from box_dialect.engine.scan.struct_decoder import decoder, shape
from box_dialect.engine.scan.surveyor import surveyor
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable, Iterable, Mapping

    import msgspec

    from box_dialect.api.client import BoxClient
    from box_dialect.catalog.model import FanOut
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.context import ScanContext
    from box_dialect.engine.scan.side_rows import Found

    _Pages: TypeAlias = ConcurrentPages[Listing, Row] | SortedPages[Listing, Row] | SortedRows

_RELIABLE_OFFSET: Final = 10_000
"""Offset past which Box does not promise that the pages of a folder fit together."""

_DUPLICATE_WINDOW: Final = 10_000
"""Rows back to which a repeated one is noticed, on endpoints that repeat some; bounds the memory it takes."""

Arguments = tuple[Any, ...]


class Scan:
    """One run of a plan with its arguments; `all_wanted` tells that it is read to its end.

    Made in any thread; its coroutines run on the portal's event loop.
    """

    def __init__(
        self, plan: Plan, arguments: Arguments, client: BoxClient, context: ScanContext, *, all_wanted: bool = False
    ) -> None:
        self._plan, self._arguments, self._bindings = plan, arguments, Bindings(plan, arguments)
        self._client, self._context, self._all_wanted = client, context, all_wanted
        context.fields.want(plan)
        self._side_rows, self._answers = context.side_rows, context.answers
        self._makers: dict[int, tuple[Endpoint, RowMaker]] = {}
        self._slotted_makers: dict[int, tuple[msgspec.json.Decoder[Any] | None, RowMaker]] = {}
        self._lookups: dict[tuple[str, Any], list[tuple[Plan, RowMaker]]] = {}
        self._led_on: set[tuple[Any, ...]] = {(len(plan.path.levels), "folder", (ROOT.id,))}
        self._distinct: Distinct | None = None
        if plan.table.distinct or plan.path.walk:
            self._distinct = Distinct(None if plan.path.walk else _DUPLICATE_WINDOW)
        self._pages: _Pages | None = None
        self._surveyor = surveyor(plan, client.seen)

    async def next_page(self) -> list[Row] | None:
        """Return the next rows, or None when there are no more; raises what a call of the scan raised."""
        if self._pages is None:
            self._pages = self._begun()
        return await self._pages.next_page()

    @property
    def is_exhausted(self) -> bool:
        """Whether no further page comes."""
        return self._pages is not None and self._pages.is_exhausted

    def ready_pages(self) -> list[list[Row]]:
        """Return the pages that are there already."""
        return [] if self._pages is None else self._pages.ready_pages()

    async def aclose(self) -> None:
        """Cancel what is in flight; nobody waits for it."""
        if self._pages is not None:
            await self._pages.aclose()

    def _begun(self) -> _Pages:
        """Return what reads the listings, in Box's order, or in the same one of a folder that is walked anyway."""
        plan, listings, width = self._plan, self._first_listings(), self._client.properties.max_concurrency
        if plan.order is not None and not self._is_walked:
            wanted = plan.wanted_rows(self._arguments)
            return SortedPages(listings, self._checked, width, wanted, plan.path.endpoints[0].max_limit)
        pages = ConcurrentPages(listings, self._checked, width, self._context.row_limit, all_wanted=self._all_wanted)
        if plan.order is None:
            return pages
        return SortedRows(pages, plan.places[plan.table.numbers[plan.order.column]], reverse=plan.descending)

    @cached_property
    def _is_walked(self) -> bool:
        """Whether a walk of the statement lists the folder whose rows are asked for, and its answers are there."""
        folders = self._bindings.accepted("parent_id") if "parent_id" in self._plan.path.keys else []
        return self._answers.has_room and any(not self._context.walked_folders.isdisjoint(each) for each in folders)

    def _first_listings(self) -> list[Listing]:
        path = self._plan.path
        if not self._plan.endpoints(self._arguments) or not self._bindings.can_hold:
            return []
        if path.walk:
            also = [] if self._bindings.excludes_root else [self._listing(e, {}) for e in path.also]
            return also + [
                self._listing(e, {"parent_id": ROOT.id}, location=ROOT)
                for e in path.endpoints
                if self._bindings.scope(ROOT)
            ]
        named = [each for keys in self._bindings.combinations() for each in self._deeper(path.levels, keys)]
        return named + self._by_alias()

    def _deeper(self, levels: tuple[FanOut, ...], keys: dict[str, str], kind: str | None = None) -> list[Listing]:
        """Return the listings that keys lead to, of parents on the first level or of rows; `kind` is their parent's."""
        if not levels:
            return [
                self._listing(endpoint, keys)
                for endpoint in self._plan.endpoints(self._arguments)
                if (kind is None or endpoint.parent_type in {None, kind})
                and not self._side_rows.is_empty(self._plan, endpoint, *keys.values())
            ]
        level = levels[0]
        if level.parents is None:
            return [each for value in level.values for each in self._deeper(levels[1:], {**keys, level.key: value})]
        if level.walk:
            return [self._listing(level.parents, {**keys, "parent_id": ROOT.id}, location=ROOT, levels=levels)]
        return [self._listing(level.parents, keys, levels=levels)]

    def _by_alias(self) -> list[Listing]:
        """Return the listing of the row that the alias stands for; other comparisons know it by its key."""
        found = self._bindings.by_alias()
        if found is None:
            return []
        keys, only = found
        return [replace(self._listing(endpoint, keys), only=only) for endpoint in self._plan.path.endpoints]

    def _listing(
        self,
        endpoint: Endpoint,
        keys: Mapping[str, str],
        *,
        location: Location | None = None,
        levels: tuple[FanOut, ...] = (),
    ) -> Listing:
        order = self._plan.order
        if location is not None:
            self._context.walked_folders.add(location.id)
        if order is not None and not self._is_walked:
            sorting = order.descending if self._plan.descending else order.ascending
            fixed = {name: value for name, value in endpoint.parameters.items() if name != "usemarker"}
            most, body = endpoint.max_offset or _RELIABLE_OFFSET, endpoint.body
            if body is None:
                fixed |= sorting
            else:
                body = copy.deepcopy(dict(body))
                for place, value in sorting.items():
                    put(body, place, value)
            endpoint = replace(endpoint, paging=order.paging, parameters=fixed, body=body, max_offset=most)
        seen: set[tuple[Any, Any]] | None = set() if endpoint.paging is Paging.OFFSET else None
        return Listing(endpoint, keys, first(endpoint.paging, self._page_size(endpoint)), location, levels, seen=seen)

    def _page_size(self, endpoint: Endpoint) -> int:
        """Return how many objects a first page has: no more than LIMIT wants, where nobody else has a use for them."""
        wanted = self._plan.wanted_rows(self._arguments)
        if wanted is None or endpoint.keep or endpoint.rows or self._context.fields.is_shared(endpoint.path):
            return endpoint.max_limit
        return max(1, min(endpoint.max_limit, wanted))

    async def _read(self, listing: Listing) -> ScanPage[Listing, Row]:
        """Get one page and make its rows."""
        endpoint = listing.endpoint
        asked = self._context.fields.of(endpoint.path) if endpoint.takes_fields else None
        make, is_shared = self._maker(endpoint), self._is_shared(listing)
        decode, slotted_maker = (None, make) if is_shared else self._slotted(endpoint, asked)
        selecting = {} if listing.levels else self._bindings.selecting(listing.keys)  # which is for rows, not parents
        call = page_call(listing, selecting, asked, decode)
        try:
            body = await (self._answers.send(call, self._send) if is_shared else self._send(call))
        except DatabaseError as error:
            if means_no_row(error, listing):
                return ScanPage([], [])
            raise
        entries = entries_of(call, endpoint, body)
        self._side_rows.note_empty_of(entries, endpoint, (asked or "").split(","))
        entries = nested_of(call, endpoint, entries)
        further = continuations(listing, body)
        if listing.location is not None or listing.levels:
            further += self._below(entries, listing)
        if self._surveyor is not None:
            fields = (asked or "").split(",")
            told = [sign for sign in self._side_rows.signs_told(fields) if sign[0] in endpoint.lists]
            self._surveyor.note(listing, entries, further, told, has_names="name" in fields)
        self._side_rows.put(listing.found)
        if listing.levels:
            return ScanPage([], further)
        kept = unrepeated(kept_of(entries, listing), listing, self._identity(endpoint))
        for entry in kept if endpoint.lists and not self._plan.is_lookup else ():
            self._side_rows.put(self._found(entry, listing))
        if (lacking := endpoint.complete) is not None and lacking.serves(self._plan.table.columns, self._plan.columns):
            kept = await _together([self._completed(lacking, entry, listing) for entry in kept])
        if kept and isinstance(kept[0], Slotted):
            make = slotted_maker
        rows = [make(entry, listing.location, listing.keys) for entry in kept]
        return ScanPage(rows if self._distinct is None else self._distinct.fresh(rows), further)

    async def _checked(self, listing: Listing) -> ScanPage[Listing, Row]:
        """Read a page, whose form is not trusted; raises DataError for one of another.

        What a preview makes no call for is a page without rows.
        """
        try:
            return await self._read(listing)
        except EndOfPreviewError:
            return ScanPage([], [])
        except OTHER_FORMS as error:
            raise of_another_form(listing.endpoint, error) from None

    def _is_shared(self, listing: Listing) -> bool:
        """Tell whether others may need the page: walks of several branches, scans of several keys, and other tables.

        One listing that a single table reads is not kept whole.
        """
        path = self._plan.path
        is_of_many = listing.is_beginning or path.walk or path.fan_out is not None or self._is_walked
        return is_of_many or self._context.fields.is_shared(listing.endpoint.path)

    def _below(self, entries: list[JsonObject], listing: Listing) -> list[Listing]:
        """Return the listings that the objects of a page lead to, the one to read first last."""
        below = [each for entry in reversed(entries) for each in self._further(entry, listing)]
        if self._context.row_limit.limit is not None:
            below.sort(key=lambda each: not each.levels)  # those with rows, which may be all that is wanted
        return below

    def _further(self, entry: JsonObject, listing: Listing) -> list[Listing]:
        """Return the listings that an object leads to: a folder's in a walk, a parent's rows in a fan-out.

        Each object leads on once: one that others move about while the tree is walked may be found in many places.
        """
        levels, kind = listing.levels, entry.get("type")
        is_folder = listing.location is not None and kind == "folder"
        is_parent = bool(levels) and self._has_rows(entry, listing)
        if not (is_folder or is_parent):
            return []
        level = levels[0] if levels else None
        keys = level.keys_of(entry) if is_parent and level is not None else {}
        identity = (entry["id"],) if listing.location is not None else tuple(keys.values())
        led_on = len(levels), kind, identity, *self._told_below(listing)
        if led_on in self._led_on:
            return []
        further: list[Listing] = []
        found = (*listing.found, *self._found(entry, listing))
        if is_folder and (location := listing.location) is not None:
            folder = Location(entry["id"], f"{location.prefix}{entry.get('name')}/", location.depth + 1)
            if level is not None or self._bindings.scope(folder):
                below = {**listing.keys, "parent_id": folder.id}
                further.append(
                    replace(self._listing(listing.endpoint, below, location=folder, levels=levels), found=found)
                )
        if is_parent and level is not None:
            below = {name: value for name, value in listing.keys.items() if not (level.walk and name == "parent_id")}
            further += [replace(each, found=found) for each in self._deeper(levels[1:], {**below, **keys}, kind or "")]
        if further:
            self._led_on.add(led_on)
        return further

    def _told_below(self, listing: Listing) -> tuple[str, ...]:
        """Return the keys of a listing that are asked for below it too: there a parent leads on anew for each."""
        named = self._asked_below[len(listing.levels)]
        walked = "" if listing.location is None else "parent_id"
        return tuple(value for name, value in listing.keys.items() if name in named and name != walked)

    @cached_property
    def _asked_below(self) -> list[frozenset[str]]:
        """The columns that are asked for below a listing, by how many levels of the fan-out are yet to go."""
        path = self._plan.path
        named = frozenset[str]().union(*(endpoint.inputs | endpoint.known for endpoint in path.endpoints))
        found = [frozenset[str](), named]
        for level in reversed(path.levels[1:]):
            named |= frozenset() if level.parents is None else level.parents.inputs
            found.append(named)
        return found

    def _has_rows(self, parent: JsonObject, listing: Listing) -> bool:
        """Tell whether an object that lists parents is one that may have rows."""
        having = listing.levels[0].having
        return (having is None or having.may_have_rows(parent)) and bool(kept_of([parent], listing))

    def _identity(self, endpoint: Endpoint) -> Callable[[JsonObject], Hashable]:
        """Return what tells the objects of a listing apart: the values of the table's key in them."""
        table = self._plan.table
        columns = [table.columns[table.numbers[key]] for key in table.keys if key not in endpoint.known]
        found = [column.place for column in columns if column.derived is None and column.name not in endpoint.given]
        return lambda entry: tuple(dig(entry, *place) for place in found or [("id",)])

    def _found(self, entry: JsonObject, listing: Listing) -> list[Found]:
        """Return the rows of other tables that an object is, which the statement looks up by key."""
        shown = listing.endpoint.path, entry.get("type")
        if shown not in self._lookups:
            plans = self._side_rows.lookups(listing.endpoint, shown[1])
            self._lookups[shown] = [(plan, row_maker(plan.table, plan.layout, listing.endpoint)) for plan in plans]
        return [
            (plan.scan_key((entry["id"],)), (make(entry, listing.location, listing.keys),))
            for plan, make in self._lookups[shown]
        ]

    def _maker(self, endpoint: Endpoint) -> RowMaker:
        """Return the row maker of an endpoint, which is made once for the scan."""
        made = self._makers.get(id(endpoint))
        if made is None:
            maker = row_maker(self._plan.table, self._plan.layout, endpoint)
            made = self._makers[id(endpoint)] = (endpoint, maker)
        return made[1]

    def _slotted(self, endpoint: Endpoint, asked: str | None) -> tuple[msgspec.json.Decoder[Any] | None, RowMaker]:
        """Return what decodes the further pages of an endpoint into slots, and the row maker for those; made once."""
        made = self._slotted_makers.get(id(endpoint))
        if made is None:
            plan, found = self._plan, None
            shows_others = any(self._side_rows.lookups(endpoint, kind) for kind in endpoint.lists)
            if asked is not None and endpoint.complete is None and not endpoint.rows and not shows_others:
                found = shape(plan.table, asked.split(","), endpoint)
            made = self._slotted_makers[id(endpoint)] = (
                None if found is None else decoder(found),
                row_maker(plan.table, plan.layout, endpoint, found),
            )
        return made

    async def _send(self, call: ApiCall) -> Any:
        return await self._client.send(call, self._context.count)

    async def _completed(self, lacking: Completion, entry: JsonObject, listing: Listing) -> JsonObject | None:
        """Return an object with what its listing lacks, None where a preview makes no call for that."""
        try:
            await lacking.add(entry, partial(self._fetch, lacking, listing))
        except EndOfPreviewError:
            return None
        return entry

    async def _fetch(self, completion: Completion, listing: Listing, identity: str) -> JsonObject | None:
        parameters = {"fields": self._context.fields.of(completion.path)} if completion.takes_fields else {}
        headers, host = filled_headers(listing.endpoint.headers, listing.keys), listing.endpoint.host
        try:
            call = ApiCall("GET", ApiPath(completion.path, id=identity), parameters, headers=headers, host=host)
            found: JsonObject | None = await self._answers.send(call, self._send)
        except DatabaseError as error:
            if says_absent(error):
                return None
            raise
        return found


async def _together(calls: Iterable[Coroutine[Any, Any, JsonObject | None]]) -> list[JsonObject]:
    """Await all of them, and return the objects that they give; the first failure cancels the others."""
    tasks = [asyncio.create_task(call) for call in calls]
    try:
        return [entry for entry in await asyncio.gather(*tasks) if entry is not None]
    finally:
        for task in tasks:
            task.cancel()
