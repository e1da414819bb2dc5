"""Engine spec: what Superset knows of Box beyond its SQLAlchemy dialect."""

from __future__ import annotations

from superset.db_engine_specs.base import BaseEngineSpec

from box_dialect.integrations.superset.viewers import ViewerSignIn


class BoxEngineSpec(ViewerSignIn, BaseEngineSpec):
    """Box for Superset."""

    engine = "box"
    engine_name = "Box"
    default_driver = "apsw"
