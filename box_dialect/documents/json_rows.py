"""Rows of a table as JSON objects, for `document_rows`."""

from __future__ import annotations

import base64
import json
import math
from typing import TYPE_CHECKING, Any

from box_dialect.documents.model import ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from box_dialect.documents.model import DocumentTable

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_objects(table: DocumentTable, batches: Iterable[Sequence[tuple[object, ...]]]) -> Iterator[str]:
    """Yield each row as a JSON object by the names of the columns; values that are JSON become part of it."""
    keys = [f"{_encode(column.name)}:" for column in table.columns]
    makers = [_nested if column.type is ColumnType.JSON else _plain for column in table.columns]
    for batch in batches:
        for row in batch:
            parts = (key + make(value) for key, make, value in zip(keys, makers, row, strict=True))
            yield f"{{{','.join(parts)}}}"


def _nested(value: Any) -> str:
    return value if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return _encode(base64.b64encode(value).decode())
    if isinstance(value, float) and math.isinf(value):
        return "9e999" if value > 0 else "-9e999"  # as SQLite spells it
    return _encode(value)
