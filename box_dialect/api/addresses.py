"""Addresses: where Box answers that something is, and whether a token may be sent there.

What Box answers may be a stranger's, where something else answers in its place; so a token goes to no other host than
those that it was given for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from box_dialect.api.path import Address
from box_dialect.errors import Diagnostics, OperationalError, printable
from box_dialect.properties.hosts import is_trusted

if TYPE_CHECKING:
    from box_dialect.api.client import BoxClient


def trusted(client: BoxClient, url: Any, *, shown: str, said_by: str) -> Address:
    """Return the address of a URL of Box's answer that a token is sent to; `said_by` is the call that was answered.

    Raises OperationalError where it is none, or leads to a host that tokens are not sent to.
    """
    address, base = _address(url, shown, said_by, is_signed=False), client.properties.api_base_url
    parts = urlsplit(address.base)
    if not is_trusted(parts.netloc, base) or not _is_as_safe(parts.scheme, base):
        raise _misplaced(said_by, f"at {printable(parts.netloc)}, which is none of the hosts that tokens are sent to")
    return address


def signed(client: BoxClient, url: Any, *, shown: str, said_by: str) -> Address:
    """Return the address of a URL of Box's answer that grants access by itself, and is shown nowhere.

    Raises OperationalError where it is none.
    """
    address = _address(url, shown, said_by, is_signed=True)
    if not _is_as_safe(urlsplit(address.base).scheme, client.properties.api_base_url):
        raise _misplaced(said_by, "where it cannot be got by https")
    return address


def _address(url: Any, shown: str, said_by: str, *, is_signed: bool) -> Address:
    try:
        return Address(str(url), shown=shown, is_signed=is_signed)
    except ValueError:
        raise _misplaced(said_by, "at no URL") from None


def _is_as_safe(scheme: str, base: str) -> bool:
    return scheme in {"https", urlsplit(base).scheme}


def _misplaced(said_by: str, where: str) -> OperationalError:
    return OperationalError(
        f"{said_by}: what was asked for is said to be {where}, so something else than Box answered; check the property "
        "APIBaseURL and proxies",
        Diagnostics(operation=said_by),
    )
