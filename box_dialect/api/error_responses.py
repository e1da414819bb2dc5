"""Error responses: Box's failures as PEP 249 exceptions, by Box's error code first and by HTTP status second.

Source: https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors/
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import Struct

from box_dialect.api.retry import NOT_READY, NOT_SERVED, is_failure
from box_dialect.errors import (
    DatabaseError,
    DataError,
    Diagnostics,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    printable,
)

_NOT_FOUND: Final = 404

BAD_DIGEST: Final = "bad_digest"
"""The code by which Box says that what came is not what was sent, by its SHA-1."""


class _Meaning(Struct, frozen=True):
    error: type[DatabaseError]
    advice: str


_BY_CODE: Final[dict[str, _Meaning]] = {
    "item_name_in_use": _Meaning(IntegrityError, "choose another name, or change the item that has it"),
    "name_temporarily_reserved": _Meaning(IntegrityError, "another call is creating that name; try again"),
    "folder_not_empty": _Meaning(
        IntegrityError,
        "delete what the folder holds first, or all with it: by AND recursive = TRUE in the WHERE, or by the input "
        "Recursive of DeleteItem",
    ),
    "cyclical_folder_structure": _Meaning(IntegrityError, "a folder cannot be moved below itself"),
    "user_already_collaborator": _Meaning(IntegrityError, "update the collaboration that exists"),
    "user_login_already_used": _Meaning(IntegrityError, "another user has that login"),
    "recent_similar_comment": _Meaning(IntegrityError, "the same comment was posted just now"),
    "precondition_failed": _Meaning(OperationalError, "someone else changed the item; read it again and retry"),
    "failed_json_patch_application": _Meaning(
        IntegrityError, "someone else changed what it was made of; read it again and retry"
    ),
    "item_name_invalid": _Meaning(DataError, "Box allows no / or \\ in a name, no control characters, no . or .."),
    "item_name_too_long": _Meaning(DataError, "a name has at most 255 characters"),
    "access_denied_item_locked": _Meaning(OperationalError, "the item is locked; wait, or unlock it"),
    "insufficient_scope": _Meaning(
        OperationalError, "the application lacks a scope; add it in Box's developer console and authorize it again"
    ),
    "storage_limit_exceeded": _Meaning(OperationalError, "the owner's storage is full; free some of it"),
    "file_size_limit_exceeded": _Meaning(DataError, "the file is larger than the owner's account takes"),
    BAD_DIGEST: _Meaning(OperationalError, "what came at Box is not what was sent; try again"),
    "access_denied_insufficient_permissions": _Meaning(OperationalError, "the signed-in user lacks the right to do it"),
}

_BY_STATUS: Final[dict[int, _Meaning]] = {
    NOT_READY: _Meaning(OperationalError, "it is not ready yet; try again later"),
    400: _Meaning(ProgrammingError, "Box does not accept the values"),
    401: _Meaning(OperationalError, "sign in again"),
    403: _Meaning(OperationalError, "the signed-in user or the application lacks the right to do this"),
    404: _Meaning(OperationalError, "see Box's API reference"),
    405: _Meaning(ProgrammingError, "Box does not know such an id or call"),
    409: _Meaning(IntegrityError, "it conflicts with what Box has stored"),
    410: _Meaning(OperationalError, "it is no longer there"),
    412: _Meaning(OperationalError, "someone else changed the item; read it again and retry"),
    413: _Meaning(DataError, "the value is too large for Box"),
    414: _Meaning(DataError, "what is searched for, or compared with, is too long for Box; shorten it"),
    415: _Meaning(NotSupportedError, "Box does not take this kind of content"),
    429: _Meaning(OperationalError, "too many calls; lower MaxCallsPerMinute or try again later"),
    NOT_SERVED: _Meaning(NotSupportedError, "what answers does not serve this operation of Box's"),
}

_ABSENT: Final = frozenset({"not_found", "not_trashed", "trashed", "instance_not_found", "instance_tuple_not_found"})
"""The codes by which Box says, with HTTP 404, that there is no such object; a route that is not there has none."""

_IS_ABSENT: Final = _Meaning(OperationalError, "it does not exist, or the signed-in user cannot see it")
_NO_ROUTE: Final = _Meaning(
    OperationalError,
    "Box names no object that is missing, so it has no such operation, or something else answered; "
    "check the property APIBaseURL and proxies",
)
_SERVER_FAILURE: Final = _Meaning(OperationalError, "Box has a problem; try again later")
_OTHER_REFUSAL: Final = _Meaning(OperationalError, "see Box's API reference")
_REDIRECT: Final = _Meaning(
    OperationalError,
    "Box redirects to contents of files alone, which the column content of files reads; where none was asked for, "
    "something else answered: check the property APIBaseURL and proxies",
)


_MOST_SAID: Final = 500
"""Characters of a sentence of Box's that a message shows."""

