"""What shared links lead to.

Source: https://developer.box.com/reference/get-shared-items/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.folder_items import FILES, FOLDER_ITEMS, FOLDERS
from box_dialect.catalog.model import TEXT, AccessPath, Column, Endpoint, Table
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.tables.content import ANY_ITEM, ITEM_IDS, KINDS, one_item

_ANY: Final = re.compile(".+", re.DOTALL)
_SHARED: Final = 0.02
"""The part of the items that is thought to have a link."""

_ACCEPTED: Final = {"shared_link": re.compile(r"https?://[!-%'-~]+"), "shared_link_password": TEXT}
"""A link has no `&`, behind which the header has the password."""

_LISTED: Final = replace(FOLDER_ITEMS, keep={"shared_link.url": _ANY})


def _by_link(name: str, *keys: str) -> AccessPath:
    """Return the way to the item of a link, which a header names with the password, where that is a key too."""
    endpoint = Endpoint(
        path="/shared_items",
        headers={"boxapi": "&".join(f"{key}={{{key}}}" for key in keys)},
        keep={"type": ITEM_IDS["type"]},
        known=frozenset(keys),
    )
    return AccessPath(name=name, endpoints=(endpoint,), keys=keys, accepts=_ACCEPTED, unique=True)


shared_items: Final = Table(
    name="shared_items",
    doc="The file, folder or web link that a shared link leads to: `shared_link = 'https://…'`, also where it lies in "
    "no folder of one's own. Without a link, all items that have one, of every folder.",
    reference="https://developer.box.com/reference/get-shared-items/",
    key=("type", "id"),
    fields=("id", "type"),
    columns=(
        AS_USER,
        Column("shared_link", hidden=True, derived=NOTHING, doc="The link, as in `shared_link = 'https://…'`."),
        Column(
            "shared_link_password",
            hidden=True,
            secret=True,
            derived=NOTHING,
            doc="The password of the link, where it has one: compared by `=` beside it.",
        ),
        *ANY_ITEM,
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=tuple(
                replace(one_item(kind), keep={"item_status": "active", "shared_link.url": _ANY}) for kind in KINDS
            ),
            keys=("type", "id"),
            accepts=ITEM_IDS,
            unique=True,
        ),
        _by_link("by link", "shared_link"),
        _by_link("by link and password", "shared_link", "shared_link_password"),
        AccessPath(name="by parent", endpoints=(_LISTED,), keys=("parent_id",), rows=_SHARED * FILES / FOLDERS),
        AccessPath(name="walk", endpoints=(_LISTED,), walk=True, calls=FOLDERS, rows=_SHARED * (FILES + FOLDERS)),
    ),
)
