"""What the calls of procedures gave within one execution of a statement, so that none is made again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from box_dialect.catalog.procedure import InputValue, Procedure

Rows: TypeAlias = Sequence[tuple[Any, ...]]

MOST_REMEMBERED_READS: Final = 1_000
"""Calls without a side effect whose rows are remembered; past that many they are made anew."""


class Call(NamedTuple):
    """A call: the site that the statement spells it at, and the values of its inputs.

    The site is the mark that the statement's text carries. Where a procedure is named without parentheses it is the
    number of a plan, of which SQLite may make several for one mention. Without a side effect there is none.
    """

    procedure: str
    inputs: tuple[InputValue, ...]
    site: bytes | int | None


class ProcedureCalls:
    """The calls of one execution of a statement. `mentions` counts the bare mentions of a procedure in its text.

    A call at the same site with the same inputs is made once; there are never more calls with the same inputs by bare
    mentions than mentions.
    """

    def __init__(self, mentions: Mapping[str, int]) -> None:
        self._mentions = mentions
        self._made: dict[Call, Rows] = {}
        self._bare: dict[Hashable, list[Rows]] = {}
        self._reads = 0

    def find(self, call: Call) -> Rows | None:
        """Return the rows of the call where it was made before."""
        rows = self._made.get(call)
        if rows is None and isinstance(call.site, int):
            bare = self._bare.get(call[:2], [])
            if len(bare) >= self._mentions.get(call.procedure, 1):
                return bare[-1]
        return rows

    def keep(self, call: Call, procedure: Procedure, rows: Rows) -> None:
        """Keep the rows of a call until the execution ends."""
        if not procedure.side_effect:
            if self._reads >= MOST_REMEMBERED_READS:
                return
            self._reads += 1
        self._made[call] = rows
        if isinstance(call.site, int):
            self._bare.setdefault(call[:2], []).append(rows)
