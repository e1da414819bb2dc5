"""A table for people: columns side by side where they fit the terminal, else a line for each value."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from box_dialect.cli.formats.result_format import Format
from box_dialect.cli.formats.values import shown
from box_dialect.cli.layout import Layout
from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from box_dialect.cli.formats.rows import Rows

_LEAST_ROWS: Final = 20
"""Rows that tell the widths of the columns where there is no terminal, or a low one."""

_MOST: Final = 1 << 16
"""Characters, or bytes, of a value that a terminal shows at most."""


def table(names: Sequence[str], first: Sequence[Sequence[Any]], most: int | None, *, header: bool = True) -> Layout:
    """Return the layout of a result whose first rows are given, on lines of `most` cells."""
    columns = [[row[place] for row in first] for place in range(len(names))]
    numeric = {place for place, values in enumerate(columns) if _are_numbers(values)}
    rows = (texts(row, most) for row in first)
    return Layout([*map(visible, names)], rows, most, numeric=numeric, header=header)


def texts(values: Sequence[Any], most: int | None) -> list[str]:
    """Return the values of a row as lines of `most` cells show them."""
    return ["NULL" if each is None else visible(shown(each if most is None else _beginning(each))) for each in values]


def _write(rows: Rows, stream: BinaryIO, header: bool) -> None:
    size = shutil.get_terminal_size() if stream.isatty() else None
    most = size.columns if size else None
    batches = iter(rows)
    first = _first(batches, max(_LEAST_ROWS, size.lines - 3 if size else 0))
    layout = table(rows.names, first, most, header=header)
    lines = layout.header()
    for batch in itertools.chain([first], batches):
        before = rows.count - len(batch)
        of_rows = (layout.lines(texts(row, most), before + number) for number, row in enumerate(batch, start=1))
        lines = itertools.chain(lines, itertools.chain.from_iterable(of_rows))
        stream.write("".join(f"{line}\n" for line in lines).encode())
        stream.flush()
        lines = iter(())


def _first(batches: Iterator[Sequence[tuple[Any, ...]]], least: int) -> list[tuple[Any, ...]]:
    """Return the rows that tell the widths."""
    found: list[tuple[Any, ...]] = []
    while len(found) < least and (batch := next(batches, None)):
        found += batch
    return found


def _are_numbers(values: Sequence[Any]) -> bool:
    found = {type(value) for value in values if value is not None}
    return bool(found) and found <= {int, float}


def _beginning(value: Any) -> Any:
    return value[:_MOST] if isinstance(value, str | bytes) else value


TABLE: Final = Format("table", (".txt",), _write, may_lack_header=True, holds_several=True)
