"""polars reads queries by an engine, and writes frames to it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl
import pytest
import sqlalchemy as sa
from docs.pages import TOOLS, run

from box_dialect import arrow
from box_dialect.orm import File

if TYPE_CHECKING:
    from conftest import Box

QUERY = "SELECT name, size, modified_at, is_watermarked, tags FROM files WHERE parent_id = '0' ORDER BY name"
TYPES = [pl.String, pl.Int64, pl.Datetime("us", "UTC"), pl.Boolean, pl.String]


def test_a_query_is_read_with_its_types(engine: sa.Engine) -> None:
    frame = pl.read_database(QUERY, engine)
    assert (frame.dtypes, frame["name"].to_list()) == (TYPES, [".gitignore", "Notes.txt", "notes"])
    assert frame["tags"].str.json_decode(pl.List(pl.String)).to_list() == [[], ["todo"], []]
    content = pl.read_database("SELECT content FROM files WHERE path = '/Notes.txt'", engine)
    assert content["content"].to_list() == [b"a second version"]


def test_a_query_takes_parameters(engine: sa.Engine) -> None:
    query = "SELECT name FROM files WHERE parent_id = :parent"
    assert pl.read_database(query, engine, execute_options={"parameters": {"parent": "0"}}).height == 3


def test_an_expression_of_sqlalchemy_has_a_type(engine: sa.Engine) -> None:
    query = sa.select(sa.func.max(File.modified_at).label("newest")).where(File.parent_id == "0")
    frame = pl.read_database(query, engine)
    assert frame.rows() == [(dt.datetime(2015, 7, 20, 8, tzinfo=dt.UTC),)]
    assert frame.dtypes == [pl.Datetime("us", "UTC")]


def test_batches_are_read_as_they_are_asked_for(engine: sa.Engine) -> None:
    batches = pl.read_database("SELECT name FROM files", engine, iter_batches=True, batch_size=10)
    assert [batch.height for batch in batches] == [10, 10, 7]


def test_columns_without_values_have_types_by_arrow(engine: sa.Engine) -> None:
    query = "SELECT name, trashed_at FROM files WHERE parent_id = '0'"
    with arrow.read(query, engine) as reader:
        assert pl.from_arrow(reader).dtypes == [pl.String, pl.Datetime("us", "UTC")]


def test_a_frame_is_written(engine: sa.Engine, fresh: Box) -> None:
    pl.DataFrame({"a": [1, 2]}).write_database("own", engine)
    assert pl.read_database("SELECT sum(a) AS total FROM own", engine)["total"].to_list() == [3]
    made = pl.DataFrame({"name": ["first", "second"], "parent_id": ["0", "0"]})
    made.write_database("folders", engine, if_table_exists="append")
    assert {"first", "second"} <= {each.name for each in fresh.store.items["folder"].values()}
    with pytest.raises(sa.exc.ProgrammingError, match="may not be dropped"):
        made.write_database("folders", engine, if_table_exists="replace")


def test_the_example_of_the_page_runs(small: Box) -> None:
    run(TOOLS, small.emulator.ready, "polars")
