"""The authorization code grant: a user signs in at Box's page, and refresh tokens keep the sign-in alive.

Source: https://developer.box.com/guides/authentication/oauth2/without-sdk/
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Final

from box_dialect.auth import token_endpoint
from box_dialect.auth.token_endpoint import DEAD_GRANT
from box_dialect.errors import without_frames
from box_dialect.properties.sign_in import require_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.auth.tokens import TokenSet
    from box_dialect.properties import Properties

SIGN_IN: Final = (
    "run `box-dialect login`, connect with InitiateOAuth=GETANDREFRESH, or set OAuthVerifier to a new authorization "
    "code or OAuthRefreshToken to a new refresh token"
)

_NO_USER_SIGN_IN: Final = "check that the application uses user authentication (OAuth 2.0) in Box's developer console"

_CODE_ADVICE: Final = {
    DEAD_GRANT: "an authorization code is good for one use within 30 seconds, and for the CallbackURL that it was "
    "sent to; get a new one from the authorization page (GetOAuthAuthorizationURL), or run `box-dialect login`",
    "invalid_request": _NO_USER_SIGN_IN,
}

_REFRESH_ADVICE: Final = {
    DEAD_GRANT: f"a refresh token is good for one use within 60 days, and this one was used, has expired or was "
    f"revoked. Sign in again: {SIGN_IN}",
    "invalid_request": _NO_USER_SIGN_IN,
}


def authorization_url(
    properties: Properties, *, callback_url: str | None = None, state: str | None = None, scope: str | None = None
) -> str:
    """Return the address of Box's authorization page, for a browser; nothing is sent.

    Box sends the browser on to the callback URL (default: `CallbackURL`) with the code and, unchanged, the state.
    `scope` (default: `Scope`) names scopes separated by spaces. Raises ProgrammingError where no client id is given.
    """
    from authlib.oauth2.client import OAuth2Client

    require_client(properties, secret=False)
    session = OAuth2Client(None, client_id=properties.client_id)
    # Authlib makes a state up where None is given; one that nobody knows is of no use.
    url, _ = session.create_authorization_url(
        properties.authorize_url,
        state=state or "",
        redirect_uri=callback_url or properties.callback_url,
        scope=scope or properties.scope,
    )
    return str(url)


@without_frames
async def exchange(
    properties: Properties,
    code: str,
    callback_url: str | None = None,
    code_verifier: str | None = None,
    *,
    clock: Callable[[], float] = time.time,
) -> TokenSet:
    """Exchange the code that Box sent to the callback URL for a token set; raises SignInError.

    Box needs no callback URL here, but where one is given it must be the one that the code was sent to.
    `code_verifier` is that of PKCE, where the authorization page was given its challenge (RFC 7636).
    """
    form = {"code": code, "redirect_uri": callback_url, "code_verifier": code_verifier}
    return await token_endpoint.fetch(properties, "authorization_code", form, advice=_CODE_ADVICE, clock=clock)


@without_frames
async def refresh(properties: Properties, refresh_token: str, *, clock: Callable[[], float] = time.time) -> TokenSet:
    """Use a refresh token up for a new token set; raises SignInError."""
    form = {"refresh_token": refresh_token}
    tokens = await token_endpoint.fetch(properties, "refresh_token", form, advice=_REFRESH_ADVICE, clock=clock)
    # Box always sends a new one; RFC 6749, section 6, leaves the old one valid where none is sent.
    return tokens if tokens.refresh_token else dataclasses.replace(tokens, refresh_token=refresh_token)


@without_frames
async def revoke(properties: Properties, token: str) -> None:
    """Make an access or refresh token useless, and the one that was issued with it; raises SignInError."""
    await token_endpoint.revoke(properties, token)
