"""Names of Box's views: SQLite has these in the schema `temp`, where a view of a local database does not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.dbapi.sqltext.lexer import edited, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from box_dialect.catalog.model import View
    from box_dialect.dbapi.sqltext.lexer import Token

_NAMES: Final = frozenset({"word", "quoted"})


def in_temp(operation: str, views: Mapping[str, View]) -> str:
    """Return a statement that names Box's views where SQLite has them: `main.NAME`, as BI tools ask, is `temp.NAME`."""
    lower = operation.lower()
    if "main" not in lower or not any(name in lower for name in views):
        return operation
    schemas = (schema for schema, _ in _named(read(operation), views) if schema is not None)
    return edited(operation, [(each.start, each.end, "temp") for each in schemas if each.content.lower() == "main"])


def with_definitions(query: str, views: Mapping[str, View]) -> str:
    """Return a query that has the definitions of Box's views which it names as its own common tables."""
    found = read(query)
    named = list(_named(found, views))
    names = _with_those_within((name.content.lower() for _, name in named), views)
    if not names:
        return query
    definitions = ", ".join(_common_table(views[name]) for name in names)
    words = [token.text.lower() for token in found[:2]]
    begins_with = words.index("recursive") if "recursive" in words else 0
    is_common = words[0] == "with"
    place = found[begins_with].end if is_common else found[0].start
    before = f" {definitions}," if is_common else f"WITH {definitions} "
    unqualified = [(schema.start, name.start, "") for schema, name in named if schema is not None]
    return edited(query, [(place, place, before), *unqualified])


def _named(found: list[Token], views: Mapping[str, View]) -> Iterator[tuple[Token | None, Token]]:
    """Yield what names a view, with the token of the schema before it, if there is one."""
    for place, token in enumerate(found):
        if token.kind in _NAMES and token.content.lower() in views:
            has_schema = place > 1 and found[place - 1].text == "." and found[place - 2].kind in _NAMES
            if not has_schema:
                yield None, token
            elif found[place - 2].content.lower() in {"main", "temp"}:
                yield found[place - 2], token


def _with_those_within(names: Iterable[str], views: Mapping[str, View]) -> list[str]:
    """Return names of views, each once, behind those that its definition names."""
    found: list[str] = []
    for name in names:
        within = (token.content.lower() for _, token in _named(read(views[name].sql), views))
        found += [each for each in (*_with_those_within(within, views), name) if each not in found]
    return list(dict.fromkeys(found))


def _common_table(view: View) -> str:
    columns = ", ".join(f'"{column.name}"' for column in view.columns)
    return f'"{view.name}"({columns}) AS NOT MATERIALIZED ({view.sql})'
