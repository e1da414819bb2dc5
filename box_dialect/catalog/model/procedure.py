"""What a procedure is: its inputs, its outputs, and what it does. Declarations, each with one function.

`docs/add-a-procedure.md` shows how one is added.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from box_dialect.catalog.model.inputs import Input, InputValue, snake_case
from box_dialect.catalog.model.objects import JsonObject, dig
from box_dialect.catalog.model.procedure_call import Call
from box_dialect.errors import ProgrammingError
from box_dialect.properties.declared import DECLARED

if TYPE_CHECKING:
    from box_dialect.api import ApiCall
    from box_dialect.catalog.model.column import Column
    from box_dialect.properties import Properties

__all__ = ["Call", "Context", "Input", "InputValue", "Local", "Procedure", "Run", "find", "nearest", "snake_case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a procedure works with: the connection's properties, `send` and `perform`, which call Box's API.

    `send` gives the decoded JSON of the answer, counts the call for the statement, and raises a DatabaseError.
    `perform` awaits what takes several calls, a function of `box_dialect.api` whose first arguments are the client and
    the count of the statement: `await context.perform(upload, source, writes="POST /files/content")`, where `writes` is
    the call by which it writes to Box.
    A value that a procedure gives has `most_bytes` at most.
    """

    properties: Properties
    send: Callable[[ApiCall], Awaitable[Any]]
    perform: Callable[..., Awaitable[Any]]
    most_bytes: int


Plain: TypeAlias = str | int | float | bool | None
"""A value of an input that a declaration names, None for no value."""

