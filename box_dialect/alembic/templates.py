"""Which tables are those of metadata templates, by their names alone: a migration may be about to make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from box_dialect.catalog.catalog import installed
from box_dialect.catalog.metadata.names import may_be_template, scope_and_key

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_template(name: str, schema: str | None = None) -> bool:
    """Tell whether a table of that name is that of a template, whether there is one yet or not."""
    key = may_be_template(name)
    return schema is None and key == str.lower(name) and key not in installed().names


def templates_of(metadata: Any) -> Iterator[sa.Table]:
    """Yield the tables of the enterprise's templates that a `target_metadata` has: a MetaData, several, or none."""
    several = [metadata] if isinstance(metadata, sa.MetaData) else metadata or ()
    for each in several:
        for table in each.sorted_tables:
            scope, _ = scope_and_key(table.name) or (None, "")
            if scope == "enterprise" and is_template(table.name, table.schema):
                yield table
