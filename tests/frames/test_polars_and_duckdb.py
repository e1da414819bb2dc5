"""polars and DuckDB take Arrow's batches, and polars reads by itself, too."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

pytest.importorskip("pyarrow", exc_type=ImportError)
from box_dialect import arrow

if TYPE_CHECKING:
    from conftest import Box

    import box_dialect

QUERY = "SELECT name, size, modified_at, is_watermarked, tags FROM files WHERE parent_id = '0' ORDER BY name"
NAMES = [".gitignore", "Notes.txt", "notes"]


def polars_types() -> list[Any]:
    polars = pytest.importorskip("polars")
    return [polars.String, polars.Int64, polars.Datetime("us", "UTC"), polars.Boolean, polars.String]


def test_polars_takes_a_reader_by_arrows_interface(connection: box_dialect.Connection) -> None:
    polars = pytest.importorskip("polars")
    for take in (polars.from_arrow, polars.DataFrame):
        with arrow.read(QUERY, connection, batch_size=2) as reader:
            assert hasattr(reader, "__arrow_c_stream__")
            frame = take(reader)
        assert (frame.dtypes, frame["name"].to_list()) == (polars_types(), NAMES)
    nothing = polars.DataFrame(arrow.read_table(QUERY.replace("'0'", "'none'"), connection))
    assert (nothing.dtypes, nothing.height) == (polars_types(), 0)


@pytest.mark.parametrize("batches", [False, True])
def test_polars_itself_reads_a_query(source: Any, connection: box_dialect.Connection, batches: bool) -> None:
    polars = pytest.importorskip("polars")
    if sa.__version__.startswith("1.") and isinstance(source, sa.engine.Connection | sa.engine.Engine):
        pytest.skip("polars takes SQLAlchemy 2 only")
    options = {"iter_batches": True, "batch_size": 2} if batches else {}
    read = polars.read_database(QUERY, source, **options)
    frames = list(read) if batches else [read]
    assert [frame.height for frame in frames] == ([2, 1] if batches else [3])
    assert frames[0].dtypes == polars_types()
    rows = connection.cursor().execute(QUERY).fetchall()
    assert [row for frame in frames for row in frame.rows()] == rows
    assert rows[0][2].utcoffset() == dt.timedelta(0)


def test_polars_itself_reads_a_local_table(connection: box_dialect.Connection) -> None:
    polars = pytest.importorskip("polars")
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE own (a DATETIME, b TIMESTAMP, c DATE, d TIME, e BOOLEAN, f VARCHAR(9), g NUMERIC)")
    moment = dt.datetime(2024, 1, 31, 12, tzinfo=dt.UTC)
    values = (moment, moment, moment.date(), moment.time(), True, "text", 1.5)
    cursor.executemany("INSERT INTO own VALUES (?, ?, ?, ?, ?, ?, ?)", [(None,) * 7, values])
    frame = polars.read_database("SELECT * FROM own", connection)
    moments, text = [polars.Datetime("us", "UTC")] * 2, [polars.String, polars.Float64]
    assert frame.dtypes == [*moments, polars.Date, polars.Time, polars.Boolean, *text]
    assert frame.rows() == [(None,) * 7, values]


def test_polars_itself_takes_parameters(connection: box_dialect.Connection) -> None:
    polars = pytest.importorskip("polars")
    query = "SELECT name FROM files WHERE parent_id = ? ORDER BY name"
    frame = polars.read_database(query, connection, execute_options={"parameters": ("0",)})
    assert frame["name"].to_list() == NAMES


def test_duckdb_takes_a_reader(connection: box_dialect.Connection) -> None:
    duckdb = pytest.importorskip("duckdb")
    totals = "SELECT count(*), sum(size), max(modified_at) FROM files"
    with arrow.read("SELECT * FROM files", connection, batch_size=2) as reader, duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        (found,) = database.from_arrow(reader).aggregate("count(*), sum(size), max(modified_at)").fetchall()
        number, size, newest = connection.cursor().execute(totals).fetchone() or ()
        assert (*found[:2], found[2].replace(tzinfo=None).isoformat(" ", "microseconds")) == (number, size, newest)


def test_duckdb_finds_a_reader_by_its_name(small: Box) -> None:
    duckdb = pytest.importorskip("duckdb")
    with small.connect() as connection, arrow.read(QUERY, connection) as reader, duckdb.connect() as database:
        database.execute("CREATE TABLE kept AS SELECT * FROM reader")
        del reader
        assert database.execute("SELECT name FROM kept ORDER BY name").fetchall() == [(name,) for name in NAMES]
