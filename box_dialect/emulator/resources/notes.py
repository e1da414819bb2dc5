"""Convert Markdown into Box Notes.

Source: https://developer.box.com/reference/v2026.0/post-notes-convert/
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from msgspec import Meta

from box_dialect.emulator.content import MemoryContent
from box_dialect.emulator.errors import BoxError
from box_dialect.emulator.features import Feature
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import reference
from box_dialect.emulator.resource import Resource

from .items import check_free, check_name, check_storage

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

NOTES = Resource[Any](version="2026.0", feature=Feature("notes"))


class _Folder(TypedDict):
    type: Literal["folder"]
    id: str


class NewNote(TypedDict):
    """What a note is made of."""

    content: Annotated[str, Meta(max_length=1 << 20)]
    content_format: Literal["markdown"]
    parent: _Folder
    name: Annotated[str, Meta(min_length=1, max_length=247)]


def _document(markdown: str) -> Json:
    """Return a document with a paragraph for each block of the Markdown."""
    blocks = [block.strip() for block in markdown.split("\n\n")]
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": block}]} for block in blocks if block]
    return {"version": 1, "doc": {"type": "doc", "content": paragraphs}}


@NOTES.operation("POST", "/notes/convert", NewNote)
def convert_note(call: Call) -> Reply:
    """Make a note of Markdown; of text that says nothing there can be none."""
    body, parent = call.json, call.parent(call.json["parent"])
    name = check_name(f"{body['name']}.boxnote")
    check_free(parent, name)
    if not body["content"].strip():
        raise BoxError(422, "unprocessable_entity", "The content cannot be converted to a note")
    content = MemoryContent(json.dumps(_document(body["content"]), ensure_ascii=False).encode())
    check_storage(parent.owned_by, content.size)
    file = call.store.add_file(name, parent, content, call.user)
    call.store.record("ITEM_UPLOAD", call.user, file)
    return Reply(201, reference(file))
