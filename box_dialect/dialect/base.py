"""The SQLAlchemy dialect: SQLite's SQL, Box's tables.

Source: https://docs.sqlalchemy.org/en/20/core/internals.html#sqlalchemy.engine.interfaces.Dialect
"""

from __future__ import annotations

import itertools
import weakref
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import event, types
from sqlalchemy.dialects import registry, sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteDialect, SQLiteExecutionContext
from sqlalchemy.exc import ArgumentError

from box_dialect import dbapi as driver_module
from box_dialect.catalog import Catalog
from box_dialect.dbapi.sqltext.secrecy import without_secrets
from box_dialect.dialect.compiler import BoxCompiler
from box_dialect.dialect.ddl import BoxDdlCompiler, BoxTypeCompiler
from box_dialect.dialect.forks import make_safe_to_fork
from box_dialect.dialect.paramstyles import translator
from box_dialect.dialect.reflection import CatalogReflection, catalog_of, is_of_box
from box_dialect.dialect.types import Date, DateTime, SqliteDateTime, Time, read_json
from box_dialect.dialect.url import masked, raw_properties
from box_dialect.engine import MEMORY, forget
from box_dialect.errors import called_without_frames
from box_dialect.properties import check_values, is_named
from box_dialect.rows import tuple_row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from sqlalchemy.engine import URL, Engine

    from box_dialect.catalog.model.procedure import Procedure

_AUTOCOMMIT: Final = "AUTOCOMMIT"
_SERIALIZABLE: Final = "SERIALIZABLE"
_READ_UNCOMMITTED: Final = "READ UNCOMMITTED"
_engines = itertools.count(1)


def _silence(
    connection: Any, _cursor: Any, statement: str, _parameters: Any, context: BoxExecutionContext, _many: bool
) -> None:
    """Log a statement that calls a procedure which takes secrets without them, and neither parameters nor rows."""
    procedures = context.procedures  # also for when it has failed, and the connection is gone
    shown = without_secrets(statement, procedures) if connection._echo else None  # noqa: SLF001 - all there is
    if shown is not None:
        connection._log_info(shown)  # noqa: SLF001 - likewise
        # SQLAlchemy 1.4 knows connections that are branches of others.
        context.silenced = connection, context.root_connection
        for each in context.silenced:
            each._echo = False  # noqa: SLF001 - likewise


def _hide_secrets(failed: Any) -> None:
    """Leave literals and parameters out of the exception of a statement that calls a procedure which takes secrets."""
    context: BoxExecutionContext | None = failed.execution_context
    if context is not None:
        context.end_silence()
    failure = failed.sqlalchemy_exception
    procedures = _known_to(failed.connection) if context is None else context.procedures
    shown = without_secrets(failed.statement, procedures) if failure is not None and failed.statement else None
    if shown is not None:
        failure.statement, failure.hide_parameters = shown, True


def _known_to(connection: Any) -> Mapping[str, Procedure]:
    """Return the procedures that a connection knows; without one that is open, those that every one begins with."""
    is_open = connection is not None and not (connection.closed or connection.invalidated)
    return (catalog_of(connection) if is_open else Catalog()).procedures


class BoxExecutionContext(SQLiteExecutionContext):
    """Give the key that Box chose for a new row: SQLAlchemy takes it from `lastrowid` for keys of type INTEGER only.

    `silenced` are the connections that log nothing until the statement has its result, which does not log its rows.
    """

    silenced: tuple[Any, ...] = ()

    @cached_property
    def procedures(self) -> Mapping[str, Procedure]:
        """Those that the connection knows, and may take secrets."""
        return _known_to(self.root_connection)

    def create_default_cursor(self) -> Any:
        """Return a cursor whose rows are tuples, whatever else those of the connection are."""
        return self._dbapi_connection.cursor(row_factory=tuple_row)

    def end_silence(self) -> None:
        """Let the connections log the next statement."""
        for each in self.silenced:
            each._echo = True  # noqa: SLF001 - all that there is
        self.silenced = ()

    def _setup_result_proxy(self) -> Any:
        try:
            return super()._setup_result_proxy()  # type: ignore[no-untyped-call]
        finally:
            self.end_silence()

    def _setup_ins_pk_from_lastrowid(self) -> list[Any]:
        key: Any = self.cursor.lastrowid
        name: Any = self.compiled.statement.table.name  # type: ignore[union-attr]
        if key is None or not is_of_box(name, catalog_of(self.root_connection)):
            return super()._setup_ins_pk_from_lastrowid()  # type: ignore[no-untyped-call, no-any-return]
        return [(str(key),)]


