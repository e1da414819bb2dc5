"""Which connection a name stands for."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from IPython.core.error import UsageError

import box_dialect
from box_dialect.errors import printable
from box_dialect.profiles import is_profile, raw_properties

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE: Final = "BOX_URL"
"""The variable of the environment that holds a URL, since a notebook is passed on with what is written in it."""


class Connections:
    """The connections that a notebook has made by URLs, each kept with its temporary tables, and the one by default.

    They keep what is written to local tables at once.
    """

    def __init__(self) -> None:
        self.default: Any = None
        self._made: dict[str, box_dialect.Connection[Any]] = {}

    def source(self, name: str | None, variables: Mapping[str, Any]) -> Any:
        """Return what a name stands for: a variable of the notebook, or itself; by default what was set, or BOX_URL.

        Raises UsageError where there is nothing by default.
        """
        if name is None:
            found = os.environ.get(VARIABLE) if self.default is None else self.default
            if found is None:
                raise UsageError(
                    f"there is no connection yet: set the environment's {VARIABLE} to a URL, or name an engine by "
                    "%box --connection engine"
                )
            return found
        return variables.get(name, name)

    @contextmanager
    def driver(self, source: Any) -> Iterator[box_dialect.Connection[Any]]:
        """Give the driver's connection of a URL, an engine, or a connection; raises UsageError for anything else.

        A connection that an engine gives goes back to it, and what was written to local tables is kept.
        """
        if isinstance(source, sa.engine.URL):
            yield self._kept(source.render_as_string(hide_password=False))
        elif isinstance(source, str):
            yield self._kept(source)
        elif isinstance(source, sa.engine.Engine):
            with source.begin() as connection:
                yield _driver(connection)
        elif isinstance(source, sa.engine.Connection):
            yield _driver(source)
        else:
            yield _checked(source)

    def close(self) -> None:
        """Close the connections that were made."""
        while self._made:
            _, connection = self._made.popitem()
            connection.close()

    def _kept(self, account: str) -> box_dialect.Connection[Any]:
        kept = self._made.get(account)
        if kept is None or kept.is_closed:
            kept = self._made[account] = _opened(account)
            kept.autocommit = True
        return kept


def _opened(account: str) -> box_dialect.Connection[Any]:
    """Open a connection by a URL or the name of a profile; raises UsageError for what is neither."""
    if "://" not in account and not is_profile(account):
        raise UsageError(f"{printable(account)!r} is no variable of the notebook, no profile, and no URL box://…")
    return box_dialect.connect(**raw_properties(account))


def _driver(connection: sa.engine.Connection) -> box_dialect.Connection[Any]:
    return _checked(getattr(connection.connection, "dbapi_connection", None))


def _checked(connection: object) -> box_dialect.Connection[Any]:
    if not isinstance(connection, box_dialect.Connection):
        raise UsageError(
            "a connection is an engine or a connection of SQLAlchemy's for box://, one of box_dialect.connect(), or a "
            f"URL, not {type(connection).__name__}"
        )
    return connection
