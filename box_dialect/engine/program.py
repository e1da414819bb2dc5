"""What a prepared statement is about to write, read off the program that SQLite made of it.

Source: https://www.sqlite.org/opcode.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEMP: Final = 1
"""The number of the schema `temp`, in which Box's tables stand; that of `main` is 0."""


@dataclass(frozen=True, slots=True)
class Program:
    """Tell whether a statement writes to Box's tables, and whether it writes rows of local ones."""

    writes_box: bool
    writes_local: bool


_CHANGES_SCHEMA: Final = "SetCookie"
"""What the program of every CREATE, DROP and ALTER has: it counts the versions of the schema."""


def read_program(rows: Iterable[tuple[Any, ...]]) -> Program:
    """Return what the rows of `EXPLAIN statement` tell."""
    opcodes, written = set(), set()
    for _, opcode, schema, writes, *_ in rows:
        opcodes.add(opcode)
        if opcode == "Transaction" and writes:
            written.add(schema)
    writes_virtual = "VUpdate" in opcodes
    writes_rows = bool(written - {_TEMP}) or (bool(written) and not writes_virtual)
    return Program(writes_virtual, writes_rows and _CHANGES_SCHEMA not in opcodes)
