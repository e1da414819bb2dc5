"""Scan: one run of an access path against Box, from the listings that it begins with to pages of rows.

A walk leads to the folders that it finds, a fan-out to the listings of the parents that it finds, a page to its
continuation.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from box_dialect.api import ApiCall, ApiPath, Paging, says_absent
from box_dialect.api.paging import first
from box_dialect.api.path import fits, places
from box_dialect.catalog.model import Bound, Completion, Endpoint, Filter, JsonObject, Location, Op, Slotted
from box_dialect.engine.plan.plan import compared, operands
from box_dialect.engine.plan.tree_scope import Scope, excludes_root, scope
from box_dialect.engine.scan.concurrent_pages import ConcurrentPages, ScanPage
from box_dialect.engine.scan.distinct import Distinct
from box_dialect.engine.scan.listing import (
    ROOT,
    Listing,
    continuations,
    entries_of,
    kept_of,
    means_no_row,
    unrepeated,
)
from box_dialect.engine.scan.row_maker import OTHER_FORMS, Row, RowMaker, of_another_form, row_maker
from box_dialect.engine.scan.sorted_pages import SortedPages, SortedRows
from box_dialect.engine.scan.struct_decoder import decoder, shape
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping

    import msgspec

    from box_dialect.api.client import BoxClient
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
        self._plan, self._arguments = plan, arguments
        self._client, self._context, self._all_wanted = client, context, all_wanted
        context.fields.want(plan)
        self._side_rows, self._answers = context.side_rows, context.answers
        self._makers: dict[int, tuple[Endpoint, RowMaker]] = {}
        self._slotted_makers: dict[int, tuple[msgspec.json.Decoder[Any] | None, RowMaker]] = {}
        self._lookups: dict[tuple[str, Any], list[tuple[Plan, RowMaker]]] = {}
        self._led_on: set[tuple[Any, Any]] = {("folder", ROOT.id)}
        self._distinct: Distinct | None = None
        if plan.table.distinct or plan.path.walk:
            self._distinct = Distinct(None if plan.path.walk else _DUPLICATE_WINDOW)
        self._pages: _Pages | None = None

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
        folders = self._accepted("parent_id") if "parent_id" in self._plan.path.keys else []
        return self._answers.has_room and any(not self._context.walked_folders.isdisjoint(each) for each in folders)

    def _first_listings(self) -> list[Listing]:
        path = self._plan.path
        endpoints = self._plan.endpoints(self._arguments)
        if not endpoints or not all(values for _, bound in self._bound for _, values in bound):
            return []  # compared with NULL, so no row has it
        if path.fan_out is not None:
            keys, location = ({"parent_id": ROOT.id}, ROOT) if path.fan_out.walk else ({}, None)
            return [self._listing(path.fan_out.parents, keys, location=location, parents=True)]
        if path.walk:
            also = [] if excludes_root(self._scope_terms) else [self._listing(e, {}) for e in path.also]
            return also + [
                self._listing(e, {"parent_id": ROOT.id}, location=ROOT) for e in path.endpoints if self._scope(ROOT)
            ]
        combinations: list[dict[str, str]] = [{}]
        for column in path.keys:
            values = self._accepted(column)
            found = [value for value in values[0] if value != path.alias and all(value in each for each in values)]
            combinations = [{**keys, column: value} for keys in combinations for value in found]
        return [
            self._listing(endpoint, keys)
            for keys in combinations
            for endpoint in endpoints
            if not self._side_rows.is_empty(self._plan, endpoint, *keys.values())
        ] + self._by_alias()

    def _accepted(self, column: str) -> list[dict[str, None]]:
        """Return, for each comparison that binds a key, its values in their order."""
        accepts, path = self._plan.path.accepts.fullmatch, self._plan.path
        is_in_path = any(column in places(endpoint.path) for endpoint in path.endpoints)
        terms = [term for term in self._plan.keys if term.column == column]
        several = [self._values(term.argument, term.op) for term in terms]
        return [
            dict.fromkeys(v for v in values if isinstance(v, str) and accepts(v) and (not is_in_path or fits(v)))
            for values in several
        ]

    def _by_alias(self) -> list[Listing]:
        """Return the listing of the row that the alias stands for; other comparisons know it by its key."""
        path = self._plan.path
        values = self._accepted(path.keys[0]) if path.alias is not None else []
        others = [frozenset(each) for each in values if path.alias not in each]
        if len(others) == len(values) or path.alias is None:
            return []
        only = frozenset.intersection(*others) if others else None
        return [replace(self._listing(e, {path.keys[0]: path.alias}), only=only) for e in path.endpoints]

    def _listing(
        self, endpoint: Endpoint, keys: Mapping[str, str], *, location: Location | None = None, parents: bool = False
    ) -> Listing:
        order = self._plan.order
        if location is not None:
            self._context.walked_folders.add(location.id)
        if order is not None and not self._is_walked:
            sorting = order.descending if self._plan.descending else order.ascending
            fixed = {name: value for name, value in endpoint.parameters.items() if name != "usemarker"}
            most = endpoint.max_offset or _RELIABLE_OFFSET
            endpoint = replace(endpoint, paging=order.paging, parameters={**fixed, **sorting}, max_offset=most)
        seen: set[tuple[Any, Any]] | None = set() if endpoint.paging is Paging.OFFSET else None
        return Listing(endpoint, keys, first(endpoint.paging, self._page_size(endpoint)), location, parents, seen=seen)

    def _page_size(self, endpoint: Endpoint) -> int:
        """Return how many objects a first page has: no more than LIMIT wants, where nobody else has a use for them."""
        wanted = self._plan.wanted_rows(self._arguments)
        if wanted is None or endpoint.keep or self._context.fields.is_shared(endpoint.path):
            return endpoint.max_limit
        return max(1, min(endpoint.max_limit, wanted))

    async def _read(self, listing: Listing) -> ScanPage[Listing, Row]:
        """Get one page and make its rows."""
        endpoint = listing.endpoint
        parameters = {
            **{name: value.format_map(listing.keys) for name, value in endpoint.parameters.items()},
            **self._filters(listing.keys),
            **listing.position.parameters,
        }
        if endpoint.takes_fields:
            parameters["fields"] = self._context.fields.of(endpoint.path)
        make, is_shared = self._maker(endpoint), self._is_shared(listing)
        decode, slotted_maker = (None, make) if is_shared else self._slotted(endpoint, parameters)
        call = ApiCall("GET", ApiPath(endpoint.path, **listing.keys), parameters, decoder=decode)
        try:
            body = await (self._answers.send(call, self._send) if is_shared else self._send(call))
        except DatabaseError as error:
            if means_no_row(error, listing):
                return ScanPage([], [])
            raise
        entries = entries_of(call, endpoint, body)
        self._side_rows.note_empty_of(entries, endpoint, parameters.get("fields", "").split(","))
        further = continuations(listing, body)
        if listing.location is not None or listing.parents:
            further += self._below(entries, listing)
        self._side_rows.put(listing.found)
        if listing.parents:
            return ScanPage([], further)
        kept = unrepeated(kept_of(entries, listing), listing, self._plan.table.key)
        for entry in kept if endpoint.lists and not self._plan.is_lookup else ():
            self._side_rows.put(self._found(entry, listing))
        if (lacking := endpoint.complete) is not None and lacking.serves(self._plan.table.columns, self._plan.columns):
            await _together([lacking.add(entry, partial(self._fetch, lacking)) for entry in kept])
        if kept and isinstance(kept[0], Slotted):
            make = slotted_maker
        rows = [make(entry, listing.location, listing.keys) for entry in kept]
        return ScanPage(rows if self._distinct is None else self._distinct.fresh(rows), further)

    async def _checked(self, listing: Listing) -> ScanPage[Listing, Row]:
        """Read a page, whose form is not trusted; raises DataError for one of another."""
        try:
            return await self._read(listing)
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
            below.sort(key=lambda each: not each.parents)  # those with rows, which may be all that is wanted
        return below

    def _further(self, entry: JsonObject, listing: Listing) -> list[Listing]:
        """Return the listings that an object leads to: a folder's in a walk, a parent's rows in a fan-out.

        Each object leads on once: one that others move about while the tree is walked may be found in many places.
        """
        fan_out, kind = self._plan.path.fan_out, entry.get("type")
        is_folder = listing.location is not None and kind == "folder"
        is_parent = listing.parents and self._has_rows(entry, listing)
        if not (is_folder or is_parent) or (kind, entry["id"]) in self._led_on:
            return []
        further: list[Listing] = []
        found = (*listing.found, *self._found(entry, listing))
        if is_folder and (location := listing.location) is not None:
            folder = Location(entry["id"], f"{location.prefix}{entry.get('name')}/", location.depth + 1)
            if fan_out is not None or self._scope(folder):
                keys = {"parent_id": folder.id}
                below = self._listing(listing.endpoint, keys, location=folder, parents=listing.parents)
                further.append(replace(below, found=found))
        if is_parent and fan_out is not None:
            further += [
                replace(self._listing(endpoint, {fan_out.key: entry["id"]}), found=found)
                for endpoint in self._plan.endpoints(self._arguments)
                if endpoint.parent_type in {None, kind}
            ]
        if further:
            self._led_on.add((kind, entry["id"]))
        return further

    def _has_rows(self, parent: JsonObject, listing: Listing) -> bool:
        """Tell whether an object that lists parents is one that may have rows."""
        fan_out = self._plan.path.fan_out
        may_have = fan_out is not None and (not fan_out.having or parent.get(fan_out.having))
        return bool(may_have and kept_of([parent], listing))

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

    def _slotted(
        self, endpoint: Endpoint, parameters: Mapping[str, str]
    ) -> tuple[msgspec.json.Decoder[Any] | None, RowMaker]:
        """Return what decodes the further pages of an endpoint into slots, and the row maker for those; made once."""
        made = self._slotted_makers.get(id(endpoint))
        if made is None:
            plan, found = self._plan, None
            shows_others = any(self._side_rows.lookups(endpoint, kind) for kind in endpoint.lists)
            if "fields" in parameters and endpoint.complete is None and not shows_others:
                found = shape(plan.table, parameters["fields"].split(","), endpoint)
            made = self._slotted_makers[id(endpoint)] = (
                None if found is None else decoder(found),
                row_maker(plan.table, plan.layout, endpoint, found),
            )
        return made

    def _filters(self, keys: Mapping[str, str]) -> dict[str, str]:
        parameters: dict[str, str] = {}
        for narrow, bound in self._bound:
            parameters = {**narrow.render(bound, keys), **parameters}
        return parameters

    @cached_property
    def _bound(self) -> list[tuple[Filter, Bound]]:
        """What each filter of the plan is bound to."""
        return [
            (narrow, [(term.op, self._values(term.argument, term.op)) for term in terms])
            for narrow, terms in self._plan.filters
        ]

    def _values(self, argument: int, op: Op) -> tuple[Any, ...]:
        """Return the values of an argument as a TEXT column compares them; NULL equals nothing."""
        if op in {Op.EQ, Op.IN, Op.MATCH}:
            return compared(self._arguments[argument])
        return tuple(v for v in operands(self._arguments[argument]) if v is not None)

    @cached_property
    def _scope_terms(self) -> list[tuple[str, Op, tuple[Any, ...]]]:
        return [(term.column, term.op, operands(self._arguments[term.argument])) for term in self._plan.scope]

    @cached_property
    def _scope(self) -> Scope:
        return scope(self._scope_terms)

    async def _send(self, call: ApiCall) -> Any:
        return await self._client.send(call, self._context.count)

    async def _fetch(self, completion: Completion, identity: str) -> JsonObject | None:
        parameters = {"fields": self._context.fields.of(completion.path)}
        try:
            call = ApiCall("GET", ApiPath(completion.path, id=identity), parameters)
            found: JsonObject | None = await self._answers.send(call, self._send)
        except DatabaseError as error:
            if says_absent(error):
                return None
            raise
        return found


async def _together(calls: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Await all of them; the first failure cancels the others."""
    tasks = [asyncio.create_task(call) for call in calls]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
