"""A parse of SQLite's expressions, whole or not at all: AND, OR and NOT with the comparisons that they join.

What is neither of these nor a column or a value stands as `Opaque`. Operators wait on a stack, so that no depth of
parentheses is too deep.

Source: https://www.sqlite.org/lang_expr.html
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from box_dialect.dbapi.sqltext.nodes import Call, Compared, Exists, Named, Node, Not, Opaque, Several, Value, Within
from box_dialect.dbapi.sqltext.reader import NO_NAMES, QUERIES, Reader, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.dbapi.sqltext.reader import Symbol


_NOT_LEVEL: Final = 3
_COMPARING: Final = 4
_COLLATING: Final = 11
_UNARY: Final = 12
_UNARY_SIGNS: Final = frozenset({"-", "+", "~"})
_DEEPEST: Final = 2_000
"""Operators and parentheses within each other; an expression of SQLite's has 1,000 levels, beside parentheses."""

_LEVELS: Final = (
    {"or": 1, "and": 2}
    | dict.fromkeys(("=", "==", "!=", "<>", "is", "in", "like", "glob", "match", "regexp", "between"), _COMPARING)
    | dict.fromkeys(("isnull", "notnull", "not"), _COMPARING)
    | dict.fromkeys(("<", "<=", ">", ">="), 5)
    | {"escape": 6}
    | dict.fromkeys(("&", "|", "<<", ">>"), 7)
    | dict.fromkeys(("+", "-"), 8)
    | dict.fromkeys(("*", "/", "%"), 9)
    | dict.fromkeys(("||", "->", "->>"), 10)
    | {"collate": _COLLATING}
)
"""How closely operators bind; `not` stands for NOT IN and alike behind an operand."""

_CANONICAL: Final = {"==": "=", "<>": "!="}
_ALIKE: Final = frozenset({"like", "glob", "match", "regexp"})
_ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "%", "||", "&", "|", "<<", ">>"})
_TIMES: Final = frozenset({"current_date", "current_time", "current_timestamp"})
_PURE: Final = frozenset(
    {"abs", "coalesce", "date", "datetime", "ifnull", "julianday", "lower", "ltrim", "nullif", "replace", "round"}
    | {"rtrim", "strftime", "substr", "time", "trim", "unixepoch", "upper"}
)
"""Functions that give one value for all rows where they are given such; the time is that of the statement."""


class _Waiting(Struct):
    """An operator that waits for what is behind it, or a parenthesis for its end; `place` is where it stands."""

    operator: str
    level: int
    operands: int = 2
    place: int = 0


class Expressions(Reader, ABC):
    """A reader of expressions."""

    @abstractmethod
    def query(self) -> Any:
        """Read a query."""

    def name(self) -> str:
        """Read a name, and return it in lower case."""
        symbol = self.found[self.place]
        if symbol.kind != "quoted" and (symbol.kind != "word" or symbol.text in NO_NAMES):
            raise self.wrong("name")
        self.place += 1
        return symbol.token.content.lower()

    def expressions(self) -> tuple[Node, ...]:
        """Read expressions with commas between them."""
        found = [self.expression()]
        while self.takes(","):
            found.append(self.expression())
        return tuple(found)

    def expression(self) -> Node:
        """Read an expression as far as it goes."""
        return _Expression(self).read()

    def operand(self) -> Node:
        """Read a name, a value, a call, a CASE or an EXISTS."""
        start = self.place
        symbol = self.found[start]
        if symbol.kind in {"string", "number", "blob", "variable"} or symbol.text in _TIMES | {"null"}:
            self.place += 1
            return Value(start, start, _literal(symbol))
        if symbol.text in {"true", "false"}:
            self.place += 1
            return Opaque()
        if self.takes("case"):
            return self._case()
        if self.takes("cast"):
            self.skip_parentheses()
            return Opaque()
        if self.takes("exists"):
            return Exists(self._nested())
        if self.ahead(1) == "(" and symbol.kind in {"word", "quoted"}:
            return self._call()
        return self._column()

    def _nested(self) -> Any:
        self.expect("(")
        query = self.query()
        self.expect(")")
        return query

    def _column(self) -> Node:
        steps = [self.name()]
        while self.takes("."):
            steps.append(self.name())
        return Named(steps[-2] if len(steps) > 1 else None, steps[-1])

    def _case(self) -> Node:
        if self.next != "when":
            self.expression()
        while self.takes("when"):
            self.expression()
            self.expect("then")
            self.expression()
        if self.takes("else"):
            self.expression()
        self.expect("end")
        return Opaque()

    def _call(self) -> Node:
        start, name = self.place, self.found[self.place].token.content.lower()
        if self.found[start].kind == "word" and self.found[start].text in NO_NAMES - {"replace", "like", "glob"}:
            raise UnreadableError(name)
        self.place += 2
        is_plain, arguments = True, tuple[Node, ...]()
        if self.takes("*"):
            is_plain = False
        elif self.next != ")":
            is_plain = not self.takes("distinct")
            arguments = self.expressions()
            if self.takes("order", "by"):
                is_plain = False
                self.ordering()
        self.expect(")")
        if self.takes("filter"):
            is_plain = False
            self.skip_parentheses()
        if self.takes("over"):
            is_plain = False
            if self.next == "(":
                self.skip_parentheses()
            else:
                self.name()
        if not is_plain:
            return Opaque()
        if name in _PURE and all(isinstance(each, Value) for each in arguments):
            return Value(start, self.place - 1)
        return Call(name, arguments)

    def ordering(self) -> None:
        """Read the terms of an ORDER BY."""
        while True:
            self.expression()
            if not self.takes("asc"):
                self.takes("desc")
            if self.takes("nulls") and not self.takes("first"):
                self.expect("last")
            if not self.takes(","):
                return

    def members(self, value: Node) -> Node:
        """Read what stands behind IN."""
        if self.next != "(":
            self._column()
            if self.next == "(":
                self.skip_parentheses()
            return Opaque()
        if self.ahead(1) in QUERIES:
            return Within(value, self._nested())
        self.expect("(")
        listed = () if self.next == ")" else self.expressions()
        self.expect(")")
        return Compared("in", (value, *listed))


