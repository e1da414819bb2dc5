"""The classes that sqlacodegen writes of Box's tables can be imported, and read and write Box."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from docs.pages import TOOLS, blocks, run_in_shell
from sqlalchemy.orm import Session, configure_mappers

from box_dialect.catalog import Catalog

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box


def generated(number: int, box: Box, folder: Path) -> Any:
    """Have sqlacodegen write a module as a block of the page does, and import it."""
    run_in_shell(blocks(TOOLS, "sqlacodegen")[number], box.emulator.ready, folder)
    name = f"models_{number}"
    spec = importlib.util.spec_from_file_location(name, folder / "models.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("error::sqlalchemy.exc.SAWarning")
def test_classes_of_some_tables_read_and_write(fresh: Box, tmp_path: Path) -> None:
    models = generated(0, fresh, tmp_path)
    configure_mappers()
    with Session(sa.create_engine(fresh.url)) as session:
        file = session.scalars(sa.select(models.Files).where(models.Files.path == "/Notes.txt")).one()
        assert file.modified_at.tzinfo is not None
        assert file.tags == ["todo"]
        assert file.created_by.login == file.created_by_login
        folder = models.Folders(name="generated", parent_id=file.parent_id)
        session.add(folder)
        session.commit()
        assert (folder.path, folder.type) == ("/generated", "folder")
        assert session.get(models.Folders, folder.id) is folder
        session.delete(folder)
        session.commit()
        query = sa.select(models.Folders).where(models.Folders.parent_id == "0", models.Folders.name == "generated")
        assert session.scalars(query).all() == []


def test_there_is_a_class_for_each_table(small: Box, tmp_path: Path) -> None:
    """Also for those of metadata templates, whose names may be none of Python."""
    models = generated(1, small, tmp_path)
    configure_mappers()
    mapped = {mapper.local_table.name for mapper in models.Base.registry.mappers}
    assert mapped >= {table.name for table in Catalog().tables.values() if table.alias_of is None}
    assert "enterprise_documentReview" in mapped
    with Session(sa.create_engine(small.url)) as session:
        reviews = session.scalars(sa.select(models.EnterpriseDocumentReview)).all()
        assert {review.state for review in reviews} <= {"open", "done", None}
        assert reviews


@pytest.mark.parametrize("generator", ["tables", "dataclasses", "sqlmodels"])
def test_other_generators_write_what_compiles(small: Box, tmp_path: Path, generator: str) -> None:
    path = tmp_path / f"{generator}_models.py"
    command = ["--generator", generator, "--options", "nonativeenums", "--outfile", str(path), small.url]
    subprocess.run([sys.executable, "-m", "sqlacodegen", *command], capture_output=True, check=True)
    text = path.read_text(encoding="utf-8")
    compile(text, path, "exec")
    assert "server_default=text('NULL')" in text
    assert "FetchedValue" not in text
