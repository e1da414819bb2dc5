"""Lines 16 and 17: documents at Box as tables.

Line 16 adds up a column of a CSV document, which the driver keeps from the statement before, so that no download
counts, against the least that this takes: pyarrow's read of the column, and a bare table of APSW's with the same rows.
Line 17 counts what is fetched of a Parquet document for two columns of fifty and one row group of twenty.
"""

from __future__ import annotations

import contextlib
import io
import random
import socket
import tempfile
import threading
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import apsw
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

import box_dialect
from bench.outcome import Bound, Outcome
from bench.servers import emulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.contest import Settings

ROWS: Final = 1_000_000
"""Rows of the CSV document of line 16."""

GROUPS: Final = 20
COLUMNS: Final = 50
ROWS_OF_GROUP: Final = 20_000
"""Row groups, columns, and rows of a row group of the Parquet document of line 17."""

_SUM: Final = "SELECT count(*), sum(x) FROM {}"


def run(number: int, settings: Settings) -> Iterator[Outcome]:
    """Run one of the lines; the two of line 16 are run in turn."""
    with emulator({"synthetic": 1}) as server:
        yield {16: _csv, 17: _parquet}[number](server.url, settings)


def _csv(url: str, settings: Settings) -> Outcome:
    rows = max(1, round(ROWS * settings.scale))
    content = _csv_document(rows)
    with tempfile.TemporaryDirectory() as cache, box_dialect.connect(f"{url}&DocumentCache={cache}") as connection:
        _upload(connection, "sales.csv", content)
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE sales USING csv(path = '/sales.csv')")
        cursor.execute(_SUM.format("sales")).fetchall()
        measured, limits = [], []
        for _ in range(settings.runs):
            started = time.perf_counter()
            found = cursor.execute(_SUM.format("sales")).fetchall()
            measured.append(time.perf_counter() - started)
            seconds, expected = _bare(content)
            limits.append(seconds)
            if [tuple(row) for row in found] != expected:
                raise RuntimeError(f"line 16: {found} is not {expected}")
    return Outcome(
        line="16",
        work=f"count and sum of a CSV document of {rows:,} rows",
        unit="s",
        measured=median(measured),
        limit=median(limits),
        bound=Bound("<=", 1.5),
        runs=tuple(measured),
    )


def _csv_document(rows: int) -> bytes:
    lines = (f"{n},customer {n % 997},{n * 7919 % 100_003},{n / 8:.3f},2026-01-{n % 28 + 1:02}\n" for n in range(rows))
    return "".join(["id,name,x,price,day\n", *lines]).encode()


def _bare(content: bytes) -> tuple[float, list[tuple[Any, ...]]]:
    """Return the seconds of pyarrow's read and of a bare table with its rows, and what the table gives."""
    started = time.perf_counter()
    table = pa_csv.read_csv(io.BytesIO(content), convert_options=pa_csv.ConvertOptions(include_columns=["x"]))
    seconds = time.perf_counter() - started
    tuples = [(value,) for value in table.column("x").to_pylist()]
    connection = apsw.Connection(":memory:")
    connection.create_module("bare", cast("Any", _BareModule(tuples)), eponymous=True)
    started = time.perf_counter()
    found = connection.execute(_SUM.format("bare")).fetchall()
    return seconds + time.perf_counter() - started, found


@dataclass
class _BareModule:
    """A table of APSW's of rows that are there, with nothing but that."""

    rows: Sequence[tuple[Any, ...]]

    def Connect(self, *_: Any) -> tuple[str, _BareModule]:  # noqa: N802 - APSW's names, here and below
        return "CREATE TABLE bare (x)", self

    def BestIndex(self, *_: Any) -> None:  # noqa: N802
        return None

    def Open(self) -> _BareCursor:  # noqa: N802
        return _BareCursor(self.rows)

    def Disconnect(self) -> None:  # noqa: N802
        """Nothing is held."""


