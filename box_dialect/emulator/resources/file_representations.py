"""Serve what Box renders of files: their texts, documents as PDF, and pictures of their first page.

Source: https://developer.box.com/guides/representations/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from box_dialect.emulator import errors, pictures
from box_dialect.emulator.content import MemoryContent
from box_dialect.emulator.faults import REPRESENTATION
from box_dialect.emulator.reply import Reply, Stream
from box_dialect.emulator.resource import Resource
from box_dialect.emulator.texts import text_of

from .downloads import version_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.emulator.content import Content
    from box_dialect.emulator.model import File, Version
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

IMAGES = frozenset({"bmp", "gif", "heic", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp"})
"""Extensions of files that are pictures."""
_SAMPLE = 4096  # bytes of a text that are shown on a page
_HINT = re.compile(r"\[([^\]]*)\]")
_PATH = "/internal_files/{file_id}/versions/{file_version_id}/representations/{representation}"
FILE_REPRESENTATIONS = Resource[Any]()


def shade_of(content: Content) -> int:
    """Return the grey that shows a content, which is another one for most others: from 192 to 255."""
    return 192 + int(content.sha1[:2], 16) % 64


def has_picture(file: File, content: Content) -> bool:
    """Tell whether there are pictures of a file."""
    return file.extension.lower() in IMAGES or _has_pdf(file, content)


def _has_text(file: File, content: Content) -> bool:
    return text_of(content, file.extension) is not None


def _has_pdf(file: File, content: Content) -> bool:
    return file.extension.lower() == "pdf" or _has_text(file, content)


def _as_text(file: File, content: Content) -> Content:
    return text_of(content, file.extension) or MemoryContent(b"")


def _as_pdf(file: File, content: Content) -> Content:
    """Return a document as PDF: one is itself, of another there is a page with the beginning of its text."""
    if file.extension.lower() == "pdf":
        return content
    return MemoryContent(pictures.pdf(_as_text(file, content).read(0, _SAMPLE).decode("utf-8", "replace")))


@dataclass(frozen=True, slots=True)
class _Rendition:
    """A representation: its kind, as hints name it, which contents of files have it, and what makes it of these.

    `name` is what it is called in addresses.
    """

    name: str
    kind: str
    content_type: str
    exists: Callable[[File, Content], bool]
    make: Callable[[File, Content], Content]
    properties: dict[str, str] = field(default_factory=dict)


def _picture(kind: str, content_type: str, write: Callable[[int, int, int], bytes], side: int) -> _Rendition:
    properties = {"dimensions": f"{side}x{side}", "paged": "false", "thumb": str(side <= 320).lower()}
    return _Rendition(
        f"{kind}_{side}x{side}", kind, content_type, has_picture,
        lambda _, content: MemoryContent(write(side, side, shade_of(content))), properties,
    )  # fmt: skip


_RENDITIONS = {
    rendition.name: rendition
    for rendition in (
        _Rendition("extracted_text", "extracted_text", "text/plain; charset=utf-8", _has_text, _as_text),
        _Rendition("pdf", "pdf", "application/pdf", _has_pdf, _as_pdf),
        *(_picture("jpg", "image/jpeg", pictures.jpeg, side) for side in (32, 94, 160, 320, 1024, 2048)),
        *(_picture("png", "image/png", pictures.png, side) for side in (1024, 2048)),
    )
}
"""The representations by their names."""


def hinted(call: Call, file: File) -> Json:
    """Write the representations that the header x-rep-hints names, or all of them without it."""
    hints, version = call.header("x-rep-hints"), file.versions[-1]
    asked = _RENDITIONS.values() if hints is None else [each for hint in _HINT.findall(hints) for each in _wanted(hint)]
    return {"entries": [_entry(call, file, version, each) for each in asked if each.exists(file, version.content)]}


def _wanted(hint: str) -> list[_Rendition]:
    """Return what a hint is for; of several between commas Box takes the first that there can be."""
    for alternative in hint.split(","):
        kind, _, query = alternative.strip().partition("?")
        asked = dict(parse_qsl(query)).items()
        fitting = [each for each in _RENDITIONS.values() if each.kind == kind and asked <= each.properties.items()]
        if fitting:
            return fitting
    return []


def _entry(call: Call, file: File, version: Version, rendition: _Rendition) -> Json:
    """Write what a representation is, whether it is ready, and where it is."""
    url = f"{call.base_url}/api/2.0/internal_files/{file.id}/versions/{version.id}/representations/{rendition.name}"
    outcome = call.store.faults.outcome(REPRESENTATION, f"{version.id}/{rendition.name}")
    return {
        "representation": rendition.kind,
        "properties": rendition.properties,
        "info": {"url": url},
        "status": {"state": outcome or "success"},
        "content": {"url_template": f"{url}/content/{{+asset_path}}"},
    }


def _found(call: Call) -> tuple[File, Version, _Rendition]:
    """Return the file, the version and the representation that the path names."""
    file, rendition = call.file(), _RENDITIONS.get(call.values[2])
    version = version_of(file, call.values[1])
    if rendition is None or not rendition.exists(file, version.content):
        raise errors.not_found("representation", call.values[2])
    return file, version, rendition


@FILE_REPRESENTATIONS.operation("GET", _PATH)
def get_representation(call: Call) -> Json:
    """Tell whether a representation is ready."""
    return _entry(call, *_found(call))


@FILE_REPRESENTATIONS.operation("GET", f"{_PATH}/content")
def get_content(call: Call) -> Reply:
    """Get a representation; one that is not ready yet is a 202."""
    file, version, rendition = _found(call)
    outcome = call.store.faults.outcome(REPRESENTATION, f"{version.id}/{rendition.name}")
    if outcome == "pending":
        return Reply(202, None, {"retry-after": "1"})
    if outcome is not None:
        raise errors.not_found("representation", rendition.name)
    made = rendition.make(file, version.content)
    size = made.length()
    return Reply(200, Stream(made.pieces(0, size), size), {"content-type": rendition.content_type})
