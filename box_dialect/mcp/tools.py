"""The tools: what an assistant can ask of Box."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final

from box_dialect import Error, ProgrammingError, aio
from box_dialect.extras import extra
from box_dialect.mcp import teaching
from box_dialect.mcp.answers import (
    AccessPathEntry,
    ColumnEntry,
    Description,
    Explanation,
    FileEntry,
    Files,
    Piece,
    Rows,
    TableEntry,
    Tables,
    Taken,
    row_values,
)
from box_dialect.mcp.marking import Scalar, shown
from box_dialect.mcp.statements import Running, Statements
from box_dialect.mcp.texts import Texts
from box_dialect.visible import visible

with extra("mcp"):
    from mcp.server.mcpserver import Context
    from mcp.server.mcpserver.exceptions import ToolError
    from mcp.server.mcpserver.tools import Tool
    from mcp_types import CallToolResult, ToolAnnotations
    from pydantic import Field

Sql = Annotated[str, Field(description="One statement in SQLite's SQL.", min_length=1, max_length=100_000)]
Parameters = Annotated[
    list[Scalar] | dict[str, Scalar] | None,
    Field(description="Values for the statement's ? in their order, or for its :name by their names."),
]
_MOST_FOUND: Final = 100
_MOST_OF_A_NAME: Final = 200
_MOST_OF_A_WARNING: Final = 1_000

_SEARCH: Final = "SELECT id, path, name, size, modified_at, owned_by_login FROM files WHERE search = :words"
_TEXT: Final = "SELECT id, path, file_version_id, text FROM files WHERE {key} = ?"
_VERSION: Final = "SELECT id, path, file_version_id FROM files WHERE {key} = ?"
_TABLES: Final = """
    SELECT name, type, description FROM sys_tables
    WHERE :pattern IS NULL OR name LIKE :like OR description LIKE :like
"""
_COLUMNS: Final = """
    SELECT c.name, c.type, c.key_ordinal IS NOT NULL, c.is_hidden, c.options, c.description, (
        SELECT json_group_array(f.referenced_table_name || '.' || f.referenced_column_name) FROM sys_foreignkeys f
        WHERE f.table_name = c.table_name AND f.column_name = c.name
    )
    FROM sys_tablecolumns c WHERE c.table_name = ? ORDER BY c.ordinal
"""
_ACCESS_PATHS: Final = """
    SELECT name, key_columns, filter_columns, order_columns, is_walk, calls FROM sys_access_paths WHERE table_name = ?
