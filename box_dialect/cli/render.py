"""Show statements, plans and rows as text that fits the terminal, or plain where the output is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_ROWS: Final = 6
_INDENT: Final = (0, 0, 0, 2)


class Screen:
    """Standard output. Colours appear on a terminal only, and no line ends with spaces."""

    def __init__(self) -> None:
        self._console = Console(markup=False, emoji=False, highlight=False)

    def line(self, text: str = "", style: str = "") -> None:
        """Show a text, at the margin."""
        self._show(Text(text, style))

    def note(self, text: str) -> None:
        """Show a remark below what it is about."""
        self._show(Padding(Text(text, "dim"), _INDENT))

    def sql(self, statement: str) -> None:
        """Show a statement."""
        code = Syntax(statement, "sql", theme="ansi_dark", background_color="default", word_wrap=True)
        self._show(Padding(code, _INDENT))

    def plan(self, paths: Sequence[tuple[str, str]]) -> None:
        """Show how each table is read, a pair of its name and the access path in words."""
        grid = Table.grid(padding=(0, 2))
        for number, (table, path) in enumerate(paths):
            grid.add_row(Text("" if number else "plan", "dim"), Text(table, "cyan"), Text(path))
        self._show(Padding(grid, _INDENT))

    def rows(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Show the first rows, and how many more there are."""
        if not rows:
            self.note("no rows")
            return
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for name, values in zip(names, zip(*rows, strict=True), strict=True):
            is_numeric = all(isinstance(value, int | float) for value in values)
            table.add_column(name, justify="right" if is_numeric else "left", no_wrap=True)
        for row in rows[:_MAX_ROWS]:
            table.add_row(*(Text("NULL" if value is None else str(value)) for value in row))
        self._show(Padding(table, _INDENT))
        if len(rows) > _MAX_ROWS:
            self.note(f"… {counted(len(rows) - _MAX_ROWS, 'more row')}")

    def _show(self, content: RenderableType) -> None:
        with self._console.capture() as captured:
            self._console.print(content)
        for line in captured.get().removesuffix("\n").split("\n"):
            click.echo(line.rstrip())


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: `1 row`, `1,234 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
