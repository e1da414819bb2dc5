"""The settings file: how it is written, and what happens to it when that fails."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

from box_dialect.errors import OperationalError
from box_dialect.token_cache.locks import file_lock, lock_name, thread_lock
from token_cache.conftest import Worker, opened
from token_cache.worker import KEY

posix = pytest.mark.skipif(os.name == "nt", reason="modes and signals are those of POSIX")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "OAuthSettings.txt"


@pytest.fixture
def properties(path):
    return {"OAuthSettingsLocation": str(path)}


@pytest.fixture
def cache(properties):
    return opened(properties)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_what_is_written_is_for_the_user_alone(cache, path):
    before = os.umask(0)
    try:
        with cache.lock(KEY):
            cache.store(KEY, b"tokens")
    finally:
        os.umask(before)
    assert mode(path.parent) == 0o700
    assert {mode(file) for file in path.parent.iterdir()} == {0o600}
    assert path.with_name("OAuthSettings.txt.key").exists()


@posix
def test_a_file_that_others_could_read_is_replaced_by_one_they_cannot(cache, path):
    cache.store(KEY, b"tokens")
    path.chmod(0o644)
    path.parent.chmod(0o755)
    cache.store(KEY, b"newer tokens")
    assert (mode(path), mode(path.parent)) == (0o600, 0o755)


def test_connecting_writes_nothing(cache, path):
    assert cache.load(KEY) is None
    assert not path.parent.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b"null",
        b"{}",
        b'{"version": 1, "entries": []}',
        b'{"version": 1, "entries": {"account": 1}}',
        b'{"version": 1, "entries": {"account": "?"}}',
        b'{"version": ' + b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_reported_and_stays(cache, path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    for use in (lambda: cache.load(KEY), lambda: cache.store(KEY, b"tokens"), lambda: cache.delete(KEY)):
        with pytest.raises(OperationalError, match=r"OAuthSettings\.txt is damaged.*sign in again"):
            use()
    assert path.read_bytes() == content


def test_the_file_of_a_later_version_is_reported_and_stays(cache, path):
    path.parent.mkdir()
    path.write_text('{"version": 2, "accounts": []}')
    with pytest.raises(OperationalError, match="has form 2, which a later version of box-dialect wrote; upgrade"):
        cache.store(KEY, b"tokens")
    assert path.read_text() == '{"version": 2, "accounts": []}'


def test_a_cut_file_is_reported_and_stays(cache, path):
    cache.store(KEY, b"tokens")
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(OperationalError, match="is damaged"):
            cache.load(KEY)
    path.write_bytes(whole)
    assert cache.load(KEY) == b"tokens"


def test_a_folder_in_its_place_is_reported(cache, path):
    path.mkdir(parents=True)
    with pytest.raises(OperationalError, match=r"cannot read the settings file .*OAuthSettings\.txt: Is a directory"):
        cache.load(KEY)


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    cache = opened({"OAuthSettingsLocation": str(tmp_path / "file" / "OAuthSettings.txt")})
    with pytest.raises(OperationalError, match="cannot be locked"), cache.lock(KEY):
        pass
    with pytest.raises(OperationalError, match="Not a directory"):
        cache.store(KEY, b"tokens")


@posix
def test_a_link_in_the_place_of_a_lock_leads_nowhere(cache, path, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    path.parent.mkdir()
    for lock in (path.with_name("OAuthSettings.txt.lock"), path.with_name(f"OAuthSettings.txt.{lock_name(KEY)}")):
        lock.symlink_to(victim)
    with pytest.raises(OperationalError, match="cannot be locked"):
        cache.store(KEY, b"tokens")
    with pytest.raises(OperationalError, match="cannot be locked"), cache.lock(KEY):
        pass
    assert victim.read_text() == "precious"


def test_the_floor_of_filelock_is_the_first_release_that_follows_no_link():
    with (Path(__file__).parents[2] / "pyproject.toml").open("rb") as file:
        dependencies = tomllib.load(file)["project"]["dependencies"]
    assert "filelock>=3.20.1" in dependencies


def test_the_target_of_a_link_is_written(tmp_path, path):
    path.parent.mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    opened({"OAuthSettingsLocation": str(link)}).store(KEY, b"tokens")
    assert link.is_symlink()
    assert opened({"OAuthSettingsLocation": str(path)}).load(KEY) == b"tokens"


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    opened({"OAuthSettingsLocation": "~/tokens.txt"}).store(KEY, b"tokens")
    assert (tmp_path / "tokens.txt").exists()


@posix
def test_what_a_killed_process_left_is_not_written_into(cache, path, tmp_path):
    path.parent.mkdir()
    (tmp_path / "elsewhere").write_text("untouched")
    path.with_name("OAuthSettings.txt.new").symlink_to(tmp_path / "elsewhere")
    cache.store(KEY, b"tokens")
    assert (tmp_path / "elsewhere").read_text() == "untouched"
    assert cache.load(KEY) == b"tokens"
    assert not path.is_symlink()


@posix
def test_a_write_that_fails_leaves_the_older_tokens(cache, path):
    """The limit on the size of files fails the write as a full disk does, on every file system."""
    import resource  # which Windows lacks

    cache.store(KEY, b"older")
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        with pytest.raises(OperationalError, match=r"cannot write .*OAuthSettings\.txt: File too large.*unharmed"):
            cache.store(KEY, b"newer" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert cache.load(KEY) == b"older"
    assert not path.with_name("OAuthSettings.txt.new").exists()
    cache.store(KEY, b"newer")
    assert cache.load(KEY) == b"newer"


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small disk, and not in every container")
    yield folder
    subprocess.run(["umount", folder], check=True)


@posix
def test_a_full_disk_leaves_the_older_tokens(small_disk):
    cache = opened({"OAuthSettingsLocation": str(small_disk / "OAuthSettings.txt")})
    cache.store(KEY, b"older")
    fill(small_disk / "filler")
    with pytest.raises(OperationalError, match=r"cannot write .*: No space left on device; what was there before is"):
        cache.store(KEY, b"newer" * 1000)
    assert cache.load(KEY) == b"older"
    (small_disk / "filler").unlink()
    cache.store(KEY, b"newer")
    assert cache.load(KEY) == b"newer"


def fill(path):
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1024))


@pytest.mark.long
@posix
def test_a_killed_process_leaves_the_older_or_the_newer_tokens_whole(properties, cache):
    assert Worker("kill", json.dumps(properties), "30").result() == ""
    cache.store(KEY, b"tokens")
    assert cache.load(KEY) == b"tokens"


@posix
@posix
def test_the_target_of_a_link_in_the_place_of_the_lock_stays_as_it_is(cache, path, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("what somebody has written")
    path.parent.mkdir()
    path.with_name("OAuthSettings.txt.lock").symlink_to(victim)
    with pytest.raises(OperationalError, match=r"cannot be locked by .*OAuthSettings\.txt\.lock"):
        cache.store(KEY, b"tokens")
    assert victim.read_text() == "what somebody has written"


@pytest.mark.long
def test_processes_wait_for_each_other_only_so_long(properties, path):
    worker = Worker("hold", json.dumps(properties))
    worker.wait_until_ready()
    (lock,) = path.parent.glob("*.lock")
    with pytest.raises(OperationalError, match=r"has held the tokens for 0\.1 seconds; end it, or try again") as caught:
        file_lock(lock, "the tokens", 0.1).__enter__()
    assert caught.value.diag.retryable
    worker.result()
    with file_lock(lock, "the tokens", 0.1):
        pass


def test_threads_wait_for_each_other_only_so_long():
    with (
        thread_lock("name", "the tokens"),
        pytest.raises(OperationalError, match=r"has held the tokens for 0\.1 seconds"),
    ):
        thread_lock("name", "the tokens", 0.1).__enter__()
