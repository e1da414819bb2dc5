"""`box-dialect query`: run SQL, and write the rows in one of several formats."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from box_dialect import Error
from box_dialect.cli.account import ExitCode, Failure, split_pairs, takes_account
from box_dialect.cli.destination import writing
from box_dialect.cli.formats import CSV, FORMATS, TABLE, Format, of_file
from box_dialect.cli.options import runs_statements
from box_dialect.cli.plan import explain
from box_dialect.cli.progress import Mode
from box_dialect.cli.render import Screen
from box_dialect.cli.running import run, warnings_shown
from box_dialect.cli.statements import Statement, is_query, parameters, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect import Connection
    from box_dialect.cli.account import Account
    from box_dialect.cli.formats import Rows
    from box_dialect.cli.statements import Parameters

_STANDARD_INPUT: Final = "-"
_COMMENT: Final = re.compile(r"--[^=\s]*\s")


@dataclass(frozen=True, slots=True)
class Output:
    """Where rows go, standard output without a path, in which format, and how progress is told."""

    path: Path | None
    format: Format
    header: bool
    mode: Mode


class _Query(click.Command):
    """Take SQL that begins with a comment for SQL: no option has a blank in its name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f" {each}" if _COMMENT.match(each) else each for each in args])


@click.command(cls=_Query)
@click.option("-f", "--file", "file", metavar="FILE", help="Read the SQL from this file; - is standard input.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the rows to this file, by its extension; it is replaced once all rows are there.",
)
@click.option(
    "--format",
    "name",
    type=click.Choice([*FORMATS], case_sensitive=False),
    help="The format of the rows; by default a table on a terminal, and CSV elsewhere.",
)
@click.option("--header/--no-header", default=None, help="Whether to begin with the names of the columns.")
@click.option(
    "--param",
    "assigned",
    multiple=True,
    metavar="NAME=VALUE",
    callback=split_pairs,
    help="The text that :NAME stands for.",
)
@click.option("--params", "given", metavar="JSON", help="Parameters: a JSON object or array, or a file that has one.")
@click.option("--explain", "is_explained", is_flag=True, help="Tell what Box would be asked for, and run nothing.")
@takes_account("[SQL]")
@runs_statements
def query(
    account: Account,
    sql: str | None = None,
    *,
    file: str | None,
    output: Path | None,
    name: str | None,
    header: bool | None,
    assigned: list[tuple[str, str]],
    given: str | None,
    is_explained: bool,
    mode: Mode,
) -> None:
    """Run SQL, and write its rows.

    URL is one of box://…, or the name of a profile; without it the variable BOX_URL names one. SQL is read from
    standard input where it is not given. Statements of a script run in their order; all of their rows are shown in a
    table, any other format takes those of the last one. The exit code is 1 for a statement that fails, 2 for wrong
    usage, 3 where there is no sign-in, 4 where a bound is reached, and 130 after Ctrl-C.
    """
    found = [*statements(_script(sql, file))]
    values = parameters(assigned, given)
    out = Output(output, _format(name, output), header is not False, mode)
    _check(found, values, out, is_header_given=header is not None)
    with warnings_shown(), account.connect() as connection:
        if is_explained:
            _explain_all(connection, found, values)
        else:
            run_all(connection, found, values, out)


def _script(sql: str | None, file: str | None) -> str:
    """Return the SQL that is given, that of a file, or that of standard input."""
    if sql is not None and file is not None:
        raise click.UsageError("SQL is given twice: as an argument, and by --file.")
    if sql is not None and sql != _STANDARD_INPUT:
        return sql
    if sql is None and file is None and sys.stdin.isatty():
        raise click.UsageError("There is no SQL: give it as an argument, by --file, or on standard input.")
    is_piped = file is None or file == _STANDARD_INPUT
    try:
        content = sys.stdin.buffer.read() if is_piped else Path(str(file)).read_bytes()
        return content.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        name = "standard input" if is_piped else file
        raise click.UsageError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}.") from None


def _format(name: str | None, output: Path | None) -> Format:
    """Return the format that is named, or that of the file, or of standard output."""
    if name is not None:
        return FORMATS[name]
    if output is None:
        return TABLE if sys.stdout.isatty() else CSV
    found = of_file(output)
    if found is None:
        known = ", ".join(each for one in FORMATS.values() for each in one.extensions)
        raise click.UsageError(f"{output.name} does not tell its format: give --format, or one of {known}.")
    return found


def _check(found: list[Statement], values: Parameters, out: Output, *, is_header_given: bool) -> None:
    """Raise UsageError for what cannot be, before anything runs."""
    try:
        out.format.check()
    except ModuleNotFoundError as error:
        raise Failure(str(error), ExitCode.USAGE) from None
    if not found:
        raise click.UsageError("There is no statement in the SQL.")
    if len(found) > 1 and values and isinstance(values, list):
        raise click.UsageError("Parameters without names belong to one statement, and there are several.")
    if is_header_given and not out.header and not out.format.may_lack_header:
        raise click.UsageError(f"--no-header: {out.format.name} has the names of the columns in any case.")
    if not out.format.is_text and out.path is None and sys.stdout.isatty():
        raise click.UsageError(f"{out.format.name} is nothing for a terminal; give -o FILE.")
    if not out.format.holds_several:
        for each in found[:-1]:
            if is_query(each.text):
                raise click.UsageError(
                    f"The statement of line {each.line} is a query, and {out.format.name} takes the rows of the last "
                    "statement only; give --format table, or run them one by one."
                )


def run_all(connection: Connection, found: list[Statement], values: Parameters, out: Output) -> None:
    """Run the statements of a script; raises Failure for the first that fails, with its line where there are more."""
    with writing(out.path) as stream:
        before = b""

        def write(rows: Rows) -> None:
            nonlocal before
            if out.format.holds_several or each is found[-1]:
                stream.write(before)
                out.format.write(rows, stream, header=out.header)
                before = b"\n"

        for each in found:
            with _placed(each, found):
                cost = run(connection, each.text, values, out.mode, write)
            if out.mode is not Mode.NONE:
                click.echo(str(cost), err=True)


def _explain_all(connection: Connection, found: list[Statement], values: Parameters) -> None:
    screen = Screen()
    for each in found:
        if len(found) > 1:
            screen.sql(each.text)
        with _placed(each, found):
            explain(connection, each.text, values, screen)


@contextmanager
def _placed(statement: Statement, found: list[Statement]) -> Iterator[None]:
    """Name the line of a statement that fails within a block, where it is one of several."""
    try:
        yield
    except Error as error:
        raise Failure.of(error, place=f"line {statement.line}: " if len(found) > 1 else "") from None
