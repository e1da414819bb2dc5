"""Change the options of a field: add one, rename one, and put them into another order."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BEFORE = sa.Enum("open", "closed")
AFTER = sa.Enum("draft", "open", "done")


def upgrade() -> None:
    """Change the options; items that are closed are done then."""
    op.alter_column(
        "enterprise_box_example_contract",
        "status",
        existing_type=BEFORE,
        type_=AFTER,
        box_rename_options={"closed": "done"},
    )


def downgrade() -> None:
    """Take it back; items that are drafts have no status then."""
    op.alter_column(
        "enterprise_box_example_contract",
        "status",
        existing_type=AFTER,
        type_=BEFORE,
        box_rename_options={"done": "closed"},
    )
