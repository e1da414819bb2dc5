"""Signing in as a user, at connect and in the middle of work; what is kept, and what an exit waits for."""

import logging
import subprocess
import sys
import textwrap
import time
import traceback

import pytest
from patience import PATIENCE_SECONDS
from sign_in.acting import ANY_PORT, Browser, sign_in_at

from box_dialect.auth import token_provider
from box_dialect.errors import OperationalError, ProgrammingError
from box_dialect.properties import from_url, parse

LISTING = "get_folders_id_items"
TOKEN = "post_oauth2_token"
ROOT_ITEMS = "SELECT count(*) FROM items WHERE parent_id = '0'"
CANARY = "kanarienvogel7"
DAY = 86_400


def count(connection):
    return connection.cursor().execute(ROOT_ITEMS).fetchone()[0]


@pytest.fixture
def user(emulator, tmp_path):
    """Return properties of a user's sign-in with tokens that nobody has used, kept in a file of the test's own."""
    access, refresh = emulator._server.config.app.authority.issue_pair(emulator.store.admin)
    return {
        "AuthScheme": "OAuth",
        "InitiateOAuth": "REFRESH",
        "SubjectId": None,
        "OAuthAccessToken": access,
        "OAuthRefreshToken": refresh,
        "OAuthSettingsLocation": str(tmp_path / "OAuthSettings.txt"),
        "TokenCacheKey": "passphrase",
    }


def without(properties, *names):
    return {name: value for name, value in properties.items() if name not in names}


def test_given_tokens_are_made_fresh_at_connect(box, user):
    connection = box.connect(**user)
    assert box.stats["grants"] == {"refresh_token": 1}
    assert count(connection) >= 10
    assert count(box.connect(**user, MaxRetries=3)) >= 10
    assert box.stats["token_calls"] == 1


def test_wrong_credentials_fail_at_connect(box, user):
    for wrong, problem in (
        ({"OAuthRefreshToken": CANARY}, "Invalid refresh token.*Sign in again"),
        ({"OAuthClientSecret": CANARY}, "invalid_client"),
        ({"OAuthVerifier": CANARY}, "authorization code"),
    ):
        with pytest.raises(OperationalError, match=problem) as caught:
            box.connect(**user | wrong)
        assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert box.stats["calls"] == 0
    assert count(box.connect(**user)) >= 10


def test_the_browser_signs_in_at_connect_where_nothing_is_given_nor_kept(box, user, monkeypatch):
    browser = Browser()
    browser.become_default(monkeypatch)
    browser.visit = sign_in_at
    given = without(user, "OAuthAccessToken", "OAuthRefreshToken", "InitiateOAuth")
    assert count(box.connect(**given, InitiateOAuth="GETANDREFRESH", CallbackURL=ANY_PORT)) >= 10
    assert box.stats["grants"] == {"authorization_code": 1}
    assert count(box.connect(**given, InitiateOAuth="REFRESH")) >= 10
    assert box.stats["token_calls"] == 1


def test_nothing_to_sign_in_with_fails_at_connect_with_what_to_do(box, user):
    with pytest.raises(
        OperationalError, match=r"no token is given.*run `box-dialect login`, connect with InitiateOAuth"
    ):
        box.connect(**without(user, "OAuthAccessToken", "OAuthRefreshToken"))


@pytest.mark.parametrize("scheme", ["OAuthClient", "OAuthJWT"])
def test_wrong_applications_fail_at_connect_where_that_is_asked_for(box, scheme):
    given = {"AuthScheme": scheme, "OAuthJWTCert": "/no/such/file"}
    with pytest.raises((OperationalError, ProgrammingError), match=r"invalid_client|cannot be read"):
        box.connect(**given, OAuthClientSecret=CANARY, InitiateOAuth="REFRESH")


def test_with_off_a_connection_without_a_token_opens_and_a_query_says_what_is_missing(box, user):
    connection = box.connect(**without(user, "OAuthAccessToken", "OAuthRefreshToken") | {"InitiateOAuth": "OFF"})
    assert connection.cursor().execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(OperationalError, match=r"there is no access token: AuthScheme=OAuth with InitiateOAuth=OFF"):
        count(connection)
    assert (box.stats["token_calls"], box.stats["calls"]) == (0, 0)


def test_with_off_given_tokens_are_used_as_they_are_and_nothing_is_kept(box, user, tmp_path):
    connection = box.connect(**user | {"InitiateOAuth": "OFF"})
    assert count(connection) >= 10
    box.revoke(user["OAuthAccessToken"])
    with pytest.raises(OperationalError, match=r"Box refused the access token.*InitiateOAuth=REFRESH"):
        count(connection)
    assert box.stats["token_calls"] == 0
    assert not list(tmp_path.glob("OAuthSettings*"))


