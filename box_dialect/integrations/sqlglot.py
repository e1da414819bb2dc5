"""The SQL of this driver for sqlglot, by which tools such as Superset read statements, change them and write them anew.

`sqlglot.parse_one(statement, dialect="box").sql(dialect="box")` gives the same rows for the same number of API calls.

sqlglot's own dialect for SQLite translates: it has other names for functions and other operators, moves NOT to the
front, and joins by CROSS JOIN, with which SQLite keeps the order of the tables. This one writes what it has read: words
that SQLite does not know are names, functions and types stay what they are called, and no operator moves.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

import apsw
from sqlglot import TokenType, exp, generator
from sqlglot.dialects.sqlite import SQLite

from box_dialect.catalog.catalog import installed
from box_dialect.dbapi.functions import AGGREGATES
from box_dialect.dbapi.sqltext.procedure_calls import VERBS
from box_dialect.dbapi.sqltext.show import VERBS as SHOWING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlglot import Token
    from sqlglot.generators.sqlite import SQLiteGenerator
    from sqlglot.parsers.sqlite import SQLiteParser
else:  # where they are in every release
    SQLiteGenerator, SQLiteParser = SQLite.Generator, SQLite.Parser

if not inspect.isfunction(SQLite.Parser.parse):
    raise ImportError("sqlglot is compiled, and takes no dialect that is none of its own: uninstall sqlglotc")

_Expression = TypeVar("_Expression", bound="exp.Expr")

_CALLS: Final = frozenset(map(str.upper, VERBS))
_CHANGES: Final = frozenset({"ALTER", "ANALYZE", "ATTACH", "COMMENT", "DETACH", "DROP", "REINDEX", "VACUUM"})
_OTHERS: Final = frozenset({"BEGIN", "COMMIT", "END", "PRAGMA", "RELEASE", "ROLLBACK", "SAVEPOINT"}) | {
    *map(str.upper, SHOWING)
}
_ROWS: Final = frozenset({TokenType.SELECT, TokenType.VALUES})
_SCOPELESS: Final = (type(None), exp.SetOperation, exp.Create)
_PARENTHESES: Final = {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}
_WORDS: Final = apsw.keywords - {"EXPLAIN", "FOR", "ROLLBACK"} | {"FALSE", "TRUE"}
"""SQLite's words, but some that are names to it all the same, and would be none to sqlglot."""
_SIGNS: Final = frozenset({"!=", "->", "->>", "<=", "<>", "==", ">=", "||"})


def _is_known(keyword: str) -> bool:
    """Tell whether SQLite knows a keyword of sqlglot's: a sign, a word, or several."""
    return keyword in _SIGNS or _WORDS.issuperset(keyword.split())


@functools.cache
def _side_effects() -> Mapping[str, bool]:
    """Return whether each procedure has a side effect, by its name in lower case."""
    return {each.key: each.side_effect for each in installed().procedures.values()}


def _change(statement: _Expression) -> _Expression:
    """Mark a statement as one that changes something, by a part that is not written: Superset looks for such parts."""
    statement.set("change", exp.Alter())
    return statement


def _written(expression: _Expression, form: str) -> _Expression:
    """Return an expression that remembers its form.

    `infix` is a NOT behind the left operand, `plus` the sign, which hides a column from SQLite's indexes and Box, and
    the others are words behind an operand, what follows which is compared with the result: `a NOTNULL < b`.
    """
    expression.meta["form"] = form
    return expression


def _in_from(statement: exp.Expr) -> exp.Expr:
    """Have VALUES that hold a query stand in FROM: elsewhere sqlglot has no scope for them, and finds no tables."""
    for values in [*statement.find_all(exp.Values)]:
        if values.find(exp.Query) and isinstance(values.parent, _SCOPELESS):
            rows = exp.select("*").from_(exp.Subquery(this=values.copy()))
            statement = rows if values is statement else statement
            values.replace(rows)
    return statement