class _Expression:
    """The reading of one expression: its operands, and the operators that wait."""

    def __init__(self, reader: Expressions) -> None:
        self._reader = reader
        self._operands: list[Node] = []
        self._waiting: list[_Waiting] = []

    def read(self) -> Node:
        """Return the expression."""
        while True:
            self._read_operand()
            if not self._read_operator():
                break
        self._reduce(0)
        if self._waiting or len(self._operands) != 1:
            raise UnreadableError("expression")
        return self._operands[0]

    def _read_operand(self) -> None:
        """Read an operand with what stands before it."""
        reader = self._reader
        while len(self._waiting) <= _DEEPEST:
            start = reader.place
            if reader.next == "(" and reader.ahead(1) in QUERIES:
                reader.takes("(")
                reader.query()
                reader.expect(")")
                self._operands.append(Opaque())
                return
            if reader.takes("("):
                self._waiting.append(_Waiting("(", 0, 1, start))
            elif reader.takes("not"):
                self._waiting.append(_Waiting("not", _NOT_LEVEL, 1, start))
            elif (sign := reader.next) in _UNARY_SIGNS:
                reader.place += 1
                self._waiting.append(_Waiting(sign, _UNARY, 1, start))
            else:
                self._operands.append(reader.operand())
                return
        raise UnreadableError("depth")

    def _read_operator(self) -> bool:
        """Read what stands behind an operand, up to where another one does; False at the end of the expression."""
        while True:
            reader = self._reader
            word, is_negated = reader.next, False
            if word in {")", ","}:
                is_within = any(each.operator == "(" for each in self._waiting)
                if not is_within:
                    return False
                reader.place += 1
                self._reduce(0)
                if word == ",":
                    self._waiting[-1].operands += 1
                    return True
                self._close()
                continue
            if word not in _LEVELS:
                return False
            reader.place += 1
            if word == "escape":
                self._take_escape()
                return True
            if word == "not":
                word, is_negated = reader.next, True
                reader.skip()
            if self._is_postfix(word, is_negated=is_negated):
                continue
            self._push(word, is_negated=is_negated)
            return True

    def _is_postfix(self, word: str, *, is_negated: bool) -> bool:
        """Take an operator that has all its operands, and tell whether it is one."""
        reader = self._reader
        if word in {"isnull", "notnull"} or (is_negated and word == "null"):
            self._reduce(_COMPARING)
            self._put(Compared("is null", (self._operands.pop(),)), is_negated=is_negated or word == "notnull")
        elif word == "collate":
            self._reduce(_COLLATING)
            reader.name()
            self._operands[-1] = Opaque()
        elif word == "in":
            self._reduce(_COMPARING)
            self._put(reader.members(self._operands.pop()), is_negated=is_negated)
        else:
            return False
        return True

    def _put(self, node: Node, *, is_negated: bool) -> None:
        self._operands.append(Not(node) if is_negated else node)

    def _push(self, word: str, *, is_negated: bool) -> None:
        """Have an operator wait for what is behind it."""
        reader = self._reader
        if is_negated and word not in _ALIKE | {"between"}:
            raise UnreadableError(word)
        if word == "and" and self._takes_bound():
            return
        self._reduce(_LEVELS[word])
        if word == "is":
            is_negated = reader.takes("not")
            if reader.takes("distinct", "from"):
                is_negated = not is_negated
        operator = _CANONICAL.get(word, word)
        operator = f"not {operator}" if is_negated else operator
        self._waiting.append(_Waiting(operator, _LEVELS[word], 1 if word == "between" else 2))

    def _takes_bound(self) -> bool:
        """Tell whether the AND is that of a BETWEEN."""
        place = len(self._waiting) - 1
        while place >= 0 and self._waiting[place].level > _COMPARING:
            place -= 1
        found = self._waiting[place] if place >= 0 else None
        if found is None or found.operator not in {"between", "not between"} or found.operands != 1:
            return False
        self._reduce(_COMPARING + 1)
        found.operands = 3
        return True

    def _take_escape(self) -> None:
        self._reduce(_COMPARING + 1)
        found = self._waiting[-1] if self._waiting else None
        if found is None or found.operator.removeprefix("not ") not in _ALIKE:
            raise UnreadableError("escape")
        found.operands = 3

    def _close(self) -> None:
        """Take what stands in parentheses as an operand; several are a row."""
        opening = self._waiting.pop()
        if opening.operands > 1:
            del self._operands[-opening.operands :]
            self._operands.append(Opaque())
        elif isinstance(inner := self._operands[-1], Value):
            self._operands[-1] = Value(opening.place, self._reader.place - 1, inner.literal)
        elif isinstance(inner, Several):
            self._operands[-1] = Several(inner.word, inner.parts, opening.place)

    def _reduce(self, level: int) -> None:
        """Apply the operators that bind at least so closely, up to a parenthesis."""
        while self._waiting and self._waiting[-1].operator != "(" and self._waiting[-1].level >= level:
            waiting = self._waiting.pop()
            if len(self._operands) < waiting.operands or (waiting.operands == 1 and "between" in waiting.operator):
                raise UnreadableError(waiting.operator)
            operands = tuple(self._operands[-waiting.operands :])
            del self._operands[-waiting.operands :]
            self._operands.append(_applied(waiting, operands))