class BoxDialect(CatalogReflection):
    """`create_engine("box://CLIENT_ID:CLIENT_SECRET@/?AuthScheme=OAuthClient&SubjectId=…")`.

    Properties of the URL are checked when the engine is made; nothing is sent to Box before the first query, unless
    `InitiateOAuth` says so.
    """

    name = "box"
    driver = "apsw"
    supports_statement_cache = True
    default_paramstyle = "qmark"
    execution_ctx_cls = BoxExecutionContext
    statement_compiler = BoxCompiler
    ddl_compiler = BoxDdlCompiler
    type_compiler = BoxTypeCompiler  # as SQLAlchemy 1.4 calls it, and later ones know it
    supports_comments = False
    supports_sane_rowcount_returning = True
    # SQLAlchemy 1.4 knows no RETURNING of SQLite's.
    implicit_returning = True
    full_returning = True
    # SQLite's own DATETIME says how it is stored.
    colspecs = SQLiteDialect.colspecs | {
        sqlite.DATETIME: SqliteDateTime,
        types.Date: Date,
        types.DateTime: DateTime,
        types.Time: Time,
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._json_deserializer = self._json_deserializer or read_json
        self._translated = translator(self.paramstyle)
        self.memory = f"engine-{next(_engines)}"
        weakref.finalize(self, forget, self.memory)

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """Return the PEP 249 module."""
        return driver_module

    @classmethod
    def dbapi(cls) -> ModuleType:  # type: ignore[override]
        """Return the PEP 249 module, by the name that SQLAlchemy 1.4 asks for."""
        return driver_module

    @classmethod
    def get_async_dialect_cls(cls, url: URL) -> type[BoxDialect]:
        """Return the dialect for `create_async_engine()`."""
        found: type[BoxDialect] = registry.load("box.aioapsw")
        return found

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Keep secrets out of the engine's texts, its log and its exceptions, and its connections in one process."""
        engine.url = masked(engine.url)
        # The dialect outlives its engine: SQLAlchemy's mappers keep it with statements that they have compiled. What
        # opens connections lasts as long as the engine's pools do.
        memory = cast("BoxDialect", engine.dialect).memory
        weakref.finalize(engine.pool._creator, forget, memory)  # noqa: SLF001 - all that there is
        event.listen(engine, "before_cursor_execute", _silence)
        event.listen(engine, "handle_error", _hide_secrets)
        make_safe_to_fork(engine)

    @called_without_frames
    def create_connect_args(self, url: URL) -> tuple[list[Any], dict[str, Any]]:
        """Return the properties of the URL for `connect()`; raises ProgrammingError for a wrong one."""
        raw = raw_properties(url)
        if check_values(raw, by_url=raw.keys()).local_database == MEMORY:
            raw.pop("LocalDatabase", None)
        return [raw], {}

    @called_without_frames
    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Open a connection, whose own tables are in the memory of the engine unless they have a place."""
        if not any(is_named("LocalDatabase", given) for given in (*cargs, cparams)):
            cparams["LocalDatabase"] = f"memory://{self.memory}"
        return super().connect(*cargs, **cparams)

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Run a statement of the engine's paramstyle."""
        cursor.execute(self._translated(statement), parameters)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """Run a statement of the engine's paramstyle for each set of parameters."""
        cursor.executemany(self._translated(statement), parameters)

    def is_disconnect(self, e: Exception, connection: Any, cursor: Any) -> bool:
        """Tell whether the connection was closed, or belongs to the parent process; a failure does not break it."""
        return bool(getattr(connection, "is_closed", False))

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        """Return the level that holds for local tables; Box has no transactions."""
        if dbapi_connection.autocommit:
            return _AUTOCOMMIT
        return _READ_UNCOMMITTED if dbapi_connection.sqlite.pragma("read_uncommitted") else _SERIALIZABLE

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        """Return SERIALIZABLE, as for SQLite."""
        return _SERIALIZABLE

    def get_isolation_level_values(self, dbapi_conn: Any) -> list[Any]:
        """Return the levels that there are."""
        return [_SERIALIZABLE, _READ_UNCOMMITTED, _AUTOCOMMIT]

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        """Set a level as SQLite has them; raises ArgumentError for another one."""
        level = level.replace("_", " ").upper()
        levels = self.get_isolation_level_values(dbapi_connection)
        if level not in levels:
            raise ArgumentError(f"there is no isolation level {level!r}; local tables take {', '.join(levels)}")
        # SQLAlchemy 1.4 may give what its pool lends, and an attribute set there stays there.
        dbapi_connection = getattr(dbapi_connection, "dbapi_connection", dbapi_connection)
        dbapi_connection.autocommit = level == _AUTOCOMMIT
        dbapi_connection.sqlite.pragma("read_uncommitted", int(level == _READ_UNCOMMITTED))

    def reset_isolation_level(self, dbapi_conn: Any) -> None:
        """Return to SERIALIZABLE, or to the level that the engine was made with."""
        # SQLAlchemy 1.4 keeps it by the latter name.
        level = getattr(self, "_on_connect_isolation_level", None) or getattr(self, "isolation_level", None)
        self.set_isolation_level(dbapi_conn, level or _SERIALIZABLE)

    def detect_autocommit_setting(self, dbapi_conn: Any) -> bool:
        """Tell whether each statement on local tables is kept at once."""
        return bool(dbapi_conn.autocommit)

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        return driver_module.sqlite_version_info
