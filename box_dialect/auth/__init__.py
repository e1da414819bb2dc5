"""A valid access token, always: grants of Box's OAuth 2.0, and the provider that keeps what they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.auth.client_credentials import ClientCredentialsGrant
from box_dialect.auth.provider import TokenProvider
from box_dialect.auth.tokens import Grant, TokenSet

if TYPE_CHECKING:
    from box_dialect.properties import Properties

__all__ = ["ClientCredentialsGrant", "Grant", "TokenProvider", "TokenSet", "token_provider"]


def token_provider(properties: Properties) -> TokenProvider:
    """Return the provider that the properties ask for; nothing is sent yet."""
    if properties.access_token:
        return TokenProvider(given=TokenSet(access_token=properties.access_token, expires_at=None))
    return TokenProvider(grant=ClientCredentialsGrant(properties))
