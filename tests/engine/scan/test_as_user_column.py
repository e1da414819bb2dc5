"""The column `as_user`: a statement reads and writes as the users that it names, each with their own eyes."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from catalog.test_tables import PATHS
from known_rows import those_known

import box_dialect
from box_dialect.catalog import TABLES
from box_dialect.emulator.content import MemoryContent

if TYPE_CHECKING:
    from conftest import Box

SEEING = [name for name, table in TABLES.items() if table.has_as_user]
"""The tables that each user sees otherwise."""

ENTERPRISE = "the same for all who may read it, administrators mostly: it is the enterprise's"
BOX = "the same for all users of the enterprise"
BY_ID = "found by its id alone, by administrators"
WITHOUT = {
    "users": ENTERPRISE,
    "groups": ENTERPRISE,
    "memberships": ENTERPRISE,
    "email_aliases": ENTERPRISE,
    "device_pinners": ENTERPRISE,
    "invites": BY_ID,
    "ai_agents": ENTERPRISE,
    "archives": ENTERPRISE,
    "enterprise_configurations": ENTERPRISE,
    "enterprise_hubs": ENTERPRISE,
    "collaboration_allowlist_entries": ENTERPRISE,
    "collaboration_allowlist_exempt_targets": ENTERPRISE,
    "integration_mappings_slack": ENTERPRISE,
    "integration_mappings_teams": ENTERPRISE,
    "classifications": BOX,
    "metadata_templates": BOX,
    "metadata_template_fields": BOX,
    "metadata_template_field_options": BOX,
    "metadata_taxonomies": BOX,
    "metadata_taxonomy_levels": BOX,
    "metadata_taxonomy_nodes": BOX,
    "terms_of_services": BOX,
    "terms_of_service_user_statuses": BOX,
    "storage_policies": ENTERPRISE,
    "storage_policy_assignments": ENTERPRISE,
    "retention_policies": ENTERPRISE,
    "retention_policy_assignments": ENTERPRISE,
    "files_under_retention": ENTERPRISE,
    "file_versions_under_retention": ENTERPRISE,
    "file_version_retentions": ENTERPRISE,
    "legal_hold_policies": ENTERPRISE,
    "legal_hold_policy_assignments": ENTERPRISE,
    "files_on_hold": ENTERPRISE,
    "file_versions_on_hold": ENTERPRISE,
    "file_version_legal_holds": ENTERPRISE,
    "shield_information_barriers": ENTERPRISE,
    "shield_information_barrier_segments": ENTERPRISE,
    "shield_information_barrier_segment_members": ENTERPRISE,
    "shield_information_barrier_segment_restrictions": ENTERPRISE,
    "shield_information_barrier_reports": ENTERPRISE,
    "shield_lists": ENTERPRISE,
}
"""The tables without the column, each with the reason."""

FIRST, SECOND = "20000000001", "20000000003"
"""Two users who see different folders of the administrator's, in their own root folders."""

STRANGER = "20000000005"
"""A user who sees nothing of theirs."""


class Cast:
    """Two users with a tree of their own, beside what is shared with them."""

    def __init__(self, box: Box) -> None:
        self.box, store = box, box.store
        self.people = [store.accounts[FIRST], store.accounts[SECOND]]
        self.owned = {}
        for user in self.people:
            folder = store.add_folder("own", user.root, user)
            self.owned[user.id] = store.add_file("own.txt", folder, MemoryContent(user.id.encode()), user).id


@pytest.fixture
def cast(fresh: Box) -> Cast:
    return Cast(fresh)


def run(box: Box, statement: str, *parameters: Any, **properties: Any) -> tuple[list[tuple[Any, ...]], int]:
    """Return the rows of a statement, sorted, and the calls that it took."""
    with box.connect(**properties) as connection:
        cursor = connection.cursor().execute(statement, parameters)
        return sorted(cursor, key=repr), cursor.api_calls