"""
_OWN_COLUMNS: Final = "SELECT name, type, pk > 0, hidden <> 0, NULL, '', NULL FROM pragma_table_xinfo(?)"


class Tools:
    """The functions of the tools, over the statements of one account."""

    def __init__(self, statements: Statements) -> None:
        self._statements, self._bounds = statements, statements.bounds
        self._texts = Texts()

    async def query(
        self,
        context: Context[Any],
        sql: Sql,
        parameters: Parameters = None,
        max_rows: Annotated[int, Field(description="Rows to give at most.", ge=1)] = 100,
    ) -> Annotated[CallToolResult, Rows]:
        """Run a statement."""
        form = partial(row_values, bounds=self._bounds)
        run = await self._statements.run(context, sql, parameters or (), max_rows, form)
        rows = run.taken.entries
        notes = [f"{len(rows):,} rows, {run.api_calls:,} calls to Box."]
        if run.taken.is_cut:
            notes.append(teaching.CUT_ROWS)
        if run.is_preview_partial:
            notes.append(teaching.PREVIEW)
        if run.changed is not None:
            notes.append(f"{run.changed:,} rows changed{'; Box has them already' if run.changed else ''}.")
        columns = [str(shown(name, _MOST_OF_A_NAME)) for name in run.columns]
        return Rows(
            notes=notes,
            warnings=self._warnings(run),
            columns=columns,
            rows=rows,
            is_cut=run.taken.is_cut,
            rows_changed=run.changed,
            api_calls=run.api_calls,
        ).result()

    async def explain(self, sql: Sql, parameters: Parameters = None) -> Annotated[CallToolResult, Explanation]:
        """Tell what a statement is going to cost."""
        async with self._statements.connection() as connection:
            estimate = await connection.estimate(sql, parameters or ())
            allowed = (await connection.run_sync(lambda it: it.properties.max_api_calls)) or None
            try:
                plan = [*map(visible, await _plan(connection, sql, parameters or ()))]
            except ProgrammingError:
                if estimate.most is not None:
                    raise
                plan = []  # of EXEC and CALL, whose calls nobody knows
        known = "an unknown number of" if estimate.most is None else f"about {estimate.most:,}"
        notes = [f"At least {estimate.least:,} calls to Box, {known} calls for all rows."]
        if allowed is not None and (estimate.most or estimate.least) > allowed:
            notes.append(f"Those are more than the {allowed:,} that are allowed: it would fail. {teaching.NARROW}")
        elif estimate.most is None:
            notes.append(teaching.NARROW)
        return Explanation(
            notes=notes,
            least_calls=estimate.least,
            most_calls=estimate.most,
            seconds=estimate.seconds,
            allowed_calls=allowed,
            plan=plan,
        ).result()

    async def list_tables(
        self,
        pattern: Annotated[
            str | None, Field(description="Tables whose name or description has this; % stands for any text.")
        ] = None,
    ) -> Annotated[CallToolResult, Tables]:
        """List the tables."""
        notes = []
        async with self._statements.connection() as connection:
            try:
                await connection.run_sync(lambda it: it.find_tables())
            except Error as error:
                notes.append(f"Tables of metadata templates are left out: {self._statements.shown(str(error))}.")
            found = await _all(connection, _TABLES, {"pattern": pattern, "like": f"%{pattern}%"})
        taken = Taken(len(found), self._bounds.size)
        for name, kind, description in found:
            taken.take(TableEntry(name=visible(name), type=kind, description=visible(description)))
        notes.insert(0, f"{len(taken.entries):,} of {len(found):,} tables.")
        if taken.is_cut:
            notes.append("Give a pattern to see the others.")
        return Tables(notes=notes, tables=taken.entries).result()

    async def describe_table(
        self, table: Annotated[str, Field(description="The name of the table.", min_length=1, max_length=500)]
    ) -> Annotated[CallToolResult, Description]:
        """Describe a table."""
        async with self._statements.connection() as connection:
            quoted = table.replace('"', '""')
            await connection.estimate(f'SELECT * FROM "{quoted}"')  # noqa: S608 - finds it, or tells near names
            about = await _all(
                connection, "SELECT name, type, description FROM sys_tables WHERE name = ? COLLATE NOCASE", [table]
            )
            name, kind, description = about[0] if about else (table, "local table", "")
            columns = await _all(connection, _COLUMNS if about else _OWN_COLUMNS, [name])
            paths = await _all(connection, _ACCESS_PATHS, [name])
        taken = Taken(len(columns), self._bounds.size)
        for row in columns:
            taken.take(_column(row))
        notes = [teaching.HOW_TO_FILTER] if paths else []
        if taken.is_cut:
            notes.append(f"{len(columns) - len(taken.entries):,} columns are left out; sys_tablecolumns has all.")
        return Description(
            notes=notes,
            name=visible(name),
            type=kind,
            description=visible(description),
            columns=taken.entries,
            access_paths=[*map(_access_path, paths)],
        ).result()

    async def search(
        self,
        context: Context[Any],
        text: Annotated[str, Field(description='Words; "a phrase", AND, OR, NOT.', min_length=1, max_length=1_000)],
        extensions: Annotated[
            list[str] | None, Field(description="Kinds of files alone, as pdf, docx.", max_length=50)
        ] = None,
        limit: Annotated[int, Field(description="Files to give at most.", ge=1, le=_MOST_FOUND)] = 20,
    ) -> Annotated[CallToolResult, Files]:
        """Search for files."""
        values: dict[str, Any] = {"words": text, "limit": limit + 1}
        values |= {f"e{number}": each.removeprefix(".").lower() for number, each in enumerate(extensions or ())}
        named = ", ".join(f":{name}" for name in values if name not in {"words", "limit"})
        narrowed = f" AND extension IN ({named})" if named else ""
        form = partial(row_values, bounds=self._bounds)
        run = await self._statements.run(context, f"{_SEARCH}{narrowed} LIMIT :limit", values, limit, form)
        names = tuple(FileEntry.model_fields)
        files = [FileEntry(**dict(zip(names, row, strict=True))) for row in run.taken.entries]
        notes = [f"{len(files):,} files, {run.api_calls:,} calls to Box. Box finds new content after some minutes."]
        if run.taken.is_cut:
            notes.append("There are more: give more words, or a higher limit.")
        return Files(notes=notes, warnings=self._warnings(run), files=files).result()

    async def read_text(
        self,
        context: Context[Any],
        file: Annotated[
            str, Field(description="The id of the file, or its path, /Folder/name.", min_length=1, max_length=10_000)
        ],
        offset: Annotated[int, Field(description="Where to begin, in characters.", ge=0)] = 0,
        length: Annotated[int, Field(description="How many characters at most.", ge=1)] = 10_000,
    ) -> Annotated[CallToolResult, Piece]:
        """Read a piece of the text of a file."""
        (file_id, path, version, whole), warnings = await self._text(context, file)
        if whole is None:
            raise ToolError(f"Box has no text of the file {file_id}: it takes none out of such files, or not yet.")
        text, total = whole[offset : offset + min(length, self._bounds.piece)], len(whole)
        end = offset + len(text)
        notes = [f"Characters {offset:,} to {end:,} of {total:,}."]
        if end < total:
            notes.append(f"Call again with offset {end} for more.")
        return Piece(
            notes=notes,
            warnings=warnings,
            file_id=file_id,
            path=None if path is None else visible(path),
            version_id=version,
            offset=offset,
            total=total,
            next_offset=end if end < total else None,
            text=visible(text, is_multiline=True),
        ).result()

    def _warnings(self, run: Running) -> list[str]:
        return [str(shown(self._statements.shown(each), _MOST_OF_A_WARNING)) for each in run.warnings]

    async def _text(
        self, context: Context[Any], file: str
    ) -> tuple[tuple[str, str | None, str | None, str | None], list[str]]:
        """Return id, path, version and text of a file, with what the driver has warned of.

        A text that was read lately is not downloaded again, as long as Box has no other version of the file.
        """
        key = "path" if file.startswith("/") else "id"
        if self._texts.version(file) is not None:
            run = await self._statements.run(context, _VERSION.format(key=key), [file], 1)
            for file_id, path, version in run.taken.entries:
                if (text := self._texts.text(file, version)) is not None:
                    return (file_id, path, version, text), self._warnings(run)
        found: list[Any] = []
        run = await self._statements.run(context, _TEXT.format(key=key), [file], 1, found.append)
        if not found:
            raise ToolError(f"There is no file {visible(file)!r} that is seen here; the tool `search` finds files.")
        file_id, path, version, text = found[0]
        if text is not None:
            self._texts.keep(file, version, text)
        return (file_id, path, version, text), self._warnings(run)


async def _plan(connection: aio.Connection, sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[str]:
    """Return how a statement reads each table."""
    return [row[3] for row in await _all(connection, f"EXPLAIN QUERY PLAN {sql}", parameters)]


async def _all(connection: aio.Connection, sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[Any]:
    """Return the rows of a statement that makes no call."""
    async with connection.cursor() as cursor:
        return await (await cursor.execute(sql, parameters)).fetchall()


def _column(row: Sequence[Any]) -> ColumnEntry:
    name, kind, is_key, is_hidden, options, description, references = row
    return ColumnEntry(
        name=visible(name),
        type=kind,
        is_key=bool(is_key),
        is_hidden=bool(is_hidden),
        options=_texts(options) or None,
        references=_texts(references) or None,
        description=visible(description),
    )


def _access_path(row: Sequence[Any]) -> AccessPathEntry:
    name, needs, filters, sorts, is_walk, calls = row
    return AccessPathEntry(
        name=visible(name),
        needs=_texts(needs),
        filters=_texts(filters),
        sorts=_texts(sorts),
        is_walk=bool(is_walk),
        calls=calls,
    )


def _texts(value: str | None) -> list[str]:
    return [visible(str(each)) for each in json.loads(value or "[]")]


@dataclass(frozen=True, slots=True)
class _Declared:
    """A tool: its function, what a client shows, what the model is taught, and whether it may write."""

    function: Callable[[Tools], Callable[..., Any]]
    title: str
    description: str
    may_write: bool = False


_DECLARED: Final = (
    _Declared(lambda tools: tools.query, "Query Box with SQL", teaching.QUERY, may_write=True),
    _Declared(lambda tools: tools.explain, "What a query costs", teaching.EXPLAIN),
    _Declared(lambda tools: tools.list_tables, "Tables", teaching.LIST_TABLES),
    _Declared(lambda tools: tools.describe_table, "Columns of a table", teaching.DESCRIBE_TABLE),
    _Declared(lambda tools: tools.search, "Search for files", teaching.SEARCH),
    _Declared(lambda tools: tools.read_text, "Read the text of a file", teaching.READ_TEXT),
)


def tools_of(statements: Statements, *, write: bool) -> list[Tool]:
    """Return the tools over the statements of an account."""
    functions = Tools(statements)
    made = []
    for each in _DECLARED:
        writes = write and each.may_write
        annotations = ToolAnnotations(
            read_only_hint=not writes, destructive_hint=writes, idempotent_hint=not writes, open_world_hint=True
        )
        description = f"{each.description}\n{teaching.WRITES if writes else ''}".rstrip()
        made.append(
            Tool.from_function(
                each.function(functions), title=each.title, description=description, annotations=annotations
            )
        )
    return made
