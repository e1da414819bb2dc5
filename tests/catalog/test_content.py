"""What of files, folders and web links is beyond what every table does."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

import box_dialect
from box_dialect.catalog import TABLES
from box_dialect.emulator import access
from box_dialect.emulator.governance.retention import RetentionAssignment, RetentionPolicy
from box_dialect.engine.tables.write_body import body_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

    from box_dialect.dbapi import Cursor


@pytest.fixture
def cursor(fresh: Box) -> Iterator[Cursor]:
    with fresh.connect() as connection, connection.cursor() as cursor:
        yield cursor
        connection.commit()


PUT: dict[str, Any] = {
    "name": "Renamed.txt",
    "parent_id": "160000000002",
    "description": "What it says",
    "tags": '["new"]',
    "lock_expired_at": "2040-01-31",
    "shared_link_access": "company",
    "collections": '[{"id": "405151"}]',
    "content_modified_at": "2020-01-31",
}


def test_all_that_an_update_sets_is_one_call(fresh: Box, cursor: Cursor) -> None:
    file = next(each for each in fresh.store.items["file"].values() if each.name == "Notes.txt")
    given = ", ".join(f"{name} = ?" for name in PUT)
    cursor.execute(f"UPDATE files SET {given} WHERE id = ?", (*PUT.values(), file.id))
    assert cursor.api_calls == 1
    assert (file.name, file.parent.name, file.tags, file.shared_link.access) == (
        "Renamed.txt",
        "2023",
        ["new"],
        "company",
    )


def test_what_locks_a_file_is_told_with_all_that_a_lock_has() -> None:
    update = TABLES["files"].update
    assert update is not None
    assert body_of(update, {"lock.expires_at": "2040-01-31"}, {}) == {
        "lock": {"access": "lock", "expires_at": "2040-01-31"}
    }


def test_a_new_file_tells_what_box_gave_it_by_the_same_call(fresh: Box, cursor: Cursor) -> None:
    cursor.execute(
        "INSERT INTO files (name, parent_id, content) VALUES ('a.txt', '0', x'00ff'), ('b.txt', '0', 'bee'), "
        "('empty', '0', '') RETURNING id, path, size, sha1, extension, etag"
    )
    rows = {path: (identity, size, sha1, extension, etag) for identity, path, size, sha1, extension, etag in cursor}
    assert cursor.api_calls == 3
    files = {f"/{each.name}": each for each in fresh.store.root.children.values() if each.name in "a.txt b.txt empty"}
    assert rows == {path: (file.id, file.size, file.content.sha1, file.extension, "0") for path, file in files.items()}
    assert [files[path].size for path in ("/a.txt", "/b.txt", "/empty")] == [2, 3, 0]
    assert cursor.lastrowid in {int(file.id) for file in files.values()}


def test_what_an_upload_does_not_take_is_set_right_after(cursor: Cursor) -> None:
    cursor.execute(
        "INSERT INTO files (name, parent_id, content, description, tags) VALUES ('a.txt', '0', 'a', 'd', '[\"t\"]') "
        "RETURNING description, tags"
    )
    assert cursor.fetchall() == [("d", '["t"]')]
    assert cursor.api_calls == 2


def test_a_name_in_use_is_a_conflict(fresh: Box, cursor: Cursor) -> None:
    insert = "INTO files (name, parent_id, content) VALUES ('notes.TXT', '0', 'x')"
    with pytest.raises(box_dialect.IntegrityError) as raised:
        cursor.execute(f"INSERT {insert}")
    assert raised.value.diag.code == "item_name_in_use"
    assert cursor.execute(f"INSERT OR IGNORE {insert}").rowcount == 0
    assert [each.size for each in fresh.store.root.children.values() if each.name == "Notes.txt"] == [16]


def test_a_file_that_has_changed_meanwhile_is_no_row(fresh: Box, cursor: Cursor) -> None:
    ((identity, etag),) = cursor.execute("SELECT id, etag FROM files WHERE path = '/Notes.txt'").fetchall()
    for statement in ("UPDATE files SET description = 'mine'", "UPDATE files SET parent_id = '0'", "DELETE FROM files"):
        assert cursor.execute(f"{statement} WHERE id = ? AND etag = '77'", (identity,)).rowcount == 0
    assert not fresh.store.items["file"][identity].is_trashed
    assert cursor.execute("DELETE FROM files WHERE id = ? AND etag = ?", (identity, etag)).rowcount == 1
    assert fresh.store.items["file"][identity].is_trashed


def test_a_retention_is_put_off_and_not_shortened(fresh: Box, cursor: Cursor) -> None:
    file = next(each for each in fresh.store.items["file"].values() if each.name == "IMG_0001.JPG")
    policy = RetentionPolicy(
        policy_name="A century",
        policy_type="finite",
        retention_length="36500",
        disposition_action="remove_retention",
        created_by=fresh.store.admin,
    )
    update = "UPDATE files SET disposition_at = ? WHERE id = ? RETURNING disposition_at"
    late, early = (dt.datetime(year, 1, 31, tzinfo=dt.UTC) for year in (2222, 2030))
    with pytest.raises(box_dialect.OperationalError, match="under no retention"):
        cursor.execute(update, (late, file.id))
    fresh.store.add(policy)
    fresh.store.add(RetentionAssignment(retention_policy=policy, target=file.parent, assigned_by=fresh.store.admin))
    assert cursor.execute(update, (late, file.id)).fetchall() == [(late,)]
    with pytest.raises(box_dialect.DatabaseError, match="shortened"):
        cursor.execute(update, (early, file.id))


OLD_PLAN, OLD_FOLDER = "1200000000028", "160000000014"
TRASHED = "SELECT type, name FROM trashed_items"


def test_a_folder_goes_with_all_that_it_holds_where_the_statement_says_so(cursor: Cursor) -> None:
    delete = "DELETE FROM folders WHERE path = '/Photos'"
    for where in ("", " AND recursive = FALSE"):
        with pytest.raises(box_dialect.IntegrityError, match="AND recursive = TRUE"):
            cursor.execute(delete + where)
    cursor.execute(f"{delete} AND recursive = TRUE")
    assert cursor.rowcount == 1
    assert cursor.execute("SELECT count(*) FROM items WHERE path LIKE '/Photos%'").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("kind", "identity", "values", "path"),
    [
        ("file", OLD_PLAN, "name = 'New plan.txt'", "/old plan.txt"),
        ("folder", OLD_FOLDER, "parent_id = '160000000002'", "/Old folder"),
    ],
)
def test_an_update_restores_from_the_trash(cursor: Cursor, kind: str, identity: str, values: str, path: str) -> None:
    cursor.execute(f"UPDATE trashed_items SET {values} WHERE type = ? AND id = ?", (kind, identity))
    assert (cursor.rowcount, cursor.api_calls) == (1, 1)
    # Box takes name and parent only where the old ones are gone.
    assert cursor.execute("SELECT path FROM items WHERE type = ? AND id = ?", (kind, identity)).fetchall() == [(path,)]
    assert identity not in [row[0] for row in cursor.execute("SELECT id FROM trashed_items")]


def test_what_is_restored_comes_by_a_name_and_to_a_folder_that_are_free(cursor: Cursor) -> None:
    cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('old folder', '0') RETURNING id")
    restore = "UPDATE trashed_items SET name = name WHERE id = ? RETURNING name"
    with pytest.raises(box_dialect.IntegrityError):
        cursor.execute(restore, (OLD_FOLDER,))
    cursor.execute(
        "UPDATE trashed_items SET name = 'Older', parent_id = '0' WHERE id = ? RETURNING name", (OLD_FOLDER,)
    )
    assert cursor.fetchall() == [("Older",)]
    cursor.execute("SELECT name FROM files WHERE parent_path = '/Older'")
    assert cursor.fetchall() == [("inside.txt",)]


def test_a_delete_removes_from_the_trash_for_good(fresh: Box, cursor: Cursor) -> None:
    cursor.execute("DELETE FROM web_links WHERE path = '/Box website'")
    assert ("web_link", "Box website") in cursor.execute(TRASHED).fetchall()
    assert cursor.execute("DELETE FROM trashed_items RETURNING type").fetchall() != []
    assert cursor.execute(TRASHED).fetchall() == []
    items = fresh.store.items
    assert {OLD_PLAN, OLD_FOLDER, "170000000001"}.isdisjoint({*items["file"], *items["folder"], *items["web_link"]})


def test_versions_go_to_the_trash_and_back(fresh: Box, cursor: Cursor) -> None:
    file = next(each for each in fresh.store.items["file"].values() if each.name == "img_0002.jpg")
    first, second, _ = file.versions
    where = "WHERE file_id = ? AND id = ?"
    assert cursor.execute(f"DELETE FROM file_versions {where}", (file.id, first.id)).rowcount == 1
    assert first.trashed_at is not None
    cursor.execute(f"UPDATE file_versions SET trashed_at = NULL {where} RETURNING trashed_at", (file.id, second.id))
    assert cursor.fetchall() == [(None,)]
    restored = cursor.execute(
        f"SELECT restored_at IS NULL, restored_by_id FROM file_versions {where}", (file.id, second.id)
    )
    assert restored.fetchall() == [(0, fresh.store.admin.id)]
    with pytest.raises(box_dialect.DataError, match="takes NULL alone"):
        cursor.execute(f"UPDATE file_versions SET trashed_at = '2030-01-01' {where}", (file.id, first.id))


def test_the_current_version_is_found_by_its_key_alone(fresh: Box, cursor: Cursor) -> None:
    file = next(each for each in fresh.store.items["file"].values() if each.name == "img_0002.jpg")
    cursor.execute("SELECT id FROM file_versions WHERE file_id = ? ORDER BY version_number", (file.id,))
    assert [row[0] for row in cursor] == [each.id for each in file.versions[:-1]]
    cursor.execute(
        "SELECT v.version_number FROM files f JOIN file_versions v ON (v.file_id, v.id) = (f.id, f.file_version_id) "
        "WHERE f.id = ?",
        (file.id,),
    )
    assert cursor.fetchall() == [("3",)]


def test_a_past_version_is_made_the_current_one(fresh: Box, cursor: Cursor) -> None:
    file = next(each for each in fresh.store.items["file"].values() if each.name == "Notes.txt")
    first = file.versions[0]
    cursor.execute(
        "UPDATE files SET file_version_id = ? WHERE id = ? RETURNING file_version_id, size", (first.id, file.id)
    )
    ((current, size),) = cursor.fetchall()
    assert (current, size) == (file.versions[-1].id, first.content.size)
    assert current != first.id
    assert len(file.versions) == 3


def test_a_shared_link_leads_to_its_item(cursor: Cursor) -> None:
    def found(condition: str, *values: str) -> list[tuple[str, ...]]:
        return cursor.execute(f"SELECT type, name FROM shared_items WHERE {condition}", values).fetchall()

    cursor.execute(
        "UPDATE folders SET shared_link_access = 'open', shared_link_password = 'Open Sesame' WHERE path = '/Photos' "
        "RETURNING shared_link_url"
    )
    ((closed,),) = cursor.fetchall()
    ((url,),) = cursor.execute("SELECT shared_link_url FROM files WHERE path = '/Notes.txt'").fetchall()
    assert found("shared_link = ?", url) == [("file", "Notes.txt")]
    assert cursor.api_calls == 1
    assert found("shared_link = ? AND shared_link_password = ?", closed, "Open Sesame") == [("folder", "Photos")]
    with pytest.raises(box_dialect.OperationalError, match="403"):
        found("shared_link = ? AND shared_link_password = ?", closed, "Sesame Open")
    assert found("shared_link = ?", f"{url}0") == []
    assert found("shared_link = 'nowhere'") == []
    assert cursor.api_calls == 0
    assert found("shared_link = ?", f"{url}&shared_link_password=x") == []
    assert cursor.api_calls == 0


def test_an_application_narrows_the_associations(fresh: Box, cursor: Cursor) -> None:
    select = "SELECT id FROM app_item_associations WHERE item_id = '160000000002' AND application_type = ?"
    assert cursor.execute(select, ("hubs",)).fetchall() == [("5107000002",)]
    fresh.reset()
    assert cursor.execute(select, ("other",)).fetchall() == []


def test_who_does_not_own_a_folder_is_told_of_no_locks(fresh: Box) -> None:
    store = fresh.store
    locked = store.items["folder"]["160000000002"]
    users = store.users.values()
    other = next(user for user in users if access.permissions(user, locked) and not access.owns(user, locked))
    url = fresh.url.replace(f"SubjectId={store.admin.id}", f"SubjectId={other.id}")
    with box_dialect.connect(url) as connection, connection.cursor() as cursor:
        assert cursor.execute("SELECT id FROM folders WHERE id = ?", (locked.id,)).fetchall() == [(locked.id,)]
        assert cursor.execute("SELECT id FROM folder_locks").fetchall() == []
        with pytest.raises(box_dialect.OperationalError, match="403"):
            cursor.execute("SELECT id FROM folder_locks WHERE folder_id = ?", (locked.id,)).fetchall()
