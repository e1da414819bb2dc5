"""Rows whose calls need several keys are written by whatever a statement finds them by: versions of files."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Box

import box_dialect
from box_dialect.api import Paging
from box_dialect.catalog.folder_items import FOLDER_ITEMS
from box_dialect.catalog.model import AccessPath, Column, Endpoint, FanOut, Table, Type, Write
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES, VERSIONS = 3, 3
_LISTING = Endpoint(path="/files/{file_id}/versions", paging=Paging.OFFSET, known=frozenset({"file_id"}))
_ONE = Endpoint(path="/files/{file_id}/versions/{id}", known=frozenset({"file_id"}))

VERSIONS_OF_FILES = Table(
    name="past_versions",
    doc="The past versions of files.",
    columns=(
        Column("id", doc="Box's id."),
        Column("file_id", references="files.id", doc="Id of the file."),
        Column("name", doc="The name."),
        Column("size", Type.INTEGER, doc="Size in bytes."),
        Column("trashed_at", Type.TIMESTAMP, update="trashed_at", cleared=None, doc="When it was deleted."),
    ),
    paths=(
        AccessPath(name="by id", endpoints=(_ONE,), keys=("file_id", "id"), unique=True),
        AccessPath(name="by file", endpoints=(_LISTING,), keys=("file_id",), rows=3),
        AccessPath(
            name="of every file",
            endpoints=(_LISTING,),
            fan_out=FanOut(parents=FOLDER_ITEMS.keeping(type="file"), key="file_id", walk=True),
            calls=100,
            rows=300,
        ),
    ),
    update=Write(method="PUT", path="/files/{file_id}/versions/{id}", takes_fields=False),
    delete=Write(method="DELETE", path="/files/{file_id}/versions/{id}"),
)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(Options(synthetic=FILES)) as emulator:
        for file in files(Box(emulator)):
            while len(file.versions) <= VERSIONS:
                emulator.store.add_version(file, file.versions[-1].content, emulator.store.admin)
        yield emulator


@pytest.fixture
def box(emulator: Emulator) -> Box:
    box = Box(emulator)
    for file in files(box):
        for version in file.versions:
            version.trashed_at = None
    return box


@pytest.fixture
def connection(box: Box) -> Iterator[box_dialect.Connection]:
    with box.connect() as connection:
        connection.catalog.add(VERSIONS_OF_FILES)
        yield connection


@pytest.fixture
def cursor(connection: box_dialect.Connection) -> box_dialect.Cursor:
    return connection.cursor()


def files(box: Box) -> list[Any]:
    return sorted(box.store.items["file"].values(), key=lambda file: file.id)


def keys(box: Box, *places: tuple[int, int]) -> list[tuple[str, str]]:
    """Return the keys of past versions, each by the number of its file and its own."""
    return [(files(box)[file].id, files(box)[file].versions[number].id) for file, number in places]


def trashed(box: Box) -> list[tuple[str, str]]:
    return [(file.id, each.id) for file in files(box) for each in file.versions if each.trashed_at is not None]


SHAPES = {
    "both by =": ("file_id = :file AND id = :id", [(0, 1)], 1),
    "the file by IN": ("file_id IN (:other, :file) AND id = :id", [(0, 1)], 2),
    "the id by IN": ("file_id = :file AND id IN (:id, :id2, :foreign)", [(0, 1), (0, 2)], 3),
    "both by IN": ("file_id IN (:file, :other) AND id IN (:id, :foreign)", [(0, 1), (1, 0)], 4),
    "the other way round": ("id = :id AND :file = file_id", [(0, 1)], 1),
    "as numbers": ("file_id = CAST(:file AS INTEGER) AND id = CAST(:id AS INTEGER)", [(0, 1)], 1),
    "a version of another file": ("file_id = :other AND id = :id", [], 1),
    "none": ("file_id = :file AND id = '404'", [], 1),
    "what can be no id": ("file_id = '../folders' AND id = :id", [], 0),
    "NULL": ("file_id = NULL AND id = :id", [], 0),
    "the file alone": ("file_id = :file", [(0, 0), (0, 1), (0, 2)], 4),
    "the id alone": ("id = :id", [(0, 1)], None),
    "a subquery": ("file_id IN (SELECT id FROM files WHERE id = :file) AND id IN (:id, :foreign)", [(0, 1)], None),
    "a scalar subquery": ("file_id = (SELECT id FROM files WHERE id = :file) AND id = :id", [(0, 1)], None),
    "OR": ("(file_id = :file AND id = :id) OR (file_id = :other AND id = :foreign)", [(0, 1), (1, 0)], None),
    "a further column": ("file_id IN (:file, :other) AND id = :id AND size > 0", [(0, 1)], None),
    "row values": ("(file_id, id) IN (VALUES (:file, :id), (:other, :foreign))", [(0, 1), (1, 0)], None),
    "EXISTS": (
        "file_id = :file AND EXISTS (SELECT 1 FROM files f WHERE f.id = past_versions.file_id)",
        [(0, 0), (0, 1), (0, 2)],
        None,
    ),
    "all": ("1", [(file, number) for file in range(FILES) for number in range(VERSIONS)], None),
}


def values(box: Box) -> dict[str, str]:
    (file, version), (_, second), (other, foreign) = keys(box, (0, 1), (0, 2), (1, 0))
    return {"file": file, "id": version, "id2": second, "other": other, "foreign": foreign}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_delete_deletes_what_it_names(box: Box, cursor: box_dialect.Cursor, shape: str) -> None:
    where, places, calls = SHAPES[shape]
    cursor.execute(f"DELETE FROM past_versions WHERE {where}", values(box))
    assert trashed(box) == sorted(keys(box, *places))
    assert cursor.rowcount == len(places)
    assert calls is None or cursor.api_calls == calls


@pytest.mark.parametrize("shape", SHAPES)
def test_an_update_changes_what_it_names(box: Box, cursor: box_dialect.Cursor, shape: str) -> None:
    where, places, _ = SHAPES[shape]
    every = [(file, number) for file in range(FILES) for number in range(VERSIONS)]
    cursor.execute("DELETE FROM past_versions")
    assert cursor.rowcount == len(every)
    cursor.execute(f"UPDATE past_versions SET trashed_at = NULL WHERE {where}", values(box))
    assert trashed(box) == sorted(set(keys(box, *every)) - set(keys(box, *places)))
    assert cursor.rowcount == len(places)


def test_many_sets_of_keys_are_deleted_at_once(box: Box, cursor: box_dialect.Cursor) -> None:
    wanted = keys(box, (0, 1), (1, 0), (2, 2), (2, 0))
    cursor.executemany("DELETE FROM past_versions WHERE file_id = ? AND id = ?", [*wanted, ("404", "404")])
    assert (trashed(box), cursor.rowcount, cursor.api_calls) == (sorted(wanted), 4, 5)


def test_a_failure_names_the_keys(box: Box, cursor: box_dialect.Cursor) -> None:
    (past, current) = keys(box, (0, 1), (0, VERSIONS))
    with pytest.raises(
        box_dialect.OperationalError, match=rf"\(file_id {current[0]}, id {current[1]}\): DELETE /files/"
    ):
        cursor.executemany("DELETE FROM past_versions WHERE file_id = ? AND id = ?", [past, current])
    assert trashed(box) == [past]


def test_rows_that_a_join_gives_are_deleted(box: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("CREATE TEMP TABLE chosen (file TEXT, version TEXT)")
    wanted = keys(box, (0, 1), (2, 0))
    cursor.executemany("INSERT INTO chosen VALUES (?, ?)", wanted)
    cursor.execute("DELETE FROM past_versions WHERE (file_id, id) IN (SELECT file, version FROM chosen)")
    assert (trashed(box), cursor.rowcount) == (sorted(wanted), 2)
    cursor.execute("UPDATE past_versions SET trashed_at = NULL FROM chosen WHERE file_id = file AND id = version")
    assert (trashed(box), cursor.rowcount) == ([], 2)


def test_a_delete_returns_its_rows(box: Box, cursor: box_dialect.Cursor) -> None:
    (one, other, foreign) = keys(box, (0, 1), (0, 2), (1, 0))
    statement = "DELETE FROM past_versions WHERE file_id IN (?, ?) AND id IN (?, ?)"
    cursor.execute(f"{statement} RETURNING file_id, id", (one[0], foreign[0], one[1], foreign[1]))
    assert (sorted(cursor.fetchall()), cursor.api_calls) == ([one, foreign], 4)
    cursor.execute(f"{statement} RETURNING id, size", (*other, *other))
    assert [row[0] for row in cursor.fetchall()] == [other[1]]
    assert trashed(box) == [one, other, foreign]


@pytest.mark.parametrize(
    "shape", ["both by =", "the id by IN", "both by IN", "the id alone", "OR", "as numbers", "none"]
)
def test_an_update_returns_its_rows(box: Box, cursor: box_dialect.Cursor, shape: str) -> None:
    where, places, _ = SHAPES[shape]
    statement = f"UPDATE past_versions SET trashed_at = NULL WHERE {where} RETURNING file_id, id, trashed_at"
    cursor.execute(statement, values(box))
    assert sorted(cursor.fetchall()) == [(*each, None) for each in sorted(keys(box, *places))]


def test_a_trigger_deletes_by_several_keys(box: Box, cursor: box_dialect.Cursor) -> None:
    (wanted,) = keys(box, (1, 1))
    cursor.execute("CREATE TEMP TABLE dropped (file TEXT, version TEXT)")
    cursor.execute(
        "CREATE TEMP TRIGGER drops AFTER INSERT ON dropped BEGIN "
        "DELETE FROM past_versions WHERE file_id = new.file AND id = new.version; END"
    )
    cursor.execute("INSERT INTO dropped VALUES (?, ?)", wanted)
    assert trashed(box) == [wanted]


def test_the_keys_are_read_by_statements_that_write_alone(box: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("DELETE FROM past_versions WHERE file_id = '404'")
    cursor.execute("SELECT count(*) FROM past_versions")
    assert cursor.fetchall() == [(FILES * VERSIONS,)]
    cursor.execute("SELECT name FROM past_versions WHERE file_id = ? AND id = ?", keys(box, (0, 1))[0])
    assert len(cursor.fetchall()) == 1


COLLIDING = Table(
    name="colliding",
    doc="Versions that all have one rowid.",
    columns=VERSIONS_OF_FILES.columns,
    paths=VERSIONS_OF_FILES.paths,
    rowid=lambda _: 7,
    delete=VERSIONS_OF_FILES.delete,
)


def test_rows_that_cannot_be_told_apart_are_not_deleted(box: Box, connection: box_dialect.Connection) -> None:
    connection.catalog.add(COLLIDING)
    with connection.cursor() as cursor, pytest.raises(box_dialect.DataError, match="two rows of colliding"):
        cursor.execute("DELETE FROM colliding WHERE file_id = ? AND size > 0", keys(box, (0, 1))[0][:1])
    assert trashed(box) == []


HASHED = Table(
    name="hashed",
    doc="Versions without a number.",
    columns=VERSIONS_OF_FILES.columns,
    paths=VERSIONS_OF_FILES.paths,
    rowid=lambda _: None,
    delete=VERSIONS_OF_FILES.delete,
)


def test_a_row_whose_id_is_no_number_is_deleted(box: Box, connection: box_dialect.Connection) -> None:
    connection.catalog.add(HASHED)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM hashed WHERE file_id = ? AND size > 0", (files(box)[0].id,))
        assert (trashed(box), cursor.rowcount) == (keys(box, (0, 0), (0, 1), (0, 2)), 3)


UNTOLD = Table(
    name="untold",
    doc="Versions of which nobody tells the file.",
    columns=VERSIONS_OF_FILES.columns,
    paths=(
        AccessPath(
            name="by file",
            endpoints=(
                Endpoint(
                    path="/files/{name}/versions", paging=Paging.OFFSET, known=frozenset({"name"}), takes_fields=False
                ),
            ),
            keys=("name",),
        ),
    ),
    delete=VERSIONS_OF_FILES.delete,
)


def test_a_row_without_one_of_its_keys_is_refused(box: Box, connection: box_dialect.Connection) -> None:
    connection.catalog.add(UNTOLD)
    with connection.cursor() as cursor, pytest.raises(box_dialect.NotSupportedError, match="whose file_id is NULL"):
        cursor.execute("DELETE FROM untold WHERE name = ?", (files(box)[0].id,))
    assert trashed(box) == []


ANY_ID = Table(
    name="any_id",
    doc="Versions whose ids may be any text.",
    columns=VERSIONS_OF_FILES.columns,
    paths=(
        AccessPath(
            name="by id", endpoints=(_ONE,), keys=("file_id", "id"), accepts=re.compile(".*", re.DOTALL), unique=True
        ),
    ),
    delete=VERSIONS_OF_FILES.delete,
)


@pytest.mark.parametrize("where", ["file_id = '7'", "id = '7'", "1", "file_id = '7' AND id > '1'"])
def test_a_key_that_is_missing_is_told_where_box_lists_nothing(connection: box_dialect.Connection, where: str) -> None:
    connection.catalog.add(ANY_ID)
    with connection.cursor() as cursor:
        for statement in ("SELECT name FROM any_id", "DELETE FROM any_id"):
            with pytest.raises(box_dialect.ProgrammingError, match="any_id needs a value of file_id and id"):
                cursor.execute(f"{statement} WHERE {where}")
            assert cursor.api_calls == 0


@pytest.mark.parametrize("value", ["..", ".", "", "../../users/me", "..;/..;x/me", "a\nb"])
def test_a_key_that_no_path_can_hold_has_no_row(connection: box_dialect.Connection, value: str) -> None:
    connection.catalog.add(ANY_ID)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM any_id WHERE file_id = '7' AND id IN (?, ?)", (value, value))
        assert (cursor.fetchall(), cursor.api_calls) == ([], 0)
        cursor.execute("DELETE FROM any_id WHERE file_id = ? AND id = '7'", (value,))
        assert (cursor.rowcount, cursor.api_calls) == (0, 0)


def test_a_path_names_columns_of_its_table() -> None:
    with pytest.raises(ValueError, match=r"wrong has no column parent_id, which /files/{parent_id} names"):
        Table(name="wrong", doc="", columns=(), paths=(), delete=Write(method="DELETE", path="/files/{parent_id}"))


@pytest.mark.parametrize(
    "statement", ["DELETE FROM {}", "SELECT id FROM {} WHERE id = '1'", "UPDATE {} SET trashed_at = NULL"]
)
def test_a_table_that_lists_nothing_without_keys_says_which(connection: box_dialect.Connection, statement: str) -> None:
    keyed = replace(VERSIONS_OF_FILES, name="keyed", paths=VERSIONS_OF_FILES.paths[:2])
    connection.catalog.add(keyed)
    cursor = connection.cursor()
    needs = "^keyed needs a value of file_id and id, or of file_id, by = or IN, joined by AND$"
    with pytest.raises(box_dialect.ProgrammingError, match=needs):
        cursor.execute(statement.format("Keyed")).fetchall()
    assert cursor.api_calls == 0
