"""Queries in a terminal: what its screen shows while they run, and at their end."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from box_dialect.emulator import Emulator, Options

if sys.platform == "win32":
    pytest.skip("there are no such terminals", allow_module_level=True)

from .terminals import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from conftest import Box

WIDE = "SELECT id, name, size, created_at, created_by_name, parent_path FROM files WHERE parent_id = '0' ORDER BY name"
COUNTS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def slow(serving: Callable[[Options], AbstractContextManager[Emulator]]) -> Iterator[str]:
    """The URL of a Box whose answers take long."""
    with serving(Options(synthetic=200, latency_ms=400)) as emulator:
        yield emulator.ready["url"]


def test_rows_are_a_table_that_fits_and_their_cost_is_below(small: Box) -> None:
    with terminal("query", WIDE, columns=80, BOX_URL=small.url) as found:
        assert found.ended() == 0
        assert found.lines[0].split() == ["id", "name", "size", "created_at", "created_by_name", "parent_path"]
        assert found.lines[-2].split()[1:3] == ["notes", "24"]
        assert max(map(len, found.lines)) <= 80
        assert re.fullmatch(r"3 rows, 1 API call, \d+\.\d s", found.lines[-1])


@pytest.mark.long
def test_a_wide_terminal_cuts_nothing(small: Box) -> None:
    with terminal("query", WIDE, columns=200, BOX_URL=small.url, NO_COLOR="1") as found:
        assert found.ended() == 0
        assert "…" not in found.text
        assert "2015-04-08T08:00:00+00:00" in found.text
        assert b"\x1b[3" not in found.written  # no colour, and nothing that is bold or turned


def test_ctrl_c_ends_a_statement_cleanly(small: Box) -> None:
    with terminal("query", COUNTS, BOX_URL=small.url) as found:
        found.wait_for(lambda shown: "0 rows, 0 API calls" in shown)
        found.send("\x03")
        assert found.ended() == 130
        assert found.text == ""


@pytest.mark.long
def test_calls_that_are_left_are_told_where_they_are_known(slow: str) -> None:
    sql = "SELECT count(*) FROM users; SELECT count(*) FROM files; SELECT count(*) FROM folders"
    with terminal("query", "-p", "MaxConcurrency=1", sql, BOX_URL=slow) as found:
        found.wait_for(
            lambda shown: re.search(r"0 rows, \d+ API calls?, up to \d+ left, \d+ calls/s, \d+\.\d s", shown)
        )
        assert found.ended() == 0


@pytest.mark.long
@pytest.mark.parametrize("environment", [{"BOX_PROGRESS": "plain"}, {"TERM": "dumb"}])
def test_plain_progress_is_lines_without_control_sequences(small: Box, environment: dict[str, str]) -> None:
    with terminal("query", COUNTS, "--timeout", "7", BOX_URL=small.url, **environment) as found:
        assert found.ended() == 4
        assert b"\x1b" not in found.written
        first = re.match(r"0 rows, 0 API calls, 0 calls/s, (\d+\.\d) s\n", found.text)
        assert first is not None
        assert float(first[1]) >= 5  # or later, where the machine is busy


@pytest.mark.long
def test_quiet_shows_rows_alone(slow: str) -> None:
    with terminal("query", "--quiet", "SELECT count(*) AS n FROM files", BOX_URL=slow) as found:
        assert found.ended() == 0
        assert found.written.decode().split() == ["n", "---", "200"]


@pytest.mark.parametrize(
    "name",
    ["csv", *(pytest.param(each, marks=pytest.mark.long) for each in ("tsv", "markdown", "json", "ndjson", "table"))],
)
def test_no_format_lets_a_text_steer_the_terminal(name: str, small: Box) -> None:
    sql = "SELECT 'a' || char(27) || '[31m' || char(155) || '32m' || char(8238) || 'z' AS text"
    with terminal("query", "--quiet", "--format", name, sql, BOX_URL=small.url) as found:
        assert found.ended() == 0
        assert not {"\x1b", "\x9b", "\u202e"} & set(found.written.decode())
        assert "z" in found.text


@pytest.mark.long
def test_what_no_terminal_can_show_is_refused_there(small: Box) -> None:
    with terminal("query", "--format", "parquet", "SELECT 1 AS a", BOX_URL=small.url) as found:
        assert found.ended() == 2
        assert "parquet is nothing for a terminal" in found.text
