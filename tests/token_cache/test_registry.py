"""Which cache a connection gets, and what is said where there is none."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import pytest
from services import DRIVER
from sweep import sweep

from box_dialect.errors import OperationalError, ProgrammingError
from box_dialect.token_cache.registry import BUILT_IN, GROUP
from token_cache.conftest import opened

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "kanarienvogel7"


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("memory", "the memory of this process"),
        ("memory://name", "the memory of this process"),
        ("File", "the settings file /settings.txt"),
        ("redis://:secret@10.0.0.1/2", "Redis at 10.0.0.1:6379"),
        ("rediss://user:secret@cache.example.com:6380/0", "Redis at cache.example.com:6380"),
        ("keyring", "the keyring"),
        ("sqlite:////var/tokens.db", "the database /var/tokens.db"),
        (f"postgresql+{DRIVER}://user:secret@db.example.com/tokens", "the database tokens at db.example.com"),
    ],
)
def test_the_value_names_the_place(location, place):
    assert str(opened({"TokenCache": location, "OAuthSettingsLocation": "/settings.txt"})) == place


def test_a_file_in_the_folder_for_configuration_is_the_default(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    cache = opened({})
    cache.store("account", b"tokens")
    assert str(cache) == f"the settings file {tmp_path / 'box-dialect' / 'OAuthSettings.txt'}"
    assert (tmp_path / "box-dialect" / "OAuthSettings.txt").exists()


def test_memory_is_shared_by_name_also_as_the_location_of_settings():
    opened({"TokenCache": "memory://shared"}).store("account", b"tokens")
    assert opened({"OAuthSettingsLocation": "memory://shared", "SubjectId": "1"}).load("account") == b"tokens"
    assert opened({"OAuthSettingsLocation": "Memory://shared", "SubjectId": "2"}).load("account") == b"tokens"
    assert opened({"TokenCache": "memory://other"}).load("account") is None


@pytest.mark.parametrize("location", [f"redis://:{CANARY}@host/0", f"sqlite:///{CANARY}.db"])
def test_a_location_of_settings_that_is_no_path_is_refused(location):
    with pytest.raises(ProgrammingError, match=r"OAuthSettingsLocation is the path .*TokenCache names") as caught:
        opened({"OAuthSettingsLocation": location})
    assert CANARY not in str(caught.value)


def test_the_url_of_a_file_is_no_token_cache():
    with pytest.raises(ProgrammingError, match="leave it out and name the file by OAuthSettingsLocation"):
        opened({"TokenCache": "file:///nowhere/tokens.txt"})


def test_memory_without_a_name_is_shared_by_equal_properties():
    opened({"TokenCache": "memory", "SubjectId": "1"}).store("account", b"tokens")
    assert opened({"TokenCache": "memory", "SubjectId": "1"}).load("account") == b"tokens"
    assert opened({"TokenCache": "memory", "SubjectId": "2"}).load("account") is None


@pytest.mark.parametrize("location", ["none", "nosuch://host/0", f"{CANARY}", f"nosuch://user:{CANARY}@host"])
def test_an_unknown_cache_is_refused_with_those_that_there_are(location):
    with pytest.raises(ProgrammingError, match="file, keyring, memory, redis, rediss, or the URL of a data") as caught:
        opened({"TokenCache": location})
    assert CANARY not in str(caught.value)


@sweep(
    ("location", "message"),
    [
        ("box://", "Box itself cannot keep the tokens"),
        (f"box+apsw://id:{CANARY}@/", "Box itself cannot keep the tokens"),
        ("sqlite://", "a database in memory keeps nothing"),
        ("sqlite:///:memory:", "a database in memory keeps nothing"),
        ("sqlite+aiosqlite:////tokens.db", "a driver that is not asynchronous; sqlite\\+aiosqlite is"),
        (f"postgresql+{DRIVER}://user:{CANARY}@{CANARY}@host/tokens", "must be percent-encoded"),
        (f"postgresql+{DRIVER}://user:a@{CANARY}:x@host/tokens", "must be percent-encoded"),
        (f"redis://user:{CANARY}@{CANARY}@host", "must be percent-encoded"),
        (f"redis://{CANARY}/{CANARY}@host", "must be percent-encoded"),
        (f"redis://user:{CANARY}@host/?db=x", "has the form redis://USER"),
        (f"redis://user:{CANARY}@[host", "has the form redis://USER"),
    ],
)
def test_a_wrong_url_is_refused_without_what_it_holds(location, message):
    with pytest.raises(ProgrammingError, match=message) as caught:
        opened({"TokenCache": location})
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None or CANARY not in str(caught.value.__context__)


@pytest.mark.parametrize(
    ("location", "module", "message"),
    [
        ("redis://host", "redis", "run: pip install 'box-dialect\\[redis\\]'"),
        ("keyring", "keyring", "run: pip install 'box-dialect\\[keyring\\]'"),
        (
            f"postgresql+{DRIVER}://host/tokens",
            DRIVER,
            f"needs {DRIVER}, which cannot be imported; install the package",
        ),
    ],
)
def test_a_missing_library_is_named_with_what_to_install(monkeypatch, location, module, message):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ProgrammingError, match=message):
        opened({"TokenCache": location})


def test_what_is_built_in_is_what_the_package_declares():
    declared = {entry.name: entry.value for entry in entry_points(group=GROUP) if entry.dist.name == "box-dialect"}
    assert declared == BUILT_IN


MODULE = """
import contextlib
from pathlib import Path


