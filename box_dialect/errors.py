"""The exceptions of PEP 249, and what Box says about a failure.

    Warning
     ├─ BoxDocumentWarning        what of a document is skipped, or has another name
     ├─ BoxIndexWarning           Box's index that does not answer
     ├─ BoxTemplateWarning        a change of a metadata template that is less than was asked for
     ├─ BoxTransactionWarning     a rollback that cannot undo a write to Box
     └─ BoxUserWarning            a user whose rows are left out, since nobody may act as them
    Error
     ├─ InterfaceError            the driver was used in a way it does not support
     └─ DatabaseError
         ├─ DataError             a value Box refuses for its size or form
         ├─ OperationalError      what may pass: network, sign-in, rights, rate limits, Box being down
         │   ├─ LimitExceededError  a bound of the connection, such as MaxApiCalls or Timeout, is reached
         │   └─ SignInError         no token is to be had: Box refuses, or the token cache cannot be used
         │       └─ SignInNeededError  the user has to sign in
         ├─ IntegrityError        a conflict with what is stored: a name in use, a folder that is not empty
         ├─ InternalError         a state the driver should never reach
         ├─ ProgrammingError      the statement or a property is wrong
         │   └─ ReadonlyError       the statement would write, and the connection has Readonly=true
         └─ NotSupportedError     what Box, or this driver, cannot do

Source: https://peps.python.org/pep-0249/#exceptions
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

P = ParamSpec("P")
T = TypeVar("T")

__all__ = [
    "BoxDocumentWarning",
    "BoxIndexWarning",
    "BoxTemplateWarning",
    "BoxTransactionWarning",
    "BoxUserWarning",
    "DataError",
    "DatabaseError",
    "Diagnostics",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "ReadonlyError",
    "Warning",
]


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """What Box's answer said about a failure; every part may be missing.

    `status` is the HTTP status, `code` and `request_id` are Box's, `operation` is the method and path without the
    query, `retryable` tells whether the same call may succeed later, `is_unknown` that Box may have carried the call
    out although it failed. `conflict` is the item that is in the way, as Box tells it where a name is in use.
    """

    status: int | None = None
    code: str | None = None
    request_id: str | None = None
    operation: str | None = None
    retryable: bool = False
    is_unknown: bool = False
    conflict: dict[str, object] | None = None


def printable(text: object, most: int = 80) -> str:
    """Return a server's text as it may stand in a message: `most` characters at most, on one line, all visible.

    Control characters would reach a terminal or a log, and those that turn the direction of text would hide what it is.
    """
    cut = str(text)[: 4 * most] if isinstance(text, str) else repr(text)[: 4 * most]
    return visible(" ".join(cut.split()))[:most]


class Warning(Exception):  # noqa: A001, N818 - PEP 249 names it so
    """Tell of something important that is no failure."""


class BoxTransactionWarning(Warning, UserWarning):
    """Tell that a rollback cannot undo what was already written to Box, which has no transactions."""


class BoxDocumentWarning(Warning, UserWarning):
    """Tell that parts of a document, or the text of a file, could not be read, or that its table has another name."""


class BoxIndexWarning(Warning, UserWarning):
    """Tell that Box did not answer out of its index, so that rows are read as they are, by more calls."""


class BoxTemplateWarning(Warning, UserWarning):
    """Tell that of a metadata template less was changed than a statement asks for: Box changes no key of one."""


class BoxUserWarning(Warning, UserWarning):
    """Tell that nothing was read as a user, since Box does not let the one who is signed in act as them."""


class Error(Exception):
    """Base of all failures; `diag` holds what Box said, where Box said anything.

    `failures` are the rows that a statement which writes several ones could not write, or call a procedure for, each
    with what kept it: its number, from 0, among the sets of parameters of `executemany()` or else among the rows, and
    the exception.
    """

    diag: Diagnostics
    failures: tuple[tuple[int, Error], ...]

    def __init__(
        self, message: str = "", diag: Diagnostics | None = None, failures: tuple[tuple[int, Error], ...] = ()
    ) -> None:
        super().__init__(message)
        self.diag = diag or Diagnostics()
        self.failures = failures

    def __reduce__(self) -> tuple[type[Error], tuple[str, Diagnostics, tuple[tuple[int, Error], ...]]]:
        """Keep what belongs to it when the exception crosses a process boundary."""
        return type(self), (str(self), self.diag, self.failures)


class InterfaceError(Error):
    """The driver was used in a way it does not support, such as a closed cursor."""


class DatabaseError(Error):
    """A failure of the database: of a statement, of Box, or of the way to it."""


class DataError(DatabaseError):
    """A value that Box refuses: too long, too large, of the wrong form."""


class OperationalError(DatabaseError):
    """What the statement cannot help: network, sign-in, rights, rate limits, Box being down."""


class LimitExceededError(OperationalError):
    """A statement or a transfer needs more than a property allows it: calls, time, memory, or disk."""


class SignInError(OperationalError):
    """No token is to be had: Box refuses the sign-in or cannot be reached for it, or the token cache cannot be used."""


class SignInNeededError(SignInError):
    """Nothing that is given or kept gets a token any more: the user has to sign in."""


class IntegrityError(DatabaseError):
    """A conflict with what is stored: a name in use, a folder that is not empty."""


class InternalError(DatabaseError):
    """A state that the driver should never reach; please report it."""


class ProgrammingError(DatabaseError):
    """The statement or a property is wrong: the text, a table, a column, a parameter."""


class ReadonlyError(ProgrammingError):
    """The statement would write, and the connection has `Readonly=true`."""


class NotSupportedError(DatabaseError):
    """What Box, or this driver, cannot do."""


def without_frames(
    function: Callable[P, Coroutine[Any, Any, T]], where: Callable[..., bool] | None = None
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Have the failures of a coroutine raised without its frames and those beneath, whose local variables hold secrets.

    That is so where `where` tells, which takes what the coroutine is given. Many tools show local variables with a
    traceback. What is no Error is a fault of the driver, and passes as it is.
    """

    @functools.wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        running = function(*args, **kwargs)
        is_hidden = None if where is None else functools.partial(where, *args, **kwargs)
        del args, kwargs
        try:
            return await running
        except Error as error:
            if is_hidden is not None and not is_hidden():
                raise
            problem = bare(error)
        del is_hidden
        try:
            raise problem
        finally:
            del problem  # its traceback refers to this frame

    return call


def called_without_frames(function: Callable[P, T], where: Callable[..., bool] | None = None) -> Callable[P, T]:
    """Have the failures of a function raised as `without_frames` has those of a coroutine."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except Error as error:
            if where is not None and not where(*args, **kwargs):
                raise
            problem = bare(error)
        del args, kwargs
        try:
            raise problem
        finally:
            del problem  # as above

    return call


def bare(error: Error) -> Error:
    """Return an exception without its traceback and those that it stems from."""
    bare = error.with_traceback(None)
    bare.__context__ = bare.__cause__ = None
    return bare
