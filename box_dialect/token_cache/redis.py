"""Tokens in Redis, for processes on several hosts.

The lock is a key that expires, so that a host that dies holds up the others for a while only. It is renewed while it is
held, and what is stored under it is stored only where it is still held, in one step.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from box_dialect.errors import Diagnostics, ProgrammingError, SignInError
from box_dialect.token_cache.base import LOCK_SECONDS
from box_dialect.token_cache.locks import held_by_another

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.properties import Properties

LEASE_SECONDS: Final = 30.0
"""How long a lock lasts that is not renewed."""

RENEWAL_SECONDS: Final = LEASE_SECONDS / 3

_URL_FORM: Final = (
    "the URL of TokenCache has the form redis://USER:PASSWORD@HOST:PORT/NUMBER, or rediss:// for TLS; characters such "
    "as @ : / ? in the password must be percent-encoded"
)

_ACQUIRE: Final = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
"""Whoever holds the lock gets it again: the client repeats a command whose answer was lost."""

_RENEW: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""

_RELEASE: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""

_STORE: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
"""


class RedisCache:
    """Keep each entry under `box-dialect:{KEY}`, and its lock under `box-dialect:{KEY}:lock`."""

    def __init__(self, url: str, *, renewal_seconds: float = RENEWAL_SECONDS) -> None:
        import redis

        try:
            self._client = redis.Redis.from_url(url, socket_timeout=30, socket_connect_timeout=10)
        except ValueError:
            raise ProgrammingError(_URL_FORM) from None
        self._failure = redis.RedisError
        self._renewal_seconds = renewal_seconds
        self._held = threading.local()

    def __str__(self) -> str:
        where = self._client.connection_pool.connection_kwargs
        return f"Redis at {where.get('host', 'localhost')}:{where.get('port', 6379)}"

    def load(self, key: str) -> bytes | None:
        """Return the entry, None where there is none."""
        with self._reported():
            entry = self._client.get(_entry(key))
        return entry.encode() if isinstance(entry, str) else entry  # which the URL's decode_responses makes of it

    def store(self, key: str, entry: bytes) -> None:
        """Replace the entry; raises SignInError and keeps nothing where this thread's lock is lost."""
        token = self._tokens().get(key)
        if token is None:
            with self._reported():
                self._client.set(_entry(key), entry)
        elif not self._run(_STORE, key, token, entry):
            raise SignInError(
                f"nothing was stored in {self}: the lock was lost, for this process stood still for more than "
                f"{LEASE_SECONDS:.0f} seconds, or somebody removed it",
                Diagnostics(retryable=True),
            )

    def delete(self, key: str) -> None:
        """Remove the entry."""
        with self._reported():
            self._client.delete(_entry(key))

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Hold the entry against all who use this Redis."""
        token = secrets.token_hex(16)
        self._acquire(key, token)
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(key, token, done), name="box-dialect lock", daemon=True)
        with suppress(RuntimeError):  # no thread begins at the end of the interpreter, where a lease lasts long enough
            renewing.start()
        self._tokens()[key] = token
        try:
            yield
        finally:
            del self._tokens()[key]
            done.set()
            if renewing.ident is not None:
                renewing.join()
            with suppress(SignInError):  # what was done is done, and the lock ends by itself
                self._run(_RELEASE, key, token)

    def _acquire(self, key: str, token: str) -> None:
        deadline = time.monotonic() + LOCK_SECONDS
        while not self._run(_ACQUIRE, key, token, _milliseconds(LEASE_SECONDS)):
            if time.monotonic() > deadline:
                raise held_by_another(f"the lock in {self}", LOCK_SECONDS)
            time.sleep(random.uniform(0.02, 0.1))  # noqa: S311 - to spread who waits

    def _renew(self, key: str, token: str, done: threading.Event) -> None:
        while not done.wait(self._renewal_seconds):
            with suppress(SignInError):  # the next round may reach Redis again; `store` sees whether it was late
                self._run(_RENEW, key, token, _milliseconds(LEASE_SECONDS))

    def _run(self, script: str, key: str, token: str, argument: bytes | int | None = None) -> Any:
        arguments = [token] if argument is None else [token, argument]
        with self._reported():
            return self._client.eval(script, 2, _lock(key), _entry(key), *arguments)

    def _tokens(self) -> dict[str, str]:
        """Return the locks that this thread holds."""
        tokens: dict[str, str] = self._held.__dict__
        return tokens

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except self._failure as error:
            raise SignInError(
                f"{self} cannot be used ({type(error).__name__}: {error}); check the property TokenCache",
                Diagnostics(retryable=True),
            ) from None


def _entry(key: str) -> str:
    return f"box-dialect:{{{key}}}"  # in braces, so that a cluster keeps it with its lock


def _lock(key: str) -> str:
    return f"{_entry(key)}:lock"


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def open_redis(location: str, _properties: Properties) -> RedisCache:
    """Return the cache at a `redis://` or `rediss://` URL; raises ImportError where the library is not installed."""
    try:
        parts = urlsplit(location)
    except ValueError:
        raise ProgrammingError(_URL_FORM) from None
    if "@" in parts.netloc.rpartition("@")[0] + parts.path + parts.query + parts.fragment:
        raise ProgrammingError(_URL_FORM)  # a part of the password would be taken for the host, and shown
    return RedisCache(location)
