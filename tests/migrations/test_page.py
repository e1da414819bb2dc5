"""What docs/alembic.md shows of a project's files and of a script is what Alembic runs and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic_project import Project
from docs.pages import ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

PAGE = ROOT / "docs" / "alembic.md"
ABOVE = """
import os

import sqlalchemy as sa
from alembic import context

metadata = sa.MetaData()
sa.Table("enterprise_invoice", metadata, sa.Column("amount", sa.Float))
"""
"""What Alembic's own env.py has above, and a template of the program's."""


@pytest.fixture
def project(fresh: Box, tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", fresh.url, sa.MetaData())
    project.add(
        "a1",
        "op.create_table('enterprise_invoice', sa.Column('amount', sa.Float))",
        "op.drop_table('enterprise_invoice')",
    )
    project.add("b2", "op.add_column('enterprise_invoice', sa.Column('sent', sa.TIMESTAMP))")
    return project


def test_the_environment_runs_revisions_up_and_down(
    project: Project, fresh: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shown,) = (block.text for block in blocks(PAGE) if block.file == "migrations/env.py")
    (project.folder / "env.py").write_text(ABOVE + shown, encoding="utf-8")
    monkeypatch.setenv("BOX_URL", fresh.url)
    query = "SELECT count(*) FROM metadata_templates WHERE template_key = 'invoice'"
    for command, revision, count in (("upgrade", "head", 1), ("downgrade", "base", 0)):
        project.run(command, revision)
        with fresh.connect() as connection:
            assert connection.cursor().execute(query).fetchone() == (count,)


def test_the_script_is_the_one_that_is_shown(project: Project) -> None:
    (shown,) = (block.text for block in blocks(PAGE, "What would it do?"))
    assert shown in project.run("upgrade", "a1:b2", sql=True)
