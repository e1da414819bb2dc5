"""The first rows of each folder cost nothing where a walk lists the folders anyway, and one call each elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conftest import Box

from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDERS = 8
LARGE = 2_500
"""Files in one of the folders, which take three pages."""

SIZES = "SELECT size FROM {table} f WHERE f.parent_id = {parent} ORDER BY size DESC LIMIT {limit}"
FIRST = f"(SELECT group_concat(size) FROM ({SIZES}))"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A few files in each folder, none in the last one, and many in the first."""
    emulator = Emulator(Options())
    store = emulator.store = Store()
    for number in range(FOLDERS):
        folder = store.add_folder(f"d{number}", store.root, store.admin)
        for size in range(LARGE if number == 0 else FOLDERS - 1 - number):
            store.add_file(f"f{size:04}", folder, PatternContent("x", size), store.admin)
    with emulator:
        yield Box(emulator)


def read(box: Box, outer: str, limit: str = "3", table: str = "files", where: str = "") -> tuple[dict[Any, Any], int]:
    parent = "p.parent_id" if outer == "files" else "p.id"
    first = FIRST.format(table=table, parent=parent, limit=limit)
    with box.connect() as connection:
        cursor = connection.cursor().execute(f"SELECT p.path, {first} FROM {outer} p {where}")
        return dict(cursor.fetchall()), cursor.api_calls


WALK = 1 + FOLDERS + 2
ROOT = 1
"""The call for the root folder's own row."""


@pytest.mark.parametrize(
    ("limit", "of_large", "of_small"),
    [
        ("3", "2499,2498,2497", "5,4,3"),
        ("2 OFFSET 1", "2498,2497", "4,3"),
        ("2 OFFSET 5", "2494,2493", "0"),
        ("0", None, None),
    ],
)
def test_a_folder_that_is_walked_is_not_listed_in_another_order(
    box: Box, limit: str, of_large: str | None, of_small: str | None
) -> None:
    rows, calls = read(box, "folders", limit)
    assert (rows["/d0"], rows["/d1"], rows[f"/d{FOLDERS - 1}"]) == (of_large, of_small, None)
    assert calls == ROOT + WALK


def test_neither_is_that_of_a_file(box: Box) -> None:
    rows, calls = read(box, "files", "1")
    assert (rows["/d0/f0000"], rows["/d6/f0000"], calls) == ("2499", "0", WALK)


def test_a_folder_whose_row_is_all_that_a_walk_wants_is_listed_as_far_as_limit_goes(box: Box) -> None:
    assert read(box, "folders", where="WHERE path = '/d0'") == ({"/d0": "2499,2498,2497"}, 2)
    assert read(box, "folders", where="WHERE depth = 1")[1] == 1 + FOLDERS


def test_folders_of_one_parent_are_listed_once_each(box: Box) -> None:
    assert read(box, "folders", where="WHERE parent_id = '0'")[1] == 1 + FOLDERS


@pytest.mark.parametrize(("where", "most"), [("LIMIT 3", 2 + 3 + 1 + 1), ("ORDER BY p.path LIMIT 3", ROOT + WALK)])
def test_a_walk_shares_its_listings_also_where_few_rows_are_wanted(box: Box, where: str, most: int) -> None:
    rows, calls = read(box, "folders", where=where)
    assert rows == {"/": None, "/d0": "2499,2498,2497", "/d1": "5,4,3"}
    assert calls <= most


def test_the_largest_folders_of_each_are_found_as_well(box: Box) -> None:
    rows, calls = read(box, "folders", "1", table="folders")
    assert (rows["/"], rows["/d1"]) == (str(sum(range(LARGE))), None)
    assert calls == ROOT + WALK
