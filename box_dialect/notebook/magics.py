"""`%box` and `%%box`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand

import box_dialect
from box_dialect import pandas
from box_dialect.columnar import fetched
from box_dialect.dbapi.sqltext.lexer import tokens
from box_dialect.errors import Error, printable
from box_dialect.notebook.arguments import OPTIONS, Arguments, arguments
from box_dialect.notebook.connections import Connections
from box_dialect.notebook.progress import Progress, screen_of
from box_dialect.rows import tuple_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

    from box_dialect import Connection

_BATCH_SIZE: Final = 1_000
"""Rows between two counts of them."""

_MOST_CHARACTERS: Final = 2_000
"""Of an error's text."""

_PLACE: Final = re.compile(r"(?:VIRTUAL TABLE )?INDEX \d+:")


@magics_class
class BoxMagics(Magics):
    """SQL in cells: its rows as a frame, with the types of `box_dialect.pandas`."""

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.connections = Connections()

    @no_var_expand  # braces and `$` are JSON's in SQL
    @needs_local_scope
    @line_cell_magic
    def box(self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> pd.DataFrame | None:
        """Run a statement at Box, and return its rows as a frame."""
        try:
            return self._run(arguments(line, cell), {**self.shell.user_ns, **(local_ns or {})})
        except (Error, KeyboardInterrupt) as error:
            _tell_in_one_line(error)
            raise

    def _run(self, given: Arguments, variables: Mapping[str, Any]) -> pd.DataFrame | None:
        if not given.statement:
            if given.connection is None:
                raise UsageError(f"a statement is to stand here; {_HELP}")
            source = self.connections.source(given.connection, variables)
            with self.connections.driver(source):
                self.connections.default = source
            return None
        parameters = _parameters(given.statement, variables)
        with self.connections.driver(self.connections.source(given.connection, variables)) as connection:
            if given.explain:
                print(_explained(connection, given.statement, parameters))  # noqa: T201 - it is what was asked for
                return None
            frame = self._frame(connection, given, parameters)
        if given.output is None or frame is None:
            return frame
        self.shell.user_ns[given.output] = frame
        return None

    def _frame(
        self, connection: Connection[Any], given: Arguments, parameters: Mapping[str, Any]
    ) -> pd.DataFrame | None:
        """Run a statement, and return its rows, None where it returns none."""
        with connection.cursor(row_factory=tuple_row) as cursor:
            cursor.max_api_calls = given.max_calls
            with Progress(cursor, screen_of(self.shell, quiet=given.quiet)) as progress:
                cursor.execute(given.statement, parameters)
                if cursor.description is None:
                    return None
                frames = []
                for frame in pandas.frames(fetched(cursor, _BATCH_SIZE)):
                    frames.append(frame)
                    progress.rows += len(frame)
            return pandas.whole(frames)


def _parameters(statement: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a statement's `:name`, variables of the notebook; raises UsageError where there is none."""
    names = {token.text[1:] for token in tokens(statement) if token.kind == "variable" and token.text[0] == ":"}
    if missing := sorted(names - variables.keys()):
        raise UsageError(f"there is no variable {' and none '.join(map(printable, missing))} for the parameter")
    return {name: _plain(variables[name]) for name in names}


def _plain(value: Any) -> Any:
    """Return a value of NumPy's, as frames hold them, as one of Python's; pandas has its missing ones as NULL."""
    import pandas as pd

    if value is pd.NA or value is pd.NaT:
        return None
    if type(value).__module__ != "numpy" or getattr(value, "ndim", None) != 0:
        return value
    kind = value.dtype.kind
    is_finer = kind in "mM" and isinstance(value.item(), int)  # times in nanoseconds, which Python's have not
    return value.astype(f"{kind}8[us]").item() if is_finer else value.item()


def _explained(connection: Connection[Any], statement: str, parameters: Mapping[str, Any]) -> str:
    """Return what a statement is going to cost, and its plan."""
    estimate = connection.estimate(statement, parameters)
    most = "nobody can tell how many at most" if estimate.most is None else f"{estimate.most:,} at most"
    seconds = "" if estimate.seconds is None else f", about {estimate.seconds:,.1f} s"
    lines = [f"API calls: {estimate.least:,} at least, {most}{seconds}"]
    depths = {0: 0}
    with connection.cursor(row_factory=tuple_row) as cursor:
        for number, parent, _, detail in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters):
            depths[number] = depths.get(parent, 0) + 1
            lines.append("  " * depths[number] + _PLACE.sub("", detail).strip())
    return "\n".join(lines)


def _tell_in_one_line(error: BaseException) -> None:
    """Have IPython show an error without its traceback, which is the driver's and not the notebook's.

    Source: https://ipython.readthedocs.io/en/stable/config/integrating.html
    """
    if isinstance(error, KeyboardInterrupt):
        line = "KeyboardInterrupt: the statement was stopped, and what was in flight for it is cancelled"
    else:
        name = next(each.__name__ for each in type(error).__mro__ if each.__name__ in box_dialect.__all__)
        line = f"{name}: {printable(str(error), _MOST_CHARACTERS)}"
    error._render_traceback_ = lambda: [line]  # type: ignore[attr-defined]


def _help() -> str:
    """Return the options in words."""
    return "; ".join(f"{', '.join(names)}: {option['help']}" for names, option in OPTIONS.items())


_HELP: Final = _help()
BoxMagics.box.__doc__ = f"""Run a statement at Box, and return its rows as a frame.

    %box [options] [name <<] statement
    %%box [options] [connection] [name <<]
    statement

A parameter `:name` is a variable of the notebook. Options: {_HELP}.
"""
