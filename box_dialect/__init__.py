"""Box (box.com) as a SQL database: a PEP 249 driver and, by `create_engine("box://…")`, a SQLAlchemy dialect."""

import sys
from typing import Any

from box_dialect import aio
from box_dialect.dbapi import (
    BINARY,
    DATETIME,
    NUMBER,
    ROWID,
    STRING,
    Binary,
    BoxDocumentWarning,
    BoxIndexWarning,
    BoxTemplateWarning,
    BoxTransactionWarning,
    BoxUserWarning,
    Connection,
    Cursor,
    DatabaseError,
    DataError,
    Date,
    DateFromTicks,
    Error,
    Estimate,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Time,
    TimeFromTicks,
    Timestamp,
    TimestampFromTicks,
    Warning,  # noqa: A004 - PEP 249's name
    apilevel,
    connect,
    paramstyle,
    sqlite_version,
    sqlite_version_info,
    threadsafety,
)
from box_dialect.errors import Diagnostics, LimitExceededError, ReadonlyError, SignInError, SignInNeededError
from box_dialect.properties import restrict_urls

__version__ = "0.1.0.dev0"

__all__ = [
    "BINARY",
    "DATETIME",
    "NUMBER",
    "ROWID",
    "STRING",
    "Binary",
    "BoxDocumentWarning",
    "BoxIndexWarning",
    "BoxTemplateWarning",
    "BoxTransactionWarning",
    "BoxUserWarning",
    "Connection",
    "Cursor",
    "DataError",
    "DatabaseError",
    "Date",
    "DateFromTicks",
    "Diagnostics",
    "Error",
    "Estimate",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "LimitExceededError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "ReadonlyError",
    "SignInError",
    "SignInNeededError",
    "Time",
    "TimeFromTicks",
    "Timestamp",
    "TimestampFromTicks",
    "Warning",
    "__version__",
    "aio",
    "apilevel",
    "connect",
    "paramstyle",
    "restrict_urls",
    "sqlite_version",
    "sqlite_version_info",
    "threadsafety",
]


def load_ipython_extension(shell: Any) -> None:
    """Have a shell of IPython know `%box` and `%%box`, by `%load_ext box_dialect`; see `box_dialect.notebook`.

    Source: https://ipython.readthedocs.io/en/stable/config/extensions/
    """
    from box_dialect import notebook

    notebook.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Have a shell of IPython know them no more, by `%unload_ext box_dialect`, and close what they connected to."""
    from box_dialect import notebook

    notebook.unload(shell)


def _name_classes_by_their_modules() -> None:
    """Let tracebacks, pickles and documentation name each public class by the module that programs import it from."""
    for face in (aio, sys.modules[__name__]):
        for public in map(vars(face).get, face.__all__):
            if isinstance(public, type) and public.__module__.startswith(f"{__name__}."):
                public.__module__ = face.__name__


_name_classes_by_their_modules()
