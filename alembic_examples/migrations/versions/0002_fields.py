"""Add a field, and rename another: one call of Box's, since they are a batch."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change both; values follow the new name."""
    with op.batch_alter_table("enterprise_box_example_contract") as batch:
        batch.add_column(sa.Column("due", sa.DateTime(timezone=True)))
        batch.alter_column(
            "amount", new_column_name="total", existing_type=sa.Float(), comment="Total: in euros, with taxes"
        )


def downgrade() -> None:
    """Take it back; the values of the field that goes are gone."""
    with op.batch_alter_table("enterprise_box_example_contract") as batch:
        batch.alter_column("total", new_column_name="amount", existing_type=sa.Float(), comment="Amount: in euros")
        batch.drop_column("due")
