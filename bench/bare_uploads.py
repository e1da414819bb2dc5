"""Upload by hand: httpx and as many workers as calls may be in flight, with the digests that Box checks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    from bench.servers import Server


async def files(server: Server, folder_id: str, contents: Sequence[tuple[str, bytes]], workers: int) -> None:
    """Upload files into a folder, each in one call."""
    todo = iter(contents)

    async def work(http: httpx.AsyncClient) -> None:
        for name, content in todo:
            attributes = json.dumps({"name": name, "parent": {"id": folder_id}})
            answer = await http.post(
                f"{server.upload}/files/content",
                headers={"content-md5": hashlib.sha1(content, usedforsecurity=False).hexdigest()},
                files={"attributes": (None, attributes, "application/json"), "file": ("file", content)},
            )
            answer.raise_for_status()

    await _together(server, work, workers)


async def large_file(server: Server, folder_id: str, path: Path, size: int, workers: int) -> None:
    """Upload a file in parts by an upload session; parts are read and hashed one after another, in threads."""
    parts: dict[int, Any] = {}
    async with _client(server) as http:
        begun = {"folder_id": folder_id, "file_name": path.name, "file_size": size}
        session = (await http.post(f"{server.upload}/files/upload_sessions", json=begun)).raise_for_status().json()
    url, whole = f"{server.upload}/files/upload_sessions/{session['id']}", hashlib.sha1(usedforsecurity=False)
    todo, turn = _parts(path, session["part_size"], whole), asyncio.Lock()

    async def work(http: httpx.AsyncClient) -> None:
        while True:
            async with turn:
                part = await asyncio.to_thread(next, todo, None)
            if part is None:
                return
            offset, data, digest = part
            headers = {
                "digest": f"sha={base64.b64encode(digest).decode()}",
                "content-range": f"bytes {offset}-{offset + len(data) - 1}/{size}",
                "content-type": "application/octet-stream",
            }
            parts[offset] = (await http.put(url, content=data, headers=headers)).raise_for_status().json()["part"]

    await _together(server, work, workers)
    digest = base64.b64encode(whole.digest()).decode()
    async with _client(server) as http:
        body: dict[str, Any] = {"parts": [parts[offset] for offset in sorted(parts)]}
        (await http.post(f"{url}/commit", json=body, headers={"digest": f"sha={digest}"})).raise_for_status()


def _parts(path: Path, size: int, whole: Any) -> Iterator[tuple[int, bytes, bytes]]:
    offset = 0
    with path.open("rb") as file:
        while data := file.read(size):
            whole.update(data)
            yield offset, data, hashlib.sha1(data, usedforsecurity=False).digest()
            offset += len(data)


async def _together(server: Server, work: Callable[[httpx.AsyncClient], Awaitable[None]], workers: int) -> None:
    """Have workers go through what there is to do, each with a client of its own, which is faster than one for all."""

    async def alone() -> None:
        async with _client(server) as http:
            await work(http)

    await asyncio.gather(*(alone() for _ in range(workers)))


def _client(server: Server) -> httpx.AsyncClient:
    return httpx.AsyncClient(headers={"Authorization": f"Bearer {server.token}"}, timeout=60)
