"""What is told of a statement while it runs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from patience import wait_until

pytest.importorskip("IPython")
from box_dialect.notebook import progress
from box_dialect.notebook.progress import Progress, TerminalLine

if TYPE_CHECKING:
    from conftest import Box

    import box_dialect


class Heard:
    """A screen that keeps what it shows."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def show(self, text: str, *, is_last: bool = False) -> None:  # noqa: ARG002 - a screen's
        self.texts.append(text)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_calls_and_rows_are_told_while_it_runs(
    connection: box_dialect.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0.001)
    heard = Heard()
    cursor = connection.cursor()
    with Progress(cursor, heard) as told:
        cursor.execute("SELECT count(*) FROM files")
        told.rows = 1
        wait_until(lambda: heard.texts and heard.texts[-1].startswith("1 row, "))
    assert heard.texts[-2].startswith(f"1 row, {cursor.api_calls} API calls, ")
    assert heard.texts[-1].startswith(f"1 row, {cursor.api_calls} API calls, ")


def test_nothing_stays_of_one_that_fails(connection: box_dialect.Connection) -> None:
    heard = Heard()
    with pytest.raises(ZeroDivisionError), Progress(connection.cursor(), heard):
        raise ZeroDivisionError
    assert heard.texts == [""]


def test_a_preview_is_told_to_be_one(small: Box) -> None:
    heard = Heard()
    with small.connect(PreviewCalls=1) as connection, connection.cursor() as cursor:
        with Progress(cursor, heard):
            cursor.execute("SELECT id FROM files").fetchall()
        assert heard.texts[-1].endswith(" s, a preview: rows may be missing")


def test_a_terminal_has_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    line = TerminalLine()
    for text in ("10 rows", "9"):
        line.show(text)
    line.show("12 rows", is_last=True)
    assert terminal.getvalue() == "\r10 rows\r9      \r12 rows\n"
    TerminalLine().show("", is_last=True)


def test_what_is_no_terminal_has_the_end_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", file := io.StringIO())
    line = TerminalLine()
    line.show("10 rows")
    line.show("12 rows", is_last=True)
    assert file.getvalue() == "12 rows\n"
