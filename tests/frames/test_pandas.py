"""Queries as DataFrames with right types, pandas' own reading, and frames written to Box and to local tables."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from patience import wait_until

import box_dialect

pandas = pytest.importorskip("pandas")
from box_dialect.pandas import read_sql  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

QUERY = """
SELECT name, size, modified_at, is_watermarked, tags, lock_expired_at, comment_count * 0.5 AS half
FROM files WHERE parent_id = ? ORDER BY name
"""
TYPES = {
    "name": "string",
    "size": "Int64",
    "modified_at": "datetime64[us, UTC]",
    "is_watermarked": "boolean",
    "tags": "string",
    "lock_expired_at": "datetime64[us, UTC]",
    "half": "Float64",
}
needs_sqlalchemy_2 = pytest.mark.skipif(
    sa.__version__.startswith("1.") and tuple(map(int, pandas.__version__.split(".")[:2])) >= (2, 2),
    reason="pandas 2.2 and later write by SQLAlchemy 2 only",
)


@pytest.fixture
def changeable(fresh: Box) -> Iterator[sa.engine.Engine]:
    engine = sa.create_engine(fresh.url)
    yield engine
    engine.dispose()


def types(frame: Any) -> dict[str, str]:
    return {name: str(kind) for name, kind in frame.dtypes.items()}


def test_a_query_is_typed(source: Any, small: Box) -> None:
    frame = read_sql(QUERY, source, params=("0",))
    assert types(frame) == TYPES
    with small.connect() as connection:
        rows = connection.cursor().execute(QUERY, ("0",)).fetchall()
    values = frame.astype(object).where(frame.notna(), None)
    assert [tuple(row) for row in values.itertuples(index=False)] == rows
    assert len(rows) == 3
    assert rows[0][5] is None


def test_no_rows_are_typed_too(source: Any) -> None:
    frame = read_sql(QUERY, source, params=("none",))
    assert len(frame) == 0
    assert types(frame) == {**TYPES, "half": "string"}  # of which nothing tells the type


def test_expressions_have_the_types_that_sqlalchemy_knows(engine: sa.engine.Engine) -> None:
    files = sa.Table("files", sa.MetaData(), autoload_with=engine)
    month = sa.func.date_trunc("month", files.c.modified_at).label("month")
    select = sa.select(month, sa.func.count().label("number")).group_by(month)
    frame = read_sql(select, engine, index_col="month")
    assert types(frame) == {"number": "Int64"}
    assert str(frame.index.dtype) == "datetime64[us, UTC]"
    assert frame["number"].sum() == read_sql("SELECT id FROM files", engine).shape[0]


@pytest.mark.long
def test_chunks_come_as_they_are_asked_for(synthetic: Box) -> None:
    with synthetic.connect(MaxConcurrency=1) as connection:
        whole = connection.cursor().execute("SELECT id FROM files")
        whole.fetchall()
        synthetic.reset()
        chunks = read_sql("SELECT id, size FROM files", connection, chunksize=30)
        assert next(chunks).shape == (30, 2)
        chunks.close()
        made = synthetic.stats()["calls"]
        assert made < whole.api_calls / 2
        assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]
        assert synthetic.stats()["calls"] == made
        sizes = [len(chunk) for chunk in read_sql("SELECT id FROM files", connection, chunksize=1_999)]
        assert sizes == [1_999, 1]


def test_the_index_runs_on_over_what_is_read_at_once(small: Box) -> None:
    query = "WITH RECURSIVE n(v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n LIMIT 20001) SELECT v FROM n"
    with small.connect() as connection:
        frame = read_sql(query, connection)
        assert (frame["v"] == frame.index).all()
        assert len(frame) == 20_001


@needs_sqlalchemy_2
def test_pandas_itself_reads_a_query(source: Any, engine: sa.engine.Engine) -> None:
    query = "SELECT name, size, modified_at FROM files WHERE parent_id = ? ORDER BY name"
    is_driver = isinstance(source, box_dialect.Connection)
    with pytest.warns(UserWarning, match="only supports SQLAlchemy") if is_driver else contextlib.nullcontext():
        frame = pandas.read_sql(query, source, params=("0",))
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(query, ("0",)).all()
    assert list(frame.columns) == ["name", "size", "modified_at"]
    assert list(frame.itertuples(index=False, name=None)) == [tuple(row) for row in rows]
    assert frame["size"].dtype == "int64"
    assert str(frame["modified_at"].dt.tz) == "UTC"


@needs_sqlalchemy_2
def test_pandas_itself_reads_a_table(engine: sa.engine.Engine) -> None:
    frame = pandas.read_sql_table("users", engine, columns=["id", "login", "created_at"])
    assert len(frame) > 2
    assert isinstance(frame["created_at"].dtype, pandas.DatetimeTZDtype)
    assert frame["id"].map(type).eq(str).all()


@needs_sqlalchemy_2
def test_pandas_itself_reads_a_query_in_parts(engine: sa.engine.Engine) -> None:
    with engine.connect() as connection:
        parts = list(pandas.read_sql(sa.text("SELECT id FROM files"), connection, chunksize=5))
    assert len(parts) > 2
    assert {len(part) for part in parts[:-1]} == {5}


@needs_sqlalchemy_2
@pytest.mark.parametrize("options", [{}, {"method": "multi"}, {"chunksize": 2}], ids=str)
def test_a_frame_becomes_a_local_table(engine: sa.engine.Engine, options: dict[str, Any]) -> None:
    frame = pandas.DataFrame(
        {
            "text": ["a", None, "c"],
            "number": pandas.array([1, 2, None], dtype="Int64"),
            "flag": pandas.array([True, None, False], dtype="boolean"),
            "at": pandas.to_datetime(["2024-01-31T12:00:00.000001Z", None, "2024-02-01T00:00:00.000000Z"]),
            "naive": [dt.datetime(2024, 1, 31, 12, tzinfo=dt.UTC).replace(tzinfo=None)] * 3,
        }
    )
    for if_exists, rows in (("fail", 3), ("append", 6), ("replace", 3)):
        frame.to_sql("own", engine, index=False, if_exists=if_exists, **options)
        back = read_sql("SELECT * FROM own", engine)
        assert len(back) == rows
        assert list(types(back).values()) == ["string", "Int64", "boolean", *["datetime64[us, UTC]"] * 2]
    assert back["number"].tolist()[:2] == [1, 2]
    assert back.isna().sum().sum() == 4
    assert back["at"][0] == frame["at"][0]
    assert back["naive"][0] == pandas.Timestamp("2024-01-31T12:00Z")


@needs_sqlalchemy_2
@pytest.mark.parametrize("options", [{}, {"method": "multi"}, {"chunksize": 3}], ids=str)
def test_a_frame_is_added_to_a_table_of_box(fresh: Box, changeable: sa.engine.Engine, options: dict[str, Any]) -> None:
    (file,) = read_sql("SELECT id FROM files LIMIT 1", changeable)["id"]
    frame = pandas.DataFrame({"item_id": file, "item_type": "file", "message": [f"row {n}" for n in range(10)]})
    fresh.reset()
    frame.to_sql("comments", changeable, index=False, if_exists="append", **options)
    assert fresh.stats()["by_operation"]["post_comments"] == 10
    written = read_sql(
        "SELECT message FROM comments WHERE item_id = ? AND message LIKE 'row %'", changeable, params=(file,)
    )
    assert sorted(written["message"]) == sorted(frame["message"])


@needs_sqlalchemy_2
def test_a_frame_of_files_is_uploaded(changeable: sa.engine.Engine) -> None:
    contents = {f"row {n}.txt": f"{n}".encode() for n in range(5)}
    frame = pandas.DataFrame({"name": list(contents), "parent_id": "0", "content": list(contents.values())})
    frame.to_sql("files", changeable, index=False, if_exists="append")
    written = read_sql("SELECT name, content FROM files WHERE name LIKE 'row %'", changeable)
    assert dict(zip(written["name"], written["content"], strict=True)) == contents


@needs_sqlalchemy_2
@pytest.mark.filterwarnings("ignore::box_dialect.BoxTransactionWarning")
@pytest.mark.parametrize("method", [None, "multi"])
def test_rows_go_to_box_several_at_once(fresh: Box, method: str | None) -> None:
    engine = sa.create_engine(fresh.url, connect_args={"MaxConcurrency": 4})
    (file,) = read_sql("SELECT id FROM files LIMIT 1", engine)["id"]
    frame = pandas.DataFrame({"item_id": file, "item_type": "file", "message": [f"row {n}" for n in range(10)]})
    seen: list[object] = []
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection

        def interrupt() -> None:
            try:
                wait_until(lambda: fresh.stats()["max_in_flight"] == 4)
                seen.append(fresh.stats()["max_in_flight"])
            finally:
                driver.interrupt()

        fresh.reset()
        fresh.faults({"operation": "post_comments", "delay_ms": 600_000, "times": 100})
        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises((sa.exc.OperationalError, pandas.errors.DatabaseError), match="interrupted"):
            frame.to_sql("comments", connection, index=False, if_exists="append", method=method)
        thread.join()
    assert seen == [4]
    engine.dispose()


@needs_sqlalchemy_2
def test_a_table_of_box_is_not_replaced(fresh: Box, changeable: sa.engine.Engine) -> None:
    before = read_sql("SELECT id FROM comments", changeable)
    fresh.reset()
    frame = pandas.DataFrame({"item_id": ["1"], "message": ["x"]})
    with pytest.raises(
        (sa.exc.ProgrammingError, ValueError), match="comments is a table of Box, which may not be dropped"
    ):
        frame.to_sql("comments", changeable, index=False, if_exists="replace")
    assert not [operation for operation in fresh.stats()["by_operation"] if not operation.startswith("get_")]
    assert read_sql("SELECT id FROM comments", changeable).equals(before)


@needs_sqlalchemy_2
def test_the_index_of_a_frame_is_a_column_of_the_table(engine: sa.engine.Engine) -> None:
    frame = pandas.DataFrame({"number": [1, 2]}, index=["a", "b"])
    for options in ({"index_label": "letter"}, {"index_label": "letter", "dtype": {"letter": sa.String(1)}}):
        frame.to_sql("own", engine, if_exists="replace", **options)
        back = read_sql("own", engine, index_col="letter")
        assert back["number"].to_dict() == {"a": 1, "b": 2}
    with pytest.raises((sa.exc.ProgrammingError, pandas.errors.DatabaseError), match="no column named index"):
        frame.to_sql("comments", engine, if_exists="append")


def test_a_value_of_another_type_is_told(small: Box) -> None:
    with small.connect() as connection:
        connection.cursor().execute("CREATE TABLE own (a INTEGER)")
        connection.cursor().execute("INSERT INTO own VALUES ('x')")
        with pytest.raises(box_dialect.DataError, match=r"of its type, INTEGER; take CAST\(a AS TEXT\)"):
            read_sql("SELECT a FROM own", connection)


@needs_sqlalchemy_2
def test_moments_of_a_frame_join_with_box_s(changeable: sa.engine.Engine) -> None:
    moments = pandas.to_datetime(["2015-04-11T10:00+02:00", "2020-01-01T00:00Z"], utc=True)
    frame = pandas.DataFrame({"at": moments, "n": [1, 2]})
    frame["text"] = ["2015-04-11T08:00:00Z", "2020-01-01"]
    with changeable.begin() as connection:
        frame.to_sql("seen", connection, index=False)
        for column in ("at", "text"):
            for on in (f"seen.{column} = files.modified_at", f"files.modified_at = seen.{column}"):
                joined = read_sql(f"SELECT name, n FROM seen JOIN files ON {on} WHERE parent_id = '0'", connection)
                assert joined.to_dict("list") == {"name": ["notes"], "n": [1]}
        query = "SELECT name FROM files WHERE parent_id = '0' AND coalesce(modified_at, created_at) = :at"
        for at in (
            "2015-04-11T08:00Z",
            pandas.Timestamp("2015-04-11T10:00+02:00"),
            dt.datetime(2015, 4, 11, 8, tzinfo=dt.UTC),
        ):
            assert list(read_sql(sa.text(query), connection, params={"at": at})["name"]) == ["notes"]
        copied = read_sql("SELECT modified_at FROM files WHERE parent_id = '0'", connection)
        copied.to_sql("kept", connection, index=False)
        again = read_sql("SELECT count(*) AS n FROM kept WHERE modified_at = '2015-04-11T08:00:00Z'", connection)
        assert again["n"][0] == 1
