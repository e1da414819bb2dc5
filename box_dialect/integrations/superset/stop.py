"""Stop: what the button of SQL Lab does to a statement, whichever process it was pressed in.

Superset writes into its metadata database that the query is stopped. The process that runs the statement reads that now
and then, in a thread beside it, and interrupts the connection.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import SQLAlchemyError

from box_dialect.errors import InterfaceError

if TYPE_CHECKING:
    from collections.abc import Callable

STOPPED: Final = frozenset({"stopped", "timed_out"})
"""What Superset calls a query that is to end."""

_log: Final = logging.getLogger("box_dialect")


class Watch:
    """A look, every so many seconds, whether the statement of a cursor must stop; it ends with `end()`.

    `is_stopped` is called in a thread of its own. Where a cursor or its connection goes, its watch goes, too.
    """

    def __init__(self, cursor: Any, is_stopped: Callable[[], bool], seconds: float) -> None:
        self._connection, self._is_stopped, self._seconds = weakref.ref(cursor.connection), is_stopped, seconds
        self._ended = threading.Event()
        threading.Thread(target=self._look, name="box-dialect-stop", daemon=True).start()

    def end(self) -> None:
        """Look no more; to end it again does nothing."""
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.wait(self._seconds) and self._is_open():
            pass

    def _is_open(self) -> bool:
        """Interrupt the connection where its statement must stop; False once it is closed or gone.

        Nothing refers to it between the looks, so that one that is forgotten goes.
        """
        connection = self._connection()
        if connection is None or connection.is_closed:
            return False
        try:
            must_stop = self._is_stopped()
        except SQLAlchemyError:
            _log.warning("whether a query of Superset was stopped could not be read", exc_info=True)
            return True
        if must_stop and not self._ended.is_set():
            with contextlib.suppress(InterfaceError):  # it was closed just now
                connection.interrupt()  # again and again, for a statement rests between execute and fetch
        return True


_watches: Final[weakref.WeakKeyDictionary[Any, Watch]] = weakref.WeakKeyDictionary()


def begin(cursor: Any, is_stopped: Callable[[], bool], seconds: float) -> None:
    """Watch the statement that a cursor is about to run."""
    end(cursor)
    _watches[cursor] = Watch(cursor, is_stopped, seconds)


def end(cursor: Any) -> None:
    """End the watch of a cursor's statement, if there is one."""
    watch = _watches.pop(cursor, None)
    if watch is not None:
        watch.end()


def reader(query_id: int) -> Callable[[], bool]:
    """Return what tells whether a query of SQL Lab is stopped, by a connection of its own to the metadata database.

    No session is held, and none of the caller's is touched. Call it in an application context of Superset's.
    """
    import sqlalchemy as sa
    from superset import db
    from superset.models.sql_lab import Query

    engine, table = db.engine, Query.__table__
    status = sa.select(table.c.status).where(table.c.id == query_id)

    def is_stopped() -> bool:
        with engine.connect() as connection:
            return connection.execute(status).scalar() in STOPPED

    return is_stopped
