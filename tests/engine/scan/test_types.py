"""What is told of the type of a file or folder spares the calls for one of another type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.metadata.instances import Instance
from tests.conftest import Box

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES, FOLDERS = 60, 3
WALK = 1 + FOLDERS
"""Calls that list the folders, the root folder's own object aside."""


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Three folders of twenty files, each of which has an instance of one template."""
    with Emulator(Options(synthetic=FILES)) as emulator:
        box = Box(emulator)
        for instance in [*emulator.store.of(Instance).values()]:
            emulator.store.remove(instance)
        with box.connect() as connection:
            cursor = connection.cursor()
            cursor.execute("CREATE TABLE enterprise_lease (rent REAL)")
            cursor.execute("INSERT INTO enterprise_lease (item_id, item_type, rent) SELECT id, 'file', 1 FROM files")
        yield box


@pytest.mark.parametrize(
    ("sql", "rows", "calls"),
    [
        ("folders f JOIN enterprise_lease c ON c.item_id = f.id AND c.item_type = f.type", 0, 1),
        ("files f JOIN enterprise_lease c ON c.item_id = f.id AND c.item_type = f.type", FILES, 1),
        ("enterprise_lease c LEFT JOIN folders f ON f.id = c.item_id AND f.type = c.item_type", FILES, 1),
        ("enterprise_lease c LEFT JOIN items f ON f.id = c.item_id AND f.type = c.item_type", FILES, 1 + FILES),
        ("folders f LEFT JOIN comments c ON c.item_id = f.id AND c.item_type = f.type", 1 + FOLDERS, 1 + WALK),
        ("folders f JOIN comments c ON c.item_id = f.id AND c.item_type = 'folder'", 0, 1 + WALK),
        ("files f LEFT JOIN metadata_instances c ON c.item_id = f.id AND c.item_type = f.type", FILES, WALK + FILES),
        ("files f WHERE id = '1' AND type = 'folder'", 0, 0),
        ("files f WHERE id = '1' AND type IN ('folder', 'web_link')", 0, 0),
    ],
)
def test_nothing_of_another_type_is_asked_for(box: Box, sql: str, rows: int, calls: int) -> None:
    with box.connect() as connection:
        cursor = connection.cursor().execute(f"SELECT f.name FROM {sql}")
        assert (len(cursor.fetchall()), cursor.api_calls) == (rows, calls)


def test_no_file_is_asked_for_as_a_folder_that_the_walk_has_not_seen(box: Box) -> None:
    with box.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT f.name, c.template_key FROM files f LEFT JOIN metadata_instances c ON c.item_id = f.id")
        assert {key for _, key in cursor.fetchall()} == {"lease"}
        assert cursor.api_calls == WALK + FILES
