"""The dialects as the suite meets them.

Their inspector shows the tables that the suite makes, not those of Box. Their connections have a second schema: it is
attached beneath the authorizer, which refuses ATTACH to SQL.
"""

from pathlib import Path

import apsw

from box_dialect.catalog import TABLES
from box_dialect.dialect import BoxDialect
from box_dialect.dialect.aio import AsyncBoxDialect


def attach(connection):
    """Attach the second schema to a connection of the driver."""
    sqlite = connection.sqlite
    authorizer, sqlite.authorizer = sqlite.authorizer, None
    sqlite.limit(apsw.SQLITE_LIMIT_ATTACHED, 1)
    sqlite.execute("ATTACH ? AS test_schema", (str(Path("test_schema.db").absolute()),))
    sqlite.authorizer = authorizer


class OwnTables:
    def get_table_names(self, connection, schema=None, **kw):
        return [name for name in super().get_table_names(connection, schema, **kw) if name not in TABLES]


class SuiteDialect(OwnTables, BoxDialect):
    supports_statement_cache = True

    def connect(self, *args, **options):
        connection = super().connect(*args, **options)
        attach(connection)
        return connection

    @classmethod
    def import_dbapi(cls):
        return BoxDialect.import_dbapi()


class AsyncSuiteDialect(OwnTables, AsyncBoxDialect):
    supports_statement_cache = True

    def connect(self, *args, **options):
        connection = super().connect(*args, **options)
        connection.run_sync(attach)
        return connection

    @classmethod
    def import_dbapi(cls):
        return AsyncBoxDialect.import_dbapi()
