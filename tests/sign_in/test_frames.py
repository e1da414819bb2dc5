"""A traceback that shows local variables, as many tools do, shows no token: no frame of a failure holds one."""

from __future__ import annotations

import asyncio
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sweep import sweep

import box_dialect
from sign_in.acting import ANY_PORT, authorize, me

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from sign_in.acting import Box, Browser

TESTS = str(Path(__file__).parents[1])
PACKAGE = Path(box_dialect.__file__).parent

REFRESH = {"InitiateOAuth": "REFRESH", "MaxRetries": 0}


def frames(error: BaseException | None) -> Iterator[FrameType]:
    """Yield the frames of an exception and of those that it stems from, but for those of the tests."""
    waiting, seen = [error], []
    while waiting:
        one = waiting.pop()
        if one is not None and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__]
            walked = [frame for frame, _ in traceback.walk_tb(one.__traceback__)]
            yield from (frame for frame in walked if not frame.f_code.co_filename.startswith(TESTS))


def check(raised: pytest.ExceptionInfo[BaseException], *secrets: str, beside: tuple[str, ...] = ()) -> None:
    found = list(frames(raised.value))
    for frame in found:
        for name, value in frame.f_locals.items():
            shown = f"{value!r} {value}"
            for secret in secrets:
                assert secret not in shown or frame.f_code.co_filename.startswith(beside), (frame, name)
    assert any(frame.f_code.co_filename.startswith(str(PACKAGE)) for frame in found)


def test_the_walk_finds_what_frames_hold(tmp_path: Path) -> None:
    source = "def fail(token):\n    raise LookupError"
    names: dict[str, Any] = {}
    exec(compile(source, str(tmp_path / "elsewhere.py"), "exec"), names)
    with pytest.raises(LookupError) as raised:
        names["fail"]("a token")
    with pytest.raises(AssertionError, match="token"):
        check(raised, "a token")


@pytest.fixture
def given(box: Box) -> dict[str, Any]:
    return {
        **REFRESH,
        "OAuthAccessToken": box.ready["user_access_token"],
        "OAuthRefreshToken": box.ready["user_refresh_token"],
    }


def test_a_refused_refresh(box: Box) -> None:
    for name in ("OAuthRefreshToken", "OAuthVerifier"):
        with pytest.raises(box_dialect.OperationalError, match="invalid_grant") as raised:
            box.connect(**REFRESH, **{name: "wrong-token-1"})
        check(raised, "wrong-token-1")


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 400, "body": "{"}, {"drop_connection": True}], ids=str)
def test_a_token_endpoint_that_fails(box: Box, given: dict[str, Any], fault: dict[str, Any]) -> None:
    box.control("faults", [{"operation": "post_oauth2_token", "times": 5, **fault}])
    with pytest.raises(box_dialect.OperationalError) as raised:
        box.connect(**given)
    check(raised, given["OAuthAccessToken"], given["OAuthRefreshToken"], box.ready["client_secret"])
    for properties in ({"AuthScheme": "OAuthClient", "SubjectId": "1"}, {**REFRESH, "OAuthVerifier": "a-code-2"}):
        with pytest.raises(box_dialect.OperationalError) as raised:
            me(box.connect(**{"MaxRetries": 0, **properties}))
        check(raised, "a-code-2", box.ready["client_secret"])


def test_a_token_that_is_revoked_while_it_is_used(box: Box, given: dict[str, Any]) -> None:
    with box.connect(**given) as connection:
        tokens = connection.session.client._tokens._tokens
        assert tokens is not None
        secrets = [tokens.access_token, str(tokens.refresh_token), *list(given.values())[2:]]
        connection.cursor().callproc("RevokeOAuthAccessToken", {"Token": tokens.access_token})
        with pytest.raises(box_dialect.OperationalError, match="invalid_grant") as raised:
            me(connection)
    check(raised, *secrets)


def test_a_fixed_token_that_is_refused(box: Box) -> None:
    with pytest.raises(box_dialect.OperationalError, match="refused the access token") as raised:
        me(box.connect(OAuthAccessToken="wrong-token-3"))
    check(raised, "wrong-token-3")


@pytest.mark.parametrize(
    "fault", [{"status": 403}, {"status": 500}, {"drop_connection": True}, {"status": 200, "body": "<html>"}], ids=str
)
def test_a_call_that_fails(box: Box, fault: dict[str, Any]) -> None:
    token = box.ready["user_access_token"]
    with box.connect(OAuthAccessToken=token, MaxRetries=0) as connection:
        me(connection)
        box.control("faults", [{"operation": "get_users_me", "times": 5, **fault}])
        with pytest.raises(box_dialect.DatabaseError) as raised:
            me(connection)
    check(raised, token)


def test_a_host_that_cannot_be_called(box: Box) -> None:
    with pytest.raises(box_dialect.DatabaseError) as raised:
        me(box.connect(OAuthAccessToken="a-token-4", APIBaseURL="https://xn--a.example", MaxRetries=0))
    check(raised, "a-token-4")


def test_procedures_that_fail(box: Box) -> None:
    with box.connect() as connection:
        for name, inputs in (
            ("RefreshOAuthAccessToken", {"OAuthRefreshToken": "wrong-token-5"}),
            ("GetOAuthAccessToken", {"AuthMode": "WEB", "Verifier": "wrong-token-5"}),
        ):
            with pytest.raises(box_dialect.OperationalError) as raised:
                connection.cursor().callproc(name, inputs)
            check(raised, "wrong-token-5")
        box.control("faults", [{"operation": "post_oauth2_revoke", "times": 5, "status": 500}])
        with pytest.raises(box_dialect.OperationalError) as raised:
            connection.cursor().callproc("RevokeOAuthAccessToken", {"Token": "wrong-token-5"})
        check(raised, "wrong-token-5")


