"""A parse of the queries of a statement: what they read, and the conditions that they have on it.

Source: https://www.sqlite.org/lang_select.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from box_dialect.dbapi.sqltext.expressions import Expressions
from box_dialect.dbapi.sqltext.lexer import read
from box_dialect.dbapi.sqltext.nodes import Named
from box_dialect.dbapi.sqltext.reader import NO_NAMES, QUERIES, UnreadableError

if TYPE_CHECKING:
    from box_dialect.dbapi.sqltext.nodes import Node

_COMPOUND: Final = frozenset({"union", "except", "intersect"})
_JOINS: Final = frozenset({",", "join", "natural", "left", "right", "full", "inner", "cross"})


class Source(Struct, frozen=True):
    """What stands in a FROM: the name of a table in lower case, None for a query, and what it is `called` there.

    `arguments` are those of a function, None for a table. `is_optional` tells that it is on the right of a LEFT JOIN,
    whose condition is `on`; it stands from `on_start` to `on_end` in the text. `using` are the columns that it has in
    common with what stands before it, and `known_as` is its name, all in lower case.
    """

    name: str | None
    called: str
    known_as: str
    arguments: tuple[Node, ...] | None = None
    is_optional: bool = False
    on: Node | None = None
    on_start: int = 0
    on_end: int = 0
    using: frozenset[str] = frozenset()


class Select(Struct, frozen=True):
    """A SELECT, an UPDATE or a DELETE: what it reads, and its condition, from `start` to `end` in the text.

    Where it has none, `start` is `end`, where one may stand. `columns` are those of the result. `is_plain` tells that
    it neither groups rows nor gives DISTINCT ones, `is_limited` that it sorts such, and only the first are wanted, and
    `is_outer` that it has a RIGHT or FULL JOIN, or a join in parentheses.
    """

    sources: tuple[Source, ...]
    where: Node | None
    start: int
    end: int
    columns: tuple[Node, ...] = ()
    is_plain: bool = False
    is_limited: bool = False
    is_outer: bool = False


class Query(Struct, frozen=True):
    """A query: its SELECTs, of which a compound one has several, with None for VALUES; `is_cut` tells of a LIMIT."""

    arms: tuple[Select | None, ...]
    is_cut: bool


class Selects(Expressions):
    """The queries of a statement, `selects`, and the names that WITH gives to some, in lower case, `common`.

    `unnamed` are the columns of results that are called as they are written, from where they begin to where they end.
    Raises UnreadableError for what is none of SELECT, INSERT, UPDATE, DELETE and CREATE TABLE AS, and for what is not
    understood.
    """

    def __init__(self, operation: str) -> None:
        super().__init__(read(operation))
        self.selects: list[Select] = []
        self.common: set[str] = set()
        self.unnamed: list[tuple[int, int]] = []
        if self.takes("explain"):
            self.takes("query", "plan")
        self._statement()
        if not self.is_at_end and self.next != "returning":
            raise UnreadableError(self.next)

    def _statement(self) -> None:
        self._with()
        if self.takes("insert") or self.takes("replace"):
            self._insert()
        elif self.takes("update"):
            self._update()
        elif self.takes("create"):
            self._create()
        elif self.takes("delete", "from"):
            self.selects.append(self._conditioned((self._table(),)))
        else:
            self.query()

    def _insert(self) -> None:
        if self.takes("or"):
            self.skip()
        self.expect("into")
        self.name()
        while self.takes("."):
            self.name()
        if self.takes("as"):
            self.name()
        if self.next == "(":
            self.skip_parentheses()
        if self.next not in QUERIES:
            raise UnreadableError(self.next)
        self.query()

    def _create(self) -> None:
        """Read a table that is made of a query."""
        if not self.takes("temp"):
            self.takes("temporary")
        self.expect("table")
        self.takes("if", "not", "exists")
        self.name()
        if self.takes("."):
            self.name()
        self.expect("as")
        self.query()

    def _update(self) -> None:
        if self.takes("or"):
            self.skip()
        target = self._table()
        self.expect("set")
        while True:
            if self.next == "(":
                self.skip_parentheses()
            else:
                self.name()
            self.expect("=")
            self.expression()
            if not self.takes(","):
                break
        sources, is_outer = self._from() if self.takes("from") else ((), False)
        self.selects.append(self._conditioned((target, *sources), is_outer=is_outer))

    def query(self) -> Query:
        """Read a query."""
        self._with()
        arms = [self._arm()]
        while self.next in _COMPOUND:
            self.skip()
            self.takes("all")
            arms.append(self._arm())
        is_sorted = self.takes("order", "by")
        if is_sorted:
            self.ordering()
        has_limit = self.takes("limit")
        if has_limit:
            self.expression()
            if self.takes("offset") or self.takes(","):
                self.expression()
        found = [arm for arm in arms if arm is not None]
        if is_sorted and has_limit and len(arms) == len(found) == 1:
            found = [replace(found[0], is_limited=found[0].is_plain)]
        self.selects += found
        return Query(tuple(arms), is_cut=has_limit)

    def _with(self) -> None:
        if not self.takes("with"):
            return
        self.takes("recursive")
        while True:
            self.common.add(self.name())
            if self.next == "(":
                self.skip_parentheses()
            self.expect("as")
            self.takes("not")
            self.takes("materialized")
            self.expect("(")
            self.query()
            self.expect(")")
            if not self.takes(","):
                return

    def _arm(self) -> Select | None:
        """Read a SELECT up to what a compound one has in common; None for VALUES."""
        if self.takes("values"):
            self.skip_parentheses()
            while self.takes(","):
                self.skip_parentheses()
            return None
        self.expect("select")
        is_plain = not self.takes("distinct")
        self.takes("all")
        columns = [self._result_column()]
        while self.takes(","):
            columns.append(self._result_column())
        sources, is_outer = self._from() if self.takes("from") else ((), False)
        select = self._conditioned(sources, is_outer=is_outer)
        if self.takes("group", "by"):
            is_plain = False
            self.expressions()
        if self.takes("having"):
            is_plain = False
            self.expression()
        if self.takes("window"):
            self._windows()
        return replace(select, columns=tuple(columns), is_plain=is_plain)

    def _windows(self) -> None:
        while True:
            self.name()
            self.expect("as")
            self.skip_parentheses()
            if not self.takes(","):
                return

    def _conditioned(self, sources: tuple[Source, ...], *, is_outer: bool = False) -> Select:
        """Read a WHERE, where there is one."""
        end = self.found[self.place - 1].end
        if not self.takes("where"):
            return Select(sources, None, end, end, is_outer=is_outer)
        where, start, end = self._located()
        return Select(sources, where, start, end, is_outer=is_outer)

    def _located(self) -> tuple[Node, int, int]:
        """Read an expression, and tell where it begins and ends in the text."""
        first = self.place
        node = self.expression()
        return node, self.found[first].start, self.found[self.place - 1].end

    def _result_column(self) -> Node:
        steps = next((steps for steps in (0, 2, 4) if self.ahead(steps) == "*"), None)
        if steps is not None and all(self.ahead(step) == "." for step in range(1, steps, 2)):
            self.place += steps + 1
            return Named(None, "*")
        node, start, end = self._located()
        if self._alias() is None:
            self.unnamed.append((start, end))
        return node

    def _alias(self) -> str | None:
        """Read a name behind something, and return it as it is spelled; None where there is none."""
        is_named = self.takes("as")
        symbol = self.found[self.place]
        if (
            symbol.kind in {"quoted", "string"}
            or (is_named and symbol.kind != "end")
            or (symbol.kind == "word" and symbol.text not in NO_NAMES)
        ):
            self.skip()
            return symbol.token.text
        return None

    def _from(self) -> tuple[tuple[Source, ...], bool]:
        """Read what a SELECT reads, and tell whether rows of it may be there without what stands on their left."""
        sources, is_outer = list[Source](), False
        is_optional = False
        while True:
            if self.next == "(" and self.ahead(1) not in QUERIES:
                self.skip()
                inner, _ = self._from()
                self.expect(")")
                self._alias()
                sources, is_outer = [*sources, *inner], True
                source = sources.pop()
            else:
                source = self._table()
            sources.append(self._joined(source, is_optional=is_optional))
            if self.next not in _JOINS:
                return tuple(sources), is_outer
            self.takes("natural")
            is_optional = self.next == "left"
            is_outer |= self.next in {"right", "full"}
            while not self.takes("join") and not self.takes(","):
                if self.next not in _JOINS | {"outer"}:
                    raise UnreadableError(self.next)
                self.skip()

    def _joined(self, source: Source, *, is_optional: bool) -> Source:
        """Read by what a source is joined."""
        if self.takes("using"):
            source = replace(source, using=self._names_in_parentheses())
        if not self.takes("on"):
            return replace(source, is_optional=is_optional)
        on, start, end = self._located()
        return replace(source, is_optional=is_optional, on=on, on_start=start, on_end=end)

    def _names_in_parentheses(self) -> frozenset[str]:
        self.expect("(")
        names = {self.name()}
        while self.takes(","):
            names.add(self.name())
        self.expect(")")
        return frozenset(names)

    def _table(self) -> Source:
        """Read a table, a function or a query with its name."""
        if self.takes("("):
            self.query()
            self.expect(")")
            return self._called(None, "", None)
        name: str | None = self.name()
        if self.takes("."):  # a table of another schema may have the name of Box's
            schema, name = name, self.name()
            name = name if schema == "temp" else None
        called, arguments = self.found[self.place - 1].token.text, None
        if self.takes("("):
            arguments = () if self.next == ")" else self.expressions()
            self.expect(")")
        return self._called(name, called, arguments)

    def _called(self, name: str | None, called: str, arguments: tuple[Node, ...] | None) -> Source:
        alias = self._alias()
        known_as = name or "" if alias is None else self.found[self.place - 1].token.content.lower()
        if self.takes("indexed", "by"):
            self.name()
        elif self.takes("not"):
            self.expect("indexed")
        return Source(name, alias or called, known_as, arguments)
