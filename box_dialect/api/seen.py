"""What a client has seen of its account: the folder tree, and how long listings of all are. Estimates go by it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_FOLDERS: Final = 10_000
"""Folders of a tree that are kept; of those beyond, only their sum."""

MOST_LISTINGS: Final = 1_000
"""Listings of all whose lengths are kept, the last ones."""


class SeenFolder(Struct):
    """A folder: its path with a slash at the end, None where no name was asked for, the calls that its listing took.

    `holds` counts its objects by their types, `marked` those that may have rows in another table, by what tells so, as
    far as that was asked for.
    """

    prefix: str | None
    depth: int
    calls: int = 0
    holds: dict[str, int] = field(default_factory=dict)
    marked: dict[str, int] = field(default_factory=dict)

    def add(self, holds: Mapping[str, int], marked: Mapping[str, int]) -> None:
        """Add what a page of its listing has."""
        self.calls += 1
        for own, found in ((self.holds, holds), (self.marked, marked)):
            for name, count in found.items():
                own[name] = own.get(name, 0) + count


class Survey:
    """One listing of all there is, while it is read: of the folder tree, or of users, groups and the like.

    It is whole when no page is `left`. `rest` is the sum of the folders that are not kept, and all of another listing.
    """

    def __init__(self) -> None:
        self.folders: dict[str, SeenFolder] = {}
        self.rest = SeenFolder(None, 0)
        self.left = 1

    def note(
        self,
        folder: tuple[str, str | None, int] | None,
        holds: Mapping[str, int],
        marked: Mapping[str, int],
        further: int,
    ) -> bool:
        """Take note of a page, of a folder by id, path and depth if it is one's, which leads to so many further ones.

        Returns whether it was the last.
        """
        seen = self.rest
        if folder is not None:
            identity, prefix, depth = folder
            if identity in self.folders or len(self.folders) < MOST_FOLDERS:
                seen = self.folders.setdefault(identity, SeenFolder(prefix, depth))
        seen.add(holds, marked)
        self.left += further - 1
        return not self.left

    @property
    def calls(self) -> int:
        """How many calls it took."""
        return self.rest.calls + sum(folder.calls for folder in self.folders.values())

    @property
    def holds(self) -> Counter[str]:
        """What all folders hold in sum."""
        return self._sum("holds")

    @property
    def marked(self) -> Counter[str]:
        """How many objects may have rows in another table, by what tells so."""
        return self._sum("marked")

    def _sum(self, name: str) -> Counter[str]:
        total: Counter[str] = Counter()
        for folder in (self.rest, *self.folders.values()):
            total.update(getattr(folder, name))
        return total


class Seen:
    """The last whole walk of a client, and its last whole listings by their paths; None and nothing before the first.

    Belongs to the event loop; other threads may read it.
    """

    def __init__(self) -> None:
        self.tree: Survey | None = None
        self.listings: dict[str, Survey] = {}

    def keep(self, path: str, survey: Survey, *, is_tree: bool) -> None:
        """Keep what was seen instead of what was seen before, but for the paths of folders that it does not tell."""
        if is_tree:
            before = {} if self.tree is None else self.tree.folders
            for identity, folder in survey.folders.items():
                if folder.prefix is None and identity in before:
                    folder.prefix = before[identity].prefix
            self.tree = survey
            return
        self.listings.pop(path, None)
        if len(self.listings) >= MOST_LISTINGS:
            del self.listings[next(iter(self.listings))]
        self.listings[path] = survey
