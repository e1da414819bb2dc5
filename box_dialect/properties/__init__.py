"""The connection properties."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from box_dialect.properties.declared import PROPERTIES, Properties
from box_dialect.properties.hosts import is_local, is_loopback, token_hosts
from box_dialect.properties.model import Property
from box_dialect.properties.parsing import read
from box_dialect.properties.sign_in import check_sign_in
from box_dialect.properties.urls import find, from_url, hosted, merged

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PROPERTIES",
    "Properties",
    "Property",
    "check_values",
    "find",
    "from_url",
    "gathered",
    "hosted",
    "is_local",
    "is_loopback",
    "merged",
    "parse",
    "token_hosts",
]

BOX_API_HOST: Final = "api.box.com"
BOX_CALLS_PER_MINUTE: Final = 1000
"""Box's published limit for a user: https://developer.box.com/guides/api-calls/permissions-and-errors/rate-limits/"""


def gathered(url: str | None, named: Mapping[str, Any]) -> Properties:
    """Return the checked properties of a URL and of those named besides, which go before; raises ProgrammingError."""
    return parse(merged({} if url is None else from_url(url), list(named.items())))


def parse(raw: Mapping[str, Any]) -> Properties:
    """Check raw properties and fill in the defaults.

    `raw` maps names (any case, or snake_case) to text or to Python values; `env:NAME` and `file:PATH` stand for the
    content of an environment variable or a file. Raises ProgrammingError that names the property and what it allows.
    """
    properties = check_values(raw)
    check_sign_in(properties)
    return properties


def check_values(raw: Mapping[str, Any]) -> Properties:
    """Check raw properties as `parse` does, but for what signing in needs, which may come later."""
    given = merged({}, list(raw.items()))
    values: dict[str, Any] = {
        f.name: read(p, given.get(p.name)) for f, p in zip(fields(Properties), PROPERTIES, strict=True)
    }
    if values["max_calls_per_minute"] is None:
        is_box = urlsplit(values["api_base_url"]).hostname == BOX_API_HOST
        values["max_calls_per_minute"] = BOX_CALLS_PER_MINUTE if is_box else 0
    return Properties(**values)
