"""`box-dialect tables` and `describe`: what can be queried, out of the catalog of a connection."""

from __future__ import annotations

import difflib
import fnmatch
import itertools
import json
from typing import TYPE_CHECKING, Any, Final

import click

from box_dialect.cli.account import Failure, takes_account
from box_dialect.cli.records import json_option, print_json, print_pairs, print_table, shown
from box_dialect.cli.terminal import width
from box_dialect.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect import Connection
    from box_dialect.cli.account import Account

_TABLES: Final = """
    SELECT name, type, is_insertable, is_updatable, is_deletable, description,
           (SELECT json_group_array(name) FROM sys_access_paths WHERE table_name = sys_tables.name) AS access_paths
    FROM sys_tables ORDER BY name
"""
_COLUMNS: Final = """
    SELECT name, type, is_nullable, key_ordinal, is_hidden, is_insertable, is_updatable, options, description
    FROM sys_tablecolumns WHERE table_name = ? ORDER BY ordinal
"""
_FOREIGN_KEYS: Final = """
    SELECT column_name, referenced_table_name, referenced_column_name, type_column_name, type_value
    FROM sys_foreignkeys WHERE table_name = ? ORDER BY column_name, referenced_table_name
"""
_ACCESS_PATHS: Final = """
    SELECT name, operations, key_columns, filter_columns, order_columns, is_walk, calls, rows
    FROM sys_access_paths WHERE table_name = ?
"""
_WRITES: Final = ("insert", "update", "delete")
_JSON: Final = frozenset({"access_paths", "key_columns", "filter_columns", "order_columns", "options"})
"""Columns of lists."""

_WIDTHS: Final = ((0, "table"), (0, "type"), (0, "takes"), (120, "is read"), (180, "a row is"))
"""What is told of a table, with the width of the terminal from which on there is room for it."""


@click.command()
@json_option
@takes_account("[PATTERN]")
def tables(account: Account, pattern: str = "*", *, as_json: bool) -> None:
    """List the tables, those of metadata templates too, and the views.

    PATTERN is a part of a name, or has * and ? for what may stand there. Each is shown with the statements that it
    takes (all are INSERT, UPDATE and DELETE) and, where there is room, with the ways by which its rows are read.
    """
    wanted = pattern.lower() if any(each in pattern for each in "*?[") else f"*{pattern.lower()}*"
    with account.connect() as connection:
        connection.find_tables()
        found = [each for each in _records(connection, _TABLES) if fnmatch.fnmatchcase(each["name"].lower(), wanted)]
    if as_json:
        for each in found:
            print_json(each)
        return
    if not found:
        raise Failure(f"No table has a name like {printable(pattern)}.")
    rows = [(each["name"], each["type"], _writes(each), _ways(each), _first_sentence(each)) for each in found]
    most = width()
    names = [name for least, name in _WIDTHS if most is None or least <= most]
    print_table(names, [row[: len(names)] for row in rows])


@click.command()
@json_option
@takes_account("TABLE")
def describe(account: Account, table: str, as_json: bool) -> None:
    """Show the columns and keys of a table, its inputs, and how its rows are read.

    Inputs are columns that SELECT * leaves out; what they are compared with, or set to, tells Box what is wanted.
    """
    with account.connect() as connection:
        if connection.find_tables(table) is None:
            connection.find_tables()
        described = _table(connection, table)
        name = (described["name"],)
        columns = _records(connection, _COLUMNS, name)
        keys = _records(connection, _FOREIGN_KEYS, name)
        paths = _records(connection, _ACCESS_PATHS, name)
    if as_json:
        print_json({**described, "columns": columns, "foreign_keys": keys, "access_paths": paths})
        return
    filtered = {each for path in paths for each in path["filter_columns"]}
    key_of = {each["column_name"]: f"{each['referenced_table_name']}.{each['referenced_column_name']}" for each in keys}
    print_pairs(
        [
            ("table", described["name"]),
            ("type", described["type"]),
            ("takes", _writes(described)),
            ("a row is", described["description"]),
        ]
    )
    for title, is_hidden in (("Columns", False), ("Inputs, which SELECT * leaves out", True)):
        rows = [_column(each, filtered, key_of) for each in columns if each["is_hidden"] == is_hidden]
        if rows:
            click.echo()
            print_table(("column", "type", "notes", "it is"), rows, title=title)
    if paths:
        click.echo()
        print_table(("way", "needs", "calls", "rows", "Box is asked"), map(_path, paths), title="How rows are read")


def _records(connection: Connection, query: str, parameters: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the rows of a query by the names of its columns, lists as such."""
    cursor = connection.cursor().execute(query, parameters)
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row.update({name: json.loads(row[name]) for name in _JSON & row.keys() if row[name] is not None})
    return rows


def _table(connection: Connection, name: str) -> dict[str, Any]:
    """Return what is told of a table; raises Failure, with names that are near, where there is none."""
    known = {each["name"].lower(): each for each in _records(connection, _TABLES)}
    relation = connection.find_tables(name)
    found = known.get(name.lower()) or (known.get(_main_name(relation)) if relation is not None else None)
    if found is not None:
        return found
    near = difflib.get_close_matches(name.lower(), known, n=3)
    hint = f"did you mean {', '.join(near)}?" if near else "box-dialect tables lists all."
    raise Failure(f"There is no table {printable(name)}; {hint}")


def _main_name(relation: Any) -> str:
    """Return the name of a table by which the catalog tells of it, for one of its other names."""
    alias_of = getattr(relation, "alias_of", None)
    return str(alias_of or relation.name).lower()


def _ways(table: dict[str, Any]) -> str:
    return ", ".join(table["access_paths"])


def _first_sentence(table: dict[str, Any]) -> str:
    return f"{table['description'].partition('. ')[0].removesuffix('.')}."


def _writes(table: dict[str, Any]) -> str:
    """Return the statements that write to a table, or `all`."""
    allowed = (table["is_insertable"], table["is_updatable"], table["is_deletable"])
    return "all" if all(allowed) else ", ".join(itertools.compress(_WRITES, allowed))


def _column(column: dict[str, Any], filtered: set[str], key_of: dict[str, str]) -> tuple[str, str, str, str]:
    name = column["name"]
    notes = [
        "key" if column["key_ordinal"] else "",
        "" if column["is_nullable"] or column["key_ordinal"] else "not null",
        "filter" if name in filtered else "",
        "insert" if column["is_insertable"] else "",
        "update" if column["is_updatable"] else "",
        f"-> {key_of[name]}" if name in key_of else "",
    ]
    options = ", ".join(map(shown, column["options"] or ()))
    told = f"{column['description']} One of: {options}." if options else column["description"]
    return name, column["type"].lower(), ", ".join(filter(None, notes)), told


def _path(path: dict[str, Any]) -> tuple[str, str, str, str, str]:
    calls = "a call for each folder" if path["is_walk"] else f"{path['calls']:,.0f}"
    return path["name"], ", ".join(path["key_columns"]), calls, f"{path['rows']:,.0f}", path["operations"]
