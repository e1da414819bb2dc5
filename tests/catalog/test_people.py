"""How users are written where that is more than a row: with their content, their picture and their enterprise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from known_rows.people import JPEG

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

OWNER, INACTIVE = "20000000001", "20000000004"


@pytest.fixture
def cursor(fresh: Box) -> Iterator[box_dialect.Cursor]:
    with fresh.connect() as connection, connection.cursor() as cursor:
        yield cursor


def owned(box: Box) -> int:
    return sum(file.owned_by.id == OWNER for file in box.store.items["file"].values())


def test_who_owns_content_is_deleted_by_force_alone(fresh: Box, cursor: box_dialect.Cursor) -> None:
    assert owned(fresh) > 0
    with pytest.raises(box_dialect.IntegrityError, match="still owns content"):
        cursor.execute("DELETE FROM users WHERE id = ?", (OWNER,))
    with pytest.raises(box_dialect.IntegrityError, match="still owns content"):
        cursor.execute("DELETE FROM users WHERE id = ? AND force = FALSE", (OWNER,))
    cursor.execute("DELETE FROM users WHERE id = ? AND force = ? AND notify = FALSE", (OWNER, True))
    assert (cursor.rowcount, cursor.api_calls) == (1, 1)
    assert OWNER not in fresh.store.users
    assert owned(fresh) == 0


def test_no_user_moves_into_another_enterprise(fresh: Box, cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.DataError, match=r"enterprise_id takes NULL alone.*not '7'"):
        cursor.execute("UPDATE users SET enterprise_id = '7' WHERE id = ?", (OWNER,))
    cursor.execute("UPDATE users SET enterprise_id = NULL WHERE id = ?", (OWNER,))
    assert fresh.store.users[OWNER].enterprise is None


def test_a_picture_is_downloaded_where_it_is_read(cursor: box_dialect.Cursor) -> None:
    def told(sql: str, *parameters: Any) -> tuple[list[tuple[Any, ...]], int]:
        return cursor.execute(sql, parameters).fetchall(), cursor.api_calls

    assert told("SELECT name, avatar FROM users WHERE id = ?", OWNER) == ([("Amelia Andersen", None)], 2)
    changed = told("UPDATE users SET avatar = ? WHERE id = ? RETURNING name, avatar", JPEG, OWNER)
    assert changed == ([("Amelia Andersen", JPEG)], 3)
    made = told("INSERT INTO users (name, login, avatar) VALUES ('A', 'a@example.com', ?) RETURNING avatar", JPEG)
    assert made == ([(JPEG,)], 4)
    found = told("SELECT name FROM users WHERE avatar IS NOT NULL AND status = 'active'")
    assert sorted(found[0]) == [("A",), ("Amelia Andersen",)]
    gone = told("DELETE FROM users WHERE name = 'A' AND force = TRUE RETURNING avatar")
    assert gone == ([(JPEG,)], 3)


def test_who_is_signed_in_is_written_as_anybody(fresh: Box, cursor: box_dialect.Cursor) -> None:
    admin = fresh.store.admin
    cursor.execute("UPDATE users SET job_title = 'Boss', avatar = ? WHERE id = 'me'", (JPEG,))
    assert (cursor.rowcount, cursor.api_calls, admin.job_title) == (1, 3, "Boss")
    cursor.execute("UPDATE users SET phone = '1' WHERE id IN ('me', ?) RETURNING id", (OWNER,))
    assert sorted(cursor.fetchall()) == sorted([(admin.id,), (OWNER,)])
    with pytest.raises(box_dialect.OperationalError, match=f"DELETE /users/{admin.id}.*403"):
        cursor.execute("DELETE FROM users WHERE id = 'me'")


def test_what_is_no_picture_is_not_sent(fresh: Box, cursor: box_dialect.Cursor) -> None:
    fresh.reset()
    with pytest.raises(box_dialect.DataError, match="avatar takes a file of the type image/png or image/jpeg"):
        cursor.execute("UPDATE users SET avatar = ? WHERE id = ?", (b"GIF89a", OWNER))
    assert fresh.stats()["calls"] == 0
    with pytest.raises(box_dialect.OperationalError, match="not activated"):
        cursor.execute("UPDATE users SET avatar = ? WHERE id = ?", (JPEG, INACTIVE))


def test_who_is_no_user_has_no_picture_to_remove(cursor: box_dialect.Cursor) -> None:
    cursor.execute("UPDATE users SET avatar = NULL WHERE id = ?", (OWNER,))
    assert cursor.rowcount == 1
    cursor.execute("UPDATE users SET avatar = NULL WHERE id = '20000000099'")
    assert cursor.rowcount == 0


def test_an_app_user_is_found_by_what_the_application_calls_it(fresh: Box, cursor: box_dialect.Cursor) -> None:
    fresh.reset()
    cursor.execute("SELECT name FROM users WHERE external_app_user_id = 'robot-1'")
    assert cursor.fetchall() == [("App User",)]
    plan = cursor.execute("EXPLAIN QUERY PLAN SELECT name FROM users WHERE external_app_user_id = 'robot-1'").fetchone()
    assert plan is not None
    assert "external_app_user_id = ?" in plan[3]


def test_an_app_user_needs_no_login(cursor: box_dialect.Cursor) -> None:
    cursor.execute("INSERT INTO users (name, is_platform_access_only) VALUES ('Robot', TRUE) RETURNING login")
    assert cursor.fetchall()[0][0].startswith("AppUser_")
