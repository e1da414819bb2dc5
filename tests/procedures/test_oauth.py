"""The procedures for tokens, in each form of a call, against the emulator; before any token exists."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from procedures.conftest import CALLBACK_URL, authorization_code, user_url
from sign_in.acting import ANY_PORT, Browser, sign_in_at
from sweep import sweep

import box_dialect

if TYPE_CHECKING:
    from conftest import Box

TOKENS = ["OAuthAccessToken", "OAuthRefreshToken", "ExpiresIn"]

Form = Callable[[box_dialect.Cursor, str], Any]

FORMS: dict[str, Form] = {
    "function of a table": lambda c, code: c.execute("SELECT * FROM GetOAuthAccessToken('WEB', ?)", (code,)),
    "named parameter": lambda c, code: c.execute("SELECT * FROM GetOAuthAccessToken('WEB', :code)", {"code": code}),
    "literal": lambda c, code: c.execute(f"SELECT * FROM GetOAuthAccessToken('WEB', '{code}')"),
    "input columns": lambda c, code: c.execute(
        "SELECT * FROM GetOAuthAccessToken WHERE AuthMode = 'WEB' AND Verifier = :code", {"code": code}
    ),
    "input columns in snake_case": lambda c, code: c.execute(
        "select * from getoauthaccesstoken where auth_mode = 'web' and VERIFIER = ? and callback_url = ?",
        (code, CALLBACK_URL),
    ),
    "exec by name": lambda c, code: c.execute(f"EXEC GetOAuthAccessToken @AuthMode = 'WEB', @Verifier = '{code}'"),
    "exec by position": lambda c, code: c.execute("execute GETOAUTHACCESSTOKEN 'web', ?;", (code,)),
    "exec with parameters": lambda c, code: c.execute(
        "EXEC GetOAuthAccessToken @verifier = :code, @auth_mode = :mode, @State = NULL", {"code": code, "mode": "WEB"}
    ),
    "call by name": lambda c, code: c.execute(f"CALL GetOAuthAccessToken(AuthMode => 'WEB', Verifier => '{code}')"),
    "call by position": lambda c, code: c.execute("/* sign in */ CALL GetOAuthAccessToken('WEB', ?) -- now", (code,)),
    "call by both": lambda c, code: c.execute("call \"GetOAuthAccessToken\"('WEB', verifier => ?)", (code,)),
    "callproc by name": lambda c, code: c.callproc("GetOAuthAccessToken", {"auth_mode": "WEB", "Verifier": code}),
    "callproc by position": lambda c, code: c.callproc("getoauthaccesstoken", ["WEB", code, CALLBACK_URL]),
}


def test_the_address_of_the_authorization_page(fresh: Box, user: box_dialect.Connection) -> None:
    cursor = user.cursor()
    sql = f"SELECT GetOAuthAuthorizationURL('{CALLBACK_URL}', 'a&b', 'root_readonly')"
    ((url,),) = cursor.execute(sql).fetchall()
    ready = fresh.emulator.ready
    assert url.startswith(ready["authorize_url"])
    assert dict(httpx.URL(url).params) == {
        "response_type": "code",
        "client_id": ready["client_id"],
        "redirect_uri": CALLBACK_URL,
        "state": "a&b",
        "scope": "root_readonly",
    }
    assert (
        cursor.execute("SELECT GetOAuthAuthorizationURL()").fetchall()
        == cursor.execute("SELECT URL FROM GetOAuthAuthorizationURL").fetchall()
    )
    assert cursor.execute("EXEC GetOAuthAuthorizationURL").fetchall() != []
    assert fresh.stats()["token_calls"] == 0


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_code_is_exchanged_by_each_form(fresh: Box, user: box_dialect.Connection, code: str, form: Form) -> None:
    cursor = user.cursor()
    form(cursor, code)
    assert [item[0] for item in cursor.description or ()] == TOKENS
    ((access, refresh, lifetime),) = cursor.fetchall()
    assert (lifetime, cursor.api_calls, fresh.stats()["token_calls"]) == (3600, 0, 1)
    assert access
    assert refresh
    with fresh.connect(AuthScheme="OAuth", OAuthAccessToken=access) as signed_in:
        admin = fresh.emulator.ready["admin_user_id"]
        assert signed_in.cursor().execute("SELECT id FROM users WHERE id = 'me'").fetchall() == [(admin,)]


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT * FROM GetOAuthAccessToken('APP', NULL, '{ANY_PORT}')",
        f"EXEC GetOAuthAccessToken @CallbackURL = '{ANY_PORT}'",
    ],
)
def test_a_person_signs_in_by_the_browser(fresh: Box, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    browser = Browser()
    browser.visit = sign_in_at
    browser.become_default(monkeypatch)
    with box_dialect.connect(user_url(fresh, LocalBrowser="true")) as user:
        ((access, refresh, lifetime),) = user.cursor().execute(sql).fetchall()
    assert "You are signed in to Box" in browser.page().text
    assert (bool(access), bool(refresh), lifetime) == (True, True, 3600)
    assert (len(browser.opened), fresh.stats()["token_calls"]) == (1, 1)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT GetOAuthAccessToken('APP', NULL, '{}')",
        "SELECT * FROM GetOAuthAccessToken('app', NULL, '{}')",
        "SELECT * FROM GetOAuthAccessToken WHERE CallbackURL = '{}'",
        "EXEC GetOAuthAccessToken @CallbackURL = '{}'",
        "CALL GetOAuthAccessToken(CallbackURL => '{}')",
    ],
)
@pytest.mark.parametrize("properties", [{}, {"InitiateOAuth": "REFRESH", "OAuthAccessToken": "t"}], ids=str)
def test_sql_opens_no_browser_and_no_port_unless_a_property_says_so(
    fresh: Box, monkeypatch: pytest.MonkeyPatch, sql: str, properties: dict[str, str]
) -> None:
    browser = Browser()
    browser.become_default(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as taken:  # to listen there would be another error
        callback = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with (
            box_dialect.connect(user_url(fresh, **properties)) as user,
            pytest.raises(
                box_dialect.ProgrammingError,
                match=r"GetOAuthAccessToken with AuthMode APP uses the browser .* property LocalBrowser=true allows",
            ),
        ):
            user.cursor().execute(sql.format(callback)).fetchall()
    assert (browser.opened, fresh.stats()["token_calls"]) == ([], 0)


def test_the_url_of_a_stranger_does_not_allow_the_browser(fresh: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    with pytest.raises(box_dialect.ProgrammingError, match="property LocalBrowser opens a browser"):
        box_dialect.connect(user_url(fresh, LocalBrowser="true"))
    with box_dialect.connect(user_url(fresh, LocalBrowser="false"), local_browser=True) as connection:
        assert connection.properties.local_browser


def test_a_scalar_call_of_several_outputs_gives_json(user: box_dialect.Connection, code: str) -> None:
    ((tokens,),) = user.cursor().execute("SELECT GetOAuthAccessToken('WEB', ?)", (code,)).fetchall()
    assert (json.loads(tokens).keys(), json.loads(tokens)["ExpiresIn"]) == (set(TOKENS), 3600)


def test_a_refresh_token_is_used_up_once(fresh: Box, user: box_dialect.Connection) -> None:
    cursor, token = user.cursor(), fresh.emulator.ready["user_refresh_token"]
    for sql in (
        "SELECT * FROM RefreshOAuthAccessToken(?)",
        "SELECT * FROM RefreshOAuthAccessToken WHERE OAuthRefreshToken = ?",
        "SELECT * FROM RefreshOAuthAccessToken WHERE oauth_refresh_token = ?",
        "EXEC RefreshOAuthAccessToken @OAuthRefreshToken = ?",
    ):
        ((access, following, lifetime),) = cursor.execute(sql, (token,)).fetchall()
        assert (access != token, following != token, lifetime) == (True, True, 3600)
        with pytest.raises(box_dialect.OperationalError, match="Invalid refresh token"):
            cursor.execute(sql, (token,))
        token = following


def test_the_new_token_opens_a_new_connection(fresh: Box, user: box_dialect.Connection) -> None:
    cursor = user.cursor()
    given = {"OAuthRefreshToken": fresh.emulator.ready["user_refresh_token"]}
    assert cursor.callproc("RefreshOAuthAccessToken", given) == given
    ((access, _, _),) = cursor.fetchall()
    with box_dialect.connect(user_url(fresh, OAuthAccessToken=access)) as signed_in:
        user_id = fresh.emulator.ready["user_id"]
        assert signed_in.cursor().execute("SELECT id FROM users WHERE id = 'me'").fetchall() == [(user_id,)]


def test_a_revoked_token_is_useless(fresh: Box, user: box_dialect.Connection) -> None:
    token = fresh.emulator.ready["user_access_token"]
    assert user.cursor().execute("SELECT Success FROM RevokeOAuthAccessToken(?)", (token,)).fetchall() == [(True,)]
    with (
        box_dialect.connect(user_url(fresh, OAuthAccessToken=token)) as revoked,
        pytest.raises(box_dialect.OperationalError),
    ):
        revoked.cursor().execute("SELECT id FROM folders WHERE id = '0'")


def test_the_code_of_each_row_is_exchanged(fresh: Box, user: box_dialect.Connection) -> None:
    cursor = user.cursor()
    ((url,),) = cursor.execute("SELECT GetOAuthAuthorizationURL(?)", (CALLBACK_URL,)).fetchall()
    codes = [authorization_code(url) for _ in range(3)]
    cursor.execute("CREATE TABLE codes (code TEXT, name TEXT)")
    cursor.executemany("INSERT INTO codes VALUES (?, ?)", list(zip(codes, "abc", strict=True)))
    rows = cursor.execute("SELECT name, GetOAuthAccessToken('WEB', code) FROM codes ORDER BY name DESC").fetchall()
    assert [name for name, _ in rows] == ["c", "b", "a"]
    assert len({json.loads(tokens)["OAuthAccessToken"] for _, tokens in rows}) == fresh.stats()["token_calls"] == 3


def test_a_code_that_is_no_good_keeps_no_other_from_being_exchanged(fresh: Box) -> None:
    with box_dialect.connect(user_url(fresh, MaxConcurrency="1")) as connection:
        cursor = connection.cursor()
        ((url,),) = cursor.execute("SELECT GetOAuthAuthorizationURL(?)", (CALLBACK_URL,)).fetchall()
        cursor.execute("CREATE TABLE codes (n INTEGER, code TEXT)")
        codes = ["no good", *(authorization_code(url) for _ in range(3))]
        cursor.executemany("INSERT INTO codes VALUES (?, ?)", list(enumerate(codes)))
        with pytest.raises(box_dialect.OperationalError, match=r"for 3 of 4 rows and 1 failed: row 0: ") as raised:
            cursor.execute("SELECT GetOAuthAccessToken('WEB', code) FROM codes ORDER BY n")
        assert "no good" not in str(raised.value)
        assert fresh.stats()["token_calls"] == 4


def test_a_code_is_good_once(user: box_dialect.Connection, code: str) -> None:
    cursor = user.cursor()
    cursor.execute("SELECT * FROM GetOAuthAccessToken('WEB', ?)", (code,)).fetchall()
    with pytest.raises(box_dialect.OperationalError, match="good for one use"):
        cursor.execute("SELECT * FROM GetOAuthAccessToken('WEB', ?)", (code,))


@sweep(
    ("sql", "reason"),
    [
        ("SELECT RefreshOAuthAccessToken()", "RefreshOAuthAccessToken needs its input OAuthRefreshToken"),
        ("SELECT * FROM RefreshOAuthAccessToken", "needs its input OAuthRefreshToken"),
        ("SELECT * FROM RefreshOAuthAccessToken(NULL)", "needs its input OAuthRefreshToken"),
        ("EXEC RefreshOAuthAccessToken", "needs its input OAuthRefreshToken"),
        ("SELECT GetOAuthAccessToken('WEB')", "needs its input Verifier"),
        ("SELECT GetOAuthAccessToken('APP', 'x')", "takes Verifier with AuthMode WEB only"),
        ("SELECT GetOAuthAccessToken('NET', 'x')", "AuthMode of GetOAuthAccessToken is one of APP, WEB, not 'NET'"),
        ("CALL GetOAuthAccessToken('WEB', 'x', Code => 'y')", "has no input 'Code'; its inputs: AuthMode, Verifier,"),
        ("SELECT * FROM GetOAuthAccessToken WHERE Code = 'x'", "no such column: Code; .* has the inputs AuthMode, V"),
        ("SELECT RevokeOAuthAccessToken('a', 'b')", "takes at most 1 inputs, not 2: Token"),
        ("SELECT * FROM RevokeOAuthAccessToken('a', 'b')", "takes at most 1 inputs: Token"),
        ("SELECT * FROM GetOAuthAccessToken('WEB', 'x', 'y', 'z', 'WEB')", "AuthMode of .* is given twice"),
        ("SELECT * FROM GetOAuthAccessToken WHERE AuthMode = 'WEB' AND auth_mode = 'WEB'", "is given twice"),
        ("SELECT RevokeOAuthAccessToken(x'00')", "input Token of RevokeOAuthAccessToken is text$"),
        ("SELECT RevokOAuthAccessToken('a')", "no such function: .*; did you mean RevokeOAuthAccessToken"),
        ("SELECT * FROM RevokOAuthAccessToken('a')", "no such table: .*; did you mean RevokeOAuthAccessToken"),
    ],
)
def test_wrong_calls_are_told_before_anything_is_sent(
    fresh: Box, user: box_dialect.Connection, sql: str, reason: str
) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=reason):
        user.cursor().execute(sql)
    assert fresh.stats()["token_calls"] == 0
