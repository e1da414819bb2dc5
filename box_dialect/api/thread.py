"""The thread of the event loop, by its name."""

from typing import Final

THREAD: Final = "box-dialect"
"""The name of the thread that all calls of this process run on."""
