r"""SHOW and DESCRIBE, which SQLite does not know; each stands for a query over the system tables.

    SHOW [FULL] TABLES | VIEWS [FROM schema] [filter]
    SHOW [FULL] COLUMNS FROM table [filter]
    SHOW PROCEDURES | PROPERTIES | SCHEMAS [filter]
    DESCRIBE [TABLE | VIEW] [FULL] table [filter]
    DESCRIBE PROCEDURE procedure [filter]

A filter is `LIKE 'pattern'`, where `\` stands before a `_` or `%` that is meant itself, and `LIMIT n`. It has no
condition, which could read any table: tools that decide who may run a statement find no tables in these. The synonyms
are the words of MySQL, DuckDB, Snowflake, Trino and Spark.

Sources: https://dev.mysql.com/doc/refman/8.4/en/show.html
         https://duckdb.org/docs/stable/guides/meta/list_tables
         https://docs.snowflake.com/en/sql-reference/sql/show
         https://trino.io/docs/current/sql/show-tables.html
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from box_dialect.dbapi.sqltext.classify import first_word, several_statements
from box_dialect.dbapi.sqltext.lexer import read, tokens
from box_dialect.dbapi.sqltext.reader import Reader
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.dbapi.sqltext.lexer import Token

VERBS: Final = frozenset({"show", "describe", "desc"})
SCHEMAS: Final = ("main", "temp")
"""The schemas of a connection: Box's tables and those of the local database, and temporary ones."""

_FIRST: Final = VERBS | {"explain"}
_MOST_BEFORE: Final = 10
"""Tokens that are read for the verb, behind semicolons and EXPLAIN QUERY PLAN."""

_FULL: Final = ("full", "extended", "all", "formatted")
_FROM: Final = ("from", "in")
_FILTERS: Final = ("like", "ilike", "limit")

_LOCAL: Final = """
    local(schema, name, type) AS (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each({local}))
"""
_TABLES: Final = """
    SELECT {local_columns} FROM local
    UNION ALL SELECT {columns} FROM sys_tables WHERE {has_box} AND type <> {but} ORDER BY name
"""
_VIEWS: Final = """
    SELECT name, NULL AS description, NULL AS definition FROM local WHERE type = 'view'
    UNION ALL SELECT name, description, definition FROM sys_tables WHERE {has_box} AND type = 'view' ORDER BY name
"""
_COLUMNS: Final = """
    SELECT name, type, NOT "notnull" AS is_nullable, nullif(pk, 0) AS key_ordinal, {local_columns}NULL AS description
    FROM pragma_table_xinfo({local_name}, {schema}) WHERE hidden <> 1 OR {with_hidden}
    UNION ALL SELECT name, type, is_nullable, key_ordinal, {columns}description FROM sys_tablecolumns
    WHERE table_name = {name} AND (NOT is_hidden OR {with_hidden})
"""
"""SQLite takes the types of the columns of a UNION from its last part, and their names from its first."""


class Form(Struct, frozen=True):
    """What can be shown: by which words, and the query for that; `of` says what is named behind the words.

    `few` and `full` are what stands in the query in the place of names in braces, without FULL and with it.
    """

    words: tuple[str, ...]
    query: str
    of: str = ""
    few: dict[str, str] = {}
    full: dict[str, str] = {}


COLUMNS: Final = Form(
    ("columns",),
    _COLUMNS,
    "table",
    {"columns": "", "local_columns": "", "with_hidden": "FALSE"},
    {
        "columns": "is_hidden, is_insertable, is_updatable, options, ",
        "local_columns": "hidden = 1 AS is_hidden, hidden = 0 AS is_insertable, hidden = 0 AS is_updatable, "
        "NULL AS options, ",
        "with_hidden": "TRUE",
    },
)
_INPUTS: Final = Form(
    ("procedure",),
    "SELECT direction, name, type, is_required, default_value, options, description FROM sys_procedureparameters "
    "WHERE procedure_name = {name}",
    "procedure",
)
_SHOWN: Final = (
    Form(
        ("tables",),
        f"WITH {_LOCAL} {_TABLES}",
        "schema",
        {
            "columns": "name, type, description",
            "but": "'system table'",
            "local_columns": "name, type, NULL AS description",
        },
        {
            "columns": "name, type, description, is_insertable, is_updatable, is_deletable",
            "but": "''",
            "local_columns": "name, type, NULL AS description, type = 'table' AS is_insertable, "
            "type = 'table' AS is_updatable, type = 'table' AS is_deletable",
        },
    ),
    Form(("views",), f"WITH {_LOCAL} {_VIEWS}", "schema"),
    COLUMNS,
    Form(("procedures",), "SELECT name, side_effect, gives_several, description FROM sys_procedures ORDER BY name"),
    Form(("properties",), "SELECT name, value, default_value, description FROM sys_properties ORDER BY name"),
    Form(("schemas",), "SELECT column1 AS name FROM (VALUES ('main'), ('temp'))"),
)
SHOWN: Final = tuple(" ".join(each.words) for each in _SHOWN)
"""The words that may stand behind SHOW."""

_SYNONYMS: Final = {
    ("fields",): ("columns",),
    ("procedure", "status"): ("procedures",),
    ("variables",): ("properties",),
    ("databases",): ("schemas",),
}


