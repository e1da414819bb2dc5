"""Box in Apache Superset: its engine spec, which Superset finds by the entry point `superset.db_engine_specs`.

Source: https://superset.apache.org/docs/configuration/databases
"""

from box_dialect.integrations.superset.spec import BoxEngineSpec

__all__ = ["BoxEngineSpec"]
