"""Check the signed assertions that an application signs in with.

Source: https://developer.box.com/guides/authentication/jwt/without-sdk
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt

from box_dialect.emulator import clock

from .errors import invalid_grant
from .subject import subject_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.emulator.model import User

    from .application import Application
    from .authority import Authority

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://api.box.com/oauth2/token"  # always this one, wherever the assertion is sent
ALGORITHMS = ["RS256", "RS384", "RS512"]
MAX_TTL = 60
_EXPIRED = "Current date time must be before the expiration date time listed in the 'exp' claim."
_OPTIONS: Any = {f"verify_{claim}": False for claim in ("exp", "aud", "iss", "iat", "nbf", "sub", "jti")}


def use_assertion(authority: Authority, form: Mapping[str, str]) -> User:
    """Take a signed assertion, whose jti must not have been used before."""
    claims = _verified(authority.application, form.get("assertion", ""))
    now, expiry, identity = clock.exact(), claims.get("exp"), claims.get("jti")
    if claims.get("iss") != authority.application.client_id:
        raise invalid_grant("Please check the 'iss' claim.")
    if claims.get("aud") != AUDIENCE:
        raise invalid_grant("Please check the 'aud' claim.")
    # The claim has whole seconds, so that one that was rounded up may seem to be a second late.
    issued = claims.get("iat", now)
    if not isinstance(expiry, int | float) or not isinstance(issued, int | float):
        raise invalid_grant(_EXPIRED)
    if not now < expiry <= min(now, issued) + MAX_TTL + 1:
        raise invalid_grant(_EXPIRED)
    used = authority.assertions = {known: until for known, until in authority.assertions.items() if until > now}
    if not isinstance(identity, str) or not 16 <= len(identity) <= 128 or identity in used:
        raise invalid_grant("Please check the 'jti' claim. A unique 'jti' value is required.")
    user = subject_of(authority.store, claims.get("box_sub_type"), claims.get("sub"))
    if user is None:
        raise invalid_grant("Please check the 'sub' claim. The 'sub' specified is invalid.")
    used[identity] = expiry
    return user


def _verified(application: Application, assertion: str) -> dict[str, Any]:
    """Return the claims of an assertion that was signed with the application's key, which is its only one."""
    try:
        if jwt.get_unverified_header(assertion).get("kid") not in (None, application.public_key_id):
            raise invalid_grant("'kid' invalid, unable to lookup correct key.")
        return jwt.decode(assertion, application.public_key, ALGORITHMS, _OPTIONS)
    except jwt.InvalidTokenError:
        why = "The public key identified by 'kid' must correspond to the private key used for signing."
        raise invalid_grant(f"Signature verification error. {why}") from None
