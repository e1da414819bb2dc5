"""What Alembic loads as a plugin while it is imported itself, so that nothing of Alembic is needed here."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Plugin(ModuleType):
    """What Alembic's entry point leads to: a module with `setup()`, and before 1.19.3 an iterable of such ones."""

    def __iter__(self) -> Iterator[ModuleType]:
        yield self

    def setup(self, _plugin: Any) -> None:
        """Do nothing: to have this package imported is what Alembic's plugins are asked for."""


plugin: Final = _Plugin("box_dialect.alembic")
"""What Alembic loads."""
