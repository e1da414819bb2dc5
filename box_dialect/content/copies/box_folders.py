"""Folders at Box that are copied to or from: what they hold, listed once, and their ids."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from box_dialect.api.folder_paths import FolderPaths
from box_dialect.content.entries import ROOT, entry_of
from box_dialect.content.items import entries, names_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from box_dialect.api import CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.content.entries import Entry


def path_of(names: Sequence[str]) -> str:
    """Return the path that names make, from the root folder down."""
    return "/" + "/".join(names)


class BoxFolders:
    """What is in folders, by their paths; each folder is listed once, when it is asked for, and made once.

    Belongs to one event loop, and to one run: it does not see what is changed meanwhile.
    """

    def __init__(self, client: BoxClient, count: CallCount) -> None:
        self._client, self._count = client, count
        self._made = FolderPaths(client, count)
        self._listings: dict[str, Mapping[str, Entry]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def entry(self, path: str) -> Entry | None:
        """Return the item at a path, None where there is none; the case of letters makes no other one, as at Box."""
        names = names_of(path)
        if not names:
            return ROOT
        return (await self.listing(path_of(names[:-1]))).get(names[-1].casefold())

    async def listing(self, path: str) -> Mapping[str, Entry]:
        """Return what is in a folder, by casefolded names; nothing where there is no such folder."""
        async with self._locks.setdefault(path, asyncio.Lock()):
            if path not in self._listings:
                folder = await self.entry(path)
                found: dict[str, Entry] = {}
                if folder is not None and folder["type"] == "directory":
                    listed = [entry_of(path, each) async for each in entries(self._client, self._count, folder["id"])]
                    found.update((each["name"].rpartition("/")[2].casefold(), each) for each in listed)
                self._listings[path] = found
            return self._listings[path]

    async def folder_id(self, path: str) -> str:
        """Return the id of a folder, which is made, with those on its way, where it is missing.

        Raises IntegrityError where something else has its name.
        """
        folder = await self.entry(path)
        if folder is not None and folder["type"] == "directory":
            return str(folder["id"])
        return await self._made.folder_id(path, create=True)
