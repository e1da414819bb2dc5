"""Forms: bodies of several parts, the contents of which are read as they are sent (RFC 7578)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from box_dialect.api.source import PIECE, Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from box_dialect.api.calls import Part
    from box_dialect.api.source import Buffer

_BYTES_OF_BOUNDARY: Final = 16


class Form(Source):
    """A body that is `multipart/form-data`; it can be read any number of times, each time the same."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._boundary = secrets.token_hex(_BYTES_OF_BOUNDARY)
        self._parts = [(self._head(part), Source.of(part.content)) for part in parts]
        self._end = f"--{self._boundary}--\r\n".encode()
        self.size = sum(len(head) + source.size + 2 for head, source in self._parts) + len(self._end)

    @property
    def content_type(self) -> str:
        """The media type, with what stands between the parts."""
        return f"multipart/form-data; boundary={self._boundary}"

    async def pieces(self) -> AsyncIterator[Buffer]:
        """Give the body a piece at a time, most files in one; raises DataError where a part has changed."""
        together = bytearray()
        for head, source in self._parts:
            together += head
            async for piece in source.pieces():
                together += piece
                if len(together) >= PIECE:
                    yield bytes(together)
                    together.clear()
            together += b"\r\n"
        together += self._end
        yield bytes(together)

    def _head(self, part: Part) -> bytes:
        file = "" if part.file_name is None else f'; filename="{_quoted(part.file_name)}"'
        return (
            f'--{self._boundary}\r\nContent-Disposition: form-data; name="{_quoted(part.name)}"{file}\r\n'
            f"Content-Type: {part.content_type}\r\n\r\n"
        ).encode()


def _quoted(text: str) -> str:
    """Return a text as it may stand in quotes: https://html.spec.whatwg.org/multipage/#multipart-form-data."""
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
