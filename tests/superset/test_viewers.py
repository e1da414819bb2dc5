"""Each viewer of a running Superset acts for themselves."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import plain_http
import pytest
from flask import g
from sign_in.acting import authorize

from box_dialect import SignInNeededError
from box_dialect.emulator.oauth import authority

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Box

ME = "SELECT login FROM users WHERE id = 'me'"
COPY = "CREATE TABLE copied AS SELECT name, modified_at FROM files WHERE name = 'Notes.txt'"


@pytest.fixture(autouse=True)
def lasting_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let authorization codes outlive any pause of the machine."""
    monkeypatch.setattr(authority, "CODE_TTL", 86_400)


@pytest.fixture
def log_in(session: Any) -> Callable[[str], Any]:
    """Return a function that has a user logged in, by the e-mail, from then on."""

    def log_in(email: str) -> Any:
        from flask_appbuilder.security.sqla.models import User

        user = session.query(User).filter_by(email=email).one_or_none()
        if user is None:
            user = User(username=email.partition("@")[0], first_name="A", last_name="Viewer", email=email, active=True)
            session.add(user)
            session.commit()
        g.user = user
        return user

    return log_in


@pytest.fixture
def logins(fresh: Box) -> list[str]:
    ready = fresh.emulator.ready
    return [fresh.store.users[ready[key]].login for key in ("admin_user_id", "user_id")]


@pytest.fixture
def database(fresh: Box, add_database: Callable[..., Any]) -> Any:
    """A database at which each viewer signs in."""
    ready = fresh.emulator.ready
    client = {
        "id": ready["client_id"],
        "secret": ready["client_secret"],
        "scope": "",
        "authorization_request_uri": ready["authorize_url"],
        "token_request_uri": ready["token_url"],
    }
    return add_database(fresh, impersonate_user=True, encrypted_extra=json.dumps({"oauth2_client_info": client}))


@pytest.fixture
def sign_in(app: Any, log_in: Callable[[str], Any]) -> Callable[[Any, str], None]:
    """Return a function by which who is logged in signs in to Box as somebody, where Superset asks them to."""

    def sign_in(database: Any, login: str) -> None:
        from superset.exceptions import OAuth2RedirectError

        email = g.user.email
        with pytest.raises(OAuth2RedirectError) as asked:
            database.get_df(ME)
        back = urlsplit(authorize(asked.value.error.extra["url"], login=login))
        answer = app.test_client().get(f"{back.path}?{back.query}")
        assert answer.status_code == 200, answer.text
        log_in(email)  # since that request was nobody's

    return sign_in


def kept(session: Any, database: Any) -> Any:
    """Return the tokens that Superset keeps of who is logged in."""
    from flask import g
    from superset.models.core import DatabaseUserOAuth2Tokens

    return session.query(DatabaseUserOAuth2Tokens).filter_by(user_id=g.user.id, database_id=database.id).one_or_none()


def expire(session: Any, database: Any) -> None:
    kept(session, database).access_token_expiration = datetime.now() - timedelta(seconds=1)  # noqa: DTZ005 - as Superset's
    session.commit()


def seen(database: Any) -> str:
    return str(database.get_df(ME)["login"][0])


def test_two_viewers_sign_in_and_see_their_own_rows(
    database: Any, fresh: Box, logins: list[str], log_in: Callable[[str], Any], sign_in: Callable[[Any, str], None]
) -> None:
    for number, login in enumerate(logins):
        log_in(f"viewer{number}@superset.example")
        sign_in(database, login)
        assert seen(database) == login
    for number, login in enumerate(logins):
        log_in(f"viewer{number}@superset.example")
        assert seen(database) == login
    assert fresh.stats()["grants"] == {"authorization_code": 2}


