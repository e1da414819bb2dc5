"""What encrypts tokens, and what is said where the key is not there."""

from __future__ import annotations

import json
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from forks import by_fork

from box_dialect.errors import OperationalError
from box_dialect.token_cache import envelope
from box_dialect.token_cache.machine_key import MachineKey
from box_dialect.token_cache.memory import MemoryCache
from token_cache.conftest import Worker, opened
from token_cache.worker import KEY

CANARY = "kanarienvogel7"
PASSPHRASE = "correct horse"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "settings" / "OAuthSettings.txt"


@pytest.fixture
def properties(path):
    return {"OAuthSettingsLocation": str(path)}


def message(cache):
    """Return what is said when the entry is loaded."""
    with pytest.raises(OperationalError) as caught:
        cache.load(KEY)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_a_settings_file_shows_no_token(properties, path):
    opened(properties).store(KEY, CANARY.encode())
    opened(properties, TokenCacheKey=PASSPHRASE).store("other", CANARY.encode())
    assert CANARY.encode() not in b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert set(json.loads(path.read_text())["entries"]) == {KEY, "other"}


def test_the_same_tokens_look_different_each_time(properties, path):
    cache = opened(properties, TokenCacheKey=PASSPHRASE)
    seen = set()
    for _ in range(5):
        cache.store(KEY, b"tokens")
        seen.add(path.read_bytes())
    assert len(seen) == 5


def test_accounts_in_one_file_may_have_different_keys(properties):
    opened(properties).store("a", b"1")
    opened(properties, TokenCacheKey="one").store("b", b"2")
    opened(properties, TokenCacheKey="two").store("c", b"3")
    assert opened(properties).load("a") == b"1"
    assert opened(properties, TokenCacheKey="one").load("b") == b"2"
    assert opened(properties, TokenCacheKey="two").load("c") == b"3"


def test_a_wrong_passphrase_is_reported_with_the_file_which_stays(properties, path):
    opened(properties, TokenCacheKey=PASSPHRASE).store(KEY, b"tokens")
    before = path.read_bytes()
    said = message(opened(properties, TokenCacheKey=CANARY))
    assert str(path) in said
    assert "encrypted with another key: give the TokenCacheKey they were written with" in said
    assert CANARY not in said
    assert path.read_bytes() == before


def test_a_file_with_a_passphrase_travels(properties, path, tmp_path):
    opened(properties, TokenCacheKey=PASSPHRASE).store(KEY, b"tokens")
    elsewhere = tmp_path / "elsewhere.txt"
    shutil.copy(path, elsewhere)
    assert opened({"OAuthSettingsLocation": str(elsewhere)}, TokenCacheKey=PASSPHRASE).load(KEY) == b"tokens"


def test_a_file_without_a_passphrase_does_not_travel_and_says_why(properties, path, tmp_path):
    opened(properties).store(KEY, b"tokens")
    elsewhere = tmp_path / "elsewhere.txt"
    shutil.copy(path, elsewhere)
    before = elsewhere.read_bytes()
    for more in ({}, {"TokenCacheKey": PASSPHRASE}):
        said = message(opened({"OAuthSettingsLocation": str(elsewhere)}, **more))
        assert "encrypted with another key: it is in a file of the machine that wrote them" in said
        assert "Sign in there with TokenCacheKey set" in said
    assert elsewhere.read_bytes() == before
    assert not elsewhere.with_name("elsewhere.txt.key").exists()


def test_another_machines_key_file_does_not_open_it(properties, path, tmp_path):
    opened(properties).store(KEY, b"tokens")
    elsewhere = tmp_path / "elsewhere.txt"
    opened({"OAuthSettingsLocation": str(elsewhere)}).store(KEY, b"other tokens")
    shutil.copy(path, elsewhere)
    assert "in a file of the machine that wrote them" in message(opened({"OAuthSettingsLocation": str(elsewhere)}))
    shutil.copy(path.with_name("OAuthSettings.txt.key"), elsewhere.with_name("elsewhere.txt.key"))
    assert opened({"OAuthSettingsLocation": str(elsewhere)}).load(KEY) == b"tokens"


