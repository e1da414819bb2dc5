"""Calls of servers on this machine, by plain HTTP: for each, httpx would read whom TLS trusts, which takes long."""

from __future__ import annotations

import ssl
from functools import partial
from typing import Any, Final

import httpx
from patience import PATIENCE_SECONDS

HERE: Final[dict[str, Any]] = {"verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "timeout": PATIENCE_SECONDS}
"""How a client calls them; it trusts nobody."""

get: Final = partial(httpx.get, **HERE)
post: Final = partial(httpx.post, **HERE)
request: Final = partial(httpx.request, **HERE)
