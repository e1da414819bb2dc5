"""Make three templates."""

import sqlalchemy as sa
from alembic import op

from box_dialect.dialect import MultiSelect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make each table, which is a template of the enterprise."""
    op.create_table(
        "enterprise_box_example_contract",
        sa.Column("title", sa.String),
        sa.Column("amount", sa.Float, comment="Amount: in euros"),
        sa.Column("status", sa.Enum("open", "closed")),
        comment="Example: contract",
        box_copy_instance_on_item_copy=True,
    )
    op.create_table(
        "enterprise_box_example_supplier",
        sa.Column("name", sa.String),
        sa.Column("kinds", MultiSelect("goods", "services")),
        comment="Example: supplier",
    )
    op.create_table(
        "enterprise_box_example_review",
        sa.Column("remark", sa.String),
        comment="Example: review",
    )


def downgrade() -> None:
    """Delete the templates with all their instances."""
    op.drop_table("enterprise_box_example_review")
    op.drop_table("enterprise_box_example_supplier")
    op.drop_table("enterprise_box_example_contract")
