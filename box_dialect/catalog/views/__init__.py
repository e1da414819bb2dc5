"""Views that administrators ask for: one module for each question. Every `View` in a module is one of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.declarations import declarations
from box_dialect.catalog.model import View

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VIEWS"]

VIEWS: Final[Mapping[str, View]] = MappingProxyType(dict(declarations(__name__, __path__, View)))
"""Every view that there is without a local database, by its name."""
