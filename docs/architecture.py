#!/usr/bin/env python
"""Draw the layers of the package: `python docs/architecture.py` writes docs/architecture.svg.

`--check` exits with 1 where the picture is stale. Layers and rooms are those of the contracts in
pyproject.toml, which `lint-imports` checks; what each of them does is told here.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any, Final

PICTURE: Final = Path(__file__).with_name("architecture.svg")
_PROJECT: Final = PICTURE.parents[1] / "pyproject.toml"
_LAYERS: Final = {
    "integrations": "Superset, Airflow, Harlequin, sqlglot",
    "cli": "the command box-dialect, and its shell",
    "mcp": "tools for assistants",
    "notebook": "%%box in IPython",
    "pandas | polars": "frames",
    "arrow": "readers of Arrow batches",
    "columnar": "rows as typed columns",
    "content": "content without SQL: uploads, downloads, copies, fsspec",
    "aio | dialect": "asyncio; SQLAlchemy: the URL, compiled SQL, reflection",
    "dbapi": "PEP 249: connection, cursor, one statement from text to rows",
    "engine": "each room uses those below it",
    "documents": "readers of XML, JSON, CSV, Parquet, Excel",
    "bytecode | catalog": "SQLite's programs; tables and procedures as data",
    "api": "Box over HTTP: paging, retries, rate limit, single flight",
    "auth | profiles": "a valid access token; connections under names",
    "token_cache": "where tokens are kept",
    "local_files | properties | rows": "files, the URL's properties, rows by name",
    "_http | errors | extras": "the HTTP library, errors, what is installed",
    "visible": "characters that are not seen, as escapes",
}
_ROOMS: Final = {
    "tables": "what SQLite calls: virtual tables, cursors, writes, procedures",
    "execution": "one statement: limits, interruption, write queue, effects",
    "prefetch": "dry runs, and what is asked for ahead",
    "documents": "documents at Box: their files, downloads and tables",
    "cache": "scan cache, shared scans, key indexes, downloads",
    "scan": "an access path becomes pages of rows",
    "plan | sql": "the planner: pure functions; what SQL may do",
    "local": "the connection's own database",
    "caller_warnings | runtime": "what they all need",
}
_BESIDE: Final = {
    "alembic": ("migrations of metadata", "templates"),
    "emulator": (
        "a local Box over HTTP;",
        "shares no code with the",
        "driver, so that neither",
        "hides a misreading of",
        "the other's",
    ),
    "orm": ("models made from the", "catalog"),
}
_SQLITE: Final = ("SQLite (APSW)", "parses, orders joins, filters, groups, sorts")
_WIDTH, _HEIGHT, _PITCH, _ROOM_PITCH = 640, 28, 34, 26
_STYLE: Final = """\
.paper { fill: #ffffff; stroke: #d0d7de }
.layer { fill: #dbe9f6; stroke: #5b7083 }
.room { fill: #ffffff; stroke: #5b7083 }
.sqlite { fill: #fdf0d5; stroke: #9a6700 }
.beside { fill: #e6f4ea; stroke: #5b7083 }
text { fill: #1f2328 }
.name { font-weight: bold }
.small { font-size: 12px }
@media (prefers-color-scheme: dark) {
  .paper { fill: #161b22; stroke: #30363d }
  .layer { fill: #1c3350 }
  .room { fill: #161b22 }
  .sqlite { fill: #3d2f0e }
  .beside { fill: #16351f }
  text { fill: #e6edf3 }
}"""


def contract(package: str) -> dict[str, Any]:
    """Return the contract of the layers of a package."""
    contracts = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (found,) = (each for each in contracts if each.get("containers") == [package])
    checked: dict[str, Any] = found
    return checked


def picture() -> str:
    """Return the picture: the layers from above, with SQLite over the engine, which it calls."""
    package, y = contract("box_dialect"), 20
    parts: list[str] = []
    for layer in package["layers"]:
        if layer == "engine":
            parts += _box("sqlite", 20, y, _WIDTH, _HEIGHT, *_SQLITE)
            y += _PITCH
        rooms = contract("box_dialect.engine")["layers"] if layer == "engine" else []
        height = _HEIGHT + _ROOM_PITCH * len(rooms) + (4 if rooms else 0)
        parts += _box("layer", 20, y, _WIDTH, height, layer, _LAYERS[layer])
        for number, room in enumerate(rooms):
            parts += _box("room", 34, y + _HEIGHT + _ROOM_PITCH * number, _WIDTH - 28, 22, room, _ROOMS[room])
        y += height + _PITCH - _HEIGHT
    height, beside = y + 14, 20
    for name in sorted(package["exhaustive_ignores"]):
        parts += _beside(name, beside)
        beside += 60 + 18 * len(_BESIDE[name])
    told = "The layers of the package, each of which imports only from those below it, with the rooms of the engine"
    size = f'viewBox="0 0 880 {height}" width="880" height="{height}"'
    font = 'font-family="system-ui, sans-serif" font-size="13"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font} role="img" aria-label="{told}">',
            f"<style>\n{_STYLE}\n</style>",
            f'<rect class="paper" x="0.5" y="0.5" width="879" height="{height - 1}" rx="8"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _box(kind: str, x: int, y: int, width: int, height: int, name: str, told: str) -> list[str]:
    baseline = y + (15 if kind == "room" else 19)
    return [
        f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>',
        f'<text class="name" x="{x + 12}" y="{baseline}">{name.replace(" | ", ", ")}</text>',
        f'<text class="small" x="260" y="{baseline}">{told}</text>',
    ]


def _beside(name: str, y: int) -> list[str]:
    lines = _BESIDE[name]
    return [
        f'<rect class="beside" x="680" y="{y}" width="180" height="{36 + 18 * len(lines)}" rx="6"/>',
        f'<text class="name" x="692" y="{y + 22}">{name}</text>',
        *(f'<text class="small" x="692" y="{y + 42 + 18 * number}">{line}</text>' for number, line in enumerate(lines)),
    ]


def main(arguments: list[str]) -> None:
    """Write the picture; with `--check`, only compare it."""
    if arguments not in ([], ["--check"]):
        sys.exit("usage: python docs/architecture.py [--check]")
    fresh = picture()
    if not arguments:
        PICTURE.write_text(fresh, encoding="utf-8")
    elif fresh != PICTURE.read_text(encoding="utf-8"):
        sys.exit(f"stale: {PICTURE.name}; run: python docs/architecture.py")


if __name__ == "__main__":
    main(sys.argv[1:])
