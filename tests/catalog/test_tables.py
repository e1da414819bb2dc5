"""Each table gives what Box has, by every access path alike."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from known_rows import ROWS, those_known
from sweep import sweep

import box_dialect
from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from conftest import Box

PATHS = {
    table.name: keyed
    for table in TABLES.values()
    if (
        keyed := {
            path.name: path.keys
            for path in table.paths
            if path.keys and not any(table.columns[table.numbers[key]].hidden for key in path.keys)
        }
    )
}
"""For each table, its access paths that values of columns lead to, each with the columns."""


def query(connection: box_dialect.Connection, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        return cursor.execute(sql, parameters).fetchall()


@pytest.mark.parametrize("table", TABLES)
def test_a_query_gives_the_rows_that_box_has(connection: box_dialect.Connection, table: str) -> None:
    assert table in ROWS, f"add a query for {table}, and the rows that it gives, to tests/known_rows"
    sql, rows = ROWS[table]
    assert Counter(query(connection, sql)) == Counter(rows)


@sweep(("table", "path", "columns"), [(t, p, c) for t in PATHS for p, c in PATHS[t].items()])
def test_every_access_path_gives_the_same_rows(
    connection: box_dialect.Connection, table: str, path: str, columns: tuple[str, ...]
) -> None:
    # Box hides the item of a pending invitation, so only its listing at the item can tell which one it is.
    known = " AND accessible_by_name != ''" if table == "collaborations" else ""
    condition, key = those_known(table)
    lacks = next(each.lacks for each in TABLES[table].paths if each.name == path)
    shown = [each.name for each in TABLES[table].columns if not each.hidden and each.name not in lacks]
    select = f"SELECT {', '.join(shown)} FROM {table}"
    rows = query(connection, f"{select} WHERE {condition}{known}", *key)
    assert rows
    found = [tuple(row[shown.index(column)] for column in columns) for row in rows]
    for values in {each for each in found if None not in each}:
        statement = f"{select} WHERE {' AND '.join(f'{column} = ?' for column in columns)}{known}"
        plan = query(connection, f"EXPLAIN QUERY PLAN {statement}", *values)
        assert f"{path}: GET" in plan[0][3]
        expected = Counter(row for row, each in zip(rows, found, strict=True) if each == values)
        assert Counter(query(connection, statement, *values)) == expected


@pytest.mark.long
@sweep("name", [table.name for table in TABLES.values() if table.references])
def test_a_column_that_refers_to_a_table_leads_to_rows_of_it(connection: box_dialect.Connection, name: str) -> None:
    references = TABLES[name].references
    columns = [*dict.fromkeys(column for each in references for column in each.constrained)]
    condition, key = those_known(name)
    select = f"SELECT {', '.join(columns)} FROM {name} WHERE {condition}"
    rows = [dict(zip(columns, row, strict=True)) for row in query(connection, select, *key)]
    for each in references:
        of_kind = [row for row in rows if each.by is None or row[each.by] == each.kind]
        values = dict.fromkeys(tuple(row[column] for column in each.columns) for row in of_kind)
        some = [value for value in values if None not in value][:3]
        select = f"SELECT 1 FROM {each.target} WHERE {' AND '.join(f'{key} = ?' for key in each.keys)}"
        assert not some or any(query(connection, select, *value) for value in some), each


@pytest.mark.long
@sweep("table", PATHS)
def test_rowids_are_unique_and_stay(connection: box_dialect.Connection, table: str) -> None:
    columns, where = ", ".join(keys := TABLES[table].keys), " AND ".join(f"{key} = ?" for key in keys)
    condition, key = those_known(table)
    rows = query(connection, f"SELECT rowid, {columns} FROM {table} WHERE {condition}", *key)
    assert len({row[0] for row in rows}) == len(rows)
    keyed = [query(connection, f"SELECT rowid, {columns} FROM {table} WHERE {where}", *key) for _, *key in rows]
    assert sorted(row for found in keyed for row in found) == sorted(rows)


def test_files_are_those_of_all_folders(small: Box, connection: box_dialect.Connection) -> None:
    expected = {}
    for file in small.store.items["file"].values():
        names, folder = [file.name], file.parent
        while folder is not None and folder.id != "0":
            names.append(folder.name)
            folder = folder.parent
        if not file.is_trashed:
            expected[file.id] = ("/" + "/".join(reversed(names)), file.size, len(names))
    assert {row[0]: row[1:] for row in query(connection, "SELECT id, path, size, depth FROM files")} == expected


def test_items_are_files_folders_and_web_links_without_the_root(connection: box_dialect.Connection) -> None:
    union = query(
        connection,
        "SELECT type, id, path FROM files UNION ALL SELECT type, id, path FROM folders WHERE id != '0' "
        "UNION ALL SELECT type, id, path FROM web_links",
    )
    assert Counter(query(connection, "SELECT type, id, path FROM items")) == Counter(union)
    assert {kind for kind, *_ in union} == {"file", "folder", "web_link"}


def test_the_root_folder_is_a_folder(connection: box_dialect.Connection) -> None:
    columns = "name, path, parent_id, parent_path, depth, created_at"
    root = ("All Files", "/", None, None, 0, None)
    for condition in ("id = '0'", "path = '/'", "depth = 0", "parent_id IS NULL"):
        assert query(connection, f"SELECT {columns} FROM folders WHERE {condition}") == [root]
    assert query(connection, "SELECT id FROM items WHERE id = '0'") == []


def test_what_is_in_the_trash_is_no_row(small: Box, connection: box_dialect.Connection) -> None:
    trashed = [item for items in small.store.items.values() for item in items.values() if item.is_trashed]
    assert {type(item).__name__ for item in trashed} >= {"File", "Folder"}
    for item in trashed:
        assert query(connection, "SELECT id FROM items WHERE id = ? AND type = ?", item.id, item.type) == []


@pytest.mark.long
@sweep("value", ["", "x", "../users", "1/2", "007", "-1", "9" * 30, 1.5, b"1", None, "999999999"])
@sweep("table", PATHS)
def test_a_key_that_nothing_has_gives_no_row(connection: box_dialect.Connection, table: str, value: object) -> None:
    for columns in PATHS[table].values():
        where = " AND ".join(f"{column} = ?" for column in columns)
        assert query(connection, f"SELECT * FROM {table} WHERE {where}", *[value] * len(columns)) == []


@pytest.mark.parametrize("value", ["", "x", "1/2", "007", 1.5, b"1", None])
def test_a_key_of_another_form_takes_no_call(small: Box, value: object) -> None:
    with small.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM files WHERE id = ?", (value,))
        assert cursor.fetchall() == []
        assert cursor.api_calls == 0


def test_a_number_finds_the_id_that_it_spells(small: Box, connection: box_dialect.Connection) -> None:
    file = next(f for f in small.store.items["file"].values() if not f.is_trashed)
    assert query(connection, "SELECT name FROM files WHERE id = ?", int(file.id)) == [(file.name,)]


def test_me_is_the_signed_in_user(small: Box, connection: box_dialect.Connection) -> None:
    admin = small.store.admin
    assert query(connection, "SELECT id, login, role FROM users WHERE id = 'me'") == [(admin.id, admin.login, "admin")]


def test_users_are_narrowed_by_box(small: Box) -> None:
    with small.connect() as connection, connection.cursor() as cursor:
        every = cursor.execute("SELECT id, login, name FROM users").fetchall()
        for condition in ("login = ?", "name = ?", "login LIKE substr(?, 1, 3) || '%'", "login LIKE ?"):
            for identity, login, name in every:
                value = name if condition.startswith("name") else login
                found = cursor.execute(f"SELECT id FROM users WHERE {condition}", (value,)).fetchall()
                assert (identity,) in found


def test_timestamps_are_utc(small: Box, connection: box_dialect.Connection) -> None:
    for identity, created in query(connection, "SELECT id, created_at FROM files"):
        expected = dt.datetime.fromtimestamp(small.store.items["file"][identity].created_at, dt.UTC)
        assert created == expected
        assert created.tzinfo is dt.UTC


def test_timestamps_compare_as_moments(connection: box_dialect.Connection) -> None:
    rows = query(connection, "SELECT created_at FROM items ORDER BY created_at")
    middle = rows[len(rows) // 2][0]
    later = query(connection, "SELECT count(*) FROM items WHERE created_at >= ?", middle)
    assert later == [(sum(row[0] >= middle for row in rows),)]
    elsewhere = middle.astimezone(dt.timezone(dt.timedelta(hours=-7)))
    assert query(connection, "SELECT count(*) FROM items WHERE created_at >= ?", elsewhere) == later


def test_lists_and_objects_are_json(connection: box_dialect.Connection) -> None:
    rows = query(connection, "SELECT tags, permissions FROM files")
    assert all(isinstance(json.loads(tags), list) for tags, _ in rows)
    assert any(json.loads(tags) for tags, _ in rows)
    assert query(connection, "SELECT DISTINCT permissions ->> '$.can_download' FROM files") == [(1,)]


def test_booleans_are_bool(connection: box_dialect.Connection) -> None:
    values = query(connection, "SELECT is_reply_comment FROM comments")
    assert {type(value) for (value,) in values} == {bool}
    assert query(connection, "SELECT count(*) FROM comments WHERE is_reply_comment = ?", True) == [
        (sum(value for (value,) in values),)
    ]


def test_replies_are_comments_on_the_file(small: Box, connection: box_dialect.Connection) -> None:
    replies = [comment for comment in small.store.comments.values() if comment.reply_to is not None]
    assert replies
    for reply in replies:
        row = query(connection, "SELECT item_type, item_id, reply_to_id FROM comments WHERE id = ?", reply.id)
        assert row == [("file", reply.file.id, reply.reply_to.id)]


def test_search_finds_by_words(small: Box) -> None:
    with small.connect() as connection, connection.cursor() as cursor:
        for condition in ("files MATCH 'budget'", "search = 'budget'", "search MATCH 'budget'"):
            cursor.execute(f"SELECT name FROM files WHERE {condition}")
            assert [name for (name,) in cursor] == ["budget 100%.xlsx"]
            assert cursor.api_calls == 1
        cursor.execute("SELECT name FROM files WHERE files MATCH 'budget' AND size > 1000000")
        assert cursor.fetchall() == []
        cursor.execute("SELECT name FROM files WHERE files MATCH '  '")
        assert (cursor.fetchall(), cursor.api_calls) == ([], 0)


def test_search_narrows_by_every_condition(synthetic: Box) -> None:
    conditions = {
        "size BETWEEN 500 AND 9000": lambda row: 500 <= row["size"] <= 9000,
        "extension IN ('pdf', 'md')": lambda row: row["extension"] in {"pdf", "md"},
        "created_at >= '2017-01-01'": lambda row: row["created_at"].year >= 2017,
        "created_at < '2017-01-01 00:00:00'": lambda row: row["created_at"].year < 2017,
        "owned_by_id = '20000000001'": lambda row: row["owned_by_id"] == "20000000001",
        "parent_id = '160000000003'": lambda row: row["parent_id"] == "160000000003",
    }
    columns = ("id", "size", "extension", "created_at", "owned_by_id", "parent_id")
    select = f"SELECT {', '.join(columns)} FROM files WHERE files MATCH 'budget'"
    with synthetic.connect() as connection, connection.cursor() as cursor:
        every = [dict(zip(columns, row, strict=True)) for row in cursor.execute(select)]
        for condition, holds in conditions.items():
            found = cursor.execute(f"{select} AND {condition}").fetchall()
            expected = {row["id"] for row in every if holds(row)}
            assert {row[0] for row in found} == expected
            assert 0 < len(expected) < len(every)
            assert cursor.api_calls <= 1 + len(expected) // 200


def test_search_sorts_by_modification(synthetic: Box) -> None:
    with synthetic.connect() as connection, connection.cursor() as cursor:
        select = "SELECT modified_at FROM files WHERE files MATCH 'budget' ORDER BY modified_at"
        every = cursor.execute(select).fetchall()
        assert every == sorted(every)
        assert cursor.execute(f"{select} DESC LIMIT 3").fetchall() == every[:-4:-1]
        assert cursor.api_calls == 1


def test_a_match_that_box_cannot_answer_is_refused(connection: box_dialect.Connection) -> None:
    with connection.cursor() as cursor:
        for condition in ("name MATCH 'x'", "files MATCH 'x' OR size = 1"):
            with pytest.raises(box_dialect.NotSupportedError, match="MATCH"):
                cursor.execute(f"SELECT * FROM files WHERE {condition}")


def test_events_are_those_of_the_stream(small: Box) -> None:
    with small.connect() as connection, connection.cursor() as cursor:
        mine = cursor.execute("SELECT event_id, event_type, source_type, source_id, created_at FROM events").fetchall()
        assert len({row[0] for row in mine}) == len(mine) > 0
        assert {row[2] for row in mine} == {"file"}
        logs = cursor.execute("SELECT event_type FROM events WHERE stream_type = 'admin_logs'").fetchall()
        assert {"UPLOAD"} <= {row[0] for row in logs}
        some = cursor.execute(
            "SELECT event_type FROM events WHERE stream_type = 'admin_logs' AND event_type = 'UPLOAD' "
            "AND created_at >= '2000-01-01'"
        ).fetchall()
        assert some == [("UPLOAD",)] * [row[0] for row in logs].count("UPLOAD")
        with pytest.raises(box_dialect.ProgrammingError):
            cursor.execute("SELECT * FROM events WHERE stream_type = 'nonsense'")


def test_select_star_names_no_input(connection: box_dialect.Connection) -> None:
    for table in TABLES.values():
        with connection.cursor() as cursor:
            condition, key = those_known(table.name)
            cursor.execute(f"SELECT * FROM {table.name} WHERE {condition} LIMIT 0", key)
            assert [item[0] for item in cursor.description or ()] == [c.name for c in table.columns if not c.hidden]


@pytest.mark.parametrize(
    ("condition", "finds"),
    [
        ("u.id = 'me'", True),
        ("u.id IN ('me', :other)", True),
        ("u.id IN ('me', :me)", True),
        ("u.id = 'me' AND u.id = :me", True),
        ("u.id = :me AND u.id = 'me'", True),
        ("u.id IN ('me', :other) AND u.id IN (:me, 'nobody')", True),
        ("u.id = 'me' AND u.id = :other", False),
        ("u.id = :other AND u.id IN ('me', :me)", False),
    ],
)
def test_me_joins_by_the_id_it_stands_for(fresh: Box, condition: str, finds: bool) -> None:
    store = fresh.store
    me = next(user for user in store.users.values() if user.memberships and user.role == "coadmin")
    for file in {comment.file for comment in store.comments.values() if comment.created_by is me}:
        store.add_collaboration(file, me, "viewer", store.admin)
    other = next(user for user in store.users.values() if user is not me)
    names = {"me": me.id, "other": other.id}
    url = fresh.url.replace(f"SubjectId={store.admin.id}", f"SubjectId={me.id}")
    wanted = [me.login] if finds else []
    also = [other.login] if ":other)" in condition and "AND" not in condition else []
    with box_dialect.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT u.login FROM users u WHERE {condition}", names)
        assert sorted(row[0] for row in cursor) == sorted(wanted + also)
        for join in (
            "memberships m JOIN users u ON u.id = m.user_id",
            "users u JOIN memberships m ON m.user_id = u.id",
            "users u CROSS JOIN memberships m ON m.user_id = u.id",
        ):
            cursor.execute(f"SELECT m.id FROM {join} WHERE {condition} AND m.user_id = :me", names)
            assert {row[0] for row in cursor} == (set(me.memberships) if finds else set())
        cursor.execute("SELECT count(*) FROM comments c, users u WHERE u.id = c.created_by_id AND u.id = 'me'")
        mine = [c for c in store.comments.values() if c.created_by is me and not c.file.is_trashed]
        assert cursor.fetchall() == [(len(mine),)]


def test_users_by_ids_are_found_beside_the_list(connection: box_dialect.Connection, small: Box) -> None:
    account = small.store.service_account.id
    admin = small.store.admin.id
    for ids in (f"'{account}', '{admin}'", f"SELECT '{account}' UNION SELECT 'me'"):
        found = query(connection, f"SELECT id FROM users WHERE id IN ({ids})")
        assert sorted(found) == sorted([(account,), (admin,)])


def test_another_collation_is_left_to_sqlite(connection: box_dialect.Connection) -> None:
    (path,) = query(connection, "SELECT path FROM files WHERE name = 'NDA.pdf'")[0]
    assert query(connection, "SELECT path FROM files WHERE path = ? COLLATE NOCASE", path.lower()) == [(path,)]
    assert query(connection, "SELECT path FROM files WHERE path = ?", path.lower()) == []


def test_a_collaboration_is_listed_where_it_was_given(fresh: Box) -> None:
    folder = next(f for f in fresh.store.items["folder"].values() if f.collaborations and not f.is_trashed)
    file = next(f for f in fresh.store.items["file"].values() if not f.is_trashed)
    inherited = {
        "type": "collaboration",
        "id": next(iter(folder.collaborations)),
        "item": {"type": "folder", "id": folder.id},
    }
    fresh.faults(
        {"operation": "get_files_id_collaborations", "times": 1, "status": 200, "body": {"entries": [inherited]}}
    )
    with fresh.connect() as connection:
        assert query(connection, "SELECT id FROM collaborations WHERE item_id = ?", file.id) == []
