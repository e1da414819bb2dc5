import inspect
import os
import re
import subprocess
import sys

import click.testing
import pytest

from box_dialect.cli.commands import cli
from box_dialect.cli.queries import QUERIES, Query


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eight files in the root folder, and five in a chain of two folders."""
    root = tmp_path_factory.mktemp("demo")
    deep = root / "it's" / "deep"
    deep.mkdir(parents=True)
    for number in range(8):
        (root / f"file {number}.txt").write_bytes(bytes(number))
    for number in range(4):
        (root / "it's" / f"part {number}.py").write_bytes(bytes(100))
    (deep / "last.py").write_bytes(bytes(1000))
    return root


@pytest.fixture(scope="module")
def shown(folder):
    """The whole demonstration, as a file receives it."""
    command = [sys.executable, "-m", "box_dialect.cli", "demo", "--load", str(folder)]
    environment = {**os.environ, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, capture_output=True, env=environment, encoding="utf-8", check=False)


@pytest.fixture
def show(monkeypatch):
    """Return a function that runs the demonstration with one query in place of its own."""

    def run(folder, *statements, **settings):
        monkeypatch.setattr("box_dialect.cli.demo.QUERIES", (Query("The title", statements),))
        runner = click.testing.CliRunner(env=settings)
        return runner.invoke(cli, ["demo", "--load", str(folder)], color=bool(settings))

    return run


def test_it_shows_each_query_with_its_plan_its_rows_and_its_calls(shown):
    assert (shown.returncode, shown.stderr) == (0, "")
    sections = re.split(r"(?m)^\d+\. ", shown.stdout)
    assert [section.splitlines()[0] for section in sections[1:]] == [query.title for query in QUERIES]
    listing, branch, join, aggregate, window, recursive, document, writes = sections[1:]

    assert re.search(r"plan +files +by parent: GET /folders/\{parent_id\}/items \(parent_id = \?", listing)
    assert "  file 7.txt     7\n" in listing
    assert "  … 2 more rows\n  1 API call, " in listing
    assert "LIKE '/it''s/%'" in branch
    assert "/it's/deep/last.py" in branch
    assert "  3 API calls, " in branch
    assert "Looks good to me." in join
    assert re.search(r"  py +5 +1400\n  txt +8 +28\n  3 API calls, ", aggregate)
    assert re.search(r"  / +file 7.txt +7\n  /it's +part 0.py +100\n  /it's/deep +last.py +1000\n", window)
    assert re.search(r" 3 +last.py\n +2 +deep\n +1 +it's\n", recursive)
    assert re.search(r"  Sales +9 +Ada Admin\n  IT +4 +Ada Admin\n  2 API calls, ", document)
    assert "Changed by SQL  Ada Admin" in writes
    assert writes.count("  1 row changed\n") == 3


def test_its_summary_counts_the_calls(shown):
    output = shown.stdout
    calls = [int(number) for number in re.findall(r"(?m)^  (\d+) API calls?, ", output)]
    assert len(calls) == sum(len(query.statements) for query in QUERIES)
    assert re.search(rf"(?m)^\d+ tables, {sum(calls)} API calls, \d+\.\d seconds in all$", output)
    assert 'create_engine("box://CLIENT_ID:CLIENT_SECRET@/?AuthScheme=OAuthClient' in output


def test_what_a_file_receives_is_plain_and_fits(folder, shown):
    narrow = click.testing.CliRunner(env={"COLUMNS": "60"}).invoke(cli, ["demo", "--load", str(folder)])
    for columns, output in ((100, shown.stdout), (60, narrow.output)):
        lines = output.split("\n")
        assert not [line for line in lines if "\x1b" in line or line != line.rstrip()]
        assert not [line for line in lines[1:-5] if len(line) > columns]


def test_statements_fit_eighty_columns():
    lines = [line for query in QUERIES for text in query.statements for line in inspect.cleandoc(text).splitlines()]
    assert max(map(len, lines)) <= 78


def test_a_terminal_gets_colours(folder, show):
    output = show(folder, "SELECT name FROM files", FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR=None).output
    assert "\x1b[" in output


def test_an_empty_directory_has_no_rows(tmp_path):
    result = click.testing.CliRunner().invoke(cli, ["demo", "--load", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert result.stdout.count("  no rows\n") == len(QUERIES) - 2  # those that write have what they write


def test_a_missing_directory_is_a_usage_error():
    result = click.testing.CliRunner().invoke(cli, ["demo", "--load", "missing"])
    assert result.exit_code == 2
    assert "'missing' does not exist" in result.output


def test_values_are_shown_as_they_are(folder, show):
    output = show(folder, "SELECT NULL AS a, '[bold]:smile:' AS b, 1.5 AS c, count(*) AS d FROM files").output
    assert re.search(r"  NULL +\[bold\]:smile: +1\.5 +13\n", output)


def test_a_statement_that_fails_ends_it_with_one_line(folder, show):
    result = show(folder, "SELECT nam FROM files")
    assert result.exit_code == 1
    assert result.stderr == "Error: no such column: nam; did you mean name?\n"


def test_it_shows_the_standard_library_without_what_is_installed_into_it(tmp_path, monkeypatch):
    for name in ("json/decoder.py", "site-packages/other.py", "json/__pycache__/decoder.pyc", "abc.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    monkeypatch.setattr("box_dialect.cli.demo._LIBRARY", tmp_path)
    monkeypatch.setattr("box_dialect.cli.demo.QUERIES", (Query("All", ("SELECT path FROM files ORDER BY path",)),))
    output = click.testing.CliRunner().invoke(cli, ["demo"]).output
    assert re.search(r"  /abc.py\n  /json/decoder.py\n  \d", output)
