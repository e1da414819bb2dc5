"""jupysql's magics in a shell of IPython: queries, plots, and commands about tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

os.environ["MPLBACKEND"] = "agg"  # before matplotlib is imported
from docs.pages import TOOLS, blocks
from IPython.core.interactiveshell import InteractiveShell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Box

SAVED = "%%sql --save papers --no-execute\nSELECT name, size, extension FROM files WHERE parent_path LIKE '/Contracts%'"


@pytest.fixture
def cell(fresh: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Return a function that runs a cell of a notebook, and returns what it gives."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("PLOOMBER_STATS_ENABLED", "false")  # or it tells its makers what was run
    monkeypatch.setenv("BOX_URL", fresh.url)
    shell = InteractiveShell()
    shell.showtraceback = lambda *_, **__: None

    def run(text: str) -> Any:
        done = shell.run_cell(text)
        done.raise_error()
        return done.result

    run("import os, sqlalchemy as sa\nengine = sa.create_engine(os.environ['BOX_URL'])")
    (shown,) = blocks(TOOLS, "jupysql")
    run(shown.text)
    yield run
    run("%sql --close box\nengine.dispose()")


def test_a_query_gives_a_table_and_a_frame(cell: Callable[[str], Any]) -> None:
    cell("rows = %sql SELECT name, size FROM files WHERE parent_id = '0' ORDER BY name")
    assert cell("[row.name for row in rows]") == [".gitignore", "Notes.txt", "notes"]
    assert cell("rows.DataFrame()['size'].sum()") == 45
    cell("%config SqlMagic.named_parameters = 'enabled'")
    cell("parent = '0'\ncount = %sql SELECT count(*) AS n FROM files WHERE parent_id = :parent")
    assert cell("count[0].n") == 3


def test_no_more_is_read_than_is_shown(cell: Callable[[str], Any], fresh: Box) -> None:
    cell("%config SqlMagic.displaylimit = 2")
    fresh.reset()
    cell("%sql SELECT name FROM files WHERE parent_id = '0'")
    assert fresh.stats()["by_operation"] == {"get_folders_id_items": 1}


@pytest.mark.parametrize(
    "plot", ["histogram --column size", "bar --column extension", "pie --column extension", "histogram --column name"]
)
def test_plots_of_a_query_and_of_a_table(cell: Callable[[str], Any], plot: str) -> None:
    cell(SAVED)
    for table in ("papers", "files"):
        axes = cell(f"%sqlplot {plot} --table {table}")
        assert table in axes.get_title()
        assert axes.patches


def test_commands_tell_of_tables(cell: Callable[[str], Any]) -> None:
    assert "files" in str(cell("%sqlcmd tables"))
    assert "modified_at" in str(cell("%sqlcmd columns --table files"))
    profile = str(cell("%sqlcmd profile --table comments"))
    assert "message" in profile
    cell("%sqlcmd test --table files --column size --greater-or-equal 0")
    assert "Who wrote this?" in cell("%sqlcmd explore --table comments")._repr_html_()


def test_a_local_table_is_made_and_dropped(cell: Callable[[str], Any]) -> None:
    cell("%config SqlMagic.displaylimit = 0")  # what is not read to its end keeps its table
    cell("%sql CREATE TABLE kept AS SELECT name, size FROM files")
    assert cell("kept = %sql SELECT * FROM kept\nlen(kept)") == 27
    cell("%sql DROP TABLE kept")


def test_a_box_plot_is_one_of_the_frame(cell: Callable[[str], Any]) -> None:
    cell("rows = %sql SELECT size FROM files")
    assert cell("axes = rows.DataFrame()['size'].plot.box()\naxes").lines
