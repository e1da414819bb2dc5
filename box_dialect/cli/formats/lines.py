"""Formats with a line for each row: CSV, TSV and the tables of Markdown.

Sources: https://www.rfc-editor.org/rfc/rfc4180, https://www.postgresql.org/docs/current/sql-copy.html (text format),
https://github.github.com/gfm/#tables-extension-
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from box_dialect.cli.formats.result_format import Format
from box_dialect.cli.formats.values import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from box_dialect.cli.formats.rows import Rows

_QUOTED_IN_CSV: Final = re.compile('[",\r\n]')
_ESCAPED_IN_TSV: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_ESCAPED_IN_MARKDOWN: Final = str.maketrans(
    {"\\": "\\\\", "|": "\\|", "`": "\\`", "*": "\\*", "_": "\\_", "[": "\\[", "]": "\\]"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": "<br>", "\r": ""}
)


def _csv_value(value: Any) -> str:
    """Return a value as a field: NULL is empty, and an empty text is in quotes, so that the two differ."""
    if value is None:
        return ""
    text = shown(value)
    return '"' + text.replace('"', '""') + '"' if not text or _QUOTED_IN_CSV.search(text) else text


def _csv_line(values: Sequence[Any]) -> str:
    # An empty line is no row for most readers.
    return (",".join(map(_csv_value, values)) or '""') + "\r\n"


def _tsv_value(value: Any) -> str:
    return r"\N" if value is None else shown(value).translate(_ESCAPED_IN_TSV)


def _tsv_line(values: Sequence[Any]) -> str:
    return "\t".join(map(_tsv_value, values)) + "\n"


def _markdown_value(value: Any) -> str:
    return "" if value is None else shown(value).translate(_ESCAPED_IN_MARKDOWN)


def _markdown_line(values: Sequence[Any]) -> str:
    return f"| {' | '.join(map(_markdown_value, values))} |\n"


def _write(
    line: Callable[[Sequence[Any]], str], below_header: Callable[[int], str], rows: Rows, stream: BinaryIO, header: bool
) -> None:
    if header:
        stream.write((line(rows.names) + below_header(len(rows.names))).encode())
    for batch in rows:
        stream.write("".join(map(line, batch)).encode())
        stream.flush()


def _nothing(_columns: int) -> str:
    return ""


def _rule(columns: int) -> str:
    return f"|{' --- |' * columns}\n"


CSV: Final = Format("csv", (".csv",), partial(_write, _csv_line, _nothing), may_lack_header=True)
TSV: Final = Format("tsv", (".tsv", ".tab"), partial(_write, _tsv_line, _nothing), may_lack_header=True)
MARKDOWN: Final = Format("markdown", (".md", ".markdown"), partial(_write, _markdown_line, _rule))
