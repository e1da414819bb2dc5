"""The connection properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from box_dialect.properties.declared import DECLARED, PROPERTIES, Properties
from box_dialect.properties.hosts import is_local, is_loopback, token_hosts
from box_dialect.properties.model import Property
from box_dialect.properties.parsing import read
from box_dialect.properties.restriction import are_urls_restricted, checked, restrict_urls
from box_dialect.properties.sign_in import check_sign_in
from box_dialect.properties.urls import find, from_url, hosted, is_database, is_named, merged

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = [
    "PROPERTIES",
    "Properties",
    "Property",
    "check_values",
    "find",
    "from_url",
    "gathered",
    "hosted",
    "is_database",
    "is_local",
    "is_loopback",
    "is_named",
    "merged",
    "parse",
    "restrict_urls",
    "token_hosts",
]

BOX_API_HOST: Final = "api.box.com"
BOX_CALLS_PER_MINUTE: Final = 1000
"""Box's published limit for a user: https://developer.box.com/guides/api-calls/permissions-and-errors/rate-limits/"""


def gathered(url: str | Mapping[str, Any] | None, named: Mapping[str, Any]) -> Properties:
    """Return the checked properties of a URL and of those named besides, which go before; raises ProgrammingError.

    `url` is the URL, or the raw properties that it carries.
    """
    carried = from_url(url) if isinstance(url, str) else merged({}, list((url or {}).items()))
    own = merged({}, list(named.items()))
    return parse({**carried, **own}, by_url=carried.keys() - own.keys())


def parse(raw: Mapping[str, Any], by_url: Collection[str] = ()) -> Properties:
    """Check raw properties and fill in the defaults.

    `raw` maps names (any case, or snake_case) to text or to Python values; `env:NAME` and `file:PATH` stand for the
    content of an environment variable or a file. `by_url` are the names of those that a URL gives, as they are
    declared. Raises ProgrammingError that names the property and what it allows.
    """
    properties = check_values(raw, by_url)
    check_sign_in(properties)
    return properties


def check_values(raw: Mapping[str, Any], by_url: Collection[str] = ()) -> Properties:
    """Check raw properties as `parse` does, but for what signing in needs, which may come later."""
    given = merged({}, list(raw.items()))
    is_restricted = are_urls_restricted()
    if is_restricted:
        given = checked(given, by_url)
    values: dict[str, Any] = {name: read(declared, given.get(declared.name)) for name, declared in DECLARED.items()}
    if values["max_calls_per_minute"] is None:
        is_box = urlsplit(values["api_base_url"]).hostname == BOX_API_HOST
        values["max_calls_per_minute"] = BOX_CALLS_PER_MINUTE if is_box else 0
    may_write = "Readonly" not in by_url and given.get("Readonly") is not None and not values["readonly"]
    return Properties(
        **values,
        is_restricted=is_restricted,
        is_box_readonly=is_restricted and not may_write,
        tells_paths=not is_restricted,
    )
