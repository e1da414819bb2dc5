"""Files of this machine that keep large uploads, so that the same copy goes on where it was interrupted."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from box_dialect.api import ApiCall, ApiPath
from box_dialect.api import upload as api_upload
from box_dialect.api.caller import called
from box_dialect.errors import DatabaseError, LimitExceededError, SignInError

if TYPE_CHECKING:
    from pathlib import Path

    from box_dialect.api import CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.content.copies.local import LocalItem
    from box_dialect.content.transfers import Place

LIFETIME_SECONDS: Final = 7 * 24 * 60 * 60
"""How long Box keeps an upload session. Source: https://developer.box.com/guides/uploads/chunked/create-session/"""


class UnfinishedUploads:
    """The files that keep the uploads of a run, each named after whose Box it is, and what goes where.

    Belongs to one event loop. Who is signed in is asked once, before the first upload that is kept. None is where this
    machine has no place for it: a copy does not fail for that.
    """

    def __init__(self, client: BoxClient, count: CallCount) -> None:
        self._client, self._count = client, count
        self._lock = asyncio.Lock()
        self._account: str | None = None

    async def path(self, item: LocalItem, place: Place) -> Path | None:
        """Return the file for an upload; None for one that takes a single call, or is not kept."""
        if item.size <= api_upload.MOST_BYTES_AT_ONCE:
            return None
        async with self._lock:
            if self._account is None:
                self._account = await self._signed_in() if await called(_has_place) else ""
        return await called(_path, self._account, item.path, place) if self._account else None

    async def _signed_in(self) -> str:
        """Return the host and the user that a session belongs to; empty where Box tells no user."""
        call = ApiCall("GET", ApiPath("/users/me"), {"fields": "id"})
        try:
            user = await self._client.send(call, self._count)
        except (LimitExceededError, SignInError):
            raise
        except DatabaseError:
            return ""
        known = isinstance(user, dict) and isinstance(user.get("id"), str)
        return f"{self._client.properties.upload_base_url} {user['id']}" if known else ""


def remove_expired() -> None:
    """Remove the files of uploads that Box has ended by now, and those that were left beside them."""
    oldest = time.time() - LIFETIME_SECONDS
    with suppress(OSError):  # what cannot be removed, or is not there, does no harm
        for each in _folder().iterdir():
            with suppress(OSError):
                if each.stat().st_mtime < oldest:
                    each.unlink()


def _path(account: str, path: str, place: Place) -> Path:
    what = "\0".join((account, os.path.realpath(path), *map(str, (place.parent_id, place.name, place.file_id))))
    return _folder() / f"{hashlib.sha256(os.fsencode(what)).hexdigest()}.json"


def _has_place() -> bool:
    """Tell whether the folder, which is made where it is missing, takes a file."""
    try:
        _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=_folder(), buffering=0) as file:
            file.write(b"\0")
    except OSError:
        return False
    return True


def _folder() -> Path:
    from platformdirs import user_state_path  # which a plain query does not need

    return user_state_path("box-dialect", appauthor=False) / "uploads"
