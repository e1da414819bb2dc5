"""Alembic's operations on the table of a template as SQL: one ALTER TABLE for several, all or none of which Box does.

What a template cannot have is refused with the reason, before anything is sent.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DDLElement

from box_dialect.errors import NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


class Operation(NamedTuple):
    """An operation, as Alembic asks its implementation for it."""

    name: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]


class AlterTemplate(DDLElement):
    """The ALTER TABLE of a template that carries out operations, all of them or none.

    Raises NotSupportedError for one that no template takes.
    """

    def __init__(self, table: str, operations: Sequence[Operation]) -> None:
        self.table, self.operations = table, operations
        self.changes = [change for each in operations for change in _changes(table, each)]


class _Refusal(Exception):  # noqa: N818 - it is told as an error of the driver's
    """Why a template takes an operation not."""


class _Change(NamedTuple):
    """What stands between two commas: words with `{}`, and what is written there."""

    words: str
    parts: tuple[_Part, ...]


class _Name(NamedTuple):
    name: str

    def written(self, compiler: Any) -> str:
        return str(compiler.preparer.quote(self.name))


class _Text(NamedTuple):
    """A text, or NULL."""

    text: str | None

    def written(self, compiler: Any) -> str:
        if self.text is None:
            return "NULL"
        return str(compiler.sql_compiler.render_literal_value(self.text, sa.String()))


class _Definition(NamedTuple):
    """A column, as CREATE TABLE has it."""

    column: sa.Column[Any]

    def written(self, compiler: Any) -> str:
        return str(compiler.get_column_specification(self.column))


class _Type(NamedTuple):
    """A type, as the column of a template has it."""

    table: str
    column: str
    type: Any

    def written(self, compiler: Any) -> str:
        column = sa.Column(self.column, self.type)
        sa.Table(self.table, sa.MetaData(), column)
        definition = _Definition(column).written(compiler)
        return definition.removeprefix(compiler.preparer.format_column(column)).strip()


_Part: TypeAlias = _Name | _Text | _Definition | _Type


@compiles(AlterTemplate, "box")
def _alter_template(element: AlterTemplate, compiler: Any, **_: Any) -> str:
    changes = (words.format(*(part.written(compiler) for part in parts)) for words, parts in element.changes)
    return f"ALTER TABLE {_Name(element.table).written(compiler)} {', '.join(changes)}"


def _changes(table: str, operation: Operation) -> Iterator[_Change]:
    try:
        yield from _CHANGES[operation.name](*operation.arguments, **operation.options)
    except _Refusal as refused:
        raise NotSupportedError(f"{table} is a metadata template: {refused}") from None


def _add_column(
    _table: str, column: sa.Column[Any], *, if_not_exists: bool | None = None, **_: Any
) -> Iterator[_Change]:
    """Yield the change; what would be a statement of its own behind it is refused here."""
    _check_unconditional(if_not_exists)
    for constraint in column.table.constraints:
        yield from _constraint(constraint)
    for index in column.table.indexes:
        yield from _index(index)
    yield _Change("ADD COLUMN {}", (_Definition(column),))


def _drop_column(_table: str, column: sa.Column[Any], *, if_exists: bool | None = None, **_: Any) -> Iterator[_Change]:
    _check_unconditional(if_exists)
    yield _Change("DROP COLUMN {}", (_Name(column.name),))


def _check_unconditional(condition: bool | None) -> None:
    if condition:
        raise _Refusal("a field is added or dropped without a condition, since Box has no such operation")


def _alter_column(
    table: str,
    column: str,
    *,
    nullable: bool | None = None,
    server_default: Any = False,
    name: str | None = None,
    type_: Any = None,
    existing_type: Any = None,
    comment: str | Literal[False] | None = False,
    box_hidden: bool | None = None,
    box_rename_options: Mapping[str, str] | None = None,
    **_: Any,
) -> Iterator[_Change]:
    """Yield the changes of a column, its name at last: the others go by the one that it had."""
    if nullable is False or (server_default is not False and server_default is not None):
        raise _Refusal(
            f"{column} may always be NULL, and has no default, since an item need not have a value for a field, and "
            "has none that nobody gives it"
        )
    for old, new in _option_renames(box_rename_options or {}, _options(existing_type), _options(type_)):
        yield _Change("ALTER COLUMN {} RENAME VALUE {} TO {}", (_Name(column), _Text(old), _Text(new)))
    if type_ is not None:
        yield _Change("ALTER COLUMN {} TYPE {}", (_Name(column), _Type(table, column, sa.types.to_instance(type_))))
    if comment is not False:
        yield _Change("ALTER COLUMN {} SET (comment = {})", (_Name(column), _Text(comment)))
    if box_hidden is not None:
        yield _Change(f"ALTER COLUMN {{}} SET (hidden = {_truth(box_hidden)})", (_Name(column),))
    if name is not None:
        yield _Change("RENAME COLUMN {} TO {}", (_Name(column), _Name(name)))


def _options(type_: Any) -> Sequence[str]:
    """Return the options of a type, none for one that has none, or that is not told."""
    told: Any = None if type_ is None else sa.types.to_instance(type_)
    found: Any = getattr(told, "enums", None) or getattr(told, "options", ())
    return [*found]


def _option_renames(
    renames: Mapping[str, str], existing: Sequence[str], wanted: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield renames, each to an option that there is not yet, by options that are there for the time between.

    An option that is to go, and has the name that another one gets, is renamed too: the change of type, which removes
    what is not wanted, comes afterwards.
    """
    left = {old: new for old, new in renames.items() if old != new}
    taken = {*left, *left.values(), *existing, *wanted}
    if wanted:
        gone = [key for key in existing if key in left.values() and key not in left]
        left |= {key: _between(key, taken) for key in gone}
    while left:
        free = next((old for old, new in left.items() if new not in left), None)
        if free is None:  # each takes the name of another one
            old = next(iter(left))
            aside = _between(old, taken)
            yield old, aside
            left[aside] = left.pop(old)
        else:
            yield free, left.pop(free)


