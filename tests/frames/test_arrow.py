"""Queries as Arrow's record batches: their types and streaming."""

from __future__ import annotations

import datetime as dt
import gc
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

import box_dialect

pa = pytest.importorskip("pyarrow", exc_type=ImportError)  # one for NumPy 2 cannot be imported beside NumPy 1
from box_dialect import arrow  # noqa: E402

if TYPE_CHECKING:
    from conftest import Box

QUERY = """
SELECT name, size, modified_at, is_watermarked, tags, description, count(*) AS number, avg(size) AS average
FROM files WHERE parent_id = ? GROUP BY id ORDER BY name
"""
TYPES = [
    pa.string(),
    pa.int64(),
    pa.timestamp("us", "UTC"),
    pa.bool_(),
    pa.string(),
    pa.string(),
    pa.int64(),
    pa.float64(),
]


def test_a_query_is_typed(source: Any, small: Box) -> None:
    table = arrow.read_table(QUERY, source, ("0",))
    assert table.schema.types == TYPES
    with small.connect() as connection:
        rows = connection.cursor().execute(QUERY, ("0",)).fetchall()
    assert [tuple(row.values()) for row in table.to_pylist()] == rows
    assert len(rows) == 3


def test_the_content_of_files_is_binary(source: Any, small: Box) -> None:
    with small.connect() as connection:
        table = arrow.read_table("SELECT name, content FROM files WHERE parent_id = '0' ORDER BY name", source)
        rows = connection.cursor().execute("SELECT length(content) FROM files WHERE parent_id = '0' ORDER BY name")
        assert table.schema.field("content").type == pa.binary()
        assert [(len(each),) for each in table.column("content").to_pylist()] == rows.fetchall()


def test_no_rows_are_typed_too(source: Any) -> None:
    with arrow.read("SELECT name, size, modified_at, is_watermarked, 1 FROM files WHERE id = '0'", source) as reader:
        assert reader.schema.types == [*TYPES[:4], pa.string()]
        assert reader.read_all().num_rows == 0


def test_expressions_have_the_types_that_sqlalchemy_knows(engine: sa.engine.Engine) -> None:
    files = sa.Table("files", sa.MetaData(), autoload_with=engine)
    nothing = files.c.id == "0"
    select = sa.select(sa.func.max(files.c.modified_at), sa.func.sum(files.c.size), files.c.tags).where(nothing)
    assert arrow.read_table(select, engine).schema.types == [pa.timestamp("us", "UTC"), pa.int64(), pa.string()]
    newest = sa.text("SELECT max(modified_at) FROM files WHERE parent_id = :parent")
    assert arrow.read_table(newest, engine, {"parent": "0"}).schema.types == [pa.string()]
    typed = newest.columns(sa.column("newest", sa.DateTime(timezone=True)))
    (moment,) = arrow.read_table(typed, engine, {"parent": "0"})[0].to_pylist()
    with engine.connect() as connection:
        assert (
            moment
            == connection.execute(sa.select(sa.func.max(files.c.modified_at)).where(files.c.parent_id == "0")).scalar()
        )


def test_lengths_of_time_that_are_stored_are_lengths_of_time(engine: sa.engine.Engine) -> None:
    table = sa.Table("own", sa.MetaData(), sa.Column("took", sa.Interval))
    hours = dt.timedelta(hours=5)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert().values(took=hours))
        found = arrow.read_table(sa.select(table.c.took), connection)
        assert (found.schema.types, found[0].to_pylist()) == ([pa.duration("us")], [hours])
        connection.exec_driver_sql("CREATE TABLE raw (took INTERVAL)")
        connection.exec_driver_sql("INSERT INTO raw VALUES ('5 hours')")
        assert arrow.read_table("SELECT took FROM raw", connection)[0].to_pylist() == ["5 hours"]


class Amount(sa.types.TypeDecorator):
    """A type of the user's own."""

    impl = sa.Integer
    cache_ok = True


def test_what_sqlite_has_no_type_of_is_what_sqlalchemy_means(engine: sa.engine.Engine) -> None:
    first, last = (sa.literal(dt.datetime(2024, 1, day, tzinfo=dt.UTC), sa.DateTime(timezone=True)) for day in (1, 3))
    query = sa.select((last - first).label("length"), sa.cast(last, sa.Date).label("day"))
    table = arrow.read_table(query, engine)
    assert table.schema.types == [pa.duration("us"), pa.date32()]
    assert table.to_pylist() == [{"length": dt.timedelta(days=2), "day": dt.date(2024, 1, 3)}]
    assert arrow.read_table(sa.select(sa.null().cast(Amount)).where(sa.false()), engine).schema.types == [pa.int64()]


def test_the_largest_integers_are_whole(source: Any) -> None:
    query = "SELECT 9223372036854775807 AS n UNION ALL SELECT -9223372036854775808 UNION ALL SELECT NULL"
    assert arrow.read_table(query, source)["n"].to_pylist() == [(1 << 63) - 1, -(1 << 63), None]


