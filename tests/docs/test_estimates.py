"""What `estimate()` says of the queries that the pages show is about what they cost, once the tree was walked."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Final

import pytest

import box_dialect
from box_dialect.api import seen
from box_dialect.cli.queries import BRANCH, QUERIES

from .pages import ROOT, blocks

if TYPE_CHECKING:
    from conftest import Box

_QUOTED: Final = re.compile(r'"""\n?(.*?)"""|"((?:[^"\\\n]|\\.)*)"', re.DOTALL)
_QUERY: Final = re.compile(r"\s*(SELECT|WITH)\b")
SEEN: Final = "SELECT path FROM items"
OTHER: Final = re.compile(r"FROM listing\b|'yesterday'|REGEXP|\?|= :\w")
"""What needs a table of its own, a parameter, or is no right query."""


def shown(page: str) -> list[str]:
    """Return the queries in the blocks of a page."""
    found: list[str] = []
    for block in blocks(ROOT / "docs" / page):
        if block.language == "python":
            found += [(one or other).replace('\\"', '"') for one, other in _QUOTED.findall(block.text)]
        elif block.language == "sql":
            found += block.text.split(";")
    return [each.strip() for each in dict.fromkeys(found) if _QUERY.match(each) and not OTHER.search(each)]


def check(box: Box, queries: list[str]) -> None:
    with box.connect() as connection:
        connection.cursor().execute(SEEN).fetchall()
    wrong = []
    for query in queries:
        with box.connect() as connection:
            ids = "SELECT value AS id FROM json_each('[1200000000007, 1200000000008, 1200000000009]')"
            connection.cursor().execute(f"CREATE TABLE wanted AS {ids}")
            estimate = connection.estimate(query)
            cursor = connection.cursor().execute(query)
            cursor.fetchall()
            calls, most = cursor.api_calls, estimate.most
            is_right = estimate.least <= calls and most is not None and calls <= 2 * most
            if not is_right or (most is not None and most > 2 * calls and "LIMIT" not in query):
                wrong.append((query, estimate, calls))
    assert wrong == []


@pytest.mark.long
@pytest.mark.parametrize(("page", "least"), [("querying.md", 20), ("how-a-query-runs.md", 15)])
def test_the_queries_of_a_page_cost_about_what_is_estimated(small: Box, page: str, least: int) -> None:
    queries = shown(page)
    assert len(queries) >= least
    check(small, queries)


@pytest.mark.long
def test_the_queries_of_the_demonstration_cost_about_what_is_estimated(synthetic: Box) -> None:
    with synthetic.connect() as connection:
        [(branch,)] = connection.cursor().execute(BRANCH).fetchmany(1)
    statements = [inspect.cleandoc(each).replace("{branch}", branch) for query in QUERIES for each in query.statements]
    check(synthetic, [each for each in statements if _QUERY.match(each)])


def test_what_nobody_can_tell_has_no_bound(small: Box) -> None:
    with small.connect() as connection:
        connection.session.client.seen = seen.Seen()
        estimate = connection.estimate("SELECT event_type FROM events WHERE stream_type = 'admin_logs'")
    assert estimate == box_dialect.Estimate(1, None, None)
