"""The properties of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.model import Column, Known, SystemTable, Type
from box_dialect.catalog.model.procedure import snake_case
from box_dialect.catalog.values import json_text
from box_dialect.properties.declared import DECLARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.properties import Properties, Property


def _text(value: Any) -> str | None:
    """Return a value as a URL has it."""
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _told(declared: Property, properties: Properties, value: Any) -> str | None:
    """Return what SQL may read of a value: nothing of a secret, nor of the paths of a machine where others write it.

    An address is told without its query, which may hold a secret too.
    """
    if declared.secret or (declared.kind == "path" and not properties.tells_paths):
        return None
    text = _text(value)
    return text.partition("?")[0] if text is not None and declared.kind in {"url", "callback"} else text


def _properties(_: Known, properties: Properties) -> Iterator[tuple[Any, ...]]:
    for attribute, each in DECLARED.items():
        told, options = _told(each, properties, getattr(properties, attribute)), json_text(each.values or None)
        yield each.name, snake_case(each.name), each.kind, _text(each.default), told, options, each.secret, each.doc


sys_properties: Final = SystemTable(
    name="sys_properties",
    doc="The properties of the connection. Values of secrets are not told, nor paths of the machine in a process that "
    "restricts URLs, or to an assistant.",
    columns=(
        Column("name", nullable=False, doc="The name."),
        Column("snake_case", nullable=False, doc="The name in snake_case."),
        Column("type", nullable=False, doc="What kind of value it takes, as `text`, `choice`, `boolean`, `integer`."),
        Column("default_value", doc="Its value where nothing else is said."),
        Column("value", doc="Its value, as a URL has it, of an address without its query; NULL of a secret."),
        Column("options", Type.JSON, doc="The values that it takes, where these are fixed, a list of texts."),
        Column("is_secret", Type.BOOLEAN, nullable=False, doc="Whether its value is a secret."),
        Column("description", nullable=False, doc="What it does."),
    ),
    key="name",
    tell=_properties,
)
