"""Answers of the token endpoint and of the API that are not Box's: one clear error each, and nobody is signed in."""

import itertools
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

import box_dialect

TOKEN = {"access_token": "a-token", "expires_in": 3600, "token_type": "bearer"}
GRANTED = 200, json.dumps(TOKEN).encode()
NOISE = "\x1b[31m\r\n\u202e\x07" + "x" * 5_000
MOST_SHOWN = 1_500
"""Characters of a message at most: two sentences of Box's, cut, and the driver's own words."""

_scopes = itertools.count()


class Answers(BaseHTTPRequestHandler):
    """A host that answers what it is told, by whether it is asked for a token."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        is_token = self.path.startswith("/oauth2")
        if not is_token:
            self.server.signed_in = True
        status, body = self.server.token if is_token else self.server.api
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 - the names that http.server calls

    def log_message(self, *_):
        pass


@pytest.fixture
def host():
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.token, server.api, server.signed_in = GRANTED, (200, b'{"type": "user", "id": "1"}'), False
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def ask(host, statement="SELECT id FROM users WHERE id = 'me'"):
    url = f"box://id:secret@127.0.0.1:{host.server_address[1]}/?AuthScheme=OAuthClient&SubjectId=1&MaxRetries=0"
    with box_dialect.connect(url, TokenCache="memory", Scope=f"scope{next(_scopes)}") as connection:
        return connection.cursor().execute(statement).fetchall()


def test_the_host_answers(host):
    assert (ask(host), host.signed_in) == ([("1",)], True)


@pytest.mark.parametrize(
    "body",
    [
        b'{"access_token": "t", "expires_in": 1e400}',
        b'{"access_token": "t", "expires_in": 60, "expires_at": 1e400}',
        b'{"access_token": "t", "expires_in": ' + b"9" * 5001 + b"}",
        '{"access_token": "t", "expires_in": "\u0663"}'.encode(),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"access_token": ' + b"[" * 100_000,
    ],
    ids=lambda body: ascii(body[:50]),
)
@pytest.mark.parametrize("status", [200, 400])
def test_an_odd_answer_of_the_token_endpoint_is_one_clear_error(host, status, body):
    host.token = status, body
    with pytest.raises(box_dialect.OperationalError, match="TokenURL") as raised:
        ask(host)
    assert len(str(raised.value)) < MOST_SHOWN
    assert not host.signed_in


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500])
@pytest.mark.parametrize("more", [{}, {"error": "invalid_grant"}], ids=str)
def test_a_token_in_a_refusal_signs_nobody_in(host, status, more):
    host.token = status, json.dumps({**TOKEN, **more}).encode()
    with pytest.raises(box_dialect.OperationalError):
        ask(host)
    assert not host.signed_in


@pytest.mark.parametrize("said", [NOISE, [NOISE], {"a": NOISE}], ids=["text", "list", "object"])
def test_what_a_server_says_is_cut_and_printable(host, said):
    error = {"error": said, "error_description": said}
    host.token = 400, json.dumps(error).encode()
    with pytest.raises(box_dialect.OperationalError, match="refused the sign-in") as raised:
        ask(host)
    check(raised.value)
    host.token = GRANTED
    refusal = {"code": said, "request_id": said, "message": said, "context_info": {"errors": [{"message": said}]}}
    host.api = 403, json.dumps(refusal).encode()
    with pytest.raises(box_dialect.OperationalError, match="HTTP 403") as raised:
        ask(host)
    check(raised.value)


def check(error):
    for text in (str(error), str(error.diag.code), str(error.diag.request_id)):
        assert text.isprintable()
        assert len(text) < MOST_SHOWN
    assert max(len(str(error.diag.code)), len(str(error.diag.request_id))) <= 80


@pytest.mark.parametrize("number", ["9" * 5001, str(2**70), "0" * 5001])
def test_a_number_of_a_call_that_is_too_large_is_a_data_error(host, number):
    with pytest.raises(box_dialect.DataError, match="beyond 64 bits"):
        ask(host, f"EXEC RevokeOAuthAccessToken @Token = {number}")
