"""How long tests wait for what comes at once unless something is broken, however slow the machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS: Final = 120


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds, which another thread or process brings about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "what a test waits for does not come"
        time.sleep(0.01)
