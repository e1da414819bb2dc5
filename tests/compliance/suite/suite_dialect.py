"""The dialects as the suite meets them.

Their inspector shows the tables and views that the suite makes, not those of Box. Their connections have a second
schema: it is attached beneath the authorizer, which refuses ATTACH to SQL.
"""

from pathlib import Path

import apsw

from box_dialect.dialect import BoxDialect
from box_dialect.dialect.aio import AsyncBoxDialect
from box_dialect.dialect.reflection import catalog_of, is_of_box


def attach(connection):
    """Attach the second schema to a connection of the driver, which has no Box to ask for metadata templates."""
    connection.find_tables = lambda *_: None
    sqlite = connection.sqlite
    authorizer, sqlite.authorizer = sqlite.authorizer, None
    sqlite.limit(apsw.SQLITE_LIMIT_ATTACHED, 1)
    sqlite.execute("ATTACH ? AS test_schema", (str(Path("test_schema.db").absolute()),))
    sqlite.authorizer = authorizer


class OwnTables:
    def get_table_names(self, connection, schema=None, **kw):
        return self._own(connection, super().get_table_names(connection, schema, **kw))

    def get_view_names(self, connection, schema=None, **kw):
        return self._own(connection, super().get_view_names(connection, schema, **kw))

    def _own(self, connection, names):
        return [name for name in names if not is_of_box(name, catalog_of(connection))]


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
