"""Engines in a forked child: each begins with an empty pool, and leaves the parent's connections to it.

Source: https://docs.sqlalchemy.org/en/20/core/pooling.html#using-connection-pools-with-multiprocessing-or-os-fork
"""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

_engines: Final[weakref.WeakSet[Engine]] = weakref.WeakSet()


def make_safe_to_fork(engine: Engine) -> None:
    """Have a child of this process make its own connections with the engine."""
    _engines.add(engine)


def _after_fork() -> None:
    for engine in list(_engines):
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
