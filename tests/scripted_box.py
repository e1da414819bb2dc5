"""A server in the place of Box over real HTTP, whose answers a test gives as JSON and whose requests it reads."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from client_numbers import CLIENT_NUMBERS

import box_dialect
from box_dialect.catalog.model import AccessPath, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect.catalog.model import Table
    from box_dialect.catalog.model.procedure import Procedure

NOT_FOUND = 404, {"code": "not_found", "message": "there is no such object"}


@dataclass(frozen=True)
class Asked:
    """A request: its path below `/2.0`, its parameters, its headers in lower case, and its body."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    content: bytes

    @property
    def operation(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def body(self) -> Any:
        return json.loads(self.content)


class ScriptedBox(ThreadingHTTPServer):
    """Answer what `answers` has for an operation: JSON, a status with JSON, or a function that gives either.

    What it does not have is not found. `asked` are the requests in their order.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.answers: dict[str, Any] = {}
        self.asked: list[Asked] = []
        self._number = next(CLIENT_NUMBERS)

    @property
    def operations(self) -> list[str]:
        return [each.operation for each in self.asked]

    @contextmanager
    def connected(self, *known: Table | Procedure, **properties: Any) -> Iterator[box_dialect.Connection]:
        """Connect, with tables and procedures that a test declares."""
        own = {"MaxRetries": 0, "RetrySeconds": self._number}
        given = {"OAuthAccessToken": "token", "APIBaseURL": f"{self.url}/2.0", **own} | properties
        with box_dialect.connect(**given) as connection:
            connection.catalog.add(*known)
            yield connection

    def answer(self, asked: Asked) -> tuple[int, Any]:
        self.asked.append(asked)
        found = self.answers.get(asked.operation, NOT_FOUND)
        answer = found(asked) if callable(found) else found
        return answer if isinstance(answer, tuple) else (200, answer)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in pieces would wait for the acknowledgement of the first
    disable_nagle_algorithm = True
    server: ScriptedBox

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, path.removeprefix("/2.0"), dict(parse_qsl(query)), headers, content)
        status, answer = self.server.answer(asked)
        body = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


for _method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
    setattr(_Handler, f"do_{_method}", _Handler._serve)


@contextmanager
def scripted_box() -> Iterator[ScriptedBox]:
    """Yield a server that runs; a fixture is made of it."""
    with ScriptedBox() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def pages(entries: list[Any], size: int, place: Callable[[Asked], Any]) -> Callable[[Asked], Any]:
    """Return what answers a listing in pages by marker; `place` reads the marker out of a request."""

    def answer(asked: Asked) -> Any:
        start = int(place(asked) or 0)
        end = start + size
        return {"entries": entries[start:end], "next_marker": str(end) if end < len(entries) else None}

    return answer


def rows(connection: box_dialect.Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.cursor().execute(statement, parameters).fetchall()


def plan(connection: box_dialect.Connection, statement: str, *parameters: Any) -> str:
    """Return the steps of a statement's plan, without the estimate behind them."""
    steps = [row[3] for row in rows(connection, f"EXPLAIN QUERY PLAN {statement}", *parameters)]
    return " | ".join(step for step in steps if not step.startswith("ESTIMATE "))


def run(connection: box_dialect.Connection, statement: str, *parameters: Any) -> box_dialect.Cursor:
    return connection.cursor().execute(statement, parameters)


def sent(box: ScriptedBox) -> list[tuple[str, Any]]:
    """Return the requests since the last time, those that write with their bodies."""
    asked = [(each.operation, each.body if each.content else None) for each in box.asked]
    box.asked.clear()
    return asked


def by_id(path: str, **endpoint: Any) -> AccessPath:
    return AccessPath(
        name="by id", endpoints=(Endpoint(path=path, takes_fields=False, **endpoint),), keys=("id",), unique=True
    )
