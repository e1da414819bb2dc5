"""PEP 249's exceptions as attributes of a connection.

Source: https://peps.python.org/pep-0249/#optional-db-api-extensions
"""

from __future__ import annotations

from box_dialect import errors


class Exceptions:
    """What a connection has of exceptions, for code that is given connections of several drivers."""

    Warning = errors.Warning
    Error = errors.Error
    InterfaceError = errors.InterfaceError
    DatabaseError = errors.DatabaseError
    DataError = errors.DataError
    OperationalError = errors.OperationalError
    IntegrityError = errors.IntegrityError
    InternalError = errors.InternalError
    ProgrammingError = errors.ProgrammingError
    NotSupportedError = errors.NotSupportedError
