"""What was moved to the trash.

Sources: https://developer.box.com/reference/resources/trash-file/, …/trash-folder/ and …/trash-web-link/
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import CONTENT_TIMES, user
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type, Write
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.tables.content import ITEM_IDS, KINDS

_ONE: Final = tuple(Endpoint(path=f"/{kind}s/{{id}}/trash", given={"type": kind}) for kind in KINDS)
_COUNT: Final = 5_000
_PAGE: Final = 1_000
"""How many items are thought to be in the trash, and how many a call lists."""


def _by_type(first: Write, *others: Write) -> Write:
    """Return the call that writes an item in the trash, by its type."""
    return replace(first, by="type", value=KINDS[0], others=dict(zip(KINDS[1:], others, strict=True)))


trashed_items: Final = Table(
    name="trashed_items",
    doc="Files, folders and web links in the trash, without what lies in a folder there. An UPDATE of `parent_id` or "
    "`name` restores an item, DELETE removes it for good.",
    reference="https://developer.box.com/reference/get-folders-trash-items/",
    key=("type", "id"),
    fields=("id", "type"),
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="`file`, `folder` or `web_link`."),
        Column(
            "name",
            nullable=False,
            update="name",
            doc="The name; an UPDATE restores the item, by this name where its own is in use by then.",
        ),
        Column(
            "parent_id",
            source="parent.id",
            references="folders.id",
            update="parent.id",
            doc="Id of the folder that held it; an UPDATE restores the item, to this folder where its own is gone.",
        ),
        Column("description", doc="The description."),
        Column("size", Type.INTEGER, doc="Size in bytes; a web link has none."),
        Column("sha1", doc="SHA-1 of a file's content, in hexadecimal."),
        Column("file_version_id", source="file_version.id", doc="Id of a file's current version."),
        Column("url", doc="Where a web link leads."),
        Column("created_at", Type.TIMESTAMP, doc="When it was made on Box."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed on Box."),
        *CONTENT_TIMES,
        Column("trashed_at", Type.TIMESTAMP, doc="When it was moved to the trash."),
        Column("purged_at", Type.TIMESTAMP, doc="When it is removed for good by itself."),
        *user("created_by", "the user who made it"),
        *user("modified_by", "the user who changed it last"),
        *user("owned_by", "the user who owns it"),
        Column("etag", doc="Changes with every change of the item."),
        Column("sequence_id", doc="Number of the last event that changed the item."),
        Column("item_status", doc="Always `trashed`."),
    ),
    paths=(
        AccessPath(name="by key", endpoints=_ONE, keys=("type", "id"), accepts=ITEM_IDS, unique=True),
        AccessPath(name="by id", endpoints=_ONE, keys=("id",), calls=len(KINDS)),
        AccessPath(
            name="all",
            endpoints=(Endpoint(path="/folders/trash/items", paging=Paging.MARKER, parameters={"usemarker": "true"}),),
            calls=_COUNT / _PAGE,
            rows=_COUNT,
        ),
    ),
    update=_by_type(*(Write(method="POST", path=f"/{kind}s/{{id}}") for kind in KINDS)),
    delete=_by_type(*(Write(method="DELETE", path=f"/{kind}s/{{id}}/trash") for kind in KINDS)),
)
