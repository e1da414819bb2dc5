"""What was seen of an account, as estimates ask for it: what its tree holds, what part of that has rows elsewhere."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

from box_dialect.catalog.folder_items import FOLDERS
from box_dialect.engine.scan.surveyor import mark, narrowing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.api.seen import Seen, SeenFolder, Survey
    from box_dialect.catalog.model import FanOut, Having
    from box_dialect.engine.plan.plan import Plan


class SeenAccount:
    """An account as far as a client has seen it, for one estimation."""

    def __init__(self, seen: Seen) -> None:
        self.tree, self.listings = seen.tree, seen.listings

    @property
    def folders(self) -> Mapping[str, SeenFolder]:
        """The folders of the tree, by their ids."""
        return {} if self.tree is None else self.tree.folders

    @cached_property
    def holds(self) -> Counter[str]:
        """What the whole tree holds, by types."""
        return Counter() if self.tree is None else self.tree.holds

    @cached_property
    def scale(self) -> float | None:
        """How large the account is, by its folders, beside that which access paths declare their costs for.

        None before its tree was walked.
        """
        return None if self.tree is None else (1 + self.holds["folder"]) / FOLDERS

    @cached_property
    def _marked(self) -> Counter[str]:
        return Counter() if self.tree is None else self.tree.marked

    def share(self, kind: str, having: Having | None, guess: float) -> float:
        """Return the part of the objects of a type that have rows in another table, as it was seen or is guessed."""
        if having is None or not self.holds[kind] or mark(kind, having) not in self._marked:
            return guess
        return self._marked[mark(kind, having)] / self.holds[kind]

    def parents(self, level: FanOut, kind: str | None) -> float:
        """Return how many parents of a type have rows."""
        name = "file" if kind is None else kind
        return self.share(name, level.having, level.share) * self.holds[name]

    def listing(self, plan: Plan, arguments: tuple[Any, ...] | None) -> Survey | None:
        """Return what was seen of a listing of all: as it is filtered, or else of more than that."""
        name = plan.path.endpoints[0].asked_as
        narrowed = "" if arguments is None else narrowing(plan, arguments)
        return self.listings.get(name + narrowed) or self.listings.get(name)


def held(folder: SeenFolder, kinds: set[Any]) -> float:
    """Return how many objects of some types a folder holds, of all where no type is named."""
    return sum(n for kind, n in folder.holds.items() if kind in kinds or None in kinds)
