"""Random statements over the tables of a world."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from box_dialect.catalog import TABLES

from .datasets import WORDS
from .spellings import FORMS, LOCAL, LOCAL_MOMENT, LOCAL_TEXT, has_moments, moment, spelled, stored

if TYPE_CHECKING:
    from .datasets import World

# Pairs of columns that people join by, and some that have little to do with each other.
JOINS = (
    ("files", "parent_id", "folders", "id"),
    ("folders", "parent_id", "folders", "id"),
    ("items", "parent_id", "folders", "id"),
    ("items", "id", "files", "id"),
    ("web_links", "parent_path", "folders", "path"),
    ("files", "parent_path", "folders", "path"),
    ("comments", "item_id", "files", "id"),
    ("files", "id", "comments", "item_id"),
    ("comments", "created_by_id", "users", "id"),
    ("comments", "reply_to_id", "comments", "id"),
    ("collaborations", "item_id", "folders", "id"),
    ("collaborations", "item_id", "files", "id"),
    ("collaborations", "user_id", "users", "id"),
    ("groups", "id", "collaborations", "group_id"),
    ("memberships", "group_id", "groups", "id"),
    ("users", "id", "memberships", "user_id"),
    ("memberships", "user_id", "users", "id"),
    ("files", "owned_by_id", "users", "id"),
    ("files", "name", "folders", "name"),
    ("users", "login", "users", "login"),
    ("files", "size", "folders", "depth"),
    ("metadata_instances", "item_id", "files", "id"),
    ("metadata_instances", "item_id", "folders", "id"),
    ("files", "id", "metadata_instances", "item_id"),
    ("metadata_instances", "template_key", "metadata_templates", "template_key"),
    ("metadata_templates", "id", "metadata_template_fields", "template_id"),
    ("metadata_template_fields", "key", "metadata_template_field_options", "field_key"),
    ("metadata_cascade_policies", "folder_id", "folders", "id"),
    ("metadata_taxonomies", "key", "metadata_taxonomy_levels", "taxonomy_key"),
    ("metadata_taxonomies", "key", "metadata_taxonomy_nodes", "taxonomy_key"),
    ("metadata_taxonomy_nodes", "parent_id", "metadata_taxonomy_nodes", "id"),
    (LOCAL, "id", "files", "id"),
    (LOCAL, "amount", "files", "id"),
    (LOCAL, "number", "files", "parent_id"),
    (LOCAL, "id", "comments", "item_id"),
    (LOCAL, "amount", "comments", "item_id"),
    (LOCAL, "id", "users", "id"),
    (LOCAL, "number", "users", "id"),
    (LOCAL, "amount", "groups", "id"),
    (LOCAL, "id", "folders", "parent_id"),
    ("folders", "id", LOCAL, "amount"),
    ("items", "id", LOCAL, "number"),
    ("collaborations", "item_id", LOCAL, "id"),
    (LOCAL, LOCAL_MOMENT, "files", "modified_at"),
    (LOCAL, LOCAL_TEXT, "files", "created_at"),
    (LOCAL, LOCAL_TEXT, "folders", "modified_at"),
    ("files", "modified_at", LOCAL, LOCAL_MOMENT),
    ("folders", "created_at", LOCAL, LOCAL_TEXT),
    ("files", "modified_at", "folders", "created_at"),
)
# Columns that access paths take over, drawn more often than the others.
HOT = (
    "id",
    "parent_id",
    "path",
    "parent_path",
    "depth",
    "name",
    "item_id",
    "item_type",
    "login",
    "group_id",
    "user_id",
    "type",
    "size",
    "created_at",
    "folder_id",
    "scope",
    "template_key",
    "template_id",
    "namespace",
    "taxonomy_key",
    "field_key",
    "field_type",
    "key",
    "level",
)
COMPARISONS = ("=", "=", "=", "!=", "<", "<=", ">", ">=", "IS", "IS NOT")
MOMENTS = frozenset({"created_at", "modified_at", LOCAL_MOMENT, LOCAL_TEXT})
"""Columns that moments are joined by."""
MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
JOIN_KINDS = ("JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")
LONGEST_PATTERN = 100
"""Characters of a value in a pattern: fewer than the bytes that LIKE and GLOB take."""


@dataclass(frozen=True)
class Source:
    """A table in a FROM clause, under its alias."""

    table: str
    alias: str

    def column(self, name: str) -> str:
        return f'{self.alias}."{name}"'


@dataclass(frozen=True)
class Statement:
    """A statement with its parameters, and what of its result is determined.

    `plain` is the same for SQLite, with all moments in one form; `complete` is that without LIMIT. `ordered` tells by
    how many leading columns the rows are sorted.
    """

    sql: str
    parameters: tuple[Any, ...]
    plain: str
    plain_parameters: tuple[Any, ...]
    complete: str
    complete_parameters: tuple[Any, ...]
    ordered: int
    is_limited: bool
    tables: tuple[str, ...]


def literal(value: Any) -> str:
    """Write a value into a statement's text."""
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


