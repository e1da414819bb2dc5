"""A viewer's tokens: Superset keeps those of the sign-in, and Box's single-use refresh tokens go on from there.

Superset 5.0 and 6.0 keep the first refresh token of a sign-in, and 6.1 the one that it was given last. Whichever it
hands in, and however many of its workers do so at once, the driver's token cache has the pair that came of it, renews
it once, and gives all of them the same access token. So each refresh token that is given to Superset says which
sign-in it is of: behind a space, the fingerprint of the first one, which says so by itself.

Source: https://developer.box.com/guides/authentication/tokens/refresh/
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import portal
from box_dialect.auth import authorization_code
from box_dialect.auth.entry import fingerprint
from box_dialect.auth.handed_tokens import renewed
from box_dialect.errors import called_without_frames
from box_dialect.integrations.superset.identity import client_of, literal
from box_dialect.properties import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.auth.tokens import TokenSet
    from box_dialect.properties import Properties

_KEPT: Final = re.compile(r"(?P<token>\S+)(?: (?P<sign_in>[0-9a-f]{64}))?")


@called_without_frames
def of_code(
    client: Mapping[str, Any], code: str, code_verifier: str | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what Superset keeps of the tokens that a code is exchanged for; raises OperationalError.

    `client` is Superset's configuration of the OAuth2 client, `given` are properties of the driver.
    """
    properties = _properties(client, given)
    tokens = portal().run(authorization_code.exchange, properties, code, client["redirect_uri"], code_verifier)
    return _kept(tokens, tokens.refresh_token)


@called_without_frames
def of_refresh_token(client: Mapping[str, Any], kept: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Superset keeps of the newest tokens of the sign-in that a kept refresh token is of.

    Raises SignInNeededError where it is over, OperationalError where Box or the token cache fails.
    """
    found = _KEPT.fullmatch(kept)
    token, sign_in = (found["token"], found["sign_in"]) if found else (kept, None)
    sign_in = sign_in or fingerprint(token)
    of_sign_in = {"OAuthRefreshToken": literal(token, "the refresh token"), "SubjectId": sign_in}
    tokens = portal().run(renewed, _properties(client, given, **of_sign_in))
    return _kept(tokens, f"{tokens.refresh_token} {sign_in}")


def _properties(client: Mapping[str, Any], given: Mapping[str, Any], **token: str) -> Properties:
    place = literal(client["token_request_uri"], "the token_request_uri of the OAuth2 client")
    return parse({"InitiateOAuth": "REFRESH", **client_of(client), "TokenURL": place, **given, **token})


def _kept(tokens: TokenSet, refresh_token: str | None) -> dict[str, Any]:
    return {
        "access_token": tokens.access_token,
        "expires_in": int(tokens.fresh_seconds(time.time())),
        "refresh_token": refresh_token,
    }
