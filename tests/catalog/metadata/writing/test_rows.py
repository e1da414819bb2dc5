"""Instances of templates are written: INSERT, UPDATE as a JSON Patch of what changes, DELETE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from catalog.metadata.conftest import FIELDS
from catalog.metadata.writing.conftest import KEYED, instance, is_tagged, run, tag, values

import box_dialect
from box_dialect.emulator.metadata.instances import Instance

if TYPE_CHECKING:
    from conftest import Box


def test_an_instance_is_made_by_one_call(fresh: Box, connection: box_dialect.Connection, files: list[str]) -> None:
    insert = (
        'INSERT INTO enterprise_contract (item_id, amount, due, title, status, tags, note, "odd.key\\\'s") '
        "VALUES (?, 5, '2026-01-02', NULL, 'open', '[\"a\",\"b\"]', 'n', 'odd') "
        'RETURNING item_type, template_version, amount, title, instance_id IS NOT NULL, "odd.key\\\'s"'
    )
    assert run(connection, insert, files[0]) == ([("file", 0, 5.0, None, 1, "odd")], 1)
    assert values(fresh, files[0]) == {
        "amount": 5,
        "due": "2026-01-02T00:00:00+00:00",
        "status": "open",
        "tags": ["a", "b"],
        "note": "n",
        "odd.key\\'s": "odd",
    }


@pytest.mark.long
def test_an_instance_may_be_of_a_folder(fresh: Box, connection: box_dialect.Connection) -> None:
    folder = next(each for each, found in fresh.store.folders.items() if each != "0" and not found.of(Instance))
    insert = "INSERT INTO \"enterprise.contract\" (item_id, item_type) VALUES (?, 'folder')"
    assert run(connection, insert, folder) == (1, 1)
    assert values(fresh, folder) == {}
    where = "WHERE item_id = ? AND item_type = 'folder'"
    assert run(connection, f"UPDATE enterprise_contract SET title = 't' {where}", folder) == (1, 1)
    assert values(fresh, folder) == {"title": "t"}
    assert run(connection, f"DELETE FROM enterprise_contract {where}", folder) == (1, 1)
    assert not is_tagged(fresh, folder)


def test_a_row_that_is_named_is_changed_by_one_call(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    tag(fresh, files[0], amount=1, title="old")
    update = (
        f"UPDATE enterprise_contract SET amount = 2, note = 'added' {KEYED} RETURNING template_version, note, title"
    )
    assert run(connection, update, files[0]) == ([(1, "added", "old")], 1)
    assert values(fresh, files[0]) == {"amount": 2, "title": "old", "note": "added"}
    absent = f"UPDATE enterprise_contract SET amount = 2 {KEYED}"
    assert run(connection, absent, files[1])[0] == 0


def test_null_takes_a_value_away_that_is_there(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    tag(fresh, files[0], amount=1, tags=["a"])
    update = f"UPDATE enterprise_contract SET amount = NULL, title = NULL, note = 'n' {KEYED}"
    assert run(connection, update, files[0]) == (1, 2)
    assert values(fresh, files[0]) == {"tags": ["a"], "note": "n"}


def test_rows_that_are_read_are_changed_by_what_differs(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    kept = {"amount": 1, "due": "2026-01-02T00:00:00Z", "title": "t", "tags": ["a"]}
    tag(fresh, files[0], status="open", **kept)
    tag(fresh, files[1], status="open", **{**kept, "title": "other"})
    tag(fresh, files[2], status="closed")
    same = "amount = 1.0, due = '2026-01-02 01:00:00+01:00', title = 't', tags = '[ \"a\" ]', note = NULL"
    assert run(connection, f"UPDATE enterprise_contract SET {same} WHERE status = 'open'") == (2, 2)
    assert [instance(fresh, file).version for file in files[:3]] == [0, 1, 0]
    assert values(fresh, files[1]) == {"status": "open", **kept}


def test_what_is_computed_of_a_row_is_written(fresh: Box, connection: box_dialect.Connection, files: list[str]) -> None:
    for number, file in enumerate(files[:5]):
        tag(fresh, file, amount=number)
    assert run(connection, "UPDATE enterprise_contract SET amount = amount * 2, note = item_id") == (5, 6)
    assert [values(fresh, file)["amount"] for file in files[:5]] == [0, 2, 4, 6, 8]
    assert [values(fresh, file)["note"] for file in files[:5]] == files[:5]


def test_nothing_is_written_where_the_connection_only_reads(fresh: Box, files: list[str]) -> None:
    fresh.store.add_template("contract", *FIELDS)
    tag(fresh, files[0], amount=1)
    with fresh.connect(Readonly=True) as connection:
        connection.find_tables()
        fresh.reset()
        for statement in (
            "INSERT INTO enterprise_contract (item_id) VALUES ('7')",
            "UPDATE enterprise_contract SET amount = 2",
            "DELETE FROM enterprise_contract",
        ):
            with pytest.raises(box_dialect.Error, match=r"(?i)readonly"):
                run(connection, statement)
    assert fresh.stats()["calls"] == 0


def test_a_rollback_says_that_it_undoes_nothing(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    run(connection, "INSERT INTO enterprise_contract (item_id) VALUES (?)", files[0])
    with pytest.warns(box_dialect.BoxTransactionWarning):
        connection.rollback()
    assert is_tagged(fresh, files[0])


def test_an_update_takes_values_from_other_tables(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    for file in files[:3]:
        tag(fresh, file, amount=1)
    update = "UPDATE enterprise_contract SET amount = f.size, title = f.name FROM files f WHERE f.id = item_id"
    assert run(connection, f"{update} AND item_type = 'file' AND amount > 0")[0] == 3
    fresh.reset()
    assert run(connection, f"{update} AND item_type = 'file'")[0] == 3
    by_operation: Any = fresh.stats()["by_operation"]
    assert not [each for each in by_operation if each.startswith("put")]
    assert [values(fresh, file)["title"] for file in files[:3]] == [fresh.store.files[file].name for file in files[:3]]


def test_rows_of_a_join_are_read_before_they_are_written(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    tag(fresh, files[0], amount=1)
    fresh.reset()
    some = f"(SELECT id, size FROM files WHERE id IN ('{files[0]}', '{files[1]}') LIMIT 5)"
    update = f"UPDATE enterprise_contract SET amount = f.size FROM {some} f WHERE f.id = item_id AND item_type = 'file'"
    assert run(connection, update)[0] == 1
    by_operation: Any = fresh.stats()["by_operation"]
    assert by_operation["put_files_id_metadata_id_id"] == 1


def test_sets_of_parameters_see_what_those_before_have_written(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    for file in files[:2]:
        tag(fresh, file, amount=1, title="t")
    cursor = connection.cursor()
    for where in ("item_id = ?", "item_id = ? AND item_type = 'file'", "item_id = ? AND title = 't'"):
        update = f"UPDATE enterprise_contract SET amount = ? WHERE {where}"
        cursor.executemany(update, [(2, files[0]), (3, files[1]), (1, files[0]), (None, files[1])])
        assert cursor.rowcount == 4
        assert [values(fresh, file) for file in files[:2]] == [{"amount": 1, "title": "t"}, {"title": "t"}]