def _between(option: str, taken: set[str]) -> str:
    """Return a name for an option for the time between, which no other has."""
    spelled = (f"{option} (renamed{' again' * number})" for number in count())
    taken.add(found := next(each for each in spelled if each not in taken))
    return found


def _rename_table(_old: str, new: str, **_: Any) -> Iterator[_Change]:
    yield _Change("RENAME TO {}", (_Name(new),))


def _table_comment(table: sa.Table) -> Iterator[_Change]:
    yield _Change("SET (comment = {})", (_Text(table.comment),))


def _column_comment(column: sa.Column[Any]) -> Iterator[_Change]:
    yield _Change("ALTER COLUMN {} SET (comment = {})", (_Name(column.name), _Text(column.comment)))


def _no_comment(_table: sa.Table) -> Iterator[_Change]:
    yield _Change("SET (comment = NULL)", ())


def _constraint(constraint: sa.Constraint, **_: Any) -> Iterator[_Change]:
    """Refuse a constraint; that of a type, such as an Enum with `create_constraint`, stands in the type."""
    if not isinstance(constraint, sa.PrimaryKeyConstraint) and not getattr(constraint, "_type_bound", False):
        raise _Refusal(
            f"it has no constraint {constraint.name or ''}, since Box compares no value with those of other items, and "
            "a field refers to nothing"
        )
    yield from ()


def _index(index: sa.Index, **_: Any) -> Iterator[_Change]:
    raise _Refusal(f"it has no index {index.name or ''}, since Box finds items by the values of any field")
    yield


_CHANGES: Final[Mapping[str, Callable[..., Iterator[_Change]]]] = {
    "add_column": _add_column,
    "drop_column": _drop_column,
    "alter_column": _alter_column,
    "rename_table": _rename_table,
    "create_table_comment": _table_comment,
    "drop_table_comment": _no_comment,
    "create_column_comment": _column_comment,
    "add_constraint": _constraint,
    "drop_constraint": _constraint,
    "create_index": _index,
    "drop_index": _index,
}
"""What each operation changes, by its name among the methods of Alembic's implementation."""


def _truth(value: bool) -> str:
    return "true" if value else "false"
