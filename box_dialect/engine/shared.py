"""What the scans of one statement have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.engine.demand import Demand
from box_dialect.engine.fields import Fields
from box_dialect.engine.once import Once
from box_dialect.engine.shelf import Shelf

if TYPE_CHECKING:
    from box_dialect.api import CallCount
    from box_dialect.engine.plan import Plan


class Shared:
    """What the scans of one statement have in common.

    That is the count of its calls, the rows that are wanted of it, the fields that it reads, the answers that several
    scans need, and what listings show by the way. `walked_folders` are the ids of the folders that a walk is to list.
    """

    def __init__(self, count: CallCount) -> None:
        self.count = count
        self.demand = Demand()
        self.shelf = Shelf()
        self.fields = Fields(self.shelf)
        self.once = Once()
        self.walked_folders: set[str] = set()

    def want(self, plan: Plan) -> None:
        """Take note that the statement may run a plan."""
        self.shelf.want(plan)
        self.fields.want(plan)
