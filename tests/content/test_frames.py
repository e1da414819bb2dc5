"""Other people's tools over the file system: pandas, polars, DuckDB, Arrow, Dask, openpyxl."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("fsspec", reason="fsspec is missing")

from box_dialect.content.filesystem import BoxFileSystem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

TABLE = {"id": [1, 2, 3], "name": ["a", "b", "c"], "amount": [1.5, 2.5, 3.5]}


@pytest.fixture
def fs(written: Box) -> Iterator[BoxFileSystem]:
    made = BoxFileSystem(box_url=written.url)
    made.mkdir("/frames")
    yield made
    made.rm("/frames", recursive=True)


@pytest.fixture
def options(written: Box) -> dict[str, str]:
    return {"box_url": written.url}


@pytest.mark.parametrize("kind", ["csv", "parquet", "json"])
def test_pandas_reads_and_writes_by_path(fs: BoxFileSystem, options: dict[str, str], kind: str) -> None:
    pd = pytest.importorskip("pandas", reason="pandas is missing")
    pytest.importorskip("pyarrow", reason="pyarrow is missing")
    frame, path = pd.DataFrame(TABLE), f"box-dialect://frames/table.{kind}"
    write = {
        "csv": lambda: frame.to_csv(path, index=False, storage_options=options),
        "parquet": lambda: frame.to_parquet(path, storage_options=options),
        "json": lambda: frame.to_json(path, orient="records", storage_options=options),
    }[kind]
    write()
    read: Any = getattr(pd, f"read_{kind}")
    pd.testing.assert_frame_equal(read(path, storage_options=options), frame, check_dtype=False)
    assert fs.exists(f"/frames/table.{kind}")


def test_excel_is_read_and_written_by_path(fs: BoxFileSystem, options: dict[str, str]) -> None:
    pd = pytest.importorskip("pandas", reason="pandas is missing")
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is missing")
    frame = pd.DataFrame(TABLE)
    frame.to_excel("box-dialect://frames/table.xlsx", index=False, storage_options=options)
    pd.testing.assert_frame_equal(pd.read_excel("box-dialect://frames/table.xlsx", storage_options=options), frame)
    with fs.open("/frames/table.xlsx") as file:
        assert openpyxl.load_workbook(file, read_only=True).sheetnames == ["Sheet1"]


def test_arrow_reads_the_columns_that_it_needs(fs: BoxFileSystem) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is missing")
    pa = pytest.importorskip("pyarrow", reason="pyarrow is missing")
    dataset = pytest.importorskip("pyarrow.dataset", reason="pyarrow is missing")

    columns = {f"c{number}": list(range(number, number + 50_000)) for number in range(20)}
    written = io.BytesIO()
    parquet.write_table(pa.table(columns), written, compression="none", use_dictionary=False)
    fs.pipe("/frames/wide.parquet", written.getvalue())
    fetched = 0
    with fs.open("/frames/wide.parquet") as file:
        content = file._reader._content
        read = content.read

        async def counted(start: int, stop: int) -> bytes:
            nonlocal fetched
            fetched += min(stop, content.size) - start
            return bytes(await read(start, stop))

        content.read = counted
        opened = parquet.ParquetFile(file)
        needed = sum(
            opened.metadata.row_group(group).column(place).total_compressed_size
            for group in range(opened.metadata.num_row_groups)
            for place in (3, 11)
        )
        table = opened.read(columns=["c3", "c11"])
    assert table.to_pydict() == {"c3": columns["c3"], "c11": columns["c11"]}
    assert fetched <= 1.2 * needed + 2 * 65_536
    wide = dataset.dataset("/frames/wide.parquet", filesystem=fs)
    assert wide.to_table(columns=["c0"], filter=dataset.field("c0") < 3).to_pydict() == {"c0": [0, 1, 2]}


def test_arrow_writes_and_reads_a_dataset_of_many_files(fs: BoxFileSystem) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is missing")
    dataset = pytest.importorskip("pyarrow.dataset", reason="pyarrow is missing")

    dataset.write_dataset(
        pa.table(TABLE), "/frames/parts", format="parquet", partitioning=["name"], filesystem=fs, use_threads=False
    )
    assert len(fs.find("/frames/parts")) == 3
    read = dataset.dataset("/frames/parts", filesystem=fs, partitioning=["name"]).to_table()
    assert sorted(read.column("id").to_pylist()) == TABLE["id"]


def test_polars_reads_by_path(fs: BoxFileSystem, options: dict[str, str]) -> None:
    pl = pytest.importorskip("polars", reason="polars is missing")
    pytest.importorskip("pyarrow", reason="pyarrow is missing")
    frame = pl.DataFrame(TABLE)
    for kind in ("csv", "parquet"):
        with fs.open(f"/frames/table.{kind}", "wb") as file:
            getattr(frame, f"write_{kind}")(file)
    with fs.open("/frames/table.csv") as file:
        assert pl.read_csv(file).equals(frame)
    with fs.open("/frames/table.parquet") as file:
        assert pl.read_parquet(file).equals(frame)
    pytest.importorskip("fsspec", "2026.4", reason="earlier ones take box-dialect:// for a local path")
    read = pl.read_parquet("box-dialect://frames/table.parquet", use_pyarrow=True, storage_options=options)
    assert read.equals(frame)


def test_duckdb_reads_and_writes_by_path(fs: BoxFileSystem) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is missing")
    with duckdb.connect() as database:
        database.register_filesystem(fs)
        database.execute("COPY (SELECT range AS n FROM range(1000)) TO 'box-dialect://frames/n.parquet'")
        found = database.execute("SELECT sum(n), count(*) FROM 'box-dialect://frames/*.parquet'").fetchall()
    assert found == [(499_500, 1000)]


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # Dask's own, of pandas
def test_dask_reads_and_writes_by_path(fs: BoxFileSystem, options: dict[str, str]) -> None:
    dask = pytest.importorskip("dask", reason="dask is missing")
    dd = pytest.importorskip("dask.dataframe", reason="dask is missing")
    pytest.importorskip("pyarrow", reason="pyarrow is missing")
    fs.pipe({f"/frames/{number}.csv": f"n\n{number}\n".encode() for number in range(3)})
    frame = dd.read_csv("box-dialect://frames/*.csv", storage_options=options)
    with dask.config.set(scheduler="threads"):
        frame.to_parquet("box-dialect://frames/parts", storage_options=options)
        read = dd.read_parquet("box-dialect://frames/parts", storage_options=options)
        assert sorted(read.n.compute()) == [0, 1, 2]
    assert len(fs.glob("/frames/parts/*.parquet")) == 3
