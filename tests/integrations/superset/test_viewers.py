"""Each viewer of Superset acts for themselves, and never as the account of the database."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from integrations.superset.viewing import Database, SignInAskedError, Spec

import box_dialect
from box_dialect.errors import Error, OperationalError, ProgrammingError, SignInNeededError
from box_dialect.integrations.superset import application, identity
from box_dialect.properties import PROPERTIES

if TYPE_CHECKING:
    from integrations.superset.viewing import Superset

ME = "SELECT login FROM users WHERE id = 'me'"
VERIFIER = "v" * 64


def refused(superset: Superset, database: Database, token: str | None = None) -> Error:
    """Return the exception that a viewer gets in place of rows."""
    with pytest.raises(Error) as caught:
        superset.rows(database, ME, token)
    return caught.value


# Sign-in


def test_each_viewer_sees_own_rows(superset: Superset) -> None:
    database = superset.database()
    logins = [superset.login(key) for key in ("admin_user_id", "user_id")]
    for number, login in enumerate(logins):
        with superset.viewed_by(number):
            token = superset.sign_in(login)["access_token"]
            assert superset.rows(database, ME, token) == [(login,)]
    assert logins[0] != logins[1]


def test_a_code_is_bound_to_who_asked_for_it(superset: Superset) -> None:
    login, client = superset.login("user_id"), superset.client()
    with superset.app.app_context():
        kept = Spec.get_oauth2_token(client, superset.code(login, VERIFIER), code_verifier=VERIFIER)
        with pytest.raises(OperationalError, match="code_verifier"):
            Spec.get_oauth2_token(client, superset.code(login, VERIFIER), code_verifier="w" * 64)
    assert set(kept) == {"access_token", "expires_in", "refresh_token"}
    assert 0 < kept["expires_in"] <= 3600 - 300


@pytest.mark.parametrize(("scope", "asked"), [("", {}), ("root_readonly", {"scope": ["root_readonly"]})])
def test_an_empty_scope_is_not_asked_for(superset: Superset, scope: str, asked: dict[str, Any]) -> None:
    uri = Spec.get_oauth2_authorization_uri(superset.client(scope=scope), {"tab_id": "a.b"}, code_verifier=VERIFIER)
    query = parse_qs(urlsplit(uri).query, keep_blank_values=True)
    assert {name: value for name, value in query.items() if name == "scope"} == asked
    assert json.loads(query["state"][0]) == {"tab_id": "a.b"}
    assert query["code_challenge_method"] == ["S256"]


def test_box_is_where_viewers_sign_in_unless_the_client_says_else() -> None:
    assert Spec.oauth2_authorization_request_uri == "https://account.box.com/api/oauth2/authorize"
    assert Spec.oauth2_token_request_uri == "https://api.box.com/oauth2/token"


def test_without_a_token_nothing_is_shown_but_what_needs_no_call(superset: Superset) -> None:
    database = superset.database()
    with superset.viewed_by(1):
        assert "files" in sa.inspect(superset.engine(database)).get_table_names()
        assert superset.rows(database, "SELECT 1") == [(1,)]
        problem = refused(superset, database)
        assert isinstance(problem, SignInNeededError)
        assert Spec.needs_oauth2(problem)
        with pytest.raises(SignInAskedError, match="/api/oauth2/authorize"):
            Spec.start_oauth2_dance(database)
    assert superset.box.stats()["token_calls"] == 0


@pytest.mark.parametrize("number", [None, 1])
def test_only_who_is_logged_in_can_sign_in(superset: Superset, number: int | None) -> None:
    with superset.viewed_by(number):
        assert Spec.needs_oauth2(SignInNeededError("")) is (number is not None)


def wrapped(problem: Exception) -> Exception:
    outer = RuntimeError("Superset's own")
    outer.__cause__ = sa.exc.DBAPIError.instance("SELECT 1", {}, problem, box_dialect.Error)
    return outer


def test_a_needed_sign_in_is_found_in_what_stands_for_it(superset: Superset) -> None:
    circle = RuntimeError("a circle")
    circle.__cause__ = circle
    with superset.viewed_by(1):
        assert Spec.needs_oauth2(wrapped(SignInNeededError("")))
        for other in (wrapped(OperationalError("")), circle, ValueError()):
            assert not Spec.needs_oauth2(other)


# Whom a connection acts for


def test_a_database_that_does_not_impersonate_is_one_account(superset: Superset) -> None:
    with superset.viewed_by(1):
        assert superset.rows(superset.database(impersonate_user=False), ME) == [(superset.login("admin_user_id"),)]


def test_nothing_of_a_database_signs_in_for_a_viewer(superset: Superset) -> None:
    """A token, an account and a user in each place where a database may have them."""
    developer = superset.ready["developer_token"]
    by_name = {
        "oauth_access_token": developer,
        "AUTHSCHEME": "OAuthClient",
        "SubjectId": superset.ready["admin_user_id"],
    }
    database = superset.database(
        sqlalchemy_uri_decrypted=f"{superset.box.url}&as_user_id=1&initiate_oauth=REFRESH&Scope=root_readonly",
        connect_args={**by_name, "MaxApiCalls": 50},
        encrypted_extra=json.dumps({"connect_args": {**by_name, "Timeout": 60}, "oauth2_client_info": {"id": "x"}}),
    )
    with superset.viewed_by(1):
        assert isinstance(refused(superset, database), SignInNeededError)
        token = superset.sign_in(superset.login("user_id"))["access_token"]
        assert superset.rows(database, ME, token) == [(superset.login("user_id"),)]
        url = superset.engine(database, token).url
    assert (url.username, url.password, dict(url.query)) == (None, None, {})


def test_what_else_a_database_says_holds_for_viewers(superset: Superset) -> None:
    database = superset.database(
        sqlalchemy_uri_decrypted=f"{superset.box.url}&Timeout=61",
        connect_args={"max_api_calls": 3},
        encrypted_extra=json.dumps({"connect_args": {"MaxApiCalls": 4, "MaxRetries": 1}, "echo": False}),
    )
    for impersonating in (True, False):
        database.impersonate_user = impersonating
        with superset.viewed_by(1), superset.engine(database, "a-token").connect() as connection:
            properties = connection.connection.driver_connection.properties
        assert (properties.timeout, properties.max_api_calls, properties.max_retries) == (61, 3, 1)


KEPT = frozenset(
    ("APIBaseURL", "UploadBaseURL", "AuthorizeURL", "TokenURL", "RevokeURL", "Readonly", "MaxConcurrency",
     "MaxCallsPerMinute", "MaxRetries", "RetrySeconds", "RequestTimeout", "MaxApiCalls", "MaxAICalls", "Timeout",
     "MaxStatementMemory", "MaxTemporaryDisk", "MaxLocalDatabase", "PreviewCalls", "LocalDatabase",
     "TrustLocalDatabase", "LocalBrowser", "AllowDropTemplates", "IncludeCustomFields", "Freshness", "CreateFolders",
     "LocalFiles", "URI", "DataModel", "XPath", "XMLFormat", "RowScanDepth", "TypeDetectionScheme", "FlattenObjects",
     "FlattenArrays", "QualifyColumns", "SeparatorCharacter", "Charset", "FMT", "IncludeColumnHeaders", "SkipTop",
     "DocumentCache", "MaxDocumentCache")
)  # fmt: skip
"""The properties that say nothing of whom a connection acts for."""


def test_it_is_decided_of_each_property_whether_it_signs_in() -> None:
    assert {each.name for each in PROPERTIES} == identity.SIGN_IN | KEPT
    assert not identity.SIGN_IN & KEPT


def test_nothing_that_says_how_viewers_sign_in_is_an_error(superset: Superset) -> None:
    with superset.viewed_by(1):
        problem = refused(superset, superset.database(client=None))
    assert "DATABASE_OAUTH2_CLIENTS" in str(problem)
    assert "AsUserId={email}" in str(problem)


def test_a_database_that_is_not_there_yet_can_be_tried(superset: Superset) -> None:
    with superset.viewed_by(1):
        assert superset.rows(superset.database(uuid=None, id=None), "SELECT 1") == [(1,)]


# As-User


def as_user(superset: Superset, **said: Any) -> Database:
    return superset.database(sqlalchemy_uri_decrypted=f"{superset.box.url}&AsUserId={{email}}", client=None, **said)


def test_the_account_stands_for_the_viewer_by_e_mail(superset: Superset) -> None:
    for key in ("admin_user_id", "user_id"):
        login = superset.login(key)
        with superset.viewed_by(1, login.upper()):
            assert superset.rows(as_user(superset), ME) == [(login,)]


def test_secrets_of_the_account_may_stand_in_the_secure_extra(superset: Superset) -> None:
    login, secret = superset.login("user_id"), {"OAuthAccessToken": superset.ready["developer_token"], "AsUserId": "1"}
    host = urlsplit(superset.ready["api_base_url"]).netloc
    hosts = {"APIBaseURL": superset.ready["api_base_url"], "UploadBaseURL": superset.ready["upload_base_url"]}
    database = superset.database(
        sqlalchemy_uri_decrypted="box://?AsUserId={email}",
        encrypted_extra=json.dumps({"connect_args": {**secret, **hosts}}),
    )
    with superset.viewed_by(1, login):
        assert superset.rows(database, ME) == [(login,)]
        assert host not in str(superset.engine(database).url)


@pytest.mark.parametrize("email", [None, "", "1", "env:HOME", "file:/etc/passwd@x", "a b@example.com", "nobody"])
def test_a_viewer_without_an_e_mail_sees_nothing(superset: Superset, email: str | None) -> None:
    with superset.viewed_by(1, email):
        problem = refused(superset, as_user(superset))
    assert isinstance(problem, ProgrammingError)
    assert "there is no viewer with an e-mail" in str(problem)


def test_who_is_not_logged_in_sees_nothing(superset: Superset) -> None:
    with superset.viewed_by(None):
        assert isinstance(refused(superset, as_user(superset)), ProgrammingError)


def test_a_viewer_whom_box_does_not_know_sees_nothing(superset: Superset) -> None:
    with superset.viewed_by(1, "stranger@example.com"):
        problem = refused(superset, as_user(superset))
    assert "no user of the enterprise has the login 'stranger@example.com'" in str(problem)


def test_an_account_that_stands_for_viewers_is_never_taken_for_itself(superset: Superset) -> None:
    with superset.viewed_by(1, superset.login("user_id")):
        problem = refused(superset, as_user(superset, impersonate_user=False))
    assert "Impersonate logged in user" in str(problem)


# Strangers' databases


FOREIGN = "https://box.example/2.0"


@pytest.mark.parametrize("place", ["host", "query", "connect_args", "encrypted_extra"])
@pytest.mark.parametrize("token", ["a-token", None])
def test_tokens_go_to_no_other_host_than_issues_them(superset: Superset, place: str, token: str | None) -> None:
    client = superset.client(token_request_uri=Spec.oauth2_token_request_uri)
    said: dict[str, dict[str, Any]] = {
        "host": {"sqlalchemy_uri_decrypted": "box://id:secret@box.example/?AuthScheme=OAuthClient&SubjectId=1"},
        "query": {"sqlalchemy_uri_decrypted": f"box://?uploadbaseurl={FOREIGN}"},
        "connect_args": {"sqlalchemy_uri_decrypted": "box://", "connect_args": {"api_base_url": FOREIGN}},
        "encrypted_extra": {
            "sqlalchemy_uri_decrypted": "box://",
            "encrypted_extra": json.dumps({"connect_args": {"TokenURL": FOREIGN}}),
        },
    }
    with superset.viewed_by(1):
        problem = refused(superset, superset.database(client=client, **said[place]), token)
    assert "which issues its viewers' tokens" in str(problem)


@pytest.mark.parametrize("name", ["id", "secret", "token_request_uri"])
def test_a_client_refers_to_nothing_of_the_server(
    superset: Superset, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SECRET_KEY", "https://127.0.0.1:1/canary")
    with pytest.raises(ProgrammingError, match="refers to a variable or a file of the server") as caught:
        superset.refresh("a-token", **{name: "env:SECRET_KEY"})
    assert "canary" not in str(caught.value)


def test_a_token_refers_to_nothing_of_the_server(superset: Superset) -> None:
    with pytest.raises(ProgrammingError, match="refers to"):
        superset.refresh("env:HOME")
    with superset.viewed_by(1):
        assert "refers to" in str(refused(superset, superset.database(), "file:/etc/hostname"))


def test_tokens_are_shown_nowhere(superset: Superset, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    database = superset.database()
    with superset.viewed_by(1):
        kept = superset.sign_in(superset.login("user_id"))
        engine = superset.engine(database, kept["access_token"])
        with engine.connect() as connection:
            assert connection.execute(sa.text(ME)).scalar()
            shown = f"{engine} {engine!r} {engine.url!r} {connection.connection.driver_connection!r}"
        with pytest.raises(sa.exc.DBAPIError) as caught, superset.engine(database, "unknown-token").connect() as other:
            other.execute(sa.text(ME))
        again = superset.refresh(kept["refresh_token"])
    secrets = [kept["access_token"], again["access_token"], again["refresh_token"].split()[0], "unknown-token"]
    secrets += [kept["refresh_token"], superset.ready["client_secret"]]
    for secret in secrets:
        assert secret not in shown + caplog.text + str(caught.value) + repr(caught.value.orig)


# What superset_config.py says


def test_an_unknown_key_is_an_error(superset: Superset) -> None:
    superset.app.config["BOX_DIALECT"] = {"TokenCach": "memory"}
    with pytest.raises(ProgrammingError, match="'TokenCach', and takes only LocalDatabases"):
        superset.refresh("a-token")


def test_superset_bounds_how_long_box_may_take(superset: Superset) -> None:
    with superset.app.app_context():
        assert application.token_properties()["RequestTimeout"] == 30


@pytest.mark.parametrize(
    ("cache", "extra"),
    [(None, None), ({"CACHE_TYPE": "NullCache"}, "{}"), ({"CACHE_TYPE": "RedisCache"}, '{"per_user_caching": true}')],
)
def test_no_rows_are_shared_without_a_cache_or_with_one_for_each(superset: Superset, cache: Any, extra: Any) -> None:
    superset.app.config["DATA_CACHE_CONFIG"] = cache
    with superset.app.app_context():
        assert not application.shows_rows_of_others(superset.database(extra=extra))
