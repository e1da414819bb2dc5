"""Start the servers that the bench asks, each in a process of its own, and sign the official SDK in to them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from box_sdk_gen import BoxClient

_REPLAY = Path(__file__).with_name("replay.py")


@dataclass(frozen=True)
class Sample:
    """The first folder of the root, the first file in it, and what to say about that."""

    folder_id: str
    folder_name: str
    file_id: str
    file_name: str
    messages: list[str]


@dataclass(frozen=True)
class Server:
    """A server that answers as Box: the process id, the address of its API, the driver's URL and an access token.

    `http` is for questions beside what is measured.
    """

    pid: int
    api: str
    url: str
    token: str
    http: httpx.Client

    def listing(self, folder_id: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return one page of a folder."""
        answer = self.http.get(
            f"{self.api}/folders/{folder_id}/items",
            params=parameters,
            headers={"Authorization": f"Bearer {self.token}"},
        )
        entries: list[dict[str, Any]] = answer.raise_for_status().json()["entries"]
        return entries

    def sample(self, messages: int) -> Sample:
        """Return something to ask for, and a number of messages."""
        (folder,) = self.listing("0", limit=1)
        (file,) = self.listing(folder["id"], limit=1)
        return Sample(
            folder["id"], folder["name"], file["id"], file["name"], [f"Remark {number}" for number in range(messages)]
        )

    def sdk(self) -> BoxClient:
        """Return a client of the official SDK, boxsdk, which signs in with the access token."""
        from box_sdk_gen import BaseUrls, BoxClient, BoxDeveloperTokenAuth, NetworkSession

        urls = BaseUrls(base_url=self._origin, upload_url=self._origin, oauth_2_url=f"{self._origin}/oauth2")
        return BoxClient(BoxDeveloperTokenAuth(self.token), network_session=NetworkSession(base_urls=urls))

    @property
    def upload(self) -> str:
        """The address that files are uploaded to."""
        return f"{self._origin}/api/2.0"

    @property
    def _origin(self) -> str:
        return self.api.removesuffix("/2.0")


@contextlib.contextmanager
def emulator(options: Mapping[str, object]) -> Iterator[Server]:
    """Run an emulator; `options` are those of its command, without the dashes."""
    command = [sys.executable, "-m", "box_dialect.cli", "emulator"]
    for name, value in options.items():
        command += [] if value is None else [f"--{name.replace('_', '-')}", str(value)]
    with running(command) as (pid, ready), httpx.Client() as http:
        yield Server(pid, ready["api_base_url"], ready["url"], ready["developer_token"], http)


@contextlib.contextmanager
def replay(entries: list[dict[str, Any]], rows: int) -> Iterator[Server]:
    """Run a server whose every folder holds `rows` files: these entries, again and again."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "entries.json"
        page.write_text(json.dumps(entries, separators=(",", ":")), encoding="utf-8")
        with running([sys.executable, str(_REPLAY), str(page), str(rows)]) as (pid, ready), httpx.Client() as http:
            api = ready["api_base_url"]
            yield Server(pid, api, f"box://{urlsplit(api).netloc}/?OAuthAccessToken=replayed", "replayed", http)


@contextlib.contextmanager
def running(command: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Run a server until the block ends, and give its process id and what its ready file says."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        process = subprocess.Popen(  # noqa: S603 - this interpreter, and programs of this project
            [*command, "--ready-file", str(ready)], stdout=subprocess.DEVNULL
        )
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise RuntimeError(f"{' '.join(command)} did not start")
                time.sleep(0.02)
            yield process.pid, json.loads(ready.read_text(encoding="utf-8"))
        finally:
            process.terminate()
            process.wait()
