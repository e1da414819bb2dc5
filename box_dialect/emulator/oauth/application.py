"""Know the application that signs in: its secrets, its keys and where it may send a browser.

Source: https://developer.box.com/guides/authentication/oauth2/oauth2-setup
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .errors import OAuthError, invalid_client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.emulator.representations import Json

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@cache
def _key_pair() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, slots=True)
class Application:
    """What Box's developer console knows of the application that signs in; `private_key` is an encrypted PEM.

    Without `redirect_uris` each URI that could be configured is taken for a configured one.
    """

    name: str
    client_id: str
    client_secret: str
    public_key_id: str
    public_key: rsa.RSAPublicKey
    private_key: str
    passphrase: str
    redirect_uris: tuple[str, ...] = ()

    @classmethod
    def register(cls, redirect_uris: tuple[str, ...] = ()) -> Application:
        """Make an application with a fresh secret; all applications of a process share one key pair.

        Raises ValueError for a redirect URI that is neither HTTPS nor HTTP on a loopback address.
        """
        for uri in redirect_uris:
            if not is_redirect_uri(uri):
                raise ValueError(
                    f"A redirect URI is an https URL, or an http URL of a loopback address, unlike {uri!r}"
                )
        passphrase, key = secrets.token_hex(16), _key_pair()
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        return cls(
            name="Emulated Application",
            client_id="emulatedclient0000000000000000ab",
            client_secret=secrets.token_hex(16),
            public_key_id=secrets.token_hex(4),
            public_key=key.public_key(),
            private_key=pem.decode(),
            passphrase=passphrase,
            redirect_uris=redirect_uris,
        )

    def jwt_config(self, enterprise_id: str) -> Json:
        """Return the JSON object that the developer console hands out for signing in by JWT."""
        key = {"publicKeyID": self.public_key_id, "privateKey": self.private_key, "passphrase": self.passphrase}
        settings = {"clientID": self.client_id, "clientSecret": self.client_secret, "appAuth": key}
        return {"boxAppSettings": settings, "enterpriseID": enterprise_id}

    def check(self, form: Mapping[str, str]) -> None:
        """Refuse a form without the application's id and secret; Box takes them from the body only."""
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            raise invalid_client()

    def redirect_uri(self, asked: str) -> str:
        """Return where an authorization goes that asks for this URI, or for none with an empty text."""
        if not asked and len(self.redirect_uris) == 1:
            return self.redirect_uris[0]
        if not asked:
            raise OAuthError("redirect_uri_missing", "A redirect_uri must be given")
        configured = {_without_port(uri) for uri in self.redirect_uris}
        if not is_redirect_uri(asked) or (configured and _without_port(asked) not in configured):
            raise OAuthError(
                "redirect_uri_mismatch", f"The redirect_uri {asked} is not configured for this application"
            )
        return asked


def is_redirect_uri(uri: str) -> bool:
    """Tell whether an application could be configured with a URI: HTTPS, or HTTP on a loopback address."""
    if not uri.isascii() or not uri.isprintable() or any(character in uri for character in ' "<>\\#'):
        return False
    try:
        target = urlsplit(uri)
        host, _ = target.hostname, target.port
    except ValueError:
        return False
    if not host or "@" in target.netloc:
        return False
    return target.scheme == "https" or (target.scheme == "http" and host in LOOPBACK)


def _without_port(uri: str) -> str:
    """Return a URI to compare by: a listener on a loopback address may take any port."""
    target = urlsplit(uri)
    if target.hostname not in LOOPBACK:
        return uri
    host = f"[{target.hostname}]" if ":" in target.hostname else target.hostname
    return target._replace(netloc=host).geturl()
