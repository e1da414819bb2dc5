"""What the terminal of a command is: how wide, and whether lines are to be drawn on it."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Final

VARIABLE: Final = "BOX_PROGRESS"
"""The variable that tells how progress is shown; `plain` is for screen readers."""


def width() -> int | None:
    """Return how many cells a line of standard output may have, None where it is no terminal: a pipe gets all."""
    is_bounded = sys.stdout.isatty() or os.environ.get("COLUMNS")
    return shutil.get_terminal_size().columns if is_bounded else None


def is_dumb() -> bool:
    """Tell whether the terminal, if there is one, knows no control sequences."""
    return os.environ.get("TERM", "dumb") == "dumb" and os.name != "nt"


def is_plain() -> bool:
    """Tell whether standard output is a terminal for a screen reader, or one that can do no more.

    It gets no colours, no pager, and no lines that are drawn, which screen readers read aloud.
    """
    asked = os.environ.get(VARIABLE) or ("plain" if is_dumb() else "live")
    return sys.stdout.isatty() and asked == "plain"
