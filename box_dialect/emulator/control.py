"""Count the calls, and answer the control endpoints below /_emulator, which are not Box's.

- `GET /_emulator/stats` tells how many calls were made.
- `POST /_emulator/reset` forgets the counts and the scripted failures.
- `POST /_emulator/faults` takes a JSON list of failures to script (see `Fault`), or of fault points as NAME=VALUE.
- `POST /_emulator/clock` sets the emulator's clock (see `ClockSetting`).
- `POST /_emulator/index` sets how far search and the Query API lag behind (see `Lag`).
- `POST /_emulator/cascades` sets how far cascades of metadata lag behind (see `Lag`).
- `GET /_emulator/features` tells what the enterprise has of what some lack, and `POST` sets it (see `Features`).
- `POST /_emulator/expire` lets codes or tokens run out (see `Expiry`).
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from .faults import Fault
from .features import checked
from .oauth.authority import Kind  # noqa: TC001 - msgspec reads it
from .reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .index import Index
    from .metadata.cascades import Cascades
    from .oauth import Authority
    from .store import Store


class ClockSetting(msgspec.Struct, forbid_unknown_fields=True):
    """By how many seconds the emulator's clock shall be ahead of the machine's; a negative number is behind.

    It is no more than some thirty years.
    """

    offset: Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]


class Lag(msgspec.Struct, forbid_unknown_fields=True):
    """After how many seconds a change has its effect; with 0 all that changed has it at once."""

    lag: Annotated[float, msgspec.Meta(ge=0)]


class Features(msgspec.Struct, forbid_unknown_fields=True):
    """The features that the enterprise has, by their names; any other one it lacks."""

    features: frozenset[str]


class Expiry(msgspec.Struct, forbid_unknown_fields=True):
    """What runs out at once: one code or token of a kind, or without `token` all of them."""

    kind: Kind
    token: str | None = None


class Control:
    """The counts and the clock of one emulator, and what else a test may change."""

    def __init__(self, authority: Authority, clock_offset: float, store: Store) -> None:
        self.clock_offset = clock_offset
        self._authority, self._store = authority, store
        self.in_flight = 0
        self._forget()
        self._endpoints: dict[tuple[str, str], Callable[[bytes], Reply]] = {
            ("GET", "/stats"): self._statistics,
            ("POST", "/reset"): self._reset,
            ("POST", "/faults"): self._script,
            ("POST", "/clock"): self._set_clock,
            ("POST", "/index"): partial(_let_lag, store.indexes),
            ("POST", "/cascades"): partial(_let_lag, (store.cascades,)),
            ("GET", "/features"): self._tell_features,
            ("POST", "/features"): self._set_features,
            ("POST", "/expire"): self._expire,
        }

    def _forget(self) -> None:
        self.by_operation: Counter[str] = Counter()
        self.grants: Counter[str] = Counter()
        self.token_calls = 0
        self.max_in_flight = self.in_flight

    def enter(self, operation: str) -> None:
        """Note that a call begins; each must be followed by `leave`."""
        self.by_operation[operation] += 1
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)

    def leave(self) -> None:
        """Note that a call ends."""
        self.in_flight -= 1

    def answer(self, method: str, path: str, body: bytes) -> Reply:
        """Answer a control endpoint."""
        endpoint = self._endpoints.get((method, path.removeprefix("/_emulator")))
        if endpoint is None:
            return Reply(404)
        try:
            return endpoint(body)
        except (ValueError, msgspec.DecodeError) as error:  # of a body, or of what it asks for
            return Reply(400, {"message": str(error)})

    def _statistics(self, _body: bytes) -> Reply:
        statistics = {
            "calls": self.by_operation.total(),
            "by_operation": dict(sorted(self.by_operation.items())),
            "max_in_flight": self.max_in_flight,
            "token_calls": self.token_calls,
            "grants": dict(sorted(self.grants.items())),
        }
        return Reply(200, statistics)

    def _reset(self, _body: bytes) -> Reply:
        self._forget()
        self._store.faults.clear()
        return Reply(204)

    def _script(self, body: bytes) -> Reply:
        self._store.faults.script(*msgspec.json.decode(body, type=list[Fault | str]))
        return Reply(204)

    def _set_clock(self, body: bytes) -> Reply:
        self.clock_offset = msgspec.json.decode(body, type=ClockSetting).offset
        return Reply(204)

    def _tell_features(self, _body: bytes) -> Reply:
        return Reply(200, {"features": sorted(self._store.features)})

    def _set_features(self, body: bytes) -> Reply:
        asked = msgspec.json.decode(body, type=Features).features
        self._store.features = checked(asked, self._store.known_features)
        return Reply(204)

    def _expire(self, body: bytes) -> Reply:
        asked = msgspec.json.decode(body, type=Expiry)
        return Reply(204 if self._authority.expire(asked.kind, asked.token) else 404)


def _let_lag(what: Iterable[Index[Any] | Cascades], body: bytes) -> Reply:
    lag = msgspec.json.decode(body, type=Lag).lag
    for each in what:
        each.lag = lag
    return Reply(204)
