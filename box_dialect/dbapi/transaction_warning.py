"""The warning of a rollback that cannot undo a write to Box."""

from __future__ import annotations

from box_dialect.engine import warn
from box_dialect.errors import BoxTransactionWarning


def warn_of_writes() -> None:
    """Warn, in the name of the line that led here, that what was written to Box stays."""
    warn("what was written to Box stays there: Box has no transactions to roll back", BoxTransactionWarning)
