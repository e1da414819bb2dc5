"""Paths on INSERT: the folder and the name of a new item, by the one column that says both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from box_dialect.api.folder_paths import divided
from box_dialect.errors import DataError, IntegrityError

if TYPE_CHECKING:
    from box_dialect.catalog.model import Column, Table, Write
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.tables.write_calls import WriteCall


class InsertPath(msgspec.Struct, frozen=True):
    """Where a new item goes: the path of its folder, its name, and the column that has the folder's id."""

    folder: str
    name: str
    column: Column

    async def placed(self, session: Session, call: WriteCall, user: str | None) -> WriteCall:
        """Return the call that makes the item with the folder's id, which is found or made.

        Raises IntegrityError for a folder that is missing where the property `CreateFolders` has none made.
        """
        paths, create = session.execution.folder_paths(user), session.properties.create_folders
        identity = await paths.folder_id(self.folder, create=create)
        return msgspec.structs.replace(call, values={**call.values, self.column: identity})


def insert_path(table: Table, write: Write, given: dict[Column, Any]) -> InsertPath | None:
    """Take the path out of the values of a new row, None where it gives none, and put the name into them.

    Raises IntegrityError where the values have the folder or the name as well, DataError for what is no path.
    """
    if write.by_path is None:
        return None
    path, name, folder = (
        table.columns[table.numbers[each]] for each in (write.by_path.column, write.by_path.name, write.by_path.folder)
    )
    value = given.pop(path, None)
    if value is None:
        return None
    if both := [column.name for column in (name, folder) if column in given]:
        raise IntegrityError(f"INSERT INTO {table.name} takes {path.name}, or else {' and '.join(both)}, and not both")
    if not isinstance(value, str):
        raise DataError(f"column {path.name} takes text, as in /Contracts/lease.pdf")
    above, given[name] = divided(value)
    return InsertPath(above, given[name], folder)
