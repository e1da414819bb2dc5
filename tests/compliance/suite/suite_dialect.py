"""The dialect as the suite meets it: its inspector shows the tables that the suite makes, not those of Box."""

from box_dialect import dbapi as driver_module
from box_dialect.catalog import TABLES
from box_dialect.dialect import BoxDialect


class SuiteDialect(BoxDialect):
    supports_statement_cache = True

    def get_table_names(self, connection, schema=None, **kw):
        return [name for name in super().get_table_names(connection, schema, **kw) if name not in TABLES]

    @classmethod
    def import_dbapi(cls):
        return driver_module
