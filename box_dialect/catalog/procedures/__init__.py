"""What can be called: declarations, one module per family."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.declarations import declarations
from box_dialect.catalog.model.procedure import Procedure

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROCEDURES"]

PROCEDURES: Final[Mapping[str, Procedure]] = MappingProxyType(
    {procedure.key: procedure for procedure in declarations(__name__, __path__, Procedure).values()}
)
"""Every procedure by its name in lower case."""
