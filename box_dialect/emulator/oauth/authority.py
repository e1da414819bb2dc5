"""Issue, find, expire and revoke authorization codes and tokens.

Source: https://developer.box.com/guides/api-calls/permissions-and-errors/expiration
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from box_dialect.emulator import clock

from .scopes import APPLICATION
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.emulator.model import User
    from box_dialect.emulator.state import State

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

    def __init__(self, store: State, application: Application, token_ttl: int) -> None:
        self.store, self.application, self.token_ttl = store, application, token_ttl
        self.codes: dict[str, Code] = {}
        self.access_tokens: dict[str, Token] = {}
        self.refresh_tokens: dict[str, Token] = {}
        self.assertions: dict[str, float] = {}
        store.sign_outs.append(self.sign_out)

    def issue_code(
        self, user: User, redirect_uri: str, challenge: Challenge | None, scopes: frozenset[str] = APPLICATION
    ) -> str:
        """Make an authorization code, which is good for one use within half a minute."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(user, redirect_uri, challenge, scopes, clock.exact() + CODE_TTL)
        return code

    def issue(self, user: User, ttl: int) -> str:
        """Make an access token for a user that lives `ttl` seconds."""
        return self.issue_access(Session(user), ttl)

    def issue_pair(self, user: User, scopes: frozenset[str] = APPLICATION) -> tuple[str, str]:
        """Make an access token for a user, and the refresh token that is good for one use within 60 days."""
        session, refresh = Session(user, scopes), secrets.token_urlsafe(48)
        self.refresh_tokens[refresh] = Token(session, clock.exact() + REFRESH_TTL)
        return self.issue_access(session, self.token_ttl), refresh

    def issue_access(self, session: Session, ttl: float) -> str:
        """Make an access token of a session that lives `ttl` seconds."""
        token = secrets.token_urlsafe(24)
        self.access_tokens[token] = Token(session, clock.exact() + ttl)
        return token

    def session_of(self, token: str) -> Session | None:
        """Return what an access token stands for, or None for one that is unknown, expired or revoked."""
        found = self.access_tokens.get(token)
        if found is None or found.session.is_revoked or clock.exact() >= found.expiry:
            return None
        return found.session

    def revoke(self, form: Mapping[str, str]) -> None:
        """Revoke an access or refresh token together with the other of its pair; an unknown one is no error."""
        self.application.check(form)
        token = form.get("token", "")
        found = self.access_tokens.get(token) or self.refresh_tokens.get(token)
        if found is not None:
            found.session.revoked = True

    def sign_out(self, user: User) -> None:
        """Revoke all sessions of a user."""
        for token in (*self.access_tokens.values(), *self.refresh_tokens.values()):
            if token.session.user is user:
                token.session.revoked = True

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
