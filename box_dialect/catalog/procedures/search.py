"""The procedure that searches, with all that Box's search takes.

Source: https://developer.box.com/reference/get-search/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect.api import Paging
from box_dialect.api.paging import Position, following
from box_dialect.catalog.datetimes import datetime_of
from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.inputs import OBJECTS
from box_dialect.catalog.model.procedure import Call, Context, Input, Procedure
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from box_dialect.catalog.model import JsonObject

_PAGE: Final = 200
_MAX_OFFSET: Final = 10_000
_LINKED: Final = "search_result"
"""The type of an entry that tells by which shared link its item was found."""

_SIZES: Final = re.compile(r"[0-9]{0,18},[0-9]{0,18}")

_CALL: Final = Call(method="GET", path="/search")


def _moments(text: str) -> str:
    """Return the bounds of a time as Box takes them; raises ProgrammingError for others."""
    bounds = [each.strip() for each in text.split(",")]
    moments = [datetime_of(each) for each in bounds]
    if len(bounds) != 2 or any(each and moment is None for each, moment in zip(bounds, moments, strict=True)):
        raise ProgrammingError(
            "a range of Search is two moments with a comma between, either of which may be left out, as in "
            f"'2026-01-01,2026-02-01', not {text[:80]!r}"
        )
    return ",".join("" if moment is None else f"{moment.isoformat()}Z" for moment in moments)


def _sizes(text: str) -> str:
    """Return the bounds of a size; raises ProgrammingError for others."""
    bounds = text.replace(" ", "")
    if not _SIZES.fullmatch(bounds):
        raise ProgrammingError(
            f"input SizeRange of Search is two whole numbers, as '1024,' or '0,99', not {text[:80]!r}"
        )
    return bounds


def _filter(filters: list[JsonObject]) -> str:
    return msgspec.json.encode(filters).decode()


def _ids(name: str, query: str, doc: str) -> Input:
    return Input(name=name, several=True, query=query, doc=doc)


def _times(name: str, query: str, doc: str) -> Input:
    return Input(name=name, query=query, sent=_moments, doc=f"{doc}, as `from,to`; either may be left out.")


def _chosen(name: str, query: str, doc: str, *choices: str) -> Input:
    return Input(name=name, choices=choices, default=choices[0], query=query, doc=doc)


_ASKED: Final = (
    Input(
        name="Query", query="query", doc='Words; several are alternatives unless `AND`, `NOT` or `""` tell otherwise.'
    ),
    _chosen("Scope", "scope", "Whose content is searched.", "user_content", "enterprise_content"),
    Input(name="FileExtensions", several=True, query="file_extensions", doc="Extensions, without dots."),
    _times("CreatedAtRange", "created_at_range", "When it was made"),
    _times("UpdatedAtRange", "updated_at_range", "When it was changed last"),
    Input(
        name="SizeRange", query="size_range", sent=_sizes, doc="Size in bytes, as `from,to`; either may be left out."
    ),
    _ids("OwnerUserIds", "owner_user_ids", "Ids of owners."),
    _ids("RecentUpdaterUserIds", "recent_updater_user_ids", "Ids of users who made one of the last ten versions."),
    _ids("AncestorFolderIds", "ancestor_folder_ids", "Ids of folders that it lies in, however deep."),
    Input(
        name="ContentTypes",
        several=True,
        choices=("name", "description", "file_content", "comments", "tags"),
        query="content_types",
        doc="Where the words are looked for. Default: everywhere.",
    ),
    Input(name="Type", choices=("file", "folder", "web_link"), query="type", doc="What is looked for. Default: all."),
    _chosen(
        "TrashContent",
        "trash_content",
        "Whether the trash is searched.",
        "non_trashed_only",
        "trashed_only",
        "all_items",
    ),
    Input(
        name="Mdfilters",
        type=Type.JSON,
        form=OBJECTS,
        query="mdfilters",
        sent=_filter,
        doc="One filter of a metadata template, as Box's reference has it, in a list.",
    ),
    _chosen("Sort", "sort", "What the rows are sorted by.", "relevance", "modified_at"),
    _chosen("Direction", "direction", "In which direction, by `modified_at` alone.", "DESC", "ASC"),
    Input(
        name="IncludeRecentSharedLinks",
        type=Type.BOOLEAN,
        query="include_recent_shared_links",
        doc="Whether also what is seen by a shared link alone that was opened recently.",
    ),
    _ids("DeletedUserIds", "deleted_user_ids", "Ids of who deleted it; with `trashed_only`."),
    _times("DeletedAtRange", "deleted_at_range", "When it was deleted; with `trashed_only`"),
)


async def _found(context: Context, *, limit: int | None, offset: int, **asked: Any) -> list[JsonObject]:
    """Search page by page, for so many rows or for all; raises NotSupportedError where Box pages no further.

    Raises ProgrammingError for a limit or an offset below 0.
    """
    if offset < 0 or (limit is not None and limit < 0):
        raise ProgrammingError("inputs Limit and Offset of Search are no less than 0")
    call = _CALL.filled(_ASKED, asked)
    found: list[JsonObject] = []
    position: Position | None = Position({**call.parameters, "offset": str(offset), "limit": str(_size(limit, 0))})
    while position is not None and (limit is None or len(found) < limit):
        page = await context.send(replace(call, parameters=position.parameters))
        found += map(_item, page["entries"])
        if limit is not None and len(found) >= limit:
            break
        position = following(Paging.OFFSET, position, page, limit=_size(limit, len(found)), max_offset=_MAX_OFFSET)
    return found[:limit]


def _size(limit: int | None, found: int) -> int:
    return _PAGE if limit is None else max(1, min(_PAGE, limit - found))


def _item(entry: JsonObject) -> JsonObject:
    if entry["type"] != _LINKED:
        return entry
    return {**entry["item"], "accessible_via_shared_link": entry.get("accessible_via_shared_link")}


search: Final = Procedure(
    name="Search",
    doc="Search for files, folders and web links. Box's index may lag some minutes behind.",
    reference="https://developer.box.com/reference/get-search/",
    inputs=(
        *_ASKED,
        Input(name="Limit", type=Type.INTEGER, doc="Rows at most. Default: all, which Box gives up to some 10,000 of."),
        Input(name="Offset", type=Type.INTEGER, default=0, doc="Rows that are left out before the first."),
    ),
    outputs=(
        Column("Id", doc="Id of the item."),
        Column("ItemType", source="type", doc="What it is: `file`, `folder` or `web_link`."),
        Column("Name", doc="Its name."),
        Column("Description", doc="Its description."),
        Column("Size", Type.INTEGER, doc="Size in bytes; a web link has none."),
        Column("ParentId", source="parent.id", doc="Id of the folder that holds it."),
        Column("ParentName", source="parent.name", doc="Name of that folder."),
        Column("CreatedAt", Type.TIMESTAMP, doc="When it was made."),
        Column("ModifiedAt", Type.TIMESTAMP, doc="When it was changed last."),
        Column("OwnedById", source="owned_by.id", doc="Id of its owner."),
        Column("OwnedByLogin", source="owned_by.login", doc="Login of its owner."),
        Column("AccessibleViaSharedLink", doc="The shared link by which it is seen, with IncludeRecentSharedLinks."),
    ),
    side_effect=False,
    several=True,
    run=_found,
)
