"""Parquet documents whose footers are changed, one thing in each, and a process of its own that reads them."""

from __future__ import annotations

import copy
import io
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from compact_thrift import BINARY, FALSE, I16, I64, LIST, STRUCT, TRUE, Reader, Struct, serialized
from document_bytes import BytesDocument

from box_dialect import DataError, NotSupportedError
from box_dialect.documents.formats import FORMATS
from box_dialect.documents.model import Comparison
from box_dialect.documents.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INTEGERS: Final = (-1, 0, 1, 7, 100, 255, 2**31 - 1, -(2**31), 2**31, 2**40, 2**63 - 1, -(2**63))


def sample(**how: Any) -> bytes:
    """Return a document with columns of most kinds in two row groups."""
    columns = {
        "a": [1, 2, 3],
        "text": ["x", None, "y"],
        "list": [[1], [2, None], None],
        "struct": [{"b": 1, "c": {"d": "x"}}] * 3,
        "map": pa.array([[("k", 1.5)], None, []], pa.map_(pa.string(), pa.float64())),
        "bool": [True, False, None],
        "bytes": pa.array([b"ab", b"cd", None], pa.binary(2)),
        "decimal": pa.array([Decimal("1.1"), None, Decimal("2.2")], pa.decimal128(20, 2)),
        "moment": pa.array([1, 2, 3], pa.timestamp("us", "UTC")),
        "float": pa.array([1.5, 2, None], pa.float32()),
        "nothing": pa.nulls(3),
    }
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content, row_group_size=2, **how)
    return content.getvalue()


def parts(content: bytes) -> tuple[bytes, bytes]:
    """Return what is before the footer of a document, and the footer."""
    length = int.from_bytes(content[-8:-4], "little")
    return content[: -8 - length], content[-8 - length : -8]


def joined(before: bytes, footer: bytes) -> bytes:
    """Return the document of what is before its footer, and the footer."""
    return before + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def changed(content: bytes, change: Callable[[Struct], object]) -> bytes:
    """Return a document after a change of its footer."""
    before, footer = parts(content)
    root = Reader(footer).struct()
    change(root)
    return joined(before, serialized(root))


def field(struct: Struct, *numbers: int) -> list[Any]:
    """Return a field of a struct, or of one within it, which the fields before lead to; of lists the first value."""
    for number in numbers[:-1]:
        (found,) = (each[2] for each in struct if each[0] == number)
        struct = found[1][0] if isinstance(found, tuple) else found
    (last,) = (each for each in struct if each[0] == numbers[-1])
    return last


def changes(struct: Struct) -> Iterator[Callable[[], object]]:
    """Yield all that changes one thing in a struct, each of which is to be called once, or none."""
    for place, each in enumerate(struct):
        yield lambda place=place: struct.pop(place)
        yield lambda place=place: struct.insert(place, copy.deepcopy(struct[place]))
        yield from _changes_of_value(each)


def _changes_of_value(each: list[Any]) -> Iterator[Callable[[], object]]:
    kind, value = each[1:]
    others: list[Any] = []
    if I16 <= kind <= I64:
        others = [*INTEGERS]
    elif kind == BINARY:
        others = [b"", value[:1], value + b"\xff\xff", b"\xff" * 20, b"."]
    elif kind in {TRUE, FALSE}:
        others = [not value]
    elif kind == STRUCT:
        others = [[]]
        yield from changes(value)
    elif kind == LIST:
        element, values = value
        others = [(element, some) for some in ([], values[:-1], values[1:], values + values[-1:], values[::-1])]
        for place, one in enumerate(values):
            cell = [place, element, one]
            for change in _changes_of_value(cell):
                yield lambda change=change, cell=cell, place=place: (change(), values.__setitem__(place, cell[2]))
    for other in others:
        yield lambda other=other: each.__setitem__(2, other)


def outcome(content: bytes) -> str:
    """Return how many rows come of a document, first by comparisons of all columns, or the refusal."""
    document = BytesDocument("sales.parquet", content)
    reader, options = FORMATS["parquet"], Options()
    try:
        (table,) = reader.tables(document, options)
        every = range(len(table.columns))
        pruned = reader.rows(document, options, table, [], [Comparison(column, "=", b"-") for column in every])
        return f"{sum(map(len, pruned))}, {sum(map(len, reader.rows(document, options, table, every)))} rows"
    except (DataError, NotSupportedError) as error:
        return f"{type(error).__name__}: {error}"


class ReaderProcess:
    """A process that reads documents, and is another one where it has ended."""

    def __init__(self) -> None:
        self._pool = self._new()

    def outcome(self, content: bytes) -> str:
        """Return the outcome of a document, or that it ends the process."""
        try:
            return self._pool.submit(outcome, content).result()
        except BrokenProcessPool:
            self.close()
            self._pool = self._new()
            return "the process has ended"

    def close(self) -> None:
        """End it."""
        self._pool.shutdown()

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
