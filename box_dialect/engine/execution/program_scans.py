"""The scans of a program that SQLite has made of a statement: the plan of each, and where its arguments come from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.bytecode.loops import Source
from box_dialect.engine.documents.document_plan import OF_DOCUMENTS, OF_RECORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from box_dialect.bytecode.instructions import Step
    from box_dialect.bytecode.loops import Loops
    from box_dialect.catalog.model import Column
    from box_dialect.engine.plan.choice import Choice
    from box_dialect.engine.plan.plan import Plan

NOTED: Final = "plan "
"""How the name begins that a plan has in a program which is estimated; its number follows."""


class Asked(Struct, frozen=True):
    """What a scan asks for: its arguments, None where one comes from rows, how many values these are each time.

    `sources` are where those come from.
    """

    arguments: tuple[Any, ...] | None = ()
    values: float = 1.0
    sources: tuple[Source, ...] = ()


class ProgramScans:
    """The scans of a program, by the places where they begin; their plans have the names of the `choices`."""

    def __init__(self, steps: Sequence[Step], choices: Sequence[Choice], loops: Loops) -> None:
        self._steps, self._loops = steps, loops
        self.choices = {
            place: choices[int((step.fourth or "").removeprefix(NOTED))]
            for place, step in enumerate(steps)
            if step.code == "VFilter" and (step.fourth or "").startswith(NOTED) and place in loops.reached
        }

    def plan(self, place: int) -> Plan:
        """Return the plan of the scan that begins at a place."""
        return self.choices[place].plan

    @property
    def has_document_tables(self) -> bool:
        """Whether a table of documents is read."""
        return any(step.code == "VFilter" and (step.fourth or "").startswith(OF_DOCUMENTS) for step in self._steps)

    @cached_property
    def named_documents(self) -> Mapping[int, Source]:
        """The places where documents are read whose files are named, and where the ids of these come from."""
        found = {}
        for place, step in enumerate(self._steps):
            words = step.fourth or ""
            if step.code == "VFilter" and words.startswith(OF_RECORDS) and place in self._loops.reached:
                given = words.removeprefix(OF_RECORDS).split()
                if "file_id" in given:
                    found[place] = self._loops.source(step.third + 2 + given.index("file_id"), place)
        return found

    def of_cursor(self, cursor: int, before: int) -> int | None:
        """Return the place where the scan begins that a cursor follows at a place."""
        places = range(before - 1, -1, -1)
        return next((p for p in places if p in self.choices and self._steps[p].first == cursor), None)

    def asked(self, place: int) -> Asked:
        """Return what a scan asks for."""
        plan, first = self.plan(place), self._steps[place].third + 2
        arguments, values, sources = [], 1.0, list[Source]()
        for register in range(first, first + plan.taken):
            begun = self._list_of(register, place)
            listed = None if begun is None else self._loops.listed(begun, place)
            found = self._loops.source(register, place) if begun is None else Source(is_constant=listed is not None)
            arguments.append(found.value if begun is None else listed)
            if not found.is_constant:
                sources.append(found)
                values *= 1.0 if begun is None else self._loops.rows(begun, place)
        return Asked(None if sources else tuple(arguments), values, tuple(sources))

    def _list_of(self, register: int, place: int) -> int | None:
        """Return the cursor of the list that an argument is, None for one value."""
        for before in range(place - 1, max(place - 20, -1), -1):
            step = self._steps[before]
            if step.code == "VInitIn" and step.second == register:
                return step.first
        return None

    def is_of_box(self, asked: Asked) -> bool:
        """Tell whether a key is thought to come from a listing of Box, which tells of what has no rows."""
        for source in asked.sources:
            if source.column is None or source.place is None:
                continue
            cursor, _ = source.column
            is_scanned = self._steps[source.place].code == "VColumn"
            if self._loops.is_table(cursor, source.place):
                return False
            if is_scanned and self.column(source) is None and not self._takes_of_box(cursor, source.place):
                return False
        return True

    def _takes_of_box(self, cursor: int, before: int) -> bool:
        """Tell whether a table-valued function, as json_each(), takes apart what a column of Box has."""
        places = range(before - 1, -1, -1)
        begun = next((p for p in places if self._steps[p].code == "VFilter" and self._steps[p].first == cursor), None)
        return begun is not None and self.column(self._loops.source(self._steps[begun].third + 2, begun)) is not None

    def column_of(self, asked: Asked) -> Column | None:
        """Return the column of Box that a key comes from, None where it is no such one."""
        return self.column(asked.sources[-1]) if asked.sources else None

    def column(self, source: Source) -> Column | None:
        """Return the column of Box that a value comes from, None where it is no such one."""
        scan = None if source.column is None else self.of_cursor(source.column[0], source.place or 0)
        if scan is None or source.column is None:
            return None
        return self.plan(scan).table.columns[source.column[1]]
