"""Data-flow analysis of a prepared statement: which columns the values come from that its bytecode compares.

Names, aliases, views, `*` and the order of arms are resolved there, so that a comparison of Box's timestamps is found
whatever the statement looks like. Values are followed through registers and the tables that a statement makes for
itself, along every way that the program may take.

Source: https://www.sqlite.org/opcode.html
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Self

from msgspec import Struct

from box_dialect.bytecode.flow import NOWHERE, Flow, merged
from box_dialect.bytecode.instructions import (
    COMPUTES,
    COPIES,
    EQUAL,
    INSERTS,
    LOOKS_UP,
    OPENS,
    ORDERED,
    OWN,
    RECORDS,
    Step,
    collation_of,
    collations_of,
    function_of,
    written_by,
)
from box_dialect.bytecode.listing import explained
from box_dialect.catalog import Type
from box_dialect.catalog.datetimes import MOMENT, is_odd
from box_dialect.engine import CHOOSING, COMPARING, DATES, TELLING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    import apsw

    from box_dialect.bytecode.flow import Origins, State
    from box_dialect.catalog import Table
    from box_dialect.engine import Session

TEXT: Final = "a text"
"""The origin of texts that may be moments in another spelling than Box's timestamps have."""

NUMBER: Final = "a number"
"""The origin of what is a number. Other origins are the names of timestamps."""

_OF_TEXT: Final[Origins] = frozenset({TEXT})
_OF_NUMBER: Final[Origins] = frozenset({NUMBER})
_KINDS: Final = _OF_TEXT | _OF_NUMBER

_COUNTING: Final = frozenset(
    {"unixepoch", "julianday", "length", "abs", "round", "count", "sum", "total", "avg", "instr", "day_difference"}
)
"""Functions that give a number."""

_CAST_TO_TEXT: Final = ord("B")
"""The affinity that a cast to text names; those of numbers come behind it."""
_NUMBERS: Final = re.compile(r"\d+")


class Comparison(Struct, frozen=True):
    """A comparison that is none of moments: the timestamps that it has on a side, and whether with a number."""

    moments: frozenset[str]
    with_number: bool


def odd_comparisons(
    connection: apsw.Connection,
    session: Session,
    statement: str,
    values: Sequence[Any] | Mapping[str, Any],
    named: Collection[str],
) -> set[Comparison]:
    """Return the comparisons of a statement that take Box's timestamps for texts, and their order by numbers.

    `values` are those of its parameters, by their place or by their name, `named` the collations that it names itself,
    in capitals, by which it may compare.
    """
    programs = _programs(connection, session, statement, values, named)
    return {comparison for program in programs for comparison in program.compare(session.execution.check)}


def given_datetimes(
    connection: apsw.Connection,
    session: Session,
    query: str,
    values: Sequence[Any] | Mapping[str, Any],
    holds_datetimes: Callable[[str], bool],
) -> list[bool]:
    """Tell of each column of a query whether it gives timestamps, or NULL, and nothing of another form.

    These are Box's, and those of local columns that are declared so, which `holds_datetimes` tells.
    """
    program = next(_programs(connection, session, query, values, ()))
    program.local = _local(connection, holds_datetimes)
    return [bool(origins) and not origins & _KINDS for origins in program.follow(session.execution.check).given]


def _programs(
    connection: apsw.Connection,
    session: Session,
    statement: str,
    values: Sequence[Any] | Mapping[str, Any],
    named: Collection[str],
) -> Iterator[_Program]:
    """Yield the program of a statement, and behind it those of the triggers that it sets off."""
    cursor = connection.cursor()
    listing = explained(cursor, statement, values)
    bound = values if isinstance(values, Sequence) else [values.get(name or "") for name in cursor.bindings_names]
    steps = [*listing]
    starts = [place for place, step in enumerate(steps) if step.code == "Init"]
    moments = _datetimes(connection, session)
    for first, last in itertools.pairwise([*starts, len(steps)]):
        yield _Program(steps[first:last], moments, bound, named)


