"""Procedures that restore what is in the trash, and delete it for good.

Source: https://developer.box.com/guides/trash/
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import ApiCall, ApiPath, Paging
from box_dialect.api.paging import first, following
from box_dialect.catalog.model import Column
from box_dialect.catalog.model.procedure import Call, Context, Input, Procedure
from box_dialect.errors import DatabaseError

from ._items import ANY_ITEM, ITEM, SUCCESS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from box_dialect.catalog.model import JsonObject

_PAGE: Final = 1_000

restore_item: Final = Procedure(
    name="RestoreItem",
    doc="Take an item out of the trash.",
    reference="https://developer.box.com/reference/post-files-id/",
    inputs=(
        *ANY_ITEM,
        Input(name="Name", body="name", doc="Its name where the one that it had is taken meanwhile."),
        Input(name="ParentId", body="parent.id", doc="Id of the folder for it where the one it lay in is gone."),
    ),
    outputs=ITEM,
    side_effect=True,
    call=Call(method="POST", path="/{item_type}/{item_id}"),
)

purge_item: Final = Procedure(
    name="PurgeItem",
    doc="Delete an item that is in the trash for good.",
    reference="https://developer.box.com/reference/delete-files-id-trash/",
    inputs=ANY_ITEM,
    outputs=(SUCCESS,),
    side_effect=True,
    call=Call(method="DELETE", path="/{item_type}/{item_id}/trash"),
)


async def _trashed(context: Context) -> AsyncIterator[JsonObject]:
    """Yield all that is in the trash, read before any of it is deleted: the pages would move."""
    position = first(Paging.MARKER, _PAGE)
    position.parameters.update(usemarker="true", fields="id,type,name")
    while True:
        page = await context.send(ApiCall("GET", ApiPath("/folders/trash/items"), position.parameters))
        for entry in page["entries"]:
            yield entry
        coming = following(Paging.MARKER, position, page, limit=_PAGE)
        if coming is None:
            return
        position = coming


async def _emptied(context: Context) -> list[JsonObject]:
    found = [entry async for entry in _trashed(context)]

    async def purge(entry: JsonObject) -> Any:
        path = ApiPath("/{item_type}/{id}/trash", item_type=f"{entry['type']}s", id=entry["id"])
        await context.send(ApiCall("DELETE", path))

    results = await asyncio.gather(*map(purge, found), return_exceptions=True)
    failures = [each for each in results if isinstance(each, BaseException)]
    for failure in failures:
        if not isinstance(failure, DatabaseError):
            raise failure
        done = f"{len(found) - len(failures)} of the {len(found)} items in the trash were deleted"
        raise type(failure)(f"{failure}; {done}", failure.diag)
    return found


empty_trash: Final = Procedure(
    name="EmptyTrash",
    doc="Delete all that the signed-in user has in the trash for good, each item by a call.",
    reference="https://developer.box.com/reference/get-folders-trash-items/",
    inputs=(),
    outputs=(
        Column("Id", doc="Id of an item that was deleted."),
        Column("Type", doc="What it was: `file`, `folder` or `web_link`."),
        Column("Name", doc="Its name."),
    ),
    side_effect=True,
    several=True,
    run=_emptied,
)
