"""Each way to sign in, end to end over HTTP."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

import box_dialect
from box_dialect.errors import OperationalError, ProgrammingError, SignInError
from sign_in.acting import ANY_PORT, authorization_code, authorize, me

if TYPE_CHECKING:
    from pathlib import Path

    from sign_in.acting import Box, Browser

DESKTOP = {"AuthScheme": "OAuth", "InitiateOAuth": "GETANDREFRESH", "CallbackURL": ANY_PORT}
REFRESH = {"AuthScheme": "OAuth", "InitiateOAuth": "REFRESH"}
KEY = {"TokenCacheKey": "a passphrase that travels"}


def test_desktop_signs_in_once_and_renews_from_then_on(box: Box, person: Browser) -> None:
    assert me(box.connect(**DESKTOP)) == box.ready["admin_user_id"]
    assert len(person.opened) == 1

    connection = box.connect(**DESKTOP)
    assert me(connection) == box.ready["admin_user_id"]
    box.control("expire", {"kind": "access_token"})
    assert me(connection) == box.ready["admin_user_id"]
    assert me(box.connect(**DESKTOP)) == box.ready["admin_user_id"]

    assert len(person.opened) == 1
    assert box.grants == {"authorization_code": 1, "refresh_token": 1}


def test_desktop_signs_in_through_sqlalchemy(box: Box, person: Browser) -> None:
    engine = sa.create_engine(box.url(**DESKTOP))
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT id FROM users WHERE id = 'me'")).scalar_one()
    engine.dispose()
    assert len(person.opened) == 1


def test_desktop_takes_whoever_signs_in(box: Box, browser: Browser) -> None:
    login = box.emulator.store.users[box.ready["user_id"]].login
    browser.visit = lambda address: box.get(authorize(address, login=login))
    assert me(box.connect(**DESKTOP)) == box.ready["user_id"]


def test_desktop_fails_at_connect_where_the_person_refuses_and_can_be_tried_again(box: Box, browser: Browser) -> None:
    browser.visit = lambda address: box.get(authorize(address, "deny"))
    with pytest.raises(OperationalError, match="the user refused access to Box"):
        box.connect(**DESKTOP)
    assert not box.settings.exists()
    browser.visit = lambda address: box.get(authorize(address))
    assert me(box.connect(**DESKTOP)) == box.ready["admin_user_id"]


def test_desktop_signs_in_again_where_the_sign_in_is_over(box: Box, person: Browser) -> None:
    box.connect(**DESKTOP)
    box.control("expire", {"kind": "access_token"})
    box.control("expire", {"kind": "refresh_token"})
    with pytest.raises(OperationalError, match=r"Refresh token has expired .* Sign in again: run `box-dialect login`"):
        me(box.connect(**DESKTOP))  # which keeps its promise only until Box is asked
    assert len(person.opened) == 1
    assert me(box.connect(**DESKTOP)) == box.ready["admin_user_id"]
    assert len(person.opened) == 2


@pytest.mark.usefixtures("person")
def test_several_accounts_share_one_settings_file(box: Box, browser: Browser) -> None:
    box.connect(**DESKTOP, SubjectId="the administrator")
    login = box.emulator.store.users[box.ready["user_id"]].login
    browser.visit = lambda address: box.get(authorize(address, login=login))
    box.connect(**DESKTOP, SubjectId="somebody")
    assert me(box.connect(**REFRESH, SubjectId="the administrator")) == box.ready["admin_user_id"]
    assert me(box.connect(**REFRESH, SubjectId="somebody")) == box.ready["user_id"]


def test_automatic_refresh_prefers_what_was_renewed_to_what_the_url_says(box: Box) -> None:
    given = {
        **REFRESH,
        "OAuthAccessToken": box.ready["user_access_token"],
        "OAuthRefreshToken": box.ready["user_refresh_token"],
    }
    connection = box.connect(**given)
    assert me(connection) == box.ready["user_id"]
    box.control("expire", {"kind": "access_token"})
    assert me(connection) == box.ready["user_id"]
    renewed = box.grants["refresh_token"]

    assert me(box.connect(**given)) == box.ready["user_id"]
    box.control("expire", {"kind": "access_token"})
    assert me(box.connect(**given)) == box.ready["user_id"]
    assert box.grants == {"refresh_token": renewed + 1}


def test_automatic_refresh_needs_no_access_token(box: Box) -> None:
    given = {**REFRESH, "OAuthRefreshToken": box.ready["user_refresh_token"]}
    assert me(box.connect(**given)) == box.ready["user_id"]
    assert me(box.connect(**given)) == box.ready["user_id"]
    assert box.grants == {"refresh_token": 1}


def test_a_dead_refresh_token_fails_at_connect_and_says_how_to_sign_in_again(box: Box) -> None:
    with pytest.raises(
        OperationalError, match=r"Invalid refresh token \(invalid_grant\).*Sign in again: run `box-dialect login`"
    ):
        box.connect(**REFRESH, OAuthRefreshToken="one-that-box-does-not-know")


def test_manual_refresh_gives_what_a_new_connection_takes(box: Box) -> None:
    with box.connect() as connection:
        rows = connection.cursor().execute(
            "SELECT OAuthAccessToken, OAuthRefreshToken, ExpiresIn FROM RefreshOAuthAccessToken(?)",
            (box.ready["user_refresh_token"],),
        )
        access_token, refresh_token, expires_in = rows.fetchone()
    assert me(box.connect(OAuthAccessToken=access_token)) == box.ready["user_id"]
    assert refresh_token != box.ready["user_refresh_token"]
    assert expires_in == 3600
    assert box.grants == {"refresh_token": 1}
    assert not box.settings.exists()


def test_headless_exchanges_the_code_once_and_then_works_from_the_file(box: Box) -> None:
    code = authorization_code(box.ready)
    assert me(box.connect(**REFRESH, OAuthVerifier=code)) == box.ready["admin_user_id"]
    assert box.settings.exists()
    assert me(box.connect(**REFRESH)) == box.ready["admin_user_id"]
    assert me(box.connect(**REFRESH, OAuthVerifier=code)) == box.ready["admin_user_id"]
    assert box.grants == {"authorization_code": 1}


def test_headless_with_the_used_code_goes_on_after_a_refresh(box: Box) -> None:
    code = authorization_code(box.ready)
    box.connect(**REFRESH, OAuthVerifier=code)
    box.control("expire", {"kind": "access_token"})
    assert me(box.connect(**REFRESH)) == box.ready["admin_user_id"]
    assert me(box.connect(**REFRESH, OAuthVerifier=code)) == box.ready["admin_user_id"]
    assert box.grants == {"authorization_code": 1, "refresh_token": 1}


def test_headless_without_code_and_file_fails_at_connect_and_says_how_to_sign_in(box: Box) -> None:
    with pytest.raises(OperationalError, match="box-dialect login"):
        box.connect(**REFRESH)
    assert box.token_calls == 0


@pytest.fixture
def elsewhere(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    """The same Box from another machine, to which the settings file is copied by the test."""
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "elsewhere" / variable))
    (tmp_path / "elsewhere").mkdir()
    return type(box)(box.emulator, tmp_path / "elsewhere" / "copied.txt")


def test_a_settings_file_with_a_key_works_on_another_machine(box: Box, elsewhere: Box) -> None:
    box.connect(**REFRESH, **KEY, OAuthVerifier=authorization_code(box.ready))
    shutil.copy(box.settings, elsewhere.settings)
    box.forget_clients()
    box.settings.unlink()
    assert me(elsewhere.connect(**REFRESH, **KEY)) == box.ready["admin_user_id"]
    box.control("expire", {"kind": "access_token"})
    assert me(elsewhere.connect(**REFRESH, **KEY)) == box.ready["admin_user_id"]
    elsewhere.forget_clients()


@pytest.mark.long
@pytest.mark.parametrize(
    ("here", "there", "message"),
    [
        ({}, {}, "TokenCacheKey"),
        ({}, KEY, "TokenCacheKey"),
        (KEY, {}, "TokenCacheKey"),
        (KEY, {"TokenCacheKey": "another"}, "TokenCacheKey"),
    ],
)
def test_without_its_key_a_settings_file_says_what_is_missing_and_stays_as_it_is(
    here: dict[str, str], there: dict[str, str], message: str, box: Box, elsewhere: Box
) -> None:
    box.connect(**REFRESH, **here, OAuthVerifier=authorization_code(box.ready))
    shutil.copy(box.settings, elsewhere.settings)
    before = elsewhere.settings.read_bytes()
    with pytest.raises(OperationalError, match=message):
        elsewhere.connect(**REFRESH, **there)
    assert elsewhere.settings.read_bytes() == before
    assert me(box.connect(**REFRESH, **here)) == box.ready["admin_user_id"]


@pytest.fixture
def config(box: Box, tmp_path: Path) -> Path:
    """The file that the developer console hands out."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(box.ready["jwt_config"]), encoding="utf-8")
    return path


