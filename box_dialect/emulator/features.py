"""Say what an enterprise may lack at Box, by its plan or by what its administrators set: the features of operations.

Box does not document with which status it refuses an operation whose feature is off. Most are refused with 403; a
feature that is in beta, and that an enterprise without it knows nothing of, with 404.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import BoxError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


@dataclass(frozen=True, slots=True)
class Feature:
    """What some operations need; without it they are refused with `status`, which is 403 (and `code`) or 404."""

    name: str
    status: int = 403
    code: str = "forbidden"

    def check(self, features: Collection[str]) -> None:
        """Refuse a call where this is not among the features that the enterprise has."""
        if self.name in features:
            return
        if self.status == 404:
            raise BoxError(404, "not_found", "Not Found")
        raise BoxError(self.status, self.code, f"The enterprise does not have the feature {self.name}")


def checked(features: Iterable[str], known: Collection[str]) -> frozenset[str]:
    """Return features by their names; raise ValueError for a name that is not known."""
    wanted = frozenset(features)
    unknown = sorted(wanted.difference(known))
    if unknown:
        raise ValueError(f"No operation has the feature {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    return wanted
