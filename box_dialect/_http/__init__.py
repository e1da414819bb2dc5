"""Decide which HTTP library the package uses; every other module imports `httpx` from here.

`httpx2` is the maintained fork of `httpx`, and the two share no classes. Authlib takes `httpx2` where it is installed,
so the same order is used here: one process never mixes the two.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

if TYPE_CHECKING or importlib.util.find_spec("httpx2") is None:
    import httpx
else:
    import httpx2 as httpx

__all__ = ["httpx"]
