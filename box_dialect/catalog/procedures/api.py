"""The procedure that makes any call of Box's API.

Source: https://developer.box.com/reference/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import ApiCall, ApiPath
from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.inputs import OBJECT
from box_dialect.catalog.model.procedure import Context, Input, Procedure
from box_dialect.catalog.model.procedure_call import parameter
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADERS: Final[Mapping[str, re.Pattern[str]]] = {
    "box-version": re.compile(r"[0-9]{4}\.[0-9]"),
    "if-match": re.compile(r'[\w"*-]{1,100}', re.ASCII),
    "content-type": re.compile(r"application/(?:json|json-patch\+json)"),
    "accept-language": re.compile(r"[A-Za-z0-9,;=.* -]{1,100}"),
    "x-rep-hints": re.compile(r"[A-Za-z0-9\[\]?&=_,. -]{1,500}"),
}
"""The headers that may be sent, by their names in lower case, and what they may say: none tells who calls."""


def _path(text: str) -> ApiPath:
    """Return a path below the base of Box's API; raises ProgrammingError for one with a query, DataError for others."""
    if not text.startswith("/") or "?" in text or "#" in text:
        raise ProgrammingError(
            f"input Path of CallAPI is what follows the version in Box's reference, as /files/123, not {text[:80]!r}; "
            "what follows a question mark is given by Parameters"
        )
    return ApiPath.of(text[1:].split("/"))


def _headers(given: Mapping[str, Any]) -> dict[str, str]:
    """Return headers; raises ProgrammingError for one that may not be sent."""
    for name, value in given.items():
        allowed = _HEADERS.get(name.lower())
        if allowed is None:
            raise ProgrammingError(f"CallAPI sends the headers {', '.join(_HEADERS)}, not {name[:80]!r}")
        if not isinstance(value, str) or not allowed.fullmatch(value):
            raise ProgrammingError(f"the header {name} of CallAPI is not {str(value)[:80]!r}")
    return {
        ("Content-Type" if name.lower() == "content-type" else name.lower()): value for name, value in given.items()
    }


async def _called(
    context: Context,
    *,
    method: str,
    path: str,
    parameters: Mapping[str, Any] | None,
    body: Any,
    headers: Mapping[str, Any] | None,
) -> list[tuple[Any]]:
    asked = {name: parameter(value) for name, value in (parameters or {}).items()}
    return [(await context.send(ApiCall(method, _path(path), asked, body, _headers(headers or {}))),)]


call_api: Final = Procedure(
    name="CallAPI",
    doc="Make any call of Box's API that takes and gives JSON, such as one that no table and no procedure makes.",
    reference="https://developer.box.com/reference/",
    inputs=(
        Input(
            name="Method",
            choices=("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
            required=True,
            doc="The method.",
        ),
        Input(name="Path", required=True, doc="The path below the version, with its values: `/files/123/comments`."),
        Input(
            name="Parameters",
            type=Type.JSON,
            form=OBJECT,
            doc='What follows the question mark, an object: `{"fields": "id,name", "limit": 100}`.',
        ),
        Input(name="Body", type=Type.JSON, doc="The body."),
        Input(
            name="Headers",
            type=Type.JSON,
            form=OBJECT,
            doc=f"Headers, an object; of {', '.join(f'`{each}`' for each in _HEADERS)}.",
        ),
    ),
    outputs=(Column("Answer", Type.JSON, doc="What Box answers; NULL where that is empty."),),
    side_effect=True,
    reads_when=(("Method", "GET"),),
    run=_called,
)
