#!/usr/bin/env python
"""Write into the cookbook what its queries give, and what they cost: `python docs/cookbook.py`.

`--check` exits with 1 where one is stale. What is asked is the emulator, with a link and a document more than it has.
"""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from rich.cells import cell_len

import box_dialect
from box_dialect.emulator import Emulator
from box_dialect.emulator.content import MemoryContent
from box_dialect.emulator.model import SharedLink

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE: Final = Path(__file__).with_name("cookbook.md")
_MOST_ROWS: Final = 6
_PRICES: Final = b"product,price,unit\npaper,4.5,ream\nink,31,bottle\n"
_RECIPE: Final = re.compile(r"^```sql\n(.*?)^```\n(?:\n```text\n.*?^```\n)?", re.MULTILINE | re.DOTALL)


@contextmanager
def served() -> Iterator[Emulator]:
    """Serve the Box that the page asks."""
    box = Emulator()
    store = box.store
    letter = next(file for file in store.files.values() if file.name.startswith("O'Brien"))
    letter.shared_link = SharedLink()
    store.add_file("Prices.csv", store.root, MemoryContent(_PRICES), store.admin, letter.created_at)
    with box:
        yield box


class Recipe(NamedTuple):
    """A question of the page, and the query that answers it."""

    question: str
    query: str


def recipes(text: str) -> Iterator[Recipe]:
    """Yield the recipes of a page's text."""
    for found in _RECIPE.finditer(text):
        yield Recipe(re.findall(r"^### (.+)$", text[: found.start()], re.MULTILINE)[-1], found[1].strip())


def written(text: str, connection: box_dialect.Connection) -> str:
    """Return a page's text with what its queries give."""
    return _RECIPE.sub(lambda found: f"```sql\n{found[1]}```\n\n```text\n{_answer(connection, found[1])}```\n", text)


def _answer(connection: box_dialect.Connection, query: str) -> str:
    with connection.cursor() as cursor:
        rows = cursor.execute(query).fetchall()
        names = [column[0] for column in cursor.description or ()]
        more = [f"… {len(rows) - _MOST_ROWS} more"] if len(rows) > _MOST_ROWS else []
        calls = f"-- {cursor.api_calls} API call{'' if cursor.api_calls == 1 else 's'}"
        return "\n".join([*_aligned(names, rows[:_MOST_ROWS]), *more, "", calls, ""])


def _aligned(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a table, its numbers at the right."""
    cells = [names, *(["NULL" if value is None else str(value) for value in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    is_number = [all(isinstance(value, int | float) for value in column) for column in zip(*rows, strict=True)]
    is_number = is_number or [False] * len(names)
    for line in [cells[0], ["─" * width for width in widths], *cells[1:]]:
        padded = (
            " " * (width - cell_len(cell)) + cell if right else cell + " " * (width - cell_len(cell))
            for cell, width, right in zip(line, widths, is_number, strict=True)
        )
        yield "  ".join(padded).rstrip()


def main(arguments: list[str]) -> None:
    """Write the page; with `--check`, only compare it."""
    if arguments not in ([], ["--check"]):
        sys.exit("usage: python docs/cookbook.py [--check]")
    text = PAGE.read_text(encoding="utf-8")
    with served() as box, box_dialect.connect(box.ready["url"]) as connection:
        fresh = written(text, connection)
    if arguments and fresh != text:
        sys.exit(f"stale: {PAGE.name}; run: python docs/cookbook.py")
    if fresh != text:
        PAGE.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
