"""Box in Apache Superset: its engine spec, which Superset finds by the entry point `superset.db_engine_specs`.

The spec needs Superset; the modules beside it do not before it calls them.
Source: https://superset.apache.org/docs/configuration/databases
"""

from __future__ import annotations

from typing import Any

__all__ = ["BoxEngineSpec"]


def __getattr__(name: str) -> Any:
    """Import the spec when it is asked for, since that imports Superset."""
    if name != "BoxEngineSpec":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from box_dialect.integrations.superset.spec import BoxEngineSpec

    return BoxEngineSpec
