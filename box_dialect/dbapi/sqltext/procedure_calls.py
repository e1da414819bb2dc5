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
from box_dialect.dbapi.sqltext.reader import Reader
from box_dialect.engine import ABSENT
from box_dialect.errors import DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        """Return a value for each input, in their order, ABSENT for none.

        Raises ProgrammingError where parameters do not fit.
        """
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
        values = (given.get(each.name) for each in self.procedure.inputs)
        return tuple(ABSENT if value is None else value for value in values)


def parse(found: Sequence[Token], procedures: Mapping[str, Procedure]) -> ProcedureCall:
    """Return the call that the tokens of a statement are, the first of which is one of VERBS.

    Raises ProgrammingError that says what is wrong; it shows no value.
    """
    reader = _CallReader(found, procedures)
    return _call(reader.procedure, reader.arguments)


def call_of(name: str, parameters: Any, procedures: Mapping[str, Procedure]) -> tuple[str, tuple[Any, ...]]:
    """Return the CALL that runs a procedure with a sequence of values, or a mapping of inputs to values.

    Inputs may be named as EXEC names them, with an @.
    """
    procedure = find(procedures, name)
    if not isinstance(parameters, Mapping):
        return f"CALL {procedure.name}({', '.join('?' * len(parameters))})", tuple(parameters)
    inputs = ", ".join(f"{procedure.input(name.removeprefix('@')).name} => ?" for name in parameters)
    return f"CALL {procedure.name}({inputs})", tuple(parameters.values())


class _CallReader(Reader):
    """A reader of a call: its `procedure`, and its `arguments`, values with the names of their inputs if they have any.

    Raises ProgrammingError for what is none.
    """

    def __init__(self, found: Sequence[Token], procedures: Mapping[str, Procedure]) -> None:
        super().__init__(found)
        verb = self.next.upper()
        self.skip()
        name = self.take("word", "quoted")
        if name is None:
            raise ProgrammingError(f"{verb} needs the name of a procedure")
        self.procedure = find(procedures, name.content)
        self.arguments: list[tuple[str | None, Any]] = []
        self._parameters = 0
        if verb != "CALL":
            if not self.is_at_end:
                self._read_arguments(self._by_at)
        elif self.takes("(") and not self.takes(")"):
            self._read_arguments(self._by_arrow)
            if not self.takes(")"):
                raise self.wrong("a comma or the closing parenthesis is missing")
        if not self.is_at_end:
            raise self.wrong(
                f"write it as {'CALL P(Input => value, …)' if verb == 'CALL' else 'EXEC P @Input = value, …'}"
            )

    def wrong(self, expected: str) -> ProgrammingError:
        """Return the error of a call that breaks a rule where the next token stands."""
        return ProgrammingError(f"the call of {self.procedure.name} is wrong {self.position}: {expected}")

    def _by_at(self) -> str | None:
        """Take `@Input =` and return the input."""
        name = self.found[self.place]
        if self.ahead(1) != "=" or not (name.token.text.startswith("@") or name.kind == "word"):
            return None
        self.place += 2
        return name.token.text.removeprefix("@")

    def _by_arrow(self) -> str | None:
        """Take `Input =>` and return the input."""
        name = self.found[self.place]
        if self.ahead(1) != "=>" or name.kind not in {"word", "quoted"}:
            return None
        self.place += 2
        return name.token.content

    def _read_arguments(self, name_of: Callable[[], str | None]) -> None:
        found = self.arguments
        while not found or self.takes(","):
            name = name_of()
            if name is None and found and found[-1][0] is not None:
                raise self.wrong("inputs by position come before those by name")
            found.append((name, self._value()))

    def _value(self) -> Any:
        sign = -1 if self.takes("-") else 1
        symbol = self.found[self.place]
        token = symbol.token
        if symbol.kind == "number" and _NUMBER.fullmatch(token.text):
            self.place += 1
            return sign * _number(token.text)
        if sign == 1:
            self.place += 1
            if symbol.kind == "string" and token.text.count("'") % 2 == 0:
                return token.content
            if symbol.text in _WORDS:
                return _WORDS[symbol.text]
            if token.text == "?":
                self._parameters += 1
                return Parameter(self._parameters - 1)
            if symbol.kind == "variable" and token.text.startswith(":"):
                return Parameter(token.text[1:])
            self.place -= 1
        raise self.wrong(
            "a value is a string in single quotes, a number, NULL, TRUE, FALSE, or a parameter, ? or :name"
        )


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
