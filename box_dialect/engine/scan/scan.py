"""Scan: one run of an access path against Box, from the listings that it begins with to pages of rows.

A walk leads to the folders that it finds, a fan-out to the listings of the parents that it finds, a page to its
continuation.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from box_dialect.api import ApiCall, EndOfPreviewError, Paging
from box_dialect.api.paging import first
from box_dialect.catalog.model import Endpoint, JsonObject, Location, Slotted, dig
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.engine.scan.bindings import Bindings
from box_dialect.engine.scan.completer import Completer
from box_dialect.engine.scan.concurrent_pages import ConcurrentPages, ScanPage
from box_dialect.engine.scan.distinct import Distinct
from box_dialect.engine.scan.listing import (
    ROOT,
    Listing,
    advised,
    continuations,
    entries_of,
    kept_of,
    means_no_row,
    nested_of,
    unrepeated,
)
from box_dialect.engine.scan.page_call import page_call
from box_dialect.engine.scan.refused_users import is_refused
from box_dialect.engine.scan.row_maker import OTHER_FORMS, Row, fields, of_another_form
from box_dialect.engine.scan.row_makers import RowMakers
from box_dialect.engine.scan.shown_rows import ShownRows
from box_dialect.engine.scan.sorted_pages import SortedPages, SortedRows
from box_dialect.engine.scan.stream import continued, positioned
from box_dialect.engine.scan.strict import check_rows, check_told
from box_dialect.engine.scan.surveyor import surveyor
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from box_dialect.api.client import BoxClient
    from box_dialect.catalog.model import FanOut
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.context import ScanContext

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
        self._shown_rows = ShownRows(context.side_rows)
        self._completer = Completer(self._send, context)
        self._makers = RowMakers(plan, context)
        self._needed_of: dict[tuple[str, str], frozenset[str]] = {}
        self._led_on: set[tuple[Any, ...]] = {(len(plan.path.levels), "folder", (ROOT.id,))}
        self._distinct: Distinct | None = None
        if plan.table.distinct or plan.path.walk or plan.path.also:
            self._distinct = Distinct(None if plan.path.walk or plan.path.also else _DUPLICATE_WINDOW)
        self._pages: _Pages | None = None
        self._surveyor = surveyor(plan, arguments, client.seen)

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
        beside = [each for each in listings if plan.path.fan_out is not None and self._is_beside(each)]
        others = [each for each in listings if each not in beside]
        pages = ConcurrentPages(
            others,
            self._checked,
            width,
            self._context.row_limit,
            last=[] if plan.kinds else beside,  # whose rows are of no kind
            all_wanted=self._all_wanted,
            lane_of=lambda listing: listing.keys.get(AS_USER.name),
        )
        if plan.order is None:
            return pages
        return SortedRows(pages, plan.places[plan.table.numbers[plan.order.column]], reverse=plan.descending)

    @cached_property
    def _is_walked(self) -> bool:
        """Whether a walk of the statement lists the folder whose rows are asked for, and its answers are there."""
        folders = self._bindings.accepted("parent_id") if "parent_id" in self._plan.path.keys else []
        asked = {(folder, user) for each in folders for folder in each for user in self._plan.users(self._arguments)}
        return self._answers.has_room and not self._context.walked_folders.isdisjoint(asked)

    def _first_listings(self) -> list[Listing]:
        path = self._plan.path
        if not self._plan.endpoints(self._arguments) or not self._bindings.can_hold:
            return []
        combinations = self._bindings.combinations()
        users = dict.fromkeys(keys[AS_USER.name] for keys in combinations) if path.is_as_user else {}
        beside = [{AS_USER.name: user} for user in users] if path.is_as_user else [{}]
        also = [] if self._bindings.excludes_root else [self._listing(e, keys) for keys in beside for e in path.also]
        if path.walk:
            return also + [
                self._listing(e, {**keys, "parent_id": ROOT.id}, location=ROOT)
                for keys in combinations
                for e in path.endpoints
                if self._bindings.scope(ROOT)
            ]
        named = [each for keys in combinations for each in self._deeper(path.levels, keys)]
        return also + named + self._by_alias()

    def _deeper(self, levels: tuple[FanOut, ...], keys: dict[str, str], kind: str | None = None) -> list[Listing]:
        """Return the listings that keys lead to, of parents on the first level or of rows; `kind` is their parent's."""
        if not levels:
            return [
                self._listing(endpoint, keys)
                for endpoint in self._plan.endpoints(self._arguments)
                if (kind is None or endpoint.parent_type in {None, kind})
                and all(keys.get(column, value) == value for column, value in endpoint.given.items())
                and not self._is_empty(endpoint, keys)
            ]
        level = levels[0]
        if level.parents is None:
            return [each for value in level.values for each in self._deeper(levels[1:], {**keys, level.key: value})]
        if level.walk:
            return [self._listing(level.parents, {**keys, "parent_id": ROOT.id}, location=ROOT, levels=levels)]
        return [self._listing(level.parents, keys, levels=levels)]

    def _is_empty(self, endpoint: Endpoint, keys: Mapping[str, str]) -> bool:
        """Tell whether it was seen that there are no rows under the keys."""
        own = self._plan.path.own_keys
        return bool(self._plan.parent_types) and self._side_rows.is_empty(
            self._plan, endpoint, keys[own[0]], keys.get(AS_USER.name)
        )

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
            self._context.walked_folders.add((location.id, keys.get(AS_USER.name)))
        if order is not None and not self._is_walked:
            fixed = {name: value for name, value in endpoint.parameters.items() if name != "usemarker"}
            most = endpoint.max_offset or _RELIABLE_OFFSET
            endpoint = replace(endpoint, paging=order.paging, parameters=fixed, max_offset=most)
        seen: set[tuple[Any, Any]] | None = set() if endpoint.paging is Paging.OFFSET else None
        return Listing(endpoint, keys, first(endpoint.paging, self._page_size(endpoint)), location, levels, seen=seen)

    def _selecting(self, listing: Listing) -> dict[str, Any]:
        """Return what a call sends to have Box filter and sort."""
        if listing.levels or self._is_beside(listing):
            return {}  # it is for rows of the listing, not for parents, or what is read beside
        order, selecting = self._plan.order, self._bindings.selecting(listing.endpoint, listing.keys)
        if order is not None and not self._is_walked:
            selecting |= order.descending if self._plan.descending else order.ascending
        return selecting

    def _is_beside(self, listing: Listing) -> bool:
        """Tell whether a listing is read beside those that the path leads to."""
        return not listing.levels and listing.endpoint in self._plan.path.also

    def _page_size(self, endpoint: Endpoint) -> int | None:
        """Return how many objects a first page has: no more than LIMIT wants, where nobody else has a use for them.

        None where Box decides.
        """
        if not endpoint.takes_limit:
            return None
        wanted = self._plan.wanted_rows(self._arguments)
        has_several = not all(nested.single for nested in endpoint.rows)
        if wanted is None or endpoint.keep or has_several or self._context.fields.is_shared(endpoint.asked_as):
            return endpoint.max_limit
        return max(1, min(endpoint.max_limit, wanted))

    async def _read(self, listing: Listing) -> ScanPage[Listing, Row]:
        """Get one page and make its rows."""
        endpoint, user = listing.endpoint, listing.keys.get(AS_USER.name)
        asked = self._context.fields.of(endpoint.asked_as) if endpoint.takes_fields else None
        make, is_shared = self._makers.plain(endpoint), self._is_shared(listing)
        decode, slotted_maker = (None, make) if is_shared else self._makers.slotted(endpoint, asked)
        selecting, behind = continued(listing, self._selecting(listing))
        call = page_call(listing, selecting, asked, decode)
        try:
            body = await (self._answers.send(call, self._send) if is_shared else self._send(call))
        except DatabaseError as error:
            if (not endpoint.strict and means_no_row(error, listing)) or await self._is_refused(user, error):
                return ScanPage([], [])
            raise advised(error, endpoint) from None
        entries = positioned(call, endpoint, entries_of(call, endpoint, body), body, behind)
        self._side_rows.note_empty_of(entries, endpoint, (asked or "").split(","), user)
        nested = self._nested(call.operation, endpoint, entries)
        further, is_walk = continuations(listing, body), listing.location is not None
        led_by = entries if is_walk and not listing.levels else nested
        if is_walk or listing.levels:
            further += self._below(led_by, listing)
        if self._surveyor is not None:
            names = (asked or "").split(",")
            told = [sign for sign in self._side_rows.signs_told(names) if sign[0] in endpoint.lists]
            self._surveyor.note(listing, led_by, further, told, has_names="name" in names)
        self._side_rows.put(listing.found)
        if listing.levels:
            return ScanPage([], further)
        kept = unrepeated(kept_of(nested, listing), listing, self._identity(endpoint))
        shown = entries if endpoint.rows else kept
        for entry in shown if endpoint.lists and not self._plan.is_lookup else ():
            self._side_rows.put(self._makers.found(entry, listing))
        if endpoint.shows:
            self._side_rows.put(self._shown_rows.found(call.operation, listing, shown))
        if (lacking := endpoint.complete) is not None and lacking.serves(self._plan.table.columns, self._plan.columns):
            kept = await self._completer.completed(lacking, kept, listing)
        if kept and isinstance(kept[0], Slotted):
            make = slotted_maker
        rows = [make(entry, listing.location, listing.keys) for entry in kept]
        return ScanPage(rows if self._distinct is None else self._distinct.fresh(rows), further)

    def _nested(self, operation: str, endpoint: Endpoint, entries: list[JsonObject]) -> list[JsonObject]:
        """Return what is a row, or a parent, in the objects of an answer."""
        if not endpoint.strict:
            return nested_of(operation, endpoint.rows, entries)
        check_told(operation, entries, partial(self._needed, endpoint))
        nested = nested_of(operation, endpoint.rows, entries)
        check_rows(operation, entries, nested, self._plan.table.fields)
        return nested

    def _needed(self, endpoint: Endpoint, kind: str) -> frozenset[str]:
        """Return the fields that an object of a type must have: for its row, and for those of other tables."""
        found = self._needed_of.get((endpoint.asked_as, kind))
        if found is None:
            wanted = [*self._context.fields.lookups(endpoint, kind), *([] if endpoint.rows else [self._plan])]
            names = {"id", "type", *(nested.place.partition(".")[0] for nested in endpoint.rows)}
            for plan in wanted:
                told = [number for number in plan.columns if plan.table.columns[number].named is None]
                names |= fields(plan.table, told, endpoint.objects, in_folder=False)
            found = self._needed_of[endpoint.asked_as, kind] = frozenset(names)
        return found

    async def _checked(self, listing: Listing) -> ScanPage[Listing, Row]:
        """Read a page, whose form is not trusted; raises DataError for one of another.

        What a preview makes no call for is a page without rows, and so is what is read as a user whom Box refuses.
        """
        if listing.keys.get(AS_USER.name) in self._context.refused_users:
            return ScanPage([], [])
        try:
            return await self._read(listing)
        except EndOfPreviewError:
            return ScanPage([], [])
        except OTHER_FORMS as error:
            raise of_another_form(listing.endpoint, error) from None

    async def _is_refused(self, user: str | None, error: DatabaseError) -> bool:
        """Tell whether Box refused a call since nobody may act as its user."""
        return user is not None and await is_refused(user, error, self._send, self._context)

    def _is_shared(self, listing: Listing) -> bool:
        """Tell whether others may need the page: walks of several branches, scans of several keys, and other tables.

        One listing that a single table reads is not kept whole.
        """
        path = self._plan.path
        is_of_many = listing.is_beginning or path.walk or path.fan_out is not None or self._is_walked
        return is_of_many or self._context.fields.is_shared(listing.endpoint.asked_as)

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
        found = (*listing.found, *self._makers.found(entry, listing))
        if is_folder and (location := listing.location) is not None:
            above = (*location.ancestors, location.id)
            folder = Location(entry["id"], f"{location.prefix}{entry.get('name')}/", location.depth + 1, above)
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
        found = [named if path.walk else frozenset[str](), named]
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

    async def _send(self, call: ApiCall) -> Any:
        return await self._client.send(call, self._context.count)
