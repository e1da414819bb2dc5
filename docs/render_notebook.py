#!/usr/bin/env python
"""Run the notebook of the examples over its own emulator, and write the page that shows it with what came out.

`--check` writes nothing, and fails where the page has another text than what the notebook gives now.
"""

from __future__ import annotations

import argparse
import base64
import os
import sys
from pathlib import Path
from typing import Any, Final

import nbformat
from nbclient import NotebookClient

ROOT: Final = Path(__file__).resolve().parents[1]
NOTEBOOK: Final = ROOT / "examples" / "ten_questions.ipynb"
PAGE: Final = ROOT / "docs" / "ten-questions.md"
PICTURES: Final = ROOT / "docs" / "ten-questions"

_SECONDS: Final = 600
_NOTE: Final = (
    "The notebook [ten_questions.ipynb](../examples/ten_questions.ipynb) with what it shows, as\n"
    "`python docs/render_notebook.py` has run it.\n"
)


def executed() -> Any:
    """Return the notebook after all of its cells have run, without the URL of anybody's Box; raises where one fails."""
    os.environ.pop("BOX_URL", None)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=_SECONDS, kernel_name="python3")
    return client.execute(env={**os.environ, "PYTHONPATH": str(ROOT)})


def rendered(notebook: Any) -> tuple[str, dict[str, bytes]]:
    """Return the page, and its pictures by their names; how long statements took is left out."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(f"{cell.source}\n")
            parts += [_NOTE] if len(parts) == 1 else []
            continue
        parts.append(f"```py\n{cell.source}\n```\n")
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                name = f"{len(pictures) + 1:02}.png"
                pictures[name] = base64.b64decode(data["image/png"])
                parts.append(f"![{_heading(parts)}]({PICTURES.name}/{name})\n")
            elif output.output_type == "execute_result":
                lines = [line.rstrip() for line in data["text/plain"].splitlines()]
                parts.append("```text\n{}\n```\n".format("\n".join(lines)))
    return "\n".join(parts), pictures


def _heading(parts: list[str]) -> str:
    """Return the question that the cells are below."""
    return next(part.splitlines()[0].lstrip("# ") for part in reversed(parts) if part.startswith("#"))


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    text, pictures = rendered(executed())
    if arguments.check:
        is_fresh = PAGE.read_text(encoding="utf-8") == text and {each.name for each in PICTURES.iterdir()} == {
            *pictures
        }
        sys.stderr.write("" if is_fresh else f"{PAGE.name} is stale: run python docs/render_notebook.py\n")
        return int(not is_fresh)
    PAGE.write_text(text, encoding="utf-8")
    PICTURES.mkdir(exist_ok=True)
    for name, picture in pictures.items():
        (PICTURES / name).write_bytes(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
