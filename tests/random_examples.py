"""How many random examples a test tries: few by default, and `BOX_EXAMPLES` times as many where that is set."""

from __future__ import annotations

import os
from typing import Final

TIMES: Final = int(os.environ.get("BOX_EXAMPLES", "1"))


def examples(number: int) -> int:
    """Return how many examples to try where so many are tried by default."""
    return number * TIMES
