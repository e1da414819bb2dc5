"""Which hosts are this machine."""

from __future__ import annotations

import functools
import ipaddress
from urllib.parse import urlsplit


def is_local(url: str) -> bool:
    """Tell whether a base URL leads to this machine, which no proxy stands before."""
    return is_loopback(urlsplit(url).hostname or "")


@functools.cache
def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
