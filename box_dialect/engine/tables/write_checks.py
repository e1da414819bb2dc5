"""What a declaration asks of the values of a row, checked before anything is sent."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import dig, steps
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.errors import IntegrityError, NotSupportedError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from box_dialect.catalog.model import Column, Table, Write
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.tables.insert_paths import InsertPath
    from box_dialect.engine.tables.write_calls import WriteCall

_INPUTS: Final = (NOTHING, AS_USER.derived)
"""How columns are computed that no object of Box's has."""

_SHOWN: Final = 60
_MOST_TOLD: Final = 30
"""Options that an error tells."""


def check_writable(table: Table, read_only: list[Column], verb: str) -> None:
    """Raise ProgrammingError for columns that cannot be set, NotSupportedError for what no call of Box's sets."""
    for column in read_only:
        if column.unset is not None:
            raise NotSupportedError(f"{verb} cannot set {column.name} of {table.name}: {column.unset}")
    if read_only:
        names = ", ".join(column.name for column in read_only)
        why = "WHERE alone takes" if all(column.derived in _INPUTS for column in read_only) else "Box sets"
        taken = [
            column.name
            for column in table.columns
            if column.update is not None or (verb == "INSERT" and table.is_inserted(column))
        ]
        allowed = ", ".join(taken)
        elsewhere = {column.written_in for column in read_only if column.written_in is not None}
        advice = f"; write to {' and '.join(sorted(elsewhere))}" if elsewhere else ""
        raise ProgrammingError(f"{verb} cannot set {names} of {table.name}, which {why}; it takes {allowed}{advice}")


def check_insert(
    table: Table,
    write: Write,
    given: Mapping[Column, Any],
    named: Mapping[str, str],
    path: InsertPath | None = None,
) -> None:
    """Check the values of a new row; raises IntegrityError for what is missing, or does not go together.

    `named` are the values as keys, with those that the row has where none is given. The folder may be told by a path.
    """
    values = {**named, **{column.name: value for column, value in given.items()}}
    if path is not None:
        values[path.column.name] = path.folder
    missing = [name for name in dict.fromkeys([*write.required, *write.keys]) if name not in values]
    if missing:
        raise IntegrityError(f"INSERT INTO {table.name} needs a value for {' and '.join(missing)}")
    for group in write.either:
        if values.keys().isdisjoint(group):
            raise IntegrityError(f"INSERT INTO {table.name} needs a value for {' or '.join(group)}")
    for column in table.columns:
        if column.insert is not None and column.name not in values:
            default = dig(dict(write.body), *steps(column.insert))
            if default is not None:
                values[column.name] = default
    _check_together(f"INSERT INTO {table.name}", write, values.keys())
    if table.update is not None:  # which sends what INSERT cannot
        _check_together(f"INSERT INTO {table.name}", table.update, values.keys())
    others = {name for group in write.either for name in group if name not in values}
    _check_targets(f"INSERT INTO {table.name}", table, values, others)


def check_update(table: Table, write: Write, changed: Mapping[Column, Any]) -> None:
    """Check the values that an UPDATE sets; raises IntegrityError for what does not go together."""
    values = {column.name: value for column, value in changed.items()}
    left = {
        name for call in write.calls for group in call.whole if not values.keys().isdisjoint(group) for name in group
    }
    _check_together(f"UPDATE {table.name}", write, values.keys())
    _check_removed(f"UPDATE {table.name}", changed)
    _check_targets(f"UPDATE {table.name}", table, values, left - values.keys())


def check_options(table: Table, calls: Iterable[WriteCall], session: Session) -> None:
    """Check that columns of fixed options are set to some of theirs; raises IntegrityError for another one.

    Before it does, the options are asked for anew, once in a statement, where they may be others by now.
    """
    for call in calls:
        for column, value in call.values.items():
            wrong = _no_options(column, value)
            if wrong:
                now = session.newest(table)
                column = next((each for each in now.columns if each.name == column.name), column)
                wrong = _no_options(column, value)
            if wrong:
                shown = msgspec.json.encode(wrong[0][:_SHOWN]).decode()
                near = difflib.get_close_matches(wrong[0], column.options, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise IntegrityError(f"column {column.name} takes {_told(column.options)}, not {shown}{hint}")


def _no_options(column: Column, value: Any) -> list[str]:
    """Return what of a value, a text or a list of texts, is none of a column's options."""
    if not column.options or value is None:
        return []
    return [each for each in (value if isinstance(value, list) else [value]) if each not in column.options]


def _told(options: Sequence[str]) -> str:
    """Return options as an error tells them, the first ones of many."""
    first = " or ".join(options[:_MOST_TOLD])
    return first if len(options) <= _MOST_TOLD else f"{first} or one of {len(options) - _MOST_TOLD} more"


def _check_together(verb: str, write: Write, names: Collection[str]) -> None:
    for call in write.calls:
        for group in call.together:
            missing = [name for name in group if name not in names]
            if missing and len(missing) < len(group):
                given = [name for name in group if name in names]
                raise IntegrityError(f"{verb} needs {' and '.join(missing)} beside {' and '.join(given)}")


def _check_removed(verb: str, changed: Mapping[Column, Any]) -> None:
    """Check that nothing is set in an object that NULL in another column removes."""
    for column, value in changed.items():
        inner = f"{column.removes}."
        if column.removes is None or value is not None:
            continue
        kept = [
            each.name for each, given in changed.items() if given is not None and (each.update or "").startswith(inner)
        ]
        if kept:
            raise IntegrityError(f"{verb} cannot set {' and '.join(kept)} where {column.name} is NULL")


def _check_targets(verb: str, table: Table, values: Mapping[str, Any], left: Collection[str]) -> None:
    """Check the columns that refer to a row of one of several tables; of those that are `left` Box needs no value."""
    for column in table.columns:
        target = column.target
        if target is None or values.keys().isdisjoint({column.name, target.by}):
            continue
        kind, identity = values.get(target.by), values.get(column.name)
        if kind is None and target.by not in left:
            raise IntegrityError(f"{verb} needs {target.by} beside {column.name}")
        if kind is not None and kind not in target.tables:
            shown = msgspec.json.encode(str(kind)[:60]).decode()
            raise IntegrityError(f"{verb} takes {' or '.join(sorted(target.tables))} for {target.by}, not {shown}")
        if kind in target.alone:
            if identity is not None:
                raise IntegrityError(f"{verb} takes no {column.name} where {target.by} is {kind}")
        elif identity is None and column.name not in left:
            raise IntegrityError(f"{verb} needs {column.name} beside {target.by}")
