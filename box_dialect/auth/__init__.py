"""A valid access token, always: grants of Box's OAuth 2.0, and the provider that keeps what they give."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from box_dialect.auth.client_credentials import ClientCredentialsGrant
from box_dialect.auth.fixed_token import FixedToken
from box_dialect.auth.granted_tokens import GrantedTokens
from box_dialect.auth.jwt_grant import JWTGrant
from box_dialect.auth.optional_cache import OptionalCache
from box_dialect.auth.provider import TokenProvider
from box_dialect.auth.tokens import TokenSet
from box_dialect.auth.user_tokens import UserTokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.auth.granted_tokens import Grant
    from box_dialect.auth.provider import TokenSource
    from box_dialect.properties import Properties
    from box_dialect.token_cache.base import TokenCache

__all__ = ["TokenProvider", "TokenSet", "UserTokens", "token_provider"]

_GRANTS: Final[dict[str, Callable[[Properties, Callable[[], float]], Grant]]] = {
    "OAuthClient": ClientCredentialsGrant,
    "OAuthJWT": JWTGrant,
}


def token_provider(
    properties: Properties, cache: TokenCache | None = None, clock: Callable[[], float] = time.time
) -> TokenProvider:
    """Return the provider that the properties ask for; nothing is sent yet.

    `cache` is used in the place of the one that the properties name.
    """

    def opened() -> TokenCache:
        from box_dialect.token_cache import open_cache

        return open_cache(properties) if cache is None else cache

    return TokenProvider(_source(properties, opened, clock), clock)


def _source(properties: Properties, cache: Callable[[], TokenCache], clock: Callable[[], float]) -> TokenSource:
    is_user = properties.auth_scheme == "OAuth"
    if properties.initiate_oauth == "OFF" and (is_user or properties.access_token):
        return FixedToken(properties)
    if is_user:
        return UserTokens(properties, cache, clock)
    grant = _GRANTS[properties.auth_scheme](properties, clock)
    return GrantedTokens(
        properties, grant, cache if _names_a_cache(properties) else lambda: OptionalCache(cache), clock
    )


def _names_a_cache(properties: Properties) -> bool:
    is_default = properties.token_cache == "file"  # noqa: S105 - a name, no secret
    return bool(properties.settings_location or properties.token_cache_key) or not is_default
