"""Serve archives: folders for content that nobody needs any more.

Source: https://developer.box.com/reference/v2025.0/resources/archive/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import references
from box_dialect.emulator.resource import Create, Delete, List, Resource, Update, administrators

from .items import check_name

if TYPE_CHECKING:
    from box_dialect.emulator.errors import BoxError
    from box_dialect.emulator.model import User
    from box_dialect.emulator.routing import Call

_MAX_NAME: Final = 100
_MAX_DESCRIPTION: Final = 255


@dataclass(slots=True, eq=False, kw_only=True)
class Archive(Entity):
    """An archive, whose content no call of Box's puts there; `size` is in bytes."""

    type, table, first_id, unique = "archive", "archives", 2_260_000_001, ("name",)
    name: str
    owned_by: User
    description: str = ""
    size: int = 0
    storage_policy_id: str | None = None


class NewArchive(TypedDict):
    """What an archive is made of."""

    name: str
    description: NotRequired[str]
    storage_policy_id: NotRequired[str]


class UpdateArchive(TypedDict, total=False):
    """What changes an archive."""

    name: str
    description: str


def _checked(call: Call) -> dict[str, Any]:
    """Return the values of the body; a name or a description that Box does not take is a 400."""
    body = call.json
    if len(check_name(body.get("name", "untouched"))) > _MAX_NAME:
        raise errors.invalid_parameter("name", body["name"], f"It is longer than {_MAX_NAME} characters")
    if len(body.get("description", "")) > _MAX_DESCRIPTION:
        raise errors.invalid_parameter("description", "…", f"It is longer than {_MAX_DESCRIPTION} characters")
    return body


def _is_empty(_call: Call, archive: Archive) -> None:
    if archive.size:
        raise errors.bad_request("bad_request", "The archive is not empty")


def _conflict() -> BoxError:
    return errors.conflict("conflict", "There is an archive with this name already")


ARCHIVES = Resource(
    Archive,
    List("/archives", page=marker_page),
    Create("/archives", NewArchive, make=lambda call: Archive(owned_by=call.user, **_checked(call))),
    Update("/archives/{archive_id}", UpdateArchive, changes=lambda call, _: _checked(call)),
    Delete("/archives/{archive_id}", entity_permission=_is_empty),
    mini=("name", "size", "description", "owned_by"),
    computed=references("owned_by"),
    permission=administrators(),
    conflict=_conflict,
    takes_fields=False,
    version="2025.0",
    feature=Feature("archives"),
)
