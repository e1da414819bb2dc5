"""Ask a person whether the application may act for them, and send the browser back with the answer.

Sources: https://developer.box.com/reference/get-authorize and https://datatracker.ietf.org/doc/html/rfc6749#section-4.1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from box_dialect.emulator.origin import is_same_site
from box_dialect.emulator.reply import Reply

from . import page
from .errors import OAuthError, invalid_client
from .pkce import challenge_of
from .scopes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.emulator.model import User
    from box_dialect.emulator.state import State

    from .application import Application
    from .authority import Authority

_POLICY = f"default-src 'none'; style-src {page.STYLE_HASH}; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": _POLICY,
    "referrer-policy": "same-origin",  # no stricter one: it would take the origin from the form
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class _Return:
    """The way back to the application, which gets its state as it was."""

    redirect_uri: str
    state: Mapping[str, str]

    @classmethod
    def read(cls, query: Mapping[str, str], application: Application) -> _Return:
        if query.get("client_id") != application.client_id:
            raise invalid_client()
        state = {"state": query["state"]} if "state" in query else {}
        return cls(application.redirect_uri(query.get("redirect_uri", "")), state)

    def reply(self, answer: Mapping[str, str]) -> Reply:
        separator = "&" if "?" in self.redirect_uri else "?"
        return Reply(302, None, {"location": f"{self.redirect_uri}{separator}{urlencode({**answer, **self.state})}"})


def answer_authorization(
    authority: Authority, query: Mapping[str, str], form: Mapping[str, str] | None, headers: Mapping[bytes, bytes]
) -> Reply:
    """Show the page, or where its form was sent, redirect with a code or with the refusal.

    An application or redirect URI that is not known gets a page of its own and no redirect; what else is wrong with
    the request is told to the application.
    """
    try:
        back = _Return.read(query, authority.application)
    except OAuthError as error:
        return _refused(400, error.error, error.description)
    try:
        scopes, challenge = _scopes(query), challenge_of(query)
    except OAuthError as error:
        return back.reply(error.body)
    users = _who_can_sign_in(authority.store)
    if form is None:
        shown = page.consent(authority.application, users.values(), scopes, back.redirect_uri)
        return Reply(200, shown, _HEADERS)
    if not is_same_site(headers):
        return _refused(403, "cross_origin", "The form was sent by another site")
    if form.get("decision") == "deny":
        return back.reply(OAuthError("access_denied", "The user denied access to your application").body)
    if form.get("decision") != "grant":
        return _refused(400, "invalid_request", "The decision must be grant or deny")
    user = users.get(form.get("login", authority.store.admin.login))
    if user is None:
        return _refused(400, "invalid_login", "There is no active user with this login")
    return back.reply({"code": authority.issue_code(user, back.redirect_uri, challenge, frozenset(scopes))})


def _scopes(query: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is asked for, which is all that the application has if the request names nothing."""
    if query.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "The response_type must be code")
    scopes = tuple(query.get("scope", "").split()) or tuple(SCOPES)
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise OAuthError("invalid_scope", f"The application has no scope {unknown[0]}")
    return scopes


def _who_can_sign_in(store: State) -> dict[str, User]:
    """Return the active users of the enterprise by login, the administrator first."""
    return {
        user.login: user
        for user in store.users.values()
        if user.enterprise is not None and user.status != "inactive" and not user.is_platform_access_only
    }


def _refused(status: int, error: str, description: str) -> Reply:
    return Reply(status, page.refusal(error, description), _HEADERS)
