"""How many calls a second the emulator answers to a client that does nothing but send them.

The lines need calls as fast as concurrency / latency; where the emulator's own ceiling is not well above, they measure
the emulator.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench.servers import emulator

if TYPE_CHECKING:
    from bench.contest import Settings
    from bench.servers import Server

CALLS = 4_000


def measured(settings: Settings) -> float:
    """Return the calls a second without latency, of listings of twenty files."""
    with emulator({"synthetic": 2_000}) as server:
        calls = max(settings.concurrency, round(CALLS * min(1.0, settings.scale)))
        return asyncio.run(_ask(server, server.sample(0).folder_id, calls, settings.concurrency))


async def _ask(server: Server, folder_id: str, calls: int, concurrency: int) -> float:
    api = urlsplit(server.api)
    request = (
        f"GET {api.path}/folders/{folder_id}/items?limit=1000&usemarker=true&fields=extension,size,type HTTP/1.1\r\n"
        f"Host: {api.netloc}\r\nAuthorization: Bearer {server.token}\r\n\r\n"
    ).encode()
    waiting = iter(range(calls))

    async def client() -> None:
        reader, writer = await asyncio.open_connection(api.hostname, api.port)
        for _ in waiting:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not head.startswith(b"http/1.1 200 "):
                raise RuntimeError(f"the emulator answered {head.splitlines()[0]!r}")
            await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(concurrency)))
    return calls / (time.perf_counter() - began)
