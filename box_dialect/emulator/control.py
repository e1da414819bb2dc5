"""Count the calls, script failures, and answer the control endpoints below /_emulator, which are not Box's.

- `GET /_emulator/stats` tells how many calls were made.
- `POST /_emulator/reset` forgets the counts and the scripted failures.
- `POST /_emulator/faults` takes a JSON list of failures to script (see `Fault`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from .routing import Reply


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """A scripted failure: after `skip` calls of an operation, the next `times` ones are answered so.

    `operation` is an operationId, or "*" for every call but those for a token. A `body` of text is sent as it is, with
    the content type text/html unless `headers` name another one; any other body is sent as JSON. `delay_ms` holds the
    answer back; `drop_connection` closes the connection instead of answering.
    """

    operation: str = "*"
    times: int = 1
    skip: int = 0
    status: int = 500
    headers: dict[str, str] = {}
    body: Any = None
    delay_ms: float = 0
    drop_connection: bool = False

    def reply(self) -> Reply:
        """Return the answer that this fault makes."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        if isinstance(self.body, str):
            return Reply(self.status, self.body.encode(), {"content-type": "text/html", **headers})
        return Reply(self.status, self.body, headers)


class Control:
    """The counts and the scripted failures of one emulator."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._forget()

    def _forget(self) -> None:
        self.by_operation: Counter[str] = Counter()
        self.token_calls = 0
        self.max_in_flight = self.in_flight
        self.faults: list[Fault] = []

    def enter(self, operation: str) -> None:
        """Note that a call begins; each must be followed by `leave`."""
        self.by_operation[operation] += 1
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)

    def leave(self) -> None:
        """Note that a call ends."""
        self.in_flight -= 1

    def fault_for(self, operation: str, *, wildcard: bool = True) -> Fault | None:
        """Return the scripted failure of this call, if it is to fail, and use it up."""
        for fault in self.faults:
            if fault.times > 0 and (fault.operation == operation or (wildcard and fault.operation == "*")):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def answer(self, method: str, path: str, body: bytes) -> Reply:
        """Answer a control endpoint."""
        if (method, path) == ("GET", "/stats"):
            return Reply(200, self._statistics())
        if (method, path) == ("POST", "/reset"):
            self._forget()
            return Reply(204)
        if (method, path) == ("POST", "/faults"):
            try:
                self.faults += msgspec.json.decode(body, type=list[Fault])
            except msgspec.DecodeError as error:
                return Reply(400, {"message": str(error)})
            return Reply(204)
        return Reply(404)

    def _statistics(self) -> dict[str, Any]:
        return {
            "calls": self.by_operation.total(),
            "by_operation": dict(sorted(self.by_operation.items())),
            "max_in_flight": self.max_in_flight,
            "token_calls": self.token_calls,
        }
