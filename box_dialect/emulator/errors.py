"""Declare the errors that Box answers, each with its status, code and context.

Source: https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors
"""

import secrets
from typing import Any

HELP_URL = "https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors/"


class BoxError(Exception):
    """An answer of Box that refuses a call: an HTTP status with a JSON body, or without one when `code` is empty."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        context_info: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.context_info = context_info
        self.headers = headers or {}

    def body(self) -> dict[str, Any] | None:
        """Return the JSON body, whose request_id differs from the BOX-REQUEST-ID header as it does at Box."""
        if not self.code:
            return None
        context = {"context_info": self.context_info} if self.context_info is not None else {}
        return {
            "type": "error",
            "status": self.status,
            "code": self.code,
            **context,
            "help_url": HELP_URL,
            "message": self.message,
            "request_id": secrets.token_hex(8),
        }


class MetadataError(BoxError):
    """An answer that refuses to write a metadata instance: its body is shorter than that of other refusals.

    https://developer.box.com/reference/resources/metadata-error/
    """

    def body(self) -> dict[str, Any]:
        """Return the JSON body."""
        return {"code": self.code, "message": self.message, "request_id": secrets.token_hex(8)}


def _context(reason: str, *entries: tuple[str, str]) -> dict[str, Any]:
    return {"errors": [{"reason": reason, "name": name, "message": message} for name, message in entries]}


def bad_request(code: str, message: str = "Bad Request") -> BoxError:
    """Make a 400 that has nothing but its code."""
    return BoxError(400, code, message)


def missing_parameter(*names: str) -> BoxError:
    """Make the 400 for absent parameters or body fields."""
    entries = [(name, f"'{name}' is required") for name in names]
    return BoxError(400, "bad_request", "Bad Request", _context("missing_parameter", *entries))


def invalid_parameter(name: str, value: object, why: str, code: str = "bad_request") -> BoxError:
    """Make the 400 for a parameter or body field that Box does not take."""
    entry = (name, f"Invalid value '{value}'. {why}")
    return BoxError(400, code, "Bad Request", _context("invalid_parameter", entry))


# Box names the thing that it did not find by a parameter, and prefixes the ids of items with their kind.
_NOT_FOUND = {
    "folder": ("folder", "d_"),
    "parent": ("parent", "d_"),
    "file": ("item", "f_"),
    "web_link": ("item", "w_"),
}


def not_found(kind: str, identity: object) -> BoxError:
    """Make the 404 for a missing item, user, group…; `kind` "parent" is a folder that a body names as the parent."""
    name, prefix = _NOT_FOUND.get(kind, (kind, ""))
    value = f"{prefix}{identity}"
    entry = (name, f"Invalid value '{value}'. '{name}' with value '{value}' not found")
    return BoxError(404, "not_found", "Not Found", _context("invalid_parameter", entry))


def not_trashed() -> BoxError:
    """Make the 404 for restoring or purging what is not in the trash."""
    return BoxError(404, "not_trashed", "Item is not trashed")


def trashed() -> BoxError:
    """Make the 404 for a folder that is in the trash."""
    return BoxError(404, "trashed", "Item is trashed")


def method_not_allowed() -> BoxError:
    """Make the 405 for a method that a path does not have, and for an id in a format that Box does not recognize."""
    return BoxError(405, "method_not_allowed", "Method Not Allowed")


def unsupported_media_type(expected: str) -> BoxError:
    """Make the 415 for a body of another content type than the expected one."""
    return BoxError(415, "unsupported_media_type", f"The content type must be {expected}")


def name_in_use(conflicts: list[Any] | dict[str, Any]) -> BoxError:
    """Make the 409 for a taken name: a list of conflicts from folder calls, one object from uploads and preflight."""
    message = "Item with the same name already exists"
    return BoxError(409, "item_name_in_use", message, {"conflicts": conflicts})


def conflict(code: str, message: str = "Conflict") -> BoxError:
    """Make a 409 that has nothing but its code."""
    return BoxError(409, code, message)


def precondition_failed() -> BoxError:
    """Make the 412 for an if-match that names another etag than the current one."""
    message = "The resource has been modified. Please retrieve the resource again and retry"
    return BoxError(412, "precondition_failed", message)


def forbidden(message: str = "Access denied - insufficient permission") -> BoxError:
    """Make the 403 for a caller without the rights."""
    return BoxError(403, "access_denied_insufficient_permissions", message)


def locked() -> BoxError:
    """Make the 403 for changing a file that somebody else locked."""
    return BoxError(403, "access_denied_item_locked", "Access denied - item locked")


def unauthorized() -> BoxError:
    """Make the 401 for a missing, wrong or expired access token: no body, all is in the header."""
    challenge = (
        'Bearer realm="Service", error="invalid_token", error_description="The access token provided is invalid."'
    )
    return BoxError(401, "", "", headers={"www-authenticate": challenge})


def insufficient_scope() -> BoxError:
    """Make the 403 for a token whose scopes do not go as far, or not to this item: no body, all is in the header."""
    description = "The request requires higher privileges than provided by the access token."
    challenge = f'Bearer realm="Service", error="insufficient_scope", error_description="{description}"'
    return BoxError(403, "", "", headers={"www-authenticate": challenge})


def bad_digest(header: str) -> BoxError:
    """Make the 400 for bytes that are not those whose digest a header has."""
    return bad_request("bad_digest", f"The specified {header} did not match what was received")


def storage_full() -> BoxError:
    """Make the 403 for an account without room for what is to be put there."""
    return BoxError(403, "storage_limit_exceeded", "Account storage limit reached")


def file_too_large() -> BoxError:
    """Make the 403 for a file that is larger than its owner's files may be."""
    return BoxError(403, "file_size_limit_exceeded", "File size exceeds the folder owner's file size limit")


def rate_limited(seconds: int) -> BoxError:
    """Make the 429 that asks to come back after some seconds."""
    message = "Request rate limit exceeded, please try again later"
    return BoxError(429, "rate_limit_exceeded", message, headers={"retry-after": str(seconds)})
