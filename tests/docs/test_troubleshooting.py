"""Each message that the page on troubleshooting quotes is one that the driver says."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import re
import socket
import ssl
import sys
import tempfile
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import plain_http
import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import box_dialect
from box_dialect.cli.commands import cli
from docs.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

PAGE: Final = ROOT / "docs" / "troubleshooting.md"
QUOTED: Final = re.findall(r"^### `(.+)`$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
FILES: Final = "SELECT count(*) FROM files"
RAISED: Final = (box_dialect.Error, click.UsageError, ModuleNotFoundError, sa.exc.NoSuchModuleError)
LISTING: Final = "get_folders_id_items"


def run(url: str, statement: str = FILES, **properties: Any) -> None:
    with box_dialect.connect(url, **properties) as connection:
        connection.cursor().execute(statement).fetchall()


def by_token(box: Box, scopes: str = "", token: str = "", statement: str = FILES) -> None:
    """Query with an access token, or with one of the administrator's for some scopes."""
    ready = box.emulator.ready
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": ready["developer_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "scope": scopes,
    }
    token = token or plain_http.post(ready["token_url"], data=form).raise_for_status().json()["access_token"]
    run(f"box://{ready['api_base_url'].split('/')[2]}/", statement, OAuthAccessToken=token)


def faulty(box: Box, fault: dict[str, object], **properties: Any) -> None:
    box.faults(fault)
    run(box.url, **{"MaxRetries": 0} | properties)


def refused(box: Box, error: str, description: str) -> None:
    """Be refused a token of a scope that no other test asks for, since connections share the tokens that there are."""
    body = {"error": error, "error_description": description}
    faulty(box, {"operation": "post_oauth2_token", "status": 400, "body": body}, Scope="root_readonly")


def restricted() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
        run("box://?OAuthAccessToken=env:HOME")


def unreachable() -> None:
    with socket.socket() as holder:  # a port of this machine on which nobody listens
        holder.bind(("127.0.0.1", 0))
        run(f"box://127.0.0.1:{holder.getsockname()[1]}/?OAuthAccessToken=any", MaxRetries=0)


@contextlib.contextmanager
def of_unknown_authority() -> Iterator[int]:
    """Serve TLS with a certificate that nobody has signed, as a proxy does that looks into it; gives the port."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder, "certificate.pem")
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(pem)

    def answer() -> None:
        with contextlib.suppress(OSError):  # which the other side ends
            while True:
                taken, _ = server.accept()
                with taken, contextlib.suppress(OSError), context.wrap_socket(taken, server_side=True):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def behind_a_proxy_that_looks_into_tls() -> None:
    with of_unknown_authority() as port:
        run("box://?OAuthAccessToken=any", APIBaseURL=f"https://localhost:{port}/2.0", MaxRetries=0)


def without_a_token() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "tokens.txt")
        place.write_text("{", encoding="utf-8")
        run("box://ID:SECRET@/?AuthScheme=OAuth&InitiateOAuth=REFRESH", OAuthSettingsLocation=str(place))


def without_an_extra() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        patch.delitem(sys.modules, "box_dialect.arrow", raising=False)
        importlib.import_module("box_dialect.arrow")


def without_an_account() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("BOX_URL", raising=False)
        cli(["query", "SELECT 1"], standalone_mode=False)


def browsing(box: Box, port: int) -> None:
    """Sign in as by the browser, which is none here."""
    run(app(box), InitiateOAuth="GETANDREFRESH", CallbackURL=f"http://127.0.0.1:{port}/")


def at_a_port_that_is_taken(box: Box) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        browsing(box, server.getsockname()[1])


def without_a_browser(box: Box) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webbrowser, "open", lambda _: False)
        browsing(box, 0)


def app(box: Box) -> str:
    """Return the URL of the application, which has no token of a user's."""
    return f"{box.url.partition('?')[0]}?AuthScheme=OAuth&TokenCache=memory"


