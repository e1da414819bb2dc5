"""Box in Harlequin, the SQL IDE for the terminal: an adapter, which it finds by the entry point `harlequin.adapter`.

`harlequin -a box "box://…"`; without a URL the environment variable `BOX_URL` has it.
Source: https://harlequin.sh/docs/contributing/adapter-guide
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final, cast

import sqlalchemy as sa
from harlequin import HarlequinAdapter, HarlequinConnection, HarlequinCursor
from harlequin.autocomplete.completion import HarlequinCompletion
from harlequin.catalog import Catalog, CatalogItem, InteractiveCatalogItem
from harlequin.exception import HarlequinConfigError, HarlequinConnectionError, HarlequinQueryError

from box_dialect.dbapi import functions
from box_dialect.errors import Error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harlequin.driver import HarlequinDriver

    from box_dialect.dbapi import Connection, Cursor

URL: Final = "BOX_URL"
"""The environment variable that has the URL where the command line has none."""

_LABELS: Final = (
    (re.compile("BOOL"), "t/f"),
    (re.compile("JSON"), "{}"),
    (re.compile("DATETIME|TIMESTAMP"), "ttz"),
    (re.compile("DATE"), "d"),
    (re.compile("TIME"), "t"),
    (re.compile("INT"), "##"),
    (re.compile("CHAR|CLOB|TEXT|ENUM|TAXONOMY"), "s"),
    (re.compile("BLOB|BINARY"), "0b"),
    (re.compile("REAL|FLOA|DOUB|NUM|DEC"), "#.#"),
)
"""What Harlequin shows of a type, by the first part that its name has in it; expressions have no type."""

_FUNCTION_PRIORITY: Final = 1000
"""Harlequin's for functions."""


def _label(declared: object) -> str:
    name = str(declared or "").upper()
    return next((label for part, label in _LABELS if part.search(name)), "?")


def _insert_columns(item: CatalogItem, driver: HarlequinDriver) -> None:
    driver.insert_text_at_selection(",\n".join(column.query_name for column in item.children))


def _preview(item: CatalogItem, driver: HarlequinDriver) -> None:
    driver.insert_text_in_new_buffer(f"SELECT *\nFROM {item.query_name}\nLIMIT 100")


class RelationItem(InteractiveCatalogItem["BoxConnection"]):
    """A table or a view in the catalog, with what its menu offers."""

    INTERACTIONS = (("Insert Columns at Cursor", _insert_columns), ("Preview Data", _preview))


class BoxCursor(HarlequinCursor):
    """The rows of a statement, which come from Box as they are fetched."""

    def __init__(self, cursor: Cursor[Any]) -> None:
        self._cursor = cursor
        self._columns = [(name, _label(declared)) for name, declared, *_ in cursor.description or ()]
        self._limit: int | None = None

    def columns(self) -> list[tuple[str, str]]:
        """Return names and short types, also of a result that is at its end."""
        return self._columns

    def set_limit(self, limit: int) -> BoxCursor:
        """Bound the rows that `fetchall` gives, after which Box is asked for no more."""
        self._limit = limit
        return self

    def fetchall(self) -> list[tuple[Any, ...]] | None:
        """Return the rows, None where there are none; raises HarlequinQueryError."""
        try:
            rows = self._cursor.fetchall() if self._limit is None else self._cursor.fetchmany(self._limit)
            self._cursor.close()
        except Error as error:
            raise _query_error(error) from error
        return rows or None


class BoxConnection(HarlequinConnection):
    """A connection for statements, and others of the same engine for the catalog, which another thread asks for."""

    def __init__(self, engine: sa.Engine, init_message: str = "") -> None:
        super().__init__(init_message=init_message)
        self.init_message, self._engine = init_message, engine
        self._borrowed = engine.raw_connection()
        self._connection = cast("Connection[Any]", self._borrowed.driver_connection)
        self._connection.autocommit = True  # Box has no transactions, and Harlequin has no button for local ones

    def execute(self, query: str) -> BoxCursor | None:
        """Run a statement; None where it gives no rows. Raises HarlequinQueryError."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(query)
        except Error as error:
            raise _query_error(error) from error
        return None if cursor.description is None else BoxCursor(cursor)

    def cancel(self) -> None:
        """Stop the statement that runs, and its calls to Box."""
        self._connection.interrupt()

    def get_catalog(self) -> Catalog:
        """Return the tables and views with their columns; Box is asked for metadata templates alone."""
        with self._engine.connect() as connection:
            inspector = sa.inspect(connection)
            database = CatalogItem("main", "main", "main", "db", type_name="database")
            for names, kind in ((inspector.get_table_names(), "table"), (inspector.get_view_names(), "view")):
                database.children += [self._relation(inspector, name, kind) for name in names]
        return Catalog([database])

    def _relation(self, inspector: sa.Inspector, name: str, kind: str) -> RelationItem:
        quote = self._engine.dialect.identifier_preparer.quote
        columns = [
            CatalogItem(
                f"main.{quote(name)}.{quote(column['name'])}",
                quote(column["name"]),
                column["name"],
                _label(column["type"]),
                type_name=str(column["type"]),
            )
            for column in inspector.get_columns(name)
        ]
        qualified = f"main.{quote(name)}"
        return RelationItem(qualified, quote(name), name, kind[0], columns, kind, loaded=True, connection=self)

    def get_completions(self) -> list[HarlequinCompletion]:
        """Return the functions and the procedures; no call is made."""
        with self._engine.connect() as connection:
            names = functions.names(connection.connection)
        procedures = {each.name for each in self._connection.catalog.procedures.values()}
        labels = dict.fromkeys(procedures, "proc") | dict.fromkeys(functions.AGGREGATES, "agg")
        return [HarlequinCompletion(name, labels.get(name, "fn"), name, _FUNCTION_PRIORITY) for name in names]

    def close(self) -> None:
        """Close all connections, and cancel what they have in flight."""
        self._borrowed.invalidate()
        self._engine.dispose()


class BoxAdapter(HarlequinAdapter):
    """Box by a URL of `box-dialect`; its properties bound what a statement may do and take."""

    ADAPTER_DETAILS = "Box (box.com) as a SQL database, by box-dialect."
    IMPLEMENTS_CANCEL = True
    IMPLEMENTS_READ_ONLY = True

    def __init__(self, conn_str: Sequence[str], read_only: bool = False, **_: Any) -> None:
        urls = [url for url in conn_str if url] or [os.environ.get(URL, "")]
        if len(urls) > 1 or not urls[0]:
            raise HarlequinConfigError(
                f"give one URL, box://…, or set the environment variable {URL}", "Box is reached by one URL"
            )
        try:
            self._engine = sa.create_engine(urls[0], connect_args={"Readonly": True} if read_only else {})
        except (Error, sa.exc.ArgumentError) as error:
            raise HarlequinConfigError(_told(error), "The URL of Box is wrong") from None

    @property
    def connection_id(self) -> str:
        """What Harlequin keeps the catalog and the history of queries by: the URL without its secrets."""
        return str(self._engine.url)

    def connect(self) -> BoxConnection:
        """Open the connection; raises HarlequinConnectionError."""
        try:
            return BoxConnection(self._engine)
        except (Error, sa.exc.DBAPIError) as error:
            raise HarlequinConnectionError(_told(error), "Box cannot be connected to") from error


def _told(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)


def _query_error(error: Error) -> HarlequinQueryError:
    return HarlequinQueryError(str(error), "Box did not run the statement")
