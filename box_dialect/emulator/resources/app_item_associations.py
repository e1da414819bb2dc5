"""Serve what files and folders have to do with the items of applications; nothing of Box's API changes it.

Source: https://developer.box.com/reference/resources/app-item-association
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import render
from box_dialect.emulator.resource import List, Resource
from box_dialect.emulator.routing import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from box_dialect.emulator.model import File, Folder, Item


@dataclass(slots=True, eq=False, kw_only=True)
class AppItemAssociation(Entity):
    """That a file or folder, with all below it, is associated with an item of an application."""

    type, table, first_id = "app_item_association", "app_item_associations", 5_107_000_001
    owners = ("item",)
    item: File | Folder
    app_item_id: str
    application_type: str


def associations(item: Item) -> Iterator[AppItemAssociation]:
    """Yield the associations of an item and of the folders above it."""
    step: Item | None = item
    while step is not None:
        yield from step.of(AppItemAssociation).values()
        step = step.parent


def _of(find: Callable[[Call], File | Folder]) -> Callable[[Call], Iterable[AppItemAssociation]]:
    return lambda call: associations(find(call))


_FILTERS = {"application_type": lambda association, wanted: association.application_type == wanted}

APP_ITEM_ASSOCIATIONS = Resource(
    AppItemAssociation,
    List("/files/{file_id}/app_item_associations", rows=_of(Call.file), filters=_FILTERS, page=marker_page),
    List("/folders/{folder_id}/app_item_associations", rows=_of(Call.folder), filters=_FILTERS, page=marker_page),
    mini=("app_item", "item"),
    computed={
        "app_item": lambda association: {
            "type": "app_item",
            "id": association.app_item_id,
            "application_type": association.application_type,
        },
        "item": lambda association: render(association.item, "base"),
    },
    takes_fields=False,
    feature=Feature("app_items", 404),
)
