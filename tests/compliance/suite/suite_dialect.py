"""The dialects as the suite meets them: their inspector shows the tables that the suite makes, not those of Box."""

from box_dialect.catalog import TABLES
from box_dialect.dialect import BoxDialect
from box_dialect.dialect.aio import AsyncBoxDialect


class OwnTables:
    def get_table_names(self, connection, schema=None, **kw):
        return [name for name in super().get_table_names(connection, schema, **kw) if name not in TABLES]


class SuiteDialect(OwnTables, BoxDialect):
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls):
        return BoxDialect.import_dbapi()


class AsyncSuiteDialect(OwnTables, AsyncBoxDialect):
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls):
        return AsyncBoxDialect.import_dbapi()
