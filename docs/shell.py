#!/usr/bin/env python
"""Draw the shell as its screen is: `python docs/shell.py` writes docs/shell.svg.

`--check` exits with 1 where the picture has another text, but for the seconds. `box-dialect shell` runs in a terminal,
on an emulator that holds each answer back as the network does.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pexpect
import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text

from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURE: Final = Path(__file__).with_name("shell.svg")
_COLUMNS: Final = 88
_LINES: Final = 40
_LATENCY_MS: Final = 100
_SECONDS: Final = 60
"""How long what is to be on the screen may take on a busy machine."""
_TYPED: Final = (
    "SELECT path, size, owned_by_name FROM files ORDER BY size DESC, path LIMIT 3;\n",
    """\
SELECT f.path, u.name AS author, m.message FROM files AS f
JOIN comments AS m ON m.item_id = f.id JOIN users AS u ON u.id = m.created_by_id
ORDER BY m.created_at, m.id;
""",
    ".explain SELECT name FROM files WHERE path LIKE '/Contracts/2024/%'\n",
    "SELECT nam FROM files;\n",
)
_COMPLETED: Final = "SELECT name FROM files WHERE parent_path = '/Contracts/2\t"
_COMPLETION: Final = "2024/"
_FORMAT: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="The shell">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, monospace; font-size: {char_height}px; white-space: pre }}
svg > rect {{ stroke: #d0d7de }}
.{unique_id}-title {{ font-family: system-ui, sans-serif; font-size: 18px }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""As Rich's own, but for a font that it would load from elsewhere."""


def screen(latency_ms: int = _LATENCY_MS) -> pyte.Screen:
    """Return the screen of a shell after some statements, while a path is completed."""
    shown = pyte.Screen(_COLUMNS, _LINES)
    stream = pyte.ByteStream(shown)
    with Emulator(Options(latency_ms=latency_ms)) as box, tempfile.TemporaryDirectory() as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if name not in {"BOX_PROGRESS", "NO_COLOR"}},
            "BOX_URL": box.ready["url"],
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "TERM": "xterm-256color",
            "XDG_STATE_HOME": folder,  # where the history is
        }
        command = [sys.executable, "-m", "box_dialect.cli", "shell"]
        process = pexpect.spawn(command[0], command[1:], env=environment, dimensions=(_LINES, _COLUMNS))
        try:
            for number, text in enumerate((*_TYPED, _COMPLETED), start=1):
                _read(process, stream, lambda number=number: _prompts(shown) == number)
                process.send(text)
            _read(process, stream, lambda: any(line.strip() == _COMPLETION for line in shown.display))
        finally:
            process.close(force=True)
    return shown


def _prompts(shown: pyte.Screen) -> int:
    """Return how many prompts a screen has, if nothing is typed behind the last."""
    found = [line.rstrip() for line in shown.display if line.startswith("box>")]
    return len(found) if found[-1:] == ["box>"] else 0


def _read(process: pexpect.spawn[bytes], stream: pyte.ByteStream, is_there: Callable[[], bool]) -> None:
    """Draw what a process writes, until what is waited for is on the screen."""
    deadline = time.monotonic() + _SECONDS
    while not is_there():
        if time.monotonic() > deadline:
            raise TimeoutError("the shell does not show what it did when this was written")
        with contextlib.suppress(pexpect.TIMEOUT):
            stream.feed(process.read_nonblocking(1 << 16, timeout=0.1))


def picture(shown: pyte.Screen) -> str:
    """Return the picture of a screen, down to the last line that has anything."""
    console = Console(record=True, file=io.StringIO(), width=_COLUMNS, force_terminal=True, color_system="truecolor")
    used = max(row for row, line in enumerate(shown.display) if line.strip()) + 1
    for row in range(used):
        cells = [
            (shown.buffer[row][column], (column, row) == (shown.cursor.x, shown.cursor.y)) for column in range(_COLUMNS)
        ]
        runs = itertools.groupby(cells, key=lambda cell: _style(*cell))
        console.print(Text.assemble(*(("".join(char.data for char, _ in run), style) for style, run in runs)))
    return console.export_svg(
        title="box-dialect shell", theme=DEFAULT_TERMINAL_THEME, code_format=_FORMAT, unique_id="shell"
    )


def _style(char: pyte.screens.Char, is_cursor: bool) -> Style:
    return Style(color=_color(char.fg), bgcolor=_color(char.bg), bold=char.bold, reverse=char.reverse != is_cursor)


def _color(name: str) -> str:
    """Return Rich's name of a color of pyte's."""
    if re.fullmatch(r"[0-9a-f]{6}", name):
        return f"#{name}"
    return name.replace("bright", "bright_").replace("brown", "yellow")


def lines(svg: str) -> list[str]:
    """Return the lines of a picture without blanks, and without the seconds that statements took."""
    found: dict[str, str] = {}
    for y, text in re.findall(r'<text[^>]* y="([^"]+)"[^>]*>(.*?)</text>', svg):
        found[y] = found.get(y, "") + text.replace("&#160;", "")
    return [re.sub(r"\d+\.\ds$", "…s", line) for line in found.values()]


def main(arguments: list[str]) -> None:
    """Write the picture; with `--check`, only compare its text."""
    if arguments not in ([], ["--check"]):
        sys.exit("usage: python docs/shell.py [--check]")
    fresh = picture(screen())
    if not arguments:
        PICTURE.write_text(fresh, encoding="utf-8")
    elif lines(fresh) != lines(PICTURE.read_text(encoding="utf-8")):
        sys.exit(f"stale: {PICTURE.name}; run: python docs/shell.py")


if __name__ == "__main__":
    main(sys.argv[1:])
