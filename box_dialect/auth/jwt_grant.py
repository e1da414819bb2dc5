"""The JWT grant: an assertion, signed with the application's private key, stands for the sign-in.

Source: https://developer.box.com/guides/authentication/jwt/without-sdk/
"""

from __future__ import annotations

import dataclasses
import logging
import re
import secrets
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from box_dialect.auth import token_endpoint
from box_dialect.errors import SignInError

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect._http import httpx
    from box_dialect.auth.private_key import Signer
    from box_dialect.auth.tokens import TokenSet
    from box_dialect.properties import Properties

AUDIENCE: Final = "https://api.box.com/oauth2/token"
"""Always this one, wherever the assertion is sent."""

LIFETIME_SECONDS: Final = 45
"""An assertion lives so long; Box allows 60 seconds."""

_GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ADVICE: Final = {
    "invalid_grant": "check OAuthJWTSubjectType and OAuthJWTSubject, that OAuthJWTPublicKeyId is the id that the "
    "developer console shows for this private key, and that OAuthJWTIssuer, or else OAuthClientId, is the client id of "
    "the same application",
    "invalid_request": "check that the application uses server authentication with JWT",
}
_BY_THE_CLOCK: Final = re.compile(r"\b(exp|jti)\b")
"""What a refusal mentions where the assertion's time may be the reason."""

_log: Final = logging.getLogger("box_dialect")


class JWTGrant:
    """Sign in by a signed assertion, as the application's service account or as a user.

    A refusal that a wrong clock may be the reason of is answered once by an assertion that goes by the clock of the
    server, as later ones then do.
    """

    def __init__(self, properties: Properties, clock: Callable[[], float] = time.time) -> None:
        self._properties, self._clock = properties, clock
        self._ahead = 0.0  # of our clock, by which the server's differs
        self._signer: Signer | None = None

    def account(self) -> tuple[str | None, ...]:
        """Return the client id and whom the assertion is for, and read the private key anew.

        Raises ProgrammingError where the key cannot be used.
        """
        from box_dialect.auth import private_key

        self._signer = signer = private_key.signer(self._properties)
        return signer.client_id, self._properties.jwt_subject_type, signer.subject

    def secret(self) -> bytes:
        """Return the private key, and the client secret."""
        return self._read().secret

    async def fetch(self) -> TokenSet:
        """Ask Box for a new token set; raises SignInError."""
        signer, told = self._read(), self._ahead

        def answered(response: httpx.Response) -> None:
            nonlocal told
            if response.status_code == 400 and _BY_THE_CLOCK.search(response.text):
                told = self._difference(response.headers.get("date"))

        try:
            return await self._ask(signer, answered)
        except SignInError:
            if told == self._ahead:
                raise
        _log.info("the clock of Box's token endpoint is %+.0f seconds ahead of this machine's", told)
        self._ahead = told
        return await self._ask(signer, lambda _: None)

    def assertion(self, signer: Signer) -> str:
        """Return a signed assertion that no other one is like."""
        import jwt

        claims = {
            "iss": signer.issuer,
            "sub": signer.subject,
            "box_sub_type": self._properties.jwt_subject_type,
            "aud": AUDIENCE,
            "jti": secrets.token_hex(32),
            "exp": int(self._clock() + self._ahead) + LIFETIME_SECONDS,
        }
        algorithm, headers = self._properties.jwt_algorithm, {"kid": signer.key_id}
        return jwt.encode(claims, signer.private_key, algorithm=algorithm, headers=headers)

    def _read(self) -> Signer:
        """Return what `account` has read."""
        if self._signer is None:
            self.account()
        assert self._signer is not None  # noqa: S101 - read just now
        return self._signer

    async def _ask(self, signer: Signer, answered: Callable[[httpx.Response], None]) -> TokenSet:
        client = dataclasses.replace(self._properties, client_id=signer.client_id, client_secret=signer.client_secret)
        form = {"assertion": self.assertion(signer), "scope": self._properties.scope}
        return await token_endpoint.fetch(
            client, _GRANT_TYPE, form, advice=_ADVICE, clock=self._clock, answered=answered
        )

    def _difference(self, date: str | None) -> float:
        """Return by how much the server's clock is ahead, by its Date header; what is known, without one."""
        try:
            return parsedate_to_datetime(date or "").timestamp() - self._clock()
        except (OverflowError, ValueError):
            return self._ahead
