"""What pages tell a package to declare in its pyproject.toml adds what they say, where the package is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from docs.pages import ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

    from docs.pages import Block

PROGRAM = """
import sys
import box_dialect

with box_dialect.connect(sys.argv[1], TokenCache=sys.argv[2]) as connection:
    print(*connection.cursor().execute(sys.argv[3]).fetchone())
"""


def install(found: list[Block], folder: Path) -> None:
    """Install a package that has the code of a section, and declares what it does."""
    (declared,) = (tomllib.loads(block.text)["project"]["entry-points"] for block in found if block.language == "toml")
    ((group, names),) = declared.items()
    ((name, value),) = names.items()
    code = [block.text for block in found if block.language == "python" and "connection" not in block.text]
    module = (folder / value.partition(":")[0].replace(".", "/")).with_suffix(".py")
    module.parent.mkdir(exist_ok=True)
    module.write_text("\n".join(code), encoding="utf-8")
    information = folder / "of_a_page-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: of-a-page\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n", encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize(
    ("page", "section", "cache", "query", "row"),
    [
        (
            "add-a-table.md",
            "Add one to a program or a package",
            "memory",
            "SELECT name FROM trashed_files",
            "old plan.txt",
        ),
        (
            "token-caches.md",
            "How do I write one?",
            "folder://tokens",
            "SELECT login FROM users WHERE id = 'me'",
            "admin@example.com",
        ),
    ],
)
def test_a_package_adds_what_the_page_declares(
    small: Box, tmp_path: Path, page: str, section: str, cache: str, query: str, row: str
) -> None:
    install(blocks(ROOT / "docs" / page, section), tmp_path)
    (tmp_path / "tokens").mkdir()
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, small.url, cache, query],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{row}\n"), done.stderr
    assert any((tmp_path / "tokens").iterdir()) == (cache != "memory")