def test_a_sign_in_that_another_has_begun_is_refused(
    app: Any, session: Any, database: Any, logins: list[str], log_in: Callable[[str], Any], fresh: Box
) -> None:
    """Who sends the address of a sign-in to somebody would see that one's rows."""
    from superset.exceptions import OAuth2RedirectError

    ids = {number: log_in(f"viewer{number}@superset.example").id for number in (1, 0)}
    for number, status in ((1, 500), (0, 200)):
        with pytest.raises(OAuth2RedirectError) as asked:
            database.get_df(ME)
        back = urlsplit(authorize(asked.value.error.extra["url"], login=logins[number]))
        client = app.test_client()
        g.pop("_login_user", None)  # whom the request before has found
        with client.session_transaction() as cookie:
            cookie["_user_id"] = str(ids[number])
        answer = client.get(f"{back.path}?{back.query}")
        assert answer.status_code == status, answer.text
        log_in("viewer0@superset.example")
        assert (kept(session, database) is not None) is (status == 200)
    assert fresh.stats()["grants"] == {"authorization_code": 1}


def test_tables_are_shown_before_anybody_signs_in(database: Any, log_in: Callable[[str], Any], fresh: Box) -> None:
    from superset.sql.parse import Table

    log_in("viewer0@superset.example")
    schema = database.get_default_schema(None)
    assert ("files", schema, None) in {tuple(each)[:3] for each in database.get_all_table_names_in_schema(None, schema)}
    assert "modified_at" in {column["column_name"] for column in database.get_columns(Table("files", schema))}
    assert fresh.stats()["token_calls"] == 0


def test_a_token_that_has_expired_is_renewed(
    database: Any,
    fresh: Box,
    session: Any,
    logins: list[str],
    log_in: Callable[[str], Any],
    sign_in: Callable[[Any, str], None],
) -> None:
    log_in("viewer0@superset.example")
    sign_in(database, logins[1])
    first = kept(session, database).refresh_token
    expire(session, database)
    assert seen(database) == logins[1]
    newest = kept(session, database)
    assert newest.refresh_token != first
    # Versions before 6.1 keep the first one, and a worker may have read it before another one stored the next.
    access_token, newest.refresh_token = newest.access_token, first
    expire(session, database)
    assert seen(database) == logins[1]
    assert kept(session, database).access_token == access_token
    assert fresh.stats()["grants"] == {"authorization_code": 1, "refresh_token": 1}


def test_a_sign_in_that_is_over_is_asked_for_again(
    database: Any,
    fresh: Box,
    session: Any,
    logins: list[str],
    log_in: Callable[[str], Any],
    sign_in: Callable[[Any, str], None],
) -> None:
    log_in("viewer0@superset.example")
    ready = fresh.emulator.ready
    for is_known_to_be_over in (True, False):
        sign_in(database, logins[0])
        form = {"client_id": ready["client_id"], "client_secret": ready["client_secret"]}
        token = kept(session, database).access_token
        plain_http.post(ready["revoke_url"], data={**form, "token": token}).raise_for_status()
        if is_known_to_be_over:
            expire(session, database)
    sign_in(database, logins[1])
    assert seen(database) == logins[1]


@pytest.mark.parametrize("is_6_1", [True, False], ids=["6.1", "6.0"])
@pytest.mark.parametrize("way", ["one account", "As-User"])
def test_sign_ins_that_are_of_no_use_any_more_are_forgotten(
    database: Any,
    fresh: Box,
    session: Any,
    logins: list[str],
    log_in: Callable[[str], Any],
    sign_in: Callable[[Any, str], None],
    way: str,
    is_6_1: bool,
) -> None:
    log_in(logins[1])
    sign_in(database, logins[1])
    fresh.expire("refresh_token")
    expire(session, database)
    database.impersonate_user = way == "As-User"
    database.set_sqlalchemy_uri(f"{fresh.url}&AsUserId={{email}}" if way == "As-User" else fresh.url)
    session.commit()
    if is_6_1:
        with pytest.raises(SignInNeededError):
            seen(database)
    else:  # where Superset keeps them itself
        database.db_engine_spec.start_oauth2_dance(database)
    session.rollback()
    assert kept(session, database) is None
    assert seen(database) == logins[way == "As-User"]


