"""The command: its table and its JSON, by the lines that ask no emulator or a limited one; the parts of these lines."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from typing import TYPE_CHECKING

import pytest

from bench import run
from bench.outcome import Bound, Outcome, table
from bench.profiler import hot_functions
from bench.replay import Pages

if TYPE_CHECKING:
    from pathlib import Path

LINUX = sys.platform == "linux"


@pytest.mark.long
def test_the_command_prints_a_table_and_writes_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not LINUX:
        pytest.skip("line 7 reads the memory of a process from /proc")
    lines = ["6", "7"] + ["9"] * (importlib.util.find_spec("shillelagh") is not None) + ["12", "18"]
    target = tmp_path / "found.json"
    arguments = ["--lines", ",".join(lines), "--scale", "0.002", "--runs", "1", "--latency-ms", "0.1", "--no-sdk"]
    monkeypatch.setattr(sys, "argv", ["run", *arguments, "--json", str(target)])
    run.main()
    found = json.loads(target.read_text())
    assert [line["line"] for line in found["lines"]] == [*lines[:-2], "12a", "12b", "12c", "18"]
    assert all(line["measured"] > 0 for line in found["lines"])
    assert found["settings"]["scale"] == 0.002
    assert found["machine"]["packages"]["SQLAlchemy"]
    printed = capsys.readouterr().out
    assert all(f"\n| {line['line']} " in printed for line in found["lines"])


def test_an_unknown_line_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["run", "--no-sdk", "--lines", "1,77"])
    with pytest.raises(SystemExit):
        run.main()
    assert "the lines are 1, 2, 3, 4, 5, 6, 7, 8, 9" in capsys.readouterr().err


def test_a_bound_holds_for_the_ratio_as_it_is_printed() -> None:
    assert Bound("<=", 1.2).holds(1.204)
    assert not Bound("<=", 1.2).holds(1.206)
    assert Bound(">=", 10).holds(9.996)
    assert not Bound(">=", 10).holds(9.99)


def test_the_table_says_what_is_met() -> None:
    slow = Outcome(line="1", work="a", unit="s", measured=3, limit=2, bound=Bound("<=", 1.2), calls=1500, least=1000)
    fast = Outcome(line="2", work="b", unit="s", measured=1, limit=0, bound=Bound(">=", 10), sdk=2.5)
    assert fast.ratio == math.inf
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table([slow, fast]).splitlines()]
    assert cells[2] == ["1", "a", "3.00 s", "2.00 s", "1.50", "<= 1.2", "missed", "1,500 (1,000)", ""]
    assert cells[3] == ["2", "b", "1.00 s", "0.00 s", "inf", ">= 10", "met", "", "2.50 s"]


@pytest.mark.parametrize("paging", ["marker", "offset"])
def test_replayed_pages_end_after_the_rows(paging: str) -> None:
    pages = Pages([{"type": "file", "id": str(number), "name": "x", "size": 1} for number in range(10)], rows=30)
    start, rows, answers = "0", 0, 0
    while start:
        query = f"fields=name&usemarker=true&marker={start}" if paging == "marker" else f"fields=name&offset={start}"
        answer = json.loads(pages.answer(query))
        assert set(answer["entries"][0]) == {"type", "id", "name"}
        rows, answers = rows + len(answer["entries"]), answers + 1
        if paging == "marker":
            start = answer["next_marker"]
        else:
            following = answer["offset"] + answer["limit"]
            start = str(following) if following < answer["total_count"] else ""
    assert (rows, answers) == (30, 3)


def test_hot_functions_are_counted_by_themselves_and_with_what_they_call() -> None:
    report = hot_functions(["main (a.py:1);work (b/c.py:2) 3", "main (a.py:9) 1"])
    assert report.startswith("4 samples; b 75%, a.py 25%\n")
    assert " 75.0%   75.0%  work (b/c.py)" in report
    assert " 25.0%  100.0%  main (a.py)" in report
