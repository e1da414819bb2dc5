"""The site has each page at one place of its navigation, and can be built without a warning."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from docs.pages import PAGES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = ROOT / "mkdocs.yml"
NAVIGATION = re.findall(r"^ +- (\S+\.md)$", CONFIGURATION.read_text(encoding="utf-8"), re.MULTILINE)
LOADED = re.compile(r'<(?:script|img|iframe)[^>]+src="?(https?:[^">\s]+)|<link[^>]+href="?(https?:[^">\s]+)')
"""What a browser fetches from another host when it shows a page."""


def test_each_page_is_once_in_the_navigation() -> None:
    pages = [page.relative_to(ROOT).as_posix() for page in PAGES if page.parent != ROOT / ".github"]
    assert sorted(NAVIGATION) == sorted(pages)


def test_each_fence_is_one_that_the_site_knows() -> None:
    """Behind the language stands a title, or the site takes the rest of the page for the block."""
    for page in PAGES:
        fences = re.findall(r"^ *```(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert [fence for fence in fences if not re.fullmatch(r'(\w+( title="[^"]+")?)?', fence)] == [], page.name


def test_tabs_leave_their_blocks_where_they_are_executed() -> None:
    """Tabs are written as `/// tab`, which indents no block, so that the repository's host shows it as one, too."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r'^=== "', text, re.MULTILINE), page.name
        assert len(re.findall(r"^/// tab \| .+$", text, re.MULTILINE)) == len(re.findall(r"^///$", text, re.MULTILINE))


def test_what_is_installed_is_there() -> None:
    """The package is not published: it comes from a clone, or by an address; but for extras where it is installed."""
    for page in PAGES:
        for named in re.findall(r"pip install [^`\n&]*?\bbox-dialect\b(.*)", page.read_text(encoding="utf-8")):
            assert "@ git+" in named or page.name == "installing.md", f"{page.name}: {named}"


@pytest.mark.long
@pytest.mark.skipif(shutil.which("zensical") is None, reason="zensical is not installed: the group docs has it")
def test_a_page_of_the_site_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    for folder in ("alembic_examples", "bench", "box_dialect", "docs", "examples"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (CONFIGURATION, *ROOT.glob("*.md")):
        shutil.copy(file, tmp_path)
    built = subprocess.run(["zensical", "build", "--strict"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    pages = list((tmp_path / "build" / "site").rglob("*.html"))
    assert len(pages) > len(NAVIGATION)
    for page in pages:
        assert LOADED.findall(page.read_text(encoding="utf-8")) == [], page
