"""The client credentials grant.

Source: https://developer.box.com/guides/authentication/client-credentials/
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from box_dialect.auth import token_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.auth.tokens import TokenSet
    from box_dialect.properties import Properties

_ADVICE: Final = {
    "invalid_grant": "check SubjectType and SubjectId, and that the application may act for that subject",
    "invalid_request": "check that the application uses server authentication with client credentials",
}


class ClientCredentialsGrant:
    """Sign in with client id and secret, as the application's service account or as a user."""

    def __init__(self, properties: Properties, clock: Callable[[], float] = time.time) -> None:
        self._properties, self._clock = properties, clock

    def account(self) -> tuple[str | None, ...]:
        """Return the client id, and whom it signs in as."""
        return self._properties.client_id, self._properties.subject_type, self._properties.subject_id

    def secret(self) -> bytes:
        """Return the client secret."""
        return (self._properties.client_secret or "").encode()

    async def fetch(self) -> TokenSet:
        """Ask Box for a new token set; raises SignInError."""
        properties = self._properties
        form = {
            "box_subject_type": properties.subject_type,
            "box_subject_id": properties.subject_id,
            "scope": properties.scope,
        }
        return await token_endpoint.fetch(properties, "client_credentials", form, advice=_ADVICE, clock=self._clock)
