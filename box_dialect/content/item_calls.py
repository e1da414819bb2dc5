"""Calls that make, copy, move and delete items. What runs here runs on the event loop.

Sources: https://developer.box.com/reference/resources/file--full/, …/folder--full/ and …/web-link/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.api import ApiCall, ApiPath
from box_dialect.content.file_info import FIELDS
from box_dialect.content.items import entries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from box_dialect.api import CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.content.items import JsonObject

_PATHS: Final[Mapping[str, Callable[[str], ApiPath]]] = {
    "file": lambda id_: ApiPath("/files/{id}", id=id_),
    "folder": lambda id_: ApiPath("/folders/{id}", id=id_),
    "web_link": lambda id_: ApiPath("/web_links/{id}", id=id_),
}
"""Where an item of each kind is."""

_COPIES: Final[Mapping[str, Callable[[str], ApiPath]]] = {
    "file": lambda id_: ApiPath("/files/{id}/copy", id=id_),
    "folder": lambda id_: ApiPath("/folders/{id}/copy", id=id_),
}
"""What copies an item of each kind that can be copied."""

_FIELDS: Final = {"fields": ",".join(FIELDS)}


async def listed(client: BoxClient, count: CallCount, folder_id: str) -> list[JsonObject]:
    """Return the items of a folder."""
    return [entry async for entry in entries(client, count, folder_id)]


async def delete_item(client: BoxClient, count: CallCount, kind: str, id_: str, recursive: bool) -> None:
    """Delete an item, as a rule to the trash, a folder with what it holds where `recursive`.

    Raises IntegrityError for a folder that is not empty.
    """
    parameters = {"recursive": str(recursive).lower()} if kind == "folder" else {}
    await client.send(ApiCall("DELETE", _PATHS[kind](id_), parameters), count)


async def copy_item(client: BoxClient, count: CallCount, kind: str, id_: str, parent_id: str, name: str) -> JsonObject:
    """Copy a file, or a folder with all below it, to a name in a folder, and return the copy.

    Raises IntegrityError where the name is in use.
    """
    body = {"parent": {"id": parent_id}, "name": name}
    copy: JsonObject = await client.send(ApiCall("POST", _COPIES[kind](id_), _FIELDS, body=body), count)
    return copy


async def move_item(client: BoxClient, count: CallCount, kind: str, id_: str, parent_id: str, name: str) -> JsonObject:
    """Move an item to a name in a folder, and return it; raises IntegrityError where the name is in use."""
    body = {"parent": {"id": parent_id}, "name": name}
    parameters = {} if kind == "web_link" else _FIELDS
    moved: JsonObject = await client.send(ApiCall("PUT", _PATHS[kind](id_), parameters, body=body), count)
    return moved
