"""Calls of the driver's connection beneath one of SQLAlchemy's, which may be one for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def call(connection: Any, function: Callable[[Any], T]) -> T:
    """Call a function with the driver's connection, in its thread, and return what it returns."""
    driver = connection.connection.dbapi_connection
    run: Callable[[Callable[[Any], T]], T] = getattr(driver, "run_sync", lambda function: function(driver))
    return run(function)
