"""Bind an authorization code to who asked for it.

Source: https://datatracker.ietf.org/doc/html/rfc7636
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import OAuthError

if TYPE_CHECKING:
    from collections.abc import Mapping

METHODS = ("S256", "plain")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the verifier of a token request must answer to."""

    value: str
    method: str

    def is_met_by(self, verifier: str) -> bool:
        """Tell whether a verifier is the one that the challenge was made from."""
        if _VERIFIER.fullmatch(verifier) is None:
            return False
        if self.method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return hmac.compare_digest(verifier, self.value)


def challenge_of(query: Mapping[str, str]) -> Challenge | None:
    """Return the challenge of an authorization request, or None for one without; refuse one that none can meet."""
    value, method = query.get("code_challenge"), query.get("code_challenge_method", "plain")
    if value is None:
        return None
    if method not in METHODS:
        raise OAuthError("invalid_request", f"The code_challenge_method must be one of {', '.join(METHODS)}")
    if _VERIFIER.fullmatch(value) is None:
        raise OAuthError("invalid_request", "The code_challenge must have 43 to 128 letters, digits or -._~")
    return Challenge(value, method)
