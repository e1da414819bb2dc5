"""The warning of a rollback that cannot undo a write to Box."""

from __future__ import annotations

import inspect
import warnings
from typing import Final

from box_dialect.errors import BoxTransactionWarning

_ON_THE_WAY: Final = frozenset({"asyncio", "box_dialect", "contextlib", "sqlalchemy"})
"""Packages between a caller and the driver."""


def warn_of_writes() -> None:
    """Warn, in the name of the line that led here, that what was written to Box stays."""
    warnings.warn(
        "what was written to Box stays there: Box has no transactions to roll back",
        BoxTransactionWarning,
        stacklevel=_callers_level(),
    )


def _callers_level() -> int:
    """Return how far above `warn_of_writes()` the first caller is who is neither the driver nor on the way to it."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _ON_THE_WAY:
        level, frame = level + 1, frame.f_back
    return level
