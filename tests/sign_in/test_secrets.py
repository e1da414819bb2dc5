"""No secret leaves by a log, a text form, an exception or a file, whatever way one signs in and however that fails."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import socket
import threading
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

import pytest
import sqlalchemy as sa

import box_dialect
from box_dialect.emulator.oauth import Authority
from sign_in.acting import ANY_PORT, authorization_code, authorize, me, sign_in_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sign_in.acting import Box, Browser

KEY = "the passphrase of the settings file"
DESKTOP = {"AuthScheme": "OAuth", "InitiateOAuth": "GETANDREFRESH", "CallbackURL": ANY_PORT, "TokenCacheKey": KEY}
REFRESH = {"AuthScheme": "OAuth", "InitiateOAuth": "REFRESH", "TokenCacheKey": KEY}


class Seen(logging.Handler):
    """What can be seen from outside: log records, and whatever a test shows it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []
        self.acting = {threading.main_thread()}
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        is_by_the_test = record.name.startswith(("httpx", "httpcore")) and threading.current_thread() in self.acting
        if not is_by_the_test:
            self.texts += [self.format(record), repr(record.args)]

    def show(self, *things: object) -> None:
        for thing in things:
            self.texts += [str(thing), repr(thing)]

    def show_all(self, connection: box_dialect.Connection) -> None:
        """Show a connection and all that it is made of."""
        client = connection.session.client
        provider = client._tokens
        for thing in (connection, connection.session, client, provider, provider._source):
            self.show(thing, vars(thing))
        self.show(connection.properties, provider._tokens)

    def show_error(self, error: BaseException) -> None:
        """Show an exception, its traceback, and those that it stems from."""
        self.texts += traceback.format_exception(error)
        chain: list[BaseException] = []
        waiting: list[BaseException | None] = [error]
        while waiting:
            one = waiting.pop()
            if one is not None and one not in chain:
                chain.append(one)
                waiting += [one.__cause__, one.__context__]
                self.show(one, one.args, vars(one))
                for part in vars(one).values():
                    with contextlib.suppress(Exception):  # of a part that is no request, or whose content was not read
                        self.show(dict(part.headers), part.content)


class Secrets:
    """All that must not be seen, under names that a failure may show."""

    def __init__(self) -> None:
        self.by_name: dict[str, str] = {}

    def add(self, name: str, secret: str) -> str:
        self.by_name[f"{name} {len(self.by_name)}"] = secret
        return secret

    def found_in(self, text: str) -> list[str]:
        forms = {name: {s, quote(s, safe=""), quote_plus(s), json.dumps(s)[1:-1]} for name, s in self.by_name.items()}
        return [name for name, spellings in forms.items() if any(form in text for form in spellings)]


