"""The files of a folder that this process holds open; what its threads open elsewhere does not count."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import pytest

_DESCRIPTORS: Final = Path("/proc/self/fd")

needs_descriptors: Final = pytest.mark.skipif(not _DESCRIPTORS.is_dir(), reason="there is no /proc to see them in")


def held_below(folder: Path) -> list[Path]:
    """Return where each descriptor leads that leads to a folder or below it."""
    held = []
    for descriptor in _DESCRIPTORS.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another thread has closed it just now
            held.append(descriptor.readlink())
    return sorted(path for path in held if path.is_relative_to(folder))
