"""What a procedure is: its inputs, its outputs, and what it does. Declarations, each with one function.

`docs/add-a-procedure.md` shows how one is added.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from box_dialect.catalog.model.column import Column, Type
from box_dialect.catalog.model.objects import JsonObject, dig
from box_dialect.errors import ProgrammingError
from box_dialect.properties.declared import DECLARED

if TYPE_CHECKING:
    from box_dialect.api import ApiCall
    from box_dialect.properties import Properties

InputValue: TypeAlias = str | int | bool | None
"""The value of an input, as its type reads it; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a procedure works with: the connection's properties, and `send`, which calls Box's API.

    `send` gives the decoded JSON of the answer, counts the call for the statement, and raises a DatabaseError.
    """

    properties: Properties
    send: Callable[[ApiCall], Awaitable[Any]]


Run: TypeAlias = Callable[..., Coroutine[Any, Any, Sequence[tuple[Any, ...] | JsonObject]]]
"""`async def run(context, *, auth_mode, verifier)`: takes each input by its name in snake_case, gives rows.

A row is an object of Box's, which the outputs are read from, or a tuple with the values in the order of the outputs, in
the form that Box sends them.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Declare an input.

    `name` is matched in any case and in snake_case; `choices` are the allowed values, matched in any case. NULL is as
    if nothing were given. What a `secret` input is given appears in no log and no message.
    """

    name: str
    type: Type = Type.TEXT
    doc: str
    required: bool = False
    default: InputValue = None
    choices: tuple[str, ...] = ()
    secret: bool = False

    @property
    def parameter(self) -> str:
        """The name in snake_case, as `run` takes it."""
        return snake_case(self.name)

    def read(self, procedure: str, value: Any) -> InputValue:
        """Return a given value as the input's type has it; raises ProgrammingError, which never shows a secret."""
        if value is None:
            return self.default
        try:
            read = _READERS[self.type](value)
        except ValueError:
            raise self._wrong(procedure, f"is {_FORMS[self.type]}", value) from None
        if not self.choices:
            return read
        for choice in self.choices:
            if str(read).lower() == choice.lower():
                return choice
        raise self._wrong(procedure, f"is one of {', '.join(self.choices)}", value)

    def _wrong(self, procedure: str, rule: str, value: Any) -> ProgrammingError:
        given = "" if self.secret else f", not {str(value)[:80]!r}"
        return ProgrammingError(f"input {self.name} of {procedure} {rule}{given}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Declare what a procedure uses of this machine, and the property, by its attribute, that allows it.

    `when` are inputs and the values with which it does so, None for no value; without any it always does.
    """

    uses: str
    allowed_by: str
    when: tuple[tuple[str, InputValue], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """Declare a procedure: `name` in PascalCase, and `run`, which does the work.

    One with a `side_effect` is called where a statement shows it at its outermost level alone, as often as that tells,
    and not at all with `Readonly=true`. What is `local` runs only where the connection's properties allow that, since
    SQL may be a stranger's. One with `several` rows is a table in FROM, EXEC, CALL and callproc; as a value it is the
    JSON list of them.

    An output is a column. Where `run` gives objects of Box's, its value stands at the place `source`, by default the
    output's name in snake_case, or is `derived`.
    """

    name: str
    doc: str
    inputs: tuple[Input, ...]
    outputs: tuple[Column, ...]
    side_effect: bool
    run: Run
    several: bool = False
    local: Local | None = None
    reference: str = ""

    @property
    def variable(self) -> str:
        """What the variable is called that holds it: `copy_folder`."""
        return snake_case(self.name)

    @property
    def key(self) -> str:
        """The name as SQLite compares it."""
        return self.name.lower()

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
        """Raise ProgrammingError where a call uses what the properties do not allow; `inputs` are in their order."""
        local = self.local
        if local is None or getattr(properties, local.allowed_by):
            return
        given = {each.name: value for each, value in zip(self.inputs, inputs, strict=True)}
        if set(local.when) <= set(given.items()):
            how = ", ".join(f"{name} {value}" for name, value in local.when if value is not None)
            raise ProgrammingError(
                f"{self.name}{how and f' with {how}'} uses {local.uses}, which the property "
                f"{DECLARED[local.allowed_by].name}=true allows"
            )


def find(procedures: Mapping[str, Procedure], name: str) -> Procedure:
    """Return the procedure of that name, in any case; raises ProgrammingError with the nearest one."""
    found = procedures.get(name.lower())
    if found is None:
        near, names = nearest(procedures, name), ", ".join(each.name for each in procedures.values())
        hint = f"did you mean {near.name}?" if near else f"the procedures are {names}"
        raise ProgrammingError(f"there is no procedure {name[:80]!r}; {hint}")
    return found


def nearest(procedures: Mapping[str, Procedure], name: str) -> Procedure | None:
    """Return the procedure whose name is much like this one, None where there is none."""
    near = difflib.get_close_matches(name.lower(), procedures, n=1)
    return procedures[near[0]] if near else None


def snake_case(name: str) -> str:
    """Return a PascalCase name in snake_case; `OAuth` is one word of it."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.replace("OAuth", "Oauth"))
    return words.lower()


def _read(output: Column, entry: JsonObject) -> Any:
    if output.derived is not None:
        return output.derived.function(entry, None)
    return dig(entry, *(output.source or snake_case(output.name)).split("."))


def _spelling(name: str) -> str:
    return name.replace("_", "").lower()


def _text(value: Any) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("bytes are no text")


_WHOLE_NUMBER: Final = re.compile("[+-]?[0-9]{1,18}")


def _integer(value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError("a fraction")
    if isinstance(value, str | bytes) and not _WHOLE_NUMBER.fullmatch(_text(value)):
        raise ValueError("no digits")
    return int(value)


def _boolean(value: Any) -> bool:
    text = _text(value).lower()
    if text not in {"0", "1", "false", "true"}:
        raise ValueError("neither true nor false")
    return text in {"1", "true"}


_READERS: Mapping[Type, Callable[[Any], str | int | bool]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.BOOLEAN: _boolean,
    Type.TIMESTAMP: _text,
    Type.JSON: _text,
}
_FORMS: Mapping[Type, str] = {
    Type.TEXT: "text",
    Type.INTEGER: "a whole number",
    Type.BOOLEAN: "true or false",
    Type.TIMESTAMP: "a moment, as YYYY-MM-DD HH:MM:SS",
    Type.JSON: "JSON as text",
}