@pytest.fixture
def secret(box: Box, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    """All secrets of the emulator, and each code and token that it issues from now on."""
    secret = Secrets()
    secret.add("client secret", box.ready["client_secret"])
    secret.add("token cache key", KEY)
    for name in ("user_access_token", "user_refresh_token", "developer_token"):
        secret.add(name, box.ready[name])
    pair = box.ready["jwt_config"]["boxAppSettings"]["appAuth"]
    secret.add("passphrase", pair["passphrase"])
    secret.add("key", pair["privateKey"].splitlines()[2])
    secret.add("assertion", "eyJhbGciOi")  # how each begins

    issue, issue_pair, issue_code = Authority.issue, Authority.issue_pair, Authority.issue_code
    monkeypatch.setattr(Authority, "issue", lambda *given: secret.add("access token", issue(*given)))
    monkeypatch.setattr(
        Authority, "issue_pair", lambda *given: tuple(secret.add("token of a pair", t) for t in issue_pair(*given))
    )
    monkeypatch.setattr(Authority, "issue_code", lambda *given: secret.add("code", issue_code(*given)))
    return secret


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    seen = Seen()
    root = logging.getLogger()
    monkeypatch.setattr(root, "level", logging.NOTSET)
    for name in ("box_dialect", "httpx", "httpcore", "authlib", "asyncio", "anyio", "filelock", "sqlalchemy"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    root.addHandler(seen)
    logging.getLogger("box_dialect")._cache.clear()
    yield seen
    root.removeHandler(seen)


@pytest.fixture
def config(box: Box, tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(box.ready["jwt_config"]), encoding="utf-8")
    return path


@pytest.fixture
def visiting(browser: Browser, seen: Seen) -> Callable[[Callable[[str], Any]], None]:
    """Return a function that says what the person does, whose own requests are not what a log of ours shows."""

    def visit_by(act: Callable[[str], Any]) -> None:
        def visit(address: str) -> Any:
            seen.acting.add(threading.current_thread())
            return act(address)

        browser.visit = visit

    return visit_by


def succeed(box: Box, seen: Seen, config: Path) -> None:
    """Sign in in each way, and run a query before and after a renewal."""
    pair = box.ready["jwt_config"]["boxAppSettings"]["appAuth"]
    ways: dict[str, dict[str, Any]] = {
        "developer token": {"OAuthAccessToken": box.ready["developer_token"]},
        "desktop": DESKTOP,
        "headless": {**REFRESH, "SubjectId": "headless", "OAuthVerifier": authorization_code(box.ready)},
        "automatic refresh": {
            **REFRESH,
            "SubjectId": "automatic",
            "OAuthAccessToken": box.ready["user_access_token"],
            "OAuthRefreshToken": box.ready["user_refresh_token"],
        },
        "JWT": {"AuthScheme": "OAuthJWT", "InitiateOAuth": "GETANDREFRESH", "OAuthJWTCert": str(config)},
        "JWT with a key": {
            "AuthScheme": "OAuthJWT",
            "OAuthJWTCertType": "PEMKEY_BLOB",
            "OAuthJWTCert": pair["privateKey"],
            "OAuthJWTCertPassword": pair["passphrase"],
            "OAuthJWTPublicKeyId": pair["publicKeyID"],
            "OAuthJWTSubject": box.ready["enterprise_id"],
        },
        "client credentials": {"AuthScheme": "OAuthClient", "SubjectId": box.ready["enterprise_id"]},
        "in a database": {
            "AuthScheme": "OAuthClient",
            "InitiateOAuth": "GETANDREFRESH",
            "SubjectId": box.ready["enterprise_id"],
            "TokenCache": f"sqlite:///{box.settings.parent / 'tokens.db'}",
            "TokenCacheKey": KEY,
        },
    }
    for name, properties in ways.items():
        connection = box.connect(**properties)
        me(connection)
        if name != "developer token":
            box.control("expire", {"kind": "access_token"})
            me(connection)
        seen.show_all(connection)
        ask_by_sqlalchemy(box.url(**properties), seen)


def ask_by_sqlalchemy(url: str, seen: Seen) -> None:
    engine = sa.create_engine(url)
    try:
        seen.show(engine, engine.url, engine.dialect)
        with engine.connect() as connection:
            seen.show(connection, connection.execute(sa.text("SELECT id FROM users WHERE id = 'me'")))
    finally:
        engine.dispose()


def call_procedures(box: Box, seen: Seen) -> None:
    """Get, use up and revoke tokens in SQL, with values in parameters and in the statement."""
    with box.connect(CallbackURL=ANY_PORT, LocalBrowser=True) as connection:
        cursor = connection.cursor()
        _, refresh_token, _ = cursor.execute(
            "SELECT * FROM GetOAuthAccessToken('WEB', ?)", (authorization_code(box.ready),)
        ).fetchone() or ("", "", "")
        cursor.execute(f"EXEC GetOAuthAccessToken @AuthMode = 'WEB', @Verifier = '{authorization_code(box.ready)}'")
        cursor.execute(f"SELECT * FROM GetOAuthAccessToken('WEB', '{authorization_code(box.ready)}')").fetchall()
        cursor.execute("SELECT * FROM GetOAuthAccessToken('APP')").fetchall()
        cursor.callproc("RefreshOAuthAccessToken", {"OAuthRefreshToken": refresh_token})
        access_token = (cursor.fetchone() or ("",))[0]
        for statement in ("EXEC RefreshOAuthAccessToken '{}'", "SELECT * FROM GetOAuthAccessToken('WEB', '{}')"):
            with pytest.raises(box_dialect.Error) as raised:
                cursor.execute(statement.format(refresh_token)).fetchall()
            seen.show_error(raised.value)
        cursor.callproc("RevokeOAuthAccessToken", {"Token": access_token})
        seen.show(cursor, connection)


def call_procedures_by_sqlalchemy(box: Box, seen: Seen) -> None:
    """Do the like by engines, which log the statements, the parameters and the rows of other statements."""
    for engine in (sa.create_engine(box.url()), sa.create_engine(box.url(), echo="debug")):
        with engine.connect() as connection:
            by_parameter = sa.text("SELECT * FROM GetOAuthAccessToken('WEB', :code)")
            code = authorization_code(box.ready)
            access_token, refresh_token, _ = connection.execute(by_parameter, {"code": code}).one()
            for statement in (
                f"SELECT * FROM GetOAuthAccessToken('WEB', '{authorization_code(box.ready)}')",
                f"EXEC GetOAuthAccessToken @AuthMode = 'WEB', @Verifier = '{authorization_code(box.ready)}'",
                f"SELECT * FROM RefreshOAuthAccessToken('{refresh_token}')",
            ):
                connection.execute(sa.text(statement)).all()
                with pytest.raises(sa.exc.DBAPIError) as raised:
                    connection.execute(sa.text(statement)).all()
                seen.show_error(raised.value)
            connection.execute(sa.text("SELECT * FROM RevokeOAuthAccessToken(:token)"), {"token": access_token}).all()
            assert connection.execute(sa.text("SELECT :shown"), {"shown": "a parameter 14"}).scalar() is not None
            assert connection.execute(sa.text("SELECT 'a row 1' || '5'")).scalar() == "a row 15"
        engine.dispose()


def fail(box: Box, seen: Seen, secret: Secrets, tmp_path: Path) -> None:
    """Let each sign-in fail in each way."""
    pair = box.ready["jwt_config"]["boxAppSettings"]["appAuth"]
    key = {
        "AuthScheme": "OAuthJWT",
        "InitiateOAuth": "GETANDREFRESH",
        "OAuthJWTCertType": "PEMKEY_BLOB",
        "OAuthJWTCert": pair["privateKey"],
        "OAuthJWTPublicKeyId": pair["publicKeyID"],
        "OAuthJWTSubject": box.ready["enterprise_id"],
    }
    applications = {"AuthScheme": "OAuthClient", "InitiateOAuth": "GETANDREFRESH", "SubjectId": "1"}
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unheard.getsockname()[1]}/token"
        damaged = tmp_path / "damaged.txt"
        damaged.write_text("{", encoding="utf-8")
        ways: dict[str, dict[str, Any]] = {
            "subject": applications,
            "secret": {**applications, "OAuthClientSecret": secret.add("wrong", "wrong secret 1")},
            "network": {**applications, "TokenURL": nowhere},
            "not Box": {**applications, "TokenURL": box.ready["api_base_url"]},
            "code": {**REFRESH, "SubjectId": "wrong", "OAuthVerifier": secret.add("wrong", "wrong-code-2")},
            "code not sent": {
                **REFRESH,
                "SubjectId": "w",
                "OAuthVerifier": secret.add("wrong", "wrong-code-3"),
                "TokenURL": nowhere,
            },
            "refresh token": {
                **REFRESH,
                "SubjectId": "of nobody who signed in",
                "OAuthRefreshToken": secret.add("wrong", "wrong-refresh-token-4"),
            },
            "access token": {"OAuthAccessToken": secret.add("wrong", "wrong-access-token-5")},
            "access token's form": {"OAuthAccessToken": secret.add("wrong", "ünfit-6")},
            "cache key": {**REFRESH, "TokenCacheKey": secret.add("wrong", "wrong cache key 7")},
            "cache": {**REFRESH, "TokenCache": secret.add("wrong", "redis://:wrong8@127.0.0.1:1/x/y")},
            "no cache": {**REFRESH, "TokenCache": secret.add("wrong", "no-such-cache-9")},
            "file": {**REFRESH, "OAuthSettingsLocation": str(damaged)},
            "no passphrase": key,
            "passphrase": {**key, "OAuthJWTCertPassword": secret.add("wrong", "wrong passphrase 10")},
            "key": {**key, "OAuthJWTCert": secret.add("wrong", "-----BEGIN nothing 11-----")},
            "subject of a JWT": {**key, "OAuthJWTCertPassword": pair["passphrase"], "OAuthJWTSubject": "1"},
            "JSON": {**key, "OAuthJWTCertType": "BOXJSONBLOB", "OAuthJWTCert": secret.add("wrong", '{"wrong": "12"}')},
            "misspelt": {"OAuthClientSecrets": "13"},
        }
        for properties in ways.values():
            with pytest.raises(box_dialect.Error) as raised:
                me(box.connect(**properties))
            seen.show_error(raised.value)
            with pytest.raises((box_dialect.Error, sa.exc.DBAPIError)) as raised:
                ask_by_sqlalchemy(box.url(**properties), seen)
            seen.show_error(raised.value)
    for fault in ({"status": 500, "body": "<html>"}, {"status": 400, "body": "{"}, {"drop_connection": True}):
        box.control("faults", [{"operation": "post_oauth2_token", "times": 1, **fault}])
        with pytest.raises(box_dialect.OperationalError) as raised:
            box.connect(AuthScheme="OAuthClient", InitiateOAuth="GETANDREFRESH", SubjectId="2")
        seen.show_error(raised.value)


def fail_in_the_browser(box: Box, seen: Seen, secret: Secrets, visiting: Callable[..., Any]) -> None:
    def callback(address: str) -> tuple[str, str]:
        query = parse_qs(urlsplit(address).query)
        return query["redirect_uri"][0], secret.add("state", query["state"][0])

    def unknown_code(address: str) -> object:
        url, state = callback(address)
        return box.get(f"{url}/?state={state}&code={secret.add('wrong', 'wrong-code-of-the-browser')}")

    def other_state(address: str) -> object:
        url, _ = callback(address)
        return box.get(f"{url}/?state=other&code={secret.add('wrong', 'code-of-another-sign-in')}")

    for act in (unknown_code, other_state, lambda address: box.get(authorize(address, "deny"))):
        visiting(act)
        with pytest.raises(box_dialect.OperationalError) as raised:
            box.connect(**DESKTOP, SubjectId="refused")
        seen.show_error(raised.value)


@pytest.mark.long
def test_no_secret_can_be_seen(
    box: Box,
    browser: Browser,
    visiting: Callable[..., Any],
    seen: Seen,
    secret: Secrets,
    config: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    recwarn: pytest.WarningsRecorder,
) -> None:
    visiting(sign_in_at)
    succeed(box, seen, config)
    call_procedures(box, seen)
    call_procedures_by_sqlalchemy(box, seen)
    fail(box, seen, secret, tmp_path)
    fail_in_the_browser(box, seen, secret, visiting)
    for address in browser.opened:
        secret.add("state", parse_qs(urlsplit(address).query)["state"][0])
    box.forget_clients()

    seen.show(*capfd.readouterr(), *(warning.message for warning in recwarn))
    for path in (box.settings, tmp_path / "tokens.db", *box.settings.parent.glob("OAuthSettings.txt*")):
        seen.texts.append(path.read_bytes().decode("latin-1"))
    text = "\n".join(seen.texts)
    assert re.search(r"^httpx2? HTTP Request: POST http://[\d.:]+/oauth2/token", text, re.MULTILINE)
    assert "httpcore" in text
    assert re.search(r"^sqlalchemy.* SELECT \* FROM GetOAuthAccessToken\(\*\*\*, ", text, re.MULTILINE)
    assert re.search(r"^sqlalchemy.*\('a parameter 14',\)", text, re.MULTILINE)
    assert re.search(r"^sqlalchemy.* Row \('a row 15',\)", text, re.MULTILINE)
    assert len(secret.by_name) > 40
    shown = secret.found_in(text)
    lines = [line for line in text.splitlines() if shown and secret.found_in(line)]
    for name in secret.by_name:
        lines = [line.replace(secret.by_name[name], f"<{name}>") for line in lines]
    assert not shown, "\n".join(lines[:20])
