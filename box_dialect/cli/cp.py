"""`box-dialect cp`: copy files and folders to Box, from Box, and at Box."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from box_dialect.cli.account import ExitCode, takes_account
from box_dialect.cli.box_items import PREFIX
from box_dialect.cli.cat import print_files
from box_dialect.cli.copy_progress import CopyProgress
from box_dialect.cli.options import runs_statements
from box_dialect.content.account import account_of
from box_dialect.content.copies import Conflict, Operand, Outcome, Request, copied
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from box_dialect.cli.account import Account
    from box_dialect.cli.progress import Mode

_STREAM = "-"


@click.command()
@click.option("-r", "--recursive", is_flag=True, help="Copy folders, with all that is in them.")
@click.option("--overwrite", is_flag=True, help="Copy over files of other content; at Box that makes a new version.")
@click.option("--skip", is_flag=True, help="Keep files of other content as they are.")
@click.option("--follow", is_flag=True, help="Copy what symbolic links lead to; they are left out by default.")
@click.option("--dry-run", "dry", is_flag=True, help="Show what would be copied, and copy nothing.")
@takes_account("SOURCE…", "TARGET")
@runs_statements
def cp(
    account: Account,
    *paths: str,
    mode: Mode,
    recursive: bool,
    overwrite: bool,
    skip: bool,
    follow: bool,
    dry: bool,
) -> None:
    """Copy files and folders to Box, from Box, or at Box; paths at Box begin with box:, as in box:/Contracts.

    What is at the target already, with the same content, is not copied again: the same command goes on after what was
    interrupted or failed. A TARGET that ends in / is a folder, and made where it is missing; SOURCE/. means what is in
    a folder. - is the standard input or output. Files of other content at the target are failures, unless --overwrite
    or --skip tells what to do. A failure does not stop the others.
    """
    if overwrite and skip:
        raise click.UsageError("--overwrite and --skip exclude each other.")
    *sources, target = paths
    if target == _STREAM:
        if dry:
            raise click.UsageError("--dry-run does not show what would be written to the standard output.")
        if not all(each.startswith(PREFIX) for each in sources):
            raise click.UsageError(
                f"Only files at Box are copied to the standard output; their paths begin with {PREFIX}"
            )
        print_files(account, sources)
        return
    conflict = Conflict.OVERWRITE if overwrite else Conflict.SKIP if skip else Conflict.FAIL
    try:
        request = Request([_operand(each) for each in sources], _operand(target), recursive, follow, dry, conflict)
    except ProgrammingError as error:
        raise click.UsageError(str(error)) from None
    is_quiet = bool(click.get_current_context().params["quiet"])
    progress = CopyProgress(mode, is_dry=dry, is_quiet=is_quiet)
    with account.connect() as connection:
        found = account_of(connection)
        try:
            with progress.shown(), progress.waiting():
                found.run(copied, found.client, found.count(), found, request, progress, sys.stdin.buffer)
        finally:
            progress.print_end()
    if progress.counts[Outcome.FAILED]:
        raise click.exceptions.Exit(ExitCode.STATEMENT)


def _operand(text: str) -> Operand:
    return Operand(text.removeprefix(PREFIX), text.startswith(PREFIX), text)
