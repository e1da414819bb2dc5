"""What the pages show is true: their blocks run, their links lead somewhere, the generated ones are fresh."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shlex
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import click
import msgspec
import pytest
import sqlalchemy as sa
from sign_in.acting import Browser, sign_in_at
from sweep import sweep

from box_dialect.catalog import TABLES
from box_dialect.cli.commands import cli
from box_dialect.cli.emulator import emulator
from box_dialect.cli.queries import QUERIES
from box_dialect.documents.options import OPTIONS
from box_dialect.emulator import FAULT_POINTS, Fault
from box_dialect.emulator.oauth import authority
from docs.pages import PAGES, ROOT, TOOLS, blocks, environment, files, is_command, run, without_blocks

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

README = ROOT / "README.md"
DEMONSTRATION = ROOT / "docs" / "demonstration.md"
EXECUTED = {"ipython", "python", "sql"}
RUNNABLE = [
    page
    for page in PAGES
    if page != TOOLS
    and any(block.language in {"ipython", "python", "sql"} or is_command(block) for block in blocks(page))
]
LIBRARIES = {
    "pandas": "import pandas",
    "pyarrow": "import arrow",
    "polars": "import polars",
    "duckdb": "import duckdb",
    "fsspec": "import fsspec",
    "mcp": "from mcp import",
    "box_sdk_gen": "import box_sdk_gen",
    "IPython": "```ipython",
}
"""What not every run of the tests has, and how a page that needs it is known."""


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


LONG = {"calling-procedures.md", "command-line.md", "command-line-files.md", "metadata.md", "orm.md", "querying.md"}
"""Pages whose blocks take seconds: they start processes, or show the same in several ways."""


def run_by_default(page: Path) -> Any:
    return pytest.param(page, marks=pytest.mark.long) if page.name in LONG else page


@pytest.mark.parametrize("page", [run_by_default(page) for page in RUNNABLE], ids=name)
def test_the_blocks_of_a_page_run(page: Path, fresh: Box, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    skip_without_libraries(page.read_text(encoding="utf-8"))
    ready = fresh.emulator.ready
    for variable, value in environment(ready).items():
        monkeypatch.setenv(variable, value)
    for name, text in files(ready).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(authority, "CODE_TTL", 86_400)  # a machine may pause between two lines of a page
    browser = Browser()
    browser.visit = sign_in_at
    browser.become_default(monkeypatch)
    try:
        run(page, ready)
    finally:
        logging.getLogger("box_dialect").setLevel(logging.NOTSET)  # which a page shows how to change


def skip_without_libraries(text: str) -> None:
    for library, sign in LIBRARIES.items():
        if sign in text:
            pytest.importorskip(library, exc_type=ImportError)
    if "storage_options=options" in text and LIBRARIES["polars"] in text:
        pytest.importorskip("fsspec", "2026.4", reason="earlier ones tell polars that box-dialect:// is a local path")
    if LIBRARIES["pandas"] not in text:
        return
    pandas = pytest.importorskip("pandas")
    if sa.__version__.startswith("1.") and tuple(map(int, pandas.__version__.split(".")[:2])) >= (2, 2):
        pytest.skip("pandas 2.2 and later take SQLAlchemy 2 only")


LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^]]+\]: (\S+)", re.MULTILINE)
ELSEWHERE = re.compile(r"https://|\.\./\.\./(commits|compare|issues|releases|security)\b")
"""Links that lead to no file: to other sites, and to what the repository's host has beside its files."""


