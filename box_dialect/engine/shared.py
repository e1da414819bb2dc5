"""What the scans of one statement have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.engine.demand import Demand
from box_dialect.engine.fields import Fields
from box_dialect.engine.once import Once
from box_dialect.engine.shelf import Shelf

if TYPE_CHECKING:
    from box_dialect.api import CallCount
    from box_dialect.engine.childless import Childless
    from box_dialect.engine.plan import Plan


class Shared:
    """What the scans of one statement have in common.

    That is the count of its calls, the rows that are wanted of it, the fields that it reads, the answers that several
    scans need, what listings show by the way, the paths by which all folders are `walked`, and the ids of the
    `walked_folders`, those that a walk has come to.
    """

    def __init__(self, count: CallCount, childless: Childless) -> None:
        self.count = count
        self.demand = Demand()
        self.shelf = Shelf(childless)
        self.fields = Fields(self.shelf)
        self.once = Once()
        self.walked: set[str] = set()
        self.walked_folders: set[str] = set()

    def want(self, plan: Plan) -> None:
        """Take note that the statement may run a plan."""
        self.shelf.want(plan)
        self.fields.want(plan)
