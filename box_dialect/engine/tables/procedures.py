"""The procedures of the catalog as SQL functions, scalar and table-valued.

SQLite evaluates a function as often as its plan likes: again where a subquery is flattened or not materialised, for
each row of a join, for rows that a sort drops. So one with a side effect does nothing as a scalar function but collect
its inputs, and as a table it is called once, whatever SQLite reads again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import apsw
import msgspec
from msgspec import Struct

from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.procedure import Context
from box_dialect.catalog.values import READERS
from box_dialect.engine.execution.procedure_memo import ABSENT
from box_dialect.engine.prefetch.dry_run import EndOfSet
from box_dialect.engine.sql.authorizer import MOST_BYTES_OF_VALUE, refused_write
from box_dialect.engine.tables.list_cursor import ListCursor
from box_dialect.errors import Error, InternalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

    from box_dialect.api import ApiCall
    from box_dialect.catalog.model.procedure import Procedure
    from box_dialect.engine.execution.procedure_memo import Inputs, Rows
    from box_dialect.engine.execution.session import Session

_COST: Final = 10.0
_SEVERAL: Final = 25
"""What a call is thought to cost, and to give where it gives several rows."""


_LEFT_OUT: Final = 16
"""Of so many conditions SQLite leaves out those that a table takes over; it compares further ones again.

Source: https://www.sqlite.org/vtab.html, "Omit constraint checking in bytecode"
"""
_COMPARED: Final = "!"


class _Layout(Struct, frozen=True):
    """The columns of a table-valued procedure: its outputs, then hidden ones for the mark and the inputs.

    Arguments in parentheses go to the hidden columns in their order. `inputs` are hidden columns by their number, some
    of them other spellings. An input that is called as an output takes the `=` of that visible column too: `outputs`.
    """

    schema: str
    mark: int | None
    inputs: Mapping[int, str]
    outputs: Mapping[int, str]

    @property
    def names(self) -> Mapping[int, str]:
        """The input that each column gives."""
        return {**self.outputs, **self.inputs}


def _layout(procedure: Procedure) -> _Layout:
    columns = [output.schema for output in procedure.outputs]
    outputs = {output.name.lower(): number for number, output in enumerate(procedure.outputs)}
    taken, inputs = {*outputs, "procedure_call"}, {}
    if procedure.side_effect:
        columns.append('"procedure_call" HIDDEN')
    spellings = [(each, (each.name, each.parameter, f"input_{each.parameter}")) for each in procedure.inputs]
    for each, names in spellings:
        name = next(name for name in names if name.lower() not in taken)
        inputs[len(columns)] = each.name
        taken.add(name.lower())
        columns.append(f'"{name}" {each.type.value} HIDDEN')
    for each, (_, snake, _) in spellings:
        if snake not in taken:
            inputs[len(columns)] = each.name
            taken.add(snake)
            columns.append(f'"{snake}" {each.type.value} HIDDEN')
    return _Layout(
        f'CREATE TABLE "{procedure.name}"({", ".join(columns)})',
        len(procedure.outputs) if procedure.side_effect else None,
        inputs,
        {outputs[each.name.lower()]: each.name for each in procedure.inputs if each.name.lower() in outputs},
    )


async def carry_out(procedure: Procedure, context: Context, inputs: Inputs) -> Rows:
    """Call a procedure and return its rows; raises what fails, and InternalError for a slip of its own."""
    try:
        return await procedure.rows(context, inputs)
    except Error:
        raise
    except Exception as error:
        failure = InternalError(f"{procedure.name} failed ({type(error).__name__}); please report it")
        if procedure.has_secrets:
            raise failure from None  # the chain may hold what a secret input was given
        raise failure from error


def context_of(session: Session) -> Context:
    """Return what a procedure works with in the statement that runs; there is no client before the first call.

    What it sends raises ProgrammingError for a call that writes, where nothing is written to Box.
    """
    count = session.execution.count

    async def send(each: ApiCall) -> Any:
        if session.properties.is_box_readonly and not each.is_safe:
            raise ProgrammingError(refused_write(each.operation))
        return await session.client.send(each, count)

    async def perform(operation: Callable[..., Awaitable[Any]], *args: Any, writes: str = "", **named: Any) -> Any:
        if writes and session.properties.is_box_readonly:
            raise ProgrammingError(refused_write(writes))
        return await operation(session.client, count, *args, **named)

    return Context(properties=session.properties, send=send, perform=perform, most_bytes=MOST_BYTES_OF_VALUE)


def scalar(procedure: Procedure, rows: Rows) -> Any:
    """Return what a call gives as one value: its only output, or a JSON object of all; None where there is no row.

    The rows of one that gives several are a JSON list.
    """
    if procedure.several:
        return msgspec.json.encode([_shown(procedure, row) for row in rows]).decode()
    if not rows:
        return None
    if len(procedure.outputs) == 1:
        return READERS[procedure.outputs[0].type](rows[0][0])
    return msgspec.json.encode(_shown(procedure, rows[0])).decode()


def _rows(procedure: Procedure, session: Session, site: bytes | None, inputs: Inputs) -> Rows:
    """Return the rows of a call, out of an earlier evaluation of the same one where there was any.

    Raises EndOfSet where the call would be made in a dry run.
    """
    calls = session.statement.calls
    rows = calls.find(procedure, inputs, site)
    if rows is None:
        if session.mode.dry_run is not None:
            raise EndOfSet
        procedure.check_allowed(session.properties, inputs)
        rows = session.run(carry_out, procedure, context_of(session), inputs)
        calls.keep(procedure, inputs, site, rows)
    return rows


def _function(procedure: Procedure, session: Session) -> Any:
    """Return the scalar function: it calls what only reads, and collects the inputs of what has a side effect."""

    def read(*arguments: Any) -> Any:
        return scalar(procedure, _rows(procedure, session, None, procedure.bind(procedure.arranged(arguments))))

    def collect(*arguments: Any) -> bytes:
        calls = session.statement.calls
        calls.check(procedure, arguments[0] if arguments else None)
        return calls.collect(procedure, arguments[1:])

    return collect if procedure.side_effect else read


def _shown(procedure: Procedure, row: tuple[Any, ...]) -> Any:
    """Return a row as it stands in JSON: the only output, or an object of all."""
    values = {output.name: _in_json(output, value) for output, value in zip(procedure.outputs, row, strict=True)}
    return values if len(values) > 1 else next(iter(values.values()))


def _in_json(output: Column, value: Any) -> Any:
    """Return a value as it stands in a JSON object, which has booleans, lists and objects of its own."""
    return value if output.type in {Type.BOOLEAN, Type.JSON} else READERS[output.type](value)


class ProcedureModule:
    """The APSW module of one table-valued procedure."""

    def __init__(self, procedure: Procedure, session: Session) -> None:
        self._procedure, self._session = procedure, session

    def Connect(self, connection: apsw.Connection, *_: str) -> tuple[str, ProcedureTable]:
        """Tell SQLite of the procedure's columns."""
        if self._procedure.side_effect:
            connection.vtab_config(apsw.SQLITE_VTAB_DIRECTONLY)
        layout = _layout(self._procedure)
        return layout.schema, ProcedureTable(self._procedure, self._session, layout)

    Create = Connect