def _datetimes(connection: apsw.Connection, session: Session) -> Mapping[str, Mapping[int, Origins]]:
    """Return the origins of the columns of Box's tables that a statement reads, by SQLite's name of the open table."""
    opened = session.opened
    # Of a table of which no column is read SQLite tells no schema.
    for schema, name in {(schema, name) for schema, name, _ in session.columns_read if schema}:
        table = session.tables.get(name.lower())
        if table is not None and (schema, name) not in opened:
            with session.planning_aside():
                needed = " AND ".join(f'"{key}" = 1' for key in table.needs) or "true"
                query = f'SELECT 1 FROM "{schema}"."{name}" WHERE {needed}'  # noqa: S608 - of the catalog
                for step in explained(connection, query):
                    if step.code == "VOpen":  # a local table may have the name
                        opened[schema, name] = str(step.fourth), _origins(table)
    return dict(opened.values())


def _local(
    connection: apsw.Connection, holds_datetimes: Callable[[str], bool]
) -> Mapping[tuple[int, int], Mapping[int, Origins]]:
    """Return the origins of the local columns that hold moments, by the number of the schema and the table's root."""
    found = {}
    for number, schema in enumerate(("main", "temp")):
        tables = f"SELECT rootpage, name FROM {schema}.sqlite_schema WHERE type = 'table' AND rootpage > 0"  # noqa: S608
        for root, name in [*connection.execute(tables)]:
            columns = connection.execute("SELECT type FROM pragma_table_xinfo(?, ?) WHERE hidden <> 2", (name, schema))
            moments = (n for n, (kind,) in enumerate(columns) if holds_datetimes(kind))
            found[number, root] = dict.fromkeys(moments, frozenset({name}))
    return found


def _origins(table: Table) -> Mapping[int, Origins]:
    kinds = {Type.TIMESTAMP: None, Type.INTEGER: _OF_NUMBER, Type.BOOLEAN: _OF_NUMBER}
    named = ((column, kinds.get(column.type, _OF_TEXT)) for column in table.columns)
    return {n: kind or frozenset({f"{table.name}.{column.name}"}) for n, (column, kind) in enumerate(named)}


