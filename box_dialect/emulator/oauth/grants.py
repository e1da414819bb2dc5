"""Check token requests: a table from grant_type to the function that returns the session which the token is of.

Source: https://developer.box.com/reference/post-oauth2-token
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.emulator import clock

from .assertion import JWT_BEARER, use_assertion
from .errors import invalid_grant
from .exchange import TOKEN_EXCHANGE, exchange
from .session import Session
from .subject import subject_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .authority import Authority


def use_code(authority: Authority, form: Mapping[str, str]) -> Session:
    """Take an authorization code, which a failed attempt uses up, too."""
    code = authority.codes.pop(form.get("code", ""), None)
    if code is None or clock.exact() >= code.expiry:
        raise invalid_grant("The authorization code has expired.")
    if form.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
        raise invalid_grant("The redirect_uri is not the one that the code was issued for")
    verifier = form.get("code_verifier")
    is_met = verifier is None if code.challenge is None else code.challenge.is_met_by(verifier or "")
    if not is_met:
        raise invalid_grant("The code_verifier is not the one of the code_challenge that the code was issued for")
    return Session(code.user, code.scopes)


def use_refresh_token(authority: Authority, form: Mapping[str, str]) -> Session:
    """Take a refresh token, which dies of it: the answer holds the next one."""
    given = form.get("refresh_token", "")
    token = authority.refresh_tokens.get(given)
    if token is None or token.session.is_revoked:
        raise invalid_grant("Invalid refresh token")
    if clock.exact() >= token.expiry:
        raise invalid_grant("Refresh token has expired")
    del authority.refresh_tokens[given]
    return token.session


def use_client_credentials(authority: Authority, form: Mapping[str, str]) -> Session:
    """Take the application's own credentials for the subject that it names."""
    user = subject_of(authority.store, form.get("box_subject_type"), form.get("box_subject_id"))
    if user is None:
        raise invalid_grant("Grant credentials are invalid")
    return Session(user)


GRANTS: dict[str, Callable[[Authority, Mapping[str, str]], Session]] = {
    "authorization_code": use_code,
    "refresh_token": use_refresh_token,
    "client_credentials": use_client_credentials,
    JWT_BEARER: lambda authority, form: Session(use_assertion(authority, form)),
    TOKEN_EXCHANGE: exchange,
}
REFRESHABLE = ("authorization_code", "refresh_token")
SECRETLESS = (TOKEN_EXCHANGE,)  # it takes a token, which is a secret enough
