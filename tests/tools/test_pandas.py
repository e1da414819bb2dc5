"""pandas itself reads tables and queries by an engine, and writes frames to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
import sqlalchemy as sa
from docs.pages import TOOLS, run

if TYPE_CHECKING:
    from conftest import Box


def test_a_query_is_read(engine: sa.Engine) -> None:
    query = sa.text("SELECT name, size, modified_at, is_watermarked FROM files WHERE parent_id = :parent ORDER BY name")
    frame = pd.read_sql(query, engine, params={"parent": "0"}, index_col="name")
    assert frame.index.to_list() == [".gitignore", "Notes.txt", "notes"]
    assert (frame["size"].sum(), frame["size"].dtype.kind, frame["is_watermarked"].dtype.kind) == (45, "i", "b")
    assert str(frame["modified_at"].dt.tz) == "UTC"


def test_a_table_is_read_without_what_is_hidden(engine: sa.Engine, fresh: Box) -> None:
    frame = pd.read_sql_table("files", engine, columns=["name", "tags"])
    assert frame.set_index("name").loc["Notes.txt", "tags"] == ["todo"]
    fresh.reset()
    assert "content" not in pd.read_sql_table("files", engine).columns
    assert "get_files_id_content" not in fresh.stats()["by_operation"]


def test_columns_have_the_types_of_pyarrow(engine: sa.Engine) -> None:
    frame = pd.read_sql("SELECT name, size FROM files", engine, dtype_backend="pyarrow")
    assert [str(kind) for kind in frame.dtypes] == ["string[pyarrow]", "int64[pyarrow]"]


def test_chunks_are_read_as_they_are_asked_for(engine: sa.Engine) -> None:
    assert [len(chunk) for chunk in pd.read_sql("SELECT name FROM files", engine, chunksize=10)] == [10, 10, 7]


def test_frames_are_written(engine: sa.Engine, fresh: Box) -> None:
    pd.read_sql("SELECT name, size, modified_at FROM files", engine).to_sql("inventory", engine, index=False)
    assert pd.read_sql("SELECT count(*) AS files FROM inventory", engine)["files"][0] == 27
    folders = pd.DataFrame({"name": ["first", "second"], "parent_id": "0"})
    folders.to_sql("folders", engine, if_exists="append", index=False)
    assert {"first", "second"} <= {each.name for each in fresh.store.items["folder"].values()}
    with pytest.raises(sa.exc.ProgrammingError, match="may not be dropped"):
        folders.to_sql("folders", engine, if_exists="replace", index=False)


def test_the_example_of_the_page_runs(small: Box) -> None:
    run(TOOLS, small.emulator.ready, "pandas")
