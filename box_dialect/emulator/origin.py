"""Tell where a request comes from: this machine and the emulator's own address, or another machine or web site.

A web page anywhere can let a browser send requests to a port of this machine, also by a name that it lets lead here
(DNS rebinding). What the browser says of it is in these headers.

Sources: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site and
https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Origin
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_PROXIES = frozenset({b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"})
"""Headers that a proxy adds: who asks it may be anywhere."""


def is_same_site(headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether no page of another origin sent a request; what is no browser says nothing and passes."""
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is not None:
        return site in (b"same-origin", b"none")
    return origin is None or origin.partition(b"://")[2] == headers.get(b"host")


class Origin:
    """The address that an emulator listens at."""

    def __init__(self, base_url: str) -> None:
        address = urlsplit(base_url)
        names = (address.netloc, f"localhost:{address.port}", f"127.0.0.1:{address.port}", f"[::1]:{address.port}")
        self._hosts = {name.encode().lower() for name in names}

    def is_own(self, client: tuple[str, int] | None, headers: Mapping[bytes, bytes]) -> bool:
        """Tell whether a request comes from this machine, to this address by its own name, and from no other site.

        One that came by a proxy may come from anywhere.
        """
        is_here = client is not None and ipaddress.ip_address(client[0]).is_loopback and _BY_PROXIES.isdisjoint(headers)
        return is_here and headers.get(b"host", b"").lower() in self._hosts and is_same_site(headers)
