"""The SQL functions of a connection, beside those that SQLite has."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, NoReturn

import apsw

from box_dialect.engine.sql import conditions
from box_dialect.engine.sql.authorizer import UNCALLABLE
from box_dialect.engine.sql.collations import add_collations
from box_dialect.engine.sql.datetimes import add_datetimes
from box_dialect.engine.sql.like import add_wildcards
from box_dialect.engine.sql.linear import add_linear
from box_dialect.engine.sql.membership import HAS_ANY, has_any
from box_dialect.engine.sql.regexp import regexp
from box_dialect.errors import NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.errors import DataError

_QUADRATIC: Final = ("highlight", "snippet")
"""Functions of full-text search whose time grows with the square of the hits in a text, which nothing stops."""

REFUSED_FUNCTIONS: Final = UNCALLABLE | {*_QUADRATIC}
"""SQL functions that are known, and an error where a statement calls them."""


def add_functions(
    connection: apsw.Connection, fail: Callable[[DataError], None], check: Callable[[], None] = lambda: None
) -> None:
    """Make REGEXP, `has_any`, and what computes and compares moments known, and what replaces functions without an end.

    `fail` has the statement that runs end with an error; `check` raises where it must not go on.
    """

    def checked_regexp(*arguments: apsw.SQLiteValue) -> bool | None:
        check()
        return regexp(*arguments)

    connection.create_scalar_function("regexp", checked_regexp, 2, deterministic=True)
    connection.create_scalar_function(HAS_ANY, has_any, deterministic=True)
    conditions.add_conditions(connection)
    with contextlib.suppress(apsw.NoFTS5Error):
        # Not by the authorizer, which does not see it as the rank of a full-text search.
        for name in _QUADRATIC:
            connection.register_fts5_function(name, _refusal(name))
    add_linear(connection, check)
    add_wildcards(connection, check)
    add_datetimes(connection)
    add_collations(connection, fail)


def _refusal(name: str) -> Callable[..., NoReturn]:
    def refuse(*_: object) -> NoReturn:
        raise NotSupportedError(f"function {name} is refused, since it may never end; take instr() and substr()")

    return refuse
