"""Errors: which of Superset's types each message of the driver is of, and what Superset's administrator can do.

A message of the driver says what to do already; a hint is added where that is done in Superset.
Source: https://github.com/apache/superset/blob/6.1.0/superset/errors.py, SupersetErrorType
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

_CONNECT_ARGS: Final = "In Superset that is set for the database: Advanced, Other, Engine Parameters, {}."
_BOUNDS: Final = _CONNECT_ARGS.format('{{"connect_args": {{"{0}": …}}}}')
_WRITING: Final = _CONNECT_ARGS.format('{"connect_args": {"Readonly": false}}, beside the box "Allow DDL and DML"')
_OPENED: Final = (
    _CONNECT_ARGS.format('{"connect_args": {…}}') + " The docs of box-dialect tell what is closed to a URL."
)
_SIGNING_IN: Final = (
    "Whoever administers Superset's databases checks the client and whom it acts for; where viewers sign in "
    "themselves, sign in again."
)


class CustomError(NamedTuple):
    """What some messages mean to Superset: the name of its type, and a hint or nothing."""

    type: str
    hint: str = ""


ERRORS: Final[dict[str, CustomError]] = {
    r"no such column: |has no column named ": CustomError("COLUMN_DOES_NOT_EXIST_ERROR"),
    r"no such table: ": CustomError("TABLE_DOES_NOT_EXIST_ERROR"),
    r"no such function: |there is no procedure ": CustomError("OBJECT_DOES_NOT_EXIST_ERROR"),
    r"near \".*?\": syntax error|incomplete input|unrecognized token: |^the (?:statement|call)[^:]* is wrong at ": (
        CustomError("SYNTAX_ERROR")
    ),
    r"that MaxApiCalls allows it": CustomError("SQLLAB_TIMEOUT_ERROR", _BOUNDS.format("MaxApiCalls")),
    r"that MaxAICalls allows it": CustomError("SQLLAB_TIMEOUT_ERROR", _BOUNDS.format("MaxAICalls")),
    r"that Timeout allows it": CustomError("SQLLAB_TIMEOUT_ERROR", _BOUNDS.format("Timeout")),
    r"that MaxStatementMemory allows": CustomError("RESULT_TOO_LARGE_ERROR", _BOUNDS.format("MaxStatementMemory")),
    r"MaxTemporaryDisk allows it": CustomError("RESULT_TOO_LARGE_ERROR", _BOUNDS.format("MaxTemporaryDisk")),
    r"MaxLocalDatabase=\d+ allows": CustomError("RESULT_TOO_LARGE_ERROR", _BOUNDS.format("MaxLocalDatabase")),
    r"the connection has Readonly=true|may not be modified|has a side effect, and here only ": CustomError(
        "DML_NOT_ALLOWED_ERROR"
    ),
    r"by a process that restricts URLs": CustomError("DML_NOT_ALLOWED_ERROR", _WRITING),
    r"[Tt]his process restricts URLs \(": CustomError("CONNECTION_DATABASE_PERMISSIONS_ERROR", _OPENED),
    r"unknown connection property |^property \w+|^AuthScheme=\w+ needs |signing in needs ": CustomError(
        "CONNECTION_MISSING_PARAMETERS_ERROR"
    ),
    r"Box refused the sign-in|access token: it is wrong|access token is refused|no access token|no token is given|"
    r"\(HTTP 401": CustomError("CONNECTION_ACCESS_DENIED_ERROR", _SIGNING_IN),
    r"\(HTTP 403": CustomError("CONNECTION_DATABASE_PERMISSIONS_ERROR"),
    r"cannot reach (?:Box|http)": CustomError("CONNECTION_HOST_DOWN_ERROR"),
    r"\(HTTP 429": CustomError("BACKEND_TIMEOUT_ERROR"),
}
"""Parts of the driver's messages, the first that is found in one telling; any other is GENERIC_DB_ENGINE_ERROR."""


def pattern(part: str) -> re.Pattern[str]:
    """Return the pattern of whole messages that have the part; `said` is the message."""
    return re.compile(rf"\A(?=(?P<said>.*)\Z).*?(?:{part})", re.DOTALL)


def template(error: CustomError) -> str:
    """Return the text that Superset shows, as its `%` formats it."""
    return "%(said)s" + (f". {error.hint}" if error.hint else "").replace("%", "%%")


_WRAPPED: Final = re.compile(
    r"\(box_dialect\.\w+\) (?P<said>.*?)(?:\n\[SQL: .*)?(?:\n\(Background on this error at: \S+\))?", re.DOTALL
)
"""What SQLAlchemy makes of the driver's message: the class, the statement and its parameters, and a link are added."""


def message_of(error: Any) -> str:
    """Return the driver's own message of an exception, of one that SQLAlchemy raised for it, or of the text of that.

    Superset's test of a connection raises SQLAlchemy's DBAPIError with such a text for its statement.
    """
    said = str(getattr(error, "orig", None) or getattr(error, "statement", None) or error)
    wrapped = _WRAPPED.fullmatch(said)
    return wrapped["said"] if wrapped else said
