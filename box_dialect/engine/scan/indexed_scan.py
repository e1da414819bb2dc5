"""Indexed scan: a scan of Box's index, and of what is read instead where Box refuses that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.engine.caller_warnings import warning_of_index
from box_dialect.engine.scan.distinct import Distinct
from box_dialect.engine.scan.scan import Scan
from box_dialect.engine.scan.sorted_pages import SortedRows
from box_dialect.engine.scan.strict import is_refusal
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from box_dialect.api.client import BoxClient
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.context import ScanContext
    from box_dialect.engine.scan.row_maker import Row


def scan_of(plan: Plan, arguments: tuple[Any, ...], client: BoxClient, context: ScanContext) -> Scan | IndexedScan:
    """Return the scan of a plan."""
    if plan.live is None:
        return Scan(plan, arguments, client, context)
    return IndexedScan(plan, plan.live, arguments, client, context)


class IndexedScan:
    """A run of a plan of Box's index; where Box refuses it, or answers in an unknown form, of `live` in its place.

    That is remembered by the client, and the statement tells of it. Rows that came before are not given again.
    """

    def __init__(
        self, plan: Plan, live: Plan, arguments: tuple[Any, ...], client: BoxClient, context: ScanContext
    ) -> None:
        self._plan, self._live, self._arguments = plan, live, arguments
        self._client, self._context = client, context
        self._given = Distinct()
        self._asked_as = [each.asked_as for each in plan.path.endpoints]
        is_refused = any(map(client.refusals.has, self._asked_as))
        self._scan = self._of_live() if is_refused else Scan(plan, arguments, client, context)
        self._is_live = is_refused

    async def next_page(self) -> list[Row] | None:
        """Return the next rows, or None when there are no more; raises what a call of the scan raised."""
        while True:
            try:
                rows = await self._scan.next_page()
            except DatabaseError as error:
                if self._is_live or not any(is_refusal(error, each.operation) for each in self._plan.path.endpoints):
                    raise
                await self._turn_to_live(error)
            else:
                return None if rows is None else self._given.fresh(rows)

    @property
    def is_exhausted(self) -> bool:
        """Whether no further page comes."""
        return self._scan.is_exhausted

    def ready_pages(self) -> list[list[Row]]:
        """Return the pages that are there already."""
        return [self._given.fresh(page) for page in self._scan.ready_pages()]

    async def aclose(self) -> None:
        """Cancel what is in flight; nobody waits for it."""
        await self._scan.aclose()

    async def _turn_to_live(self, error: DatabaseError) -> None:
        """Read what is, after a failure; raises it where rows were given in an order that others would not fit into."""
        if self._given.has_any and self._plan.order is not None:
            raise error
        for each in self._asked_as:
            if self._client.refusals.note(each):
                self._context.warnings.append(warning_of_index(self._plan.table.name, error))
        await self._scan.aclose()
        self._scan, self._is_live = self._of_live(), True

    def _of_live(self) -> Scan | SortedRows:
        plan, live = self._plan, self._live
        scan = Scan(live, self._arguments[: live.taken], self._client, self._context)
        if plan.order is None or live.order is not None:
            return scan
        return SortedRows(scan, plan.places[plan.table.numbers[plan.order.column]], reverse=plan.descending)
