"""What procedures on items have in common: the inputs that name one, and what is told of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.model import Column, Derived, Type
from box_dialect.catalog.model.procedure import Input

if TYPE_CHECKING:
    from collections.abc import Callable

_KINDS: Final = ("file", "folder", "web_link")


def one_of(*kinds: str) -> tuple[Input, Input]:
    """Return the inputs for an item of one of some kinds: its id, and its kind, which is a file unless told."""
    named = ", ".join(f"`{kind}`" for kind in kinds)
    return (
        Input(name="ItemId", required=True, doc="Id of the item."),
        Input(name="ItemType", choices=kinds, default="file", sent=_plural, doc=f"What it is: {named}."),
    )


def _plural(kind: str) -> str:
    """Return how the paths of items of a kind begin."""
    return f"{kind}s"


ANY_ITEM: Final = one_of(*_KINDS)
"""The inputs for an item."""

FILE_ID: Final = Input(name="FileId", required=True, doc="Id of the file.")

ETAG: Final = Input(name="ETag", header="If-Match", doc="The `etag` that it must still have. Default: any.")
"""Source: https://developer.box.com/guides/api-calls/ensure-consistency/"""

SUCCESS: Final = Column(
    "Success",
    Type.BOOLEAN,
    derived=Derived(function=lambda _entry, _location: True, fields=()),
    doc="True; a failure is an error.",
)

ITEM: Final = (
    Column("Id", doc="Id of the item."),
    Column("Type", doc="What it is: `file`, `folder` or `web_link`."),
    Column("Name", doc="Its name."),
    Column("ParentId", source="parent.id", doc="Id of the folder that holds it."),
    Column("ETag", source="etag", doc="Its `etag` now; Box counts changes by it."),
)
"""What is told of an item that was made or changed."""

FIELDS: Final = {"fields": "id,type,name,parent,etag"}
"""The parameter that asks for no more than that."""


def reference(kind: str) -> Callable[[str], dict[str, Any]]:
    """Return what makes of an id the reference to an object of a kind that a body has."""
    return lambda identity: {"type": kind, "id": identity}


def references(kind: str) -> Callable[[list[str]], list[dict[str, Any]]]:
    """Return what makes of ids the references to objects of a kind that a body has."""
    return lambda ids: [{"type": kind, "id": each} for each in ids]
