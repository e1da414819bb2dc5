"""What commands print: rows as a table that fits the terminal, or as JSON for programs."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from typing import TYPE_CHECKING, Any, Final

import click

from box_dialect.cli.layout import Layout
from box_dialect.cli.terminal import width
from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    """Print rows below the names of their columns, wrapped where the terminal is narrow."""
    if title:
        click.echo(title)
    _print(names, rows)


def print_pairs(pairs: Iterable[tuple[str, Any]]) -> None:
    """Print names and values beside each other, without those that have none."""
    _print(("", ""), [(name, text) for name, value in pairs if (text := shown(value))], header=False)


def _print(names: Sequence[str], rows: Iterable[Sequence[Any]], *, header: bool = True) -> None:
    texts = [[*map(shown, row)] for row in rows]
    layout = Layout(names, texts, width(), wraps=True, header=header)
    for line in itertools.chain(layout.header(), *map(layout.lines, texts)):
        click.echo(line)


def _json_value(value: Any) -> str:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else str(value)
