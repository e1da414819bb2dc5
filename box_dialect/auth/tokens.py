"""What a grant gives: the token set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

ADVISORY_SECONDS: Final = 300.0
"""A token this close to its end is renewed while others still use it; a quarter of its life where that is less."""

MANDATORY_SECONDS: Final = 60.0
"""A token this close to its end is renewed before it is used, so that it does not expire on its way to Box; a tenth of
its life where that is less."""


@dataclass(frozen=True, slots=True)
class TokenSet:
    """An access token, the refresh token issued with it, and their times, in seconds since the epoch.

    `expires_at` is None where that is unknown; `issued_at` tells which of two sets is the newer one, and is 0 where
    that is unknown.
    """

    access_token: str = field(repr=False)
    expires_at: float | None
    refresh_token: str | None = field(default=None, repr=False)
    issued_at: float = 0.0

    def may_be_renewed(self, now: float) -> bool:
        """Tell whether one who has the time should get a new set; others may go on with this one."""
        return self._ends_within(self._advisory, now)

    def fresh_seconds(self, now: float) -> float:
        """Return how long it is until a new set should be got, 0.0 at the least; infinite where that is unknown."""
        return float("inf") if self.expires_at is None else max(0.0, self.expires_at - self._advisory - now)

    def must_be_renewed(self, now: float) -> bool:
        """Tell whether this set is not to be used any more."""
        return self._ends_within(min(MANDATORY_SECONDS, self._life / 10), now)

    @property
    def _advisory(self) -> float:
        return min(ADVISORY_SECONDS, self._life / 4)

    @property
    def _life(self) -> float:
        is_known = self.expires_at is not None and self.issued_at > 0
        return max(0.0, self.expires_at - self.issued_at) if is_known and self.expires_at else float("inf")

    def _ends_within(self, seconds: float, now: float) -> bool:
        return self.expires_at is not None and self.expires_at - seconds <= now
