"""What the scans of one statement have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from box_dialect.engine.demand import Demand
from box_dialect.engine.once import Once
from box_dialect.engine.shelf import Shelf

if TYPE_CHECKING:
    from box_dialect.api import CallCount


@dataclass(slots=True)
class Shared:
    """The count of a statement's calls, the rows that are wanted of it, what was shown by the way, and the answers."""

    count: CallCount
    demand: Demand = field(default_factory=Demand)
    shelf: Shelf = field(default_factory=Shelf)
    once: Once = field(default_factory=Once)