class _Parser(SQLiteParser):
    """Reads what is written, and knows of a function no more than its name."""

    JOINS_HAVE_EQUAL_PRECEDENCE = False  # where they have, it reads a comma as CROSS JOIN

    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
    LAMBDAS: ClassVar[dict[TokenType, Callable[..., Any]]] = {}  # an arrow takes a value out of JSON
    FUNCTION_PARSERS: ClassVar = {"CAST": lambda self: self._parse_cast_as_written()}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": lambda self: self._parse_case()}
    COLUMN_OPERATORS: ClassVar = {
        TokenType.DOT: None,
        TokenType.ARROW: lambda _, this, path: exp.JSONExtract(this=this, expression=path),
        TokenType.DARROW: lambda _, this, path: exp.JSONExtractScalar(this=this, expression=path),
    }
    UNARY_PARSERS: ClassVar = {
        **SQLiteParser.UNARY_PARSERS,
        TokenType.PLUS: lambda self: _written(exp.Paren(this=self._parse_unary()), "plus"),
    }
    RANGE_PARSERS: ClassVar = {
        **SQLiteParser.RANGE_PARSERS,
        TokenType.ISNULL: lambda _, this: _written(exp.Paren(this=this), "ISNULL"),
        TokenType.NOTNULL: lambda _, this: _written(exp.Paren(this=this), "NOTNULL"),
    }
    PRIMARY_PARSERS: ClassVar = {
        **SQLiteParser.PRIMARY_PARSERS,
        TokenType.HEX_STRING: lambda self, token: self._parse_hex(token),
    }
    PLACEHOLDER_PARSERS: ClassVar = {
        **SQLiteParser.PLACEHOLDER_PARSERS,
        TokenType.PLACEHOLDER: lambda self: (
            exp.Var(this=f"?{self._prev.text}") if self._match(TokenType.NUMBER) else exp.Placeholder()
        ),
    }

    def _parse_statement(self) -> exp.Expr | None:
        start = self._curr
        verb = start.text.upper() if start else ""
        if verb in _CALLS | _CHANGES | _OTHERS:
            self._advance()
            name = self._curr.text.lower() if self._curr else ""
            command = self._parse_verbatim(start)
            is_change = verb in _CHANGES or (verb in _CALLS and _side_effects().get(name, True))
            return _change(command) if is_change else command
        statement: exp.Expr | None
        if self._match_text_seq("EXPLAIN"):
            style = "QUERY PLAN" if self._match_text_seq("QUERY", "PLAN") else None
            statement = exp.Describe(this=self._parse_statement(), style=style)
        elif self._match_text_seq("REPLACE", "INTO", advance=False):
            self._advance()
            statement = self._parse_insert()
            statement.set("alternative", "REPLACE")
        else:
            statement = super()._parse_statement()
        statement = _in_from(statement) if statement else None
        called = statement.find_all(exp.Anonymous, exp.Table) if statement else ()
        is_change = any(_side_effects().get(each.name.lower()) for each in called)
        return _change(statement) if statement and is_change else statement

    def _parse_verbatim(self, start: Token) -> exp.Command:
        """Take a statement word for word, from a token to its end."""
        while self._curr:
            self._advance()
        return exp.Command(this=start.text, expression=self._find_sql(start, self._prev)[len(start.text) :])

    def _parse_as_command(self, start: Token) -> exp.Command:
        """Refuse what is understood in part, and would be taken word for word: it may read tables."""
        self.raise_error(f"{start.text} has a form that cannot be read", start)
        return super()._parse_as_command(start)

    def _parse_create(self) -> exp.Create | exp.Command:
        """Read CREATE … AS SELECT, and take what else is created word for word."""
        if any(token.token_type in _ROWS for token in self._tokens[self._index :]):
            return super()._parse_create()
        return _change(self._parse_verbatim(self._prev))

    def _parse_into(self) -> None:
        """Take no SELECT … INTO, which sqlglot would write as CREATE TABLE."""

    def _parse_update(self) -> exp.Update:
        alternative = self._match(TokenType.OR) and self._match_texts(self.INSERT_ALTERNATIVES) and self._prev.text
        update = super()._parse_update()
        update.set("alternative", alternative or None)
        return update

    def _parse_cast_as_written(self) -> exp.Cast:
        """Read CAST with a type of any words."""
        this = self._parse_disjunction()
        if not self._match(TokenType.ALIAS):
            self.raise_error("CAST needs AS and a type")
        first, depth = self._curr, 0
        while self._curr and (depth or self._curr.token_type != TokenType.R_PAREN):
            depth += _PARENTHESES.get(self._curr.token_type, 0)
            self._advance()
        kind = self._find_sql(first, self._prev)
        return exp.Cast(this=this, to=exp.DataType(this=exp.DataType.Type.USERDEFINED, kind=kind))

    def _parse_null(self) -> None:
        """Leave NULL and parameters to what reads operands: `a IS NULL || b`."""

    def _parse_primary(self) -> exp.Expr | None:
        """Read one string; the next one is its alias."""
        return self._parse_string() if self._match(TokenType.STRING, advance=False) else super()._parse_primary()

    def _parse_hex(self, token: Token) -> exp.Expr:
        """Tell a number, `0xff`, from a blob, `x'ff'`."""
        text = self.sql[token.start : token.end + 1]
        return exp.Literal.number(text) if text.startswith("0") else exp.HexString(this=token.text)

    def _parse_in(self, this: exp.Expr | None, alias: bool = False) -> exp.In:
        """Read IN with a table's name as what it stands for, the rows of it, so that the table is found."""
        found = super()._parse_in(this, alias)
        column = found.args.get("field")
        if isinstance(column, exp.Column):
            table = exp.Table(this=column.this, db=column.args.get("table"))
            found.set("field", None)
            found.set("query", exp.select("*").from_(table).subquery())
        return found

    def _parse_window(self, this: exp.Expr | None, alias: bool = False) -> exp.Expr | None:
        # sqlglot has to know them: no condition on one of them may move into a WHERE.
        if isinstance(this, exp.Anonymous) and this.name.lower() in AGGREGATES:
            this = exp.AnonymousAggFunc(this=this.name, expressions=this.expressions)
        return super()._parse_window(this, alias)

    def _negate_range(self, this: exp.Expr | None = None) -> exp.Expr | None:
        if isinstance(this, exp.Is):
            return _written(exp.Paren(this=this.this), "NOT NULL")
        return _written(exp.Not(this=this), "infix") if this else None

    def _parse_is(self, this: exp.Expr | None) -> exp.Expr | None:
        found = super()._parse_is(this)
        return _written(found, "infix") if isinstance(found, exp.Not) else found


