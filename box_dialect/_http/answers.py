"""The body of an answer, decoded here and no further than it may be: a few compressed bytes may hold gigabytes.

httpx decodes whatever encoding an answer names, each piece as it comes to its end, and without a bound.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from box_dialect._http import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

ACCEPT_ENCODING: Final = "gzip"
"""The encodings that are asked for, and no others are decoded."""

MOST_BYTES_OF_REFUSAL: Final = 64 * 1024
"""Bytes that are read of an answer which is no success: what Box says in one is far shorter, so the rest is cut off."""

_PIECE: Final = 64 * 1024
_GZIP: Final = zlib.MAX_WBITS | 16


class AnswerTooLargeError(Exception):
    """An answer has more bytes than it may have."""


def bound(response: httpx.Response, most_bytes: int, progressed: Callable[[int], None] = lambda _: None) -> None:
    """Have the body of an answer, which nobody has read yet, decoded as it is read, up to so many bytes.

    One of HTTP 200 that has more raises AnswerTooLargeError where it is read, another one ends there; one in another
    encoding than `ACCEPT_ENCODING`, or not in that, raises httpx.DecodingError. `progressed` is told how many bytes
    have come.
    """
    is_success = response.is_success
    most = most_bytes if is_success else min(most_bytes, MOST_BYTES_OF_REFUSAL)
    encoding = str(response.headers.pop("content-encoding", "identity")).strip().lower()
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - an asynchronous transport gives no other
    response.stream = _Bounded(stream, _decoder(encoding), most, progressed, is_cut=not is_success)


class _Bounded(httpx.AsyncByteStream):
    def __init__(
        self,
        stream: httpx.AsyncByteStream,
        decode: Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]],
        most: int,
        progressed: Callable[[int], None],
        *,
        is_cut: bool,
    ) -> None:
        self._stream, self._decode, self._left = stream, decode, most
        self._progressed, self._is_cut = progressed, is_cut

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._decode(self._raw()):
            if len(piece) > self._left:
                if not self._is_cut:
                    raise AnswerTooLargeError
                yield piece[: self._left]
                return
            self._left -= len(piece)
            yield piece

    async def aclose(self) -> None:
        """Close the stream beneath, and its connection where it is not at its end."""
        await self._stream.aclose()

    async def _raw(self) -> AsyncIterator[bytes]:
        async for raw in self._stream:
            self._progressed(len(raw))
            yield raw


def _decoder(encoding: str) -> Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]:
    return {"identity": _as_it_is, "": _as_it_is, "gzip": _unzipped, "x-gzip": _unzipped}.get(encoding, _refused)


def _as_it_is(raw: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    return raw


async def _unzipped(raw: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    decoder, has_begun = zlib.decompressobj(_GZIP), False
    async for data in raw:
        has_begun = True
        for piece in _pieces(decoder, data):
            yield piece
    if decoder.unused_data or (has_begun and not decoder.eof):
        raise httpx.DecodingError("the answer does not end where it says")


def _pieces(decoder: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Give what some bytes decode to, a little at a time."""
    is_full = True
    while data or is_full:
        try:
            piece = decoder.decompress(data, _PIECE)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from None
        data, is_full = decoder.unconsumed_tail, len(piece) == _PIECE
        yield piece


async def _refused(_: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    raise httpx.DecodingError("the answer is in an encoding that was not asked for")
    yield b""  # which makes it an iterator
