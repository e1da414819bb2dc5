"""Which tables are those of metadata templates, by their names alone: a migration may be about to make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from box_dialect.catalog.metadata.names import scope_and_key
from box_dialect.dialect.ddl import names_template

if TYPE_CHECKING:
    from collections.abc import Iterator


def templates_of(metadata: Any) -> Iterator[sa.Table]:
    """Yield the tables of the enterprise's templates that a `target_metadata` has: a MetaData, several, or none."""
    several = [metadata] if isinstance(metadata, sa.MetaData) else metadata or ()
    for each in several:
        for table in each.sorted_tables:
            scope, _ = scope_and_key(table.name) or (None, "")
            if scope == "enterprise" and names_template(table.name, table.schema):
                yield table
