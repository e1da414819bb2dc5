"""Tokens in a table of any database that SQLAlchemy speaks to, for processes on several hosts.

The lock is the row's: whoever holds it has changed the row in a transaction that lasts until the entry is stored. That
locks in every database, where SELECT … FOR UPDATE does in some, and in SQLite it is the lock of the whole file.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from box_dialect.errors import Diagnostics, ProgrammingError, SignInError
from box_dialect.properties.secret_files import check_secret
from box_dialect.token_cache.base import LOCK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Engine, RootTransaction
    from sqlalchemy.sql.dml import UpdateBase

    from box_dialect.properties import Properties

tokens: Final = sa.Table(
    "box_dialect_tokens",
    sa.MetaData(),
    sa.Column("account", sa.String(255), primary_key=True),
    sa.Column("entry", sa.LargeBinary),
    sa.Column("holds", sa.Integer, nullable=False),
)
"""One row for each account; its entry is NULL before the first one. `holds` is what holding the row changes."""

_URL_FORM: Final = (
    "TokenCache is no URL that SQLAlchemy reads, such as postgresql+psycopg://USER:PASSWORD@HOST/DATABASE; characters "
    "such as @ : / ? in the password must be percent-encoded"
)
_LOGGED_AS: Final = "box-dialect tokens"
_SECONDS: Final = int(LOCK_SECONDS)
_BEFORE_A_HOLD: Final = {
    # The second ends the hold of a host that died without a word.
    "postgresql": (
        f"SET LOCAL lock_timeout = '{_SECONDS}s'",
        f"SET LOCAL idle_in_transaction_session_timeout = '{_SECONDS}s'",
    ),
    "mysql": (f"SET SESSION innodb_lock_wait_timeout = {_SECONDS}",),
    "mariadb": (f"SET SESSION innodb_lock_wait_timeout = {_SECONDS}",),
}


class DatabaseCache:
    """Keep each entry in a row of the table `box_dialect_tokens`, which the first use creates."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_ready = False
        self._held = threading.local()

    def __str__(self) -> str:
        url = self._engine.url
        return f"the database {url.database or ''}" + (f" at {url.host}" if url.host else "")

    def load(self, key: str) -> bytes | None:
        """Return the entry, None where there is none."""
        query = sa.select(tokens.c.entry).where(tokens.c.account == key)
        with self._reported():
            held = self._holds().get(key)
            if held is not None:
                entry = held.connection.execute(query).scalar()
            else:
                with self._engine.connect() as connection:
                    entry = connection.execute(query).scalar()
        return None if entry is None else bytes(entry)

    def store(self, key: str, entry: bytes) -> None:
        """Replace the entry, and end this thread's hold with the commit; keeps nothing where the hold is lost."""
        while not self._change(key, tokens.update().where(tokens.c.account == key).values(entry=entry)):
            self._add(key)

    def delete(self, key: str) -> None:
        """Remove the entry, and end this thread's hold with the commit."""
        self._change(key, tokens.delete().where(tokens.c.account == key))

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Hold the entry against all who use this database, in a transaction."""
        with self._reported():
            hold = self._hold(key)
        self._holds()[key] = hold
        try:
            yield
        finally:
            self._holds().pop(key, None)
            with suppress(SQLAlchemyError):  # what was stored is committed, and there is nothing else to keep
                hold.connection.close()

    def _hold(self, key: str) -> RootTransaction:
        """Return a transaction in which the row is locked."""
        holding = tokens.update().where(tokens.c.account == key).values(holds=tokens.c.holds + 1)
        while True:
            connection = self._engine.connect()
            try:
                transaction = connection.begin()
                for statement in _BEFORE_A_HOLD.get(self._engine.dialect.name, ()):
                    connection.exec_driver_sql(statement)
                if connection.execute(holding).rowcount:
                    return transaction
            except BaseException:
                connection.close()
                raise
            connection.close()
            self._add(key)

    def _change(self, key: str, statement: UpdateBase) -> bool:
        """Change the row and commit, in the transaction that holds it where there is one; tell whether it is there."""
        held = self._holds().pop(key, None)
        with self._reported():
            if held is None:
                with self._engine.begin() as connection:
                    return connection.execute(statement).rowcount > 0
            changed = held.connection.execute(statement).rowcount > 0
            held.commit()
            return changed

    def _add(self, key: str) -> None:
        """Add a row without an entry, unless another has."""
        with self._reported(), suppress(IntegrityError), self._engine.begin() as connection:
            connection.execute(tokens.insert().values(account=key, holds=0))

    def _holds(self) -> dict[str, RootTransaction]:
        """Return the transactions that hold rows for this thread."""
        holds: dict[str, RootTransaction] = self._held.__dict__
        return holds

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            if not self._is_ready:
                self._make_table()
                self._is_ready = True
            yield
        except (SQLAlchemyError, OSError, TypeError) as error:  # the last for an option that the driver does not know
            reason = str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
            if self._engine.url.password:
                reason = reason.replace(str(self._engine.url.password), "***")
            raise SignInError(
                f"{self} cannot be used ({type(error).__name__}: {reason}); check the property TokenCache",
                Diagnostics(retryable=True),
            ) from None

    def _make_table(self) -> None:
        path = self._engine.url.database or ""
        if self._engine.dialect.name == "sqlite" and not path.startswith("file:"):
            # SQLite would let others read it; what it makes beside it gets the file's mode.
            Path(path).touch(mode=0o600)
            check_secret(Path(path))
        try:
            tokens.create(self._engine, checkfirst=True)
        except DBAPIError:  # another process was faster, or it may not be made
            if not sa.inspect(self._engine).has_table(tokens.name):
                raise


def is_database(scheme: str) -> bool:
    """Tell whether SQLAlchemy knows URLs of that scheme."""
    try:
        make_url(f"{scheme}://").get_dialect()
    except (ArgumentError, NoSuchModuleError):
        return False
    return True


def open_database(location: str, _properties: Properties) -> DatabaseCache:
    """Return the cache in the database at a URL for SQLAlchemy; raises ImportError where its driver is missing."""
    try:
        url = make_url(location)
    except (ArgumentError, ValueError):
        raise ProgrammingError(_URL_FORM) from None
    if "@" in (url.host or ""):  # a part of the password was taken for the host, and would be shown
        raise ProgrammingError(_URL_FORM)
    dialect = url.get_dialect()
    if dialect.name == "box":
        raise ProgrammingError("Box itself cannot keep the tokens that it takes to reach it; take another TokenCache")
    if dialect.is_async:
        raise ProgrammingError(f"TokenCache takes a driver that is not asynchronous; {url.drivername} is")
    if dialect.name == "sqlite" and (url.database or ":memory:") == ":memory:":
        raise ProgrammingError("a database in memory keeps nothing; name a file, or take TokenCache=memory")
    connecting = {"timeout": LOCK_SECONDS} if dialect.name == "sqlite" else {}
    engine = sa.create_engine(
        url, poolclass=NullPool, connect_args=connecting, hide_parameters=True, logging_name=_LOGGED_AS
    )
    # At DEBUG it would log rows, and they hold tokens.
    logging.getLogger(f"sqlalchemy.engine.Engine.{_LOGGED_AS}").setLevel(logging.WARNING)
    return DatabaseCache(engine)