def test_jwt_signs_in_as_the_service_account_and_again_when_the_token_expires(box: Box, config: Path) -> None:
    connection = box.connect(AuthScheme="OAuthJWT", InitiateOAuth="GETANDREFRESH", OAuthJWTCert=str(config))
    assert box.grants == {"urn:ietf:params:oauth:grant-type:jwt-bearer": 1}
    account = me(connection)
    box.control("expire", {"kind": "access_token"})
    assert me(connection) == account
    assert box.grants == {"urn:ietf:params:oauth:grant-type:jwt-bearer": 2}


def test_jwt_signs_in_as_a_user(box: Box, config: Path) -> None:
    subject = {"OAuthJWTSubjectType": "user", "OAuthJWTSubject": box.ready["user_id"]}
    assert me(box.connect(AuthScheme="OAuthJWT", OAuthJWTCert=str(config), **subject)) == box.ready["user_id"]


def test_jwt_with_a_key_file_of_ones_own(box: Box, tmp_path: Path) -> None:
    pair = box.ready["jwt_config"]["boxAppSettings"]["appAuth"]
    (tmp_path / "key.pem").write_text(pair["privateKey"], encoding="utf-8")
    connection = box.connect(
        AuthScheme="OAuthJWT",
        OAuthJWTCertType="PEMKEY_FILE",
        OAuthJWTCert=str(tmp_path / "key.pem"),
        OAuthJWTCertPassword=pair["passphrase"],
        OAuthJWTPublicKeyId=pair["publicKeyID"],
        OAuthJWTSubject=box.ready["enterprise_id"],
    )
    assert me(connection)


