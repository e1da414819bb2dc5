"""Templates of what a call sends beside its path: `{column}` in a text stands for a value of that column."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELD_VALUE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
"""What the field of an HTTP header can hold (RFC 9110, section 5.5), in ASCII."""


def filled(template: Any, values: Mapping[str, str]) -> Any:
    """Return a template of JSON with values in its places; raises KeyError where one is missing."""
    if isinstance(template, str):
        return template.format_map(values)
    if isinstance(template, dict):
        return {name: filled(each, values) for name, each in template.items()}
    if isinstance(template, list):
        return [filled(each, values) for each in template]
    return template


def filled_headers(headers: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return headers with values in their places; raises DataError for a value that no header can hold.

    The value is not shown: it may be a password.
    """
    for name in names_in(headers):
        if not _FIELD_VALUE.fullmatch(values[name]):
            raise DataError(f"the value of {name} cannot stand in an HTTP header, which takes printable ASCII only")
    return {name: header.format_map(values) for name, header in headers.items()}


def names_in(template: Any) -> frozenset[str]:
    """Return the names of a template's places."""
    if isinstance(template, str):
        return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)
    parts = template.values() if hasattr(template, "values") else template if isinstance(template, list) else ()
    return frozenset[str]().union(*map(names_in, parts))
