"""Issue, find and revoke access tokens.

The grants are a table from grant_type to the function that checks a request and returns whom the token is for.

Sources: https://developer.box.com/reference/post-oauth2-token and …/get-authorize
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .model import User
    from .representations import Json
    from .store import Store

Form: TypeAlias = "Mapping[str, str]"

CODE_TTL, REFRESH_TTL, ASSERTION_TTL = 30, 60 * 86400, 60
AUDIENCE = "https://api.box.com/oauth2/token"  # always this one, wherever the assertion is sent
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


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


@dataclass(slots=True)
class Session:
    """What an access token, and a refresh token issued with it, stand for; revoking one revokes both."""

    user: User
    access_expiry: float
    refresh_expiry: float
    is_revoked: bool = False


@dataclass(slots=True)
class _Code:
    user: User
    redirect_uri: str
    expiry: float


class Authority:
    """The authorization server of one enterprise; access tokens live `token_ttl` seconds."""

    def __init__(self, store: Store, application: Application, token_ttl: int) -> None:
        self.store, self.application, self.token_ttl = store, application, token_ttl
        self._access: dict[str, Session] = {}
        self._refresh: dict[str, Session] = {}
        self._codes: dict[str, _Code] = {}
        self._assertions: dict[str, float] = {}

    def issue(self, user: User, ttl: int) -> str:
        """Make an access token for a user that lives `ttl` seconds."""
        token, now = secrets.token_urlsafe(24), time.monotonic()
        self._access[token] = Session(user, now + ttl, now + REFRESH_TTL)
        return token

    def user_of(self, token: str) -> User | None:
        """Return whom a token is for, or None for one that is unknown, expired or revoked."""
        session = self._access.get(token)
        is_good = session is not None and not session.is_revoked and time.monotonic() < session.access_expiry
        return session.user if session is not None and is_good else None

    def authorize(self, query: Form) -> str:
        """Return where the browser goes after the consent, which is always given, on behalf of the administrator.

        Raise an OAuthError, which Box shows on a page of its own, when there is nowhere to go.
        """
        redirect_uri = query.get("redirect_uri", "")
        if query.get("client_id") != self.application.client_id:
            raise OAuthError("invalid_client", "The client credentials are invalid")
        if not redirect_uri:
            raise OAuthError("redirect_uri_missing", "A redirect_uri must be given")
        target = urlsplit(redirect_uri)
        if target.scheme != "https" and (target.scheme != "http" or target.hostname not in LOOPBACK):
            raise OAuthError("redirect_uri_mismatch", "The redirect_uri is not configured for this application")
        answer = {"state": query["state"]} if "state" in query else {}
        if query.get("response_type") != "code":
            answer |= {"error": "unsupported_response_type", "error_description": "The response_type must be code"}
        else:
            code = secrets.token_urlsafe(24)
            self._codes[code] = _Code(self.store.admin, redirect_uri, time.monotonic() + CODE_TTL)
            answer["code"] = code
        return f"{redirect_uri}{'&' if target.query else '?'}{urlencode(answer)}"

    def grant(self, form: Form) -> Json:
        """Answer a token request."""
        kind = form.get("grant_type", "")
        check = GRANTS.get(kind)
        if check is None:
            raise OAuthError("invalid_request", "Invalid grant_type parameter or parameter missing")
        self._check_client(form)
        token = self.issue(check(self, form), self.token_ttl)
        lifetime = self.token_ttl
        answer: Json = {"access_token": token, "expires_in": lifetime, "token_type": "bearer", "restricted_to": []}
        if kind in REFRESHABLE:
            answer["refresh_token"] = secrets.token_urlsafe(48)
            self._refresh[answer["refresh_token"]] = self._access[token]
        return answer

    def revoke(self, form: Form) -> None:
        """Revoke an access or refresh token; an unknown one is no error."""
        self._check_client(form)
        token = form.get("token", "")
        session = self._access.get(token) or self._refresh.get(token)
        if session is not None:
            session.is_revoked = True

    def _check_client(self, form: Form) -> None:
        expected = (self.application.client_id, self.application.client_secret)
        if (form.get("client_id"), form.get("client_secret")) != expected:
            raise OAuthError("invalid_client", "The client credentials are invalid")

    def subject(self, kind: object, identity: object) -> User | None:
        """Return the user that a subject names; an enterprise stands for the service account of the application."""
        if kind == "enterprise" and identity == self.store.enterprise["id"]:
            return self.store.service_account
        user = self.store.accounts.get(str(identity)) if kind == "user" else None
        return user if user is not None and user.enterprise is not None else None

    def use_code(self, form: Form) -> User:
        """Take an authorization code, which is good for one use within half a minute."""
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or time.monotonic() >= code.expiry:
            raise OAuthError("invalid_grant", "The authorization code has expired.")
        if form.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
            raise OAuthError("invalid_grant", "The redirect_uri is not the one that the code was issued for")
        return code.user

    def use_refresh_token(self, form: Form) -> User:
        """Take a refresh token, which is good for one use: the answer holds the next one."""
        session = self._refresh.pop(form.get("refresh_token", ""), None)
        if session is None or session.is_revoked:
            raise OAuthError("invalid_grant", "Invalid refresh token")
        if time.monotonic() >= session.refresh_expiry:
            raise OAuthError("invalid_grant", "Refresh token has expired")
        return session.user

    def use_assertion(self, form: Form) -> User:
        """Take a signed assertion, whose jti must not have been used before.

        https://developer.box.com/guides/authentication/jwt/without-sdk
        """
        claims = self._verified(form.get("assertion", ""))
        now, expiry, identity = time.time(), claims.get("exp"), claims.get("jti")
        if claims.get("iss") != self.application.client_id:
            raise OAuthError("invalid_grant", "Please check the 'iss' claim.")
        if claims.get("aud") != AUDIENCE:
            raise OAuthError("invalid_grant", "Please check the 'aud' claim.")
        if not isinstance(expiry, int | float) or not now < expiry <= now + ASSERTION_TTL + 1:
            why = "Current date time must be before the expiration date time listed in the 'exp' claim."
            raise OAuthError("invalid_grant", why)
        self._assertions = {known: until for known, until in self._assertions.items() if until > now}
        if not isinstance(identity, str) or not 16 <= len(identity) <= 128 or identity in self._assertions:
            raise OAuthError("invalid_grant", "Please check the 'jti' claim. A unique 'jti' value is required.")
        user = self.subject(claims.get("box_sub_type"), claims.get("sub"))
        if user is None:
            raise OAuthError("invalid_grant", "Please check the 'sub' claim. The 'sub' specified is invalid.")
        self._assertions[identity] = expiry
        return user

    def _verified(self, assertion: str) -> dict[str, Any]:
        """Return the claims of an assertion that was signed with the application's key."""
        options: Any = {f"verify_{claim}": False for claim in ("exp", "aud", "iss", "iat", "nbf", "sub", "jti")}
        try:
            if jwt.get_unverified_header(assertion).get("kid") != self.application.public_key_id:
                raise OAuthError("invalid_grant", "'kid' invalid, unable to lookup correct key.")
            key, algorithms = self.application.public_key, ["RS256", "RS384", "RS512"]
            return jwt.decode(assertion, key, algorithms, options)
        except jwt.InvalidTokenError:
            why = "The public key identified by 'kid' must correspond to the private key used for signing."
            raise OAuthError("invalid_grant", f"Signature verification error. {why}") from None


def _client_credentials(authority: Authority, form: Form) -> User:
    user = authority.subject(form.get("box_subject_type"), form.get("box_subject_id"))
    if user is None:
        raise OAuthError("invalid_grant", "Grant credentials are invalid")
    return user


GRANTS: dict[str, Callable[[Authority, Form], User]] = {
    "client_credentials": _client_credentials,
    "authorization_code": Authority.use_code,
    "refresh_token": Authority.use_refresh_token,
    JWT_BEARER: Authority.use_assertion,
}
REFRESHABLE = ("authorization_code", "refresh_token")
