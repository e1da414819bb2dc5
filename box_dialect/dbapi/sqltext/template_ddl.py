"""DDL of metadata templates: CREATE, ALTER and DROP TABLE of what may be a template's table, and COMMENT ON.

    CREATE TABLE [IF NOT EXISTS] t (column type [COMMENT 'text'] [HIDDEN] [CHECK (column IN ('a', …))], …)
        [COMMENT 'text'] [WITH (hidden = true, copy_instance_on_item_copy = true)]
    ALTER TABLE [IF EXISTS] t change, …
        ADD [COLUMN] [IF NOT EXISTS] column type …
        DROP [COLUMN] [IF EXISTS] column
        RENAME [COLUMN] column TO column
        RENAME TO name
        ALTER [COLUMN] column TYPE type
        ALTER [COLUMN] column RENAME VALUE 'old' TO 'new'
        ALTER [COLUMN] column SET (hidden = true, comment = 'text')
        SET (hidden = true, copy_instance_on_item_copy = true, comment = 'text')
    COMMENT ON TABLE t IS 'text' | NULL
    COMMENT ON COLUMN t.column IS 'text' | NULL
    DROP TABLE [IF EXISTS] t

The words are those of PostgreSQL where SQLite has none. A name with a schema, such as `main.enterprise_x`, and TEMP are
those of tables that stay SQLite's own.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct

from box_dialect.catalog.metadata.changes import (
    AddField,
    AlterTemplate,
    ChangeType,
    DropField,
    RenameField,
    RenameOption,
    RenameTable,
    SetField,
    SetTemplate,
)
from box_dialect.catalog.metadata.definition import CreateTemplate, DropTemplate
from box_dialect.catalog.metadata.names import may_be_template
from box_dialect.dbapi.sqltext.classify import first_word, several_statements
from box_dialect.dbapi.sqltext.column_definitions import OF_FIELD, OF_TEMPLATE, ColumnReader
from box_dialect.dbapi.sqltext.lexer import read, tokens
from box_dialect.dbapi.sqltext.reader import Reader
from box_dialect.errors import NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.catalog.metadata.changes import Change
    from box_dialect.dbapi.sqltext.lexer import Token

_FIRST: Final = frozenset({"create", "alter", "drop", "comment", "explain"})
_MOST_BEFORE: Final = 10
"""Tokens that are read for the name and what follows it, as in EXPLAIN QUERY PLAN CREATE TABLE IF NOT EXISTS t."""

TemplateStatement: TypeAlias = CreateTemplate | AlterTemplate | DropTemplate


class TemplateDdl(Struct, frozen=True):
    """A statement of DDL on the table of a name that may be a template's.

    `verb` is its first word. `is_explained` tells that it stands behind EXPLAIN.
    """

    verb: str
    table: str
    is_explained: bool
    kind: str
    has_condition: bool
    rest: tuple[Token, ...]

    def parse(self) -> TemplateStatement:
        """Read the statement whole.

        Raises ProgrammingError for one that is wrong, NotSupportedError for what no template can have.
        """
        reader = ColumnReader(self.rest, self.table)
        statement = _STATEMENTS[self.kind](reader, self.has_condition)
        if not reader.is_at_end:
            raise several_statements() if reader.next == ";" else reader.wrong("the end of the statement")
        return statement


def template_ddl(operation: str) -> TemplateDdl | None:
    """Return what a statement is, None for one that is no DDL, or on a name that is no template's."""
    if first_word(operation) not in _FIRST:
        return None
    # The beginning alone tells whether it is one: others may be long.
    beginning = itertools.dropwhile(lambda token: token.text == ";", tokens(operation))
    reader = Reader([*itertools.islice(beginning, _MOST_BEFORE)])
    is_explained = reader.takes("explain")
    if is_explained:
        reader.takes("query", "plan")
    verb = reader.next
    kind = next((kind for kind in _STATEMENTS if reader.takes(*kind.split())), None)
    if kind is None:
        return None
    has_condition = reader.takes("if", "not", "exists") if verb == "create" else reader.takes("if", "exists")
    name = reader.take("word", "quoted")
    has_schema = reader.next == "." and kind != "comment on column"
    if name is None or has_schema or may_be_template(name.content) != name.content.lower():
        return None
    rest = tuple(token for token in read(operation) if token.start > name.start)
    return TemplateDdl(verb, name.content, is_explained, kind, has_condition, rest)


def _create(reader: ColumnReader, if_not_exists: bool) -> CreateTemplate:
    if reader.next == "as":
        raise NotSupportedError(
            f"CREATE TABLE … AS SELECT makes no template: create {reader.table} with its columns, then INSERT INTO it; "
            f"CREATE TABLE main.{reader.table} AS SELECT makes a local table"
        )
    fields = reader.columns()
    given: dict[str, Any] = {}
    while True:
        if reader.takes("comment"):
            given["comment"] = reader.text()
        elif reader.takes("with"):
            given |= reader.settings(OF_TEMPLATE)
        else:
            return CreateTemplate(reader.table, fields, **given, if_not_exists=if_not_exists)


def _alter(reader: ColumnReader, if_exists: bool) -> AlterTemplate:
    changes = [_change(reader)]
    while reader.takes(","):
        changes.append(_change(reader))
    return AlterTemplate(reader.table, tuple(changes), if_exists)


def _change(reader: ColumnReader) -> Change:
    if reader.takes("add"):
        reader.takes("column")
        if_not_exists = reader.takes("if", "not", "exists")
        return AddField(reader.field(), if_not_exists)
    if reader.takes("drop"):
        reader.takes("column")
        if_exists = reader.takes("if", "exists")
        return DropField(reader.name("a column"), if_exists)
    if reader.takes("rename", "to"):
        return RenameTable(reader.name("a table"))
    if reader.takes("rename"):
        reader.takes("column")
        column = reader.name("a column")
        reader.expect("to")
        return RenameField(column, reader.name("a column"))
    if reader.takes("alter"):
        reader.takes("column")
        return _column_change(reader, reader.name("a column"))
    if reader.takes("set"):
        return SetTemplate(**reader.settings(OF_TEMPLATE))
    raise reader.wrong("ADD, DROP, RENAME, ALTER or SET")


def _column_change(reader: ColumnReader, column: str) -> Change:
    if reader.takes("type"):
        return ChangeType(column, reader.type(column))
    if reader.takes("rename", "value"):
        old = reader.text()
        reader.expect("to")
        return RenameOption(column, old, reader.text())
    if reader.takes("set") and reader.next == "(":
        return SetField(column, **reader.settings(OF_FIELD))
    raise reader.wrong(
        "TYPE, RENAME VALUE or SET (hidden = true), since a field of a template has no default and may always be NULL"
    )


def _drop(reader: ColumnReader, if_exists: bool) -> DropTemplate:
    reader.takes("cascade")
    reader.takes("restrict")
    return DropTemplate(reader.table, if_exists)


def _comment_on_table(reader: ColumnReader, _: bool) -> AlterTemplate:
    reader.expect("is")
    return AlterTemplate(reader.table, (SetTemplate(comment=reader.text_or_null()),))


def _comment_on_column(reader: ColumnReader, _: bool) -> AlterTemplate:
    reader.expect(".")
    column = reader.name("a column")
    reader.expect("is")
    return AlterTemplate(reader.table, (SetField(column, comment=reader.text_or_null()),))


_STATEMENTS: Final[dict[str, Callable[[ColumnReader, bool], TemplateStatement]]] = {
    "create table": _create,
    "alter table": _alter,
    "drop table": _drop,
    "comment on table": _comment_on_table,
    "comment on column": _comment_on_column,
}
