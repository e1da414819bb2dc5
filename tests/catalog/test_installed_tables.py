"""An installed package adds tables by the entry-point group `box_dialect.tables`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from known_rows.metadata import TEMPLATE_TABLES

import box_dialect
from box_dialect.catalog import TABLES
from box_dialect.catalog.catalog import GROUP, installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Box

MODULE = """
from dataclasses import replace

from box_dialect.catalog import TABLES, Column
from box_dialect.catalog.model.procedure import Input, Procedure

comments = TABLES["comments"]
remarks = replace(
    comments,
    name="remarks",
    columns=tuple(column for column in comments.columns if column.name != "reply_to_id"),
)


async def seal(context, *, folder_id, phrase):
    return [(f"{folder_id} is sealed",)]


seal_folder = Procedure(
    name="SealFolder",
    doc="Seal a folder.",
    inputs=(
        Input(name="FolderId", required=True, doc="The folder."),
        Input(name="Phrase", secret=True, doc="The phrase."),
    ),
    outputs=(Column("Told"),),
    side_effect=False,
    run=seal,
)
tables = [remarks, seal_folder]
"""

PROGRAM = """
import json
import sys

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.orm import Session

import box_dialect
from box_dialect import orm

registry.register("box", "box_dialect.dialect", "BoxDialect")
engine = sa.create_engine(sys.argv[1])
with Session(engine) as session:
    remark = session.execute(sa.select(orm.Remark).where(orm.Remark.item_id == sys.argv[2])).scalars().first()
    found = {"file": remark.file.id, "remarks": remark in remark.file.remarks}
found["tables"] = sa.inspect(engine).get_table_names()
with engine.begin() as connection:
    insert = "INSERT INTO remarks (item_id, message) VALUES (:file, 'one') RETURNING message"
    call = sa.func.sealfolder(folder_id="7")
    found["typed"] = [isinstance(call.type, sa.String), connection.execute(sa.select(call)).scalar()]
    found["returned"] = connection.execute(sa.text(insert), {"file": sys.argv[2]}).scalar()
with box_dialect.connect(sys.argv[1]) as connection:
    found["connections"] = len(connection.catalog.tables)
    found["called"] = connection.cursor().execute("EXEC SealFolder @FolderId = '7'").fetchall()
print(json.dumps(found))
"""


def install(folder: Path, module: str, entry: str = "box_remarks:tables") -> None:
    """Install a distribution that has an entry point, as an installer leaves it."""
    info = folder / "box_remarks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: box-remarks\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nremarks = {entry}\n", encoding="utf-8")
    (folder / "box_remarks.py").write_text(module, encoding="utf-8")


@pytest.mark.long
def test_every_connection_has_the_tables_of_an_installed_package(fresh: Box, tmp_path: Path) -> None:
    install(tmp_path, MODULE)
    file_id = next(iter(fresh.store.comments.values())).file.id
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, fresh.url, file_id],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout) == {
        "file": file_id,
        "remarks": True,
        "tables": [*TABLES, "remarks", *TEMPLATE_TABLES],
        "typed": [True, "7 is sealed"],
        "returned": "one",
        "connections": len(TABLES) + 1,
        "called": [["7 is sealed"]],
    }


@pytest.fixture
def anew() -> Iterator[None]:
    """Have the tables loaded as in a new process, by the test and after it."""
    installed.cache_clear()
    yield
    installed.cache_clear()
    sys.modules.pop("box_remarks", None)


@pytest.mark.usefixtures("anew")
@pytest.mark.parametrize(
    ("module", "entry", "problem"),
    [
        ("tables = [", "box_remarks:tables", "SyntaxError: "),
        ("", "box_remarks:tables", "AttributeError: "),
        ("", "no_such_module:tables", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("tables = 7", "box_remarks:tables", "TypeError: "),
        ("tables = ['remarks']", "box_remarks:tables", "ProgrammingError: 'remarks' is neither a table nor"),
        (
            MODULE.replace('"remarks"', '"Files"'),
            "box_remarks:tables",
            "ProgrammingError: there is a table or procedure",
        ),
        (MODULE.replace('"comments"', '"events"'), "box_remarks:missing", "AttributeError: "),
        (MODULE.replace('"SealFolder"', '"Comments"'), "box_remarks:tables", "ProgrammingError: there is a table or"),
        (
            MODULE.replace("columns=tuple(column for", "columns=tuple(replace(column, reverse='name') for"),
            "box_remarks:tables",
            "ProgrammingError: files has the column name called name: give remarks.item_id another reverse",
        ),
        (MODULE.replace('name="remarks"', 'key="x"'), "box_remarks:tables", "ValueError: comments has no column x"),
    ],
    ids=lambda given: "" if "\n" in given else given,
)
def test_what_cannot_be_used_is_told_with_the_package_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, entry: str, problem: str
) -> None:
    install(tmp_path, module, entry)
    monkeypatch.syspath_prepend(tmp_path)
    for _ in range(2):
        with pytest.raises(box_dialect.ProgrammingError) as caught:
            box_dialect.connect("box://?OAuthAccessToken=token")
        assert str(caught.value).startswith(
            f"the tables of box-remarks, entry point remarks = {entry}, cannot be used ({problem}"
        )
        assert str(caught.value).endswith("correct the package, or uninstall it")


@pytest.mark.usefixtures("anew")
def test_packages_are_loaded_once_in_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    with box_dialect.connect("box://?OAuthAccessToken=token") as connection:
        first = connection.catalog.tables["remarks"], connection.catalog.procedures["sealfolder"]
    shutil.rmtree(tmp_path / "box_remarks-1.0.dist-info")
    with box_dialect.connect("box://?OAuthAccessToken=token") as connection:
        assert (connection.catalog.tables["remarks"], connection.catalog.procedures["sealfolder"]) == first