class ProcedureTable:
    """A table-valued procedure as SQLite sees it."""

    def __init__(self, procedure: Procedure, session: Session, layout: _Layout) -> None:
        self.procedure, self.session, self.layout = procedure, session, layout

    def BestIndexObject(self, info: apsw.IndexInfo) -> bool:
        """Take the comparisons that give inputs.

        False where one of them comes from a table that is read later, or where the statement uses an input otherwise:
        the call would be made with its default, and its rows dropped.
        """
        equal: dict[int, list[int]] = {}
        for number in range(info.nConstraint):
            if info.get_aConstraint_op(number) == apsw.SQLITE_INDEX_CONSTRAINT_EQ:
                equal.setdefault(info.get_aConstraint_iColumn(number), []).append(number)
        taken = self._called_with(info, equal) if self.procedure.side_effect else self._taken(equal)
        used, names = info.colUsed & self.layout.inputs.keys(), self.layout.names
        if {names[column] for column in used} - {names.get(column) for column in taken}:
            return False
        if not all(info.get_aConstraint_usable(equal[column][0]) for column in taken):
            return False
        for place, column in enumerate(taken, start=1):
            info.set_aConstraintUsage_argvIndex(equal[column][0], place)
            info.set_aConstraintUsage_omit(equal[column][0], True)
        compared = {column for column in taken if equal[column][0] >= _LEFT_OUT}
        info.idxStr = ",".join(f"{column}{_COMPARED if column in compared else ''}" for column in taken)
        info.estimatedCost, info.estimatedRows = _COST, _SEVERAL if self.procedure.several else 1
        return True

    def Open(self) -> ProcedureCursor:
        """Open a cursor."""
        return ProcedureCursor(self)

    def Disconnect(self) -> None:
        """Do nothing: the table holds no resource of its own."""

    Destroy = Disconnect

    def _called_with(self, info: apsw.IndexInfo, equal: Mapping[int, Sequence[int]]) -> list[int]:
        """Return the columns that give the inputs of the one call that is made of what has a side effect.

        Where parentheses give any, conditions give none. Raises ProgrammingError for others, and for several values.
        """
        procedure, layout = self.procedure, self.layout
        marked = [info.get_aConstraint_rhs(ns[0]) for column, ns in equal.items() if column == layout.mark]
        given = self.session.statement.calls.given(procedure, *marked or (None,))
        if given is None:
            if any(info.get_aConstraintUsage_in(equal[column][0]) for column in self._taken(equal)):
                raise ProgrammingError(
                    f"{procedure.name} has a side effect, so as a table in FROM it is called once, and each input "
                    f"takes one value by =; {procedure.ways_to_call}"
                )
            return self._taken(equal)
        by_parentheses = range(len(procedure.outputs), len(procedure.outputs) + given + 1)
        taken = self._taken([column for column in equal if column in by_parentheses or column in layout.inputs])
        for column in taken:
            if len(equal[column]) > 1:
                raise procedure.given_twice(layout.inputs.get(column, "procedure_call"))
            if column not in by_parentheses:
                raise ProgrammingError(
                    f"{procedure.name} has a side effect, so its inputs are all in parentheses, or all in conditions; "
                    f"write {layout.inputs[column]} into the parentheses"
                )
        return taken

    def _taken(self, columns: Collection[int]) -> list[int]:
        """Return those of the compared columns that give the mark or an input; raises ProgrammingError for a second."""
        layout = self.layout
        taken = [column for column in columns if column == layout.mark or column in layout.inputs]
        names = [layout.inputs[column] for column in taken if column in layout.inputs]
        for name in names:
            if names.count(name) > 1:
                raise self.procedure.given_twice(name)
        also = layout.outputs.keys() & columns
        return taken + sorted(column for column in also if layout.outputs[column] not in names)