def test_plain_tokens_are_not_taken_where_there_is_a_key():
    location = {"TokenCache": "memory://plain"}
    opened(location).store(KEY, b"tokens")
    assert "are not encrypted, though there is a key" in message(opened(location, TokenCacheKey=PASSPHRASE))
    assert opened(location).load(KEY) == b"tokens"


def test_encrypted_tokens_are_reported_where_there_is_no_key():
    location = {"TokenCache": "memory://encrypted"}
    opened(location, TokenCacheKey=PASSPHRASE).store(KEY, b"tokens")
    assert "give the TokenCacheKey they were written with" in message(opened(location))


def test_an_entry_is_not_taken_for_another_accounts():
    beneath = MemoryCache("moved")
    cache = envelope.SealedCache(beneath, envelope.Passphrase(PASSPHRASE))
    cache.store("one", b"tokens")
    beneath.store(KEY, beneath.load("one"))
    assert "are damaged" in message(cache)


def test_every_changed_or_missing_byte_is_noticed(path):
    beneath = MemoryCache("changed")
    cache = envelope.SealedCache(beneath, MachineKey(path))
    cache.store(KEY, b"tokens")
    sealed = beneath.load(KEY)
    changed = [sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :] for i in range(len(sealed))]
    for wrong in (*changed, *(sealed[:length] for length in range(len(sealed))), sealed + b"\x00"):
        beneath.store(KEY, wrong)
        assert "are " in message(cache)
    beneath.store(KEY, sealed)
    assert cache.load(KEY) == b"tokens"


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_the_key_file_is_for_the_user_alone(properties, path):
    opened(properties).store(KEY, b"tokens")
    key = path.with_name("OAuthSettings.txt.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_bytes() not in path.read_bytes()


@pytest.mark.parametrize("content", ["", "short", "\x00", "x" * 44])
def test_a_damaged_key_file_is_reported_and_stays(properties, path, content):
    opened(properties).store(KEY, b"tokens")
    key = path.with_name("OAuthSettings.txt.key")
    key.write_text(content)
    with pytest.raises(OperationalError, match=r"the key file .*OAuthSettings\.txt\.key is damaged"):
        opened(properties).load(KEY)
    with pytest.raises(OperationalError, match=r"the key file .*OAuthSettings\.txt\.key is damaged"):
        opened(properties).store(KEY, b"tokens")
    assert key.read_text() == content


def test_threads_that_need_the_first_key_agree_on_one(path):
    with ThreadPoolExecutor(8) as threads:
        keys = {made.identity for made in threads.map(lambda _: MachineKey(path).current(), range(8))}
    assert keys == {MachineKey(path).current().identity}


@pytest.mark.long
@by_fork[0]
@pytest.mark.parametrize("place", ["key file", "keyring"])
def test_processes_that_need_the_first_key_agree_on_one(request, properties, place):
    if place == "keyring":
        request.getfixturevalue("folder_keyring")
    names = [f"account {number}" for number in range(4)]
    workers = Worker("store", json.dumps(properties), "account NUMBER", "tokens of account NUMBER", count=4)
    workers.wait_until_ready()
    assert workers.result() == ""
    assert [opened(properties).load(name) for name in names] == [f"tokens of {name}".encode() for name in names]


def test_a_passphrase_is_stretched_once_for_all_that_see_its_entries(properties):
    envelope._stretch.cache_clear()
    for _ in range(3):
        cache = opened(properties, TokenCacheKey=PASSPHRASE)
        cache.load(KEY)
        cache.store(KEY, b"tokens")
        assert cache.load(KEY) == b"tokens"
    assert envelope._stretch.cache_info().misses == 1


def test_no_text_form_of_a_key_shows_it():
    key = envelope.Passphrase(CANARY).current()
    assert repr(key) == str(key) == "Key(Kind.PASSPHRASE)"
    assert CANARY not in f"{envelope.Passphrase(CANARY)}{opened({}, TokenCacheKey=CANARY)}"
