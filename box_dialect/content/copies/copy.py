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


@dataclass(slots=True)
class Plan:
    """What is to be copied, and what became already of other sources, which are not."""

    copies: list[Copy] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    _targets: dict[str, str] = field(default_factory=dict)

    def add(self, copy: Copy, key: str) -> None:
        """Take a copy; one to a target that another has, by its key, fails."""
        other = self._targets.setdefault(key, copy.source)
        if other != copy.source:
            self.results.append(copy.result(Outcome.FAILED, f"{other} has the same target"))
        else:
            self.copies.append(copy)

    def fail(self, source: str, why: object, target: str = "") -> None:
        """Take note of what cannot be copied."""
        self.results.append(Result(source, target, Outcome.FAILED, why=str(why)))

    def leave_out(self, source: str, why: str) -> None:
        """Take note of what is not copied, which is no failure."""
        self.results.append(Result(source, "", Outcome.LEFT_OUT, why=why))


class Told(Protocol):
    """Whom a run tells how far it is: on the event loop, but for `progress`, which worker threads call."""

    def planned(self, copies: list[Copy]) -> None:
        """Take note of all that is going to be looked at, before the first is."""

    def progress(self, copy: Copy, done: int) -> None:
        """Take note of how many bytes are there."""

    def ended(self, result: Result, copy: Copy | None) -> None:
        """Take note of what became of a source."""
