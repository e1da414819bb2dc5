"""The procedures of the catalog as SQL functions, scalar and table-valued, each run as often as it is spelled.

SQLite evaluates a function as often as its plan likes: again where a subquery is flattened or not materialised, for
each row of a join. So a statement's text marks each call that it spells by a first argument of its own, and within one
execution of the statement a call with equal inputs runs once; what it gave is given again.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import apsw
import msgspec

from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.procedure import Context
from box_dialect.catalog.values import READERS
from box_dialect.engine.calls import Call, Rows
from box_dialect.errors import Error, InternalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from box_dialect.api import ApiCall
    from box_dialect.catalog.procedure import InputValue, Procedure
    from box_dialect.engine.session import Session

_MARK: Final = b"call "
"""How marks begin; no input takes bytes, so nothing that a user writes is taken for one. EXPLAIN shows them as text."""

_COST: Final = 10.0

_MOST_PLANS: Final = (1 << 31) - 1


def mark(number: int) -> str:
    """Return the SQL literal that marks the call of that number in a statement."""
    return f"x'{(_MARK + str(number).encode()).hex()}'"


@dataclass(frozen=True, slots=True)
class _Layout:
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


def _run(procedure: Procedure, session: Session, site: bytes | int | None, inputs: tuple[InputValue, ...]) -> Rows:
    """Return the rows of a call, out of an earlier evaluation of the same one where there was any."""
    calls, call = session.statement.calls, Call(procedure.name, inputs, site if procedure.side_effect else None)
    made = calls.find(call)
    if made is not None:
        return made
    procedure.check_allowed(session.properties, inputs)
    run = functools.partial(
        procedure.run,
        Context(properties=session.properties, send=_sender(session)),
        **{each.parameter: value for each, value in zip(procedure.inputs, inputs, strict=True)},
    )
    try:
        rows = list(session.run(run))
    except Error:
        raise
    except Exception as error:
        failure = InternalError(f"{procedure.name} failed ({type(error).__name__}); please report it")
        if procedure.has_secrets:
            raise failure from None  # the chain may hold what a secret input was given
        raise failure from error
    calls.keep(call, procedure, rows)
    return rows


def _sender(session: Session) -> Any:
    """Return what sends the calls of a procedure; there is no client before the first of them."""
    count = session.execution.count

    async def send(each: ApiCall) -> Any:
        return await session.client.send(each, count)

    return send


def _scalar(procedure: Procedure, session: Session) -> Any:
    """Return the scalar function: its only output, or a JSON object of all of them; NULL where there is no row."""

    def function(*arguments: Any) -> Any:
        site = None
        if procedure.side_effect:
            site, arguments = _checked_mark(procedure, arguments[0] if arguments else None), arguments[1:]
        rows = _run(procedure, session, site, procedure.bind(procedure.arranged(arguments)))
        if not rows:
            return None
        if len(procedure.outputs) == 1:
            return READERS[procedure.outputs[0].type](rows[0][0])
        values = {
            output.name: _in_json(output, value) for output, value in zip(procedure.outputs, rows[0], strict=True)
        }
        return msgspec.json.encode(values).decode()

    return function


def _in_json(output: Column, value: Any) -> Any:
    """Return a value as it stands in a JSON object, which has booleans, lists and objects of its own."""
    return value if output.type in {Type.BOOLEAN, Type.JSON} else READERS[output.type](value)


def _checked_mark(procedure: Procedure, value: Any) -> bytes:
    if not isinstance(value, bytes) or not value.startswith(_MARK):
        raise ProgrammingError(
            f"{procedure.name} has a side effect, so it is called by a statement itself, "
            "and not by what a view, trigger, table or index keeps"
        )
    return value


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
        self._plans = itertools.count()

    def BestIndexObject(self, info: apsw.IndexInfo) -> bool:
        """Take the comparisons that give inputs.

        False where one of them comes from a table that is read later, or where the statement uses an input otherwise:
        the call would be made with its default, and its rows dropped.
        """
        equal: dict[int, int] = {}
        for number in range(info.nConstraint):
            if info.get_aConstraint_op(number) == apsw.SQLITE_INDEX_CONSTRAINT_EQ:
                equal.setdefault(info.get_aConstraint_iColumn(number), number)
        taken = self._taken(equal)
        used, names = info.colUsed & self.layout.inputs.keys(), self.layout.names
        if {names[column] for column in used} - {names.get(column) for column in taken}:
            return False
        if not all(info.get_aConstraint_usable(equal[column]) for column in taken):
            return False
        for place, column in enumerate(taken, start=1):
            info.set_aConstraintUsage_argvIndex(equal[column], place)
            info.set_aConstraintUsage_omit(equal[column], True)
        info.idxNum = next(self._plans) % _MOST_PLANS
        info.idxStr = ",".join(map(str, taken))
        info.estimatedCost, info.estimatedRows = _COST, 1
        return True

    def Open(self) -> ProcedureCursor:
        """Open a cursor."""
        return ProcedureCursor(self)

    def Disconnect(self) -> None:
        """Do nothing: the table holds no resource of its own."""

    Destroy = Disconnect

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


class ProcedureCursor:
    """One cursor over a table-valued procedure: xFilter is the call."""

    def __init__(self, table: ProcedureTable) -> None:
        self._table = table
        self._hidden: dict[int, Any] = {}
        self._rows: Rows = []
        self._next = 0

    def Filter(self, plan: int, columns: str, arguments: tuple[Any, ...]) -> None:
        """Call the procedure with the values of the statement.

        Without a mark, as in `FROM P WHERE Input = 1`, the number of the plan tells one mention from another.
        """
        procedure, layout = self._table.procedure, self._table.layout
        values = dict(zip(map(int, filter(None, columns.split(","))), arguments, strict=True))
        site: bytes | int = plan
        if layout.mark in values:
            site = _checked_mark(procedure, values[layout.mark])
        given = {layout.names[column]: value for column, value in values.items() if column != layout.mark}
        inputs = procedure.bind(given)
        read = {each.name: value for each, value in zip(procedure.inputs, inputs, strict=True)}
        self._hidden = {column: given.get(name, read[name]) for column, name in layout.inputs.items()}
        if layout.mark is not None:
            self._hidden[layout.mark] = values.get(layout.mark)
        self._rows, self._next = _run(procedure, self._table.session, site, inputs), 0

    def Next(self) -> None:
        """Go to the next row."""
        self._next += 1

    def Eof(self) -> bool:
        """Tell whether the rows are at an end."""
        return self._next >= len(self._rows)

    def Column(self, number: int) -> Any:
        """Return a value of the row; a hidden column has the value of its input."""
        if number < 0:
            return self._next
        outputs = self._table.procedure.outputs
        if number < len(outputs):
            return READERS[outputs[number].type](self._rows[self._next][number])
        return self._hidden.get(number)

    def Rowid(self) -> int:
        """Return the number of the row."""
        return self._next

    def Close(self) -> None:
        """Do nothing: the call has ended."""


def install_procedures(connection: apsw.Connection, session: Session, procedures: Iterable[Procedure]) -> None:
    """Make procedures known to a connection; none costs anything until it is called."""
    for procedure in procedures:
        session.procedures[procedure.key] = procedure
        connection.create_scalar_function(
            procedure.name,
            _scalar(procedure, session),
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
