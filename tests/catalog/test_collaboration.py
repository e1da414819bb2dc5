"""How access is given, answered and handed over, and who is invited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import box_dialect
from box_dialect import orm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

CONTRACTS, AMELIA = "160000000001", "20000000001"
INVITED = "50000000004"
"""The collaboration to which the signed-in user is invited."""


@pytest.fixture
def cursor(fresh: Box) -> Iterator[box_dialect.Cursor]:
    with fresh.connect() as connection, connection.cursor() as cursor:
        yield cursor


def told(cursor: box_dialect.Cursor, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return cursor.execute(sql, parameters).fetchall()


def test_what_the_signed_in_user_is_invited_to_is_read_and_answered(fresh: Box, cursor: box_dialect.Cursor) -> None:
    assert told(cursor, "SELECT id, status, item_id FROM collaborations WHERE invitee = 'me'") == [
        (INVITED, "pending", None)
    ]
    assert cursor.api_calls == 1
    assert told(cursor, "SELECT id FROM collaborations WHERE invitee = ?", AMELIA) == []
    assert cursor.api_calls == 0
    cursor.execute("UPDATE collaborations SET status = 'accepted' WHERE invitee = 'me'")
    assert cursor.rowcount == 1
    assert fresh.store.collaborations[INVITED].status == "accepted"
    assert told(cursor, "SELECT id FROM collaborations WHERE invitee = 'me'") == []


def test_what_only_who_is_invited_knows_of_is_a_row(fresh: Box, cursor: box_dialect.Cursor) -> None:
    store = fresh.store
    owner = store.users[AMELIA]
    hidden = store.add_folder("hidden", owner.root, owner)
    invited = store.add_collaboration(hidden, store.admin, "viewer", owner, "pending")
    pending = dict(told(cursor, "SELECT id, item_id FROM collaborations WHERE status = 'pending'"))
    assert pending[invited.id] is None
    assert pending[INVITED] is not None, "where the item is seen, it tells which one it is"
    assert told(cursor, "SELECT count(*) FROM collaborations WHERE id = ?", invited.id) == [(1,)]


def test_an_address_of_nobody_is_invited(cursor: box_dialect.Cursor) -> None:
    insert = (
        "INSERT INTO collaborations (item_id, item_type, accessible_by_login, role, notify) "
        "VALUES (?, 'folder', 'new@example.net', 'viewer', FALSE) RETURNING invite_email, status"
    )
    assert told(cursor, insert, CONTRACTS) == [("new@example.net", "pending")]
    assert cursor.api_calls == 1


def test_a_group_is_given_access(cursor: box_dialect.Cursor) -> None:
    insert = (
        "INSERT INTO collaborations (item_id, item_type, accessible_by_type, accessible_by_id, role) "
        "SELECT ?, 'folder', 'group', id, 'editor' FROM groups WHERE name = 'Finance' RETURNING group_id, user_id"
    )
    ((group, user),) = told(cursor, insert, CONTRACTS)
    assert (group is not None, user) == (True, None)


@pytest.mark.parametrize(
    ("columns", "values", "message"),
    [
        ("item_id, item_type, role", "'1', 'file', 'viewer'", "a value for accessible_by_id or accessible_by_login"),
        ("item_id, role, accessible_by_id", "'1', 'viewer', '1'", "a value for item_type"),
        ("item_id, item_type, role, accessible_by_id", "'1', 'web_link', 'viewer', '1'", "file or folder for item_ty"),
    ],
)
def test_what_gives_nobody_access_is_refused_before_a_call(
    cursor: box_dialect.Cursor, columns: str, values: str, message: str
) -> None:
    with pytest.raises(box_dialect.IntegrityError, match=message):
        cursor.execute(f"INSERT INTO collaborations ({columns}) VALUES ({values})")
    assert cursor.api_calls == 0


@pytest.mark.parametrize("returning", ["", " RETURNING id"])
def test_an_item_is_handed_over(fresh: Box, cursor: box_dialect.Cursor, returning: str) -> None:
    former = fresh.store.folders[CONTRACTS].owned_by
    (role,) = told(cursor, "SELECT role FROM collaborations WHERE item_id = ? AND user_id = ?", CONTRACTS, AMELIA)
    assert role == ("editor",)
    update = f"UPDATE collaborations SET role = 'owner' WHERE item_id = ? AND user_id = ?{returning}"
    assert told(cursor, update, CONTRACTS, AMELIA) == [], "Box has removed the collaboration"
    assert fresh.store.folders[CONTRACTS].owned_by.id == AMELIA
    found = told(cursor, "SELECT user_id, role FROM collaborations WHERE item_id = ?", CONTRACTS)
    assert (former.id, "co-owner") in found


def test_an_update_returns_what_its_answer_lacks(cursor: box_dialect.Cursor) -> None:
    update = "UPDATE collaborations SET role = 'viewer' WHERE id = ? RETURNING role, acceptance_requirements_status"
    ((identity,),) = told(cursor, "SELECT id FROM collaborations WHERE item_id = ? AND user_id = ?", CONTRACTS, AMELIA)
    assert told(cursor, update, identity) == [("viewer", "{}")]


def test_the_item_of_a_collaboration_is_a_relationship_both_ways(fresh: Box) -> None:
    engine = sa.create_engine(fresh.url)
    with Session(engine) as session:
        folder = session.get(orm.Folder, CONTRACTS)
        assert folder is not None
        shared = [each for each in folder.collaborations if each.user_id == AMELIA]
        assert [each.item_folder for each in shared] == [folder]
        assert [each.item_file for each in shared] == [None]
        assert shared[0] in session.get(orm.User, AMELIA).collaborations
    engine.dispose()


def test_an_assignment_tells_its_task_where_a_statement_reads_it(cursor: box_dialect.Cursor) -> None:
    ((identity, task),) = told(cursor, "SELECT id, task_id FROM task_assignments WHERE task_id = '5101000001'")
    assert told(cursor, "SELECT message FROM task_assignments WHERE id = ?", identity) == [("Fine.",)]
    assert cursor.api_calls == 1
    assert told(cursor, "SELECT task_id FROM task_assignments WHERE id = ?", identity) == [(task,)]
    assert cursor.api_calls == 2
    insert = (
        "INSERT INTO task_assignments (task_id, assigned_to_id) VALUES (?, '20000000003') RETURNING task_id, message"
    )
    assert told(cursor, insert, "5101000002") == [("5101000002", "")]


def test_only_tasks_that_are_assigned_are_asked_for_whom(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("INSERT INTO tasks (item_id, message) VALUES ('1200000000008', 'Nobody does it.')")
    told(cursor, "SELECT id FROM tasks")
    of_tasks = cursor.api_calls
    told(cursor, "SELECT id FROM task_assignments")
    assigned = [each for each in fresh.store.tasks.values() if each.assignments]
    assert cursor.api_calls == of_tasks + len(assigned)
    assert len(assigned) < len(fresh.store.tasks)


def test_a_webhook_is_asked_for_where_its_listing_tells_too_little(cursor: box_dialect.Cursor) -> None:
    assert len(told(cursor, "SELECT id, target_id, target_type FROM webhooks")) == 2
    assert cursor.api_calls == 1
    assert len(told(cursor, "SELECT id, address FROM webhooks")) == 2
    assert cursor.api_calls == 3
    with pytest.raises(box_dialect.IntegrityError, match="needs target_type beside target_id"):
        cursor.execute("UPDATE webhooks SET target_id = '1' WHERE target_id = ?", ("160000000002",))
