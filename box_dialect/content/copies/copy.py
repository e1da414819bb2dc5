"""Copy: one file or folder that is to be copied, and what became of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Report = Callable[[int, int | None], None]


class Outcome(enum.Enum):
    """What became of a file or a folder; of `COPIED`, in a dry run, what would become of it."""

    COPIED = "copied"
    IDENTICAL = "identical"
    KEPT = "kept"
    LEFT_OUT = "left out"
    FAILED = "failed"


class Conflict(enum.Enum):
    """What is done where the target is a file of other content: an error, nothing, or a copy over it."""

    FAIL = "fail"
    SKIP = "skip"
    OVERWRITE = "overwrite"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a source; `why` is a sentence, empty where all is well."""

    source: str
    target: str
    outcome: Outcome
    size: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """A file, or a folder without its files, that is to be copied; source and target are spelled as they are shown.

    `transfer` copies it, and reports how many bytes are there. Where something is at the target, `is_identical` tells
    whether that has the same content.
    """

    source: str
    target: str
    size: int
    transfer: Callable[[Report], Awaitable[Any]]
    is_identical: Callable[[], Awaitable[bool]] | None = None

    def result(self, outcome: Outcome, why: str = "") -> Result:
        """Return what became of it."""
        return Result(self.source, self.target, outcome, self.size, why)


@dataclass(frozen=True, slots=True)
class Claim:
    """A target, as it is shown, that a source has."""

    source: str
    target: str
    is_folder: bool


@dataclass(slots=True)
class Plan:
    """What is to be copied, and what became already of other sources, which are not."""

    copies: list[Copy] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    _claims: dict[str, Claim] = field(default_factory=dict)

    def claims(self, source: str, target: str, key: str, *, is_folder: bool = False) -> bool:
        """Tell whether a source is to be copied to a target, which has the same `key` however it is spelled.

        Folders of one name become one. Any other source of a target that is claimed fails, but for the same one again.
        """
        claim = Claim(source, target, is_folder)
        first = self._claims.setdefault(key, claim)
        if first is claim:
            return True
        if is_folder and (first.target, first.is_folder) == (target, True):
            return True
        if first != claim:
            what = "the same target" if first.target == target else "a target that differs in the case of letters alone"
            self.fail(source, f"{first.source} has {what}", target)
        return False

    def takes(self, source: str, target: str, there: str | None, *, is_folder: bool) -> bool:
        """Tell whether a folder or a file can be copied to where something of a type is, None where nothing is.

        Types are directory, file and other. Where it cannot, the source fails.
        """
        if there in {None, "directory" if is_folder else "file"}:
            return True
        self.fail(source, f"the target is there already, and is no {'folder' if is_folder else 'file'}", target)
        return False

    def fail(self, source: str, why: object, target: str = "") -> None:
        """Take note of what cannot be copied."""
        self.results.append(Result(source, target, Outcome.FAILED, why=str(why)))

    def leave_out(self, source: str, why: str) -> None:
        """Take note of what is not copied, which is no failure."""
        self.results.append(Result(source, "", Outcome.LEFT_OUT, why=why))


class Observer(Protocol):
    """Whom a run tells how far it is: on the event loop, but for `progress`, which worker threads call."""

    def planned(self, copies: list[Copy]) -> None:
        """Take note of all that is going to be looked at, before the first is."""

    def progress(self, copy: Copy, done: int) -> None:
        """Take note of how many bytes are there."""

    def ended(self, result: Result, copy: Copy | None) -> None:
        """Take note of what became of a source."""
