"""Answer token requests: check the grant, and issue the tokens that it gives.

Source: https://developer.box.com/reference/post-oauth2-token
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.emulator import clock
from box_dialect.emulator.representations import mini

from .errors import OAuthError
from .exchange import ACCESS_TOKEN
from .grants import GRANTS, REFRESHABLE, SECRETLESS
from .scopes import NARROWER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.emulator.representations import Json

    from .authority import Authority
    from .session import Session


def answer_token_request(authority: Authority, form: Mapping[str, str]) -> Json:
    """Answer a token request, or raise an OAuthError."""
    kind = form.get("grant_type", "")
    check = GRANTS.get(kind)
    if check is None:
        raise OAuthError("invalid_request", "Invalid grant_type parameter or parameter missing")
    if kind not in SECRETLESS or "client_id" in form:
        authority.application.check(form)
    session = check(authority, form)
    answer: Json = {"expires_in": authority.token_ttl, "token_type": "bearer", "restricted_to": []}
    if session.parent is not None:
        return {**answer, **_narrow(authority, session, form["subject_token"])}
    if kind not in REFRESHABLE:
        return {"access_token": authority.issue(session.user, authority.token_ttl), **answer}
    access, refresh = authority.issue_pair(session.user, session.scopes)
    return {"access_token": access, **answer, "refresh_token": refresh}


def _narrow(authority: Authority, session: Session, subject: str) -> Json:
    """Issue a token that may do less than another, and that ends with it."""
    parent = authority.access_tokens.get(subject)
    left = authority.token_ttl if parent is None else min(authority.token_ttl, parent.expiry - clock.exact())
    target = {} if session.item is None else {"object": mini(session.item)}
    return {
        "access_token": authority.issue_access(session, left),
        "expires_in": int(left),
        "restricted_to": [{"scope": scope, **target} for scope in sorted(session.scopes & NARROWER)],
        "issued_token_type": ACCESS_TOKEN,
    }
