"""Fill a store with people and content; the same seed always gives the same ids, names and times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .default import plant_default
from .directory import plant_directory
from .synthetic import plant_synthetic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from box_dialect.emulator.store import Store

__all__ = ["plant", "plant_default", "plant_directory", "plant_synthetic"]


def plant(
    store: Store,
    load: Path | None = None,
    synthetic: int | None = None,
    exclude: Sequence[str] = (),
    shape: Mapping[str, Any] | None = None,
) -> None:
    """Fill a store from a directory, with a number of generated files, or else with the small default tree.

    `shape` holds what `plant_synthetic` takes besides the number.
    """
    if load is not None:
        plant_directory(store, load, exclude)
    elif synthetic is not None:
        plant_synthetic(store, synthetic, **(shape or {}))
    else:
        plant_default(store)
