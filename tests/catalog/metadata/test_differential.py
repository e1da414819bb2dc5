"""Statements on a template give the rows that SQLite's own table with the same rows gives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conftest import Box

    import box_dialect

NUMBERS = (0, -1, 5, 5.5, 0.1, 16777215, 16777216, 16777217, -16777216, -16777217, 1e300, "5", " 5.5", "5x", None)
MOMENTS = (
    "2026-01-01",
    "2026-01-02",
    "2026-01-02T00:00:00Z",
    "2026-01-02 00:00:00.001",
    "2026-01-02 00:00:00.0005",
    "2026-01-02 00:00:00.0000001",
    "2026-01-02T01:00:00+01:00",
    "2026-01-02 12:30:00.520000",
    "1969-12-31 23:59:59.999",
    "9999-12-31 23:59:59.999999",
    None,
)
TEXTS = ("", "a", "A", "ä", "100%", "it's", 'the "final"', "back\\slash", "x\N{GRINNING FACE}y", 5, None)
JOINS = (
    "{contract} c JOIN {files} f ON f.id = c.item_id AND c.item_type = 'file' AND {on}",
    "{contract} c JOIN {files} f ON f.id = c.item_id AND c.item_type = f.type AND {on}",
    "{contract} c JOIN {files} f ON f.id = c.item_id AND ({on} OR c.item_type = 'file')",
    "{contract} c LEFT JOIN {files} f ON f.id = c.item_id AND c.item_type = 'file' AND {on}",
    "{files} f LEFT JOIN {contract} c ON c.item_id = f.id AND c.item_type = 'file' AND {on}",
    "{files} f LEFT JOIN {contract} c ON c.item_id = f.id JOIN {contract} d ON d.item_id = f.id AND {on}",
    "{files} f FULL JOIN {contract} c ON c.item_id = f.id AND c.item_type = 'file' AND {on}",
    "{contract} c, {files} f",
)
ITEM_VALUES = {
    "name": ("Notes.txt", "notes", "", "a", None),
    "type": ("file", "folder", "", None),
    "description": ("", "a", None),
    "extension": ("", "txt", "docx", None),
    "owned_by_id": ("20000000002", "20000000003", "1", "", 20000000002, None),
    "created_at": ("2015-04-08 08:00:00", "2015-04-11T10:00:00+02:00", "2015-04-12 08:00:00.5", "2026-01-01", None),
    "modified_at": ("2015-04-08 08:00:00", "2015-04-11 08:00:00.0000001", "2020-01-01", None),
}
PATTERNS = (
    "%",
    "a",
    "A%",
    "%Ä%",
    "100_",
    "100\\%",
    "%\\%",
    "_",
    "x_y",
    "%'%",
    "k",
    "\N{KELVIN SIGN}",
    "",
    "fi",
    "%.txt",
    "not%",
    "%e%",
)
OPTIONS = ("'a'", "'b'", "'c'", "NULL", "1")
LITERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w.])-?[0-9][0-9.]*(?:e\+?[0-9]+)?\b(?! FROM)|(?<!IS )(?<!NOT )\bNULL\b")
VALUES = {"amount": NUMBERS, "due": MOMENTS, "title": TEXTS, "status": ("open", "closed", "none", None)}
COMPARED = ("=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT", "IS DISTINCT FROM", "IS NOT DISTINCT FROM", "==", "!=")
MEMBERSHIPS = {
    "has_any": ["has_any({tags}, {listed})"],
    "json_each": [
        "EXISTS (SELECT 1 FROM json_each({tags}) WHERE value = {first})",
        "EXISTS (SELECT * FROM json_each({tags}) j WHERE j.value IN ({listed}))",
        "EXISTS (SELECT count(*) FROM json_each({tags}) WHERE value = {first})",
        "EXISTS (SELECT value FROM json_each({tags}) WHERE value = {first} AND key = 1)",
        "EXISTS (SELECT value FROM json_each({tags}) WHERE value <> {first})",
        "EXISTS (SELECT value FROM json_each({tags}) WHERE {first} = value LIMIT 0)",
        "{first} IN (SELECT value FROM json_each({tags}))",
        "{first} IN (SELECT key FROM json_each({tags}))",
        "{first} NOT IN (SELECT j.value FROM json_each({tags}) AS j)",
    ],
}
SORTED = ("amount", "due")


@pytest.fixture(scope="module")
def mirrored(tagged: Box) -> Iterator[box_dialect.Connection]:
    """A connection with a table of its own, `mirror`, that has the rows of the template, and one of the files."""
    with tagged.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE mirror AS SELECT *, note FROM enterprise_contract")
        cursor.execute(f"CREATE TABLE mirrored_files AS SELECT id, size, {', '.join(ITEM_VALUES)} FROM files")
        yield connection


def value_of(literal: str) -> Any:
    if literal.startswith("'"):
        return literal[1:-1].replace("''", "'")
    return None if literal == "NULL" else float(literal) if "." in literal or "e" in literal else int(literal)


def written(value: Any) -> str:
    return "NULL" if value is None else repr(value) if isinstance(value, int | float) else f"'{_escaped(value)}'"


def _escaped(text: str) -> str:
    return text.replace("'", "''")


@st.composite
def comparisons(draw: st.DrawFn, of: str = "") -> str:
    """Draw a comparison of a column of the template, whose name has `of` before it."""
    column = draw(st.sampled_from([*VALUES, "title", "tags", "has_any", "json_each", "note", "item_type"]))
    if column in MEMBERSHIPS:
        listed = ", ".join(draw(st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=2)))
        shape = draw(st.sampled_from(MEMBERSHIPS[column]))
        return shape.format(tags=f"{of}tags", listed=listed, first=listed.partition(",")[0])
    if column in {"tags", "note", "item_type"}:
        value = written('["a"]' if column == "tags" else "file")  # SQLite may read what a list equals as JSON
        return f"{of}{column} {draw(st.sampled_from(['IS NULL', 'IS NOT NULL', f'IN ({value})']))}"
    return draw(compared(f"{of}{column}", VALUES[column], is_text=column == "title"))


@st.composite
def items(draw: st.DrawFn) -> str:
    """Draw a comparison of a column of the file that an instance belongs to."""
    column = draw(st.sampled_from([*ITEM_VALUES]))
    return draw(compared(f"f.{column}", ITEM_VALUES[column], is_text=column in {"name", "description", "extension"}))


def compared(column: str, drawn: Sequence[Any], *, is_text: bool) -> st.SearchStrategy[str]:
    values = st.sampled_from(drawn).map(written)
    several = st.lists(values, min_size=1, max_size=4).map(", ".join)
    shapes = [
        st.builds("{} {} {}".format, st.just(column), st.sampled_from(COMPARED), values),
        st.builds("{2} {1} {0}".format, st.just(column), st.sampled_from(COMPARED), values),
        st.builds(
            "{} {} {} AND {}".format, st.just(column), st.sampled_from(["BETWEEN", "NOT BETWEEN"]), values, values
        ),
        st.builds("{} {} ({})".format, st.just(column), st.sampled_from(["IN", "NOT IN"]), several),
        st.sampled_from([f"{column} IS NULL", f"{column} NOT NULL", f"{column} IS NOT NULL", f"{column} = {column}"]),
    ]
    if is_text:
        patterns = st.sampled_from(PATTERNS).map(written)
        shapes += [
            st.builds("{} {} {}".format, st.just(column), st.sampled_from(["LIKE", "NOT LIKE", "GLOB"]), patterns),
            st.builds("{} {} {} ESCAPE '!'".format, st.just(column), st.sampled_from(["LIKE", "NOT LIKE"]), patterns),
            st.builds("{} = {} COLLATE NOCASE".format, st.just(column), values),
        ]
    return st.one_of(shapes)


def conditions(one: st.SearchStrategy[str] = comparisons()) -> st.SearchStrategy[str]:  # noqa: B008
    def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        several = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            several.map(lambda each: f"({' AND '.join(each)})"),
            several.map(lambda each: f"({' OR '.join(each)})"),
            inner.map(lambda each: f"NOT ({each})"),
        )

    together = st.lists(one, min_size=1, max_size=3).map(" AND ".join)  # which SQLite tells of as it stands
    return st.one_of(together, st.recursive(one, joined, max_leaves=8), st.recursive(one, joined, max_leaves=8))


def same(connection: box_dialect.Connection, statement: str, *values: Any, ordered: bool) -> None:
    """Check that a statement, with places for its tables, gives the same rows of Box as of SQLite."""
    cursor = connection.cursor()
    found = cursor.execute(statement.format(contract="enterprise_contract", files="files"), values).fetchall()
    expected = cursor.execute(statement.format(contract="mirror", files="mirrored_files"), values).fetchall()
    if not ordered:
        found, expected = sorted(found, key=repr), sorted(expected, key=repr)
    assert found == expected


@given(where=conditions())
def test_rows_are_those_that_a_condition_tells(mirrored: box_dialect.Connection, where: str) -> None:
    statement = f"SELECT item_id, item_type, amount, due, title, status, tags, note FROM {{contract}} WHERE {where}"
    same(mirrored, statement, ordered=False)


@given(where=conditions())
def test_parameters_find_what_literals_do(mirrored: box_dialect.Connection, where: str) -> None:
    values = [each for each in LITERAL.findall(where) if each != "'!'"]
    given = LITERAL.sub(lambda found: "?" if found[0] != "'!'" else found[0], where)
    statement = f"SELECT ? || item_id, amount, title FROM {{contract}} WHERE {given} AND ?"
    same(mirrored, statement, "i", *map(value_of, values), 1, ordered=False)


@pytest.mark.parametrize(
    "like",
    [
        "{0} LIKE {1} OR amount = 5",
        "{0} NOT LIKE {1}",
        "NOT ({0} NOT LIKE {1} OR amount = 5)",
        "{0} NOT LIKE {1} ESCAPE 'a'",
    ],
)
def test_patterns_and_their_opposites_find_the_same_rows(mirrored: box_dialect.Connection, like: str) -> None:
    for pattern in PATTERNS:
        where = like.format("title", written(pattern))
        same(mirrored, f"SELECT item_id, title FROM {{contract}} WHERE {where}", ordered=False)


@given(
    where=st.one_of(conditions(), st.just("1")),
    column=st.sampled_from(SORTED),
    direction=st.sampled_from(["", "DESC"]),
    limit=st.integers(0, 30),
    offset=st.integers(0, 5),
)
def test_first_rows_are_those_of_the_order(
    mirrored: box_dialect.Connection, where: str, column: str, direction: str, limit: int, offset: int
) -> None:
    tail = f"ORDER BY {column} {direction} LIMIT {limit} OFFSET {offset}"
    same(mirrored, f"SELECT {column} FROM {{contract}} WHERE {where} {tail}", ordered=True)


@given(where=conditions(), name=st.sampled_from(["%a%", "%", "%.txt"]))
def test_joins_of_queries_have_the_same_rows(mirrored: box_dialect.Connection, where: str, name: str) -> None:
    named = "(SELECT id, name AS file_name FROM {files})"
    source = f"{{contract}} c JOIN {named} f ON f.id = c.item_id AND c.item_type = 'file'"
    same(mirrored, f"SELECT file_name, title FROM {source} WHERE file_name LIKE '{name}' AND ({where})", ordered=False)


@pytest.mark.long
@given(
    where=conditions(st.one_of(comparisons("c."), items(), items())),
    on=conditions(st.one_of(comparisons("c."), items())),
    source=st.sampled_from(JOINS),
)
def test_joins_with_files_have_the_same_rows(
    mirrored: box_dialect.Connection, where: str, on: str, source: str
) -> None:
    joined = source.format(on=on, contract="{contract}", files="{files}")
    same(mirrored, f"SELECT f.name, f.modified_at, c.title, c.amount FROM {joined} WHERE {where}", ordered=False)


def test_the_mirror_has_what_box_has(tagged: Box, mirrored: box_dialect.Connection) -> None:
    instances = tagged.store.metadata_instances.values()
    there = [each for each in instances if each.template.key == "contract" and not each.item.is_trashed]
    assert mirrored.cursor().execute("SELECT count(*) FROM mirror").fetchone() == (len(there),)
