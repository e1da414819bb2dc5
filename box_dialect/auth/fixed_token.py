"""An access token that is used as it is, or the lack of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.auth.tokens import TokenSet
from box_dialect.errors import Diagnostics, SignInNeededError

if TYPE_CHECKING:
    from box_dialect.properties import Properties

_REFUSED: Final = (
    "Box refused the access token: it is wrong or has expired. Set OAuthAccessToken to a new one, or let the driver "
    "renew it: with InitiateOAuth=REFRESH and its OAuthRefreshToken, or by another AuthScheme"
)
_MISSING: Final = (
    "there is no access token: AuthScheme=OAuth with InitiateOAuth=OFF uses OAuthAccessToken only, and none is given. "
    "Set it, for one by the procedures GetOAuthAuthorizationURL and GetOAuthAccessToken, or connect with "
    "InitiateOAuth=GETANDREFRESH to sign in by the browser, or with InitiateOAuth=REFRESH after `box-dialect login`"
)


class FixedToken:
    """Give the access token of the properties, which nothing renews and no cache keeps."""

    def __init__(self, properties: Properties) -> None:
        self._properties = properties  # whose text form hides the token

    async def renew(self, seen: TokenSet | None) -> TokenSet:
        """Return the given token set; raises SignInError where there is none, or Box refused it."""
        if not self._properties.access_token:
            raise SignInNeededError(_MISSING)
        if seen is not None:
            raise SignInNeededError(_REFUSED, Diagnostics(status=401))
        return TokenSet(self._properties.access_token, None)

    async def ask(self, problem: SignInNeededError) -> TokenSet:
        """Raise the problem: nobody is to be asked."""
        raise problem

    async def aclose(self) -> None:
        """Do nothing."""
