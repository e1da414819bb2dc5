"""The site has each page at one place of its navigation, and can be built without a warning."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import urllib.parse
from typing import TYPE_CHECKING, NamedTuple

import pytest

from docs.pages import PAGES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = ROOT / "mkdocs.yml"
NAVIGATION = re.findall(r"^ +- (\S+\.md)$", CONFIGURATION.read_text(encoding="utf-8"), re.MULTILINE)
REFERENCE = re.compile(r'<(?:a|img|link|script)\b[^>]*?\b(?:href|src)="?([^">\s]+)')
ELSEWHERE = re.compile(r"^(https?|mailto):|^(\.\./){3}(commits|issues|security)/?")
LOADED = re.compile(r'<(?:script|img|iframe)[^>]+src="?(https?:[^">\s]+)|<link[^>]+href="?(https?:[^">\s]+)')
"""What a browser fetches from another host when it shows a page."""
needs_zensical = pytest.mark.skipif(
    shutil.which("zensical") is None, reason="zensical is not installed: the group docs has it"
)


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


class Site(NamedTuple):
    """The pages as a browser gets them, and where they are."""

    folder: Path
    pages: dict[Path, str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    source = tmp_path_factory.mktemp("source")
    for folder in ("alembic_examples", "bench", "box_dialect", "docs", "examples"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (CONFIGURATION, ROOT / "LICENSE", *ROOT.glob("*.md")):
        shutil.copy(file, source)
    built = subprocess.run(["zensical", "build", "--strict"], cwd=source, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    folder = source / "build" / "site"
    pages = {page.resolve(): page.read_text(encoding="utf-8") for page in folder.rglob("*.html")}
    assert len(pages) > len(NAVIGATION)
    return Site(folder, pages)


@pytest.mark.long
@needs_zensical
def test_a_page_of_the_site_loads_nothing_from_elsewhere(site: Site) -> None:
    for page, text in site.pages.items():
        assert LOADED.findall(text) == [], page


@pytest.mark.long
@needs_zensical
def test_a_link_of_the_site_leads_to_a_page_a_heading_or_a_file(site: Site) -> None:
    """But for what the repository's host has beside its files."""
    named = {page: set(re.findall(r'\bid="?([^">\s]+)', text)) for page, text in site.pages.items()}
    for page in named.keys() - {(site.folder / "404.html").resolve()}:
        for link in map(html.unescape, REFERENCE.findall(site.pages[page])):
            if ELSEWHERE.search(link):
                continue
            path, _, anchor = urllib.parse.unquote(link).partition("#")
            linked = (page.parent / path).resolve() if path else page
            linked = linked / "index.html" if linked.is_dir() else linked
            assert linked.exists(), (page, link)
            assert not anchor or linked not in named or anchor in named[linked], (page, link)


@pytest.mark.long
@needs_zensical
def test_each_picture_of_the_site_is_told_in_words(site: Site) -> None:
    pictures = [tag for text in site.pages.values() for tag in re.findall(r"<img\b[^>]*>", text)]
    assert len(pictures) > 15
    assert [tag for tag in pictures if not re.search(r'\balt="?[^" >]', tag)] == []
