"""The system's keyring, for tokens and for the key of settings files."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.errors import OperationalError
from box_dialect.token_cache.keyring import SERVICE, SystemKeyring
from box_dialect.token_cache.machine_key import MachineKey
from token_cache.conftest import opened
from token_cache.worker import KEY

keyring = pytest.importorskip("keyring")

in_a_folder = pytest.mark.usefixtures("folder_keyring")


class Plain(keyring.backend.KeyringBackend):
    """As those of keyrings.alt, which keep what they get in a file that anybody reads."""

    priority = 0.5

    def get_password(self, *_):
        raise AssertionError("it must not be asked")

    set_password = delete_password = get_password


class Chain(keyring.backend.KeyringBackend):
    priority = 10

    def __init__(self, *backends):
        self.backends = backends

    def get_password(self, service, username):
        return self.backends[0].get_password(service, username)

    def set_password(self, service, username, password):
        self.backends[0].set_password(service, username, password)


@pytest.fixture
def take(monkeypatch):
    return lambda backend: monkeypatch.setattr(keyring.core, "_keyring_backend", backend)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "OAuthSettings.txt"


@pytest.fixture
def settings(path):
    return {"OAuthSettingsLocation": str(path)}


def unreal():
    from keyring.backends import fail, null

    return [fail.Keyring(), null.Keyring(), Plain(), Chain(Plain(), Plain())]


@pytest.mark.parametrize("backend", unreal(), ids=["fail", "null", "plain", "chain of plain ones"])
def test_a_keyring_that_does_not_keep_secrets_is_not_used(take, backend, settings, path):
    take(backend)
    assert SystemKeyring.here() is None
    cache = opened({"TokenCache": "keyring"})
    for use in (lambda: cache.load(KEY), lambda: cache.store(KEY, b"tokens"), lambda: cache.lock(KEY)):
        with pytest.raises(OperationalError, match="no keyring that keeps secrets"):
            use()
    opened(settings).store(KEY, b"tokens")
    assert path.with_name("OAuthSettings.txt.key").exists()


def test_a_chain_with_a_real_keyring_is_used(take, folder_keyring, settings, path):
    take(Chain(folder_keyring(), Plain()))
    opened(settings).store(KEY, b"tokens")
    assert opened(settings).load(KEY) == b"tokens"
    assert not path.with_name("OAuthSettings.txt.key").exists()


def test_tokens_are_passwords_of_the_service(folder_keyring):
    opened({"TokenCache": "keyring"}).store(KEY, b"tokens")
    assert SERVICE == "box-dialect"
    assert folder_keyring().get_password("box-dialect", KEY) is not None


def test_what_others_put_there_is_reported(folder_keyring):
    folder_keyring().set_password(SERVICE, KEY, "no Base64")
    with pytest.raises(OperationalError, match="was not written by this driver; remove it, and sign in again"):
        opened({"TokenCache": "keyring"}).load(KEY)


def test_a_locked_keyring_is_reported(folder_keyring, monkeypatch):
    monkeypatch.setattr(folder_keyring, "locked", True)
    with pytest.raises(OperationalError, match=r"the keyring refused \(KeyringLocked: the user did not.*unlock it, or"):
        opened({"TokenCache": "keyring"}).load(KEY)


@in_a_folder
def test_the_key_of_a_settings_file_is_in_the_keyring_and_serves_all_files(settings, path, tmp_path):
    opened(settings).store(KEY, b"tokens")
    assert not path.with_name("OAuthSettings.txt.key").exists()
    other = tmp_path / "other.txt"
    opened({"OAuthSettingsLocation": str(other)}).store(KEY, b"other tokens")
    path.write_bytes(other.read_bytes())
    assert opened(settings).load(KEY) == b"other tokens"


def test_threads_that_find_no_key_in_the_keyring_agree_on_one(take, folder_keyring, path):
    together, seen = threading.Barrier(4, timeout=PATIENCE_SECONDS), threading.local()

    class Crowded(folder_keyring):
        def get_password(self, service, username):
            found = super().get_password(service, username)
            if not hasattr(seen, "it"):
                seen.it = found
                together.wait()
            return found

    take(Crowded())
    with ThreadPoolExecutor(4) as threads:
        keys = {made.identity for made in threads.map(lambda _: MachineKey(path).current(), range(4))}
    take(folder_keyring())
    assert keys == {MachineKey(path).current().identity}


@in_a_folder
def test_a_file_whose_key_is_in_another_keyring_says_so(settings, path, take, monkeypatch, tmp_path):
    opened(settings).store(KEY, b"tokens")
    before = path.read_bytes()
    reason = "it is in the keyring of the machine and user that wrote them.*Sign in there with TokenCacheKey set"
    monkeypatch.setenv("FOLDER_KEYRING", str(tmp_path / "another"))
    with pytest.raises(OperationalError, match=reason):
        opened(settings).load(KEY)
    opened({"OAuthSettingsLocation": str(tmp_path / "mine.txt")}).store(KEY, b"tokens")
    with pytest.raises(OperationalError, match=reason):
        opened(settings).load(KEY)
    take(Plain())
    with pytest.raises(OperationalError, match=reason):
        opened(settings).load(KEY)
    assert path.read_bytes() == before


def test_a_keyring_that_is_locked_when_the_key_is_made_leaves_it_to_a_file(folder_keyring, settings, path, monkeypatch):
    monkeypatch.setattr(folder_keyring, "locked", True)
    opened(settings).store(KEY, b"tokens")
    assert path.with_name("OAuthSettings.txt.key").exists()
    monkeypatch.setattr(folder_keyring, "locked", False)
    opened(settings).store("other", b"other tokens")
    kinds = {entry[:7] for entry in json.loads(path.read_text())["entries"].values()}
    assert len(kinds) == 1
    assert opened(settings).load(KEY) == b"tokens"


def test_a_keyring_that_is_locked_when_the_key_is_needed_is_reported(folder_keyring, settings, monkeypatch):
    opened(settings).store(KEY, b"tokens")
    monkeypatch.setattr(folder_keyring, "locked", True)
    with pytest.raises(OperationalError, match="the keyring refused"):
        opened(settings).load(KEY)
