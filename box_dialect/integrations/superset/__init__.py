"""Box in Apache Superset: its engine spec, which Superset finds by the entry point `superset.db_engine_specs`.

Source: https://superset.apache.org/docs/configuration/databases
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from box_dialect.integrations.superset.spec import BoxEngineSpec

__all__ = ["BoxEngineSpec"]


def __getattr__(name: str) -> Any:
    """Import the engine spec when it is asked for, since the other modules here work without Superset."""
    if name != "BoxEngineSpec":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from box_dialect.integrations.superset.spec import BoxEngineSpec

    return BoxEngineSpec