@pytest.mark.parametrize("offset", [-600, 600])
def test_jwt_with_a_clock_that_is_ten_minutes_off(offset: int, box: Box, config: Path) -> None:
    box.control("clock", {"offset": offset})
    assert me(box.connect(AuthScheme="OAuthJWT", InitiateOAuth="GETANDREFRESH", OAuthJWTCert=str(config)))


def test_a_jwt_token_is_kept_for_later_connections(box: Box, config: Path) -> None:
    for _ in range(2):
        me(box.connect(AuthScheme="OAuthJWT", InitiateOAuth="GETANDREFRESH", OAuthJWTCert=str(config)))
    assert box.token_calls == 1


@pytest.mark.parametrize("subject_type", ["enterprise", "user"])
def test_client_credentials_sign_in_as_either_subject(subject_type: str, box: Box) -> None:
    subject = {"SubjectType": subject_type, "SubjectId": box.ready[f"{subject_type}_id"]}
    for _ in range(2):
        account = me(box.connect(AuthScheme="OAuthClient", InitiateOAuth="GETANDREFRESH", **subject))
        assert (account == box.ready["user_id"]) is (subject_type == "user")
    assert box.grants == {"client_credentials": 1}


@pytest.mark.parametrize("scheme", ["OAuthClient", "OAuthJWT"])
def test_bad_credentials_fail_at_connect_where_it_signs_in(scheme: str, box: Box, config: Path) -> None:
    given = {"AuthScheme": scheme, "SubjectId": "1", "OAuthJWTCert": str(config), "OAuthJWTSubject": "1"}
    with pytest.raises(SignInError, match="Box refused the sign-in"):
        box.connect(**given, InitiateOAuth="GETANDREFRESH")


@pytest.mark.parametrize("scheme", ["OAuth", "OAuthClient", "OAuthJWT"])
def test_nothing_is_sent_at_connect_where_it_does_not_sign_in(
    scheme: str, box: Box, browser: Browser, config: Path
) -> None:
    given = {"AuthScheme": scheme, "SubjectId": "1", "OAuthJWTCert": str(config), "OAuthJWTSubject": "1"}
    connection = box.connect(**given, InitiateOAuth="OFF")
    assert box.token_calls == 0
    with pytest.raises(OperationalError):
        me(connection)
    assert browser.opened == []


@pytest.mark.parametrize("as_user", ["user_id", "login"])
def test_calls_are_made_as_another_user(as_user: str, box: Box) -> None:
    somebody = box.ready["user_id"]
    name = somebody if as_user == "user_id" else box.emulator.store.users[somebody].login
    subject = {"SubjectType": "user", "SubjectId": box.ready["admin_user_id"]}
    assert me(box.connect(AuthScheme="OAuthClient", AsUserId=name, **subject)) == somebody


def test_without_a_client_id_the_error_says_how_to_make_an_application() -> None:
    with pytest.raises(ProgrammingError, match=r"https://app\.box\.com/developers/console"):
        box_dialect.connect("box://?AuthScheme=OAuth&InitiateOAuth=GETANDREFRESH")
