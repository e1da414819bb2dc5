"""Row factories: what `fetchone()`, `fetchmany()`, `fetchall()` and iteration give for a row of a result.

They are given to `box_dialect.connect(…, row_factory=dict_row)`, to `cursor(row_factory=…)`, or set as the attribute
`row_factory` of a connection or a cursor, also with asyncio. The default is `tuple_row`. A row factory is any callable
that takes a cursor and returns what makes a row of its values; it is called once for each statement that returns rows.

Source: https://www.psycopg.org/psycopg3/docs/api/rows.html
"""

from __future__ import annotations

import functools
import re
from collections import namedtuple
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol, TypeAlias, TypeVar

from box_dialect.errors import DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import TypeVar as DefaultingTypeVar

__all__ = [
    "DictRow",
    "RowFactory",
    "RowMaker",
    "TupleRow",
    "args_row",
    "class_row",
    "dict_row",
    "kwargs_row",
    "namedtuple_row",
    "scalar_row",
    "tuple_row",
]

TupleRow: TypeAlias = tuple[Any, ...]
DictRow: TypeAlias = dict[str, Any]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

if TYPE_CHECKING:
    Row = DefaultingTypeVar("Row", covariant=True, default=TupleRow)
else:
    Row = TypeVar("Row", covariant=True)
    """The row of a cursor; a `Cursor` of which nothing else is said has tuples."""


class Described(Protocol):
    """What a row factory sees of a cursor: `description`, the columns of the result, by PEP 249."""

    @property
    def description(self) -> Sequence[Sequence[Any]] | None:
        """The columns of the result, each a sequence that begins with the name."""


class RowMaker(Protocol[T_co]):
    """What makes a row of the values of its columns."""

    def __call__(self, values: Sequence[Any], /) -> T_co:
        """Return the row."""


class RowFactory(Protocol[T_co]):
    """What gives a `RowMaker` for the result of a cursor."""

    def __call__(self, cursor: Described, /) -> RowMaker[T_co]:
        """Return what makes the rows of the cursor's result."""


def tuple_row(_cursor: Described, /) -> RowMaker[TupleRow]:
    """Make each row a tuple."""
    return tuple


def dict_row(cursor: Described, /) -> RowMaker[DictRow]:
    """Make each row a dict by the names of the columns; of columns with one name it has the last."""
    names = _names(cursor)
    return lambda values: dict(zip(names, values, strict=True))


def namedtuple_row(cursor: Described, /) -> RowMaker[NamedTuple]:
    """Make each row a named tuple.

    What no name of Python's may have becomes `_`, and a name that would begin with a digit or `_` gets an `f` before
    it. Raises DataError for two columns with one name, and for a keyword.
    """
    return _named_tuple(*_names(cursor))._make


def class_row(cls: type[T]) -> RowFactory[T]:
    """Make each row an instance of a class, as of a dataclass, by its keyword arguments: the names of the columns."""
    return kwargs_row(cls)


def args_row(function: Callable[..., T]) -> RowFactory[T]:
    """Make each row what a function gives for the values in their order."""
    return lambda _cursor: lambda values: function(*values)


def kwargs_row(function: Callable[..., T]) -> RowFactory[T]:
    """Make each row what a function gives for the values as keyword arguments: the names of the columns."""

    def factory(cursor: Described, /) -> RowMaker[T]:
        names = _names(cursor)
        return lambda values: function(**dict(zip(names, values, strict=True)))

    return factory


def scalar_row(_cursor: Described, /) -> RowMaker[Any]:
    """Make each row the value of its first column."""
    return lambda values: values[0]


def row_maker(cursor: Described, factory: RowFactory[T]) -> RowMaker[T] | type[TupleRow]:
    """Return what makes the rows of a cursor's result; `tuple`, which gives a tuple as it is, where there are none."""
    return tuple if cursor.description is None else factory(cursor)


def no_row(_values: Sequence[Any], /) -> NoReturn:
    """Raise ProgrammingError: the row factory has made nothing of the columns of the result."""
    raise ProgrammingError("the row factory has failed for this result; set another one to fetch its rows")


def _names(cursor: Described) -> list[str]:
    return [column[0] for column in cursor.description or ()]


_NO_NAME: re.Pattern[str] = re.compile(r"\W")


@functools.lru_cache(maxsize=512)
def _named_tuple(*names: str) -> type[NamedTuple]:
    replaced = [_NO_NAME.sub("_", name) for name in names]
    spelled = [name if name[:1].isalpha() else f"f{name}" for name in replaced]
    try:
        return namedtuple("Row", spelled)  # type: ignore[return-value]  # noqa: PYI024 - its names are those of columns
    except ValueError as error:
        raise DataError(f"the columns make no named tuple: {error}; give them names by AS") from None
