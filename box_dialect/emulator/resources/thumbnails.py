"""Serve thumbnails of files.

Source: https://developer.box.com/reference/get-files-id-thumbnail-id/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.emulator import errors, pictures
from box_dialect.emulator.faults import THUMBNAIL
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import Resource

from .file_representations import has_picture, shade_of

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call

PLACEHOLDERS = "/placeholders/"
"""Where what stands for thumbnails is."""
_SMALLEST, _LARGEST = 32, 320  # pixels, of what may be asked for
_WHITE, _PLACEHOLDER_SIDE = 255, 64
_KINDS = {
    "png": ("image/png", pictures.png, (32, 64, 128, 256)),
    "jpg": ("image/jpg", pictures.jpeg, (32, 160, 320)),
}
THUMBNAILS = Resource[Any]()


def _bound(call: Call, name: str, default: int) -> int:
    text = call.query.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or len(text) > 3 or not _SMALLEST <= int(text) <= _LARGEST:
        why = f"It must be a number from {_SMALLEST} to {_LARGEST}"
        raise errors.invalid_parameter(name, text, why)
    return int(text)


def _side(call: Call, sides: tuple[int, ...]) -> int:
    """Return the smallest side that is within the bounds that are asked for."""
    least = max(_bound(call, f"min_{side}", _SMALLEST) for side in ("width", "height"))
    most = min(_bound(call, f"max_{side}", _LARGEST) for side in ("width", "height"))
    side = next((side for side in sides if least <= side <= most), None)
    if side is None:
        raise errors.bad_request("requested_preview_unavailable", "There is no thumbnail of such a size")
    return side


@THUMBNAILS.operation("GET", "/files/{file_id}/thumbnail.{extension}")
def get_thumbnail(call: Call) -> Reply:
    """Give a picture of a file; where there is none, say where something is that stands for it."""
    file, extension = call.file(), call.values[1]
    if extension not in _KINDS:
        raise errors.not_found("thumbnail", extension)
    if not file.extension or file.is_trashed:
        raise errors.BoxError(404, "preview_cannot_be_generated", "There are no thumbnails of such a file")
    content_type, write, sides = _KINDS[extension]
    side = _side(call, sides)
    placeholder = {"location": f"{call.base_url}{PLACEHOLDERS}{file.extension}.png"}
    if not has_picture(file, file.content):
        return Reply(302, None, placeholder)
    if call.store.faults.outcome(THUMBNAIL, f"{file.versions[-1].id}/{extension}") == "pending":
        return Reply(202, None, {**placeholder, "retry-after": "1"})
    return Reply(200, write(side, side, shade_of(file.content)), {"content-type": content_type})


def placeholder() -> Reply:
    """Give what stands for thumbnails, which is the same for all kinds of files."""
    data = pictures.png(_PLACEHOLDER_SIDE, _PLACEHOLDER_SIDE, _WHITE)
    return Reply(200, data, {"content-type": "image/png"})
