#!/usr/bin/env python
"""Draw when the calls of a join are made, as they really are: `python docs/timeline.py` writes docs/join-timeline.svg.

The emulator holds each answer back as the network does. Times differ from run to run, so the picture is drawn anew when
joins change, and a test compares the calls alone.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final, NamedTuple

import box_dialect
from box_dialect.emulator import Emulator, Options

PICTURE: Final = Path(__file__).with_name("join-timeline.svg")
JOIN: Final = "SELECT f.path, c.message FROM files f JOIN comments c ON c.item_id = f.id"
_FILES: Final = 300
_LATENCY_MS: Final = 100
_KINDS: Final = {"/folders/": "folder", "/files/": "comments"}
_LEFT, _TOP, _WIDTH, _ROW = 24, 84, 712, 11
_STYLE: Final = """\
.paper { fill: #ffffff; stroke: #d0d7de }
.folder { fill: #2b6cb0 }
.comments { fill: #2f855a }
.grid { stroke: #d0d7de; stroke-dasharray: 2 3 }
text { fill: #1f2328 }
.small { font-size: 11.5px; fill: #57606a }
.code { font-family: ui-monospace, monospace; font-size: 12px }
@media (prefers-color-scheme: dark) {
  .paper { fill: #161b22; stroke: #30363d }
  .folder { fill: #58a6ff }
  .comments { fill: #56d364 }
  .grid { stroke: #30363d }
  text { fill: #e6edf3 }
  .small { fill: #9ba5b0 }
}"""


class Call(NamedTuple):
    """A call: what is asked, and when it began and ended, in milliseconds after the first one began."""

    kind: str
    began: float
    ended: float


class _Calls(logging.Handler):
    """Note the calls that the driver logs when they have ended."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[Call] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Note a call; a line that tells of a statement is none."""
        if isinstance(record.args, tuple) and record.args[0] == "GET":
            _, path, _, elapsed = record.args
            kind = next(kind for start, kind in _KINDS.items() if str(path).startswith(start))
            ended = record.created * 1000
            self.noted.append(Call(kind, ended - float(str(elapsed)), ended))


def recorded(latency_ms: int = _LATENCY_MS) -> list[Call]:
    """Run the join, and return its calls in the order in which they began."""
    calls, log = _Calls(), logging.getLogger("box_dialect")
    options = Options(synthetic=_FILES, latency_ms=latency_ms)
    with Emulator(options) as box, box_dialect.connect(box.ready["url"]) as connection:
        connection.cursor().execute("SELECT 1 FROM users WHERE id = 'me'").fetchall()  # which signs in
        level = log.level
        log.addHandler(calls)
        log.setLevel(logging.DEBUG)
        try:
            connection.cursor().execute(JOIN).fetchall()
        finally:
            log.removeHandler(calls)
            log.setLevel(level)
    first = min(call.began for call in calls.noted)
    shifted = [Call(kind, began - first, ended - first) for kind, began, ended in calls.noted]
    return sorted(shifted, key=lambda call: (call.began, call.ended))


def picture(calls: list[Call]) -> str:
    """Return the picture: a bar for each call, and a line for each tenth of a second."""
    end = max(call.ended for call in calls)
    scale = _WIDTH / end
    height = _TOP + _ROW * len(calls) + 34
    alone = len(calls) * _LATENCY_MS / 1000
    told = f"{len(calls)} calls of {_LATENCY_MS} ms in {end / 1000:.2f} s; one after another they take {alone:.1f} s"
    size = f'viewBox="0 0 760 {height}" width="760" height="{height}"'
    font = 'font-family="system-ui, sans-serif" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font} role="img" aria-label="A join over time: {told}">',
        f"<style>\n{_STYLE}\n</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="759" height="{height - 1}" rx="8"/>',
        f'<text class="code" x="{_LEFT}" y="28">{JOIN}</text>',
        f'<text class="small" x="{_LEFT}" y="48">{told}</text>',
        f'<rect class="folder" x="{_LEFT}" y="59" width="10" height="10"/>',
        f'<text class="small" x="{_LEFT + 16}" y="68">a folder is listed</text>',
        f'<rect class="comments" x="{_LEFT + 140}" y="59" width="10" height="10"/>',
        f'<text class="small" x="{_LEFT + 156}" y="68">the comments of a file that has any</text>',
    ]
    for tenth in range(int(end // 100) + 1):
        x = _LEFT + tenth * 100 * scale
        parts += [
            f'<line class="grid" x1="{x:.0f}" y1="{_TOP}" x2="{x:.0f}" y2="{height - 28}"/>',
            f'<text class="small" x="{x:.0f}" y="{height - 12}" text-anchor="middle">{tenth / 10:.1f} s</text>',
        ]
    for row, call in enumerate(calls):
        x, width = _LEFT + call.began * scale, (call.ended - call.began) * scale
        y = _TOP + _ROW * row
        parts.append(f'<rect class="{call.kind}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_ROW - 3}" rx="2"/>')
    return "\n".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    PICTURE.write_text(picture(recorded()), encoding="utf-8")
