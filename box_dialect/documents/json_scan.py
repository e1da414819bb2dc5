"""The shape of a JSON document: its first values, as far as it takes to know its tables."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import ijson

from box_dialect.documents.json_stream import JSONStream
from box_dialect.documents.json_values import ENCODER
from box_dialect.documents.shape import Scan
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from box_dialect.documents.model import Document
    from box_dialect.documents.options import Options
    from box_dialect.documents.paths import Path
from box_dialect.documents.shape import Shape

ROOT: Final = "$"
"""What the whole document is called in paths, or the value of a line."""

_ARRAY: Final = "array"
"""The event of an array in an array."""


def scanned(document: Document, options: Options, paths: Sequence[Path]) -> Shape:
    """Return what the values have in common that are scanned for rows at some paths, or any where there are none.

    Raises DataError where the document cannot be read; with `on_error='skip'`, lines that have no JSON are left out,
    and of other documents only what has no row before what is malformed is an error.
    """
    scan = Scan(document.name, options.row_scan_depth, paths, arrays_are_told=True)
    stream = JSONStream(document, options.charset)
    if not stream.is_lines():
        try:
            _take(scan, stream.events())
        except DataError:
            if options.on_error == "fail" or not scan.has_rows():
                raise
        return scan.document
    scan.array(ROOT)
    for _, value in stream.lines():
        if isinstance(value, DataError):
            if options.on_error == "fail":
                raise value
            continue
        _take(scan, ijson.basic_parse(io.BytesIO(ENCODER.encode(value))))
        if scan.is_done:
            break
    return scan.document


def _take(scan: Scan, events: Iterable[tuple[str, Any]]) -> None:
    """Have a scan take the events of a document, until it is done."""
    key = ROOT
    for event, value in _with_arrays_in_arrays_whole(events):
        if event == "map_key":
            key = value
        elif event == "start_map":
            scan.begin(key, key)
        elif event == "end_map":
            key = scan.end().key
        elif event == "start_array":
            scan.array(key)
        elif event == _ARRAY:
            scan.begin(key, key).is_mixed = True
            scan.end()
        elif event != "end_array":
            scan.begin(key, key).detection.add(value)
            scan.end()
        if scan.is_done:
            return


def _with_arrays_in_arrays_whole(events: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield events, with one for each array in an array: what is in it has no names, and so no columns."""
    opened: list[str] = []
    within = 0
    for event, value in events:
        is_start, is_end = event.startswith("start_"), event.startswith("end_")
        if within:
            within += is_start - is_end
        elif event == "start_array" and opened[-1:] == [event]:
            within = 1
            yield _ARRAY, None
        else:
            if is_start:
                opened.append(event)
            elif is_end:
                opened.pop()
            yield event, value
