"""The templates as they are after the last revision; `alembic check` compares them with those in Box."""

from __future__ import annotations

import sqlalchemy as sa

from box_dialect.dialect import MultiSelect

metadata = sa.MetaData()


def key() -> list[sa.Column[str]]:
    """Return the columns that the table of every template has as its key."""
    return [sa.Column("item_id", sa.String, primary_key=True), sa.Column("item_type", sa.String, primary_key=True)]


contract = sa.Table(
    "enterprise_box_example_contract",
    metadata,
    *key(),
    sa.Column("title", sa.String),
    sa.Column("total", sa.Float, comment="Total: in euros, with taxes"),
    sa.Column("due", sa.DateTime(timezone=True)),
    sa.Column("status", sa.Enum("draft", "open", "done")),
    comment="Example: contract",
    box_copy_instance_on_item_copy=True,
)

supplier = sa.Table(
    "enterprise_box_example_supplier",
    metadata,
    *key(),
    sa.Column("name", sa.String),
    sa.Column("kinds", MultiSelect("goods", "services")),
    comment="Example: supplier",
)
