"""What a declaration asks of the values of a row, checked before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from box_dialect.catalog.model import dig
from box_dialect.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from box_dialect.catalog.model import Column, Table, Write


def check_insert(table: Table, write: Write, given: Mapping[Column, Any]) -> None:
    """Check the values of a new row; raises IntegrityError for what is missing, or does not go together."""
    values = {column.name: value for column, value in given.items()}
    missing = [name for name in dict.fromkeys([*write.required, *write.keys]) if name not in values]
    if missing:
        raise IntegrityError(f"INSERT INTO {table.name} needs a value for {' and '.join(missing)}")
    for column in table.columns:
        if column.insert is not None and column.name not in values:
            default = dig(dict(write.body), *column.insert.split("."))
            if default is not None:
                values[column.name] = default
    _check_together(f"INSERT INTO {table.name}", write, values.keys())
    if table.update is not None:  # which sends what INSERT cannot
        _check_together(f"INSERT INTO {table.name}", table.update, values.keys())
    _check_targets(f"INSERT INTO {table.name}", table, values, ())


def check_update(table: Table, write: Write, changed: Mapping[Column, Any]) -> None:
    """Check the values that an UPDATE sets; raises IntegrityError for what does not go together."""
    values = {column.name: value for column, value in changed.items()}
    left = {
        name for call in write.calls for group in call.whole if not values.keys().isdisjoint(group) for name in group
    }
    _check_together(f"UPDATE {table.name}", write, values.keys())
    _check_targets(f"UPDATE {table.name}", table, values, left - values.keys())


def _check_together(verb: str, write: Write, names: Collection[str]) -> None:
    for call in write.calls:
        for group in call.together:
            missing = [name for name in group if name not in names]
            if missing and len(missing) < len(group):
                given = [name for name in group if name in names]
                raise IntegrityError(f"{verb} needs {' and '.join(missing)} beside {' and '.join(given)}")


def _check_targets(verb: str, table: Table, values: Mapping[str, Any], left: Collection[str]) -> None:
    """Check the columns that refer to a row of one of several tables; those that are `left` are as they are at Box."""
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