def test_a_token_that_ends_in_a_scan_is_refreshed_once_and_the_scan_goes_on(box, user, monkeypatch):
    connection = box.connect(**user)
    box.expire_at(LISTING, 3, box.token_of(connection), monkeypatch)
    box.reset()
    found = connection.cursor().execute("SELECT id FROM files").fetchall()
    assert len(set(found)) == 200
    assert box.stats["grants"] == {"refresh_token": 1}


def test_a_refresh_token_that_dies_in_a_scan_ends_it_with_what_to_do(box, user):
    connection = box.connect(**user)
    cursor = connection.cursor().execute("SELECT id FROM files")
    cursor.fetchone()
    box.revoke(box.token_of(connection))
    with pytest.raises(OperationalError, match="Sign in again: run `box-dialect login`"):
        cursor.fetchall()


def test_a_token_endpoint_that_fails_for_a_while_is_asked_again_with_the_same_refresh_token(box, user):
    connection = box.connect(**user)
    box.reset()
    box.fault(TOKEN, times=2, status=503)
    box.expire(box.token_of(connection))
    assert count(connection) >= 10
    assert (box.stats["token_calls"], box.stats["grants"]) == (3, {"refresh_token": 1})


def test_a_refresh_whose_answer_is_lost_says_to_sign_in_again(box, user):
    connection = box.connect(**user)
    box.fault(TOKEN, drop_connection=True, carried_out=True)
    box.expire(box.token_of(connection))
    with pytest.raises(OperationalError, match="Sign in again"):
        count(connection)


@pytest.mark.parametrize("scheme", ["OAuthClient", "OAuth"])
def test_a_place_that_cannot_be_written_stops_only_those_who_need_it(box, user, tmp_path, monkeypatch, caplog, scheme):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    if scheme == "OAuthClient":
        assert count(box.connect()) >= 10
        assert "tokens are not kept between runs" in caplog.text
        with pytest.raises(OperationalError, match="file"):
            count(box.connect(OAuthSettingsLocation=str(tmp_path / "file" / "x"), TokenCacheKey="passphrase"))
    else:
        with pytest.raises(OperationalError, match="file"):
            box.connect(**without(user, "OAuthSettingsLocation"))
        assert box.stats["token_calls"] == 0


@pytest.mark.long
def test_an_exit_waits_for_a_renewal_so_that_its_tokens_are_kept(box, user):
    given = {**user, "OAuthExpiresIn": 10 * DAY, "OAuthTokenTimestamp": int(time.time()) - 9 * DAY}
    properties = {name: value for name, value in given.items() if value is not None}
    script = f"""
        import box_dialect
        from box_dialect.auth import tokens
        tokens.ADVISORY_SECONDS = tokens.ADVISORY_SECONDS * 1000  # so that a pause of the machine makes no difference
        connection = box_dialect.connect({box.url.partition("?")[0]!r}, **{properties!r})
        input("connected\\n")
        print(connection.cursor().execute({ROOT_ITEMS!r}).fetchone()[0], flush=True)
    """
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)]
    source = token_provider(parse(from_url(box.url.partition("?")[0]) | properties))._source
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "connected\n"
        with source._cache.lock(source._key()):
            process.stdin.write("\n")
            process.stdin.flush()
            assert int(process.stdout.readline()) >= 10
            assert box.stats["token_calls"] == 0
        assert process.communicate(timeout=PATIENCE_SECONDS) == ("", "")
    assert process.returncode == 0
    assert box.stats["grants"] == {"refresh_token": 1}
    kept = box.connect(**user)
    assert box.token_of(kept) != user["OAuthAccessToken"]
    assert count(kept) >= 10
    assert box.stats["token_calls"] == 1


@pytest.mark.long
def test_no_log_no_error_no_text_form_and_no_file_holds_a_secret(box, user, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    connection = box.connect(**user)
    client = connection.session.client
    secrets = [box.ready["client_secret"], user["OAuthAccessToken"], user["OAuthRefreshToken"], user["TokenCacheKey"]]
    shown = [repr(connection.properties), repr(client), repr(client._tokens), repr(client._tokens._source)]
    for _ in range(2):
        box.expire(box.token_of(connection))
        count(connection)
        tokens = client._tokens._tokens
        secrets += [tokens.access_token, tokens.refresh_token]
        shown += [repr(tokens), str(tokens)]
    box.revoke(box.token_of(connection))
    with pytest.raises(OperationalError) as caught:
        count(connection)
    error = caught.value
    while error is not None:
        shown += [str(error), repr(error), *traceback.format_exception(error), *getattr(error, "__notes__", ())]
        error = error.__cause__ or error.__context__
    shown += [f"{record.getMessage()} {record.args!r} {record.__dict__!r}" for record in caplog.records]
    shown += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    assert len(set(secrets)) == 8
    assert any("token renewal failed" in record.getMessage() for record in caplog.records)
    for secret in secrets:
        assert secret not in "\n".join(shown)
