"""The lock that a migration takes in Box, so that two of them never run at the same time.

It is the one option of a field of the version template: `free`, or until when it is taken and by whom. To rename that
option is one operation, which Box refuses where the option is another by then. Who holds the lock renews it from a
thread; who has died leaves one that expires.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from box_dialect.alembic.version_table import FREE, lock_of, new_template, template_key
from box_dialect.dbapi import Connection as DriverConnection
from box_dialect.errors import DatabaseError, Error, IntegrityError, OperationalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

    from box_dialect.dbapi.statement_run import Parameters
    from box_dialect.properties import Properties

SECONDS: Final = 600.0
"""How long a lock lasts that nobody renews."""

SECONDS_OF_WAIT: Final = 60.0
"""How long a migration waits for another one to end."""

_BETWEEN_LOOKS: Final = 1.0
_RENEWED_AFTER: Final = 1 / 3
"""The part of its time after which a lock is renewed."""

_MAKE: Final = """
INSERT INTO metadata_templates (template_key, display_name, hidden, fields)
VALUES (:template_key, :display_name, :hidden, :fields)
"""
_LOOK: Final = 'SELECT holder FROM "{}"'
_SWAP: Final = 'UPDATE "{}" SET holder = ? WHERE holder = ?'

_HELD: Final = "box_dialect.alembic"
"""Where SQLAlchemy's `info` of a connection has the locks that it holds, by their version tables."""

_log: Final = logging.getLogger(__name__)


class Lock:
    """The lock of a version table, for a connection, which gives it back when it goes back to its pool.

    It lasts for `seconds` from when it was taken or renewed; `wait` is for how many seconds that of another is waited
    for. What it needs of Box it asks for by a connection of its own, with the same `properties`.
    """

    def __init__(
        self, connection: Connection, properties: Properties, version_table: str, *, seconds: float, wait: float
    ) -> None:
        self._connection, self._properties, self._version_table = connection, properties, version_table
        self._seconds, self._wait = seconds, wait

    @property
    def is_held(self) -> bool:
        """Whether the connection has it."""
        return self._version_table in self._connection.info.get(_HELD, {})

    def keep(self) -> None:
        """Take the lock where the connection has it not yet, and see that it still has it otherwise.

        The template is made where there is none. Raises OperationalError where another one has it, or has taken it
        since it had expired.
        """
        if not self.is_held:
            self._connection.info.setdefault(_HELD, {})[self._version_table] = self._taken()
            pool = self._connection.engine.pool
            if not sa.event.contains(pool, "checkin", _give_back):
                sa.event.listen(pool, "checkin", _give_back)
        elif not self._connection.info[_HELD][self._version_table].is_kept():
            self._connection.info[_HELD].pop(self._version_table).end()
            raise OperationalError(
                f"the lock of {self._version_table} has expired, and another migration has taken it: see what that has "
                f"done, and run this one again, with box_lock_seconds above {self._seconds:g} in env.py's "
                "context.configure()"
            )

    def _taken(self) -> _Holder:
        option = _Option(self._properties, self._version_table)
        try:
            return _Holder(option, self._take(option), self._seconds)
        except BaseException:
            option.close()
            raise

    def _take(self, option: _Option) -> str:
        """Take the lock, and return the name that it is taken by."""
        end = time.monotonic() + self._wait
        holder = option.holder() or option.made()
        while True:
            mine = _name(self._seconds)
            if _is_free(holder):
                if option.swap(holder, mine):
                    return mine
            elif time.monotonic() > end:
                raise OperationalError(
                    f"another migration runs, and nothing was changed: the lock of {self._version_table} is taken "
                    f"until {holder}; try again when that has ended; of one that was killed, the lock expires then"
                )
            else:
                time.sleep(_BETWEEN_LOOKS)
            holder = option.holder() or option.made()


class _Option:
    """The option of the version template that is the lock."""

    def __init__(self, properties: Properties, version_table: str) -> None:
        self._version_table, table = version_table, lock_of(version_table)
        self._table = table.name
        self._connection = DriverConnection(properties)
        self._connection.catalog.add(table)

    def holder(self) -> str | None:
        """Return who holds the lock, or `free`; None where there is no template."""
        rows = self._run(_LOOK.format(self._table))
        return rows[0][0] if rows else None

    def made(self) -> str:
        """Make the template, unless another one has just done so, and return who holds its lock."""
        try:
            self._run(_MAKE, new_template(self._version_table))
        except IntegrityError:
            if (holder := self.holder()) is not None:
                return holder
            raise ProgrammingError(
                f"Box has a template {template_key(self._version_table)} already, which is no version table; name "
                "another one by version_table in env.py's context.configure()"
            ) from None
        return FREE

    def swap(self, holder: str, new: str) -> bool:
        """Have another holder in the place of one, and tell whether it was still that one."""
        try:
            self._run(_SWAP.format(self._table), [new, holder])
        except DatabaseError:
            now = self.holder()
            if now == holder:
                raise
            return now == new  # Box may have renamed it though the answer was lost
        return True

    def close(self) -> None:
        self._connection.close()

    def _run(self, statement: str, parameters: Parameters = ()) -> Sequence[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else ()


class _Holder(threading.Thread):
    """Who holds a lock, and renews it until it is given back, or another one has taken it."""

    def __init__(self, option: _Option, name: str, seconds: float) -> None:
        super().__init__(name="box-dialect-migration-lock", daemon=True)
        self._option, self._holder, self._seconds = option, name, seconds
        self._renewed, self._is_lost = time.monotonic(), False
        self._mutex, self._has_ended = threading.Lock(), threading.Event()
        self.start()

    def run(self) -> None:
        """Renew the lock now and then; what fails is tried again, until another one has it."""
        while not self._has_ended.wait(max(self._seconds * _RENEWED_AFTER, _BETWEEN_LOOKS)) and not self._is_lost:
            try:
                self._renew()
            except Error as error:
                _log.warning("the lock of a migration was not renewed: %s", error)

    def is_kept(self) -> bool:
        """Tell whether it still has the lock, which is renewed where that is due."""
        if time.monotonic() - self._renewed > self._seconds * _RENEWED_AFTER:
            self._renew()
        return not self._is_lost

    def _renew(self) -> None:
        with self._mutex:
            mine, began = _name(self._seconds), time.monotonic()
            if not self._is_lost and self._option.swap(self._holder, mine):
                self._holder, self._renewed = mine, began
            else:
                self._is_lost = True

    def end(self) -> None:
        """Give the lock back; one that cannot be given back expires."""
        self._has_ended.set()
        self.join()
        try:
            if not self._is_lost:
                self._option.swap(self._holder, FREE)
        except Error as error:
            _log.warning("the lock of a migration was not given back, and expires: %s", error)
        finally:
            self._option.close()


def _give_back(_connection: Any, record: Any) -> None:
    """Free the locks of a connection that goes back to its pool."""
    for holder in record.info.pop(_HELD, {}).values():
        holder.end()


def _name(seconds: float) -> str:
    """Return a name that nobody else takes: until when it holds, in UTC, and for whom."""
    end = datetime.now(UTC) + timedelta(seconds=seconds)
    return f"{end:%Y-%m-%dT%H:%M:%SZ} by {socket.gethostname()}, process {os.getpid()}, {secrets.token_hex(4)}"


def _is_free(holder: str) -> bool:
    """Tell whether nobody holds the lock, or the time of who does has passed; one that tells no time holds it on."""
    if holder == FREE:
        return True
    try:
        return datetime.fromisoformat(holder.partition(" ")[0]) < datetime.now(UTC)
    except (TypeError, ValueError):
        return False
