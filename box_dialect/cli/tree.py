"""`box-dialect tree` and `du`: the folders below one, by one walk."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import click

from box_dialect.cli.account import Failure, takes_account
from box_dialect.cli.box_items import below, bounded, calls_option, in_order, item_at
from box_dialect.cli.records import human, json_option, print_json, shown
from box_dialect.cli.render import counted
from box_dialect.cli.terminal import is_plain
from box_dialect.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.cli.account import Account
    from box_dialect.cli.box_items import Item

    Names = tuple[str, ...]

_DRAWN: Final = ("├── ", "└── ", "│   ", "    ")
"""What stands before an item, before the last one of a folder, and before what is in these."""

_PLAIN: Final = ("  ", "  ", "  ", "  ")
_KINDS: Final = ("folder", "file", "web_link")


@click.command()
@click.option("-L", "depth", type=click.IntRange(min=1), metavar="DEPTH", help="Go no deeper than this.")
@click.option("-d", "only_folders", is_flag=True, help="Show folders alone.")
@json_option
@calls_option
@takes_account("[PATH]")
def tree(
    account: Account,
    path: str = "/",
    *,
    depth: int | None,
    only_folders: bool,
    as_json: bool,
    max_calls: int | None,
) -> None:
    """Show what is below a folder as a tree: the root folder by default.

    Box is asked for each folder once. Where the bound of calls is reached, what has come until then is shown.
    """
    items: list[Item] = []
    with bounded(account, max_calls).connect() as connection:
        top = item_at(connection, path)
        try:
            for item in below(connection, top, depth) if top.is_folder else ():
                items.append(item)  # noqa: PERF402 - what has come is shown where a call fails
        finally:
            items = [item for item in items if item.is_folder or not only_folders]
            items.sort(key=lambda item: in_order(item.names))
            if as_json:
                for item in items:
                    print_json(item.record)
            else:
                click.echo(shown(top.path))
                _print_tree(top, items)


@click.command(context_settings={"help_option_names": ["--help"]})
@click.option("-h", "is_human", is_flag=True, help="Show sizes as 1.2 MB.")
@click.option("-d", "depth", type=click.IntRange(min=0), metavar="DEPTH", help="Show folders no deeper than this.")
@json_option
@calls_option
@takes_account("[PATH]")
def du(
    account: Account, path: str = "/", *, is_human: bool, depth: int | None, as_json: bool, max_calls: int | None
) -> None:
    """Show how many bytes the files in each folder have, with those in the folders below.

    Box is asked for each folder once. Where the bound of calls is reached there are no sums, since they would be wrong.
    """
    with bounded(account, max_calls).connect() as connection:
        top = item_at(connection, path)
        if not top.is_folder:
            raise Failure(f"{printable(top.path)} is no folder; ls -l shows its size.")
        sums = _sums(top, below(connection, top))
    deepest = None if depth is None else len(top.names) + depth
    for names, (size, files) in sorted(sums.items(), key=_inside_out):
        if deepest is None or len(names) <= deepest:
            folder = f"/{'/'.join(names)}"
            if as_json:
                print_json({"path": folder, "size": size, "files": files})
            else:
                click.echo(f"{human(size) if is_human else size}\t{shown(folder)}")


def _print_tree(top: Item, items: list[Item]) -> None:
    """Print items, each of which comes after the folder that it is in, and count them."""
    branch, last, bar, gap = _PLAIN if is_plain() else _DRAWN
    held: dict[Names, list[Item]] = defaultdict(list)
    for item in items:
        held[item.names[:-1]].append(item)
    pending = [(item, "", item is held[top.names][-1]) for item in reversed(held[top.names])]
    while pending:
        item, indent, is_last = pending.pop()
        click.echo(f"{indent}{last if is_last else branch}{shown(item.label)}")
        inside, indent = held[item.names], indent + (gap if is_last else bar)
        pending += ((each, indent, each is inside[-1]) for each in reversed(inside))
    numbers = {kind: sum(item.type == kind for item in items) for kind in _KINDS}
    counts = [counted(number, kind.replace("_", " ")) for kind, number in numbers.items() if number]
    click.echo(f"\n{', '.join(counts) or 'nothing'}")


def _sums(top: Item, items: Iterator[Item]) -> dict[Names, tuple[int, int]]:
    """Return the bytes and the number of the files in and below each folder."""
    sums: dict[Names, tuple[int, int]] = {top.names: (0, 0)}
    for item in items:
        if item.is_folder:
            sums.setdefault(item.names, (0, 0))
        for end in range(len(top.names), len(item.names)) if item.type == "file" else ():
            size, files = sums.get(item.names[:end], (0, 0))
            sums[item.names[:end]] = size + (item.size or 0), files + 1
    return sums


def _inside_out(folder: tuple[Names, tuple[int, int]]) -> list[tuple[str, str]]:
    """Return what folders are sorted by, so that each comes after those that are in it, as du has it."""
    return [*in_order(folder[0]), (chr(sys.maxunicode), "")]
