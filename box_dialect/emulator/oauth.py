"""Issue, find and revoke access tokens.

The grants are a table from grant_type to the function that checks a request and returns whom the token is for.

Source: https://developer.box.com/reference/post-oauth2-token
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .model import User
    from .representations import Json
    from .store import Store

Form: TypeAlias = "Mapping[str, str]"


class OAuthError(Exception):
    """A refusal by the token endpoint; the status is always 400."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


@cache
def _key_pair() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, slots=True)
class Application:
    """What Box's developer console knows of the application that signs in; `private_key` is an encrypted PEM."""

    client_id: str
    client_secret: str
    public_key_id: str
    public_key: rsa.RSAPublicKey
    private_key: str
    passphrase: str

    @classmethod
    def register(cls) -> Application:
        """Make an application with a fresh secret; all applications of a process share one key pair."""
        passphrase, key = secrets.token_hex(16), _key_pair()
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        return cls(
            client_id="emulatedclient0000000000000000ab",
            client_secret=secrets.token_hex(16),
            public_key_id=secrets.token_hex(4),
            public_key=key.public_key(),
            private_key=pem.decode(),
            passphrase=passphrase,
        )

    def jwt_config(self, enterprise_id: str) -> Json:
        """Return the JSON object that the developer console hands out for signing in by JWT."""
        key = {"publicKeyID": self.public_key_id, "privateKey": self.private_key, "passphrase": self.passphrase}
        settings = {"clientID": self.client_id, "clientSecret": self.client_secret, "appAuth": key}
        return {"boxAppSettings": settings, "enterpriseID": enterprise_id}


class Authority:
    """The authorization server of one enterprise; tokens live `token_ttl` seconds."""

    def __init__(self, store: Store, application: Application, token_ttl: int) -> None:
        self.store, self.application, self.token_ttl = store, application, token_ttl
        self._tokens: dict[str, tuple[User, float]] = {}

    def issue(self, user: User, ttl: int) -> str:
        """Make an access token for a user that lives `ttl` seconds."""
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (user, time.monotonic() + ttl)
        return token

    def user_of(self, token: str) -> User | None:
        """Return whom a token is for, or None for one that is unknown or expired."""
        user, expiry = self._tokens.get(token, (None, 0.0))
        return user if time.monotonic() < expiry else None

    def grant(self, form: Form) -> Json:
        """Answer a token request."""
        check = GRANTS.get(form.get("grant_type", ""))
        if check is None:
            raise OAuthError("invalid_request", "Invalid grant_type parameter or parameter missing")
        self._check_client(form)
        token = self.issue(check(self, form), self.token_ttl)
        return {"access_token": token, "expires_in": self.token_ttl, "restricted_to": [], "token_type": "bearer"}

    def revoke(self, form: Form) -> None:
        """Forget a token; an unknown one is no error."""
        self._check_client(form)
        self._tokens.pop(form.get("token", ""), None)

    def _check_client(self, form: Form) -> None:
        expected = (self.application.client_id, self.application.client_secret)
        if (form.get("client_id"), form.get("client_secret")) != expected:
            raise OAuthError("invalid_client", "The client credentials are invalid")


def _client_credentials(authority: Authority, form: Form) -> User:
    subject, identity = form.get("box_subject_type"), form.get("box_subject_id", "")
    store = authority.store
    user = store.accounts.get(identity) if subject == "user" else None
    if subject == "enterprise" and identity == store.enterprise["id"]:
        user = store.service_account
    if user is None or user.enterprise is None:
        raise OAuthError("invalid_grant", "Grant credentials are invalid")
    return user


GRANTS: dict[str, Callable[[Authority, Form], User]] = {"client_credentials": _client_credentials}
