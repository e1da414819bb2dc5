"""Say what an access token, and the refresh token issued with it, stand for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .scopes import APPLICATION, permitted

if TYPE_CHECKING:
    from box_dialect.emulator.model import Item, User


@dataclass
class Session:
    """Who is signed in, and what their tokens are limited to: scopes, and one item with all below it, or no item.

    Tokens that were exchanged for narrower ones have the session of those as `parent`, and end with it. Revoking one
    token revokes all of its session.
    """

    user: User
    scopes: frozenset[str] = APPLICATION
    item: Item | None = None
    parent: Session | None = None
    revoked: bool = False

    @property
    def is_revoked(self) -> bool:
        """Whether the session, or the one that it comes from, was revoked."""
        return self.revoked or (self.parent is not None and self.parent.is_revoked)

    @cached_property
    def permitted(self) -> frozenset[str]:
        """What the tokens let do with items, in the words of the field `permissions` of items."""
        return permitted(self.scopes)

    def reaches(self, item: Item) -> bool:
        """Tell whether the tokens are good for an item."""
        step: Item | None = item
        while self.item is not None and step is not None and step is not self.item:
            step = step.parent
        return step is not None
