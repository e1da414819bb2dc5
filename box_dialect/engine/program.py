"""What SQLite is going to do for a prepared statement that writes, by its own listing.

Source: https://www.sqlite.org/opcode.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import apsw

_UNCHANGED: Final = 1
"""Flag of VColumn: the column is asked for only to be given back to xUpdate (OPFLAG_NOCHG)."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a statement does: whether it writes to tables of Box, and whether it does nothing else.

    `columns_read` are the columns that it reads of the rows that it writes, None where it reads other tables too.
    """

    writes_box: bool
    is_direct: bool
    columns_read: frozenset[int] | None


def program(connection: apsw.Connection, statement: str, bindings: Any) -> Program:
    """Return what a statement is going to do."""
    found: dict[str, list[Any]] = {}
    for instruction in connection.execute(f"EXPLAIN {statement}", bindings):
        found.setdefault(instruction[1], []).append(instruction)
    opened, written = ([i[5] for i in found.get(code, [])] for code in ("VOpen", "VUpdate"))
    is_direct = "Program" not in found  # of a trigger
    return Program(
        writes_box=bool(written),
        is_direct=is_direct,
        columns_read=frozenset(i[3] for i in found.get("VColumn", []) if not i[6] & _UNCHANGED)
        if is_direct and written == opened and len(found.get("VFilter", [])) == 1
        else None,
    )
