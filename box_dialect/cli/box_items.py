"""Items at Box by their paths, as `ls`, `tree` and `du` show them: rows of the table `items`."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from box_dialect.cli.account import Failure
from box_dialect.cli.progress import Line, Mode
from box_dialect.cli.render import counted
from box_dialect.cli.terminal import VARIABLE
from box_dialect.errors import printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from box_dialect import Connection, Cursor
    from box_dialect.cli.account import Account

PREFIX: Final = "box:"
"""What a path of Box may begin with, and has to where local ones stand beside it."""

MOST_CALLS: Final = 1_000
"""Calls that a command makes which lists folders below folders, unless it is told another number."""

_QUERY: Final = "SELECT id, type, path, size, modified_at, owned_by_login FROM items WHERE "

calls_option: Final = click.option(
    "--max-calls",
    type=click.IntRange(min=0),
    metavar="N",
    help=f"Stop after N calls to Box, {MOST_CALLS:,} by default; 0 is no limit. One call lists up to 1,000 items.",
)


@dataclass(frozen=True, slots=True)
class Item:
    """A file, a folder or a web link; `size` is in bytes, that of a folder the sum of all that is below it."""

    id: str
    type: str
    path: str
    size: int | None = None
    modified_at: dt.datetime | None = None
    owner: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the path is made of."""
        return tuple(filter(None, self.path.split("/")))

    @property
    def is_folder(self) -> bool:
        """Whether it holds others."""
        return self.type == "folder"

    @property
    def label(self) -> str:
        """The name, with a slash after that of a folder; the path of the root folder."""
        return f"{self.path.rpartition('/')[2]}{'/' if self.is_folder else ''}"

    @property
    def record(self) -> dict[str, Any]:
        """What programs are told of it."""
        return {
            "path": self.path,
            "type": self.type,
            "id": self.id,
            "size": self.size,
            "modified_at": self.modified_at,
            "owner": self.owner,
        }


class _Listing(Line):
    """How far a listing has come; those who ask for items print none before the last one."""

    def __init__(self, cursor: Cursor[Any]) -> None:
        super().__init__(Mode.of("plain" if os.environ.get(VARIABLE) == "plain" else None, sys.stderr))
        self._cursor, self.items = cursor, 0

    def text(self) -> str:
        """Return how many items have come, and by how many calls."""
        told = counted(self.items, "item"), counted(self._cursor.api_calls, "API call"), f"{self.seconds:,.1f} s"
        return ", ".join(told)


_ROOT: Final = Item("0", "folder", "/")


def in_order(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return what paths are sorted by: what is in a folder comes after it, names in the order of the alphabet."""
    return [(name.casefold(), name) for name in names]


def bounded(account: Account, most_calls: int | None) -> Account:
    """Return the account with a bound of calls: the one given, that of its properties, or else `MOST_CALLS`."""
    if most_calls is None and "MaxApiCalls" in account.raw:
        return account
    return account.given(MaxApiCalls=MOST_CALLS if most_calls is None else most_calls)


def item_at(connection: Connection, path: str) -> Item:
    """Return the item at a path, whose first slash may be left out; raises Failure where there is none."""
    names = [name for name in path.removeprefix(PREFIX).split("/") if name]
    if not names:
        return _ROOT
    full = f"/{'/'.join(names)}"
    for found in _items(connection, "path = ?", full):
        return found
    raise Failure(f"{printable(full)} is not there, or the signed-in user cannot see it.")


def children(connection: Connection, folder: Item) -> Iterator[Item]:
    """Yield what is in a folder, by a call for each thousand items."""
    return _items(connection, "parent_id = ?", folder.id)


def below(connection: Connection, folder: Item, depth: int | None = None) -> Iterator[Item]:
    """Yield what is below a folder, down to a depth if there is one, by a walk that lists several folders at once."""
    above = folder.path.rstrip("/")
    between = "path > ? AND path < ?", f"{above}/", f"{above}0"  # 0 comes after / in ASCII
    if depth is None:
        return _items(connection, *between)
    return _items(connection, f"depth <= {len(folder.names) + depth} AND {between[0]}", *between[1:])


def _items(connection: Connection, condition: str, *values: str) -> Iterator[Item]:
    with connection.cursor() as cursor:
        progress = _Listing(cursor)
        with progress.shown(), progress.waiting():
            for row in cursor.execute(_QUERY + condition, values):
                progress.items += 1
                yield Item(*row)
