"""What an access path can declare that no table of the catalog does yet, with tables that the tests declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from box_dialect.api import Paging
from box_dialect.catalog.folder_items import FOLDER_ITEMS
from box_dialect.catalog.model import AccessPath, Column, Endpoint, FanOut, Table
from box_dialect.catalog.tables.collaboration import comments
from box_dialect.emulator.content import PatternContent

if TYPE_CHECKING:
    from conftest import Box

_MEMBERSHIPS = Endpoint(
    path="/groups/{group_id}/memberships",
    paging=Paging.OFFSET,
    takes_fields=False,
    known=frozenset({"group_id"}),
)
_GROUPS = Endpoint(path="/groups", paging=Paging.OFFSET)


def memberships(kept: Endpoint) -> Table:
    return Table(
        name="members",
        doc="",
        columns=(Column("id"), Column("group_id"), Column("user_name", source="user.name")),
        paths=(AccessPath(name="of some", endpoints=(_MEMBERSHIPS,), fan_out=FanOut(parents=kept, key="group_id")),),
    )


@pytest.mark.parametrize("kept", [{}, {"name": "Finance"}, {"group_type": "managed_group", "name": "Legal"}], ids=str)
def test_only_the_parents_that_are_kept_are_asked_for_their_rows(fresh: Box, kept: dict[str, str]) -> None:
    for name in ("Finance", "Legal"):
        group = fresh.store.add_group(name, 1_600_000_000)
        fresh.store.add_membership(fresh.store.admin, group, "member", 1_600_000_000)
    with fresh.connect() as connection:
        groups = connection.cursor().execute("SELECT id, name FROM groups").fetchall()
        connection.catalog.add(memberships(_GROUPS.keeping(**kept)))
        cursor = connection.cursor()
        rows = cursor.execute("SELECT DISTINCT group_id FROM members").fetchall()
        asked = {identity for identity, name in groups if kept.get("name", name) == name}
        assert {identity for (identity,) in rows} <= asked
        assert rows
        assert cursor.api_calls == 1 + len(asked)


def test_folders_are_walked_also_where_they_are_no_parents_that_are_kept(fresh: Box) -> None:
    fan_out = FanOut(parents=FOLDER_ITEMS.keeping(name="kept.txt"), key="item_id", walk=True)
    paths = (AccessPath(name="of some", endpoints=comments.paths[1].endpoints, fan_out=fan_out),)
    columns = tuple(column for column in comments.columns if column.name != "reply_to_id")
    table = Table(name="remarks", doc="", columns=columns, paths=paths)
    folder = fresh.store.add_folder("deep", fresh.store.root, fresh.store.admin)
    for name in ("kept.txt", "other.txt"):
        file = fresh.store.add_file(name, folder, PatternContent(name, 1), fresh.store.admin)
        fresh.store.add_comment(file, name, fresh.store.admin)
    with fresh.connect() as connection:
        connection.catalog.add(table)
        assert connection.cursor().execute("SELECT message FROM remarks").fetchall() == [("kept.txt",)]
