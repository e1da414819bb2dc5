"""What a grant gives: the token set, and the protocol of a grant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TokenSet:
    """An access token, the refresh token issued with it, and their times, in seconds since the epoch.

    `expires_at` is None where that is unknown; `issued_at` tells which of two sets is the newer one.
    """

    access_token: str = field(repr=False)
    expires_at: float | None
    refresh_token: str | None = field(default=None, repr=False)
    issued_at: float = 0.0


class Grant(Protocol):
    """One way to get a token set from Box's token endpoint."""

    async def fetch(self) -> TokenSet:
        """Ask Box for a new token set.

        Raises OperationalError: retryable where Box or the network may answer later, final where it is refused.
        """