class _Program:
    """What the instructions of a program compare: `found`, and where its columns come from: `given`.

    Most registers are written by one instruction, and hold what that gives wherever they are read. `_rewritten` are the
    others, which hold one thing here and another there.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        moments: Mapping[str, Mapping[int, Origins]],
        bound: Sequence[Any],
        named: Collection[str],
    ) -> None:
        self._steps, self._bound, self._named = steps, bound, named
        self._flow = Flow(steps, self._apply)
        self._rewritten: frozenset[int] | None = None
        self._own: set[int] = set()
        self._same: dict[int, int] = {}
        self._rows: dict[int, int] = {}
        self._keys: dict[int, list[str]] = {}
        self._boxes: dict[int, Mapping[int, Origins]] = {}
        self._forget()
        self.local: Mapping[tuple[int, int], Mapping[int, Origins]] = {}
        self._roots: dict[int, tuple[int, int]] = {}
        begins = next((place for place, step in enumerate(steps) if step.code == "Transaction"), len(steps))
        self._constants = {register for step in steps[begins:] for register in written_by(step)}
        for step in steps:
            if step.code in OPENS:
                self._keys.setdefault(step.first, collations_of(step.fourth))
            if step.code == "OpenRead" and not self._keys[step.first]:  # an index has the columns in another order
                self._roots[step.first] = step.third, step.second
            if step.code in OWN:
                self._own.add(step.first)
            elif step.code == "OpenDup":
                self._same[step.first] = self._same.get(step.second, step.second)
            elif step.code == "OpenPseudo":
                self._rows[step.first] = step.second
            elif step.code == "VOpen":
                self._boxes[step.first] = moments.get(step.fourth or "", {})

    def compare(self, check: Callable[[], None]) -> set[Comparison]:
        """Return what is compared; `check` raises where the statement must not go on.

        Most programs compare nothing oddly in whatever order they run, which is found in less time.
        """
        self._forget()
        self._flow.sweep(check)
        return self.follow(check).found if self.found else self.found

    def follow(self, check: Callable[[], None]) -> Self:
        """Follow all ways through the program; `check` raises where the statement must not go on."""
        self._forget()
        writers = Counter(register for step in self._steps for register in written_by(step))
        self._rewritten = frozenset(register for register, number in writers.items() if number > 1)
        self._flow.follow(check)
        return self

    def _forget(self) -> None:
        """Begin anew; where the ways are not followed, no register is among the `_rewritten`."""
        self._rewritten = None
        self._held: dict[int, tuple[Origins, ...]] = dict.fromkeys(self._own, ())
        self._written: dict[int, Any] = {}
        self.found: set[Comparison] = set()
        self.given: tuple[Origins, ...] = ()

    def _get(self, state: State, register: int) -> Any:
        """Return the origins of a value, or, by the inverted register, those of the columns of a record."""
        here = state.get(register)
        return self._written.get(register, NOWHERE) if here is None else here

    def _row(self, state: State, register: int) -> tuple[Origins, ...]:
        return self._get(state, ~register) or ()

    def _write(self, state: State, register: int, origins: Any) -> None:
        if self._rewritten is None:
            state[register] = origins
        elif register in self._rewritten:
            if origins:
                state[register] = origins
            else:
                state.pop(register, None)
            return
        held = self._written.get(register, NOWHERE)
        if origins and held != origins:
            self._written[register] = merged(held, origins)
            if self._written[register] != held:
                self._flow.grow()

    def _columns(self, state: State, cursor: int) -> tuple[Origins, ...] | None:
        """Return the origins of a row's columns, None for a table that is not the statement's own."""
        if cursor in self._rows:
            return self._row(state, self._rows[cursor])
        return self._held.get(self._same.get(cursor, cursor))

    def _column(self, state: State, cursor: int, number: int) -> Origins:
        row = self._columns(state, cursor)
        if row is None:
            return self.local.get(self._roots.get(cursor, (0, 0)), {}).get(number, _OF_TEXT)
        return row[number] if number < len(row) else NOWHERE

    def _apply(self, state: State, place: int, step: Step) -> None:
        """Note what an instruction compares, and what it leaves in the registers."""
        if step.code in INSERTS:
            self._hold(step.first, self._row(state, step.second))
        elif step.code in EQUAL | ORDERED:
            self._compare_values(state, step)
        elif step.code == "Compare":
            self._compare_rows(state, place, step)
        elif step.code in LOOKS_UP:
            self._look_up(state, step)
        elif step.code == "ResultRow":
            row = tuple(self._get(state, step.first + number) for number in range(step.second))
            self.given = merged(self.given, row)
        elif step.code in COPIES:
            count = {"Copy": step.third + 1, "Move": step.third}.get(step.code, 1)
            copied = [self._get(state, step.first + number) for number in range(count)]
            for number, origins in enumerate(copied):
                self._write(state, step.second + number, origins)
        elif step.code in RECORDS:
            is_made = step.code == "MakeRecord"
            made = tuple(self._get(state, step.first + number) for number in range(step.second if is_made else 0))
            self._write(
                state, ~(step.third if is_made else step.second), made or self._columns(state, step.first) or ()
            )
        else:
            value = self._value(state, place, step)
            for register in written_by(step):
                self._write(state, register, value)

    def _value(self, state: State, place: int, step: Step) -> Any:
        """Return the origins of what an instruction writes."""
        code, first, second, _, fourth, _ = step
        match code:
            case "VColumn":
                return self._boxes.get(first, {}).get(second, _OF_TEXT)
            case "Column":
                return self._column(state, first, second)
            case "String8" | "String":
                return _OF_TEXT if is_odd(fourth) else NOWHERE
            case "Variable":
                value = self._bound[first - 1] if first <= len(self._bound) else None
                return _OF_NUMBER if isinstance(value, int | float) else _OF_TEXT if is_odd(value) else NOWHERE
            case "Cast":
                return NOWHERE if second <= _CAST_TO_TEXT else _OF_NUMBER
            case "Function" | "PureFunc" | "AggStep":
                return self._called(state, place, step)
            case "AggValue":
                return self._get(state, first)
        return _OF_NUMBER if code in COMPUTES else NOWHERE

    def _arguments(self, state: State, place: int, step: Step) -> list[Origins]:
        """Return the origins of what a function is given.

        A listing does not tell how many there are where that varies: so many as are written just before.
        """
        _, count = function_of(step)
        first = step.second
        if step.code == "AggStep":
            count = step.fifth
        if count < 0:
            begins = next((n for n in range(place - 1, -1, -1) if first in written_by(self._steps[n])), 0)
            written = {
                register for each in self._steps[begins:place] for register in written_by(each)
            } | self._constants
            count = next(number for number in itertools.count(1) if first + number not in written)
        return [self._get(state, first + number) for number in range(count)]

    def _called(self, state: State, place: int, step: Step) -> Origins:
        """Return the origins of what a function gives; one that compares what it is given does so by a collation."""
        name, _ = function_of(step)
        arguments = self._arguments(state, place, step)
        given = NOWHERE.union(*arguments)
        if step.code == "AggStep":
            given |= self._get(state, step.third)
        if name in COMPARING:
            before = self._steps[place - 1]
            self._note(given, collation_of(before.fourth if before.code == "CollSeq" else None))
        if name in TELLING:
            return frozenset({f"{name}()"})
        if name == "nullif":
            return arguments[0]
        if name in CHOOSING:
            return given
        return _OF_TEXT if name in DATES else _OF_NUMBER if name in _COUNTING else NOWHERE

    def _hold(self, cursor: int, row: tuple[Origins, ...]) -> None:
        """Add a row to a table of the statement's own, whose rows are compared by its key."""
        table = self._same.get(cursor, cursor)
        if table not in self._held:
            return
        held = merged(self._held[table], row)
        if held != self._held[table]:
            self._held[table] = held
            self._flow.grow()
            for origins, collation in zip(held, self._keys.get(table, ()), strict=False):
                self._note(origins, collation)

    def _compare_values(self, state: State, step: Step) -> None:
        left, right = self._get(state, step.first), self._get(state, step.third)
        self._note(left | right, collation_of(step.fourth))
        with_number = _OF_NUMBER in {left, right}
        if step.code in ORDERED and with_number and (moments := (left | right) - _KINDS):
            self.found.add(Comparison(moments, with_number=True))

    def _compare_rows(self, state: State, place: int, step: Step) -> None:
        before = self._steps[place - 1]
        order = map(int, _NUMBERS.findall(before.fourth or "")) if before.code == "Permutation" else range(step.third)
        for number, collation in zip(order, collations_of(step.fourth), strict=False):
            sides = [self._get(state, register + number) for register in (step.first, step.second)]
            self._note(sides[0] | sides[1], collation)

    def _look_up(self, state: State, step: Step) -> None:
        count = int(step.fourth or 0)
        key = [self._get(state, step.third + n) for n in range(count)] if count else self._row(state, step.third)
        for number, (origins, collation) in enumerate(zip(key, self._keys.get(step.first, ()), strict=False)):
            self._note(origins | self._column(state, step.first, number), collation)

    def _note(self, origins: Origins, collation: str) -> None:
        is_of_datetimes = collation.startswith(MOMENT) or collation in self._named
        if not is_of_datetimes and TEXT in origins and (moments := origins - _KINDS):
            self.found.add(Comparison(moments, with_number=False))
