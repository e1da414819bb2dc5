"""`box-dialect ls`: list a folder at Box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from box_dialect.cli.account import takes_account
from box_dialect.cli.box_items import below, bounded, calls_option, children, in_order, item_at
from box_dialect.cli.records import human, json_option, print_json, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect import Connection
    from box_dialect.cli.account import Account
    from box_dialect.cli.box_items import Item


@click.command(context_settings={"help_option_names": ["--help"]})
@click.option("-l", "is_long", is_flag=True, help="Show size, modification (UTC) and owner.")
@click.option("-h", "is_human", is_flag=True, help="With -l, show sizes as 1.2 MB.")
@click.option("-R", "is_recursive", is_flag=True, help="List what is in folders below, too.")
@click.option("-0", "has_zeros", is_flag=True, help="End names by NUL, as they are, for xargs -0.")
@json_option
@calls_option
@takes_account("[PATH]")
def ls(
    account: Account,
    path: str = "/",
    *,
    is_long: bool,
    is_human: bool,
    is_recursive: bool,
    has_zeros: bool,
    as_json: bool,
    max_calls: int | None,
) -> None:
    """List what is in a folder, or show the item at PATH: the root folder by default.

    Folders end in a slash; the size of one is that of all below it. With -R, paths are shown from the folder on.
    """
    items: list[Item] = []
    with bounded(account, max_calls).connect() as connection:
        at = item_at(connection, path)
        try:
            for item in _found(connection, at, is_recursive=is_recursive):
                items.append(item)  # noqa: PERF402 - what has come is shown where a call fails
        finally:
            items.sort(key=lambda item: in_order(item.names))
            above = at.names if at.is_folder else at.names[:-1]
            if as_json:
                for item in items:
                    print_json(item.record)
            elif has_zeros:
                for item in items:
                    click.echo("/".join(item.names[len(above) :]) + "\0", nl=False)
            else:
                _print(items, len(above), is_long=is_long, is_human=is_human)


def _found(connection: Connection, at: Item, *, is_recursive: bool) -> Iterator[Item]:
    if not at.is_folder:
        return iter((at,))
    return below(connection, at) if is_recursive else children(connection, at)


def _print(items: list[Item], above: int, *, is_long: bool, is_human: bool) -> None:
    labels = [shown("/".join((*item.names[above:-1], item.label))) for item in items]
    if not is_long:
        for label in labels:
            click.echo(label)
        return
    sizes = ["-" if each.size is None else human(each.size) if is_human else str(each.size) for each in items]
    owners = [shown(each.owner) or "-" for each in items]
    widths = max(map(len, sizes), default=0), max(map(len, owners), default=0)
    for item, size, owner, label in zip(items, sizes, owners, labels, strict=True):
        moment = shown(item.modified_at)[:16] or "-"
        click.echo(f"{size:>{widths[0]}}  {moment:16}  {owner:{widths[1]}}  {label}")
