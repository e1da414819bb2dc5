"""What commands print: rows as a table that fits the terminal, or as JSON for programs."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_UNBOUNDED: Final = 1_000_000
"""Columns of what is no terminal: who reads a pipe wants whole lines."""

_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB", "EB")

json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON, an object on each line.")
"""Let a command take `--json`, by which it prints names as they are and not as they can be printed."""


def shown(value: Any) -> str:
    """Return a value as a visible text on one line.

    NULL is an empty text, a moment is in UTC, to the second, a truth is yes or no.
    """
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return visible(str(value))


def human(size: int) -> str:
    """Return a number of bytes in the unit in which it is short: `999 B`, `1.2 MB`; a kB is 1,000 bytes."""
    amount, unit = float(size), 0
    while round(amount, 1) >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit else f"{size} {_UNITS[0]}"


def print_json(record: Mapping[str, Any]) -> None:
    """Print an object on one line, in ASCII, so that a terminal gets no control characters either."""
    click.echo(json.dumps(record, default=_json_value))


def print_table(names: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """Print rows below the names of their columns; the last column is wrapped where the terminal is narrow."""
    table = _table()
    for name in names:
        table.add_column(Text(name), overflow="fold", no_wrap=name != names[-1], header_style="bold")
    for row in rows:
        table.add_row(*(Text(shown(value)) for value in row))
    if title:
        _print(Text(title, "bold"))
    _print(table)


def print_pairs(pairs: Iterable[tuple[str, Any]]) -> None:
    """Print names and values beside each other, without those that have none."""
    table = _table(show_header=False)
    for name, value in pairs:
        if text := shown(value):
            table.add_row(Text(name), Text(text))
    _print(table)


def _table(*, show_header: bool = True) -> Table:
    return Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), show_header=show_header)


def width() -> int:
    """Return how many columns there are for a line."""
    return Console().width if sys.stdout.isatty() or os.environ.get("COLUMNS") else _UNBOUNDED


def _print(content: Table | Text) -> None:
    console = Console(markup=False, emoji=False, highlight=False, width=width())
    with console.capture() as captured:
        console.print(content)
    for line in captured.get().removesuffix("\n").split("\n"):
        click.echo(line.rstrip())


def _json_value(value: Any) -> str:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else str(value)
