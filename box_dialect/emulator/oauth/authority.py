"""Issue, find, expire and revoke authorization codes and tokens.

Source: https://developer.box.com/guides/api-calls/permissions-and-errors/expiration
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from box_dialect.emulator import clock
from box_dialect.emulator.representations import mini

from .errors import OAuthError
from .exchange import ACCESS_TOKEN
from .grants import GRANTS, REFRESHABLE, SECRETLESS
from .scopes import APPLICATION, NARROWER
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.emulator.model import User
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.store import Store

    from .application import Application
    from .pkce import Challenge

Kind: TypeAlias = Literal["code", "access_token", "refresh_token"]
CODE_TTL, REFRESH_TTL = 30, 60 * 86400


@dataclass(slots=True)
class Token:
    """An access or refresh token; `expiry` is in Unix seconds of the emulator's clock."""

    session: Session
    expiry: float


@dataclass(slots=True)
class Code:
    """An authorization code, which a person's consent gave to the application."""

    user: User
    redirect_uri: str
    challenge: Challenge | None
    scopes: frozenset[str]
    expiry: float


class Authority:
    """The authorization server of one enterprise; access tokens live `token_ttl` seconds."""

    def __init__(self, store: Store, application: Application, token_ttl: int) -> None:
        self.store, self.application, self.token_ttl = store, application, token_ttl
        self.codes: dict[str, Code] = {}
        self.access_tokens: dict[str, Token] = {}
        self.refresh_tokens: dict[str, Token] = {}
        self.assertions: dict[str, float] = {}

    def issue_code(
        self, user: User, redirect_uri: str, challenge: Challenge | None, scopes: frozenset[str] = APPLICATION
    ) -> str:
        """Make an authorization code, which is good for one use within half a minute."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(user, redirect_uri, challenge, scopes, clock.exact() + CODE_TTL)
        return code

    def issue(self, user: User, ttl: int) -> str:
        """Make an access token for a user that lives `ttl` seconds."""
        return self._issue_access(Session(user), ttl)

    def issue_pair(self, user: User, scopes: frozenset[str] = APPLICATION) -> tuple[str, str]:
        """Make an access token for a user, and the refresh token that is good for one use within 60 days."""
        session, refresh = Session(user, scopes), secrets.token_urlsafe(48)
        self.refresh_tokens[refresh] = Token(session, clock.exact() + REFRESH_TTL)
        return self._issue_access(session, self.token_ttl), refresh

    def _issue_access(self, session: Session, ttl: float) -> str:
        token = secrets.token_urlsafe(24)
        self.access_tokens[token] = Token(session, clock.exact() + ttl)
        return token

    def session_of(self, token: str) -> Session | None:
        """Return what an access token stands for, or None for one that is unknown, expired or revoked."""
        found = self.access_tokens.get(token)
        if found is None or found.session.is_revoked or clock.exact() >= found.expiry:
            return None
        return found.session

    def grant(self, form: Mapping[str, str]) -> Json:
        """Answer a token request, or raise an OAuthError."""
        kind = form.get("grant_type", "")
        check = GRANTS.get(kind)
        if check is None:
            raise OAuthError("invalid_request", "Invalid grant_type parameter or parameter missing")
        if kind not in SECRETLESS or "client_id" in form:
            self.application.check(form)
        session = check(self, form)
        answer: Json = {"expires_in": self.token_ttl, "token_type": "bearer", "restricted_to": []}
        if session.parent is not None:
            return {**answer, **self._narrow(session, form["subject_token"])}
        if kind not in REFRESHABLE:
            return {"access_token": self.issue(session.user, self.token_ttl), **answer}
        access, refresh = self.issue_pair(session.user, session.scopes)
        return {"access_token": access, **answer, "refresh_token": refresh}

    def _narrow(self, session: Session, subject: str) -> Json:
        """Issue a token that may do less than another, and that ends with it."""
        parent = self.access_tokens.get(subject)
        left = self.token_ttl if parent is None else min(self.token_ttl, parent.expiry - clock.exact())
        target = {} if session.item is None else {"object": mini(session.item)}
        return {
            "access_token": self._issue_access(session, left),
            "expires_in": int(left),
            "restricted_to": [{"scope": scope, **target} for scope in sorted(session.scopes & NARROWER)],
            "issued_token_type": ACCESS_TOKEN,
        }

    def revoke(self, form: Mapping[str, str]) -> None:
        """Revoke an access or refresh token together with the other of its pair; an unknown one is no error."""
        self.application.check(form)
        token = form.get("token", "")
        found = self.access_tokens.get(token) or self.refresh_tokens.get(token)
        if found is not None:
            found.session.revoked = True

    def expire(self, kind: Kind, which: str | None = None) -> bool:
        """Let a code or token run out at once, or all of a kind; return whether there was any to find."""
        tables: dict[Kind, Mapping[str, Code | Token]] = {
            "code": self.codes,
            "access_token": self.access_tokens,
            "refresh_token": self.refresh_tokens,
        }
        issued = tables[kind]
        found = list(issued.values()) if which is None else [issued[which]] if which in issued else []
        for entry in found:
            entry.expiry = 0
        return bool(found)

    def subject(self, kind: object, identity: object) -> User | None:
        """Return the user that a subject names; an enterprise stands for the service account of the application."""
        if kind == "enterprise" and identity == self.store.enterprise["id"]:
            return self.store.service_account
        user = self.store.accounts.get(str(identity)) if kind == "user" else None
        return user if user is not None and user.enterprise is not None else None
