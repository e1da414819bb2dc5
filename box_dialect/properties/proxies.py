"""The proxy that the environment names for a URL.

Source: https://www.python-httpx.org/environment_variables/
"""

from __future__ import annotations

import importlib.util
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from box_dialect.errors import OperationalError
from box_dialect.properties.hosts import is_local

_SOCKS: Final = frozenset({"socks5", "socks5h"})
_SCHEMES: Final = frozenset({"http", "https"}) | _SOCKS


def proxy_of(url: str) -> str | None:
    """Return the proxy that the environment names for a URL; there is none before this machine.

    One that is named without a scheme speaks HTTP. Raises OperationalError, without what the variable has, which may be
    a password, for one that cannot be used.
    """
    parts = urlsplit(url)
    if is_local(url) or proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    name = parts.scheme if proxies.get(parts.scheme) else "all"
    named = proxies.get(name)
    if not named:
        return None
    proxy = named if "://" in named else f"http://{named}"
    if problem := _problem(proxy):
        raise OperationalError(f"the proxy in the environment variable {name.upper()}_PROXY cannot be used: {problem}")
    return proxy


def _problem(proxy: str) -> str:
    """Return what is wrong with a proxy, and what to do; empty where nothing is."""
    scheme = proxy.partition("://")[0].lower()
    try:
        parts = urlsplit(proxy)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or scheme not in _SCHEMES or any(each.isspace() for each in proxy):
        return "write it as http://HOST:PORT, with https or socks5 in the place of http where it is one of these"
    if scheme in _SOCKS and importlib.util.find_spec("socksio") is None:
        return "SOCKS needs a library; run: pip install socksio"
    return ""
