"""The functions that tools complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import box_dialect
from box_dialect.dbapi import functions

if TYPE_CHECKING:
    from conftest import Box


def test_functions_and_procedures(connection: box_dialect.Connection) -> None:
    names = functions.names(connection)
    assert names == sorted(set(names), key=str.lower)
    assert {"date_trunc", "date_bin", "regexp", "count", "row_number", "json_each", "GetOAuthAccessToken"} <= {*names}
    refused = {"load_extension", "json_patch", "fts3_tokenizer", "snippet", "highlight", "sqlite_log", "moment_key"}
    assert not refused & {*names}
    assert "getoauthaccesstoken" not in names
    assert {*names} >= functions.AGGREGATES


@pytest.mark.long
def test_none_of_them_is_refused_or_unknown(connection: box_dialect.Connection) -> None:
    """Each is callable: it fails, if it does, for what it is given or where it stands, and for nothing else."""
    names = functions.names(connection)
    problems = {(name, count): problem(connection, name, count) for name in names for count in range(4)}
    unknown = {name for (name, _), said in problems.items() if "refused" in said or said.startswith("no such function")}
    assert unknown <= {"json_each", "json_tree"}, "which stand in FROM"


def problem(connection: box_dialect.Connection, name: str, count: int) -> str:
    try:
        connection.cursor().execute(f"EXPLAIN SELECT {name}({', '.join(['NULL'] * count)})").fetchall()
    except box_dialect.Error as error:
        return str(error)
    return ""


@pytest.mark.usefixtures("no_network")
def test_that_costs_nothing(small: Box) -> None:
    with small.connect() as connection:
        assert functions.names(connection)
