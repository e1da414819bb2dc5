"""A Box with the tree over which the statements of `bench.shapes` run."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from conftest import Box

from bench.tree import planted
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def planted_box() -> Iterator[Box]:
    """Serve ten folders in each of ten, ten files in each of these."""
    emulator = Emulator(Options())
    emulator.store = planted()
    with emulator:
        yield Box(emulator)