def test_a_browser_sign_in_that_fails(box: Box, browser: Browser) -> None:
    def unknown_code(address: str) -> object:
        query = parse_qs(urlsplit(address).query)
        return box.get(f"{query['redirect_uri'][0]}/?state={query['state'][0]}&code=wrong-code-6")

    acts: list[Callable[[str], object]] = [unknown_code, lambda address: box.get(authorize(address, "deny"))]
    for act in acts:
        browser.visit = act
        with pytest.raises(box_dialect.OperationalError) as raised:
            box.connect(AuthScheme="OAuth", InitiateOAuth="GETANDREFRESH", CallbackURL=ANY_PORT)
        check(raised, "wrong-code-6")


def test_a_private_key_that_cannot_be_used(box: Box) -> None:
    key = {
        "AuthScheme": "OAuthJWT",
        "InitiateOAuth": "GETANDREFRESH",
        "OAuthJWTPublicKeyId": "k",
        "OAuthJWTSubject": "1",
    }
    for form, text in (("PEMKEY_BLOB", "-----BEGIN nothing 7-----"), ("BOXJSONBLOB", '{"wrong": "nothing 7"}')):
        with pytest.raises(box_dialect.ProgrammingError) as raised:
            box.connect(**key, OAuthJWTCertType=form, OAuthJWTCert=text, OAuthJWTCertPassword="passphrase 7")
        check(raised, "nothing 7", "passphrase 7")


def by_engine(url: str, **own: Any) -> object:
    return sa.create_engine(url, connect_args=own).connect()


def by_asyncio(url: str, **own: Any) -> object:
    return asyncio.run(box_dialect.aio.connect(url, **own))


def by_async_engine(url: str, **own: Any) -> object:
    async def connected() -> None:
        async with create_async_engine(url.replace("box:", "box+aioapsw:", 1), connect_args=own).connect():
            pass

    return asyncio.run(connected())


def by_pandas(url: str) -> object:
    pytest.importorskip("pandas")
    from box_dialect.pandas import read_sql

    return read_sql("SELECT id FROM users", url)


def by_pandas_chunks(url: str) -> object:
    pytest.importorskip("pandas")
    from box_dialect.pandas import read_sql

    return next(read_sql("SELECT id FROM users", url, chunksize=1))


def by_arrow(url: str) -> object:
    pytest.importorskip("pyarrow")
    from box_dialect.arrow import read_table

    return read_table("SELECT id FROM users", url)


SQLALCHEMY = str(Path(sa.__file__).parent)
WRONG = {"MaxRetries": "many", "LocalDatabase": "/no/such/folder/own.db", "AuthScheme": "nonsense", "MaxRetry": "1"}


@sweep("wrong", WRONG)
@sweep("connect", [box_dialect.connect, by_asyncio, by_engine, by_async_engine, by_pandas, by_pandas_chunks, by_arrow])
def test_a_connection_that_cannot_be_made(connect: Callable[..., object], wrong: str) -> None:
    """SQLAlchemy's own frames have what it was given."""
    given = {"OAuthAccessToken": "a-token-11", wrong: WRONG[wrong]}
    beside = (SQLALCHEMY, "<")
    url = "box://?" + "&".join(f"{name}={value}" for name, value in given.items())
    with pytest.raises((box_dialect.Error, sa.exc.DBAPIError)) as raised:
        connect(url)
    check(raised, "a-token-11", beside=beside)
    if connect in {box_dialect.connect, by_asyncio, by_engine, by_async_engine}:
        with pytest.raises((box_dialect.Error, sa.exc.DBAPIError)) as raised:
            connect("box://", **given)
        check(raised, "a-token-11", beside=beside)


def test_procedures_that_fail_in_any_form(box: Box) -> None:
    secret = "wrong-token-12"
    forms: tuple[tuple[str, tuple[str, ...]], ...] = (
        (f"EXEC RefreshOAuthAccessToken '{secret}'", ()),
        ("SELECT RefreshOAuthAccessToken(?)", (secret,)),
        ("SELECT * FROM RefreshOAuthAccessToken(?)", (secret,)),
        ("EXEC RefreshOAuthAcessToken ?", (secret,)),
        ("SELECT Refresh(?)", (secret,)),
    )
    with box.connect() as connection:
        for statement, values in forms:
            for run in (
                lambda: connection.cursor().execute(statement, values),  # noqa: B023 - called at once
                lambda: connection.cursor().execute(operation=statement, parameters=values),  # noqa: B023
                lambda: connection.cursor().executemany(statement, [values]),  # noqa: B023
                lambda: asyncio.run(executed(box, statement, values)),  # noqa: B023
            ):
                with pytest.raises(box_dialect.Error) as raised:
                    run()
                check(raised, secret)
        with pytest.raises(box_dialect.ProgrammingError) as raised:
            connection.cursor().callproc(procname="RefreshOAuthAcessToken", parameters=[secret])
        check(raised, secret)


async def executed(box: Box, statement: str, values: tuple[str, ...]) -> None:
    async with await box_dialect.aio.connect(box.url()) as connection:
        await connection.cursor().execute(statement, values)
