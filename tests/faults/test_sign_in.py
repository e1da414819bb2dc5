"""Signing in: tokens that end, credentials that are wrong, token endpoints that fail, and secrets that stay secret."""

import asyncio
import logging
import traceback

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.api import ApiCall, ApiPath, CallCount
from box_dialect.auth.provider import TokenProvider
from box_dialect.errors import OperationalError, SignInError

LISTING = "get_folders_id_items"
TOKEN = "post_oauth2_token"
ROOT_ITEMS = "SELECT count(*) FROM items WHERE parent_id = '0'"
CANARY = "kanarienvogel7"
EMPTY_401 = {"status": 401, "headers": {"www-authenticate": 'Bearer realm="Service", error="invalid_token"'}}


def count(connection):
    return connection.cursor().execute(ROOT_ITEMS).fetchone()[0]


def texts_of(error):
    """Return all that a log or a traceback would show of an exception and of those behind it."""
    texts, waiting = [], [error]
    while waiting:
        current = waiting.pop()
        if current is not None:
            texts += [str(current), repr(current), repr(current.args)]
            waiting += [current.__cause__, current.__context__]
    return "\n".join([*texts, *traceback.format_exception(error)])


def test_one_sign_in_serves_all_statements_and_connections(box):
    for connection in (box.connect(), box.connect()):
        for _ in range(3):
            count(connection)
    assert box.stats["token_calls"] == 1


@pytest.mark.parametrize(("is_replaced", "calls"), [(True, [1, 1]), (False, [2, 1])], ids=["replaced", "unnoticed"])
def test_a_token_that_ends_while_calls_wait_for_their_turn_is_not_sent_in_vain(box, is_replaced, calls):
    """It was replaced meanwhile, or the first of the calls has it replaced, in the slot that it holds."""
    connection = box.connect(MaxConcurrency=1)
    client, counts = connection.session.client, [CallCount(), CallCount()]

    async def use():
        token = await client._tokens.access_token()
        async with client._slots.one():
            waiting = [
                asyncio.ensure_future(client.send(ApiCall("GET", ApiPath("/users/me"), {"fields": name}), each))
                for name, each in zip(("id", "name"), counts, strict=True)
            ]
            while len(client._slots._waiting) < len(waiting):  # noqa: ASYNC110 - nothing tells of one who waits
                await asyncio.sleep(0)
            box.expire(token)
            if is_replaced:
                await client._tokens.replace(token)
        await asyncio.gather(*waiting)

    connection.session.portal.run(asyncio.wait_for, use(), PATIENCE_SECONDS)
    assert [each.calls for each in counts] == calls
    assert box.stats["token_calls"] == 2


def test_a_token_that_ends_between_statements_is_replaced_by_one_sign_in(box, connection):
    expected = count(connection)
    box.revoke(box.token_of(connection))
    box.reset()
    cursor = connection.cursor().execute(ROOT_ITEMS)
    assert cursor.fetchone()[0] == expected
    assert box.stats["token_calls"] == 1
    assert cursor.api_calls == box.calls(LISTING) == 2


def test_a_token_that_ends_in_a_query_is_replaced_by_one_sign_in(box, connection, monkeypatch):
    box.expire_at(LISTING, 3, box.token_of(connection), monkeypatch)
    box.reset()
    found = connection.cursor().execute("SELECT id FROM files").fetchall()
    assert len(set(found)) == 200
    assert box.stats["token_calls"] == 1


def test_a_token_that_ends_in_a_query_is_replaced_by_one_sign_in_for_all_calls_in_flight(large, monkeypatch):
    connection = large.connect()
    cursor = connection.cursor().execute("SELECT id FROM files")
    found = [cursor.fetchone() for _ in range(30)]
    tokens, refused, are_several = connection.session.client._tokens, [], asyncio.Event()

    async def replace(token):
        refused.append(token)
        if len(refused) > 1:
            are_several.set()
        await asyncio.wait_for(are_several.wait(), PATIENCE_SECONDS)
        return await TokenProvider.replace(tokens, token)

    monkeypatch.setattr(tokens, "replace", replace)
    large.reset()
    large.revoke(large.token_of(connection))
    found += cursor.fetchall()
    assert len(set(found)) == 6_000
    assert large.stats["token_calls"] == 1
    assert len(set(refused)) == 1


def test_a_token_that_is_refused_for_ever_is_an_operational_error_and_no_endless_loop(box, connection):
    box.fault(LISTING, times=100, **EMPTY_401)
    with pytest.raises(OperationalError, match=r"GET /folders/0/items.*HTTP 401.*invalid_token.*sign in") as caught:
        count(connection)
    assert (caught.value.diag.status, caught.value.diag.retryable) == (401, False)
    assert box.calls(LISTING) == 2
    assert box.stats["token_calls"] == 2
    box.reset()
    assert count(connection) >= 10


def test_an_insert_whose_token_ended_is_sent_again(box, connection):
    count(connection)
    box.revoke(box.token_of(connection))
    cursor = connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES ('after a 401', '0')")
    assert cursor.rowcount == 1
    assert box.calls("post_folders") == 2


def test_a_given_token_that_is_refused_is_a_clear_error(box):
    connection = box.connect(OAuthAccessToken=CANARY)
    with pytest.raises(OperationalError, match=r"refused the access token.*Set OAuthAccessToken") as caught:
        count(connection)
    assert caught.value.diag.status == 401
    assert CANARY not in texts_of(caught.value)
    assert (box.calls(LISTING), box.stats["token_calls"]) == (1, 0)


def test_a_given_token_is_used_without_signing_in(box):
    assert count(box.connect(OAuthAccessToken=box.ready["developer_token"])) >= 10
    assert box.stats["token_calls"] == 0