Run: TypeAlias = Callable[..., Coroutine[Any, Any, Sequence[tuple[Any, ...] | JsonObject]]]
"""`async def run(context, *, auth_mode, verifier)`: takes each input by its name in snake_case, gives rows.

A row is an object of Box's, which the outputs are read from, or a tuple with the values in the order of the outputs, in
the form that Box sends them.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Declare what a procedure uses of this machine, and the property, by its attribute, that allows it.

    `when` are inputs and the values with which it does so, None for no value; without any it always does.
    """

    uses: str
    allowed_by: str
    when: tuple[tuple[str, Plain], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """Declare a procedure: `name` in PascalCase, and the one `call` that it makes, or `run`, which does the work.

    One with a `side_effect` is called where a statement shows it at its outermost level alone, as often as that tells,
    and not at all with `Readonly=true`. What is `local` runs only where the connection's properties allow that, since
    SQL may be a stranger's. One with `several` rows is a table in FROM, EXEC, CALL and callproc; as a value it is the
    JSON list of them. One with a side effect may only read where an input has its value of `reads_when`: then it is
    called with `Readonly=true` as well. `aliases` are further names that call it.

    An output is a column. Where a row is an object of Box's, its value stands at the place `source`, by default the
    output's name in snake_case, or is `derived`.
    """

    name: str
    doc: str
    inputs: tuple[Input, ...]
    outputs: tuple[Column, ...]
    side_effect: bool
    run: Run | None = None
    call: Call | None = None
    several: bool = False
    reads_when: tuple[tuple[str, Plain], ...] = ()
    local: Local | None = None
    aliases: tuple[str, ...] = ()
    reference: str = ""

    def __post_init__(self) -> None:
        if (self.run is None) == (self.call is None):
            raise ValueError(f"{self.name} has either a call or what runs")
        if self.call is not None:
            self.call.check(self.inputs)

    @property
    def variable(self) -> str:
        """What the variable is called that holds it: `copy_folder`."""
        return snake_case(self.name)

    @property
    def key(self) -> str:
        """The name as SQLite compares it."""
        return self.name.lower()

    @cached_property
    def spellings(self) -> tuple[Procedure, ...]:
        """The procedure by each of its names."""
        return (self, *(dataclasses.replace(self, name=alias, aliases=()) for alias in self.aliases))

    async def rows(self, context: Context, inputs: Sequence[InputValue]) -> Sequence[tuple[Any, ...]]:
        """Do the work with the inputs in their order, and return the rows; raises what fails."""
        values = {each.parameter: each.decoded(value) for each, value in zip(self.inputs, inputs, strict=True)}
        given: Sequence[tuple[Any, ...] | JsonObject]
        if self.call is not None:
            given = self.call.read(await context.send(self.call.filled(self.inputs, values)))
        else:
            given = await cast("Run", self.run)(context, **values)
        return [self.row(each) for each in given]

    def row(self, given: tuple[Any, ...] | JsonObject) -> tuple[Any, ...]:
        """Return a row that `run` gave as the values of the outputs."""
        return given if isinstance(given, tuple) else tuple(_read(output, given) for output in self.outputs)

    @cached_property
    def has_secrets(self) -> bool:
        """Whether a statement that calls it may hold a secret."""
        return any(each.secret for each in self.inputs)

    @cached_property
    def secretive(self) -> frozenset[str]:
        """The names in lower case that tell of a secret in a statement: its own, and those of its secret inputs."""
        secret = {each.name.lower() for each in self.inputs if each.secret}
        return frozenset({self.key, *secret} if secret else ())

    @cached_property
    def signature(self) -> str:
        """The names of its inputs, as messages list them."""
        return ", ".join(each.name for each in self.inputs) or "none"

    @cached_property
    def ways_to_call(self) -> str:
        """How one with a side effect may be called, as messages tell it."""
        return (
            "call it by EXEC, CALL or callproc, in the outermost FROM, or as a column of the outermost SELECT, "
            f"as in SELECT {self.name}(id), once for each row"
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its own name, and those of its inputs and outputs."""
        return (self.name, *(each.name for each in self.inputs), *(output.name for output in self.outputs))

    def input(self, name: str) -> Input:
        """Return the input of that name, in any case or in snake_case; raises ProgrammingError."""
        for each in self.inputs:
            if _spelling(each.name) == _spelling(name):
                return each
        raise ProgrammingError(f"{self.name} has no input {name[:80]!r}; its inputs: {self.signature}")

    def arranged(self, positional: Sequence[Any], named: Iterable[tuple[str, Any]] = ()) -> dict[str, Any]:
        """Return values by the names of their inputs; raises ProgrammingError for one too many, unknown or repeated."""
        if len(positional) > len(self.inputs):
            raise ProgrammingError(
                f"{self.name} takes at most {len(self.inputs)} inputs, not {len(positional)}: {self.signature}"
            )
        given = {each.name: value for each, value in zip(self.inputs, positional, strict=False)}
        for name, value in named:
            declared = self.input(name).name
            if declared in given:
                raise self.given_twice(declared)
            given[declared] = value
        return given

    def given_twice(self, name: str) -> ProgrammingError:
        """Return what to raise for an input with two values."""
        return ProgrammingError(f"input {name} of {self.name} is given twice")

    def bind(self, given: Mapping[str, Any]) -> tuple[InputValue, ...]:
        """Return a value for each input, out of what is given by name and the defaults.

        Raises ProgrammingError for a required input without a value, and for a value of the wrong form.
        """
        missing = [each.name for each in self.inputs if each.required and given.get(each.name) is None]
        if missing:
            raise ProgrammingError(f"{self.name} needs its input {' and '.join(missing)}; its inputs: {self.signature}")
        return tuple(each.read(self.name, given.get(each.name)) for each in self.inputs)

    def check_allowed(self, properties: Properties, inputs: Sequence[InputValue]) -> None:
        """Raise ProgrammingError where a call does what the properties do not allow; `inputs` are in their order."""
        given = {each.name: value for each, value in zip(self.inputs, inputs, strict=True)}
        if properties.readonly and self.side_effect and not set(self.reads_when) & set(given.items()):
            raise self.has_side_effect()
        for each in self.inputs:
            if each.is_local and given[each.name] is not None and properties.local_files is None:
                raise ProgrammingError(
                    f"{self.name} with {each.name} uses a file of this machine, which the property LocalFiles allows: "
                    "it names the folder that such files are below"
                )
        local = self.local
        if local is None or getattr(properties, local.allowed_by):
            return
        if set(local.when) <= set(given.items()):
            how = ", ".join(f"{name} {value}" for name, value in local.when if value is not None)
            raise ProgrammingError(
                f"{self.name}{how and f' with {how}'} uses {local.uses}, which the property "
                f"{DECLARED[local.allowed_by].name}=true allows"
            )

    def has_side_effect(self) -> ProgrammingError:
        """Return what to raise for a call that a connection with `Readonly=true` may not make."""
        unless = " or ".join(
            f"without {name}" if value is None else f"with {name} {value}" for name, value in self.reads_when
        )
        but = unless and f" but {unless}"
        return ProgrammingError(
            f"the connection has Readonly=true, so {self.name}, which has a side effect, may not be called{but}"
        )


_INSTEAD: Final = {
    "createschema": "tables follow the account by themselves",
}
"""What serves in the place of procedures that others have, by their names in lower case."""


def find(procedures: Mapping[str, Procedure], name: str) -> Procedure:
    """Return the procedure of that name, in any case; raises ProgrammingError with the nearest one."""
    found = procedures.get(name.lower())
    if found is None:
        near, names = nearest(procedures, name), ", ".join(each.name for each in procedures.values())
        guess = f"did you mean {near.name}?" if near else f"the procedures are {names}"
        hint = _INSTEAD.get(name.lower(), guess)
        raise ProgrammingError(f"there is no procedure {name[:80]!r}; {hint}")
    return found


def nearest(procedures: Mapping[str, Procedure], name: str) -> Procedure | None:
    """Return the procedure whose name is much like this one, None where there is none."""
    near = difflib.get_close_matches(name.lower(), procedures, n=1)
    return procedures[near[0]] if near else None


def _read(output: Column, entry: JsonObject) -> Any:
    if output.derived is not None:
        return output.derived.function(entry, None)
    return dig(entry, *(output.source or snake_case(output.name)).split("."))


def _spelling(name: str) -> str:
    return name.replace("_", "").lower()
