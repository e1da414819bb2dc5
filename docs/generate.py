#!/usr/bin/env python
"""Write the reference pages, and the types of the models, out of the code: `python docs/generate.py`.

`--check` exits with 1 where one is stale.
"""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from box_dialect.catalog import TABLES
from box_dialect.catalog.model import Op, Table, Type
from box_dialect.catalog.model.procedure import snake_case
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.catalog.system import SYSTEM_TABLES
from box_dialect.catalog.views import VIEWS
from box_dialect.orm.models import class_name
from box_dialect.orm.tables import columns
from box_dialect.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from box_dialect.catalog.model import AccessPath, Column, Relation, View, Write
    from box_dialect.catalog.model.procedure import Input, Procedure
    from box_dialect.properties import Property

_RELATIONS: Final[dict[str, Relation]] = {**TABLES, **SYSTEM_TABLES, **VIEWS}
_FOLDER: Final = Path(__file__).parent
_NOTICE: Final = "<!-- Written by docs/generate.py out of the code; edit the declarations there, not this page. -->"
_STUB: Final = """\
# Written by docs/generate.py out of the catalog; edit the declarations there, not this file.

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped

from box_dialect.catalog.model import Relation

AUTOMAP: Final[Mapping[str, Callable[..., Any]]]

def relate(base: type[Any]) -> None: ...
def tables(metadata: sa.MetaData, *added: Relation) -> dict[str, sa.Table]: ...

class Base(DeclarativeBase): ...
class BoxObject: ...

class BoxColumns:
    box_table: Relation

def columns_of(table: Relation) -> type[BoxColumns]: ...
def map_tables(tables: Iterable[Relation], base: type[Any] = ...) -> dict[str, Any]: ...
def templates(bind: sa.engine.Engine | sa.engine.Connection, base: type[Any] | None = ...) -> dict[str, Any]: ...
"""
_PYTHON: Final = {
    Type.TEXT: "str",
    Type.INTEGER: "int",
    Type.REAL: "float",
    Type.BOOLEAN: "bool",
    Type.DATE: "dt.date",
    Type.TIMESTAMP: "dt.datetime",
    Type.JSON: "Any",
    Type.BLOB: "bytes",
}
_TYPES: Final = {
    Type.TEXT: "text",
    Type.INTEGER: "integer",
    Type.REAL: "number",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.TIMESTAMP: "timestamp",
    Type.JSON: "JSON",
    Type.BLOB: "bytes",
}


_STRANGERS: Final[dict[str, str]] = {
    "nothing": "anything",
    "sent": "anything",
    "host": "with secrets of its own only",
    "path": "in an allowed folder only",
    "key": "text, or in an allowed folder",
    "cache": "`memory` only",
    "browser": "no browser",
    "files": "nothing",
    "bound": "the default or less",
    "charge": "`0` only",
    "schema": "`false` only",
    "deletion": "`false` only",
}


def properties() -> str:
    """Return the page of the connection properties."""
    rows = [
        (
            _code(p.name),
            _code(snake_case(p.name)),
            _values(p),
            _default(p),
            p.doc + (" A secret." if p.secret else ""),
            _STRANGERS[p.reach or "nothing"],
        )
        for p in PROPERTIES
    ]
    return _page(
        "# Connection properties",
        _NOTICE,
        "A property stands in the URL's query (`box://…/?Readonly=true`) or is given by name "
        '(`box_dialect.connect("box://…", Readonly=True)`). Names are matched in any case, and in snake_case. '
        "The value `env:NAME` stands for an environment variable, `file:PATH` for what a file holds. "
        "A secret is never shown. An empty value is an error, unless the property says that it may be empty; out of a "
        "URL's text SQLAlchemy drops it. How to use them: [connecting.md](connecting.md). The last column tells what a "
        "URL alone may say in a process that "
        "[restricts URLs](security.md#strangers-urls), beside no reference to a variable or a file.",
        _table(("property", "snake_case", "values", "default", "what it does", "stranger's URL"), rows),
    )


def tables() -> str:
    """Return the page of the tables."""
    overview = [
        (f"[{t.name}](#{t.name})", ", ".join(verb for verb, _ in _writes(t)) or "-", t.doc) for t in TABLES.values()
    ]
    return _page(
        "# Tables",
        _NOTICE,
        "Every table answers a SELECT without a WHERE, unless Box lists none of its rows, which the table then says. "
        "An access path is one way to its rows; the cheapest one that "
        "fits the statement is taken, and `EXPLAIN QUERY PLAN` names it. A path *needs* its columns compared by `=` or "
        "`IN`; what it *also takes over* narrows what Box is asked for, and SQLite does the rest. "
        "More: [querying.md](querying.md); how rows are written: [writing.md](writing.md).",
        _table(("table", "writes", "rows"), overview),
        *(_section(table) for table in TABLES.values()),
        "# Views",
        "A view is a query over these tables, and is read as one; `sys_tables` has its text. What it costs, its WHERE "
        "and its columns decide: [Who has access to what?](who-has-access.md)",
        _table(("view", "rows"), [(f"[{v.name}](#{v.name})", v.doc) for v in VIEWS.values()]),
        *(_view(view) for view in VIEWS.values()),
        "# System tables",
        "They tell of the connection itself, and take no call.",
        _table(("system table", "rows"), [(f"[{t.name}](#{t.name})", t.doc) for t in SYSTEM_TABLES.values()]),
        *(_page(f"## {t.name}", t.doc, _plain_columns(t)).rstrip("\n") for t in SYSTEM_TABLES.values()),
    )