SAID: Final[dict[str, Callable[[Box], object]]] = {
    "Can't load plugin: sqlalchemy.dialects:": lambda _: sa.create_engine("nobox://"),
    "run: pip install": lambda _: without_an_extra(),
    "No account is named": lambda _: without_an_account(),
    "unknown connection property": lambda box: run(box.url, Redonly=True),
    "the connection URL has the form box://": lambda _: run("box:/CLIENT_ID"),
    "AuthScheme=OAuthClient needs": lambda _: run("box://?AuthScheme=OAuthClient"),
    "refers to environment variable": lambda _: run("box://?OAuthAccessToken=env:NOT_SET_ANYWHERE"),
    "restricts URLs": lambda _: restricted(),
    "The client credentials are invalid": lambda box: run(box.url, OAuthClientSecret="wrong"),
    "This app is not authorized by the enterprise admin": lambda box: refused(
        box, "unauthorized_client", "This app is not authorized by the enterprise admin."
    ),
    "Grant credentials are invalid": lambda box: run(box.url, SubjectId="1"),
    "The grant type is unauthorized for this client_id": lambda box: refused(
        box, "invalid_request", "The grant type is unauthorized for this client_id"
    ),
    "Cannot obtain user token based on the enterprise configuration for your app": lambda box: refused(
        box, "unauthorized_client", "Cannot obtain user token based on the enterprise configuration for your app"
    ),
    "a refresh token is good for one use within 60 days": lambda box: run(
        app(box), InitiateOAuth="REFRESH", OAuthAccessToken="old", OAuthRefreshToken="used"
    ),
    "of CallbackURL is taken": at_a_port_that_is_taken,
    "no browser can be opened here": without_a_browser,
    "the file that property OAuthJWTCert names cannot be read": lambda _: run(
        "box://?AuthScheme=OAuthJWT&OAuthJWTCert=box_config_of_nobody.json"
    ),
    "Box refused the access token": lambda box: by_token(box, token="expired"),
    "insufficient_scope": lambda box: by_token(box, "manage_groups"),
    "the signed-in user cannot see it": lambda box: run(
        box.url, "INSERT INTO comments (item_type, item_id, message) VALUES ('file', '1', 'Who?')"
    ),
    "the connection has Readonly=true": lambda box: run(box.url, "DELETE FROM files", Readonly=True),
    "access_denied_insufficient_permissions": lambda box: by_token(
        box, token=box.emulator.ready["user_access_token"], statement="SELECT count(*) FROM retention_policies"
    ),
    "cannot reach": lambda _: unreachable(),
    "certificate verify failed": lambda _: behind_a_proxy_that_looks_into_tls(),
    "the answer is not JSON": lambda box: faulty(
        box, {"operation": LISTING, "status": 200, "body": "<html>Sign in to the network</html>"}
    ),
    "HTTP 429": lambda box: faulty(box, {"operation": LISTING, "status": 429, "headers": {"retry-after": "0"}}),
    "that MaxApiCalls allows it": lambda box: run(box.url, MaxApiCalls=3),
    "that Timeout allows it": lambda box: faulty(box, {"operation": LISTING, "delay_ms": 600_000}, Timeout=1),
    "within RequestTimeout": lambda box: faulty(box, {"operation": LISTING, "delay_ms": 600_000}, RequestTimeout=1),
    "no such table": lambda box: run(box.url, "SELECT * FROM filez"),
    "no such column": lambda box: run(box.url, "SELECT nam FROM files"),
    "no such function": lambda box: run(box.url, "SELECT NOW()"),
    'near "': lambda box: run(box.url, "SELECT TOP 5 * FROM files"),
    "takes one statement at a time": lambda box: run(box.url, "SELECT 1; SELECT 2"),
    "item_name_in_use": lambda box: run(box.url, "INSERT INTO folders (name, parent_id) VALUES ('Contracts', '0')"),
    "needs a value of": lambda box: run(box.url, "SELECT * FROM upload_sessions"),
    "is damaged, or was not written by this driver": lambda _: without_a_token(),
    "this machine has no keyring that keeps secrets": lambda _: run(
        "box://ID:SECRET@/?AuthScheme=OAuth&InitiateOAuth=REFRESH&TokenCache=keyring"
    ),
    "there is no access token": lambda _: run("box://ID:SECRET@/?AuthScheme=OAuth&TokenCache=memory"),
}


def test_each_message_of_the_page_is_looked_at() -> None:
    assert [message for message in QUOTED if message not in SAID] == []
    assert set(SAID) == set(QUOTED)
    assert len(set(QUOTED)) == len(QUOTED)


@pytest.mark.parametrize("message", SAID)
def test_the_driver_says_what_the_page_quotes(small: Box, message: str) -> None:
    small.reset()
    try:
        with pytest.raises(RAISED, match=re.escape(message)):
            SAID[message](small)
    finally:
        small.reset()