def test_columns_of_one_name_are_all_there(source: Any) -> None:
    table = arrow.read_table("SELECT 1 AS a, 'x' AS a", source)
    assert (table.column_names, table.schema.types) == (["a", "a"], [pa.int64(), pa.string()])


def test_local_tables_have_the_types_that_they_declare(small: Box) -> None:
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute(
            "CREATE TABLE own"
            " (a DATETIME, b VARCHAR(9), c BIGINT, d BOOLEAN, e DOUBLE, f BLOB, g, h DECIMAL(9, 2), i DATE)"
        )
        cursor.execute(
            "INSERT INTO own VALUES ('2024-01-31 12:00:00', 'text', 7, 1, 2, x'00', 3, 4, '2024-01-31'),"
            " (NULL, NULL, NULL, 0, NULL, NULL, 1.5, NULL, NULL)"
        )
        table = arrow.read_table("SELECT * FROM own", connection)
        declared = [*(TYPES[n] for n in (2, 0, 1, 3, 7)), pa.binary()]
        assert table.schema.types == [*declared, pa.float64(), pa.float64(), pa.date32()]
        nothing = arrow.read_table("SELECT * FROM own WHERE g = 0", connection)
        assert nothing.schema.types == [*declared, pa.string(), pa.float64(), pa.date32()]
        assert table.to_pylist()[0] == {
            "a": dt.datetime(2024, 1, 31, 12, tzinfo=dt.UTC),
            "b": "text",
            "c": 7,
            "d": True,
            "e": 2.0,
            "f": b"\0",
            "g": 3.0,
            "h": 4.0,
            "i": dt.date(2024, 1, 31),
        }


def test_dates_and_times_that_local_tables_declare(small: Box) -> None:
    with small.connect() as connection:
        connection.cursor().execute("CREATE TABLE own (a DATE, b TIME, c CHARACTER(5), d TIMESTAMP WITH TIME ZONE)")
        connection.cursor().execute("INSERT INTO own VALUES ('2024-01-31', '12:00:00', 'text', '2024-01-31')")
        table = arrow.read_table("SELECT * FROM own", connection)
        assert table.schema.types == [pa.date32(), pa.time64("us"), TYPES[0], TYPES[2]]
        moment = dt.datetime(2024, 1, 31, tzinfo=dt.UTC)
        assert [*table.to_pylist()[0].values()] == [dt.date(2024, 1, 31), dt.time(12), "text", moment]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT 1 AS a UNION ALL SELECT 'x'", "the column a has values of the types int and str"),
        ("SELECT c FROM own", "the column c has values that are not of its type, INTEGER"),
        ("SELECT a FROM own", "the column a has values that are not of its type, TIMESTAMP"),
    ],
)
def test_values_of_another_type_are_told(small: Box, query: str, message: str) -> None:
    with small.connect() as connection:
        connection.cursor().execute("CREATE TABLE own (a DATETIME, c INTEGER)")
        connection.cursor().execute("INSERT INTO own VALUES ('yesterday', 'x')")
        with pytest.raises(box_dialect.DataError, match=message):
            arrow.read_table(query, connection)


def test_a_statement_without_rows_is_refused(source: Any) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="returns no rows"):
        arrow.read_table("SAVEPOINT one", source)


def test_batches_come_as_they_are_read_and_the_end_cancels_the_rest(synthetic: Box) -> None:
    with synthetic.connect() as connection:
        whole = connection.cursor().execute("SELECT id FROM files")
        assert len(whole.fetchall()) == 2_000
    synthetic.reset()
    with synthetic.connect(MaxConcurrency=1) as connection:
        with arrow.read("SELECT id, name FROM files", connection, batch_size=50) as reader:
            batch = reader.read_next_batch()
            assert batch.num_rows == 50
        made = synthetic.stats()["calls"]
        assert made < whole.api_calls / 2
        with pytest.raises(Exception, match="closed"):
            reader.read_next_batch()
        assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]
        assert synthetic.stats()["calls"] == made


def test_memory_does_not_grow_with_the_result(small: Box) -> None:
    query = "WITH RECURSIVE n(v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n LIMIT 200000) SELECT v, 'text' FROM n"
    with small.connect() as connection, arrow.read(query, connection, batch_size=1_000) as reader:
        total, most, before = 0, 0, pa.total_allocated_bytes()
        for batch in reader:
            total += batch.num_rows
            del batch
            gc.collect(0)
            most = max(most, pa.total_allocated_bytes() - before)
    assert total == 200_000
    assert most < 1_000_000  # all of it takes more than three times as much


def test_other_connections_are_told_from_those_that_run_queries() -> None:
    with pytest.raises(TypeError, match=r"a query takes a connection of the driver, .* not int"):
        arrow.read_table("SELECT 1", 1)


@pytest.mark.long
@pytest.mark.parametrize(("module", "library"), [("arrow", "pyarrow"), ("pandas", "pandas")])
def test_a_missing_library_is_told_with_its_extra(module: str, library: str) -> None:
    code = f"import sys; sys.modules[{library!r}] = None; import box_dialect.{module}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert f"run: pip install 'box-dialect[{module}]'" in run.stderr