def test_a_table_has_it_first_or_there_is_a_reason() -> None:
    assert {*TABLES} - {*SEEING} == {*WITHOUT}, "give the table AS_USER, or the reason why each user sees the same"
    assert {TABLES[name].columns[0].name for name in SEEING} == {"as_user"}


@pytest.mark.long
@pytest.mark.parametrize("name", SEEING)
def test_a_table_is_read_as_a_user_as_on_a_connection_of_theirs(cast: Cast, name: str) -> None:
    known, key = those_known(name)
    for user in (FIRST, SECOND):
        seen, calls = run(cast.box, f"SELECT * FROM {name} WHERE {known} AND as_user = ?", *key, user)
        own, of_own = run(cast.box, f"SELECT * FROM {name} WHERE {known}", *key, AsUserId=user)
        assert (seen, calls) == (own, of_own)
        users = f"SELECT DISTINCT as_user FROM {name} WHERE {known} AND as_user = ?"
        assert run(cast.box, users, *key, user)[0] in ([(user,)], [])


@pytest.mark.long
@pytest.mark.parametrize("name", SEEING)
def test_each_call_is_made_as_the_user(small: Box, name: str) -> None:
    """The connection stands for somebody who sees next to nothing."""
    (known, key), admin = those_known(name), small.store.admin.id
    own, of_own = run(small, f"SELECT * FROM {name} WHERE {known}", *key)
    statement = f"SELECT * FROM {name} WHERE {known} AND as_user = ?"
    assert run(small, statement, *key, admin, AsUserId=STRANGER) == (own, of_own)
    assert own


@pytest.mark.parametrize("name", SEEING)
def test_a_refused_user_is_a_warning_for_every_table(small: Box, name: str) -> None:
    known, key = those_known(name)
    with pytest.warns(box_dialect.BoxUserWarning, match="as user 404404, .*HTTP 403") as caught:
        assert run(small, f"SELECT * FROM {name} WHERE {known} AND as_user = '404404'", *key)[0] == []
    assert len(caught) == 1


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in SEEING if name in PATHS])
def test_every_access_path_is_one_of_several_users(small: Box, name: str) -> None:
    """By `=`, by IN, and by many keys of a join, which a listing may tell of."""
    known, key = those_known(name)
    for path, columns in PATHS[name].items():
        if path == "by group":
            continue  # which users may not list
        lacks = next(each.lacks for each in TABLES[name].paths if each.name == path)
        shown = ", ".join(f"t.{c.name}" for c in TABLES[name].columns if not c.hidden and c.name not in lacks)
        found, _ = run(small, f"SELECT DISTINCT {', '.join(columns)} FROM {name} WHERE {known}", *key)
        keys = [row for row in found if None not in row][:5]
        users = (small.store.admin.id, FIRST)
        joined = " AND ".join(f"t.{column} = k.value ->> {number}" for number, column in enumerate(columns))
        named = " AND ".join(f"t.{column} = ?" for column in columns)
        select = f"SELECT {shown} FROM {name} t WHERE {named}"
        each = [
            [(user, *row) for user in users for row in run(small, select, *values, AsUserId=user)[0]] for values in keys
        ]
        statement = (
            f"SELECT t.as_user, {shown} FROM json_each(?) u CROSS JOIN json_each(?) k CROSS JOIN {name} t "
            f"ON {joined} AND t.as_user = u.value"
        )
        rows, _ = run(small, statement, json.dumps(users), json.dumps(keys), AsUserId=STRANGER)
        assert rows == sorted((row for found in each for row in found), key=repr) != []
        first = f"SELECT t.as_user, {shown} FROM {name} t WHERE {named} AND t.as_user IN (?, ?)"
        assert run(small, first, *keys[0], *users, AsUserId=STRANGER)[0] == sorted(each[0], key=repr)


