"""Rows of texts as lines: columns side by side where they fit a width, else a line for each value."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from box_dialect.cli.terminal import is_plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

_GAP: Final = "  "
_NARROWEST: Final = 12
"""Cells that a column keeps which does not fit; where not all do, each value has a line of its own."""

_NARROWEST_LAST: Final = 24
"""Cells of the last column, down to which it alone is made narrower where texts are wrapped."""


@dataclass(frozen=True, slots=True)
class Column:
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

    def wrapped(self, text: str) -> list[str]:
        """Return the lines that a text takes in the column, at least one."""
        if cell_len(text) <= self.width:
            return [text]
        return [line.plain.rstrip() for line in Text(text).wrap(Console(), self.width, overflow="fold")]


class Layout:
    """How rows become lines of `most` cells, without a bound for None, by the names of their columns and some of them.

    What is too long for a line is cut by `…`, or wrapped with `wraps`; `numeric` are the places of columns of numbers.
    Without `header` the names are shown only where each value has a line.
    """

    def __init__(
        self,
        names: Sequence[str],
        rows: Iterable[Sequence[str]],
        most: int | None,
        *,
        numeric: Collection[int] = (),
        wraps: bool = False,
        header: bool = True,
    ) -> None:
        self._names, self._most, self._wraps, self._has_header = names, most, wraps, header
        self._is_plain = most is not None and is_plain()
        above = names if header else [""] * len(names)
        natural = [max(map(cell_len, texts)) for texts in zip(above, *rows, strict=True)]
        widths = natural if most is None else _fitting(natural, most, numeric, wraps=wraps)
        self._is_side_by_side = widths is not None
        if most is not None and widths is None:
            label = min(max(map(cell_len, names)), most // 2)
            widths, numeric = [label, max(_NARROWEST, most - label - len(_GAP))], ()
        self._columns = [Column(each, place in numeric) for place, each in enumerate(widths or ())]

    def header(self) -> Iterator[str]:
        """Yield the lines above the first row, none where each value is beside the name of its column."""
        if self._has_header and self._is_side_by_side:
            yield from self._row(self._names)
            if not self._is_plain:
                yield from self._row(["-" * column.width for column in self._columns])

    def lines(self, row: Sequence[str], number: int = 0) -> Iterator[str]:
        """Yield the lines of a row, which has a number from 1 among others."""
        if self._is_side_by_side:
            yield from self._row(row)
            return
        if number:
            yield f"row {number:,}" if self._is_plain else f"-- row {number:,}"
        for pair in zip(self._names, row, strict=True):
            yield from self._row(pair)

    def _row(self, texts: Sequence[str]) -> Iterator[str]:
        """Yield texts beside each other, wrapped, or cut if that is longer than a line may be.

        A later row may have longer values than those that told the widths.
        """
        if self._wraps and self._most is not None:
            parts = [column.wrapped(text) for column, text in zip(self._columns, texts, strict=True)]
            yield from map(self._line, itertools.zip_longest(*parts, fillvalue=""))
            return
        line = self._line(texts)
        if self._most is not None and cell_len(line) > self._most:
            line = self._line([column.cut(text) for column, text in zip(self._columns, texts, strict=True)])
        yield line

    def _line(self, texts: Sequence[str]) -> str:
        return _GAP.join(column.cell(text) for column, text in zip(self._columns, texts, strict=True)).rstrip()


def _fitting(natural: Sequence[int], most: int, numeric: Collection[int], *, wraps: bool) -> Sequence[int] | None:
    """Return the widths of columns that fit a line, None where too little would be left of them."""
    room = most - len(_GAP) * (len(natural) - 1)
    left = room - sum(natural[:-1])
    if wraps and left >= min(natural[-1], _NARROWEST_LAST):
        return [*natural[:-1], min(natural[-1], left)]
    texts = [each for place, each in enumerate(natural) if place not in numeric]
    room -= sum(natural) - sum(texts)
    widest = next((each for each in range(max(texts, default=0), 0, -1) if sum(min(each, w) for w in texts) <= room), 0)
    if room < 0 or widest < min(_NARROWEST, max(texts, default=0)):
        return None
    return [each if place in numeric else min(each, widest) for place, each in enumerate(natural)]
