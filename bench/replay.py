"""Serve folders that hold one page of files again and again, out of bytes that are made once.

    python bench/replay.py ENTRIES ROWS --ready-file FILE

ENTRIES is a JSON file with the list of a page's entries. Each folder holds ROWS files, page after page of those, by
marker or by offset. So a client can be measured that is faster than the emulator writes entries.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs


class Pages:
    """The answers: `size` entries a page, until there were `rows`."""

    def __init__(self, entries: list[dict[str, object]], rows: int) -> None:
        self.size, self.rows = len(entries), rows
        self._entries = entries
        self._written = cache(self._write)

    def answer(self, query: str) -> bytes:
        """Return the page that a query asks for, as JSON."""
        values = {name: texts[0] for name, texts in parse_qs(query).items()}
        by_marker = values.get("usemarker") == "true"
        start = int(values.get("marker" if by_marker else "offset", "0"))
        following = start + self.size
        tail = f',"limit":{self.size},'
        if by_marker:
            tail += f'"next_marker":"{following if following < self.rows else ""}"'
        else:
            tail += f'"offset":{start},"total_count":{self.rows}'
        return b'{"entries":' + self._written(values.get("fields", "")) + tail.encode() + b"}"

    def _write(self, fields: str) -> bytes:
        names = {"type", "id", *fields.split(",")} if fields else set(self._entries[0])
        chosen = [{name: entry[name] for name in entry if name in names} for entry in self._entries]
        return json.dumps(chosen, separators=(",", ":")).encode()


class Connection(asyncio.Protocol):
    """One client's connection; all its requests are GETs."""

    transport: asyncio.Transport

    def __init__(self, pages: Pages) -> None:
        self._pages, self._received = pages, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - that of a TCP server
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        *requests, self._received = (self._received + data).split(b"\r\n\r\n")
        for request in requests:
            target = request.split(b" ", 2)[1].decode("ascii")
            body = self._pages.answer(target.partition("?")[2])
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.transport.writelines([head.encode(), body])


async def serve(pages: Pages, ready_file: Path) -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(pages), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    partial = ready_file.with_suffix(".part")
    partial.write_text(json.dumps({"api_base_url": f"http://127.0.0.1:{port}/2.0"}), encoding="utf-8")
    partial.rename(ready_file)
    await server.serve_forever()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("entries", type=Path)
    parser.add_argument("rows", type=int)
    parser.add_argument("--ready-file", type=Path, required=True)
    arguments = parser.parse_args()
    entries = json.loads(arguments.entries.read_text(encoding="utf-8"))
    asyncio.run(serve(Pages(entries, arguments.rows), arguments.ready_file))


if __name__ == "__main__":
    main()
