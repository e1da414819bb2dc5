"""Each block of the pages is run, compared with what is printed, or taken as it is by a test of what it is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from sweep import sweep

import box_dialect
from docs.pages import PAGES, ROOT, TOOLS, adapted, blocks, prints

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

    from docs.pages import Block

TAKEN: Final = {
    ("alembic_examples/README.md", "sh"): "tests/examples/test_migrations.py",
    ("alembic_examples/README.md", "text"): "tests/examples/test_migrations.py",
    ("docs/add-a-table.md", "toml"): "tests/docs/test_entry_points.py",
    ("docs/agents.md", "json"): "tests/agents/test_page.py",
    ("docs/alembic.md", "python"): "tests/migrations/test_page.py",
    ("docs/alembic.md", "text"): "tests/migrations/test_page.py",
    ("docs/command-line.md", "sh"): "tests/cli/test_profiles.py",
    ("docs/cookbook.md", "text"): "tests/docs/test_cookbook.py",
    ("docs/demonstration.md", "text"): "tests/docs/test_pages.py",
    ("docs/superset-viewers.md", "text"): "tests/docs/test_blocks.py",
    ("docs/superset.md", "text"): "tests/docs/test_blocks.py",
    ("docs/ten-questions.md", "py"): "tests/examples/test_ten_questions.py",
    ("docs/ten-questions.md", "text"): "tests/examples/test_ten_questions.py",
    ("docs/token-caches.md", "toml"): "tests/docs/test_entry_points.py",
    ("examples/README.md", "sh"): "tests/served_example.py",
    ("examples/superset/README.md", "sh"): "tests/superset_server.py",
}
"""The test that takes the blocks of a language from a page which are not run with it."""
OF_A_NEW_TABLE: Final = ROOT / "docs" / "add-a-table.md"
"""The page whose files are taken away and written again by a test."""


def is_run(block: Block, before: Block | None) -> bool:
    """Tell whether a block is run with its page, or is compared with what the one before it prints."""
    is_compared = block.is_output and before is not None and prints(before)
    return is_compared or prints(block) or block.language == "sql"


@sweep("page", PAGES, ids=lambda page: page.name)
def test_each_block_is_run_or_taken(page: Path) -> None:
    name, found = page.relative_to(ROOT).as_posix(), blocks(page)
    for before, block in zip([None, *found], found, strict=False):
        if page != TOOLS and not is_run(block, before) and (page != OF_A_NEW_TABLE or block.file is None):
            assert (name, block.language) in TAKEN, f"{name}, line {block.line}, is run by nothing"


def test_the_tests_that_take_blocks_name_their_pages() -> None:
    for (name, _), test in TAKEN.items():
        text = (ROOT / test).read_text(encoding="utf-8")
        page = ROOT / name
        assert any(word in text for word in (page.name, page.stem, page.stem.replace("-", "_"), "PAGES")), name


def test_each_section_of_tools_is_run_where_its_tool_is() -> None:
    """By the page's runner, or block by block."""
    sections = re.findall(r"^## (.+)$", TOOLS.read_text(encoding="utf-8"), re.MULTILINE)
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "tools").glob("test_*.py"))
    for section in sections:
        if blocks(TOOLS, section):
            assert re.search(rf'TOOLS, .*"{re.escape(section)}"', tests), section


@pytest.mark.parametrize("page", ["superset.md", "superset-viewers.md"])
def test_a_url_that_stands_alone_connects(small: Box, page: str) -> None:
    (url,) = (block.text.strip() for block in blocks(ROOT / "docs" / page) if block.text.startswith("box://"))
    url = adapted(url, small.emulator.ready).replace("{email}", "admin@example.com")
    with box_dialect.connect(url) as connection:
        assert connection.cursor().execute("SELECT count(*) FROM users WHERE id = 'me'").fetchone() == (1,)
