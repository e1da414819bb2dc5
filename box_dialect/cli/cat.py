"""`box-dialect cat`: the content of files at Box on the standard output."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from box_dialect.cli.account import Failure, takes_account
from box_dialect.cli.box_items import PREFIX, item_at
from box_dialect.content import download
from box_dialect.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect import Connection
    from box_dialect.cli.account import Account


@click.command()
@click.option("--text", "is_text", is_flag=True, help="Print the text that Box has taken out of the file.")
@takes_account("PATH…")
def cat(account: Account, *paths: str, is_text: bool) -> None:
    """Print files, one after another, as they come.

    The SHA-1 of each is compared with the one that Box tells, once all of it was printed.
    """
    print_files(account, paths, is_text=is_text)


def print_files(account: Account, paths: Iterable[str], *, is_text: bool = False) -> None:
    """Write the content of files at Box to the standard output, one after another, or the text that Box has of it."""
    output = sys.stdout.buffer
    with account.connect() as connection:
        for path in paths:
            if is_text:
                output.write(_text(connection, path).encode())
            else:
                download(connection, path=path.removeprefix(PREFIX), target=output)
            output.flush()


def _text(connection: Connection, path: str) -> str:
    """Return the text that Box has taken out of a file; raises Failure where there is none."""
    item = item_at(connection, path)
    if item.type != "file":
        raise Failure(f"{printable(item.path)} is no file.")
    row = connection.cursor().execute("SELECT text FROM files WHERE id = ?", (item.id,)).fetchone()
    if row is None or row[0] is None:
        raise Failure(f"Box has no text of {printable(item.path)}: it takes none out of files of this kind, or failed.")
    return str(row[0])
