"""Which hosts are this machine, which are Box, and which ones the tokens of a connection go to."""

from __future__ import annotations

import functools
import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from box_dialect.properties.declared import Properties

BOX_HOSTS: Final = frozenset({"api.box.com", "upload.box.com", "account.box.com"})
"""Box's own hosts: https://developer.box.com/guides/api-calls/"""

_BOX_DOMAINS: Final = (".box.com", ".boxcloud.com")
"""Where else Box's hosts are: https://support.box.com/hc/en-us/articles/360043694834"""


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


def is_trusted(host: str, api_base_url: str) -> bool:
    """Tell whether a token goes to a host, with its port, that Box has answered: the API's own, or another of Box's.

    Where the API is not at Box, it goes to that host alone.
    """
    api = urlsplit(api_base_url).netloc.lower()
    return host.lower() == api or (api in BOX_HOSTS and host.lower().endswith(_BOX_DOMAINS))


def token_hosts(properties: Properties) -> str | None:
    """Return the hosts that issue, take, upload with and revoke the tokens of a connection; None where all are Box."""
    urls = properties.token_url, properties.api_base_url, properties.upload_base_url, properties.revoke_url
    hosts = [urlsplit(url).netloc.lower() for url in urls]
    return None if BOX_HOSTS.issuperset(hosts) else " ".join(hosts)
