"""Read bodies of the form multipart/form-data (RFC 7578)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from . import errors

if TYPE_CHECKING:
    from .routing import Call


class Part(NamedTuple):
    """A part of a body: its name, the name of its file if it has one, and its bytes."""

    name: str
    filename: str
    data: bytes


class _Parts:
    """The parts of a body in their order, each with its headers and bytes."""

    def __init__(self, boundary: bytes, body: bytes) -> None:
        self.parts: list[tuple[dict[bytes, bytes], list[bytes]]] = []
        self._name = bytearray()
        self._value = bytearray()
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": lambda: self.parts.append(({}, [])),
                "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._end_header,
                "on_part_data": lambda data, start, end: self.parts[-1][1].append(data[start:end]),
            },
        )
        parser.write(body)
        parser.finalize()

    def _end_header(self) -> None:
        self.parts[-1][0][bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()


def _part(headers: dict[bytes, bytes], data: bytes) -> Part:
    options = parse_options_header(headers.get(b"content-disposition"))[1]
    name, filename = (options.get(key, b"").decode("utf-8", "replace") for key in (b"name", b"filename"))
    return Part(name, filename, data)


def read(call: Call) -> list[Part]:
    """Return the parts of the body of a call; raise BoxError, HTTP 415 or 400, where it is of another form."""
    kind, options = parse_options_header(call.header("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise errors.BoxError(415, "unsupported_media_type", "Unsupported Media Type")
    try:
        parts = _Parts(options[b"boundary"], call.body).parts
    except FormParserError:
        raise errors.bad_request("bad_request", "The request body is no valid multipart/form-data") from None
    return [_part(headers, b"".join(pieces)) for headers, pieces in parts]
