"""What can be called: declarations, one module per family."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from box_dialect.catalog.declarations import declarations
from box_dialect.catalog.model.procedure import Procedure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["PROCEDURES"]


def by_key(declared: Iterable[Procedure]) -> dict[str, Procedure]:
    """Return procedures by their names in lower case; raises ValueError where one name, or alias, is that of two."""
    found = {procedure.key: procedure for procedure in declared}
    names = [each.key for procedure in found.values() for each in procedure.spellings]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"several procedures are called {', '.join(sorted(twice))}: choose other aliases")
    return found


PROCEDURES: Final[Mapping[str, Procedure]] = MappingProxyType(
    by_key(declarations(__name__, __path__, Procedure).values())
)
"""Every procedure by its name in lower case."""
