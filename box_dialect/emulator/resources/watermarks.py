"""Serve the watermarks of files and folders.

Source: https://developer.box.com/reference/resources/watermark
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import render
from box_dialect.emulator.resource import Resource
from box_dialect.emulator.routing import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.emulator.model import File, Folder, Item
    from box_dialect.emulator.representations import Json

_APPLY = ("can_apply_watermark",)


@dataclass(slots=True, eq=False, kw_only=True)
class Watermark(Entity):
    """What previews of a file, or of the files in a folder, are marked with."""

    type, table, first_id = "watermark", "watermarks", 5_106_000_001
    owners, unique = ("item",), ("item",)
    item: File | Folder


class _Imprint(TypedDict):
    imprint: Literal["default"]


class NewWatermark(TypedDict):
    """What a watermark is made of."""

    watermark: _Imprint


WATERMARKS = Resource(Watermark, base=("created_at", "modified_at"), feature=Feature("watermarks"))


def watermark_of(item: Item) -> Watermark | None:
    """Return the watermark that an item has itself."""
    return next(iter(item.of(Watermark).values()), None)


def watermark_info(item: Item) -> Json:
    """Write whether an item has a watermark, and whether it is that of a folder above it."""
    step: Item | None = item
    while step is not None and not step.of(Watermark):
        step = step.parent
    return {
        "is_watermarked": step is not None,
        "is_watermark_inherited": step not in (item, None),
        "is_watermarked_by_access_policy": False,
    }


def _serve(path: str, find: Callable[[Call], File | Folder]) -> None:
    """Declare what can be done with the watermark of an item of a kind."""

    def found(call: Call) -> Watermark:
        watermark = watermark_of(find(call))
        if watermark is None:
            raise errors.not_found("watermark", call.id)
        return watermark

    @WATERMARKS.operation("GET", path)
    def get(call: Call) -> Json:
        """Get the watermark of an item."""
        return {"watermark": render(found(call))}

    @WATERMARKS.operation("PUT", path, NewWatermark, needs=_APPLY)
    def apply(call: Call) -> Reply:
        """Apply a watermark, with status 201, or apply it anew."""
        item, _ = find(call), call.json
        if item.id == "0":
            raise errors.forbidden()
        watermark = watermark_of(item)
        if watermark is None:
            new = call.store.add(Watermark(item=item))
            call.store.record("WATERMARK_LABEL_CREATE", call.user, item)
            return Reply(201, {"watermark": render(new)})
        call.store.change(watermark, {})
        return Reply(200, {"watermark": render(watermark)})

    @WATERMARKS.operation("DELETE", path, needs=_APPLY)
    def remove(call: Call) -> Reply:
        """Remove the watermark of an item."""
        watermark = found(call)
        call.store.remove(watermark)
        call.store.record("WATERMARK_LABEL_DELETE", call.user, watermark.item)
        return Reply(204)


_serve("/files/{file_id}/watermark", Call.file)
_serve("/folders/{folder_id}/watermark", Call.folder)
