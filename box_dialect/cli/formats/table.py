"""A table for people: columns side by side where they fit the terminal, else a line for each value."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from rich.cells import cell_len, set_cell_size

from box_dialect.cli.formats.result_format import Format
from box_dialect.cli.formats.values import shown
from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from box_dialect.cli.formats.rows import Rows

_GAP: Final = "  "
_NARROWEST: Final = 12
"""Cells that a column keeps which does not fit; where not all do, each value has a line of its own."""

_LEAST_ROWS: Final = 20
"""Rows that tell the widths of the columns where there is no terminal, or a low one."""

_MOST: Final = 1 << 16
"""Characters, or bytes, of a value that a terminal shows at most."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: how many cells it has, and whether it is one of numbers, which are never cut."""

    width: int
    is_numeric: bool = False

    def cell(self, text: str) -> str:
        """Return a text with the column's width at least."""
        filling = " " * (self.width - cell_len(text))
        return filling + text if self.is_numeric else text + filling

    def cut(self, text: str) -> str:
        """Return a text with the column's width at most, but for a number."""
        fits = self.is_numeric or cell_len(text) <= self.width
        return self.cell(text if fits else set_cell_size(text, self.width - 1) + "…")


def _write(rows: Rows, stream: BinaryIO, header: bool) -> None:
    size = shutil.get_terminal_size() if stream.isatty() else None
    most = size.columns if size else None
    batches = iter(rows)
    first = _first(batches, max(_LEAST_ROWS, size.lines - 3 if size else 0))
    names = [visible(name) for name in rows.names]
    columns = _columns(names if header else [""] * len(names), first, most)
    lines: Iterable[str]
    for batch in itertools.chain([first], batches):
        texts: Iterable[list[str]] = (_texts(row, is_cut=most is not None) for row in batch)
        if columns is None:
            lines = _records(names, texts, rows.count - len(batch), most)
        else:
            if header and batch is first:
                texts = itertools.chain([names, ["-" * column.width for column in columns]], texts)
            lines = (_line(columns, row, most) for row in texts)
        stream.write("".join(lines).encode())
        stream.flush()


def _first(batches: Iterator[Sequence[tuple[Any, ...]]], least: int) -> list[tuple[Any, ...]]:
    """Return the rows that tell the widths."""
    found: list[tuple[Any, ...]] = []
    while len(found) < least and (batch := next(batches, None)):
        found += batch
    return found


def _columns(names: Sequence[str], first: Sequence[tuple[Any, ...]], most: int | None) -> list[_Column] | None:
    """Return the columns by the first rows, in `most` cells; None where they do not fit."""
    is_cut = most is not None
    values = [[row[place] for row in first] for place in range(len(names))]
    widths = [
        max(map(cell_len, (name, *_texts(column, is_cut=is_cut))), default=0)
        for name, column in zip(names, values, strict=True)
    ]
    widest = max(widths, default=0)
    if most is not None:
        room = most - len(_GAP) * (len(widths) - 1)
        widest = next((each for each in range(widest, 0, -1) if sum(min(each, w) for w in widths) <= room), 0)
        if widest < min(_NARROWEST, max(widths, default=0)):
            return None
    return [_Column(min(width, widest), _are_numbers(column)) for width, column in zip(widths, values, strict=True)]


def _are_numbers(values: Sequence[Any]) -> bool:
    found = {type(value) for value in values if value is not None}
    return bool(found) and found <= {int, float}


def _texts(values: Sequence[Any], *, is_cut: bool) -> list[str]:
    """Return the values as a terminal shows them."""
    return ["NULL" if value is None else visible(shown(_beginning(value) if is_cut else value)) for value in values]


def _beginning(value: Any) -> Any:
    return value[:_MOST] if isinstance(value, str | bytes) else value


def _line(columns: Sequence[_Column], texts: Sequence[str], most: int | None) -> str:
    """Return a row as a line; only where it is longer than the terminal is wide, what is too long for a column is cut.

    A later row may have longer values than those that told the widths.
    """
    line = _GAP.join(column.cell(text) for column, text in zip(columns, texts, strict=True)).rstrip()
    if most is not None and cell_len(line) > most:
        line = _GAP.join(column.cut(text) for column, text in zip(columns, texts, strict=True)).rstrip()
    return f"{line}\n"


def _records(names: Sequence[str], rows: Iterable[list[str]], before: int, most: int | None) -> Iterator[str]:
    """Yield the lines of rows that each take several."""
    label = _Column(max(map(cell_len, names)))
    value = _Column(max(_NARROWEST, (most or 0) - label.width - len(_GAP)))
    for number, row in enumerate(rows, start=before + 1):
        yield f"-- row {number:,}\n"
        for name, text in zip(names, row, strict=True):
            yield f"{label.cell(name)}{_GAP}{value.cut(text)}".rstrip() + "\n"


TABLE: Final = Format("table", (".txt",), _write, may_lack_header=True, holds_several=True)