def _not_sql(self: generator.Generator, expression: exp.Not) -> str:
    """Write NOT where it was."""
    if expression.meta.get("form") != "infix":
        return self.not_sql(expression)
    operation = expression.this.this if isinstance(expression.this, exp.Escape) else expression.this
    left, whole = self.sql(operation, "this"), self.sql(expression.this)
    operator = whole[len(left) :].lstrip()
    return f"{left} IS NOT{operator[2:]}" if isinstance(operation, exp.Is) else f"{left} NOT {operator}"


def _paren_sql(self: generator.Generator, expression: exp.Paren) -> str:
    form, operand = expression.meta.get("form"), self.sql(expression, "this")
    if form == "plus":
        return f"+{operand}"
    return f"{operand} {form}" if form else self.paren_sql(expression)


def _update_sql(self: generator.Generator, expression: exp.Update) -> str:
    sql, alternative = self.update_sql(expression), expression.args.get("alternative")
    before = len(self.sql(expression, "with_"))
    return sql[:before] + sql[before:].replace("UPDATE", f"UPDATE OR {alternative}", 1) if alternative else sql


def _values_sql(self: generator.Generator, expression: exp.Values) -> str:
    """Write VALUES in parentheses where it is joined, and as a table where it has a limit."""
    if limit := expression.args.get("limit"):
        rows = expression.copy()
        rows.set("limit", None)
        return self.sql(exp.select("*").from_(exp.Subquery(this=rows)).limit(limit.expression))
    sql = self.values_sql(expression)
    return f"({sql})" if isinstance(expression.parent, exp.Join) and not sql.startswith("(") else sql


def _describe_sql(self: generator.Generator, expression: exp.Describe) -> str:
    return " ".join(filter(None, ["EXPLAIN", expression.args.get("style"), self.sql(expression, "this")]))


class _Generator(SQLiteGenerator):
    """Writes what was read, in its order."""

    SUPPORTS_TABLE_ALIAS_COLUMNS = True  # a CTE's

    TRANSFORMS: ClassVar = {
        **SQLiteGenerator.TRANSFORMS,
        exp.AnonymousAggFunc: lambda self, e: self.func(e.name, *e.expressions, normalize=False),
        exp.Describe: _describe_sql,
        exp.JSONExtract: lambda self, e: self.binary(e, "->"),
        exp.JSONExtractScalar: lambda self, e: self.binary(e, "->>"),
        exp.Not: _not_sql,
        exp.Paren: _paren_sql,
        exp.RegexpLike: lambda self, e: self.binary(e, "REGEXP"),
        exp.Update: _update_sql,
        exp.Values: _values_sql,
    }


class Box(SQLite):
    """The dialect `box` of sqlglot."""

    NORMALIZE_FUNCTIONS = False
    NUMBERS_CAN_BE_UNDERSCORE_SEPARATED = True

    class Tokenizer(SQLite.Tokenizer):
        """Knows SQLite's words and signs, and no others."""

        KEYWORDS: ClassVar = {
            keyword: token for keyword, token in SQLite.Tokenizer.KEYWORDS.items() if _is_known(keyword)
        }
        COMMANDS: ClassVar = set()

    Parser = _Parser
    Generator = _Generator