@pytest.mark.parametrize("name", ["files", "folders", "items", "comments", "collaborations"])
def test_several_users_are_several_scans_of_one_statement(cast: Cast, name: str) -> None:
    each = [run(cast.box, f"SELECT id, as_user FROM {name} WHERE as_user = ?", user) for user in (FIRST, SECOND)]
    rows, calls = run(cast.box, f"SELECT id, as_user FROM {name} WHERE as_user IN (?, ?)", FIRST, SECOND)
    assert sorted(rows) == sorted(each[0][0] + each[1][0])
    assert calls == each[0][1] + each[1][1]
    assert len({row[0] for row in rows}) < len(rows)  # both see some: a row for each of them


def test_the_inventory_has_every_file_once_under_its_owner(cast: Cast) -> None:
    statement = "SELECT id, owned_by_id FROM files WHERE as_user IN (SELECT id FROM users) AND owned_by_id = as_user"
    with cast.box.connect() as connection:
        cursor = connection.cursor().execute(statement)
        files = [each for each in cast.box.store.files.values() if not each.is_trashed]
        assert sorted(cursor) == sorted((each.id, each.owned_by.id) for each in files)
        joined = "SELECT f.id, u.id FROM users u JOIN files f ON f.as_user = u.id WHERE f.owned_by_id = u.id"
        again = connection.cursor().execute(joined)
        assert len(again.fetchall()) == len(files)
        assert again.api_calls == cursor.api_calls


@pytest.mark.parametrize(
    "condition", ["u.id = f.as_user", "f.as_user = u.id", "f.as_user IN (SELECT id FROM users) AND u.id = f.as_user"]
)
def test_users_may_be_joined_either_way(cast: Cast, condition: str) -> None:
    statement = f"SELECT u.login, count(*) FROM files f JOIN users u ON {condition} WHERE u.id IN (?, ?) GROUP BY 1"
    found = dict(run(cast.box, statement, FIRST, SECOND)[0])
    assert found == {
        user.login: run(cast.box, "SELECT count(*) FROM files WHERE as_user = ?", user.id)[0][0][0]
        for user in cast.people
    }


def test_branches_of_or_that_name_users_keep_their_rows_apart(cast: Cast) -> None:
    shared, _ = run(
        cast.box,
        "SELECT id FROM files WHERE as_user = ? INTERSECT SELECT id FROM files WHERE as_user = ?",
        FIRST,
        SECOND,
    )
    found, _ = run(
        cast.box,
        "SELECT as_user FROM files WHERE (as_user = ?1 AND id = ?3) OR (as_user = ?2 AND id = ?3) OR id = ?3",
        FIRST,
        SECOND,
        shared[0][0],
    )
    assert sorted(found, key=repr) == [(FIRST,), (SECOND,), (None,)]


def test_what_a_statement_keeps_tells_users_apart(cast: Cast) -> None:
    folder = cast.box.store.add_folder("both", cast.box.store.root, cast.box.store.admin)
    cast.box.store.add_file("both.txt", folder, MemoryContent(b""), cast.box.store.admin)
    for user in cast.people:
        cast.box.store.add_collaboration(folder, user, "editor", cast.box.store.admin)
    statement = (
        "SELECT f.as_user, f.id, p.path, p.as_user FROM files f JOIN folders p ON p.id = f.parent_id "
        "AND p.as_user = f.as_user WHERE f.as_user IN (?, ?)"
    )
    rows, calls = run(cast.box, statement, FIRST, SECOND)
    paths = [
        (user, *row, user)
        for user in (FIRST, SECOND)
        for row in run(
            cast.box, "SELECT f.id, p.path FROM files f JOIN folders p ON p.id = f.parent_id", AsUserId=user
        )[0]
    ]
    assert sorted(rows) == sorted(paths)
    walked = run(cast.box, "SELECT id FROM folders WHERE as_user IN (?, ?)", FIRST, SECOND)[1]
    assert calls == walked - 2 + len({row[0] for row in rows if row[2] == "/"})  # the root is no row of a listing


