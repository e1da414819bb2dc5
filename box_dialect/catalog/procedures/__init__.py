"""What can be called: declarations, one module per family."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.procedures import oauth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.catalog.model.procedure import Procedure

__all__ = ["PROCEDURES"]

PROCEDURES: Final[Mapping[str, Procedure]] = MappingProxyType(
    {procedure.key: procedure for family in (oauth,) for procedure in family.PROCEDURES}
)
"""Every procedure by its name in lower case."""
