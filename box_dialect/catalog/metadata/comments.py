"""Comments: what people see of a template and its fields in Box, as one text each.

That of a template is its display name; that of a field `display name: description`, or the display name alone. What is
called as its key and has no description has no comment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from box_dialect.catalog.model import JsonObject

_BETWEEN: Final = ": "


def comment_of(named: JsonObject, key: str) -> str | None:
    """Return the comment of a template or of a field, by the object that Box answers."""
    shown, description = named.get("displayName") or key, named.get("description") or ""
    if description:
        return f"{shown}{_BETWEEN}{description}"
    return None if shown == key else shown


def names_of(comment: str | None, key: str) -> tuple[str, str]:
    """Return the display name and the description, which may be empty, that the comment of a field stands for."""
    shown, _, description = (comment or "").partition(_BETWEEN)
    return (shown, description) if shown and description else (comment or key, "")


def stored_comment(comment: str | None, key: str) -> str | None:
    """Return the comment that a field or a template has once it was given one: none where that is its key alone."""
    shown, description = names_of(comment, key)
    return comment_of({"displayName": shown, "description": description}, key)
