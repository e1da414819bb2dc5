"""read_sql has the parameters of pandas' own, and says what it does not take."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from patience import wait_until
from sqlalchemy.orm import Session

import box_dialect
from box_dialect import aio, orm

pandas = pytest.importorskip("pandas")
from box_dialect.pandas import read_sql  # noqa: E402

if TYPE_CHECKING:
    from conftest import Box

NOTES = "SELECT name, size, modified_at FROM files WHERE parent_id = '0' ORDER BY name"


def types(frame: Any) -> list[str]:
    return [str(kind) for kind in frame.dtypes]


def test_the_parameters_are_those_of_pandas() -> None:
    assert list(inspect.signature(read_sql).parameters) == list(inspect.signature(pandas.read_sql).parameters)


def test_a_table_is_read_by_its_name(source: Any) -> None:
    frame = read_sql("users", source, columns=["login", "id"])
    assert list(frame.columns) == ["login", "id"]
    assert len(frame) == len(read_sql("SELECT id FROM users", source)) > 2
    assert "created_at" in read_sql("users", source).columns
    with pytest.raises((box_dialect.ProgrammingError, sa.exc.ProgrammingError), match="did you mean users"):
        read_sql("userz", source)
    with pytest.raises((box_dialect.ProgrammingError, sa.exc.ProgrammingError), match="no such column"):
        read_sql("users", source, columns=["logn"])


def test_a_url_makes_an_engine_that_is_disposed_of(small: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    create = sa.create_engine
    monkeypatch.setattr(sa, "create_engine", lambda url: made.append(create(url)) or made[-1])
    assert types(read_sql(NOTES, small.url)) == ["string", "Int64", "datetime64[us, UTC]"]
    (engine,) = made
    assert engine.pool.checkedin() == engine.pool.checkedout() == 0


def test_the_index_is_of_the_columns_that_are_named(source: Any) -> None:
    frame = read_sql(NOTES, source, "name")
    assert (frame.index.name, list(frame.columns)) == ("name", ["size", "modified_at"])
    assert read_sql(NOTES, source, index_col=["name", "size"]).index.names == ["name", "size"]
    with pytest.raises(KeyError, match="nme"):
        read_sql(NOTES, source, index_col="nme")


@pytest.mark.parametrize(
    ("sql", "parse_dates"),
    [
        ("SELECT '2024-01-31T12:00:00Z' AS at", ["at"]),
        ("SELECT '31.1.2024 12:00' AS at", {"at": "%d.%m.%Y %H:%M"}),
        ("SELECT 1706702400 AS at", {"at": "s"}),
        ("SELECT '31/1/2024 12:00' AS at", {"at": {"dayfirst": True}}),
        ("SELECT created_at AS at FROM files WHERE id = ''", ["at"]),
        ("SELECT NULL AS at", ["at"]),
    ],
)
@pytest.mark.parametrize("backend", ["numpy_nullable", "pyarrow"])
def test_dates_are_parsed(connection: box_dialect.Connection, sql: str, parse_dates: Any, backend: Any) -> None:
    if backend == "pyarrow":
        pytest.importorskip("pyarrow", exc_type=ImportError)
    frame = read_sql(sql, connection, parse_dates=parse_dates, dtype_backend=backend)
    assert types(frame)[0].startswith(("datetime64[us, UTC]", "timestamp[us, tz=UTC]"))
    assert frame["at"].dropna().tolist() in ([pandas.Timestamp("2024-01-31T12:00Z")], [])


def test_types_are_changed(source: Any) -> None:
    assert types(read_sql(NOTES, source, dtype={"size": "float64"})) == ["string", "float64", "datetime64[us, UTC]"]
    assert types(read_sql("SELECT size, 1 AS one FROM files", source, dtype="Int32")) == ["Int32", "Int32"]


def test_types_of_arrow_are_taken_where_they_are_asked_for(source: Any) -> None:
    pytest.importorskip("pyarrow", exc_type=ImportError)
    frame = read_sql(NOTES, source, dtype_backend="pyarrow")
    assert types(frame) == ["string[pyarrow]", "int64[pyarrow]", "timestamp[us, tz=UTC][pyarrow]"]
    plain = read_sql(NOTES, source)
    assert frame["modified_at"].tolist() == plain["modified_at"].tolist()
    nothing = read_sql(
        "SELECT lock_expired_at, is_watermarked FROM files WHERE id = ''", source, dtype_backend="pyarrow"
    )
    assert types(nothing) == ["timestamp[us, tz=UTC][pyarrow]", "bool[pyarrow]"]


def test_columns_of_one_name_are_all_there(source: Any) -> None:
    frame = read_sql("SELECT 1 AS a, 'x' AS a", source)
    assert (list(frame.columns), types(frame)) == (["a", "a"], ["Int64", "string"])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"columns": ["name"]}, ValueError, "columns chooses those of a table"),
        ({"chunksize": 0}, ValueError, "chunksize is a number of rows, not 0"),
        ({"dtype_backend": "numpy"}, ValueError, "dtype_backend is numpy_nullable or pyarrow, not 'numpy'"),
        ({"parse_dates": "name"}, TypeError, "parse_dates is a list of columns"),
        ({"parse_dates": ["nme"]}, KeyError, "nme"),
        ({"dtype": {"nme": "string"}}, KeyError, "nme"),
    ],
    ids=str,
)
def test_what_an_option_does_not_take_is_told(
    connection: box_dialect.Connection, options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_sql(NOTES, connection, **options)


def test_other_connections_are_told_from_those_that_run_queries(engine: sa.engine.Engine, small: Box) -> None:
    with Session(engine) as session, pytest.raises(TypeError, match=r"or an engine's URL, not Session"):
        read_sql(NOTES, session)
    with pytest.raises(TypeError, match="not NoneType"):
        read_sql(NOTES, None)

    async def on_loop() -> tuple[Any, Any]:
        async with await aio.connect(small.url) as connection:
            with pytest.raises(TypeError, match=r"with asyncio: await connection.run_sync"):
                read_sql(NOTES, connection)
            return await connection.run_sync(lambda sync: read_sql(NOTES, sync)), read_sql(NOTES, engine)

    for frame in asyncio.run(on_loop()):
        assert frame.equals(read_sql(NOTES, engine))


@pytest.mark.parametrize("chunksize", [1, None])
def test_a_connection_goes_back_to_its_pool_also_where_a_chunk_fails(
    engine: sa.engine.Engine, chunksize: int | None
) -> None:
    query = "SELECT size FROM files WHERE id IN (SELECT id FROM files LIMIT 1) UNION ALL SELECT 'many'"
    with pytest.raises(box_dialect.DataError, match="of its type, INTEGER"):
        list(read_sql(query, engine, chunksize=chunksize))
    assert engine.pool.checkedout() == 0
    chunks = read_sql("SELECT id FROM files", engine, chunksize=1)
    next(chunks)
    assert engine.pool.checkedout() == 1
    chunks.close()
    assert engine.pool.checkedout() == 0


def test_a_chunk_reads_no_further_than_its_rows(connection: box_dialect.Connection) -> None:
    seen: list[Any] = []
    connection.sqlite.create_scalar_function("seen", lambda value: seen.append(value) or value, 1)
    numbers = "WITH RECURSIVE n(v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n)"
    chunks = read_sql(f"{numbers} SELECT seen(v) AS v FROM n", connection, chunksize=1_000)
    for number in (1, 2, 3):
        assert next(chunks)["v"].iloc[-1] == number * 1_000 - 1
        assert len(seen) == number * 1_000
    chunks.close()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this platform sends no signals to threads")
def test_ctrl_c_in_a_notebook_cancels_the_query(fresh: Box) -> None:
    """A notebook's cells run on an event loop of the main thread, which lets Ctrl-C be KeyboardInterrupt."""
    engine = sa.create_engine(fresh.url)
    fresh.faults({"operation": "get_users", "delay_ms": 600_000})

    def press() -> None:
        wait_until(lambda: fresh.stats()["calls"])
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    async def cell() -> Any:
        return read_sql("users", engine)

    thread = threading.Thread(target=press)
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(cell())
        thread.join()
        assert engine.pool.checkedout() == 0
        fresh.reset()
        assert len(loop.run_until_complete(cell())) > 2
    engine.dispose()


def test_the_objects_of_a_model_are_read_by_a_select(engine: sa.engine.Engine) -> None:
    frame = read_sql(sa.select(orm.Folder).where(orm.Folder.id == "0"), engine)
    assert frame["name"].tolist() == ["All Files"]
    assert str(frame["etag"].dtype) == "string"
