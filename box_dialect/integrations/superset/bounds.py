"""Bounds: what one statement may take of Box's quota, which Superset's users share."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any, Final

from box_dialect.properties import is_named

if TYPE_CHECKING:
    from collections.abc import Mapping

BOUNDS: Final[Mapping[str, int]] = {"MaxApiCalls": 10_000, "Timeout": 300}
"""What bounds a statement and has no default in the driver, with what the form gives it: calls, and seconds."""

_DATABASES_KNOWN: Final = 1024

_log: Final = logging.getLogger("box_dialect")


def missing(query: Mapping[str, Any], connect_args: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the bounds that neither a URL's query nor `connect_args` have; 0 says that there is none."""
    return tuple(name for name in BOUNDS if not is_named(name, query) and not is_named(name, connect_args))


def warn(database: str, query: Mapping[str, Any], connect_args: Mapping[str, Any]) -> None:
    """Warn in the log, once for each database of a process, of bounds that it has not."""
    if names := missing(query, connect_args):
        _warn(database, names)


@functools.lru_cache(_DATABASES_KNOWN)  # which is what says it once
def _warn(database: str, names: tuple[str, ...]) -> None:
    _log.warning(
        "the database %s of Superset has no %s, so that one query may list all of Box; add to its URL, or to its "
        "engine parameters: %s",
        database,
        " and no ".join(names),
        "&".join(f"{name}={BOUNDS[name]}" for name in names),
    )
