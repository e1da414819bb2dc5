"""The content of files: how it is read, what text is in it, and how it is uploaded."""

from __future__ import annotations

from typing import Final

from box_dialect.api import ApiPath, Host
from box_dialect.catalog.model import Column, Derived, JsonObject, Location, Multipart, Nested, Remote, Type, Write


def _content(entry: JsonObject, _: Location | None) -> Remote:
    return Remote(ApiPath("/files/{id}/content", id=entry["id"]), entry.get("size"))


CONTENT: Final = Column(
    "content",
    Type.BLOB,
    hidden=True,
    derived=Derived(function=_content, fields=("id", "size")),
    insert="content",
    update="content",
    download_calls=1,
    doc="The bytes of the file; downloaded for each row in which a statement reads them. Setting them uploads a new "
    "version.",
)
"""Sources: https://developer.box.com/reference/get-files-id-content/ and …/post-files-content/"""


def _text(entry: JsonObject, _: Location | None) -> Remote:
    return Remote(ApiPath("/files/{id}", id=entry["id"]), None, hint="[extracted_text]")


TEXT: Final = Column(
    "text",
    hidden=True,
    derived=Derived(function=_text, fields=("id",)),
    download_calls=2,
    doc="The text that Box has taken out of the file, of a document, a PDF or a text alike; NULL where Box takes none "
    "out of such a file, and with a warning where it fails. It is downloaded, by two calls, for each row in which a "
    "statement reads it.",
)
"""Source: https://developer.box.com/guides/representations/text/"""

UPLOAD: Final = Multipart(column="content", json="attributes", is_upload=True)

NEW_VERSION: Final = Write(
    method="POST",
    path="/files/{id}/content",
    host=Host.UPLOAD,
    columns=frozenset({"content"}),
    joins=frozenset({"name", "content_modified_at"}),
    multipart=UPLOAD,
    rows=(Nested("entries", "answer"),),
    takes_etag=True,
)
"""Source: https://developer.box.com/reference/post-files-id-content/"""