class ProcedureCursor(ListCursor):
    """One cursor over a table-valued procedure: xFilter is the call."""

    def __init__(self, table: ProcedureTable) -> None:
        super().__init__()
        self._table = table
        self._hidden: dict[int, Any] = {}

    def Filter(self, _plan: int, columns: str, arguments: tuple[Any, ...]) -> None:
        """Call the procedure with the values of the statement."""
        table = self._table
        procedure, layout = table.procedure, table.layout
        taken = columns.split(",") if columns else []
        values = dict(zip((int(each.removesuffix(_COMPARED)) for each in taken), arguments, strict=True))
        if any(each.endswith(_COMPARED) and value is None for each, value in zip(taken, arguments, strict=True)):
            raise ProgrammingError(
                f"{procedure.name} has an input that is NULL behind {_LEFT_OUT} others, which equals nothing; leave it "
                "out, or call by EXEC or CALL"
            )
        site = None
        if layout.mark is not None:
            site = table.session.statement.calls.check(procedure, values.pop(layout.mark, None))
        given = {layout.names[column]: value for column, value in values.items()}
        inputs = procedure.bind({name: None if value == ABSENT else value for name, value in given.items()})
        read = {each.name: value for each, value in zip(procedure.inputs, inputs, strict=True)}
        # SQLite compares them again where a statement has many conditions.
        self._hidden = {column: given.get(name, read[name]) for column, name in layout.inputs.items()}
        if layout.mark is not None:
            self._hidden[layout.mark] = site
        self.rows, self.place = _rows(procedure, table.session, site, inputs), 0

    def Column(self, number: int) -> Any:
        """Return a value of the row; a hidden column has the value of its input."""
        if number < 0:
            return self.place
        outputs = self._table.procedure.outputs
        if number < len(outputs):
            return READERS[outputs[number].type](self.rows[self.place][number])
        return self._hidden.get(number)


def install_procedures(connection: apsw.Connection, session: Session, procedures: Iterable[Procedure]) -> None:
    """Make procedures known to a connection; none costs anything until it is called."""
    for procedure in procedures:
        connection.create_scalar_function(
            procedure.name,
            _function(procedure, session),
            -1,
            deterministic=False,
            flags=apsw.SQLITE_DIRECTONLY if procedure.side_effect else 0,
        )
        connection.create_module(
            procedure.name,
            cast("Any", ProcedureModule(procedure, session)),  # APSW's protocol asks for methods that it does not need
            use_bestindex_object=True,
            iVersion=1,
            eponymous=True,
            eponymous_only=True,
            read_only=True,
        )