class FolderCache:
    def __init__(self, folder):
        self.folder = Path(folder)

    def __str__(self):
        return f"the folder {self.folder}"

    def load(self, key):
        path = self.folder / key
        return path.read_bytes() if path.exists() else None

    def store(self, key, entry):
        (self.folder / key).write_bytes(entry)

    def delete(self, key):
        (self.folder / key).unlink(missing_ok=True)

    def lock(self, key):
        return contextlib.nullcontext()


def open_folder(location, properties):
    return FolderCache(location.removeprefix("folder://"))
"""

PROGRAM = """
import sys
from box_dialect.properties import check_values
from box_dialect.token_cache import open_cache

cache = open_cache(check_values({"TokenCache": f"folder://{sys.argv[1]}", "TokenCacheKey": "correct horse"}))
with cache.lock("account"):
    assert cache.load("account") is None
    cache.store("account", b"tokens")
assert cache.load("account") == b"tokens"
print(cache)
"""


def wheel(folder: Path, files: dict[str, str]) -> Path:
    """Build a wheel of these files, without a build tool, which would have to be fetched."""
    path = folder / "box_folder_cache-1.0-py3-none-any.whl"
    record = "box_folder_cache-1.0.dist-info/RECORD"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        hashes = {
            name: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()) for name, text in files.items()
        }
        lines = [f"{n},sha256={h.decode().rstrip('=')},{len(files[n].encode())}" for n, h in hashes.items()]
        archive.writestr(record, "\n".join([*lines, f"{record},,", ""]))
    return path


@pytest.mark.long
def test_a_package_adds_a_cache(tmp_path):
    info = "box_folder_cache-1.0.dist-info"
    built = wheel(
        tmp_path,
        {
            "box_folder_cache.py": MODULE,
            f"{info}/METADATA": "Metadata-Version: 2.1\nName: box-folder-cache\nVersion: 1.0\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/entry_points.txt": f"[{GROUP}]\nfolder = box_folder_cache:open_folder\n",
        },
    )
    installed, folder = tmp_path / "installed", tmp_path / "tokens"
    folder.mkdir()
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--target", installed, built]
    subprocess.run(pip, check=True, capture_output=True)
    path = os.pathsep.join(filter(None, [str(installed), os.environ.get("PYTHONPATH")]))
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, folder],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, f"the folder {folder}\n", "")
    assert b"tokens" not in (folder / "account").read_bytes()


BROKEN = """
from contextlib import contextmanager


class BrokenCache:
    def __init__(self, location):
        self._location = location

    def __str__(self):
        return "the broken cache"

    def load(self, key):
        raise RuntimeError(self._location)

    def store(self, key, entry):
        raise RuntimeError(self._location)

    delete = load

    @contextmanager
    def lock(self, key):
        if key == "lock":
            raise RuntimeError(self._location)
        yield
        if key == "release":
            raise RuntimeError(self._location)


def open_broken(location, properties):
    if location.endswith("/"):
        raise RuntimeError(location)
    return BrokenCache(location)
"""


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Return a location in a cache of another package that raises errors of its own."""
    info = tmp_path / "box_broken_cache-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: box-broken-cache\nVersion: 1.0\n", encoding="utf-8")
    declared = f"[{GROUP}]\nbroken = box_broken_cache:open_broken\n"
    (info / "entry_points.txt").write_text(declared, encoding="utf-8")
    (tmp_path / "box_broken_cache.py").write_text(BROKEN, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "box_broken_cache", raising=False)
    return f"broken://{CANARY}"


@pytest.mark.parametrize("key", [None, "the passphrase"], ids=["plain", "encrypted"])
@pytest.mark.parametrize("doing", ["load", "store", "delete", "lock", "release"])
def test_what_a_cache_of_another_package_raises_is_an_operational_error(broken, doing, key):
    cache = opened({"TokenCache": broken, "TokenCacheKey": key})

    def use():
        if doing in {"lock", "release"}:
            with cache.lock(doing):
                pass
        else:
            getattr(cache, doing)(*["account", b"tokens"][: 1 + (doing == "store")])

    with pytest.raises(OperationalError, match=r"^the broken cache failed \(RuntimeError\)$") as caught:
        use()
    assert caught.value.__context__ is None


def test_what_goes_wrong_while_a_lock_is_held_stays_what_it_is(broken):
    cache = opened({"TokenCache": broken})
    for error in (KeyError, KeyboardInterrupt):
        with pytest.raises(error), cache.lock("account"):
            raise error


def test_a_cache_of_another_package_that_cannot_be_opened_is_named(broken):
    with pytest.raises(ProgrammingError, match=r"^TokenCache=broken failed \(RuntimeError\)$") as caught:
        opened({"TokenCache": f"{broken}/"})
    assert caught.value.__context__ is None
