"""EXEC and CALL, which SQLite does not know.

    EXEC[UTE] procedure [[@input =] value [, …]]
    CALL procedure [([[input =>] value [, …]])]

A value is a string, a number, NULL, TRUE, FALSE, or a parameter: `?` in their order, `:name` by a mapping. Inputs by
name come after those by position.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.catalog.model.procedure import find
from box_dialect.errors import DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.catalog.model.procedure import Procedure
    from box_dialect.dbapi.sqltext.lexer import Token

VERBS: Final = frozenset({"exec", "execute", "call"})
_WORDS: Final[Mapping[str, Any]] = {"null": None, "true": True, "false": False}
_MOST_DIGITS: Final = 1_000
"""Of a number, zeros before it included; Python itself reads some thousands."""
_NUMBER: Final = re.compile(r"[0-9]+|[0-9]*\.[0-9]+|[0-9]+\.[0-9]*")


class Parameter(Struct, frozen=True):
    """A parameter in the place of a value: by its number from 0 on, or by its name."""

    key: int | str


class ProcedureCall(Struct, frozen=True):
    """A call of a procedure: what it gives each input by name, a Parameter or the value itself."""

    procedure: Procedure
    given: Mapping[str, Any]

    def values(self, parameters: Any) -> tuple[Any, ...]:
        """Return a value for each input, in their order; raises ProgrammingError where parameters do not fit."""
        places = [value.key for value in self.given.values() if isinstance(value, Parameter)]
        are_named = any(isinstance(key, str) for key in places)
        if places and are_named != isinstance(parameters, Mapping):
            raise ProgrammingError("parameters written :name come by a mapping, those written ? by a sequence")
        if not isinstance(parameters, Mapping) and len(parameters) != len(places):
            raise ProgrammingError(f"the statement uses {len(places)} parameters and there are {len(parameters)}")
        given = {
            name: parameters[value.key] if isinstance(value, Parameter) else value for name, value in self.given.items()
        }
        self.procedure.bind(given)
        return tuple(given.get(each.name) for each in self.procedure.inputs)


def parse(found: Sequence[Token], procedures: Mapping[str, Procedure]) -> ProcedureCall:
    """Return the call that the tokens of a statement are, the first of which is one of VERBS.

    Raises ProgrammingError that says what is wrong; it shows no value.
    """
    reader = _Reader(found)
    verb = found[0].text.upper()
    reader.advance()
    name = reader.take("word", "quoted")
    if name is None:
        raise ProgrammingError(f"{verb} needs the name of a procedure")
    procedure = find(procedures, name.content)
    arguments: list[tuple[str | None, Any]] = []
    if verb != "CALL":
        if not reader.at_end():
            arguments = _arguments(reader, procedure, _by_at)
    elif reader.take_sign("(") and not reader.take_sign(")"):
        arguments = _arguments(reader, procedure, _by_arrow)
        if not reader.take_sign(")"):
            raise _wrong(procedure, "a comma or the closing parenthesis is missing", reader)
    if not reader.at_end():
        form = "CALL P(Input => value, …)" if verb == "CALL" else "EXEC P @Input = value, …"
        raise _wrong(procedure, f"write it as {form}", reader)
    return _call(procedure, arguments)


def call_of(name: str, parameters: Any, procedures: Mapping[str, Procedure]) -> tuple[str, tuple[Any, ...]]:
    """Return the CALL that runs a procedure with a sequence of values, or a mapping of inputs to values.

    Inputs may be named as EXEC names them, with an @.
    """
    procedure = find(procedures, name)
    if not isinstance(parameters, Mapping):
        return f"CALL {procedure.name}({', '.join('?' * len(parameters))})", tuple(parameters)
    inputs = ", ".join(f"{procedure.input(name.removeprefix('@')).name} => ?" for name in parameters)
    return f"CALL {procedure.name}({inputs})", tuple(parameters.values())


class _Reader:
    """Reads tokens one after another; semicolons at the end are none."""

    def __init__(self, found: Sequence[Token]) -> None:
        end = len(found)
        while end and found[end - 1].text == ";":
            end -= 1
        self._tokens, self._next = found[:end], 0
        self.parameters = 0

    def peek(self, ahead: int = 0) -> Token | None:
        place = self._next + ahead
        return self._tokens[place] if place < len(self._tokens) else None

    def advance(self, by: int = 1) -> None:
        self._next += by

    def at_end(self) -> bool:
        return self.peek() is None

    def take(self, *kinds: str) -> Token | None:
        token = self.peek()
        if token is None or token.kind not in kinds:
            return None
        self.advance()
        return token

    def take_sign(self, text: str) -> bool:
        token = self.peek()
        if token is None or (token.kind, token.text) != ("sign", text):
            return False
        self.advance()
        return True

    @property
    def place(self) -> str:
        token = self.peek()
        return "at its end" if token is None else f"at character {token.start + 1}"


def _by_at(reader: _Reader) -> str | None:
    """Take `@Input =` and return the input."""
    name, equals = reader.peek(), reader.peek(1)
    if name is None or equals is None or equals.text != "=" or not (name.text.startswith("@") or name.kind == "word"):
        return None
    reader.advance(2)
    return name.text.removeprefix("@")


def _by_arrow(reader: _Reader) -> str | None:
    """Take `Input =>` and return the input."""
    name, arrow = reader.peek(), reader.peek(1)
    if name is None or arrow is None or arrow.text != "=>" or name.kind not in {"word", "quoted"}:
        return None
    reader.advance(2)
    return name.content


def _arguments(reader: _Reader, procedure: Procedure, name_of: Any) -> list[tuple[str | None, Any]]:
    found: list[tuple[str | None, Any]] = []
    while True:
        name = name_of(reader)
        if name is None and found and found[-1][0] is not None:
            raise _wrong(procedure, "inputs by position come before those by name", reader)
        found.append((name, _value(reader, procedure)))
        if not reader.take_sign(","):
            return found


def _value(reader: _Reader, procedure: Procedure) -> Any:
    sign = -1 if reader.take_sign("-") else 1
    token = reader.peek()
    if token is not None and token.kind == "number" and _NUMBER.fullmatch(token.text):
        reader.advance()
        return sign * _number(token.text)
    if token is not None and sign == 1:
        reader.advance()
        if token.kind == "string" and token.text.count("'") % 2 == 0:
            return token.content
        if token.kind == "word" and token.text.lower() in _WORDS:
            return _WORDS[token.text.lower()]
        if token.text == "?":
            reader.parameters += 1
            return Parameter(reader.parameters - 1)
        if token.kind == "variable" and token.text.startswith(":"):
            return Parameter(token.text[1:])
        reader.advance(-1)
    rule = "a value is a string in single quotes, a number, NULL, TRUE, FALSE, or a parameter, ? or :name"
    raise _wrong(procedure, rule, reader)


def _number(text: str) -> int | float:
    if not text.isdigit():
        return float(text)
    if len(text) > _MOST_DIGITS or int(text) > 1 << 63:
        raise DataError("an integer of the call is beyond 64 bits")
    return int(text)


def _call(procedure: Procedure, arguments: Sequence[tuple[str | None, Any]]) -> ProcedureCall:
    positional = [value for name, value in arguments if name is None]
    named = [(name, value) for name, value in arguments if name is not None]
    given = procedure.arranged(positional, named)
    keys = [type(value.key) for value in given.values() if isinstance(value, Parameter)]
    if len(set(keys)) > 1:
        raise ProgrammingError("parameters are all written ?, or all :name")
    return ProcedureCall(procedure, given)


def _wrong(procedure: Procedure, rule: str, reader: _Reader) -> ProgrammingError:
    return ProgrammingError(f"the call of {procedure.name} is wrong {reader.place}: {rule}")
