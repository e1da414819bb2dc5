"""Serve over HTTP: on this machine alone, or to whoever has the token."""

from __future__ import annotations

import contextlib
import hmac
import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from box_dialect.errors import OperationalError, ProgrammingError, printable
from box_dialect.extras import extra
from box_dialect.mcp.server import server
from box_dialect.mcp.signals import interrupted_by_signals
from box_dialect.properties import is_loopback

with extra("mcp"):
    import uvicorn
    from mcp.server.auth.provider import AccessToken
    from mcp.server.auth.settings import AuthSettings
    from mcp.server.transport_security import TransportSecuritySettings
    from pydantic import AnyHttpUrl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from starlette.applications import Starlette

    from box_dialect.mcp.bounds import Bounds

PATH: Final = "/mcp"
LEAST_OF_A_TOKEN: Final = 24
"""Characters that a token has at least: fewer can be guessed."""

_THIS_MACHINE: Final = ("127.0.0.1", "localhost", "[::1]")
_SECONDS_TO_END: Final = 2


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens; port 0 is a free one."""

    host: str
    port: int

    @classmethod
    def of(cls, text: str) -> Address:
        """Return the address of `PORT`, `HOST:PORT` or `[HOST]:PORT`; raises ProgrammingError for another text."""
        host, _, port = text.rpartition(":")
        if not (port.isascii() and port.isdigit()) or int(port) > 65_535 or (":" in host and not host.startswith("[")):
            raise ProgrammingError(f"{printable(text)!r} is neither PORT nor HOST:PORT, such as 8000 or 127.0.0.1:8000")
        return cls(host.strip("[]") or "127.0.0.1", int(port))

    @property
    def is_local(self) -> bool:
        """Whether this machine alone reaches it."""
        return is_loopback(self.host)

    @property
    def names(self) -> tuple[str, ...]:
        """What clients call the host; empty where it is every address of the machine."""
        with contextlib.suppress(ValueError):
            if ipaddress.ip_address(self.host).is_unspecified:
                return ()
        name = f"[{self.host}]" if ":" in self.host else self.host
        return tuple({*_THIS_MACHINE, name}) if self.is_local else (name,)


class _Server(uvicorn.Server):
    """A server that tells when it answers."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


@dataclass(frozen=True, slots=True, repr=False)
class _Bearer:
    """The one token that clients have to send."""

    token: bytes

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return who has the token, None for another one, in a time that tells nothing of it."""
        if hmac.compare_digest(token.encode(), self.token):
            return AccessToken(token=token, client_id="box-dialect", scopes=[])
        return None


def http_app(
    properties: Mapping[str, Any],
    address: Address,
    *,
    bounds: Bounds | None = None,
    write: bool = False,
    token: str | None = None,
    hosts: Iterable[str] = (),
) -> Starlette:
    """Return the ASGI application of a server at an address; what it takes and raises, `serve_http` says."""
    hosts = tuple(hosts)
    names = (*address.names, *hosts)
    _check(address, hosts, names, token)
    # The address of an issuer is demanded, and told to nobody, since it issues none.
    auth = None if token is None else AuthSettings(issuer_url=AnyHttpUrl("http://localhost"), resource_server_url=None)
    verifier = None if token is None else _Bearer(token.encode())
    forms = [form for name in names for form in (name, f"{name}:*")]
    served = server(properties, bounds, write=write, auth=auth, token_verifier=verifier)
    app: Starlette = served.streamable_http_app(
        streamable_http_path=PATH,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=forms,
            allowed_origins=[f"{scheme}://{form}" for scheme in ("http", "https") for form in forms],
        ),
    )
    return app


def serve_http(
    properties: Mapping[str, Any], address: Address, announce: Callable[[str], None], **options: Any
) -> None:
    """Serve until SIGINT or SIGTERM; the URL is given to `announce` once clients can connect.

    `options` are those of `http_app`: `bounds`, `write`, the `token` that clients have to send, and `hosts`, further
    names that they call the server by in the header `Host`, as where it stands behind a proxy. Raises ProgrammingError
    where others than this machine may reach it and there is no token, for a token that can be guessed, and where
    nothing says how clients call it; OperationalError where the port is taken.
    """
    config = uvicorn.Config(
        http_app(properties, address, **options),
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    with contextlib.suppress(KeyboardInterrupt), interrupted_by_signals(), _listening(address) as listener:
        host = f"[{address.host}]" if ":" in address.host else address.host
        url = f"http://{host}:{listener.getsockname()[1]}{PATH}"
        _Server(config, lambda: announce(url)).run(sockets=[listener])


def _check(address: Address, hosts: tuple[str, ...], names: tuple[str, ...], token: str | None) -> None:
    if token is None and not (address.is_local and not hosts):
        raise ProgrammingError(
            f"others than this machine may reach {address.host}: give a token that clients have to send, by "
            "--token env:NAME or --token file:PATH"
        )
    if token is not None and not (len(token) >= LEAST_OF_A_TOKEN and token.isascii() and token.isprintable()):
        raise ProgrammingError(
            f"the token has to be {LEAST_OF_A_TOKEN} printable ASCII characters or more; make one by: "
            "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    if not names:
        raise ProgrammingError(f"{address.host} is every address of this machine: say by --allow-host how it is called")


@contextlib.contextmanager
def _listening(address: Address) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server(
            (address.host, address.port), family=socket.AF_INET6 if ":" in address.host else socket.AF_INET
        )
    except OSError as error:
        raise OperationalError(
            f"cannot listen at {printable(address.host)}:{address.port}: {error.strerror or error}"
        ) from None
    with listener:
        yield listener
