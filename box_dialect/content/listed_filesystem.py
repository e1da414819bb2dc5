"""The part of the file system that tells what is there, out of listings that are kept.

Source: https://filesystem-spec.readthedocs.io/en/latest/features.html#listings-caching
"""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from glob import has_magic
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeVar

from box_dialect.content import item_calls
from box_dialect.content.account import Account
from box_dialect.content.entries import ROOT, entry_of, is_at_or_below
from box_dialect.content.items import names_of
from box_dialect.content.os_errors import as_os_errors, os_error
from box_dialect.content.walk import listings_below
from box_dialect.errors import ProgrammingError, called_without_frames
from box_dialect.extras import extra
from box_dialect.properties import gathered
from box_dialect.properties.restriction import RESTRICT, are_urls_restricted

with extra("fsspec", "content.filesystem"):
    from fsspec.spec import AbstractFileSystem
    from fsspec.utils import stringify_path

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Coroutine, Iterable

    from box_dialect.content.entries import Entry

T = TypeVar("T")

URL: Final = "BOX_URL"
"""The environment variable that has the URL of the connection where none is given."""


class ListedFileSystem(AbstractFileSystem):
    """What is at Box, by path, for `BoxFileSystem`, whose arguments it takes."""

    protocol = "box-dialect"
    root_marker = "/"

    def __init__(self, box_url: str | None = None, *, url: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._url = url if box_url is None else box_url
        self._known: tuple[str, Account] | None = None
        # Held while a folder is listed too, so that what another thread writes meanwhile is noted after the listing.
        self._listings_lock = threading.RLock()

    @property
    def account(self) -> Account:
        """Where the URL leads to; raises ProgrammingError where there is none, or where it is wrong."""
        url = _url_of_environment() if self._url is None else self._url
        with self._listings_lock:
            if self._known is None or self._known[0] != url:
                self._known = (url, _account(url))
                self.invalidate_cache()
            return self._known[1]

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(each) for each in path]
        text: str = stringify_path(path)
        return "/" + "/".join(names_of(text.removeprefix(f"{cls.protocol}://")))

    def to_dict(self, *, include_password: bool = True) -> dict[str, Any]:
        """Return what the file system is made of; without secrets where `include_password` is False."""
        made: dict[str, Any] = super().to_dict(include_password=include_password)
        if not include_password:
            for name in ("box_url", "url"):
                made.pop(name, None)
            made["args"] = []
        return made

    def invalidate_cache(self, path: str | None = None) -> None:
        """Forget the listings of a folder and of those below, of all where there is no path."""
        super().invalidate_cache(path)
        below = "/" if path is None else self._strip_protocol(path)
        with self._listings_lock:
            for known in [each for each in self.dircache if is_at_or_below(each, below)]:
                self.dircache.pop(known, None)

    def ls(self, path: str, detail: bool = True, refresh: bool = False, **_: Any) -> list[Any]:
        """Return what a folder holds, or the file at the path; `refresh` asks Box again."""
        path = self._strip_protocol(path)
        entry = self._entry(path)
        if entry["type"] == "directory":
            found = self._listing(path, refresh=refresh)
        else:
            found = [self._entry(path, refresh=refresh)]
        return [dict(each) for each in found] if detail else sorted(each["name"] for each in found)

    def find(self, path: str, maxdepth: int | None = None, *args: Any, refresh: bool = False, **options: Any) -> Any:
        """Return the files below a folder, whose folders are listed several at once."""
        path = self._strip_protocol(path)
        if refresh:
            self.invalidate_cache(path)
        folder = self._known_to_be_there(path)
        if folder is not None and folder["type"] == "directory" and self.dircache.use_listings_cache:
            with self._listings_lock:
                known = {each: self.dircache[each] for each in list(self.dircache)}
                for each, listing in self._run(listings_below, folder, maxdepth, known, at=path).items():
                    self.dircache[each] = listing
        return super().find(path, maxdepth, *args, **options)

    def expand_path(
        self,
        path: str | os.PathLike[str] | Iterable[str],
        recursive: bool = False,
        maxdepth: int | None = None,
        *args: Any,
        **options: Any,
    ) -> list[str]:
        """Return the paths of what one or several paths mean; a pattern that an item has as its name is that item."""
        given = [path] if isinstance(path, str | os.PathLike) else path
        paths = [self._strip_protocol(each) for each in given]
        patterns = [each for each in paths if self._is_pattern(each)]
        exact = [each for each in paths if has_magic(each) and each not in patterns]
        below = [self.find(each, maxdepth, withdirs=True) for each in exact if recursive]
        others = [each for each in paths if each not in exact]
        found = super().expand_path(others, recursive, maxdepth, *args, **options) if others or not exact else ()
        return sorted({*exact, *chain.from_iterable(below), *found})

    def info(self, path: str, **_: Any) -> Entry:
        """Return what Box says of an item: name, size, type, id, sha1, etag, version_id, created, modified."""
        return dict(self._entry(self._strip_protocol(path)))

    def exists(self, path: str, **_: Any) -> bool:
        """Tell whether an item is there; raises what a call raises that tells neither."""
        try:
            self.info(path)
        except FileNotFoundError:
            return False
        return True

    def isfile(self, path: str) -> bool:
        """Tell whether a file is there; raises what a call raises that tells neither."""
        try:
            return bool(self.info(path)["type"] == "file")
        except FileNotFoundError:
            return False

    def created(self, path: str) -> dt.datetime | None:
        """Return when an item was made at Box."""
        moment: dt.datetime | None = self.info(path)["created"]
        return moment

    def modified(self, path: str) -> dt.datetime | None:
        """Return when an item was last changed."""
        moment: dt.datetime | None = self.info(path)["modified"]
        return moment

    def checksum(self, path: str) -> int:
        """Return the SHA-1 of a file as a number."""
        return int(self._file(self._strip_protocol(path))["sha1"], 16)

    def ukey(self, path: str) -> str:
        """Return what is another one for each content of a file: its SHA-1."""
        return str(self._file(self._strip_protocol(path))["sha1"])

    def _entry(self, path: str, *, refresh: bool = False) -> Entry:
        """Return what is told of an item; where a listing that is kept has no such one, the folder is listed again."""
        was_kept = self._parent(path) in self.dircache and not refresh
        found = self._known_to_be_there(path, refresh=refresh)
        if found is None and was_kept:
            found = self._known_to_be_there(path, refresh=True)
        if found is None:
            raise os_error(errno.ENOENT, path)
        return found

    def _known_to_be_there(self, path: str, *, refresh: bool = False) -> Entry | None:
        """Return what the listing of a folder tells of an item, None where it has no such one."""
        if path == "/":
            return ROOT
        try:
            listing = self._listing(self._parent(path), refresh=refresh)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return next((each for each in listing if each["name"] == path), None)

    def _is_pattern(self, path: str) -> bool:
        """Tell whether a path means what fits it: it has a letter of patterns in it, and no item has it as its name."""
        return has_magic(path) and not self._is_listed(path)

    def _is_listed(self, path: str) -> bool:
        """Tell whether listings have an item, without a second look."""
        if path == "/":
            return True
        parent = self._parent(path)
        if not self._is_listed(parent):
            return False
        with suppress(FileNotFoundError, NotADirectoryError):
            return any(each["name"] == path for each in self._listing(parent))
        return False

    def _listing(self, path: str, *, refresh: bool = False) -> list[Entry]:
        _ = self.account  # another URL in the environment has other listings
        with self._listings_lock:
            if refresh:
                self.invalidate_cache(path)
            if path not in self.dircache:
                folder = self._folder(path)
                listing = [entry_of(path, each) for each in self._run(item_calls.listed, folder["id"], at=path)]
                self.dircache[path] = listing
                return listing
            known: list[Entry] = self.dircache[path]
            return known

    def _folder(self, path: str) -> Entry:
        entry = self._entry(path)
        if entry["type"] != "directory":
            raise os_error(errno.ENOTDIR, path)
        return entry

    def _file(self, path: str) -> Entry:
        entry = self._entry(path)
        if entry["type"] == "directory":
            raise os_error(errno.EISDIR, path)
        if entry["type"] != "file":
            raise os_error(errno.ENOENT, path)
        return entry

    def _note(self, path: str, entry: Entry | None) -> None:
        """Have the listings tell what became of an item."""
        parent = self._parent(path)
        with self._listings_lock:
            self.invalidate_cache(path)
            if parent in self.dircache:
                others = [each for each in self.dircache[parent] if each["name"] != path]
                self.dircache[parent] = others if entry is None else [*others, entry]

    def _run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any, at: str) -> T:
        """Run what works for a path; raises FileNotFoundError and FileExistsError for what Box says so of."""
        account = self.account
        try:
            with as_os_errors(at):
                return account.run(function, account.client, account.count(), *args)
        except FileNotFoundError:
            self.invalidate_cache()
            raise
        except FileExistsError:
            self.invalidate_cache(self._parent(at))
            raise


def _url_of_environment() -> str:
    if are_urls_restricted():
        raise ProgrammingError(
            f"this process restricts URLs ({RESTRICT}), so that nobody connects by the environment variable {URL}; "
            "give the URL: storage_options={'box_url': 'box://…'}"
        )
    url = os.environ.get(URL, "")
    if not url:
        raise ProgrammingError(
            f"no URL is given: storage_options={{'box_url': 'box://…'}}, or the environment variable {URL}"
        )
    return url


@called_without_frames
def _account(url: str) -> Account:
    return Account(gathered(url, {}))
