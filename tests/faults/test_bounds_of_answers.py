"""Answers that do not come to their end, or are far larger than they look."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
import tracemalloc
import zlib
from contextlib import contextmanager

import pytest
from patience import PATIENCE_SECONDS
from plain_server import answer, serving
from sweep import sweep

from box_dialect.api import connections
from box_dialect.engine.cache import downloads
from box_dialect.errors import DatabaseError, DataError, OperationalError

USERS = "SELECT id FROM users"
CONTENT = "SELECT content FROM files WHERE id = '1'"
FILE = {"id": "1", "type": "file", "name": "a", "size": 5, "item_status": "active"}
MIB = 1 << 20


class Dripping:
    """An answer that begins, and goes on a byte at a time for ever."""

    def __init__(self, beginning, byte):
        self.beginning, self.byte = beginning, byte

    def __iter__(self):
        yield self.beginning
        while True:
            time.sleep(0.05)
            yield self.byte


CHUNKED = b"HTTP/1.1 %s Said\r\nTransfer-Encoding: chunked\r\n\r\n"
BODY = Dripping(CHUNKED % b"200", b"1\r\n \r\n")
DRIPPING = {
    "body": BODY,
    "headers": Dripping(b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
    "refusal": Dripping(CHUNKED % b"404", b"1\r\n \r\n"),
    "length": Dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" "),
}


def bomb(mebibytes):
    """Return the gzip of so many MiB of spaces."""
    squeezer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    return b"".join([*(squeezer.compress(b" " * MIB) for _ in range(mebibytes)), squeezer.flush()])


server = pytest.fixture(serving)


@sweep("answered", DRIPPING.values(), ids=DRIPPING, at_once=True)
def test_an_answer_that_drips_is_out_of_time(answered):
    with contextmanager(serving)() as server:
        server.answers["/2.0/users"] = answered
        with pytest.raises(OperationalError, match="no answer within RequestTimeout=1 seconds") as caught:
            server.connect(RequestTimeout=1).cursor().execute(USERS).fetchall()
        assert caught.value.diag.retryable


@sweep("answered", DRIPPING.values(), ids=DRIPPING, at_once=True)
def test_a_token_that_drips_is_out_of_time(answered):
    message = r"token endpoint .*no answer within RequestTimeout=1 seconds"
    with contextmanager(serving)() as server:
        server.answers["/oauth2/token"] = answered
        with pytest.raises(OperationalError, match=message) as caught:
            server.sign_in(RequestTimeout=1).cursor().execute(USERS).fetchall()
        assert caught.value.diag.retryable


@pytest.mark.long
def test_a_token_that_drips_lets_the_interpreter_end(server):
    server.answers["/oauth2/token"] = BODY
    program = (
        "import box_dialect\n"
        f"connection = box_dialect.connect(AuthScheme='OAuthClient', OAuthClientId='a', OAuthClientSecret='b',\n"
        f"    SubjectId='1', TokenCache='memory://', APIBaseURL='{server.url}/2.0', RequestTimeout=1, Timeout=1,\n"
        f"    TokenURL='{server.url}/oauth2/token')\n"
        "try:\n    connection.cursor().execute('SELECT id FROM users')\n"
        "except box_dialect.OperationalError:\n    print('told')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, "told\n"), ended.stderr


@pytest.mark.long
def test_a_download_that_drips_is_out_of_time(server):
    server.answers |= {"/2.0/files/1": answer(FILE), "/2.0/files/1/content": BODY}
    with pytest.raises(OperationalError, match="no answer within RequestTimeout=1 seconds"):
        server.connect(RequestTimeout=1).cursor().execute(CONTENT).fetchall()
    server.answers["/2.0/files/1/content"] = answer(b"", 302, [f"Location: {server.url}/storage"])
    server.answers["/storage"] = BODY
    with pytest.raises(OperationalError, match=r"content cannot be got from 127\.0\.0\.1"):
        server.connect(RequestTimeout=5).cursor().execute(CONTENT).fetchall()


@pytest.mark.long
def test_a_download_that_goes_on_may_take_longer_than_one_answer(server, monkeypatch):
    monkeypatch.setattr(connections, "_BYTES_IN_TIME", 8)

    def slow():
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1200\r\n\r\n"
        for _ in range(120):
            time.sleep(0.05)
            yield b"0123456789"

    server.answers |= {"/2.0/files/1": answer(FILE), "/2.0/files/1/content": slow()}
    ((content,),) = server.connect(RequestTimeout=5).cursor().execute(CONTENT).fetchall()
    assert content == b"0123456789" * 120


@pytest.mark.long
@pytest.mark.parametrize("headers", [[], ["Content-Length: 1"]], ids=["true length", "two lengths"])
def test_an_answer_that_decodes_to_too_much_is_an_error(server, headers):
    server.answers["/2.0/users"] = answer(bomb(100), headers=headers, coding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(OperationalError):
            server.connect().cursor().execute(USERS).fetchall()
        assert tracemalloc.get_traced_memory()[1] < 160 * MIB
    finally:
        tracemalloc.stop()


def test_an_answer_that_is_too_large_says_that_it_is_not_box(server):
    server.answers["/2.0/users"] = answer(bomb(65), coding="gzip")
    with pytest.raises(OperationalError, match=r"larger than any of Box's, beyond 67,108,864 bytes.*APIBaseURL"):
        server.connect().cursor().execute(USERS).fetchall()


@pytest.mark.parametrize("status", [400, 302])
def test_no_more_is_read_of_a_refusal_than_it_may_say(server, status):
    server.answers["/2.0/users"] = answer(bomb(40), status, coding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(DatabaseError, match=f"HTTP {status}"):
            server.connect().cursor().execute(USERS).fetchall()
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()
    server.answers["/2.0/users"] = answer({"entries": []})
    assert server.connect().cursor().execute(USERS).fetchall() == []


def test_a_token_answer_that_is_too_large_is_an_error(server):
    server.answers["/oauth2/token"] = answer(bomb(40), coding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(OperationalError, match="did not answer as Box's token endpoint does"):
            server.sign_in().cursor().execute(USERS).fetchall()
        assert tracemalloc.get_traced_memory()[1] < 12 * MIB
    finally:
        tracemalloc.stop()


def test_a_content_that_is_larger_than_a_value_may_be_is_a_data_error(server, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES_OF_VALUE", MIB)
    server.answers |= {"/2.0/files/1": answer(FILE), "/2.0/files/1/content": answer(bomb(2), coding="gzip")}
    with pytest.raises(DataError, match="content has more bytes than a value in SQL may have, 1,048,576"):
        server.connect().cursor().execute(CONTENT).fetchall()


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "identity"])
def test_answers_are_decoded(server, coding):
    content = json.dumps({"entries": [{"type": "user", "id": "7"}]}).encode()
    body = content if coding == "identity" else gzip.compress(content)
    server.answers |= {
        "/2.0/users": answer(body, coding=coding),
        "/oauth2/token": answer(gzip.compress(b'{"access_token": "a", "expires_in": 3600}'), coding="gzip"),
    }
    assert server.sign_in().cursor().execute(USERS).fetchall() == [("7",)]


@sweep(
    ("body", "coding"),
    [
        (gzip.compress(b'{"entries": []}')[:-9], "gzip"),
        (gzip.compress(b'{"entries": []}') + b"more", "gzip"),
        (b'{"entries": []}', "gzip"),
        (b'{"entries": []}', "br"),
        (b'{"entries": []}', "zstd"),
        (gzip.compress(gzip.compress(b'{"entries": []}')), "gzip, gzip"),
    ],
    ids=["cut off", "with more behind", "not encoded", "brotli", "zstd", "twice"],
)
def test_an_answer_in_another_encoding_than_was_asked_for_is_an_error(server, body, coding):
    server.answers["/2.0/users"] = answer(body, coding=coding)
    with pytest.raises(OperationalError, match="not in the encoding"):
        server.connect().cursor().execute(USERS).fetchall()


# Token endpoints


def test_what_a_token_endpoint_says_is_printable_and_short(server):
    said = "\x1b[31mred\u202e\r\nSecond line" + "x" * 10_000
    server.answers["/oauth2/token"] = answer({"error": said, "error_description": said}, 400)
    with pytest.raises(OperationalError, match="Box refused the sign-in") as caught:
        server.sign_in().cursor().execute(USERS).fetchall()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1_000


@sweep("status", [300, 302, 400, 401, 403, 404])
def test_a_token_in_an_answer_that_is_no_success_signs_nobody_in(server, status):
    server.asked.clear()
    server.answers["/oauth2/token"] = answer({"access_token": "token", "expires_in": 3600}, status)
    with pytest.raises(OperationalError, match=f"HTTP {status}"):
        server.sign_in().cursor().execute(USERS).fetchall()
    assert "/2.0/users" not in server.asked


@sweep(
    "body",
    [
        b'{"access_token": "a", "expires_in": %s}' % value
        for value in (
            b"1e400", b"-1", b"NaN", b"Infinity", b'"text"', b'"1e400"', b'"nan"', b"null", b"[]", b"{}",
            b"1" + b"0" * 400, b"1" + b"0" * 5_000, '"\uff11\uff12"'.encode(), b"[" * 100_000,
        )
    ]
    + [b"[" * 100_000, b"null", b"[]", b"7", b'"text"', b'{"error": ' + b"[" * 100_000],
    ids=lambda body: str(body[:60]),
)  # fmt: skip
@sweep("status", [200, 400])
def test_a_token_of_another_form_is_an_operational_error(server, body, status):
    server.answers["/oauth2/token"] = answer(body, status)
    with pytest.raises(OperationalError, match=r"did not answer as|HTTP 400"):
        server.sign_in().cursor().execute(USERS).fetchall()