def test_what_belongs_to_files_is_asked_for_where_a_user_sees_some(cast: Cast) -> None:
    rows, calls = run(
        cast.box,
        "SELECT f.as_user, c.id FROM files f JOIN comments c ON c.item_id = f.id AND c.as_user = f.as_user "
        "WHERE f.as_user = ?",
        FIRST,
    )
    own, of_own = run(cast.box, "SELECT f.id, c.id FROM files f JOIN comments c ON c.item_id = f.id", AsUserId=FIRST)
    assert rows == [(FIRST, comment) for _, comment in own] != []
    assert calls == of_own
    shared = "SELECT c.id FROM files f JOIN collaborations c ON c.item_id = f.id {} WHERE f.path LIKE '/%'"
    theirs = shared.format("AND c.as_user = f.as_user") + f" AND f.as_user = '{FIRST}'"
    assert run(cast.box, theirs) == run(cast.box, shared.format(""), AsUserId=FIRST)


def test_content_is_downloaded_as_the_user(cast: Cast) -> None:
    statement = "SELECT as_user, content FROM files WHERE as_user IN (?, ?) AND name = 'own.txt' ORDER BY 1"
    assert run(cast.box, statement, FIRST, SECOND)[0] == [(user, user.encode()) for user in (FIRST, SECOND)]
    both = "SELECT as_user, id FROM files WHERE id = ? AND as_user IN (?, ?)"
    assert run(cast.box, both, cast.owned[FIRST], FIRST, SECOND)[0] == [(FIRST, cast.owned[FIRST])]


def test_a_user_whom_box_refuses_is_a_warning_that_names_them(cast: Cast) -> None:
    with pytest.warns(box_dialect.BoxUserWarning, match="as user 404404, .*HTTP 403") as caught:
        rows, calls = run(cast.box, "SELECT id FROM files WHERE as_user IN ('404404', ?)", FIRST)
    assert [each.filename for each in caught] == [__file__]
    assert (rows, calls - 2) == run(cast.box, "SELECT id FROM files WHERE as_user = ?", FIRST)
    statement = "SELECT f.id FROM users u LEFT JOIN files f ON f.as_user = u.id || '9' WHERE u.id IN (?, ?)"
    with pytest.warns(box_dialect.BoxUserWarning) as caught:
        assert run(cast.box, statement, FIRST, SECOND)[0] == [(None,), (None,)]
    assert len(caught) == 2


def test_what_fails_as_a_user_for_another_reason_is_an_error(cast: Cast) -> None:
    with pytest.raises(box_dialect.DatabaseError, match=f"HTTP 403.* as_user = '{FIRST}'"):
        run(cast.box, "SELECT event_id FROM events WHERE stream_type = 'admin_logs' AND as_user = ?", FIRST)


@pytest.mark.parametrize("condition", ["as_user = 'user01@example.com'", "as_user IN ('me')", "as_user = ''"])
def test_what_is_no_id_is_refused(small: Box, condition: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="as_user is the id of a user, not '"):
        run(small, f"SELECT id FROM files WHERE {condition}")


@pytest.mark.parametrize("condition", ["as_user <> '7'", "as_user LIKE '7%'"])
def test_another_comparison_is_refused(small: Box, condition: str) -> None:
    with pytest.raises(
        box_dialect.ProgrammingError, match="as_user is the id of a user, and is compared with ids by ="
    ):
        run(small, f"SELECT id FROM files WHERE {condition}")


@pytest.mark.parametrize("condition", ["as_user > '1'", "as_user LIKE '2%'", "as_user <> '1'"])
def test_it_is_compared_by_equality_alone(small: Box, condition: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="compared with ids by = or IN alone"):
        run(small, f"SELECT id FROM files WHERE {condition}")


def test_without_it_rows_are_of_the_one_who_is_signed_in(small: Box) -> None:
    rows = "SELECT count(*), count(as_user) FROM files WHERE {}"
    assert run(small, rows.format("as_user IS NULL"))[0] == run(small, rows.format("true"))[0] == [(27, 0)]
    assert run(small, rows.format("as_user = NULL")) == ([(0, 0)], 0)


