"""The favorites of a user, which are Box's only collection, and what the user had to do with lately.

Sources: https://developer.box.com/reference/resources/collection/ and …/recent-item/
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import AccessPath, Column, Endpoint, FanOut, Table, Target, Type, Write
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.tables.content import ANY_ITEM, KINDS

_ITEM_TARGET: Final = Target(by="item_type", tables={kind: f"{kind}s.id" for kind in KINDS})
_RECENT: Final = 100
_FAVORITES: Final = 20
_COLLECTIONS: Final = Endpoint(path="/collections", paging=Paging.OFFSET)

collections: Final = Table(
    name="collections",
    doc="The collections of who is signed in: the favorites, which are the only one.",
    reference="https://developer.box.com/reference/resources/collection/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `collection`."),
        Column("name", doc="Always `Favorites`."),
        Column("collection_type", doc="Always `favorites`."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/collections/{id}", takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(name="all", endpoints=(_COLLECTIONS,)),
    ),
)

_ITEMS: Final = Endpoint(
    path="/collections/{collection_id}/items", paging=Paging.OFFSET, known=frozenset({"collection_id"})
)


def _collecting(*collected: Any) -> Write:
    """Return the call that sets the collections of an item, by its type."""
    first, *others = (
        Write(
            method="PUT",
            path=f"/{kind}s/{{item_id}}",
            required=("collection_id", "item_id"),
            body={"collections": [*collected]},
            takes_fields=kind != "web_link",
            answers=False,
        )
        for kind in KINDS
    )
    return replace(first, by="item_type", value=KINDS[0], others=dict(zip(KINDS[1:], others, strict=True)))


collection_items: Final = Table(
    name="collection_items",
    doc="The items in the collections of who is signed in: the favorites. INSERT puts an item there, DELETE takes it "
    "away; the item itself stays as it is.",
    reference="https://developer.box.com/reference/get-collections-id-items/",
    key=("collection_id", "item_type", "item_id"),
    fields=("id", "type"),
    columns=(
        AS_USER,
        Column(
            "collection_id",
            nullable=False,
            derived=NOTHING,
            references="collections.id",
            reverse="items",
            doc="Id of the collection.",
        ),
        Column(
            "item_type", source="type", nullable=False, doc="`file`, which INSERT takes it for, `folder` or `web_link`."
        ),
        Column("item_id", source="id", nullable=False, target=_ITEM_TARGET, doc="Id of the item."),
        *(
            replace(column, reverse="collected_items") if column.name == "parent_id" else column
            for column in ANY_ITEM
            if column.name not in {"id", "type"}
        ),
    ),
    paths=(
        AccessPath(name="by collection", endpoints=(_ITEMS,), keys=("collection_id",), rows=_FAVORITES),
        AccessPath(
            name="of every collection",
            endpoints=(_ITEMS,),
            fan_out=FanOut(key="collection_id", parents=_COLLECTIONS),
            calls=2,
            rows=_FAVORITES,
        ),
    ),
    insert=_collecting({"id": "{collection_id}"}),
    delete=_collecting(),
)

recent_items: Final = Table(
    name="recent_items",
    doc="What who is signed in had to do with lately: items of the last 90 days, a thousand at most.",
    reference="https://developer.box.com/reference/resources/recent-item/",
    key=("item_type", "item_id"),
    fields=("item",),
    columns=(
        AS_USER,
        Column("type", doc="Always `recent_item`."),
        Column("item_type", source="item.type", nullable=False, doc="`file`, `folder` or `web_link`."),
        Column("item_id", source="item.id", nullable=False, target=_ITEM_TARGET, doc="Id of the item."),
        Column("item_name", source="item.name", doc="Name of the item."),
        Column(
            "interaction_type",
            doc="`item_preview`, `item_upload`, `item_comment`, `item_open` or `item_modify`.",
        ),
        Column("interacted_at", Type.TIMESTAMP, doc="When that was."),
        Column("interaction_shared_link", doc="The shared link by which the item was reached."),
    ),
    paths=(AccessPath(name="all", endpoints=(Endpoint(path="/recent_items", paging=Paging.MARKER),), rows=_RECENT),),
)
