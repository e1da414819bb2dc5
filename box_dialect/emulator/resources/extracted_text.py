"""Serve the texts of files, the only one of Box's representations of files that is made here.

Source: https://developer.box.com/guides/representations/text
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from box_dialect.emulator import errors
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import Resource

from .downloads import version_of

if TYPE_CHECKING:
    from box_dialect.emulator.model import File
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

EXTRACTED_TEXT = "extracted_text"
_HINT = re.compile(r"\[([^\]?]*)[^\]]*\]")
_PATH = "/internal_files/{file_id}/versions/{file_version_id}/representations/{representation}"
EXTRACTED_TEXTS = Resource[Any]()


def entry(call: Call, file: File) -> Json | None:
    """Write where the text of a file is, or nothing of a file that is no text in UTF-8."""
    if not file.content.text():
        return None
    url = f"{call.base_url}/api/2.0/internal_files/{file.id}/versions/{file.versions[-1].id}/representations"
    return {
        "representation": EXTRACTED_TEXT,
        "properties": {},
        "info": {"url": f"{url}/{EXTRACTED_TEXT}"},
        "status": {"state": "success"},
        "content": {"url_template": f"{url}/{EXTRACTED_TEXT}/content/{{+asset_path}}"},
    }


def hinted(call: Call, file: File) -> Json:
    """Write the representations that the header x-rep-hints names, or all of them without it."""
    hints = call.header("x-rep-hints")
    wanted = hints is None or EXTRACTED_TEXT in _HINT.findall(hints)
    found = entry(call, file) if wanted else None
    return {"entries": [] if found is None else [found]}


def _text(call: Call) -> str:
    text = version_of(call.file(), call.values[1]).content.text()
    if call.values[2] != EXTRACTED_TEXT or not text:
        raise errors.not_found("representation", call.values[2])
    return text


@EXTRACTED_TEXTS.operation("GET", _PATH)
def get_representation(call: Call) -> Json:
    """Tell whether the text is ready, which it is."""
    _text(call)
    return entry(call, call.file()) or {}


@EXTRACTED_TEXTS.operation("GET", f"{_PATH}/content")
def get_text(call: Call) -> Reply:
    """Get the text."""
    return Reply(200, _text(call).encode(), {"content-type": "text/plain; charset=utf-8"})