class _BareCursor:
    __slots__ = ("_last", "_place", "_rows")

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._rows, self._place, self._last = rows, 0, len(rows)

    def Filter(self, *_: Any) -> None:  # noqa: N802
        self._place = 0

    def Eof(self) -> bool:  # noqa: N802
        return self._place >= self._last

    def Column(self, number: int) -> Any:  # noqa: N802
        return self._rows[self._place][number] if number >= 0 else self._place

    def Next(self) -> None:  # noqa: N802
        self._place += 1

    def Rowid(self) -> int:  # noqa: N802
        return self._place

    def Close(self) -> None:  # noqa: N802
        """Nothing is held."""


def _parquet(url: str, settings: Settings) -> Outcome:
    content = _parquet_document(max(1, round(ROWS_OF_GROUP * settings.scale)))
    metadata = pq.ParquetFile(io.BytesIO(content)).metadata
    group = metadata.row_group(7)
    chunks = [group.column(column) for column in (0, 40)]
    least, most = chunks[0].statistics.min, chunks[0].statistics.max
    statement = f"SELECT count(*), sum(c40) FROM wide WHERE c0 BETWEEN {least} AND {most}"  # noqa: S608 - numbers
    with _relay(url) as (relayed, count), box_dialect.connect(relayed) as connection:
        _upload(connection, "wide.parquet", content)
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE wide USING parquet(path = '/wide.parquet')")
        before = count[0]
        ((rows, _),) = cursor.execute(statement).fetchall()
        fetched = count[0] - before - max(metadata.serialized_size + 8, 64 << 10)
    if rows != group.num_rows:
        raise RuntimeError(f"line 17: {rows} rows came of {group.num_rows}")
    return Outcome(
        line="17",
        work=f"bytes of two columns of {COLUMNS} and one row group of {GROUPS}, the footer apart",
        unit="MB",
        measured=fetched / 1e6,
        limit=sum(chunk.total_compressed_size for chunk in chunks) / 1e6,
        bound=Bound("<=", 1.2),
    )


def _parquet_document(rows: int) -> bytes:
    chance = random.Random(17)  # noqa: S311 - bytes that do not compress
    count = rows * GROUPS
    columns = {f"c{column}": pa.array(chance.random() for _ in range(count)) for column in range(1, COLUMNS)}
    content = io.BytesIO()
    table = pa.table({"c0": pa.array(range(count)), **columns})
    pq.write_table(table, content, row_group_size=rows, use_dictionary=False)
    return content.getvalue()


def _upload(connection: box_dialect.Connection, name: str, content: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO files (name, parent_id, content) VALUES (?, '0', ?)", (name, content))


@contextlib.contextmanager
def _relay(url: str) -> Iterator[tuple[str, list[int]]]:
    """Stand between the driver and a server, and count the bytes that the server sends.

    The addresses of downloads, which name the server, are made to name the relay.
    """
    count = [0]
    server = f"{urlsplit(url).hostname}:{urlsplit(url).port}"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        relay = f"127.0.0.1:{listening.getsockname()[1]}"
        threading.Thread(target=_accept, args=(listening, server, relay, count), daemon=True).start()
        yield url.replace(server, relay), count


def _accept(listening: socket.socket, server: str, relay: str, count: list[int]) -> None:
    host, _, port = server.partition(":")
    with contextlib.suppress(OSError):  # when it is closed
        while True:
            client, _ = listening.accept()
            behind = socket.create_connection((host, int(port)))
            for ends, names, counted in (
                ((client, behind), (relay, server), [0]),
                ((behind, client), (server, relay), count),
            ):
                threading.Thread(target=_copy, args=(*ends, *map(str.encode, names), counted), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket, here: bytes, there: bytes, count: list[int]) -> None:
    with contextlib.suppress(OSError), source, target:
        while data := source.recv(1 << 16):
            count[0] += len(data)
            target.sendall(data.replace(here, there) if len(here) == len(there) else data)
