"""Drop a template, which only a connection with AllowDropTemplates does."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop it, with all its instances, which nobody brings back."""
    op.drop_table("enterprise_box_example_review")


def downgrade() -> None:
    """Make the template again, without instances."""
    op.create_table(
        "enterprise_box_example_review",
        sa.Column("remark", sa.String),
        comment="Example: review",
    )
