"""What makes rows of the objects of a scan's listings: of its own table, and of others that the statement looks up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.engine.scan.row_maker import RowMaker, row_maker
from box_dialect.engine.scan.struct_decoder import decoder, shape

if TYPE_CHECKING:
    import msgspec

    from box_dialect.catalog.model import Endpoint, JsonObject
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.context import ScanContext
    from box_dialect.engine.scan.listing import Listing
    from box_dialect.engine.scan.side_rows import Found


class RowMakers:
    """The row makers of a scan by their endpoints, each made once."""

    def __init__(self, plan: Plan, context: ScanContext) -> None:
        self._plan, self._context = plan, context
        self._plain: dict[int, tuple[Endpoint, RowMaker]] = {}
        self._slotted: dict[int, tuple[msgspec.json.Decoder[Any] | None, RowMaker]] = {}
        self._lookups: dict[tuple[str, Any], list[tuple[Plan, RowMaker]]] = {}

    def found(self, entry: JsonObject, listing: Listing) -> list[Found]:
        """Return the rows of other tables that an object is, which the statement looks up by key."""
        shown = listing.endpoint.asked_as, entry.get("type")
        if shown not in self._lookups:
            plans = self._context.fields.lookups(listing.endpoint, shown[1])
            objects = listing.endpoint.objects
            self._lookups[shown] = [(plan, row_maker(plan.table, plan.layout, objects)) for plan in plans]
        of_user = (listing.keys[AS_USER.name],) if AS_USER.name in listing.keys else ()
        return [
            (plan.lookup_key(entry["id"], *of_user), (make(entry, listing.location, listing.keys),))
            for plan, make in self._lookups[shown]
        ]

    def plain(self, endpoint: Endpoint) -> RowMaker:
        """Return the row maker of an endpoint, which is made once for the scan."""
        made = self._plain.get(id(endpoint))
        if made is None:
            maker = row_maker(self._plan.table, self._plan.layout, endpoint)
            made = self._plain[id(endpoint)] = (endpoint, maker)
        return made[1]

    def slotted(self, endpoint: Endpoint, asked: str | None) -> tuple[msgspec.json.Decoder[Any] | None, RowMaker]:
        """Return what decodes the further pages of an endpoint into slots, and the row maker for those; made once."""
        made = self._slotted.get(id(endpoint))
        if made is None:
            plan, found = self._plan, None
            shows_others = bool(self._context.side_rows.shown(endpoint)) or any(
                self._context.fields.lookups(endpoint, kind) for kind in endpoint.lists
            )
            is_plain = endpoint.complete is None and not endpoint.strict
            if asked is not None and is_plain and not endpoint.rows and not shows_others:
                found = shape(plan.table, asked.split(","), endpoint)
            made = self._slotted[id(endpoint)] = (
                None if found is None else decoder(found),
                row_maker(plan.table, plan.layout, endpoint, found),
            )
        return made
