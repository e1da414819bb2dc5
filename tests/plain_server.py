"""A server in the place of Box, whose answers a test writes byte by byte."""

from __future__ import annotations

import json
import socketserver
import threading
from uuid import uuid4

from client_numbers import CLIENT_NUMBERS
from patience import PATIENCE_SECONDS

import box_dialect


class Server(socketserver.ThreadingTCPServer):
    """A server whose answers a test writes: `answers` has an iterable of the bytes to send for each path."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = {"/oauth2/token": answer({"access_token": "token", "expires_in": 3600})}
        self.asked = []
        self.is_ending = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._number = next(CLIENT_NUMBERS)

    def connect(self, **properties):
        patient = {"RequestTimeout": PATIENCE_SECONDS, "MaxRetries": 0, "RetrySeconds": self._number}
        given = {"OAuthAccessToken": "token"} | patient | properties
        return box_dialect.connect(APIBaseURL=f"{self.url}/2.0", TokenURL=f"{self.url}/oauth2/token", **given)

    def sign_in(self, **properties):
        """Return a connection that signs in; no other one's token is kept for its account, should a port come again."""
        given = {"AuthScheme": "OAuthClient", "OAuthClientId": "a", "OAuthClientSecret": "b", "SubjectId": uuid4().hex}
        return self.connect(OAuthAccessToken=None, TokenCache="memory://", **given, **properties)


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while request := self.rfile.readline():
            length = 0
            while header := self.rfile.readline().strip():
                length = int(header.split(b":")[1]) if header.lower().startswith(b"content-length") else length
            self.rfile.read(length)
            path = request.split()[1].decode().partition("?")[0]
            self.server.asked.append(path)
            for piece in self.server.answers[path]:
                if self.server.is_ending.is_set():
                    return
                try:
                    self.wfile.write(piece)
                except OSError:
                    return


def answer(body, status=200, headers=(), coding=None):
    """Return an answer with a body, of JSON where it is no bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}", *headers]
    lines += [f"Content-Encoding: {coding}"] if coding else []
    return ["\r\n".join([*lines, "", ""]).encode() + content]


def serving():
    """Yield a server that runs; a fixture is made of it."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.is_ending.set()
        server.shutdown()
        thread.join()
