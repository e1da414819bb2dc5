"""Folder paths: from a path such as `/Contracts/2026` to the id of the folder, which is made where it is missing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api.calls import AS_USER_HEADER, ApiCall
from box_dialect.api.paging import Paging, Position, first, following
from box_dialect.api.path import ApiPath
from box_dialect.errors import DataError, IntegrityError

if TYPE_CHECKING:
    from box_dialect.api.calls import CallCount
    from box_dialect.api.client import BoxClient

ROOT: Final = "0"
"""The id of the root folder."""

_PAGE: Final = 1_000
"""Items in a page of a listing at most."""


def divided(path: str) -> tuple[str, str]:
    """Return the path of the folder, and the name, of an item by its path; raises DataError for what is no path."""
    names = names_of(path)
    if not names:
        raise DataError("'/' is the root folder, which is there already; a path of an item has its name after that")
    return "/" + "/".join(names[:-1]), names[-1]


def names_of(path: str) -> list[str]:
    """Return the names in a path, from the root folder down; raises DataError for what is no path."""
    root, *names = path.split("/")
    if root or not names or (path != "/" and not all(names)):
        raise DataError(
            f"{path[:80]!r} is no path: one has a / before each name, from the root folder down, as in "
            "/Contracts/lease.pdf"
        )
    return [] if path == "/" else names


class FolderPaths:
    """Ids of folders by their paths, as a user sees them; each folder is listed, or made, once.

    Belongs to one event loop, and to what must not see a folder that was moved meanwhile: a statement.
    """

    def __init__(self, client: BoxClient, count: CallCount, as_user: str | None = None) -> None:
        self._client, self._count = client, count
        self._headers = {} if as_user is None else {AS_USER_HEADER: as_user}
        self._listings: dict[str, _Listing] = {}

    async def folder_id(self, path: str, *, create: bool = False) -> str:
        """Return the id of a folder; `create` has it made, with those above it, where it is missing.

        Raises IntegrityError where it is missing, or something else has its name, DataError for what is no path.
        """
        identity = ROOT
        for number, name in enumerate(names := names_of(path), start=1):
            listing = self._listings.setdefault(identity, _Listing(identity, first(Paging.MARKER, _PAGE)))
            async with listing.lock:
                found = await self._found(listing, name)
                if found is None and create:
                    found = listing.names[name.casefold()] = await self._made(identity, name)
            if found is None:
                missing = "/".join(["", *names[:number]])
                raise IntegrityError(
                    f"there is no folder {missing[:200]!r}; make it first, or have missing folders made by the "
                    "property CreateFolders=true"
                )
            identity = found
        return identity

    async def _found(self, listing: _Listing, name: str) -> str | None:
        """Return the id of a folder in a listing, of which no more is read than it takes."""
        key = name.casefold()  # a folder has no two names that differ in the case of letters alone
        while key not in listing.names and listing.position is not None:
            parameters = {"fields": "id,type,name", "usemarker": "true", **listing.position.parameters}
            path = ApiPath("/folders/{folder_id}/items", folder_id=listing.identity)
            page = await self._client.send(ApiCall("GET", path, parameters, headers=self._headers), self._count)
            for each in _entries(page):
                if each.get("type") == "folder":
                    listing.names.setdefault(str(each.get("name")).casefold(), str(each.get("id")))
            listing.position = following(Paging.MARKER, listing.position, page, limit=_PAGE)
        return listing.names.get(key)

    async def _made(self, parent_id: str, name: str) -> str:
        """Make a folder and return its id, or that of the one that another has made meanwhile."""
        body = {"name": name, "parent": {"id": parent_id}}
        call = ApiCall("POST", ApiPath("/folders"), {"fields": "id"}, body=body, headers=self._headers)
        try:
            made = await self._client.send(call, self._count)
        except IntegrityError as error:
            made = error.diag.conflict or {}
            if made.get("type") != "folder":
                raise
            is_new = False
        else:
            is_new = True
        if not isinstance(made, dict) or not isinstance(made.get("id"), str):
            raise DataError("POST /folders: Box's answer is not as its reference says: no id of the folder")
        identity: str = made["id"]
        if is_new:
            self._listings[identity] = _Listing(identity, None)
        return identity


class _Listing:
    """What is known of the folders in a folder, and where its listing goes on."""

    def __init__(self, identity: str, position: Position | None) -> None:
        self.identity, self.position = identity, position
        self.names: dict[str, str] = {}
        self.lock = asyncio.Lock()


def _entries(page: Any) -> list[dict[str, Any]]:
    entries = page.get("entries") if isinstance(page, dict) else None
    if not isinstance(entries, list):
        raise DataError("GET /folders/{id}/items: Box's answer is not as its reference says: no list of entries")
    return [each for each in entries if isinstance(each, dict)]