def procedures() -> str:
    """Return the page of the procedures."""
    overview = [(f"[{p.name}](#{p.key})", "yes" if p.side_effect else "no", p.doc) for p in PROCEDURES.values()]
    return _page(
        "# Procedures",
        _NOTICE,
        "How to call one: [calling-procedures.md](calling-procedures.md). Names of procedures are matched in any case, "
        "those of inputs in any case and in snake_case; values by position come in the order below. One with a side "
        "effect is called by EXEC, CALL, `callproc`, in the outermost FROM, or in the outermost select list, [once for "
        "each row](calling-procedures.md#how-do-i-call-one-for-many-rows); with `Readonly=true` it is refused.",
        "`sqlalchemy.func` knows them, with their inputs and types, once the process has an engine for `box://` or has "
        "run `import box_dialect.dialect`.",
        _table(("procedure", "side effect", "what it does"), overview),
        *(_procedure(procedure) for procedure in PROCEDURES.values()),
    )


def models() -> str:
    """Return the page of the ORM's classes."""
    rows = [
        (
            _code(class_name(table.name)),
            f"[{table.name}](tables.md#{table.name})",
            _list(f"`{name}` ({kind})" for name, kind in _relationships(table, "{}", "list of {}")),
        )
        for table in _RELATIONS.values()
    ]
    return _page(
        "# Models",
        _NOTICE,
        "The classes of `box_dialect.orm`; how to use them: [orm.md](orm.md). Each has an attribute for each column of "
        "its table, and the relationships below. A relationship to one object is None where the column has no value, "
        "or where the object is not to be seen. A collection asks for its rows by the object's key, which takes a walk "
        "through all folders where the [table](tables.md) has no access path by that column.",
        _table(("class", "table", "relationships"), rows),
    )


def stub() -> str:
    """Return the types of the ORM's classes."""
    return "\n".join([_STUB, *(_typed(table) for table in _RELATIONS.values())])


def _typed(table: Relation) -> str:
    name, of_key = class_name(table.name), {each.columns[-1]: each for each in table.references if each.by is None}
    attributes = [f"    {c.name}: Mapped[{_python(c)}]" for c in columns(table)]
    related = [f"    {attribute}: Mapped[{kind}]" for attribute, kind in _relationships(table, "{} | None", "list[{}]")]
    written = []
    for column in columns(table) if isinstance(table, Table) and table.insert is not None else ():
        if column.update is not None or _on_insert(table, column):
            shadows = "  # noqa: A002 - the column is called so" if hasattr(builtins, column.name) else ""
            written.append(f"        {column.name}: {_python(column)} = ...,{shadows}")
            if column.name in of_key:
                reference = of_key[column.name]
                written.append(f"        {reference.name}: {class_name(reference.target)} | None = ...,")
    constructor = (
        ["    def __init__(", "        self,", "        *,", *written, "    ) -> None: ..."] if written else []
    )
    body, head = [*related, *constructor], f"class {name}({name}Columns, Base):"
    own = [head, *body] if body else [f"{head} ..."]
    return "\n".join([f"class {name}Columns(BoxColumns):", *attributes, "", *own, ""])


def _python(column: Column) -> str:
    kind = _PYTHON[column.type]
    return kind if kind == "Any" or not column.nullable else f"{kind} | None"


def _relationships(table: Relation, one: str, many: str) -> Iterator[tuple[str, str]]:
    for reference in table.references:
        if reference.target in _RELATIONS:
            yield reference.name, one.format(class_name(reference.target))
    for other in _RELATIONS.values():
        for reference in other.references:
            if reference.target == table.name and reference.reverse is not None:
                yield reference.reverse, many.format(class_name(other.name))


PAGES: Final[dict[str, Callable[[], str]]] = {
    "properties.md": properties,
    "tables.md": tables,
    "procedures.md": procedures,
    "models.md": models,
    "../box_dialect/orm/__init__.pyi": stub,
}


def _procedure(procedure: Procedure) -> str:
    inputs = [
        (_code(i.name), _code(i.parameter), _allowed(i), _usual(i), i.doc + (" A secret." if i.secret else ""))
        for i in procedure.inputs
    ]
    return _page(
        f"## {procedure.name}",
        f"{procedure.doc} [Box's reference]({procedure.reference}).{_further(procedure)}",
        _table(("input", "snake_case", "values", "default", "what it is"), inputs),
        _table(
            ("output", "type", "what it is"),
            [(_code(output.name), _TYPES[output.type], output.doc) for output in procedure.outputs],
        ),
    ).rstrip("\n")


