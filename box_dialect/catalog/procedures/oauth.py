"""Procedures that get, renew and revoke tokens. They return what Box gives, and store nothing.

Source: https://developer.box.com/guides/authentication/oauth2/without-sdk/
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.procedure import Context, Input, Local, Procedure
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from box_dialect.auth.tokens import TokenSet

_TokenRows = list[tuple[str, str | None, int | None]]

_TOKENS: Final = (
    Column("OAuthAccessToken", doc="The access token."),
    Column("OAuthRefreshToken", doc="The refresh token that was issued with it; good for one use."),
    Column("ExpiresIn", Type.INTEGER, doc="Seconds that the access token lives."),
)
_CALLBACK_URL: Final = Input(
    name="CallbackURL", doc="Where Box sends the authorization code. Default: the property `CallbackURL`."
)


async def _authorization_url(
    context: Context, *, callback_url: str | None, state: str | None, scope: str | None
) -> list[tuple[str]]:
    from box_dialect.auth.authorization_code import authorization_url

    return [(authorization_url(context.properties, callback_url=callback_url, state=state, scope=scope),)]


async def _access_token(
    context: Context, *, auth_mode: str, verifier: str | None, callback_url: str | None, state: str | None
) -> _TokenRows:
    _ = state  # nothing of it goes to Box: who sent the state to the authorization page compares it
    if auth_mode == "WEB":
        from box_dialect.auth.authorization_code import exchange

        if verifier is None:
            raise ProgrammingError("GetOAuthAccessToken with AuthMode WEB needs its input Verifier, the code of Box")
        return _rows(await exchange(context.properties, verifier, callback_url))
    if verifier is not None:
        raise ProgrammingError("GetOAuthAccessToken takes Verifier with AuthMode WEB only; APP opens the browser")
    from box_dialect.auth.loopback import browser_sign_in

    callback = callback_url or context.properties.callback_url
    return _rows(await browser_sign_in(dataclasses.replace(context.properties, callback_url=callback)))


async def _refreshed(context: Context, *, oauth_refresh_token: str) -> _TokenRows:
    from box_dialect.auth.authorization_code import refresh

    return _rows(await refresh(context.properties, oauth_refresh_token))


async def _revoked(context: Context, *, token: str) -> list[tuple[bool]]:
    from box_dialect.auth.authorization_code import revoke

    await revoke(context.properties, token)
    return [(True,)]


def _rows(tokens: TokenSet) -> _TokenRows:
    lifetime = None if tokens.expires_at is None else round(tokens.expires_at - tokens.issued_at)
    return [(tokens.access_token, tokens.refresh_token, lifetime)]


get_oauth_authorization_url: Final = Procedure(
    name="GetOAuthAuthorizationURL",
    doc="The address of Box's authorization page, where a user grants access; nothing is sent.",
    reference="https://developer.box.com/reference/get-authorize/",
    inputs=(
        _CALLBACK_URL,
        Input(name="State", doc="Comes back with the code, unchanged; compare it against forgery."),
        Input(name="Scope", doc="Scopes, separated by spaces. Default: the property `Scope`."),
    ),
    outputs=(Column("URL", doc="The address, for the user's browser."),),
    side_effect=False,
    run=_authorization_url,
)

get_oauth_access_token: Final = Procedure(
    name="GetOAuthAccessToken",
    doc="Sign a user in: `WEB` exchanges the code that Box sent to the callback URL, `APP` opens the browser and "
    "waits for the code on this machine, where `LocalBrowser=true` allows that.",
    reference="https://developer.box.com/reference/post-oauth2-token/",
    inputs=(
        Input(name="AuthMode", choices=("APP", "WEB"), default="APP", doc="Where the code comes from."),
        Input(name="Verifier", secret=True, doc="The code; needed by `WEB`. Good for one use within 30 seconds."),
        _CALLBACK_URL,
        Input(name="State", doc="The state that the authorization page was asked with; `APP` makes its own."),
    ),
    outputs=_TOKENS,
    side_effect=True,
    run=_access_token,
    local=Local(
        uses="the browser and a port of this machine",
        allowed_by="local_browser",
        when=(("AuthMode", "APP"), ("Verifier", None)),
    ),
)

refresh_oauth_access_token: Final = Procedure(
    name="RefreshOAuthAccessToken",
    doc="Use a refresh token up for a new access token and the next refresh token.",
    reference="https://developer.box.com/reference/post-oauth2-token--refresh/",
    inputs=(Input(name="OAuthRefreshToken", required=True, secret=True, doc="The refresh token."),),
    outputs=_TOKENS,
    side_effect=True,
    run=_refreshed,
)

revoke_oauth_access_token: Final = Procedure(
    name="RevokeOAuthAccessToken",
    doc="Make a token useless, and the one that was issued with it.",
    reference="https://developer.box.com/reference/post-oauth2-revoke/",
    inputs=(Input(name="Token", required=True, secret=True, doc="An access token or a refresh token."),),
    outputs=(Column("Success", Type.BOOLEAN, doc="True; a failure is an error."),),
    side_effect=True,
    run=_revoked,
)
