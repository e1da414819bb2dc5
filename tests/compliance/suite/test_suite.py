from sqlalchemy.testing.suite import *  # noqa: F403
from sqlalchemy.testing.suite import ServerSideCursorsTest as _ServerSideCursorsTest

from box_dialect.dialect.aio import StreamingCursor


class ServerSideCursorsTest(_ServerSideCursorsTest):
    def _is_server_side(self, cursor):
        """The suite knows by name what the cursors of SQLAlchemy's own drivers are."""
        return isinstance(cursor, StreamingCursor)
