"""DuckDB queries what comes from Box, as Arrow's batches and as frames of pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pytest
import sqlalchemy as sa
from docs.pages import TOOLS, run

from box_dialect import arrow
from box_dialect.pandas import read_sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

COUNTED = "SELECT extension, count(*), sum(size) FROM {} GROUP BY 1 ORDER BY 2 DESC LIMIT 1"


@pytest.fixture
def engine(fresh: Box) -> Iterator[sa.Engine]:
    engine = sa.create_engine(fresh.url)
    yield engine
    engine.dispose()


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        yield database


def types(database: duckdb.DuckDBPyConnection) -> list[str]:
    return [kind for _, kind, *_ in database.execute("DESCRIBE kept").fetchall()]


def test_batches_are_queried_by_their_name(engine: sa.Engine, database: duckdb.DuckDBPyConnection) -> None:
    with arrow.read("SELECT extension, size FROM files", engine, batch_size=5) as reader:
        assert database.execute(COUNTED.format("reader")).fetchall() == [("txt", 12, 122)]
        del reader


def test_two_queries_are_joined(engine: sa.Engine, database: duckdb.DuckDBPyConnection) -> None:
    joined = "SELECT name, count(*) FROM files JOIN comments ON item_id = id GROUP BY 1 ORDER BY 1"
    with (
        arrow.read("SELECT id, name FROM files", engine) as files,
        arrow.read("SELECT item_id, message FROM comments", engine) as comments,
    ):
        assert database.execute(joined).fetchall() == [("NDA.pdf", 1), ("Notes.txt", 4)]
        del files, comments


def test_a_table_is_kept(engine: sa.Engine, database: duckdb.DuckDBPyConnection) -> None:
    with arrow.read("SELECT name, size, modified_at, is_watermarked FROM files", engine) as reader:
        database.execute("CREATE TABLE kept AS SELECT * FROM reader")
        del reader
    assert types(database) == ["VARCHAR", "BIGINT", "TIMESTAMP WITH TIME ZONE", "BOOLEAN"]
    assert database.execute("SELECT count(*) FROM kept").fetchall() == [(27,)]


@pytest.mark.parametrize("read", [read_sql, pd.read_sql])
def test_a_frame_is_queried_by_its_name(engine: sa.Engine, database: duckdb.DuckDBPyConnection, read: Any) -> None:
    frame = read("SELECT extension, size, modified_at FROM files", engine)
    assert database.execute(COUNTED.format("frame")).fetchall() == [("txt", 12, 122)]
    database.execute("CREATE TABLE kept AS SELECT * FROM frame")
    del frame
    assert types(database) == ["VARCHAR", "BIGINT", "TIMESTAMP WITH TIME ZONE"]


def test_a_result_is_written_to_box(engine: sa.Engine, database: duckdb.DuckDBPyConnection, fresh: Box) -> None:
    result = database.sql("SELECT 'year ' || year AS name, '0' AS parent_id FROM range(2025, 2027) t(year)")
    result.df().to_sql("folders", engine, if_exists="append", index=False)
    assert {"year 2025", "year 2026"} <= {each.name for each in fresh.store.items["folder"].values()}


def test_the_example_of_the_page_runs(small: Box) -> None:
    run(TOOLS, small.emulator.ready, "DuckDB")
