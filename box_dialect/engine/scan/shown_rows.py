"""Shown rows: rows of other tables that stand within the objects of a listing, such as further instances of an item."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from box_dialect.catalog.model import dig
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.engine.scan.listing import nested_of
from box_dialect.engine.scan.row_maker import row_maker
from box_dialect.engine.scan.strict import check_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from box_dialect.catalog.model import JsonObject, Shown
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.listing import Listing
    from box_dialect.engine.scan.row_maker import RowMaker
    from box_dialect.engine.scan.side_rows import Found, SideRows


class ShownRows:
    """The rows that the objects of a scan's listing show, for what the statement is planned to look up."""

    def __init__(self, side_rows: SideRows) -> None:
        self._side_rows = side_rows
        self._makers: list[tuple[Plan, Shown, RowMaker]] | None = None
        self._seen: set[str] = set()

    def found(self, operation: str, listing: Listing, entries: Sequence[JsonObject]) -> Iterator[Found]:
        """Give the rows by the keys of scans, which are made as the user of the listing.

        That an object has none is known where it tells so, or once another one has shown one: it may not be asked for
        rightly.
        """
        endpoint = listing.endpoint
        user = {name: value for name, value in listing.keys.items() if name == AS_USER.name}
        if self._makers is None:
            self._makers = [
                (plan, shown, row_maker(plan.table, plan.layout, replace(endpoint, rows=(shown.nested,))))
                for plan, shown in self._side_rows.shown(endpoint)
            ]
        for plan, shown, make in self._makers:
            within = [(entry, nested_of(operation, (shown.nested,), [entry])) for entry in entries]
            if any(rows for _, rows in within):
                self._seen.add(plan.identity)
            for entry, rows in within:
                if plan.identity not in self._seen and shown.nested.place not in entry:
                    continue
                check_rows(operation, (), rows, plan.table.fields)
                yield _key(plan, shown, entry, user), tuple(make(row, None, user) for row in rows)


def _key(plan: Plan, shown: Shown, entry: JsonObject, user: Mapping[str, str]) -> object:
    """Return the key of the scan that looks an object up, as a user if there is one."""
    known = {**{key: dig(entry, *place.split(".")) for key, place in shown.keys.items()}, **user}
    arguments = {term.argument: known[term.column] for term in plan.keys}
    return plan.scan_key(tuple(arguments[place] for place in sorted(arguments)))
