"""Run an emulator: in a background thread, or in the foreground until a signal comes."""

from __future__ import annotations

import contextlib
import contextvars
import os
import secrets
import signal
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import msgspec
import uvicorn

from . import clock, features, seeds
from .app import App
from .oauth import Application, Authority
from .rates import BOX_RATES, Rate
from .resources import FEATURES, SHIPPED
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import FrameType, TracebackType

    from .resource import Resource

SESSION_TTL = 10 * 365 * 86400  # of the developer token, so that it outlives any run


@dataclass(frozen=True, kw_only=True)
class Options:
    """How an emulator is set up.

    `load` names a directory whose tree is served, without what has a name that a pattern of `exclude` matches;
    `synthetic` is a number of generated files; without either a small tree with awkward names is served. Of the
    generated content, `synthetic_folder_size` is the number of files a folder, `synthetic_people` the number of users
    and of groups, `synthetic_comments` the number of comments on each file. `latency_ms` delays each answer,
    `rate_limit` is a number of calls per minute and user, `box_rates` adds Box's own rates, those of uploads and
    searches among them, `token_ttl` the lifetime of access tokens in seconds, `clock_offset` by how many seconds the
    emulator's clock is ahead of this machine's, `index_lag` after how many seconds search and the Query API find a
    change, `cascade_lag` after how many seconds metadata cascades. `features` names what the
    enterprise has of what some lack; an operation that needs another one is refused as at Box.
    `redirect_uris` are those that the application is configured with; without any, each https URI and each one of a
    loopback address will do. `faults` are fault points that the emulator begins with, as NAME or NAME=VALUE. Port 0
    takes any free port.
    """

    load: Path | None = None
    exclude: tuple[str, ...] = ()
    synthetic: int | None = None
    synthetic_folder_size: int | None = None
    synthetic_people: int | None = None
    synthetic_comments: int | None = None
    latency_ms: float = 0
    rate_limit: int | None = None
    box_rates: bool = False
    token_ttl: int = 3600
    clock_offset: float = 0
    index_lag: float = 0
    cascade_lag: float = 0
    features: frozenset[str] = FEATURES
    redirect_uris: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    port: int = 0
    host: str = "127.0.0.1"


class Emulator:
    """A local stand-in for Box, in use as a context manager: it listens inside the `with` block.

    `ready` holds the addresses and the secrets to sign in with, `store` the state that may be changed directly.
    What is served lies in the administrator's root folder; another user sees what is owned by or shared with them.
    `resources` are served beside those that every emulator serves, and in place of operations that these have too.

    Raises ValueError for a fault point that there is not, or for a value that one does not take.
    """

    def __init__(self, options: Options | None = None, *, resources: Iterable[Resource[Any]] = ()) -> None:
        self.options = options or Options()
        self.store = Store(resources=(*SHIPPED, *resources))
        of_these = self.store.known_features - FEATURES  # of the further resources, which options do not know
        self.store.features = features.checked(self.options.features, FEATURES) | of_these
        shape = {
            "folder_size": self.options.synthetic_folder_size,
            "people": self.options.synthetic_people,
            "comments": self.options.synthetic_comments,
        }
        seeds.plant(self.store, self.options.load, self.options.synthetic, self.options.exclude, shape)
        for index in self.store.indexes:
            index.lag = self.options.index_lag
        self.store.cascades.lag = self.options.cascade_lag
        self.store.faults.script(*self.options.faults)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._server: uvicorn.Server | None = None
        self.ready: dict[str, Any] = {}

    def bind(self) -> uvicorn.Server:
        """Take the port, make the application and describe it in `ready`; the server does not yet serve.

        Raises OSError where the port is taken, and ValueError for a redirect URI that Box would not take.
        """
        options = self.options
        application = Application.register(options.redirect_uris)
        self._socket = _listen(options.host, options.port)
        host = f"[{options.host}]" if ":" in options.host else options.host
        base_url = f"http://{host}:{self._socket.getsockname()[1]}"
        authority = Authority(self.store, application, options.token_ttl)
        rates = [*(BOX_RATES if options.box_rates else ()), *([Rate(options.rate_limit)] if options.rate_limit else ())]
        app = App(self.store, authority, base_url, options.latency_ms, rates, options.clock_offset)
        context = contextvars.copy_context()
        context.run(clock.offset.set, options.clock_offset)
        self.ready = context.run(_describe, self.store, authority, base_url)
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            log_level="error",
            date_header=False,  # the application writes it, by its own clock
            server_header=False,
            lifespan="off",
            proxy_headers=False,
            ws="none",
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config, app)
        return self._server

    def serve(self) -> None:
        """Serve until the server is asked to stop, then let go of the port."""
        assert self._server is not None  # noqa: S101 - `bind` comes before
        assert self._socket is not None  # noqa: S101 - likewise
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def __enter__(self) -> Self:
        server = self.bind()
        self._thread = threading.Thread(target=self.serve, name="box-emulator", daemon=True)
        self._thread.start()
        while not server.started:
            if not self._thread.is_alive():
                raise RuntimeError("The emulator could not start")
            time.sleep(0.002)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()


class _Server(uvicorn.Server):
    """A server that does not wait for requests which are held until something happens."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.let_go()
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    """Open the port as TCP by name: asyncio sends small answers at once on such sockets only."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener


def serve(
    options: Options, ready_file: Path | None = None, announce: Callable[[dict[str, Any]], None] | None = None
) -> None:
    """Serve in the foreground until SIGINT or SIGTERM.

    Once connections are taken, what `Emulator.ready` holds is written to `ready_file` and given to `announce`. Raises
    OSError where the port is taken, or a file cannot be read or written.
    """
    with contextlib.suppress(KeyboardInterrupt), _interrupted_by(signal.SIGINT, signal.SIGTERM):
        emulator = Emulator(options)
        emulator.bind()
        if ready_file is not None:
            _write_atomically(ready_file, msgspec.json.format(msgspec.json.encode(emulator.ready), indent=2))
        if announce is not None:
            announce(emulator.ready)
        emulator.serve()


@contextlib.contextmanager
def _interrupted_by(*signals: signal.Signals) -> Iterator[None]:
    """Let signals raise KeyboardInterrupt: uvicorn stops on them and then raises them anew, to end the process."""

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as the signal module calls it
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or none; it holds secrets, so that only its owner may read it.

    Nobody can have put a file or a link where it is written first.
    """
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        partial.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _describe(store: Store, authority: Authority, base_url: str) -> dict[str, Any]:
    application, admin = authority.application, store.admin.id
    somebody = next((user for user in store.users.values() if user.role == "user"), store.admin)
    access_token, refresh_token = authority.issue_pair(somebody)
    credentials = f"{application.client_id}:{application.client_secret}"
    subject = f"AuthScheme=OAuthClient&SubjectType=user&SubjectId={admin}"
    return {
        "url": f"box://{credentials}@{base_url.removeprefix('http://')}/?{subject}",
        "api_base_url": f"{base_url}/2.0",
        "upload_base_url": f"{base_url}/api/2.0",
        "authorize_url": f"{base_url}/api/oauth2/authorize",
        "token_url": f"{base_url}/oauth2/token",
        "revoke_url": f"{base_url}/oauth2/revoke",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "enterprise_id": store.enterprise["id"],
        "admin_user_id": admin,
        "user_id": somebody.id,
        "user_access_token": access_token,
        "user_refresh_token": refresh_token,
        "developer_token": authority.issue(store.admin, SESSION_TTL),
        "jwt_config": application.jwt_config(store.enterprise["id"]),
    }
