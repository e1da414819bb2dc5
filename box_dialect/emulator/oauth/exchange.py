"""Exchange an access token for one that may do less, or that is for one item only.

Sources: https://developer.box.com/guides/authentication/tokens/downscope and
https://datatracker.ietf.org/doc/html/rfc8693
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jwt

from box_dialect.emulator import access
from box_dialect.emulator.representations import render

from .assertion import use_assertion
from .errors import OAuthError, invalid_grant
from .scopes import NARROWER, permitted
from .session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.emulator.model import Item, User
    from box_dialect.emulator.state import State

    from .authority import Authority

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - the name of a grant
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind of token
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - likewise
_RESOURCE = re.compile(r"https?://[^/]+/2\.0/(file|folder)s/(\d+)")


def exchange(authority: Authority, form: Mapping[str, str]) -> Session:
    """Take an access token, or an assertion in its place, for a session that has its scopes or narrower ones.

    It is for the item that `resource` or `box_shared_link` names, if one of them does.
    """
    if form.get("subject_token_type") != ACCESS_TOKEN:
        raise OAuthError("invalid_request", "Invalid subject_token_type parameter or parameter missing")
    subject = _subject(authority, form)
    _check_actor(form)
    scopes = frozenset(form.get("scope", "").split())
    if not scopes:
        raise OAuthError("invalid_request", "The scope parameter is missing")
    if not all(_has(subject, scope) for scope in scopes):
        raise OAuthError("invalid_scope", "The subject_token does not have all of the scopes", status=401)
    return Session(subject.user, scopes, _item(authority, subject, form), subject)


def _has(subject: Session, scope: str) -> bool:
    """Tell whether a session has a scope, or scopes that let do all that a narrower one does."""
    return scope in subject.scopes or (scope in NARROWER and permitted(frozenset({scope})) <= subject.permitted)


def _subject(authority: Authority, form: Mapping[str, str]) -> Session:
    token = form.get("subject_token", "")
    if token.count(".") == 2:
        return Session(use_assertion(authority, {"assertion": token}))
    session = authority.session_of(token)
    if session is None:
        raise invalid_grant("The subject_token provided is invalid")
    return session


def _check_actor(form: Mapping[str, str]) -> None:
    """Refuse an actor that is no external one: its token, which need not be signed, names who annotates."""
    if "actor_token" not in form:
        return
    if form.get("actor_token_type") != _ID_TOKEN:
        raise OAuthError("invalid_request", "Invalid actor_token_type parameter or parameter missing")
    try:
        claims = jwt.decode(form["actor_token"], options={"verify_signature": False})
    except jwt.InvalidTokenError:
        claims = {}
    if claims.get("box_sub_type") != "external" or not claims.get("sub"):
        raise invalid_grant("The actor_token provided is invalid")


def _item(authority: Authority, subject: Session, form: Mapping[str, str]) -> Item | None:
    resource, link = form.get("resource"), form.get("box_shared_link")
    if resource and link:
        raise OAuthError("invalid_request", "The resource and box_shared_link parameters exclude each other")
    if not resource and not link:
        return subject.item
    found = _shared(authority.store, link) if link else _named(authority.store, subject.user, resource or "")
    if found is None or not subject.reaches(found):
        raise OAuthError("invalid_resource", "The resource is not accessible with the subject_token")
    return found


def _named(store: State, user: User, resource: str) -> Item | None:
    match = _RESOURCE.fullmatch(resource)
    return None if match is None else access.find(user, store.items, match[1], match[2])


def _shared(store: State, url: str) -> Item | None:
    shared = (item for kind in store.items.values() for item in kind.values() if item.shared_link is not None)
    links = ((item, render(item, fields="shared_link")["shared_link"]) for item in shared)
    return next((item for item, link in links if link and url in (link["url"], link["vanity_url"])), None)
