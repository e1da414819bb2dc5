"""What a grant gives: the token set, and the protocol of a grant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TokenSet:
    """An access token and the time it expires at, in seconds since the epoch; None where that is unknown."""

    access_token: str = field(repr=False)
    expires_at: float | None


class Grant(Protocol):
    """One way to get a token set from Box's token endpoint."""

    async def fetch(self) -> TokenSet:
        """Ask Box for a new token set.

        Raises OperationalError: retryable where Box or the network may answer later, final where it is refused.
        """
