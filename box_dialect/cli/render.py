"""Show statements, plans and rows as text that fits the terminal, or plain where the output is none."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any, Final, Literal

import click
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from box_dialect.cli.formats.table import table, texts
from box_dialect.cli.layout import Layout
from box_dialect.cli.terminal import is_plain
from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MAX_ROWS: Final = 6
_INDENT: Final = 2


class Screen:
    """Standard output. Colours appear on a terminal only, not on a plain one, and no line ends with spaces."""

    def __init__(self) -> None:
        is_bare = is_plain() or bool(os.environ.get("NO_COLOR"))
        colours: Literal["auto"] | None = None if is_bare else "auto"
        self._console = Console(color_system=colours, markup=False, emoji=False, highlight=False)

    def line(self, text: str = "", style: str = "") -> None:
        """Show a text, at the margin."""
        self._show(Text(text, style))

    def note(self, text: str) -> None:
        """Show a remark below what it is about."""
        self._show(Padding(Text(text, "dim"), (0, 0, 0, _INDENT)))

    def sql(self, statement: str) -> None:
        """Show a statement."""
        code = Syntax(statement, "sql", theme="ansi_dark", background_color="default", word_wrap=True)
        self._show(Padding(code, (0, 0, 0, _INDENT)))

    def plan(self, paths: Sequence[tuple[str, str]]) -> None:
        """Show how each table is read, a pair of its name and the access path in words."""
        rows = [("" if number else "plan", visible(name), visible(path)) for number, (name, path) in enumerate(paths)]
        layout = Layout(("", "table", "path"), rows, self._console.width - _INDENT, wraps=True, header=False)
        self._indented(itertools.chain.from_iterable(map(layout.lines, rows)))

    def rows(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Show the first rows, and how many more there are."""
        if not rows:
            self.note("no rows")
            return
        most = self._console.width - _INDENT
        layout = table(names, rows[:_MAX_ROWS], most)
        self._indented(layout.header())
        for number, row in enumerate(rows[:_MAX_ROWS], start=1):
            self._indented(layout.lines(texts(row, most), number))
        if len(rows) > _MAX_ROWS:
            self.note(f"… {counted(len(rows) - _MAX_ROWS, 'more row')}")

    def _indented(self, lines: Iterable[str]) -> None:
        for line in lines:
            click.echo(f"{' ' * _INDENT}{line}")

    def _show(self, content: RenderableType) -> None:
        with self._console.capture() as captured:
            self._console.print(content)
        for line in captured.get().removesuffix("\n").split("\n"):
            click.echo(line.rstrip())


def counted(number: int, noun: str) -> str:
    """Return a number and its noun: `1 row`, `1,234 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
