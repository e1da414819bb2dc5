"""Kept tokens go to the hosts that they were issued for, and to no other one that a connection names."""

import hashlib
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import msgspec
import pytest

import box_dialect
from box_dialect.auth.entry import decoded, encoded, key
from box_dialect.auth.tokens import TokenSet
from box_dialect.errors import OperationalError
from box_dialect.properties import parse, token_hosts

ACCOUNT = {"OAuthClientId": "client", "OAuthClientSecret": "secret", "InitiateOAuth": "REFRESH"}


class Stranger(BaseHTTPRequestHandler):
    """A host that notes all it is sent, and answers with nothing of use."""

    def do_POST(self):
        sent = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        self.server.heard.append(f"{self.path} {self.headers} {sent}")
        self.send_error(500)

    do_GET = do_POST  # noqa: N815 - likewise

    def log_message(self, *_):
        pass


@pytest.fixture
def stranger():
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        server.heard = []
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def url_of(server):
    return f"http://127.0.0.1:{server.server_address[1]}"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        *((name, {}) for name in ("APIBaseURL", "TokenURL", "UploadBaseURL", "RevokeURL")),
        ("APIBaseURL", {"TokenCacheKey": "passphrase"}),
        ("APIBaseURL", {"TokenCache": "memory://shared"}),
        ("APIBaseURL", {"TokenCache": "sqlite:///{}"}),
    ],
    ids=str,
)
def test_no_kept_token_is_sent_to_another_host(box, stranger, tmp_path, name, place):
    ready = box.ready
    account = {
        "InitiateOAuth": "REFRESH",
        "OAuthClientId": ready["client_id"],
        "OAuthClientSecret": ready["client_secret"],
        "SubjectId": str(tmp_path),
        "APIBaseURL": ready["api_base_url"],
        "UploadBaseURL": ready["upload_base_url"],
        "TokenURL": ready["token_url"],
        "RevokeURL": ready["revoke_url"],
        **{name: value.format(tmp_path / "tokens.db") for name, value in place.items()},
    }
    with box_dialect.connect(**account, **box.pair()) as connection:
        connection.cursor().execute("SELECT id FROM users WHERE id = 'me'").fetchall()
        kept = connection.session.client._tokens._tokens

    with pytest.raises(OperationalError, match="holds none for this application"):
        box_dialect.connect(**{**account, name: url_of(stranger)})

    heard = "\n".join(stranger.heard)
    for secret in (kept.access_token, kept.refresh_token):
        assert secret not in heard
    with box_dialect.connect(**account) as connection:
        assert connection.cursor().execute("SELECT id FROM users WHERE id = 'me'").fetchall()


def old_key(*named):
    return hashlib.sha256(msgspec.json.encode(named)).hexdigest()


def test_entries_without_hosts_are_those_of_box(cache, run):
    from box_dialect.auth import token_provider

    properties = parse(ACCOUNT)
    tokens = TokenSet("kept", time.time() + 3600, "refresh", time.time())
    old = msgspec.json.encode({"tokens": tokens, "lineage": (), "used": (), "schema": 1})
    cache.store(old_key("api.box.com", "OAuth", None, "client", None), old)
    assert run(token_provider(properties, cache).access_token()) == "kept"
    for name, host in (("APIBaseURL", "https://stranger.example/2.0"), ("TokenURL", "http://127.0.0.1:9/token")):
        with pytest.raises(OperationalError, match="holds none for this application"):
            run(token_provider(parse({**ACCOUNT, name: host}), cache).access_token())


def test_an_entry_that_was_moved_to_another_host_is_refused(box, cache, run):
    run(box.provider(cache, **box.pair()).access_token())
    (place,) = cache._entries
    entry = cache.entry
    assert entry.hosts == token_hosts(box.properties())
    cache.store(place, encoded(entry).replace(f'"{entry.hosts}"'.encode(), b"null"))
    with pytest.raises(OperationalError, match="issued for other hosts"):
        run(box.provider(cache).access_token())
    assert decoded(cache.load(place)).tokens == entry.tokens


@pytest.mark.parametrize(
    ("given", "hosts"),
    [
        ({}, None),
        ({"APIBaseURL": "https://API.box.com/2.0"}, None),
        ({"APIBaseURL": "https://stranger.example"}, "api.box.com stranger.example upload.box.com api.box.com"),
        ({"UploadBaseURL": "https://stranger.example"}, "api.box.com api.box.com stranger.example api.box.com"),
        ({"APIBaseURL": "https://api.box.com:8443"}, "api.box.com api.box.com:8443 upload.box.com api.box.com"),
        ({"AuthorizeURL": "https://stranger.example"}, None),
    ],
    ids=str,
)
def test_the_hosts_that_tokens_go_to(given, hosts):
    properties = parse({**ACCOUNT, **given})
    assert token_hosts(properties) == hosts
    assert (key(properties, "client") == key(parse(ACCOUNT), "client")) is (hosts is None)
