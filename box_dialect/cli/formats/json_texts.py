"""JSON: one array of objects, or by NDJSON an object on each line.

Sources: https://www.rfc-editor.org/rfc/rfc8259, https://github.com/ndjson/ndjson-spec
"""

from __future__ import annotations

import datetime as dt
import math
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import msgspec

from box_dialect.cli.formats.result_format import Format
from box_dialect.cli.formats.values import shown

if TYPE_CHECKING:
    from box_dialect.cli.formats.rows import Rows


class _Frame(NamedTuple):
    """What stands before the first row, between two, and behind the last, or in the place of no rows."""

    first: bytes
    between: bytes
    last: bytes
    nothing: bytes


def _value(value: Any, declared: str | None) -> Any:
    """Return what msgspec writes for a value: a JSON column is what its text says, digit by digit."""
    if isinstance(value, str) and (declared or "").upper().startswith("JSON"):
        try:
            msgspec.json.decode(value)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            return value
        return msgspec.Raw(value.replace("\n", " ").replace("\r", " ").encode())  # white space, outside of strings
    if isinstance(value, float) and math.isinf(value):
        return msgspec.Raw(b"9.0e+999" if value > 0 else b"-9.0e+999")  # as SQLite writes it
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return shown(value)
    return value


def _write(frame: _Frame, rows: Rows, stream: BinaryIO, _header: bool) -> None:
    encode, before = msgspec.json.Encoder().encode, frame.first
    for batch in rows:
        written = bytearray()
        for row in batch:
            named = zip(rows.names, map(_value, row, rows.types), strict=True)
            written += before + encode(dict(named))
            before = frame.between
        stream.write(written)
        stream.flush()
    stream.write(frame.last if rows.count else frame.nothing)


_ARRAY: Final = _Frame(b"[\n", b",\n", b"\n]\n", b"[]\n")
_LINES: Final = _Frame(b"", b"\n", b"\n", b"")
JSON: Final = Format("json", (".json",), partial(_write, _ARRAY), needs_names=True)
NDJSON: Final = Format("ndjson", (".ndjson", ".jsonl"), partial(_write, _LINES), needs_names=True)
