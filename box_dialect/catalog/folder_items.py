"""What folders hold: how it is listed, and how much of it there is thought to be."""

from __future__ import annotations

import re
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.model import Endpoint

NOT_ROOT: Final = re.compile("[1-9][0-9]{0,19}")
"""What the id of an item can be that the root folder is not."""

FOLDERS: Final = 1_000
FILES: Final = 20_000
"""How many folders and files there are thought to be, to which the estimates of all access paths fit."""

CLASSIFICATION: Final = "classification"
"""What a listing shows within an item that has a label."""

FOLDER_ITEMS: Final = Endpoint(
    path="/folders/{parent_id}/items",
    paging=Paging.MARKER,
    parameters={"usemarker": "true"},
    known=frozenset({"parent_id"}),
    lists={"file": "files", "folder": "folders", "web_link": "web_links"},
    shows=frozenset({CLASSIFICATION}),
)
"""A folder's items of every kind. Source: https://developer.box.com/reference/get-folders-id-items/"""
