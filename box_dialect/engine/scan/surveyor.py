"""Surveyor: what a scan that lists all there is tells of the account, for estimates."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from box_dialect.api.seen import Seen, Survey

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from box_dialect.catalog.model import Endpoint, Having, JsonObject
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.listing import Listing


def surveyor(plan: Plan, arguments: tuple[Any, ...], seen: Seen) -> Surveyor | None:
    """Return what surveys the scan of a plan; None for one of some keys, folders or rows, and a filtered walk."""
    path, narrowed = plan.path, narrowing(plan, arguments)
    if (
        plan.scope
        or path.keys
        or plan.limit is not None
        or (path.fan_out is not None and not path.walks)
        or (path.walks and narrowed)
    ):
        return None
    return Surveyor(seen, path.also, narrowed, is_tree=path.walks)


def narrowing(plan: Plan, arguments: tuple[Any, ...]) -> str:
    """Return what a listing that Box filters has in common with others of the same rows, beside what it asks for.

    It is empty where Box filters nothing.
    """
    if not plan.filters and plan.condition is None:
        return ""
    filters = [
        (narrow.column, *((term.op, arguments[term.argument]) for term in terms)) for narrow, terms in plan.filters
    ]
    given = None if plan.given is None else arguments[plan.given]
    return f" {blake2b(repr((filters, plan.condition, given)).encode(), digest_size=8).hexdigest()}"


class Surveyor:
    """The survey of one scan, which the client keeps once that is at its end; what is read `beside` is none of it.

    It is kept by what the listing asks for, and by how it is `narrowed`.
    """

    def __init__(self, seen: Seen, beside: Collection[Endpoint], narrowed: str, *, is_tree: bool) -> None:
        self._seen, self._beside, self._is_tree, self._survey = seen, beside, is_tree, Survey()
        self._narrowed = narrowed

    def note(
        self,
        listing: Listing,
        entries: Sequence[JsonObject],
        further: Sequence[Listing],
        signs: Collection[tuple[str, Having]],
        *,
        has_names: bool,
    ) -> None:
        """Take note of a page with its objects, and of the listings that it leads to.

        `signs` are what tells of objects, by their types, whether they may have rows in another table. `has_names`
        tells that the names of folders were asked for.
        """
        location = listing.location
        if (self._is_tree and location is None) or listing.endpoint in self._beside:
            return
        if location is None:  # objects that may be decoded without their types
            is_last = self._survey.note(None, {"": len(entries)}, {}, len(further))
        else:
            types: dict[Any, int] = Counter([entry.get("type") for entry in entries])
            marked = {
                mark(kind, having): sum(having.may_have_rows(entry) for entry in entries if entry.get("type") == kind)
                for kind, having in signs
            }
            prefix = location.prefix if has_names or not location.depth else None
            coming = sum(each.location is not None for each in further)
            is_last = self._survey.note((location.id, prefix, location.depth), types, marked, coming)
        if is_last:
            self._seen.keep(listing.endpoint.asked_as + self._narrowed, self._survey, is_tree=self._is_tree)


def mark(kind: str, having: Having) -> str:
    """Return the name of what tells of the objects of a type that they may have rows in another table."""
    return f"{kind} {having.name}"
