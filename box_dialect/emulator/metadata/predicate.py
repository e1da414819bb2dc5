"""Parse predicates: conditions of Box's queries, which look like the WHERE of SQL.

Sources: https://developer.box.com/guides/metadata/queries/syntax and https://developer.box.com/guides/query/box-query
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias


class PredicateError(ValueError):
    """A predicate that is none."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a condition is about: `item.name`, `box:item:name`, `amount`; `separator` is what parts its `steps`."""

    steps: tuple[str, ...]
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the call gives by a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the predicate itself."""

    value: str | float


Value: TypeAlias = Parameter | Literal


@dataclass(frozen=True, slots=True)
class Comparison:
    """A condition on one field: the operator, in capitals, says how many values there are."""

    name: Name
    operator: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Exists:
    """That an item has an instance of a template."""

    template: Value


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class Both:
    """`AND`, or `OR`, of some conditions."""

    operator: str
    operands: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Exists | Not | Both

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<parameter>:[A-Za-z_]\w*)
    | (?P<name>(?:[A-Za-z_][\w-]*|"(?:[^"]|"")+")(?:[.:](?:[A-Za-z_$][\w-]*|"(?:[^"]|"")+"))*)
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<text>'(?:[^']|'')*')
    | (?P<sign><=|>=|<>|[=<>~(),])
    )""",
    re.VERBOSE | re.ASCII,
)
_STEP: Final = re.compile(r'"((?:[^"]|"")+)"|([^.:"]+)')
_WORDS: Final = frozenset({"AND", "OR", "NOT", "LIKE", "ILIKE", "IN", "IS", "NULL", "HASANY", "HASALL", "HASANCESTOR",
    "EXISTS"})  # fmt: skip
_OF_ONE: Final = frozenset({"=", "<>", "<", "<=", ">", ">=", "~", "LIKE", "ILIKE"})
_OF_MANY: Final = frozenset({"IN", "HASANY", "HASALL", "HASANCESTOR"})
_NEGATED: Final = frozenset({"LIKE", "ILIKE", "IN"})


def parse(text: str) -> Condition:
    """Parse a predicate; raise PredicateError for what is none, or one that is nested too deep."""
    parser = _Parser(text)
    try:
        condition = parser.disjunction()
    except RecursionError:
        raise PredicateError("The predicate is nested too deep") from None
    parser.expect("end", "")
    return condition


class _Parser:
    """Reads the tokens of a predicate one by one: pairs of a kind and a text, where words of the language are signs."""

    def __init__(self, text: str) -> None:
        self._tokens = [*_tokens(text), ("end", "")]
        self._place = 0

    @property
    def _next(self) -> tuple[str, str]:
        return self._tokens[self._place]

    def _takes(self, text: str) -> bool:
        """Go on if the next token is a sign or word of the language, and tell whether it is."""
        if self._next != ("sign", text):
            return False
        self._place += 1
        return True

    def expect(self, kind: str, text: str | None = None) -> str:
        """Take a token of a kind, which must be some text if one is given."""
        found, value = self._next
        if found != kind or text not in (None, value):
            raise PredicateError(f"Unexpected {value!r}" if value else "The predicate ends too early")
        self._place += 1
        return value

    def disjunction(self) -> Condition:
        """Take conditions that OR parts."""
        operands = [self._conjunction()]
        while self._takes("OR"):
            operands.append(self._conjunction())
        return operands[0] if len(operands) == 1 else Both("OR", tuple(operands))

    def _conjunction(self) -> Condition:
        operands = [self._negation()]
        while self._takes("AND"):
            operands.append(self._negation())
        return operands[0] if len(operands) == 1 else Both("AND", tuple(operands))

    def _negation(self) -> Condition:
        if self._takes("NOT"):
            return Not(self._negation())
        if self._takes("("):
            condition = self.disjunction()
            self.expect("sign", ")")
            return condition
        if self._takes("EXISTS"):
            (template,) = self._values(most=1)
            return Exists(template)
        return self._comparison()

    def _comparison(self) -> Condition:
        name = _name(self.expect("name"))
        if self._takes("IS"):
            negated = self._takes("NOT")
            self.expect("sign", "NULL")
            comparison = Comparison(name, "IS NULL")
            return Not(comparison) if negated else comparison
        negated = self._takes("NOT")
        operator = self.expect("sign")
        if negated and operator not in _NEGATED:
            raise PredicateError(f"Unexpected {operator!r} after NOT")
        if operator in _OF_ONE:
            comparison = Comparison(name, operator, (self._value(),))
        elif operator in _OF_MANY:
            comparison = Comparison(name, operator, self._values())
        else:
            raise PredicateError(f"Unexpected {operator!r}")
        return Not(comparison) if negated else comparison

    def _values(self, most: int | None = None) -> tuple[Value, ...]:
        self.expect("sign", "(")
        values = [self._value()]
        while len(values) != most and self._takes(","):
            values.append(self._value())
        self.expect("sign", ")")
        return tuple(values)

    def _value(self) -> Value:
        kind, text = self._next
        self._place += kind in ("parameter", "number", "text")
        if kind == "parameter":
            return Parameter(text[1:])
        if kind == "number":
            return Literal(float(text))
        if kind == "text":
            return Literal(text[1:-1].replace("''", "'"))
        raise PredicateError(f"Unexpected {text!r} where a value is needed")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    text, place = text.rstrip(), 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise PredicateError(f"Unexpected {text[place:].strip()[:20]!r}")
        kind, place = match.lastgroup or "", match.end()
        token = match[kind]
        is_word = kind == "name" and token.upper() in _WORDS
        tokens.append(("sign", token.upper()) if is_word else (kind, token))
    return tokens


def name_of(text: str) -> Name:
    """Return what a text names, as outside of predicates; raise PredicateError for what is no name."""
    match = _TOKEN.fullmatch(text)
    if match is None or match.lastgroup != "name":
        raise PredicateError(f"{text!r} is no field")
    return _name(match["name"])


def _name(text: str) -> Name:
    steps = tuple((quoted.replace('""', '"') or plain) for quoted, plain in _STEP.findall(text))
    separators = {separator for separator in ".:" if separator in re.sub(r'"(?:[^"]|"")+"', "", text)}
    if len(separators) > 1:
        raise PredicateError(f"{text!r} is no field")
    return Name(steps, "".join(separators))