_PARAMETER: Final = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s",]+))')


def says_absent(error: DatabaseError) -> bool:
    """Tell whether Box says that what a call names does not exist: the one answer that stands for no row."""
    return error.diag.status == _NOT_FOUND and (error.diag.code or "").lower() in _ABSENT


def from_response(operation: str, status: int, headers: Any, content: bytes, route: str | None = None) -> DatabaseError:
    """Return the exception that an answer of HTTP 202, 3xx, 4xx or 5xx stands for.

    Box's error body is read where there is one; 401 and scope failures have an empty body and speak through the header
    WWW-Authenticate. `operation` is the method and path, `route` the same with the names of what stands in the path;
    `headers` is any mapping with `get`.
    """
    body = _body(content)
    code, said = body.get("code"), body.get("message") or body.get("error_description")
    if status != _NOT_FOUND:  # where any server may say so
        code = code or body.get("error")
    challenge = _challenge(headers.get("www-authenticate") or "")
    code, said = code or challenge.get("error"), said or challenge.get("error_description")
    meaning = _meaning(status, code)
    detail = "; ".join(_details(body.get("context_info")))
    sentence = f"{operation}: {_text(said) or f'HTTP {status}'}"
    sentence += f" [{detail}]" if detail else ""
    request_id = body.get("request_id") or headers.get("box-request-id")
    code, request_id = (printable(each) if each else None for each in (code, request_id))
    facts = ", ".join(str(fact) for fact in (f"HTTP {status}", code, request_id and f"request {request_id}") if fact)
    advice = (
        f"{meaning.advice}: {route}" if route and (meaning is _NO_ROUTE or status == NOT_SERVED) else meaning.advice
    )
    return meaning.error(
        f"{sentence} ({facts}); {advice}",
        Diagnostics(
            status=status,
            code=code,
            request_id=request_id,
            operation=operation,
            retryable=status in {NOT_READY, 429} or is_failure(status),
            conflict=_conflict(body.get("context_info")),
        ),
    )


def from_result(operation: str, status: int, said: Any) -> DatabaseError:
    """Return the exception for an operation that failed among those that an answer of HTTP 207 tells of."""
    code = "not_found" if status == _NOT_FOUND else None
    return from_response(operation, status, {}, msgspec.json.encode({"message": said, "code": code}))


def _meaning(status: int, code: Any) -> _Meaning:
    if status == _NOT_FOUND and str(code).lower() in _ABSENT:
        return _IS_ABSENT
    if status == _NOT_FOUND and not code:
        return _NO_ROUTE
    meaning = _BY_CODE.get(str(code)) or _BY_STATUS.get(status)
    if meaning is None:
        meaning = _SERVER_FAILURE if status >= 500 else _OTHER_REFUSAL if status >= 400 else _REDIRECT
    return meaning


def _body(content: bytes) -> dict[str, Any]:
    try:
        decoded = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _details(context: Any) -> list[str]:
    """Return what `context_info` adds; Box sends an object, and plain text or a list in places."""
    if isinstance(context, str):
        return [_text(context)]
    errors = context.get("errors") if isinstance(context, dict) else context
    if not isinstance(errors, list):
        return []
    return [_text(error["message"]) for error in errors[:5] if isinstance(error, dict) and error.get("message")]


def _conflict(context: Any) -> dict[str, Any] | None:
    """Return the item that has a name already: Box sends a list of one, and the item itself for an upload."""
    found = context.get("conflicts") if isinstance(context, dict) else None
    if isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, dict) else None


def _challenge(header: str) -> dict[str, str]:
    """Read the parameters of a WWW-Authenticate header (RFC 6750, section 3)."""
    return {name: quoted or token for name, quoted, token in _PARAMETER.findall(header)}


def _text(said: Any) -> str:
    return printable(said, _MOST_SAID).rstrip(". ") if said else ""