@pytest.mark.parametrize(
    ("given", "code", "advice"),
    [
        ({"OAuthClientSecret": CANARY}, "invalid_client", "check OAuthClientId and OAuthClientSecret"),
        ({"OAuthClientSecret": f"&=%+ ü{CANARY}"}, "invalid_client", "check OAuthClientId and OAuthClientSecret"),
        ({"OAuthClientId": "unknown"}, "invalid_client", "check OAuthClientId and OAuthClientSecret"),
        ({"SubjectId": "1"}, "invalid_grant", "check SubjectType and SubjectId"),
        ({"SubjectType": "enterprise"}, "invalid_grant", "check SubjectType and SubjectId"),
    ],
)
def test_wrong_credentials_are_an_operational_error_after_one_attempt(box, given, code, advice):
    connection = box.connect(**given)
    with pytest.raises(SignInError, match=f"Box refused the sign-in: .*{code}.*{advice}") as caught:
        count(connection)
    diag = caught.value.diag
    assert (diag.status, diag.code, diag.operation, diag.retryable) == (400, code, "POST /oauth2/token", False)
    assert (box.stats["token_calls"], box.stats["calls"]) == (1, 0)
    for secret in (CANARY, box.ready["client_secret"]):
        assert secret not in texts_of(caught.value)


def test_wrong_credentials_fail_at_connect_where_that_is_asked_for(box):
    with pytest.raises(OperationalError, match="invalid_client"):
        box.connect(OAuthClientSecret=CANARY, InitiateOAuth="GETANDREFRESH")
    assert count(box.connect(InitiateOAuth="GETANDREFRESH")) >= 10


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500}, {"status": 502, "body": "<html>"}, {"status": 429},
        {"status": 503, "body": {"error": "temporarily_unavailable"}},
        {"status": 429, "body": {"code": "rate_limit_exceeded"}}, {"drop_connection": True},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_endpoint_that_fails_for_a_while_is_asked_again(box, connection, fault):
    box.fault(TOKEN, times=2, **fault)
    cursor = connection.cursor().execute(ROOT_ITEMS)
    assert cursor.fetchone()[0] >= 10
    assert box.stats["token_calls"] == 3
    assert cursor.api_calls == 1


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429}, {"drop_connection": True}], ids=str)
def test_a_token_endpoint_that_fails_for_ever_is_an_operational_error(box, connection, fault):
    box.fault(TOKEN, times=100, **fault)
    with pytest.raises(OperationalError, match="token endpoint") as caught:
        count(connection)
    diag = caught.value.diag
    assert (diag.status, diag.operation, diag.retryable) == (fault.get("status"), "POST /oauth2/token", True)
    assert (box.stats["token_calls"], box.stats["calls"]) == (3, 0)
    box.reset()
    assert count(connection) >= 10


@pytest.mark.parametrize(
    "fault",
    [
        {"body": "<html><h1>Sign in to the network</h1></html>"}, {"body": {}}, {"body": []}, {"body": None},
        {"body": {"access_token": CANARY}}, {"body": {"access_token": CANARY, "expires_in": "soon"}},
        {"body": {"access_token": CANARY, "expires_in": None}}, {"body": {"access_token": None, "expires_in": 60}},
        {"body": {"access_token": f"ü{CANARY}", "expires_in": 60}}, {"body": {"access_token": "", "expires_in": 60}},
        {"status": 404, "body": "<html>"}, {"status": 302, "headers": {"location": "https://login.example/"}},
        {"status": 400, "body": {"message": CANARY}}, {"body": 7},
        {"body": "not compressed", "headers": {"content-encoding": "gzip"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_endpoint_that_is_not_boxs_is_a_clear_error(box, connection, fault):
    box.fault(TOKEN, times=100, **{"status": 200, **fault})
    with pytest.raises(OperationalError, match="TokenURL") as caught:
        count(connection)
    assert (caught.value.diag.retryable, caught.value.diag.status) == (False, None)
    assert (box.stats["token_calls"], box.stats["calls"]) == (1, 0)
    assert CANARY not in texts_of(caught.value)


@pytest.mark.parametrize("error", ["invalid_client", ["a"], {"a": 1}, 7], ids=repr)
def test_a_refusal_of_any_form_is_an_operational_error(box, connection, error):
    box.fault(TOKEN, status=400, body={"error": error, "error_description": ["no text"]})
    with pytest.raises(SignInError, match="Box refused the sign-in") as caught:
        count(connection)
    assert caught.value.diag.code == str(error)


def test_no_log_no_error_and_no_text_form_holds_a_secret(box, caplog):
    caplog.set_level(logging.DEBUG)
    connection = box.connect()
    count(connection)
    secrets = [box.ready["client_secret"], box.token_of(connection)]
    box.revoke(secrets[1])
    count(connection)
    secrets.append(box.token_of(connection))
    shown = [repr(connection), repr(connection.properties), str(connection.properties), repr(connection.cursor())]
    shown += [repr(connection.session), repr(connection.session.client), repr(connection.session.client._tokens)]
    for fault in ({"status": 500}, {"status": 400}, {"drop_connection": True}, {"status": 200, "body": "<"}, EMPTY_401):
        box.fault(LISTING, times=3, **fault)
        with pytest.raises(OperationalError if fault.get("status") != 400 else Exception) as caught:
            count(connection)
        shown.append(texts_of(caught.value))
        box.reset()
        secrets.append(box.token_of(connection))
    assert len(set(secrets)) >= 4
    assert any(record.name == "box_dialect" for record in caplog.records)
    shown += [f"{record.getMessage()} {record.args!r} {record.__dict__!r}" for record in caplog.records]
    for secret in secrets:
        assert secret not in "\n".join(shown)