def test_it_goes_before_the_property(cast: Cast) -> None:
    found = run(cast.box, "SELECT id FROM files WHERE as_user = ?", SECOND, AsUserId=FIRST)
    assert found == run(cast.box, "SELECT id FROM files", AsUserId=SECOND)


def test_rows_are_written_as_the_user(cast: Cast) -> None:
    store = cast.box.store
    with cast.box.connect() as connection:
        cursor = connection.cursor()
        insert = "INSERT INTO folders (name, parent_id, as_user) VALUES ('made', '0', ?)"
        cursor.execute(insert, (FIRST,))
        made = next(each for each in store.folders.values() if each.name == "made")
        assert (made.parent, made.created_by.id, cursor.api_calls) == (cast.people[0].root, FIRST, 1)
        returned = cursor.execute(f"{insert} RETURNING name, as_user, created_by_id", (SECOND,)).fetchall()
        assert returned == [("made", SECOND, SECOND)]
        cursor.execute("UPDATE folders SET description = 'theirs' WHERE as_user = ? AND name = 'made'", (FIRST,))
        assert (cursor.rowcount, made.description, made.modified_by.id) == (1, "theirs", FIRST)
        named = "UPDATE folders SET description = ? WHERE as_user = ? AND id = ?"
        cursor.execute(f"{named} RETURNING as_user, description", ("again", FIRST, made.id))
        assert (cursor.fetchall(), cursor.api_calls) == ([(FIRST, "again")], 1)
        cursor.execute(named, ("never", SECOND, made.id))
        assert cursor.rowcount == 0
        cursor.execute("DELETE FROM folders WHERE as_user IN (?, ?) AND name = 'made'", (FIRST, SECOND))
        assert cursor.rowcount == 2
        assert {each.trashed_by.id for each in store.folders.values() if each.name == "made"} == {FIRST, SECOND}


def test_a_cascade_policy_is_the_users_own(cast: Cast) -> None:
    scope, folder = "enterprise_491291", cast.box.store.files[cast.owned[FIRST]].parent
    insert = (
        "INSERT INTO metadata_cascade_policies (folder_id, scope, template_key, as_user) "
        "VALUES (?, ?, 'documentReview', ?) RETURNING as_user"
    )
    assert run(cast.box, insert, folder.id, scope, FIRST, AsUserId=STRANGER)[0] == [(FIRST,)]
    found = "SELECT id, as_user FROM metadata_cascade_policies WHERE folder_id = ? AND as_user = ?"
    ((policy, _),) = run(cast.box, found, folder.id, FIRST, AsUserId=STRANGER)[0]
    delete = "DELETE FROM metadata_cascade_policies WHERE id = ? AND as_user = ?"
    assert run(cast.box, delete, policy, FIRST, AsUserId=STRANGER)[1] == 1
    assert run(cast.box, found, folder.id, FIRST, AsUserId=STRANGER)[0] == []


def test_what_a_user_threw_away_comes_back_as_them(cast: Cast) -> None:
    file = cast.box.store.files[cast.owned[FIRST]]
    cast.box.store.add_version(file, MemoryContent(b"new"), file.owned_by)
    with cast.box.connect(AsUserId=STRANGER) as connection:
        cursor = connection.cursor()
        named, key = "id = ? AND as_user = ?", (file.id, FIRST)
        of_file = "file_id = ? AND id = ? AND as_user = ?", (file.id, file.versions[0].id, FIRST)
        assert cursor.execute(f"DELETE FROM file_versions WHERE {of_file[0]}", of_file[1]).rowcount == 1
        restore = f"UPDATE file_versions SET trashed_at = NULL WHERE {of_file[0]} RETURNING as_user"
        assert cursor.execute(restore, of_file[1]).fetchall() == [(FIRST,)]
        restored = f"SELECT restored_by_id FROM file_versions WHERE {of_file[0]}"
        assert cursor.execute(restored, of_file[1]).fetchall() == [(FIRST,)]
        assert cursor.execute(f"DELETE FROM files WHERE {named}", key).rowcount == 1
        trashed = f"{named} AND type = 'file'"
        assert cursor.execute(f"UPDATE trashed_items SET name = 'back' WHERE {trashed}", key).rowcount == 1
        assert cursor.execute(f"SELECT name FROM files WHERE {named}", key).fetchall() == [("own.txt",)]
        assert cursor.execute(f"DELETE FROM files WHERE {named}", key).rowcount == 1
        assert cursor.execute(f"DELETE FROM trashed_items WHERE {trashed}", key).rowcount == 1
    assert file.id not in cast.box.store.files


