"""A project of Alembic's, whose commands run against an emulator."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("alembic")
from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

ENVIRONMENT = """
import sqlalchemy as sa
from alembic import context

given = context.config.attributes
options = {"target_metadata": given["metadata"], **given["options"]}
if context.is_offline_mode():
    context.configure(url=given["url"], literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = sa.create_engine(given["url"], poolclass=sa.pool.NullPool, connect_args=given["properties"])
    with engine.connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
"""
REVISION = """
import sqlalchemy as sa
from alembic import op
import box_dialect.dialect

revision, down_revision = {revision!r}, {down!r}


def upgrade():
{upgrade}


def downgrade():
{downgrade}
"""
TEMPLATE = """
import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision, down_revision = ${repr(up_revision)}, ${repr(down_revision)}
branch_labels, depends_on = None, None


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
"""


class Project:
    """Migrations in a folder, for the templates of an emulator."""

    def __init__(self, folder: Path, url: str, metadata: sa.MetaData | None, **options: Any) -> None:
        self.folder, self.versions = folder, folder / "versions"
        self.versions.mkdir(parents=True)
        (folder / "env.py").write_text(ENVIRONMENT)
        (folder / "script.py.mako").write_text(TEMPLATE)
        self.properties = {"AllowDropTemplates": True, "LocalDatabase": str(folder / "local.db")}
        self.given = {"url": url, "metadata": metadata, "options": options, "properties": self.properties}
        self._last: str | None = None

    def add(self, revision: str, upgrade: str = "pass", downgrade: str = "pass", down: Any = ...) -> None:
        """Add a revision, behind the last one unless `down` names others."""
        text = REVISION.format(
            revision=revision,
            down=self._last if down is ... else down,
            upgrade=textwrap.indent(textwrap.dedent(upgrade), "    "),
            downgrade=textwrap.indent(textwrap.dedent(downgrade), "    "),
        )
        (self.versions / f"{revision}.py").write_text(text)
        self._last = revision

    def run(self, name: str, *arguments: Any, **options: Any) -> str:
        """Run a command of Alembic's and return what it prints."""
        printed = io.StringIO()
        config = Config(stdout=printed, output_buffer=printed, attributes=dict(self.given))
        config.set_main_option("script_location", str(self.folder))
        getattr(command, name)(config, *arguments, **options)
        return printed.getvalue()

    def text(self, revision: str) -> str:
        """Return the file of a revision."""
        (path,) = self.versions.glob(f"{revision}*.py")
        return path.read_text()
