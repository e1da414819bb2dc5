"""The run of one statement by a command: its rows to where they go, its progress, and what it has cost."""

from __future__ import annotations

import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import click

from box_dialect import Error
from box_dialect.cli.formats import Rows
from box_dialect.cli.progress import Mode, Progress
from box_dialect.cli.render import counted
from box_dialect.errors import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect import Connection
    from box_dialect.cli.statements import Parameters


class Cost(NamedTuple):
    """What a statement did, and what that has cost; as a text, `1,204 rows, 13 API calls, 2.1 s`."""

    did: str
    calls: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.did}, {counted(self.calls, 'API call')}, {self.seconds:,.1f} s"


def run(
    connection: Connection, statement: str, parameters: Parameters, mode: Mode, write: Callable[[Rows], None]
) -> Cost:
    """Run a statement, give its rows to `write`, and return what it has done and cost."""
    estimate = None
    if mode is not Mode.NONE:
        with suppress(Error):  # which the statement raises, too
            estimate = connection.estimate(statement, parameters)
    with connection.cursor() as cursor:
        progress = Progress(cursor, mode, estimate)
        with progress.shown():
            with progress.waiting():
                cursor.execute(statement, parameters)
            if cursor.description is None:
                did = f"{counted(cursor.rowcount, 'row')} changed" if cursor.rowcount >= 0 else "done"
            else:
                progress.rows = rows = Rows(cursor, progress.waiting)
                write(rows)
                did = counted(rows.count, "row")
        return Cost(did, cursor.api_calls, progress.taken)


@contextmanager
def warnings_shown() -> Iterator[None]:
    """Show the warnings of a block on standard error, each as one line."""

    def show(message: Warning | str, *_: object, **_named: object) -> None:
        click.echo(f"Warning: {printable(str(message), 1000)}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show
        yield
