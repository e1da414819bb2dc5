"""A server in the place of Box that serves one file's content over real HTTP, in ways that go wrong as a test says."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from client_numbers import CLIENT_NUMBERS

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_ID: Final = "1"
_RANGE: Final = re.compile(r"bytes=(\d+)-(\d+)")


@dataclass
class ContentBox:
    """What is served, and how: `breaks` are the bytes after which answers are cut off, one answer after another.

    `ranges` are what was asked for, None for the whole, and `sent` the bytes that went out. `pending` answers say that
    the content is not ready. Without `serves_ranges` each answer is the whole. `shift` moves the range of an answer.
    """

    content: bytes
    sha1: str | None = None
    name: str = "data.bin"
    breaks: list[int] = field(default_factory=list)
    pending: int = 0
    serves_ranges: bool = True
    shift: int = 0
    ranges: list[tuple[int, int] | None] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    version_id: str = "11"
    bodies: list[int] = field(default_factory=list)

    @property
    def sent(self) -> int:
        return sum(self.bodies)

    def entry(self) -> dict[str, Any]:
        sha1 = self.sha1 or hashlib.sha1(self.content).hexdigest()
        version = {"type": "file_version", "id": self.version_id}
        return {
            "type": "file",
            "id": FILE_ID,
            "name": self.name,
            "size": len(self.content),
            "sha1": sha1,
            "etag": "0",
            "file_version": version,
            "parent": {"type": "folder", "id": "0"},
        }

    @contextmanager
    def connected(self, **properties: Any) -> Iterator[box_dialect.Connection]:
        """Serve it, and connect."""

        class Handler(_Handler):
            box = self

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}/2.0"
        own = {"OAuthAccessToken": "token", "APIBaseURL": base, "RetrySeconds": next(CLIENT_NUMBERS)}
        try:
            with box_dialect.connect(**own | properties) as connection:
                yield connection
        finally:
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    box: ContentBox
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        box, path = self.box, self.path.partition("?")[0]
        box.operations.append(path)
        if path.endswith("/items"):
            self._json({"entries": [box.entry()], "limit": 1000})
        elif path == f"/2.0/files/{FILE_ID}":
            self._json(box.entry())
        elif path == f"/2.0/files/{FILE_ID}/content" and box.pending:
            box.pending -= 1
            self._answer(202, b"", {"Retry-After": "0"})
        elif path == f"/2.0/files/{FILE_ID}/content":
            self._answer(302, b"", {"Location": "/dl"})
        elif path == "/dl":
            self._content()
        else:
            self._json({"code": "not_found"}, 404)

    def _content(self) -> None:
        box, asked = self.box, _RANGE.fullmatch(self.headers.get("Range", ""))
        assert "Authorization" not in self.headers
        assert self.headers["Accept-Encoding"] == "identity"  # or places would be those of what is compressed
        if asked is None or not box.serves_ranges:
            box.ranges.append(None)
            self._answer(200, box.content, {})
            return
        first, last = int(asked[1]), int(asked[2])
        box.ranges.append((first, last + 1))
        first += box.shift
        body = box.content[first : last + 1 + box.shift]
        self._answer(206, body, {"Content-Range": f"bytes {first}-{first + len(body) - 1}/{len(box.content)}"})

    def _json(self, body: Any, status: int = 200) -> None:
        self._answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        is_content = status in {200, 206} and "Content-Type" not in headers
        if is_content and self.box.breaks:
            body = body[: self.box.breaks.pop(0)]
            self.close_connection = True
        if is_content:  # counted before, since who has the last byte may look at the count
            self.box.bodies.append(len(body))
        try:
            self.wfile.write(body)
        except OSError:  # who asks has enough
            self.close_connection = True
            if is_content:
                self.box.bodies.append(-len(body))

    def log_message(self, *_: object) -> None:
        """Say nothing."""
