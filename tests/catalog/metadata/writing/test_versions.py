"""What somebody else changes meanwhile is not overwritten, and a row of another version is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from catalog.metadata.writing.conftest import KEYED, instance, is_tagged, item_of, run, tag, values

import box_dialect
from box_dialect.emulator.metadata.instances import change_values

if TYPE_CHECKING:
    from conftest import Box


def _answers_of_before(fresh: Box, identity: str) -> None:
    """Have Box answer the next query for an instance as it is now, and change it right after."""
    item, written = item_of(fresh, identity), instance(fresh, identity).written()
    found = {"metadata": {written["$scope"]: {written["$template"]: written}}}
    entry = {"type": item.type, "id": item.id, "etag": item.etag, **found}
    fresh.faults(
        {
            "operation": "post_metadata_queries_execute_read",
            "times": 1,
            "status": 200,
            "body": {"entries": [entry], "limit": 100},
        }
    )
    change_values(fresh.store, instance(fresh, identity), {**values(fresh, identity), "note": "by another"})


def test_what_another_changes_meanwhile_is_not_overwritten(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    tag(fresh, files[0], amount=1)
    _answers_of_before(fresh, files[0])
    with pytest.raises(box_dialect.IntegrityError, match="someone else changed what it was made of") as failure:
        run(connection, "UPDATE enterprise_contract SET amount = amount + 1")
    assert failure.value.diag.code == "failed_json_patch_application"
    assert values(fresh, files[0]) == {"amount": 1, "note": "by another"}


def test_a_row_of_another_version_is_no_row(fresh: Box, connection: box_dialect.Connection, files: list[str]) -> None:
    tag(fresh, files[0], amount=1)
    update = f"UPDATE enterprise_contract SET amount = 2 {KEYED} AND template_version = ?"
    assert run(connection, update, files[0], 1) == (0, 1)
    assert run(connection, update, files[0], 0.0) == (1, 1)
    assert run(connection, update, files[0], "x")[0] == 0
    remove = f"UPDATE enterprise_contract SET amount = NULL {KEYED} AND template_version = ?"
    assert run(connection, remove, files[0], 0) == (0, 2)
    assert values(fresh, files[0]) == {"amount": 2}
    delete = f"DELETE FROM enterprise_contract {KEYED} AND template_version = ?"
    assert run(connection, delete, files[0], 0) == (0, 1)
    assert run(connection, delete, files[0], 1) == (1, 2)
    assert not is_tagged(fresh, files[0])


def test_a_version_that_was_read_and_is_another_by_now_is_no_row(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    tag(fresh, files[0], amount=1)
    _answers_of_before(fresh, files[0])
    assert run(connection, "UPDATE enterprise_contract SET amount = 2 WHERE template_version = 0") == (0, 2)
    assert values(fresh, files[0]) == {"amount": 1, "note": "by another"}