def _applied(waiting: _Waiting, operands: tuple[Node, ...]) -> Node:
    """Return what an operator makes of its operands."""
    operator = waiting.operator
    if operator in {"and", "or"}:
        return _joined(operator, operands)
    if operator == "not":
        return Not(operands[0])
    first, last = operands[0], operands[-1]
    if waiting.level == _UNARY:
        is_negative = operator == "-" and isinstance(first, Value) and isinstance(first.literal, int | float)
        literal = -first.literal if is_negative and isinstance(first, Value) else ...
        return Value(waiting.place, first.last, literal) if isinstance(first, Value) else Opaque()
    if operator in _ARITHMETIC:
        return Value(first.first, last.last) if isinstance(first, Value) and isinstance(last, Value) else Opaque()
    if operator.startswith("not "):
        return Not(_applied(_Waiting(operator.removeprefix("not "), waiting.level), operands))
    if operator == "between":
        value, low, high = operands
        return Several("and", (Compared(">=", (value, low)), Compared("<=", (value, high))))
    if operator == "is" and isinstance(last, Value) and last.literal is None:
        return Compared("is null", (first,))
    return Compared(operator, operands) if operator not in {"->", "->>"} else Opaque()


def _joined(word: str, operands: Sequence[Node]) -> Node:
    parts = list[Node]()
    for operand in operands:
        parts += operand.parts if isinstance(operand, Several) and operand.word == word else [operand]
    if len(parts) > _DEEPEST:
        raise UnreadableError("depth")
    return Several(word, tuple(parts))


def _literal(symbol: Symbol) -> Any:
    """Return what a literal stands for; `...` for what is none, and for numbers in other forms."""
    if symbol.kind == "string":
        return symbol.token.content
    if symbol.kind == "number":
        text = symbol.token.text
        if text.isdecimal():
            return int(text) if len(text) < 19 else float(text)
        return float(text) if text.replace(".", "", 1).isdecimal() else ...
    return None if symbol.text == "null" else ...
