"""A template that no item has an instance of yet, and what Box holds of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from catalog.metadata.conftest import FIELDS

from box_dialect.emulator.metadata.instances import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

    import box_dialect

KEYED = "WHERE item_id = ? AND item_type = 'file'"


@pytest.fixture
def connection(fresh: Box) -> Iterator[box_dialect.Connection]:
    fresh.store.add_template("contract", *FIELDS, {"type": "string", "key": "odd.key\\'s"})
    with fresh.connect() as connection:
        connection.find_tables()
        yield connection


@pytest.fixture
def files(fresh: Box) -> list[str]:
    """The ids of files that have no metadata."""
    return [file.id for file in fresh.store.files.values() if not file.is_trashed and not file.of(Instance)]


def run(connection: box_dialect.Connection, statement: str, *parameters: Any) -> tuple[Any, int]:
    """Return the rows, or how many were written, and the calls."""
    cursor = connection.cursor().execute(statement, parameters)
    found = cursor.fetchall() if cursor.description else cursor.rowcount
    return found, cursor.api_calls


def item_of(fresh: Box, identity: str) -> Any:
    return fresh.store.files.get(identity) or fresh.store.folders[identity]


def is_tagged(fresh: Box, identity: str) -> bool:
    return bool(item_of(fresh, identity).of(Instance))


def instance(fresh: Box, identity: str) -> Instance:
    found: Instance
    (found,) = item_of(fresh, identity).of(Instance).values()
    return found


def values(fresh: Box, identity: str) -> dict[str, Any]:
    return dict(instance(fresh, identity).values)


def tag(fresh: Box, identity: str, **given: Any) -> None:
    (template,) = (each for each in fresh.store.metadata_templates.values() if each.key == "contract")
    fresh.store.add_instance(item_of(fresh, identity), template, given)
