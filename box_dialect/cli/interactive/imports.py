"""The rows of a CSV or JSON file, for a local table."""

from __future__ import annotations

import csv
import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect import DataError, OperationalError, ProgrammingError
from box_dialect.dbapi.create_as import all_or_nothing
from box_dialect.engine import quoted
from box_dialect.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from box_dialect import Connection

_OF_LINES: Final = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_OF_OBJECTS: Final = {".ndjson", ".jsonl"}


def import_file(connection: Connection, path: Path, table: str) -> int:
    """Add the rows of a file to a local table, all or none, and return how many they are.

    A table that is not there yet is made: its columns are those of the first line of a CSV file, as text, or the names
    in the first object of a JSON file, an array of objects or an object on each line. Raises ProgrammingError for a
    table of Box and a file of another kind, DataError for what is no row, OperationalError where it cannot be read.
    """
    if table.lower() in connection.catalog.relations:
        raise ProgrammingError(f"{table} is a table of Box; import into one of your own, and INSERT from that")
    with _opened(path) as (columns, rows, declared), all_or_nothing(connection.sqlite):
        if not columns:
            raise DataError(f"{printable(path.name)} names no columns")
        cursor = connection.cursor()
        names = ", ".join(f"{quoted(name)}{declared}" for name in columns)
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {quoted(table)} ({names})")
        places = ", ".join("?" * len(columns))
        named = ", ".join(map(quoted, columns))
        cursor.executemany(f"INSERT INTO {quoted(table)} ({named}) VALUES ({places})", rows)  # noqa: S608 - quoted
        return cursor.rowcount


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Sequence[str], Iterator[Sequence[Any]], str]]:
    """Give the names of the columns of a file, its rows, and the type that its columns are declared with."""
    kind = path.suffix.lower()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if kind in _OF_LINES:
                lines = csv.reader(file, delimiter=_OF_LINES[kind], strict=True)
                columns = next(lines, [])
                yield columns, (_row(line, len(columns), lines.line_num) for line in lines), " TEXT"
            elif kind == ".json" or kind in _OF_OBJECTS:
                lines_of = (_object(line) for line in file if line.strip())
                objects = lines_of if kind in _OF_OBJECTS else iter(_objects(file.read()))
                first = [*itertools.islice(objects, 1)]
                columns = [name for each in first for name in each]
                yield columns, (_values(each, columns) for each in itertools.chain(first, objects)), ""
            else:
                raise ProgrammingError(f"{printable(path.name)} is neither .csv, .tsv, .json, .ndjson nor .jsonl")
    except OSError as error:
        raise OperationalError(f"cannot read {printable(str(path))}: {error.strerror or error}") from None
    except (csv.Error, UnicodeError) as error:
        raise DataError(f"{printable(path.name)} cannot be read as {kind}: {error}") from None


def _row(line: list[str], width: int, number: int) -> list[str]:
    if len(line) != width:
        raise DataError(f"line {number} has {len(line)} values, and the first line {width}")
    return line


def _objects(text: str) -> list[dict[str, Any]]:
    try:
        return msgspec.json.decode(text, type=list[dict[str, Any]])
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise DataError(f"the file is no JSON array of objects: {printable(error)}") from None


def _object(line: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise DataError(f"a line is no JSON object: {printable(error)}") from None


def _values(found: dict[str, Any], columns: Sequence[str]) -> list[Any]:
    unknown = found.keys() - set(columns)
    if unknown:
        raise DataError(f"an object has {printable(min(unknown))}, which the first one has not")
    values = [found.get(column) for column in columns]
    return [msgspec.json.encode(each).decode() if isinstance(each, dict | list) else each for each in values]
