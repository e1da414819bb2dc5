"""Every query of the pages in SQL Lab, beside the driver itself."""

from __future__ import annotations

import ast
import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from docs.pages import PAGES, adapted, blocks, statements

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Box
    from superset_server import Person

_QUERY: Final = re.compile(r"\s*(SELECT|WITH|VALUES|EXPLAIN|EXEC|CALL)\s", re.IGNORECASE)
_OF_CONNECTION: Final = re.compile("sys_properties|as_user")
"""What is not the same on a connection of Superset's and on one of the driver's."""

_PARAMETER: Final = re.compile(r"\?|(?<![:\w]):[a-z]\w*|%s|\{")


def queries(page: Path) -> Iterator[str]:
    """Yield the queries of a page's blocks, of Python blocks those that are a text without parameters."""
    for block in blocks(page):
        if block.language == "sql":
            yield from (sql.removesuffix(";") for sql, _ in statements(block) if _QUERY.match(sql))
        elif block.language == "python" and block.is_run:
            nodes = [*ast.walk(ast.parse(block.text))]
            parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
            texts = (node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in parts)
            yield from (
                text for text in texts if isinstance(text, str) and _QUERY.match(text) and not _PARAMETER.search(text)
            )


def shown(value: object) -> object:
    """Return a value as Superset's JSON has it."""
    match value:
        case dt.date():
            return value.isoformat()
        case bytes():
            return value.decode()
    return value


def ordered(rows: list[tuple[Any, ...]], query: str) -> list[tuple[Any, ...]]:
    """Return the rows in an order that is the same each time."""
    return rows if "ORDER BY" in query.upper() else sorted(rows, key=repr)


def driver_answer(box: Box, sql: str) -> list[tuple[Any, ...]] | str:
    """Return the rows, or the message of the error."""
    with box.connect(Readonly=True) as connection:
        try:
            rows = connection.cursor().execute(sql).fetchall()
        except box_dialect.Error as error:
            return str(error)
        return [tuple(shown(value) for value in row) for row in rows]


WITH_QUERIES: Final = {
    page.name: found
    for page in PAGES
    if (found := [query for query in queries(page) if not _OF_CONNECTION.search(query)])
}


@pytest.mark.parametrize("page", WITH_QUERIES)
def test_the_queries_of_a_page_give_the_drivers_rows_with_as_many_calls(
    page: str, admin: Person, database: int, box: Box
) -> None:
    for query in WITH_QUERIES[page]:
        box.reset()
        expected = driver_answer(box, adapted(query, box.emulator.ready))
        calls = box.stats()["calls"]
        box.reset()
        answer = admin.run(database, adapted(query, box.emulator.ready))
        if isinstance(expected, str):
            assert expected in answer.error["message"] or answer.error["error_type"] == "DML_NOT_ALLOWED_ERROR", query
        else:
            assert ordered(answer.rows, query) == ordered(expected, query), query
        assert box.stats()["calls"] == calls, query


def test_nobody_reads_as_somebody_else(admin: Person, database: int) -> None:
    answer = admin.run(database, "SELECT id FROM files WHERE as_user = '20000000001'")
    assert "as_user is refused in a process that restricts URLs" in answer.error["message"]
