"""What Alembic runs for each of its commands: it connects to Box, and runs what the command asks for."""

from __future__ import annotations

import os
import sys
from logging.config import fileConfig

import sqlalchemy as sa
from alembic import context
from models import metadata

# Other projects in the same enterprise have version tables of their own.
OPTIONS = {"target_metadata": metadata, "version_table": "box_example_version"}


def write_script() -> None:
    """Write the migrations as a script, which needs no connection: `alembic upgrade head --sql`."""
    context.configure(dialect_name="box", literal_binds=True, **OPTIONS)
    context.run_migrations()


def migrate() -> None:
    """Run the migrations; those that drop a template need the property AllowDropTemplates."""
    if "BOX_URL" not in os.environ:
        sys.exit("set BOX_URL to the URL of your Box, or to the one that `box-dialect emulator` prints")
    engine = sa.create_engine(
        os.environ["BOX_URL"], poolclass=sa.pool.NullPool, connect_args={"AllowDropTemplates": True}
    )
    with engine.connect() as connection:
        context.configure(connection=connection, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()


if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)
if context.is_offline_mode():
    write_script()
else:
    migrate()
