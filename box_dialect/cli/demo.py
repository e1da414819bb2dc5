"""`box-dialect demo`: run telling queries against an emulator that holds a directory of this machine."""

from __future__ import annotations

import contextlib
import inspect
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click
import sqlalchemy
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from box_dialect.cli.plan import access_paths
from box_dialect.cli.queries import BRANCH, QUERIES
from box_dialect.cli.render import Screen, counted
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, CursorResult, Engine

    from box_dialect import Cursor

_LIBRARY: Final = Path(sysconfig.get_path("stdlib"))
_NO_LIBRARY: Final = ("site-packages", "dist-packages", "__pycache__", "config-*")
_NEXT: Final = """
The same on your own Box, with an application of https://app.box.com/developers/console:
  create_engine("box://CLIENT_ID:CLIENT_SECRET@/?AuthScheme=OAuthClient&SubjectType=user&SubjectId=USER_ID")
To try more on this machine:
  box-dialect emulator --help"""


@click.command()
@click.option(
    "--load",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Query the tree below this directory instead of Python's standard library.",
)
def demo(load: Path | None) -> None:
    """Show what SQL does with Box.

    An emulator on this machine takes the place of Box and holds the files of Python's standard library, or of another
    directory. Each query is shown with its plan, its rows, and what it took.
    """
    began = time.perf_counter()
    screen = Screen()
    try:
        with contextlib.ExitStack() as stack:
            options = Options(load=load) if load else Options(load=_LIBRARY, exclude=_NO_LIBRARY)
            box = stack.enter_context(Emulator(options))
            screen.line(f"{load or 'The Python standard library'}, served at {box.ready['api_base_url']}")
            engine = sqlalchemy.create_engine(box.ready["url"], connect_args={"Readonly": False})
            stack.callback(engine.dispose)
            calls = _run(engine, screen)
            tables = len(sqlalchemy.inspect(engine).get_table_names())
    except BrokenPipeError:
        raise  # the reader of the output went away, which click knows how to end
    except (SQLAlchemyError, OSError, RuntimeError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise click.ClickException(" ".join(str(cause).split())) from None
    seconds = time.perf_counter() - began
    screen.line(f"\n{counted(tables, 'table')}, {counted(calls, 'API call')}, {seconds:.1f} seconds in all", "bold")
    click.echo(_NEXT)


def _run(engine: Engine, screen: Screen) -> int:
    """Run and show all queries; return the number of API calls that they made."""
    with engine.begin() as connection:
        branch = str(connection.exec_driver_sql(BRANCH).scalar() or "").replace("'", "''")
        calls = 0
        for number, query in enumerate(QUERIES, start=1):
            screen.line(f"\n{number}. {query.title}", "bold")
            for statement in query.statements:
                calls += _show(connection, inspect.cleandoc(statement).replace("{branch}", branch), screen)
    return calls


def _show(connection: Connection, statement: str, screen: Screen) -> int:
    """Run and show one statement; return the number of API calls that it made."""
    screen.line()
    screen.sql(statement)
    screen.line()
    if paths := _plan(connection, statement):
        screen.plan(paths)
        screen.line()
    began = time.perf_counter()
    result = connection.exec_driver_sql(statement)
    rows = result.fetchall() if result.returns_rows else None
    milliseconds = (time.perf_counter() - began) * 1000
    if rows is None:
        screen.note(f"{counted(result.rowcount, 'row')} changed")
    else:
        screen.rows(list(result.keys()), rows)
    calls = _api_calls(result)
    screen.note(f"{counted(calls, 'API call')}, {milliseconds:,.0f} ms")
    return calls


def _plan(connection: Connection, statement: str) -> list[tuple[str, str]]:
    """Return the tables that are read from Box, each with its access path; SQLite's own steps are left out."""
    steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
    return access_paths(step.detail for step in steps)


def _api_calls(result: CursorResult[Any]) -> int:
    return cast("Cursor", result.context.cursor).api_calls