@sweep("page", PAGES, ids=name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target in (found[1] or found[2] for found in LINK.finditer(page.read_text(encoding="utf-8"))):
        if ELSEWHERE.match(target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        if anchor:
            assert anchor in headings(linked), target


def headings(page: Path) -> set[str]:
    """Return the anchors that headings get."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


def commands(page: Path) -> list[str]:
    """Return the calls of `box-dialect` in indented lines of a page, in blocks that are not run, and in sentences."""
    text = without_blocks(page)
    indented = re.findall(r"^    (.+)$", text, re.MULTILINE)
    shown = [block for block in blocks(page) if not is_command(block)]
    lines = [line.strip() for line in (*indented, *(line for b in shown for line in b.text.splitlines()))]
    told = [] if page.name == "CHANGELOG.md" else re.findall(r"`box-dialect ([a-z][^`]*)`", text)
    found = [call[1] for line in lines if (call := re.search(r"(?:^|&& )box-dialect (.+)", line))]
    return [*found, *(each.replace("\\|", "|") for each in told if not re.search(r"…|\bFOLDER\b", each))]


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name)
def test_the_commands_of_a_page_are_those_that_there_are(page: Path) -> None:
    for line in commands(page):
        command, *arguments = shlex.split(line)
        found = cli.get_command(click.Context(cli), command)
        assert found is not None, line
        with contextlib.suppress(click.exceptions.Exit, click.exceptions.NoArgsIsHelpError):
            found.make_context(command, arguments)


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in PAGES if page.parent == ROOT / "docs"} - {"README.md"}
    assert {page for page in pages if f"]({page})" not in index} == set()


@pytest.mark.long
def test_generated_pages_are_fresh() -> None:
    script = ROOT / "docs" / "generate.py"
    checked = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_the_readme_fits_on_a_screen() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 120


def test_the_readme_has_two_commands_that_set_it_up() -> None:
    """One runs the demonstration, one the tests, each in an environment where nothing else is installed."""
    prose = re.sub(r"^```.*?^```$", "", README.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"^    (.+)$", prose, re.MULTILINE) == [
        "pip install -e '.[emulator,cli,documents]' && box-dialect demo",
        "pip install -e '.[test]' && pytest -n auto",
    ]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_demonstration_on_its_page_is_the_one_that_runs(small: Box) -> None:
    (shown,) = (block.text for block in blocks(DEMONSTRATION) if block.language == "text")
    sections = re.split(r"^\d+\. (.+)$", shown, flags=re.MULTILINE)[1:]
    assert sections[::2] == [query.title for query in QUERIES]
    with small.connect() as connection:
        for query, section in zip(QUERIES, sections[1::2], strict=True):
            for statement in query.statements:
                run = statement.replace("{branch}", "/json")
                assert flat(run) in flat(section)
                for *_, detail in connection.cursor().execute(f"EXPLAIN QUERY PLAN {run}"):
                    if " VIRTUAL TABLE " in detail:
                        assert detail.partition(":")[2] in flat(section)


def test_the_readme_names_tables_that_exist() -> None:
    (listed,) = re.findall(r"^There are (.*?):", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`(\w+)`", listed)) <= set(TABLES)


def first_cells(page: Path) -> set[str]:
    """Return what the first cells of a page's tables hold as code."""
    cells = re.findall(r"^\| ([^|]+) \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {code.split()[0] for cell in cells for code in re.findall(r"`([^`]+)`", cell)}


def test_every_option_of_documents_is_on_the_page_of_the_xml_connector() -> None:
    text = (ROOT / "docs" / "coming-from-the-xml-connector.md").read_text(encoding="utf-8")
    assert "| `URI` | `path`, `file_id` |" in text
    for option in OPTIONS:
        assert f"| `{option.property}` | `{option.name}` |" in text or (
            option.property is None and re.search(rf"^\| \| .*`{option.name}`", text, re.MULTILINE)
        ), option.name


def test_every_option_and_fault_of_the_emulator_is_described() -> None:
    options = {parameter.opts[0] for parameter in emulator.params}
    faults = {field.name for field in msgspec.structs.fields(Fault)}
    assert first_cells(ROOT / "docs" / "emulator.md") == options | faults | {
        point.form for point in FAULT_POINTS.values()
    }


def test_every_fault_point_of_the_emulator_is_described_as_it_is_declared() -> None:
    text = (ROOT / "docs" / "emulator.md").read_text(encoding="utf-8")
    for point in FAULT_POINTS.values():
        assert f"| `{point.form}` | {point.about} |" in text


def test_every_extra_and_command_is_described() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    text = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(extras)
    assert set(re.findall(r"^\| `box-dialect (\w+)` \|", text, re.MULTILINE)) == set(
        cli.list_commands(click.Context(cli))
    )
    assert extras["all"] == [f"box-dialect[{','.join(sorted(set(extras) - {'all', 'test'}))}]"]
    tested = ",".join(sorted(set(extras) - {"all", "test", "mcp"}))  # mcp brings httpx2, in the place of httpx
    assert f"box-dialect[{tested}]" in extras["test"]


@pytest.mark.long
def test_the_fixture_of_the_emulators_page_works(tmp_path: Path) -> None:
    (example,) = (b.text for b in blocks(ROOT / "docs" / "emulator.md") if "@pytest.fixture" in b.text)
    (tmp_path / "test_example.py").write_text(example, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # it needs none, and they take longer than the example
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