class Builder:
    """Draw one statement; parameters are collected in the order of their marks, those of SQLite's side beside them.

    In the text a moment stands as a mark of its own until it is spelled.
    Half of the statements are pointed: they compare only columns that access paths take over.
    """

    def __init__(self, draw: st.DrawFn, world: World) -> None:
        self.draw, self.world = draw, world
        self.parameters: list[tuple[Any, Any]] = []
        self.moments: list[tuple[str, str]] = []
        self.tables: list[str] = []
        self.aliases = 0
        self.is_pointed = draw(st.booleans())

    def source(self, table: str) -> Source:
        self.aliases += 1
        self.tables.append(table)
        return Source(table, f"t{self.aliases}")

    def column(self, table: str) -> str:
        names = list(self.world.values[table])
        hot = [name for name in HOT if name in names] or names
        return self.draw(st.sampled_from(hot if self.is_pointed or self.draw(st.booleans()) else names))

    def value(self, table: str, column: str) -> Any:
        known = self.world.values[table][column] or [None]
        odd = st.sampled_from([None, "", "0", 0, 1, -1, 7, 2.5, "/", "/a", "007", *WORDS[:3]])
        value = self.draw(st.sampled_from(known) | odd if self.draw(st.integers(0, 3)) == 0 else st.sampled_from(known))
        change = self.draw(st.integers(0, 9))
        if isinstance(value, str) and change == 0:
            return value.swapcase()
        if isinstance(value, str) and change == 1:
            return value[: len(value) // 2]
        if isinstance(value, int) and change == 2:
            return str(value)
        if isinstance(value, str) and value.isdigit() and len(value) < 18 and change == 3:
            return int(value)
        return value

    def moment(self, table: str, column: str) -> Any:
        """Draw a moment that a column has, or one close to it, in the form of SQLite's side."""
        known = self.draw(st.sampled_from(self.world.values[table][column] or [None]))
        change = self.draw(st.integers(0, 5))
        if known is None or change > 2:
            return known
        changes = (dt.timedelta(microseconds=1), -dt.timedelta(microseconds=1))
        return stored(moment(known) + changes[change] if change < 2 else moment(known[:10] + " 00:00:00.000000"))

    def compared(self, table: str, column: str) -> str:
        """Write a value that a column is compared with; a moment in any spelling."""
        if not has_moments(table, column):
            return self.bound(self.value(table, column))
        value = self.moment(table, column)
        return self.bound(value, spelled(value, self.draw(st.sampled_from(FORMS))))

    def bound(self, value: Any, spelling: Any = None) -> str:
        """Write a value as a parameter or as a literal, for Box perhaps in another spelling."""
        if self.draw(st.booleans()):
            self.parameters.append((value if spelling is None else spelling, value))
            return "?"
        if spelling is None:
            return literal(value)
        self.moments.append((literal(spelling), literal(value)))
        return f"\0{len(self.moments) - 1}\0"

    def written(self, sql: str, side: int) -> str:
        """Return the text with its moments as one side has them: 0 is Box's, 1 SQLite's."""
        return re.sub("\0(.*?)\0", lambda found: self.moments[int(found[1])][side], sql)

    def given(self, side: int) -> tuple[Any, ...]:
        """Return the parameters that one side gets."""
        return tuple(pair[side] for pair in self.parameters)

    def predicate(self, sources: list[Source], depth: int = 2) -> str:
        if depth and self.draw(st.integers(0, 1 if self.is_pointed else 2)):
            kind = self.draw(st.sampled_from(("AND", "AND", "OR", "NOT")))
            if kind == "NOT":
                return f"NOT ({self.predicate(sources, depth - 1)})"
            return f"({self.predicate(sources, depth - 1)} {kind} {self.predicate(sources, depth - 1)})"
        source = self.draw(st.sampled_from(sources))
        name = self.column(source.table)
        column = source.column(name)
        if has_moments(source.table, name):
            column = self.draw(st.sampled_from(("{0}", "{0}", "{0}", "coalesce({0}, {0})", "(SELECT {0})"))).format(
                column
            )
        kinds = [self._compare, self._compare, self._in, self._in, self._between, self._null, self._subquery]
        if (source.table, name) != (LOCAL, LOCAL_MOMENT):  # whose texts the two sides do not share
            kinds += [self._like, self._glob]
        return self.draw(st.sampled_from(kinds))(source, name, column)

    def _compare(self, source: Source, name: str, column: str) -> str:
        operator = self.draw(st.sampled_from(COMPARISONS))
        collate = "" if has_moments(source.table, name) or self.draw(st.integers(0, 5)) else " COLLATE NOCASE"
        if collate:
            value = self.value(source.table, name)
            value = self.bound(value.swapcase() if isinstance(value, str) else value)
        else:
            value = self.compared(source.table, name)
        if not collate and operator in MIRRORED and self.draw(st.integers(0, 4)) == 0:
            return f"{value} {MIRRORED[operator]} {column}"
        return f"{column} {operator} {value}{collate}"

    def _in(self, source: Source, name: str, column: str) -> str:
        values = [self.compared(source.table, name) for _ in range(self.draw(st.integers(0, 4)))]
        form = self.draw(st.sampled_from(("{} IN ({})", "{} IN ({})", "{} NOT IN ({})", "NOT {} IN ({})")))
        return form.format(column, ", ".join(values))

    def _pattern(self, source: Source, name: str, many: str, one: str, *, escape: str = "") -> str:
        value = str(self.value(source.table, name))[:LONGEST_PATTERN]
        cut = self.draw(st.integers(0, len(value)))
        end = self.draw(st.sampled_from((many, one, "", many + many)))
        start = many if self.draw(st.integers(0, 4)) == 0 else ""
        beginning = "".join(escape + letter if letter in (many, one, escape) else letter for letter in value[:cut])
        return self.bound(start + (beginning if escape else value[:cut]) + end)

    def _like(self, source: Source, name: str, column: str) -> str:
        form = self.draw(st.sampled_from(("{} LIKE {}", "{} LIKE {}", "{} NOT LIKE {}", "NOT {} LIKE {}")))
        escape = self.draw(st.sampled_from(("", "", "/", "a")))
        if escape:
            return f"{form.format(column, self._pattern(source, name, '%', '_', escape=escape))} ESCAPE '{escape}'"
        return form.format(column, self._pattern(source, name, "%", "_"))

    def _glob(self, source: Source, name: str, column: str) -> str:
        return f"{column} GLOB {self._pattern(source, name, '*', '?')}"

    def _between(self, source: Source, name: str, column: str) -> str:
        form = self.draw(st.sampled_from(("{} BETWEEN {} AND {}", "NOT {} BETWEEN {} AND {}")))
        low, high = (self.compared(source.table, name) for _ in range(2))
        return form.format(column, low, high)

    def _null(self, _source: Source, _name: str, column: str) -> str:
        return self.draw(st.sampled_from(("{} IS NULL", "{} IS NOT NULL", "NOT {} IS NULL"))).format(column)

    def _subquery(self, source: Source, name: str, column: str) -> str:
        pairs = [join for join in JOINS if join[0] == source.table]
        if not pairs:
            return self._null(source, name, column)
        _, mine, table, theirs = self.draw(st.sampled_from(pairs))
        inner = self.source(table)
        clause = f"{table} {inner.alias}"
        condition = self.predicate([inner], 0)
        same = f"{inner.column(theirs)} = {source.column(mine)}"
        negation = self.draw(st.sampled_from(("", "NOT ")))
        form = self.draw(st.integers(0, 4))
        if form == 0:
            return f"{negation}EXISTS (SELECT 1 FROM {clause} WHERE {same} AND {condition})"
        if form == 1:
            return f"{source.column(mine)} {negation}IN (SELECT {inner.column(theirs)} FROM {clause} WHERE {condition})"
        if form == 2:
            least = self.draw(st.integers(0, 1))
            return f"(SELECT count(*) FROM {clause} WHERE {same} AND {condition}) > {least}"
        if form == 3:
            shown = theirs if mine in MOMENTS or "id" not in self.world.values[table] else "id"
            first = f"SELECT {shown} FROM {clause} WHERE {condition} ORDER BY 1 LIMIT {self.draw(st.integers(0, 4))}"
            return f"{source.column(mine)} {negation}IN ({first} OFFSET {self.draw(st.integers(0, 1))})"
        return f"{source.column(mine)} = (SELECT max({inner.column(theirs)}) FROM {clause} WHERE {condition})"

    def scalar(self, source: Source) -> tuple[str, bool]:
        """Return a subquery that gives one value for each row of a source, and whether that is a moment.

        It is the source's own column where it joins none.
        """
        pairs = [join for join in JOINS if join[0] == source.table]
        if not pairs:
            return source.column(TABLES[source.table].keys[0] if source.table in TABLES else "id"), False
        _, mine, table, theirs = self.draw(st.sampled_from(pairs))
        inner = self.source(table)
        value, shown = (
            self.draw(st.sampled_from(("count(*)", "max({})", "group_concat(DISTINCT {})"))),
            self.column(table),
        )
        if (table, shown) == (LOCAL, LOCAL_MOMENT):  # whose spellings are of several lengths
            value = value.replace("group_concat", "count")
        value = value.format(inner.column(shown))
        if value.startswith("group_concat"):  # in no certain order
            value = f"length({value})"
        is_datetime = value.startswith("max") and has_moments(table, shown)
        condition = f"{inner.column(theirs)} = {source.column(mine)}"
        return f"(SELECT {value} FROM {table} {inner.alias} WHERE {condition})", is_datetime

    def from_clause(self) -> tuple[str, list[Source]]:
        shape = self.draw(st.integers(0, 9))
        if shape < 5:
            source = self.source(self.draw(st.sampled_from(self.world.filled)))
            return f"{source.table} {source.alias}", [source]
        left_table, left_column, right_table, right_column = self.draw(st.sampled_from(JOINS))
        left, right = self.source(left_table), self.source(right_table)
        if self.draw(st.booleans()):
            left, right, left_column, right_column = right, left, right_column, left_column
        on = f"{left.column(left_column)} = {right.column(right_column)}"
        if self.draw(st.integers(0, 3)) == 0:
            on += f" AND {self.predicate([right], 0)}"
        sources = [left, right]
        text = f"{left.table} {left.alias} {self._join_kind()} {right.table} {right.alias} ON {on}"
        further = [join for join in JOINS if join[0] == right.table]
        if shape >= 8 and further:
            _, mine, table, theirs = self.draw(st.sampled_from(further))
            third = self.source(table)
            text += f" {self._join_kind()} {table} {third.alias} ON {right.column(mine)} = {third.column(theirs)}"
            sources.append(third)
        return text, sources

    def _join_kind(self) -> str:
        return self.draw(st.sampled_from(JOIN_KINDS))

    def select(self) -> tuple[str, int]:
        """Return a SELECT without ORDER BY and LIMIT, and the number of its columns."""
        clause, sources = self.from_clause()
        picked = [self.draw(st.sampled_from(sources)) for _ in range(self.draw(st.integers(1, 3)))]
        names = [self.column(source.table) for source in picked]
        columns = [source.column(name) for source, name in zip(picked, names, strict=True)]
        self.shown = [has_moments(source.table, name) for source, name in zip(picked, names, strict=True)]
        if self.draw(st.integers(0, 5)) == 0:
            columns[-1], self.shown[-1] = self.scalar(picked[-1])
        where = f" WHERE {self.predicate(sources)}" if self.draw(st.integers(0, 4)) else ""
        kind = self.draw(st.integers(0, 9))
        if kind == 0:
            self.shown = [False, False, self.shown[0], self.shown[-1]]
            return (
                f"SELECT count(*), count({columns[0]}), min({columns[0]}), max({columns[-1]}) FROM {clause}{where}",
                4,
            )
        if kind == 1:
            having = self.draw(st.sampled_from(("", " HAVING count(*) > 1")))
            if self.shown[0] and has_moments(picked[0].table, names[0]) and self.draw(st.booleans()):
                compared = self.compared(picked[0].table, names[0])
                having = f" HAVING max({columns[0]}) {self.draw(st.sampled_from(('>=', '<', '=')))} {compared}"
            self.shown = [self.shown[0], False]
            return f"SELECT {columns[0]}, count(*) FROM {clause}{where} GROUP BY 1{having}", 2
        distinct = "DISTINCT " if kind in {2, 3} else ""
        return f"SELECT {distinct}{', '.join(columns)} FROM {clause}{where}", len(columns)

    def beside_texts(self) -> tuple[str, int]:
        """Return a SELECT that has Box's moments and local texts in one column, or compares them in other shapes."""
        own, box = self.source(LOCAL), self.source(self.draw(st.sampled_from(("files", "folders"))))
        text, at = own.column(LOCAL_TEXT), box.column(self.draw(st.sampled_from(("created_at", "modified_at"))))
        texts, shape = f"{own.table} {own.alias}", self.draw(st.integers(0, 5))
        if shape < 2:
            shown = (f"CASE {text} WHEN {at} THEN 1 ELSE 0 END", f"nullif({text}, {at}), max({text}, {at})")[shape]
            return f"SELECT {text}, {shown} FROM {texts} JOIN {box.table} {box.alias} ON TRUE", 2 + shape
        moments = f"{box.table} {box.alias} WHERE {self.predicate([box], 1)}"
        if shape == 2:
            return f"SELECT {text} FROM {texts} WHERE ({text}, 1) IN (SELECT {at}, 1 FROM {moments})", 1
        arms = [f"SELECT {text} AS x FROM {texts}", f"SELECT {at} AS x FROM {moments}"]
        if self.draw(st.booleans()):
            arms.reverse()
        compound = f" {self.draw(st.sampled_from(('UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT')))} ".join(arms)
        if shape == 3:
            return compound, 1
        if shape == 4:
            return f"SELECT x, count(*) FROM ({compound}) GROUP BY x", 2
        return f"SELECT count(*), count(DISTINCT x), min(x) FROM ({compound})", 3

    def statement(self) -> Statement:
        is_beside_texts = self.draw(st.integers(0, 9)) == 0
        sql, width = self.beside_texts() if is_beside_texts else self.select()
        shape = self.draw(st.integers(0, 2 if is_beside_texts else 11))
        if shape == 0:
            sql = f"WITH c AS ({sql}) SELECT * FROM c"
        elif shape == 1:
            sql = f"WITH c AS MATERIALIZED ({sql}) SELECT * FROM c"
        elif shape == 2:
            sql = f"SELECT * FROM ({sql}) s"
        elif shape == 3:
            before, shown = len(self.parameters), self.shown
            other, _ = self.select()
            # Moments and texts do not compare.
            if self.shown != shown:
                del self.parameters[before:]
            else:
                sql = f"{sql} {self.draw(st.sampled_from(('UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT')))} {other}"
        ordered = self.draw(st.sampled_from((0, 0, 1, width)))
        if ordered:
            directions = [self.draw(st.sampled_from(("", " DESC"))) for _ in range(ordered)]
            sql += " ORDER BY " + ", ".join(f"{n}{direction}" for n, direction in enumerate(directions, start=1))
        complete, complete_parameters = self.written(sql, 1), self.given(1)
        is_limited = self.draw(st.integers(0, 2)) == 0
        if is_limited:
            sql += f" LIMIT {self.bound(self.draw(st.sampled_from((0, 1, 2, 5, 50, -1))))}"
            if self.draw(st.booleans()):
                sql += f" OFFSET {self.bound(self.draw(st.sampled_from((0, 1, 3, 20))))}"
        return Statement(
            self.written(sql, 0),
            self.given(0),
            self.written(sql, 1),
            self.given(1),
            complete,
            complete_parameters,
            ordered,
            is_limited,
            tuple(self.tables),
        )
