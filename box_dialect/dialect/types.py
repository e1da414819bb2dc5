"""Box's types as SQLAlchemy's.

Source: https://docs.sqlalchemy.org/en/20/core/custom_types.html
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import types

from box_dialect.catalog import Type
from box_dialect.catalog.values import stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.engine import Dialect


class DateTime(types.DateTime):
    """A moment in UTC: comes as an aware `datetime`; one without a time zone is taken as UTC where it is sent."""

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Send moments in the form that Box's are stored in."""
        return lambda value: stored(value) if isinstance(value, dt.datetime) else value

    def literal_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """Write a moment into the statement's text."""
        return lambda value: f"'{stored(value)}'"

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Read moments, also those of expressions such as max(), which the driver gives as text."""

        def read(value: Any) -> Any:
            if not isinstance(value, str):
                return value
            return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)

        return read


REFLECTED: Final[Mapping[Type, types.TypeEngine[Any]]] = {
    Type.TEXT: types.String(),
    Type.INTEGER: types.BigInteger(),
    Type.BOOLEAN: types.Boolean(),
    Type.TIMESTAMP: DateTime(timezone=True),
    Type.JSON: types.JSON(),
}
"""The SQLAlchemy type of a catalog type."""
