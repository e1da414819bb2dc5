"""Options of the commands that run statements: their bounds, and how they tell of their progress."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

import click

from box_dialect.cli.progress import Mode
from box_dialect.cli.terminal import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.cli.account import Account


def runs_statements(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command with an account take `--max-calls`, `--timeout`, `--quiet` and `--progress`.

    It is called with the account in these bounds, and with `mode`, the mode of progress.
    """

    @click.option("--max-calls", type=click.IntRange(1), help="API calls that a statement may make.")
    @click.option("--timeout", type=click.IntRange(1), metavar="SECONDS", help="Seconds that a statement may take.")
    @click.option("--quiet", is_flag=True, help="Show no progress, and not what was read and changed.")
    @click.option(
        "--progress",
        type=click.Choice(["live", "plain"]),
        envvar=VARIABLE,
        help=f"Progress as one line that changes, or a new line now and then; also by the variable {VARIABLE}.",
    )
    @functools.wraps(command)
    def run(
        account: Account,
        *words: str,
        max_calls: int | None,
        timeout: int | None,
        quiet: bool,
        progress: str | None,
        **options: Any,
    ) -> None:
        mode = Mode.NONE if quiet else Mode.of(progress, sys.stderr)
        command(account.given(MaxApiCalls=max_calls, Timeout=timeout), *words, mode=mode, **options)

    return run