def test_a_user_is_not_written(cast: Cast) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="cannot set as_user of folders, which WHERE alone takes"):
        run(cast.box, "UPDATE folders SET as_user = '1' WHERE id = '160000000002'")
    with pytest.raises(box_dialect.ProgrammingError, match="as_user is the id of a user"):
        run(cast.box, "INSERT INTO folders (name, parent_id, as_user) VALUES ('a', '0', 'me')")
    with pytest.raises(box_dialect.DatabaseError, match=r"HTTP 403.*as_user = '404404'"):
        run(cast.box, "INSERT INTO folders (name, parent_id, as_user) VALUES ('a', '0', '404404')")


@pytest.mark.parametrize(
    "statement",
    [
        f"SELECT id FROM files WHERE as_user = '{FIRST}'",
        "SELECT id FROM files WHERE as_user IN (SELECT id FROM users)",
        f"SELECT id FROM files WHERE id = '1' OR as_user = '{FIRST}'",
        f"UPDATE folders SET name = 'a' WHERE as_user = '{FIRST}' AND id = '1'",
        f"DELETE FROM folders WHERE as_user = '{FIRST}' AND id = '1'",
        f"INSERT INTO folders (name, parent_id, as_user) VALUES ('a', '0', '{FIRST}')",
    ],
)
def test_strangers_name_no_user(fresh: Box, statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    fresh.reset()
    with pytest.raises(box_dialect.ProgrammingError, match="as_user is refused in a process that restricts URLs"):
        run(fresh, statement, Readonly=False)
    assert fresh.stats()["by_operation"] == {}


def test_a_plan_tells_of_it(small: Box) -> None:
    with small.connect() as connection, warnings.catch_warnings():
        told = connection.cursor().execute("EXPLAIN QUERY PLAN SELECT id FROM files WHERE as_user = '1'").fetchone()[3]
        assert told.endswith("walk: GET /folders/{parent_id}/items (as_user = ?)")


@pytest.mark.parametrize(
    "statement",
    [
        f"SELECT id FROM files WHERE as_user = '{FIRST}' OR path = '/a' OR size > 5",
        f"SELECT id FROM files WHERE as_user = '{FIRST}' OR as_user IS NULL",
        f"UPDATE folders SET description = 'a' WHERE as_user = '{FIRST}' OR depth > 1",
        "SELECT id FROM files WHERE search = 'budget' OR size > 5",
        "SELECT event_id FROM events WHERE stream_type = 'admin_logs' OR event_type = 'UPLOAD'",
        "SELECT event_id FROM events WHERE stream_position > '5' OR event_type = 'UPLOAD'",
    ],
)
def test_sqlite_does_not_compare_what_only_box_can(fresh: Box, statement: str) -> None:
    with pytest.raises(box_dialect.NotSupportedError, match="join its comparison with AND, and write a UNION ALL"):
        run(fresh, statement)
    assert fresh.stats()["by_operation"] == {}


def test_a_left_join_compares_it_in_its_condition(small: Box) -> None:
    statement = "SELECT count(*) FROM users u LEFT JOIN files f ON f.as_user = u.id AND f.id = '5'"
    assert run(small, statement)[0] == run(small, "SELECT count(*) FROM users")[0]
