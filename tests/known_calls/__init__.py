"""What each procedure sends to the emulator's default data, and what it gives.

A module for each family of procedures has `CALLS`; together they give each input of each procedure a value.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from box_dialect.emulator.store import Store


@dataclass(frozen=True, slots=True)
class Called:
    """A call of a procedure: what it is given, what Box gets, and what comes of it."""

    inputs: Mapping[str, object]
    """The inputs that have a value."""
    sent: Sequence[tuple[Any, ...]]
    """The requests: method, path and query; the body; the headers that differ from those of others, where any do."""
    rows: Sequence[tuple[Any, ...]] = ()
    """The rows: `...` equals anything but NULL, and `Has` what has a text."""
    prepare: Callable[[Store], object] | None = None
    """What is done to the emulator's data first."""
    before: Sequence[str] = ()
    """Statements that come first."""
    fails: str = ""
    """What the error says, where Box refuses."""


@dataclass(frozen=True, slots=True, eq=False)
class Has:
    """A value that equals a text in which its own text stands."""

    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.text in other

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, eq=False)
class Something:
    """A value that equals any but NULL."""

    def __eq__(self, other: object) -> bool:
        return other is not None

    __hash__ = None  # type: ignore[assignment]


def _collected() -> dict[str, Sequence[Called]]:
    found: dict[str, Sequence[Called]] = {}
    for module in pkgutil.iter_modules(__path__):
        entries = getattr(importlib.import_module(f"{__name__}.{module.name}"), "CALLS", {})
        assert not (twice := {*found} & {*entries}), f"two modules have {twice}"
        found |= entries
    return found


CALLS: dict[str, Sequence[Called]] = _collected()
"""For each procedure, calls of it."""