class Show(Struct, frozen=True):
    """A SHOW or DESCRIBE: its form, and what it names, in a schema if it says so.

    `explain` is the EXPLAIN that it stands behind, `filter` what stands behind the query.
    """

    explain: str
    form: Form
    is_full: bool
    name: str | None
    schema: str | None
    filter: str

    def query(self, **values: str | None) -> str:
        """Return the query, with the values of what its form leaves open."""
        literals = {name: literal(value) for name, value in values.items()}
        query = self.form.query.format(**(self.form.full if self.is_full else self.form.few), **literals)
        return f"{self.explain}SELECT * FROM ({query}){self.filter}"  # noqa: S608 - the filter is the statement's own


def literal(value: str | None) -> str:
    """Return a text as SQL has it."""
    return "NULL" if value is None else "'{}'".format(value.replace("'", "''"))


def show(operation: str) -> Show | None:
    """Return what a statement shows, None for any other statement; raises ProgrammingError for one that is wrong."""
    if first_word(operation) not in _FIRST:
        return None
    # The beginning alone tells whether it is one: others may be long.
    if _ShowReader(itertools.islice(tokens(operation), _MOST_BEFORE)).next not in VERBS:
        return None
    return _ShowReader(read(operation)).show()


class _ShowReader(Reader):
    """A reader of a SHOW or DESCRIBE, behind its EXPLAIN, if it has one."""

    def __init__(self, found: Iterable[Token]) -> None:
        super().__init__([*itertools.dropwhile(lambda token: token.text == ";", found)])
        self._explain = ""
        if self.takes("explain"):
            self._explain = "EXPLAIN QUERY PLAN " if self.takes("query", "plan") else "EXPLAIN "

    def wrong(self, expected: str) -> ProgrammingError:
        """Return the error of a statement that has something else where the next token stands."""
        return ProgrammingError(f"the statement is wrong {self.position}: {expected}")

    def show(self) -> Show:
        """Read the statement."""
        verb = self.next
        self.skip()
        if verb == "show":
            is_full = self._takes_any(*_FULL, "terse") not in {None, "terse"}
            form = self._form()
        else:
            form = _INPUTS if self._is_before_name and self.takes("procedure") else COLUMNS
            if self._is_before_name:
                self._takes_any("table", "view")
            is_full = self._is_before_name and self._takes_any(*_FULL) is not None
        name = schema = None
        if form.of == "schema":
            schema = self._schema()
        elif form.of:
            schema, name = self._name(form.of)
        if form.of == "table" and schema is None:
            schema = self._schema()
        return Show(self._explain, form, is_full, name, schema, self._filter())

    @property
    def _is_before_name(self) -> bool:
        """Whether a name stands behind the next word, which then is none itself."""
        symbol = self.found[min(self.place + 1, len(self.found) - 1)]
        return symbol.kind in {"quoted", "string"} or (symbol.kind == "word" and symbol.text not in _FILTERS)

    def _takes_any(self, *words: str) -> str | None:
        return next((word for word in words if self.takes(word)), None)

    def _form(self) -> Form:
        forms = {each.words: each for each in _SHOWN}
        for words in (*forms, *_SYNONYMS):
            if self.takes(*words):
                form = forms[_SYNONYMS.get(words, words)]
                if form.of == "table" and self._takes_any(*_FROM) is None:
                    raise self.wrong("SHOW COLUMNS needs FROM and the name of a table")
                return form
        shown = ", ".join(SHOWN).upper()
        raise self.wrong(f"SHOW is there for {shown}; DESCRIBE tells the columns of a table, or what a procedure takes")

    def _schema(self) -> str | None:
        if self._takes_any(*_FROM) is None:
            return None
        name = self.take("word", "quoted", "string")
        if name is None or name.content.lower() not in SCHEMAS:
            raise self.wrong(f"FROM takes a schema, which is {' or '.join(SCHEMAS)}")
        return name.content.lower()

    def _name(self, kind: str) -> tuple[str | None, str]:
        """Take a name, and return it with its schema; what stands before its dot may be a part of the name."""
        parts: list[str] = []
        while not parts or self.takes("."):
            name = self.take("word", "quoted", "string")
            if name is None or (not parts and name.text.lower() in {"select", "with", "values"}):
                raise self.wrong(
                    f"the name of a {kind} is to stand here; cursor.description tells the columns of a query"
                )
            parts.append(name.content)
        schema = parts.pop(0).lower() if len(parts) > 1 and parts[0].lower() in SCHEMAS else None
        return schema, ".".join(parts)

    def _filter(self) -> str:
        """Return what stands behind the query."""
        text = ""
        if self._takes_any("like", "ilike") is not None:
            text = f" WHERE name LIKE {self._value('LIKE', 'string', 'a pattern in single quotes')} ESCAPE '\\'"
        if self.takes("limit"):
            text += f" LIMIT {self._value('LIMIT', 'number', 'a number')}"
        if self.is_at_end:
            return text
        raise several_statements() if self.next == ";" else self.wrong("it takes LIKE 'pattern', and LIMIT n")

    def _value(self, word: str, kind: str, words: str) -> str:
        value = self.take(kind, "variable")
        if value is None:
            raise self.wrong(f"{word} takes {words}, or a parameter")
        return value.text
