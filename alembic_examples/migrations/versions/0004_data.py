"""Make a folder with some files in it, and give these instances of a template."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FOLDER = "box_example_contracts"


def upgrade() -> None:
    """Make what is missing: a run that was broken off may have made a part of it."""
    op.execute(f"INSERT OR IGNORE INTO folders (name, parent_id) VALUES ('{FOLDER}', '0')")
    op.execute(
        f"""
        INSERT OR IGNORE INTO files (name, parent_id, content)
        SELECT title.value || '.txt', f.id, 'Contract on a ' || lower(title.value) || '.'
        FROM json_each('["Bridge", "Tunnel"]') title, folders f
        WHERE f.parent_id = '0' AND f.name = '{FOLDER}'
        """
    )
    op.execute(
        f"""
        INSERT OR IGNORE INTO enterprise_box_example_contract (item_id, item_type, title, total, status)
        SELECT c.id, 'file', replace(c.name, '.txt', ''), 100, 'open'
        FROM folders f JOIN files c ON c.parent_id = f.id
        WHERE f.parent_id = '0' AND f.name = '{FOLDER}'
        """
    )


def downgrade() -> None:
    """Move what the folder holds to the trash, and then the folder, since only an empty one goes there."""
    op.execute(
        f"""
        DELETE FROM files
        WHERE parent_id IN (SELECT id FROM folders WHERE parent_id = '0' AND name = '{FOLDER}')
        """
    )
    op.execute(f"DELETE FROM folders WHERE parent_id = '0' AND name = '{FOLDER}'")
