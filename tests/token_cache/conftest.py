"""Places that tokens are kept in, each as the properties that name it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from box_dialect.properties import check_values
from box_dialect.token_cache import TokenCache, open_cache
from token_cache.folder_keyring import FolderKeyring

PLACES = ["memory", "file", "keyring", "redis", "postgresql", "sqlite"]
WORKER = Path(__file__).with_name("worker.py")


@pytest.fixture
def folder_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[FolderKeyring]:
    """Make a folder the keyring of this process and of those that it starts."""
    keyring = pytest.importorskip("keyring.core")
    monkeypatch.setenv("FOLDER_KEYRING", str(tmp_path / "keyring"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "token_cache.folder_keyring.FolderKeyring")
    monkeypatch.setattr(keyring, "_keyring_backend", FolderKeyring())
    return FolderKeyring


@pytest.fixture
def properties(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The properties of the place that the parameter names."""
    match request.param:
        case "memory":
            return {"TokenCache": f"memory://{tmp_path}"}
        case "file":
            return {"OAuthSettingsLocation": str(tmp_path / "settings" / "OAuthSettings.txt")}
        case "keyring":
            request.getfixturevalue("folder_keyring")
            return {"TokenCache": "keyring"}
        case "sqlite":
            return {"TokenCache": f"sqlite:///{tmp_path / 'tokens.db'}"}
        case name:
            return {"TokenCache": request.getfixturevalue(f"{name}_url")}


def opened(properties: dict[str, str], **more: str) -> TokenCache:
    return open_cache(check_values({**properties, **more}))


class Worker:
    """A process, or a crowd of them, that runs a task of worker.py."""

    def __init__(self, *arguments: str, count: int = 1) -> None:
        path = os.pathsep.join(filter(None, [str(WORKER.parents[1]), os.environ.get("PYTHONPATH")]))
        self.count = count
        self.process = subprocess.Popen(
            [sys.executable, WORKER, str(count), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )

    def wait_until_ready(self) -> None:
        for _ in range(self.count):
            line = self.process.stdout.readline()
            assert line == "ready\n", line + self.process.stderr.read()

    def result(self) -> str:
        """Let the task run, if it waits, and return what it prints."""
        output, errors = self.process.communicate("!" * self.count)
        assert (self.process.returncode, errors) == (0, "")
        return output