def _further(procedure: Procedure) -> str:
    """Return what else is to be said of a procedure: its other names, and what it does with `Readonly=true`."""
    aliases = [f"Also called {', '.join(map(_code, procedure.aliases))}."] if procedure.aliases else []
    reading = " or ".join(
        f"without {_code(name)}" if value is None else f"with {_code(f'{name} {value}')}"
        for name, value in procedure.reads_when
    )
    return "".join(f" {each}" for each in [*aliases, *([f"It only reads {reading}."] if reading else [])])


def _allowed(declared: Input) -> str:
    words = ", ".join(map(_code, declared.choices)) or _TYPES[declared.type]
    if declared.several:
        return f"{words}; several are a list of JSON, or separated by commas"
    return words if declared.form is None else declared.form.words


def _usual(declared: Input) -> str:
    if declared.required:
        return "required"
    return "-" if declared.default is None else _code(str(declared.default))


def _section(table: Table) -> str:
    parts = [f"## {table.name}", f"{table.doc} [Box's reference]({table.reference})."]
    writes = [(verb, _calls(w), _list(map(_code, w.required))) for verb, w in _writes(table)]
    parts.append(_table(("access path", "needs", "asks Box for", "also takes over"), map(_path, table.paths)))
    if writes:
        parts.append(_table(("write", "call", "needs"), writes))
        columns = [
            (_code(c.name), _TYPES[c.type], _on_insert(table, c), "yes" if c.update is not None else "", _meaning(c))
            for c in table.columns
        ]
        parts.append(_table(("column", "type", "INSERT", "UPDATE", "what it holds"), columns))
    else:
        parts.append(_plain_columns(table))
    return _page(*parts).rstrip("\n")


def _view(view: View) -> str:
    costs = f"Calls: {view.calls} What makes it cost less: {view.cheaper}"
    return _page(f"## {view.name}", view.doc, costs, _plain_columns(view)).rstrip("\n")


def _plain_columns(relation: Relation) -> str:
    rows = [(_code(c.name), _TYPES[c.type], _meaning(c)) for c in relation.columns]
    return _table(("column", "type", "what it holds"), rows)


def _writes(table: Table) -> Iterator[tuple[str, Write]]:
    for verb, write in (("INSERT", table.insert), ("UPDATE", table.update), ("DELETE", table.delete)):
        if write is not None:
            yield verb, write


def _path(path: AccessPath) -> tuple[str, str, str, str]:
    taken = [f"`{narrow.column}` ({_operators(narrow.ops)})" for narrow in path.filters]
    if path.walk:
        taken.append("`path`, `parent_path`, `depth`: which folders are listed")
    taken += [f"ORDER BY `{order.column}` with LIMIT" for order in path.orders]
    needs = [f"`{key}`" + (" (also MATCH)" if key == "search" else "") for key in path.keys]
    return path.name, _list(needs), _list(dict.fromkeys(_code(call.operation) for call in path.asked)), _list(taken)


def _operators(ops: Iterable[Op]) -> str:
    return " ".join(op.value for op in Op if op in ops)


def _calls(write: Write) -> str:
    return _list(dict.fromkeys(_code(each.operation) for each in (write, *write.others.values())))


def _on_insert(table: Table, column: Column) -> str:
    if table.insert is None:
        return ""
    if table.is_inserted(column):
        return "yes"
    return "by a second call" if column.update is not None else ""


def _meaning(column: Column) -> str:
    places = [column.references, *(column.target.tables.values() if column.target else ())]
    links = " or ".join(f"[{place}](#{place.partition('.')[0]})" for place in places if place is not None)
    return ("Hidden: not in `SELECT *`. " if column.hidden else "") + column.doc + (f" → {links}" if links else "")


def _values(declared: Property) -> str:
    match declared.kind:
        case "choice":
            return ", ".join(map(_code, declared.values))
        case "boolean":
            return "`true`, `false`"
        case "integer":
            return f"whole number from {declared.minimum}"
        case "callback":
            return "url"
        case kind:
            return kind


def _default(declared: Property) -> str:
    if declared.default is None:
        return "-"
    return _code(str(declared.default).lower() if isinstance(declared.default, bool) else str(declared.default))


def _code(text: str) -> str:
    return f"`{text}`"


def _list(parts: Iterable[str]) -> str:
    return ", ".join(parts) or "-"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(header)
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(*parts: str) -> str:
    return "\n\n".join(parts) + "\n"


def main(arguments: list[str]) -> None:
    """Write the pages; with `--check`, only compare them."""
    if arguments not in ([], ["--check"]):
        sys.exit("usage: python docs/generate.py [--check]")
    stale = []
    for name, write in PAGES.items():
        page, text = _FOLDER / name, write()
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not arguments:
                page.write_text(text, encoding="utf-8")
    if arguments and stale:
        sys.exit(f"stale: {', '.join(stale)}; run: python docs/generate.py")


if __name__ == "__main__":
    main(sys.argv[1:])