def test_nobody_signs_in_where_the_account_of_the_database_has_to(
    database: Any, fresh: Box, log_in: Callable[[str], Any]
) -> None:
    log_in("viewer0@superset.example")
    database.impersonate_user = False
    database.set_sqlalchemy_uri("box://")
    hosts = {"APIBaseURL": fresh.emulator.ready["api_base_url"], "OAuthAccessToken": "dead"}
    database.extra = json.dumps({"engine_params": {"connect_args": hosts}})
    with pytest.raises(Exception, match="Box refused the access token"):
        seen(database)


def test_a_needed_sign_in_is_asked_for_through_the_inspector(database: Any, log_in: Callable[[str], Any]) -> None:
    """SQLAlchemy wraps what the driver raises there."""
    from sqlalchemy import text
    from superset.exceptions import OAuth2RedirectError

    log_in("viewer0@superset.example")
    with pytest.raises(OAuth2RedirectError), database.get_inspector() as inspector:
        inspector.bind.execute(text(ME))


def test_the_account_stands_for_viewers_by_e_mail(
    fresh: Box, add_database: Callable[..., Any], logins: list[str], log_in: Callable[[str], Any]
) -> None:
    database = add_database(fresh, url=f"{fresh.url}&AsUserId={{email}}", impersonate_user=True)
    for login in logins:
        log_in(login)
        assert seen(database) == login


def test_a_viewer_finds_their_own_tables_alone(
    fresh: Box, add_database: Callable[..., Any], log_in: Callable[[str], Any]
) -> None:
    database = add_database(fresh)
    log_in("viewer0@superset.example")
    with database.get_raw_connection() as connection:
        connection.cursor().execute(COPY)
    frame = database.get_df("SELECT * FROM copied")
    assert list(frame["name"]) == ["Notes.txt"]
    assert str(frame["modified_at"].dtype).startswith("datetime64")
    log_in("viewer1@superset.example")
    with pytest.raises(Exception, match="no such table: copied"):
        database.get_df("SELECT * FROM copied")


@pytest.mark.parametrize("is_kept_by_viewer", [False, True])
def test_charts_read_ones_own_tables_only_where_others_are_not_shown_their_rows(
    app: Any,
    session: Any,
    fresh: Box,
    add_database: Callable[..., Any],
    log_in: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
    is_kept_by_viewer: bool,
) -> None:
    database = add_database(fresh)
    database.extra = json.dumps({**json.loads(database.extra), "per_user_caching": is_kept_by_viewer})
    session.commit()
    monkeypatch.setitem(app.config, "DATA_CACHE_CONFIG", {"CACHE_TYPE": "SupersetMetastoreCache"})
    user = log_in("viewer0@superset.example")

    def tables(path: str) -> list[str]:
        with app.test_request_context(path, method="POST", json={}):
            g.user = user
            return list(database.get_df("SELECT name FROM sqlite_schema WHERE name = 'copied'")["name"])

    with app.test_request_context("/api/v1/sqllab/execute/"), database.get_raw_connection() as connection:
        connection.cursor().execute(COPY)
    for path in ("/api/v1/sqllab/execute/", "/api/v1/database/1/tables/"):
        assert tables(path) == ["copied"]
    for path in ("/api/v1/chart/data", "/datasource/samples", "/"):
        assert tables(path) == ["copied"] * is_kept_by_viewer


def test_rows_that_superset_would_show_to_others_are_not_read(
    app: Any, database: Any, monkeypatch: pytest.MonkeyPatch, log_in: Callable[[str], Any]
) -> None:
    log_in("viewer0@superset.example")
    monkeypatch.setitem(app.config, "DATA_CACHE_CONFIG", {"CACHE_TYPE": "SupersetMetastoreCache"})
    with pytest.raises(Exception, match="set the feature flag CACHE_IMPERSONATION"):
        database.get_df("SELECT 1")
    from superset.extensions import feature_flag_manager

    with monkeypatch.context() as patch:
        patch.setitem(feature_flag_manager._feature_flags, "CACHE_IMPERSONATION", True)
        assert list(database.get_df("SELECT 1 AS n")["n"]) == [1]
    database.extra = json.dumps({**json.loads(database.extra), "per_user_caching": True})
    assert list(database.get_df("SELECT 1 AS n")["n"]) == [1]
