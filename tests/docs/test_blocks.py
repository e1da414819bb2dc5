"""Each block of the pages is run, compared with what is printed, or taken as it is by a test of what it is for."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest
from sweep import sweep

import box_dialect
from docs.pages import PAGES, ROOT, TOOLS, adapted, blocks, prints, script

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

    from docs.pages import Block

COOKBOOK: Final = tuple(script("cookbook").recipes((ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")))
TAKEN: Final = {
    ("alembic_examples/README.md", "sh"): (1, "tests/examples/test_migrations.py"),
    ("alembic_examples/README.md", "text"): (1, "tests/examples/test_migrations.py"),
    ("docs/add-a-table.md", "markdown"): (1, "tests/docs/test_adding_a_table.py"),
    ("docs/add-a-table.md", "python"): (2, "tests/docs/test_adding_a_table.py"),
    ("docs/add-a-table.md", "text"): (1, "tests/docs/test_adding_a_table.py"),
    ("docs/add-a-table.md", "toml"): (1, "tests/docs/test_entry_points.py"),
    ("docs/agents.md", "json"): (4, "tests/agents/test_page.py"),
    ("docs/alembic.md", "python"): (1, "tests/migrations/test_page.py"),
    ("docs/alembic.md", "text"): (1, "tests/migrations/test_page.py"),
    ("docs/command-line.md", "sh"): (1, "tests/cli/test_profiles.py"),
    ("docs/cookbook.md", "text"): (len(COOKBOOK), "tests/docs/test_cookbook.py"),
    ("docs/demonstration.md", "text"): (1, "tests/docs/test_pages.py"),
    ("docs/superset-viewers.md", "text"): (1, "tests/docs/test_blocks.py"),
    ("docs/superset.md", "text"): (1, "tests/docs/test_blocks.py"),
    ("docs/ten-questions.md", "py"): (22, "tests/examples/test_ten_questions.py"),
    ("docs/ten-questions.md", "text"): (10, "tests/examples/test_ten_questions.py"),
    ("docs/token-caches.md", "toml"): (1, "tests/docs/test_entry_points.py"),
    ("docs/tools.md, Airflow", "python"): (1, "tests/tools/test_airflow.py"),
    ("docs/tools.md, Airflow", "sh"): (1, "tests/tools/test_airflow.py"),
    ("docs/tools.md, Airflow", "text"): (1, "tests/tools/test_airflow.py"),
    ("docs/tools.md, Harlequin", "sh"): (1, "tests/tools/test_harlequin.py"),
    ("docs/tools.md, Streamlit", "python"): (1, "tests/tools/test_streamlit.py"),
    ("docs/tools.md, Streamlit", "toml"): (1, "tests/tools/test_streamlit.py"),
    ("docs/tools.md, eralchemy", "sh"): (1, "tests/tools/test_eralchemy.py"),
    ("docs/tools.md, jupysql", "ipython"): (1, "tests/tools/test_jupysql.py"),
    ("docs/tools.md, sqlacodegen", "sh"): (2, "tests/tools/test_sqlacodegen.py"),
    ("examples/README.md", "sh"): (4, "tests/served_example.py"),
    ("examples/superset/README.md", "sh"): (3, "tests/superset_server.py"),
}
"""How many blocks of a language a page has, or a section of that on tools, that its run leaves out; what takes them."""


def is_run(block: Block, before: Block | None) -> bool:
    """Tell whether a block is run with its page, or is compared with what the one before it prints."""
    is_compared = block.is_output and before is not None and prints(before)
    return is_compared or prints(block) or block.language == "sql"


def not_run(found: list[Block], runs: bool = True) -> Counter[str]:
    """Count by language the blocks that are not run with their page; without `runs` the page has no run of its own."""
    before = [None, *found]
    return Counter(
        block.language for block, last in zip(found, before, strict=False) if not (runs and is_run(block, last))
    )


def taken(place: str) -> dict[str, int]:
    return {language: count for (name, language), (count, _) in TAKEN.items() if name == place}


@sweep("page", [page for page in PAGES if page != TOOLS], ids=lambda page: page.name)
def test_each_block_is_run_or_taken(page: Path) -> None:
    name = page.relative_to(ROOT).as_posix()
    assert not_run(blocks(page)) == taken(name), f"{name}: a block that nothing runs, or more are told than there are"


def test_each_fence_is_that_of_a_block() -> None:
    """A block that is not seen is not run either."""
    for page in PAGES:
        fences = re.findall(r"^[ >]*(?:```|~~~)", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(fences) == 2 * len(blocks(page)), page.name


def test_the_tests_that_take_blocks_name_their_pages() -> None:
    for (place, _), (_, test) in TAKEN.items():
        text = (ROOT / test).read_text(encoding="utf-8")
        path, _, section = place.partition(", ")
        page = ROOT / path
        words = [section] if section else [page.name, page.stem, page.stem.replace("-", "_"), "PAGES"]
        assert any(word in text for word in words), place


def test_each_section_of_tools_is_run_where_its_tool_is() -> None:
    """By the page's runner, or block by block."""
    sections = re.findall(r"^## (.+)$", TOOLS.read_text(encoding="utf-8"), re.MULTILINE)
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "tools").glob("test_*.py"))
    for section in sections:
        runs = re.search(rf'\brun\(TOOLS, .*"{re.escape(section)}"', tests) is not None
        assert not_run(blocks(TOOLS, section), runs) == taken(f"docs/tools.md, {section}"), section
    assert sum(len(blocks(TOOLS, section)) for section in sections) == len(blocks(TOOLS))


@pytest.mark.parametrize("page", ["superset.md", "superset-viewers.md"])
def test_a_url_that_stands_alone_connects(small: Box, page: str) -> None:
    (url,) = (block.text.strip() for block in blocks(ROOT / "docs" / page) if block.text.startswith("box://"))
    url = adapted(url, small.emulator.ready).replace("{email}", "admin@example.com")
    with box_dialect.connect(url) as connection:
        assert connection.cursor().execute("SELECT count(*) FROM users WHERE id = 'me'").fetchone() == (1,)
