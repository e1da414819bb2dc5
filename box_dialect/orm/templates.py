"""Classes for the metadata templates of an account, which only that account has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import declarative_base

from box_dialect.dialect.reflection import catalog_of, find_tables
from box_dialect.orm.models import map_tables
from box_dialect.orm.tables import tables

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine


def templates(bind: Engine | Connection, base: Any = None) -> dict[str, Any]:
    """Return a class for each of Box's tables that an engine or a connection has, metadata templates too, by its name.

    `EnterpriseContract` is that of `enterprise_contract`; `contract.file` is the file of one, `file.contract` the
    instance of a file, both to be read. The classes are of a new base unless one is given, for another account has
    other templates. The templates are listed, in two calls, every five seconds at most. For asyncio it is
    `await connection.run_sync(templates)`.
    """
    if isinstance(bind, sa.engine.Engine):
        with bind.connect() as connection:
            return templates(connection, base)
    find_tables(bind)
    listed = [table for table in catalog_of(bind).tables.values() if table.alias_of is None]
    base = declarative_base() if base is None else base
    tables(base.metadata, *listed)  # which may have more columns than those of every connection
    return map_tables(listed, base)
