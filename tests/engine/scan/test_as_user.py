"""AsUserId: calls are made as another user, by id or login."""

import pytest

from box_dialect.errors import DatabaseError, ProgrammingError

MAKE = "INSERT INTO folders (name, parent_id) VALUES (?, ?)"
OWNER = "SELECT created_by_id FROM folders WHERE name = ? AND parent_id = ?"


@pytest.fixture
def someone(fresh):
    """Return the id and the login of a user that the administrator may act as."""
    user = fresh.store.accounts[fresh.emulator.ready["user_id"]]
    return user.id, user.login


@pytest.fixture
def shared(fresh, someone):
    """Return the id of a folder that both this user and the administrator see."""
    store = fresh.store
    folder = store.add_folder("shared", store.root, store.admin)
    store.add_collaboration(folder, store.accounts[someone[0]], "editor", store.admin)
    return folder.id


@pytest.mark.parametrize("spelling", ["id", "login", "LOGIN"])
def test_calls_are_made_as_the_user_whom_a_login_names_once(fresh, someone, shared, spelling):
    user = {"id": someone[0], "login": someone[1], "LOGIN": someone[1].upper()}[spelling]
    fresh.reset()
    with fresh.connect(AsUserId=user) as acting, fresh.connect() as admin:
        for name in ("first", "second"):
            acting.cursor().execute(MAKE, (name, shared))
            assert admin.cursor().execute(OWNER, (name, shared)).fetchone() == (someone[0],)
        admin.cursor().execute(MAKE, ("third", shared))
        assert admin.cursor().execute(OWNER, ("third", shared)).fetchone() != (someone[0],)
    assert fresh.stats()["by_operation"].get("get_users", 0) == (spelling != "id")


@pytest.mark.parametrize("login", ["nobody@example.com", "@", "\u0663\u0664"])
def test_a_login_that_nobody_has_is_a_clear_error(fresh, login):
    problem = f"property AsUserId: no user .* has the login '{login}'"
    with fresh.connect(AsUserId=login) as connection, pytest.raises(ProgrammingError, match=problem):
        connection.cursor().execute("SELECT id FROM folders WHERE parent_id = '0'").fetchall()


def test_one_who_may_act_as_nobody_gets_boxs_refusal(fresh):
    ready = fresh.emulator.ready
    given = {"AsUserId": ready["admin_user_id"], "OAuthAccessToken": ready["user_access_token"]}
    with fresh.connect(**given) as connection, pytest.raises(DatabaseError, match="HTTP 403"):
        connection.cursor().execute("SELECT id FROM folders WHERE parent_id = '0'").fetchall()


def test_an_unknown_id_is_named(fresh):
    problem = r"HTTP 403.* check too .* may act as the user of AsUserId=404404$"
    with fresh.connect(AsUserId="404404") as connection, pytest.raises(DatabaseError, match=problem):
        connection.cursor().execute("SELECT id FROM folders WHERE parent_id = '0'").fetchall()
