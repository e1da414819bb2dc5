"""The statements of the tools: each on a connection of its own, bounded, interrupted when its call is cancelled."""

from __future__ import annotations

import itertools
import logging
import os
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anyio
from platformdirs import user_config_path

from box_dialect import (
    Error,
    LimitExceededError,
    OperationalError,
    ProgrammingError,
    ReadonlyError,
    SignInError,
    aio,
)
from box_dialect.engine import MEMORY, heard
from box_dialect.extras import extra
from box_dialect.mcp.answers import Taken
from box_dialect.properties import check_values
from box_dialect.properties.declared import DECLARED
from box_dialect.visible import visible

with extra("mcp"):
    from mcp.server.mcpserver.exceptions import ToolError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

    from mcp.server.mcpserver import Context

    from box_dialect.dbapi.statement_run import Parameters
    from box_dialect.mcp.bounds import Bounds

_log: Final = logging.getLogger(__name__)

_SECONDS_BETWEEN_NOTICES: Final = 1.0
_MOST_OF_A_MESSAGE: Final = 4_000
_BATCH: Final = 25

_ADVICE: Final[tuple[tuple[type[Error], str], ...]] = (
    (
        LimitExceededError,
        (
            "Who runs this server has set that bound, and no statement changes it. Ask for less: compare a key (id, "
            "parent_id, path), select fewer columns, add LIMIT; the tool `explain` tells the cost before."
        ),
    ),
    (SignInError, "No statement helps: tell the user that the server has to be signed in to Box again."),
    (
        ReadonlyError,
        "No statement changes that: tell the user, who decides whether the server is to be started with --write.",
    ),
    (OperationalError, "If it may pass, try once more; else tell the user."),
    (ProgrammingError, "The tools `list_tables` and `describe_table` have the names; the SQL is SQLite's."),
)
"""What to do after a failure, by the first class that it is of."""


class Running:
    """A statement that runs: what is taken of its rows so far, and what the driver has warned of."""

    def __init__(self, cursor: aio.Cursor, taken: Taken, warnings: Sequence[str]) -> None:
        self._cursor, self.taken, self.warnings = cursor, taken, warnings

    @property
    def columns(self) -> list[str]:
        """The names of its columns; none of a statement without rows."""
        return [each[0] for each in self._cursor.description or ()]

    @property
    def changed(self) -> int | None:
        """How many rows it has changed, None where it changes none."""
        return None if self._cursor.rowcount < 0 else self._cursor.rowcount

    @property
    def api_calls(self) -> int:
        """How many calls to Box it has made."""
        return self._cursor.api_calls

    @property
    def is_preview_partial(self) -> bool:
        """Whether rows may be missing, since the account has `PreviewCalls`."""
        return self._cursor.is_preview_partial

    async def run(self, sql: str, parameters: Parameters, form: Callable[[Sequence[Any]], Any]) -> None:
        """Run it, and take its rows in a form of theirs, until there are enough."""
        await self._cursor.execute(sql, parameters)
        while self._cursor.description and not self.taken.is_cut:
            rows = await self._cursor.fetchmany(min(_BATCH, self.taken.wanted))
            if not rows:
                return
            for row in rows:
                self.taken.take(form(row))

    def told(self) -> str:
        """Return how far it has come."""
        return f"{len(self.taken.entries):,} rows, {self.api_calls:,} calls to Box"


class Statements:
    """Run statements with the properties of an account, a few at once."""

    def __init__(self, properties: Mapping[str, Any], bounds: Bounds) -> None:
        self._properties, self.bounds = properties, bounds
        self._places = _places(properties)
        self._seats = anyio.Semaphore(bounds.statements)

    def shown(self, text: str) -> str:
        """Return words of the driver as a client gets them: without paths of this machine, and all of it visible."""
        for path, name in self._places.items():
            text = text.replace(path, name)
        return visible(text, is_multiline=True)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[aio.Connection]:
        """Open a connection, once there is room for another statement, and close it at the end of the block.

        What fails in the block is raised as ToolError.
        """
        if self._seats.statistics().tasks_waiting >= self.bounds.waiting:
            raise ToolError(f"{self.bounds.waiting} calls wait already; call again when some have been answered.")
        with failures(self.shown):
            async with self._seats, await aio.connect(**self._properties) as connection:
                await connection.run_sync(lambda it: it.session.hide_paths())
                yield connection

    async def run(
        self,
        context: Context[Any],
        sql: str,
        parameters: Parameters = (),
        most: int | None = None,
        form: Callable[[Sequence[Any]], Any] = list,
    ) -> Running:
        """Run a statement on a connection of its own, and take `most` of its rows, in a form of theirs.

        The client is told meanwhile how far it has come. Raises ToolError.
        """
        most = self.bounds.rows if most is None else min(most, self.bounds.rows)
        async with self.connection() as connection:
            warnings = await connection.run_sync(lambda _: heard())
            running = Running(connection.cursor(), Taken(most, self.bounds.size), warnings)
            async with _telling(context, running.told):
                await running.run(sql, parameters, form)
        return running


@asynccontextmanager
async def _telling(context: Context[Any], told: Callable[[], str]) -> AsyncIterator[None]:
    """Tell the client each second that its call is being worked on, if it wants to know."""

    async def tell() -> None:
        for seconds in itertools.count(1):
            await anyio.sleep(_SECONDS_BETWEEN_NOTICES)
            await context.report_progress(seconds, message=told())

    problem: Exception | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(tell)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the group would make a group of it
            problem = error
        group.cancel_scope.cancel()
    if problem is not None:
        raise problem


@contextmanager
def failures(shown: Callable[[str], str]) -> Iterator[None]:
    """Have what fails in a block raised as ToolError, which says what to do; else the client is told nothing of it.

    `shown` makes of the driver's words what the client gets.
    """
    try:
        yield
    except ToolError:
        raise
    except Error as error:
        raise ToolError(_told(error, shown)) from None
    except Exception as error:  # noqa: BLE001 - what it is, the log tells
        _log.exception("A tool has failed by a fault of the server")
        raise ToolError(
            f"The server has failed by a fault of its own ({type(error).__name__}), which its log tells of. "
            "Try another statement."
        ) from None


def _told(error: Error, shown: Callable[[str], str]) -> str:
    message = shown(str(error))
    if len(message) > _MOST_OF_A_MESSAGE:
        message = f"{message[:_MOST_OF_A_MESSAGE]}…"
    advice = next((advice for kind, advice in _ADVICE if isinstance(error, kind)), "")
    end = "" if message.endswith(("?", "!", ".", "…")) else "."
    return f"{message}{end} {advice}".rstrip()


def _places(properties: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the paths that messages may name, longer ones first, each with the property that leads to it."""
    checked = check_values(properties)
    found = {str(user_config_path("box-dialect", appauthor=False)): "OAuthSettingsLocation"}
    for attribute, declared in DECLARED.items():
        value = getattr(checked, attribute) if declared.kind == "path" else None
        if value and value != MEMORY:
            path = Path(value).expanduser()
            found |= dict.fromkeys((str(path), os.path.realpath(path)), declared.name)
    return dict(sorted(found.items(), key=lambda each: len(each[0]), reverse=True))
