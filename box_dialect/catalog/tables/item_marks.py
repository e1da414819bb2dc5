"""What marks items: locks of folders, watermarks, and items of applications that they belong to.

Sources: https://developer.box.com/reference/resources/folder-lock/, …/watermark/ and …/app-item-association/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.features import needs
from box_dialect.catalog.folder_items import FILES, FOLDER_ITEMS, FOLDERS, NOT_ROOT
from box_dialect.catalog.model import AccessPath, Column, Endpoint, FanOut, Having, Table, Target, Type, Write
from box_dialect.catalog.model.as_user import AS_USER

_KINDS: Final = ("file", "folder")
_TARGET: Final = Target(by="item_type", tables={kind: f"{kind}s.id" for kind in _KINDS})
_ITEMS: Final = FILES + FOLDERS
_MARKED: Final = 0.01
"""The part of the items that is thought to have a watermark, a lock, or an item of an application."""

_NO_OWNER: Final = "access_denied_insufficient_permissions"
"""Box's code for what it tells to the owners of a folder alone."""

_LOCKS: Final = Endpoint(
    path="/folder_locks",
    paging=Paging.ALL,
    parameters={"folder_id": "{folder_id}"},
    takes_fields=False,
    known=frozenset({"folder_id"}),
    advice=needs("folder locks"),
)

folder_locks: Final = Table(
    name="folder_locks",
    doc="Locks that keep folders from being moved and deleted; Box tells these to the owners and co-owners of a folder "
    "alone. Without a key, those of every folder that the signed-in user owns, which takes a call for each folder.",
    reference="https://developer.box.com/reference/resources/folder-lock/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `folder_lock`."),
        Column(
            "folder_id",
            source="folder.id",
            nullable=False,
            references="folders.id",
            insert="folder.id",
            doc="Id of the folder.",
        ),
        Column("folder_name", source="folder.name", nullable=False, doc="Name of the folder."),
        Column(
            "locked_operations_move",
            Type.BOOLEAN,
            "locked_operations.move",
            nullable=False,
            insert="locked_operations.move",
            doc="Whether moving is forbidden; always true.",
        ),
        Column(
            "locked_operations_delete",
            Type.BOOLEAN,
            "locked_operations.delete",
            nullable=False,
            insert="locked_operations.delete",
            doc="Whether deleting is forbidden; always true.",
        ),
        Column("lock_type", doc="Always `freeze`."),
        Column("created_at", Type.TIMESTAMP, doc="When the folder was locked."),
        Column("created_by_id", source="created_by.id", references="users.id", doc="Id of the user who locked it."),
        Column("created_by_type", source="created_by.type", doc="Always `user`."),
    ),
    paths=(
        AccessPath(name="by folder", endpoints=(_LOCKS,), keys=("folder_id",), rows=_MARKED),
        AccessPath(
            name="of every folder",
            endpoints=(replace(_LOCKS, absent=frozenset({_NO_OWNER})),),
            fan_out=FanOut(key="folder_id", parents=FOLDER_ITEMS.keeping(type="folder"), walk=True),
            calls=2 * FOLDERS,
            rows=_MARKED * FOLDERS,
        ),
    ),
    insert=Write(
        method="POST",
        path="/folder_locks",
        required=("folder_id",),
        body={"folder": {"type": "folder"}},
        together=(("locked_operations_move", "locked_operations_delete"),),
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/folder_locks/{id}"),
)

_WATERMARKS: Final = tuple(
    Endpoint(
        path=f"/{kind}s/{{item_id}}/watermark",
        takes_fields=False,
        known=frozenset({"item_id"}),
        given={"item_type": kind},
        parent_type=kind,
        advice=needs("watermarks"),
    )
    for kind in _KINDS
)


def _marking(method: str, **values: Any) -> Write:
    """Return the call that writes the watermark of an item, by its type."""
    file, folder = (
        Write(method=method, path=f"/{kind}s/{{item_id}}/watermark", takes_fields=False, **values) for kind in _KINDS
    )
    return replace(file, by="item_type", value="file", others={"folder": folder})


watermarks: Final = Table(
    name="watermarks",
    doc="Watermarks of files and folders; what lies in a folder has the folder's. Without a key, those of every file "
    "and folder that has one.",
    reference="https://developer.box.com/reference/resources/watermark/",
    key=("item_type", "item_id"),
    fields=(),
    columns=(
        AS_USER,
        Column("item_type", derived=NOTHING, nullable=False, doc="`file`, which INSERT takes it for, or `folder`."),
        Column("item_id", derived=NOTHING, nullable=False, target=_TARGET, doc="Id of the file or folder."),
        Column("created_at", Type.TIMESTAMP, "watermark.created_at", doc="When it was applied."),
        Column("modified_at", Type.TIMESTAMP, "watermark.modified_at", doc="When it was applied last."),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=_WATERMARKS,
            keys=("item_type", "item_id"),
            accepts={"item_type": re.compile("file|folder"), "item_id": NOT_ROOT},
            unique=True,
        ),
        AccessPath(name="by item", endpoints=_WATERMARKS, keys=("item_id",), accepts=NOT_ROOT, calls=2, rows=_MARKED),
        AccessPath(
            name="of every item",
            endpoints=_WATERMARKS,
            fan_out=FanOut(
                key="item_id",
                parents=FOLDER_ITEMS,
                walk=True,
                having=Having("watermark_info.is_watermarked"),
                share=_MARKED,
            ),
            calls=FOLDERS + _MARKED * _ITEMS,
            rows=_MARKED * _ITEMS,
        ),
    ),
    insert=_marking("PUT", body={"watermark": {"imprint": "default"}}),
    delete=_marking("DELETE"),
)

_ASSOCIATIONS: Final = tuple(
    Endpoint(
        path=f"/{kind}s/{{item_id}}/app_item_associations",
        paging=Paging.MARKER,
        takes_fields=False,
        known=frozenset({"item_id"}),
        given={"item_type": kind},
        parent_type=kind,
        own="item.id",
    )
    for kind in _KINDS
)
_APPLICATION: Final = (filters.equals("application_type", "application_type"),)

app_item_associations: Final = Table(
    name="app_item_associations",
    doc="Which files and folders belong to items of Box's applications, such as hubs. One of a folder holds for all in "
    "it, and is listed at the folder alone. Without a key, those of every file and folder that has some.",
    reference="https://developer.box.com/reference/resources/app-item-association/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `app_item_association`."),
        Column("app_item_id", source="app_item.id", nullable=False, doc="Id of the application's item."),
        Column("app_item_type", source="app_item.type", nullable=False, doc="Always `app_item`."),
        Column("application_type", source="app_item.application_type", nullable=False, doc="The application: `hubs`."),
        Column("item_type", source="item.type", nullable=False, doc="`file` or `folder`."),
        Column("item_id", source="item.id", nullable=False, target=_TARGET, doc="Id of the file or folder."),
    ),
    paths=(
        AccessPath(
            name="by item",
            endpoints=_ASSOCIATIONS,
            keys=("item_id",),
            accepts=NOT_ROOT,
            filters=_APPLICATION,
            calls=2,
            rows=_MARKED,
        ),
        AccessPath(
            name="of every item",
            endpoints=_ASSOCIATIONS,
            fan_out=FanOut(
                key="item_id",
                parents=FOLDER_ITEMS,
                walk=True,
                having=Having("is_associated_with_app_item"),
                share=_MARKED,
            ),
            filters=_APPLICATION,
            calls=FOLDERS + _MARKED * _ITEMS,
            rows=_MARKED * _ITEMS,
        ),
    ),
)
