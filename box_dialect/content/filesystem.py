"""Box as a file system of fsspec: `box-dialect://` for pandas, polars, DuckDB, Arrow, Dask and others.

Needs the extra `fsspec`: `pip install 'box-dialect[fsspec]'`. See docs/file-system.md.
Source: https://filesystem-spec.readthedocs.io/en/latest/api.html#fsspec.spec.AbstractFileSystem
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from box_dialect.api.caller import called
from box_dialect.api.remote_file import RemoteFile
from box_dialect.content import item_calls
from box_dialect.content.entries import entry_of, entry_of_file, info_of
from box_dialect.content.items import file_by_id, make_folder, names_of
from box_dialect.content.listed_filesystem import ListedFileSystem
from box_dialect.content.os_errors import as_os_errors, os_error
from box_dialect.content.pairs import Told, pairs_of
from box_dialect.content.targets import target_of
from box_dialect.content.transfers import Known, Place, content_of, content_read, downloaded, uploaded
from box_dialect.content.written_file import WrittenFile
from box_dialect.errors import NotSupportedError
from box_dialect.extras import extra

with extra("fsspec", "content.filesystem"):
    from fsspec.callbacks import DEFAULT_CALLBACK
    from fsspec.spec import AbstractFileSystem
    from fsspec.utils import stringify_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from box_dialect.content.account import Account
    from box_dialect.content.entries import Entry
    from box_dialect.content.file_info import FileInfo
    from box_dialect.content.items import JsonObject
    from box_dialect.content.pairs import Pair
    from box_dialect.content.targets import Target

    Progress = Callable[[int, int | None], None]
    Transfer = Callable[[Progress], Awaitable[Mapping[str, FileInfo]]]


class BoxFileSystem(ListedFileSystem):
    """Box as a file system, by the paths of its files: `box-dialect://Sales/2026.csv` is `/Sales/2026.csv`.

    `box_url` is the URL of a connection, `box://…`; without one it is in the environment variable `BOX_URL`. It may be
    called `url`, too, but functions of fsspec's take one of their own, so that pandas' for Parquet fail. Listings are
    kept, and made anew where a name is not in one; a file is looked up again where it is opened. Where an item is not
    there FileNotFoundError is raised, FileExistsError where one is, and else the driver's exceptions.
    """

    def open(self, path: str, mode: str = "rb", *args: Any, compression: str | None = None, **options: Any) -> Any:
        """Open a file; raises NotSupportedError for one that is compressed while it is written.

        What compresses does not close what it writes to, so that nothing would be uploaded.
        """
        if compression is not None and "r" not in mode:
            raise NotSupportedError("open it by fsspec.open(…, compression=…), which closes what is compressed, too")
        return super().open(path, mode, *args, compression=compression, **options)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """Return the content of a file, or the bytes from `start` up to `end`, which count from its end if negative."""
        path = self._strip_protocol(path)
        return self._run(content_read, self._current(path), start, end, at=path)

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        """Write a file of some bytes, with the folders on its way; raises FileExistsError by the mode `create`."""
        self._upload(self._strip_protocol(path), value, is_new=mode == "create")

    def put_file(
        self, lpath: str, rpath: str, callback: Any = DEFAULT_CALLBACK, mode: str = "overwrite", **_: Any
    ) -> None:
        """Upload a local file, with the folders on its way; raises FileExistsError by the mode `create`."""
        if os.path.isdir(lpath):  # noqa: PTH112 - as fsspec has it
            self.makedirs(rpath, exist_ok=True)
        else:
            self._upload(self._strip_protocol(rpath), os.fspath(lpath), callback, is_new=mode == "create")

    def get_file(self, rpath: str, lpath: Any, callback: Any = DEFAULT_CALLBACK, outfile: Any = None, **_: Any) -> None:
        """Download a file to a local path, as `box_dialect.content.download` does, or make a folder."""
        rpath = self._strip_protocol(rpath)
        if self._entry(rpath)["type"] == "directory":
            os.makedirs(lpath, exist_ok=True)  # noqa: PTH103 - as fsspec has it
            return
        target = _target(lpath if outfile is None else outfile)
        self._run(downloaded, self._current(rpath), target, partial(_tell, callback), at=rpath)

    def get(
        self,
        rpath: Any,
        lpath: Any,
        recursive: bool = False,
        callback: Any = DEFAULT_CALLBACK,
        maxdepth: int | None = None,
        **options: Any,
    ) -> None:
        """Download files as `get_file` does, up to `MaxConcurrency` at once; the first failure ends the others."""
        listed = {*self.dircache}
        pairs = pairs_of(AbstractFileSystem.get, self, rpath, lpath, recursive, maxdepth=maxdepth, **options)

        def transfer(source: str, target: Any) -> Transfer | None:
            path = self._strip_protocol(source)
            if self._entry(path)["type"] == "directory":
                return None
            entry, parent = self._file(path), self._parent(path)
            folder_id = self._folder(parent)["id"] if parent in listed else None
            return partial(_got, self.account, path, info_of(entry), folder_id, target)

        self._transfer(pairs, transfer, self.get_file, callback, options)

    def put(
        self,
        lpath: Any,
        rpath: Any,
        recursive: bool = False,
        callback: Any = DEFAULT_CALLBACK,
        maxdepth: int | None = None,
        mode: str = "overwrite",
        **options: Any,
    ) -> None:
        """Upload files as `put_file` does, up to `MaxConcurrency` at once; the first failure ends the others."""
        self.account.check_writable("Box")
        pairs = pairs_of(AbstractFileSystem.put, self, lpath, rpath, recursive, maxdepth=maxdepth, **options)

        def transfer(source: str, target: str) -> Transfer | None:
            if os.path.isdir(source):  # noqa: PTH112 - as fsspec has it
                return None
            path = self._strip_protocol(target)
            return partial(_put, self.account, path, self._place(path, is_new=mode == "create"), os.fspath(source))

        self._transfer(pairs, transfer, self.put_file, callback, {"mode": mode, **options})

    def mkdir(self, path: str, create_parents: bool = True, **_: Any) -> None:
        """Make a folder; raises FileExistsError where an item is there."""
        path = self._strip_protocol(path)
        with self._listings_lock:
            if self._known_to_be_there(path) is not None:
                raise os_error(errno.EEXIST, path)
            self._write(make_folder, self._parent_id(path, makes=create_parents), names_of(path)[-1], at=path)

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Make a folder with those on its way; raises FileExistsError where it is there, unless `exist_ok`."""
        path = self._strip_protocol(path)
        with self._listings_lock:
            if not (exist_ok and self.isdir(path)):
                self.mkdir(path)

    def rmdir(self, path: str) -> None:
        """Delete a folder that is empty."""
        path = self._strip_protocol(path)
        self._write(item_calls.delete_item, "folder", self._folder(path)["id"], False, at=path)

    def rm_file(self, path: str) -> None:
        """Delete a file by its name, which is no pattern, as a rule to the trash."""
        self._delete(self._strip_protocol(path))

    def rm(self, path: str | list[str], recursive: bool = False, maxdepth: int | None = None) -> None:
        """Delete items, as a rule to the trash, folders with all that is in them by one call where `recursive`.

        Raises NotSupportedError for a `maxdepth`: a folder is deleted as a whole.
        """
        if maxdepth is not None:
            raise NotSupportedError("Box deletes a folder with all that is in it; leave maxdepth out")
        for each in self.expand_path(path):
            self._delete(each, recursive=recursive)

    def cp_file(self, path1: str, path2: str, **_: Any) -> None:
        """Copy a file at Box, or make a folder; where a file is there, it gets the content as a new version."""
        path1, path2 = self._strip_protocol(path1), self._strip_protocol(path2)
        entry = self._entry(path1)
        if entry["type"] == "directory":
            self.makedirs(path2, exist_ok=True)
        elif self.exists(path2):
            with self.open(path1, "rb") as file:
                self._upload(path2, file)
        else:
            folder_id = self._parent_id(path2, makes=True)
            self._write(item_calls.copy_item, "file", entry["id"], folder_id, names_of(path2)[-1], at=path2)

    def mv(self, path1: Any, path2: Any, recursive: bool = False, maxdepth: int | None = None, **options: Any) -> None:
        """Move an item, by one call where the path is free or a folder; others, and patterns, by copies."""
        if isinstance(path1, list) or self._is_pattern(self._strip_protocol(path1)) or maxdepth is not None:
            super().mv(path1, path2, recursive=recursive, maxdepth=maxdepth, **options)
            return
        into = stringify_path(path2).endswith("/")
        path1, path2 = self._strip_protocol(path1), self._strip_protocol(path2)
        entry = self._entry(path1)
        if into or (path1 != path2 and self.isdir(path2)):
            path2 = f"{path2.rstrip('/')}/{names_of(path1)[-1]}"
        if path1 == path2:
            return
        if self._known_to_be_there(path2) is not None and entry["type"] == "file":
            self.cp_file(path1, path2)
            self.rm_file(path1)
            return
        if self._known_to_be_there(path2) is not None:
            super().mv(path1, path2, recursive=recursive, **options)
            return
        folder_id = self._parent_id(path2, makes=True)
        self._write(item_calls.move_item, _kind(entry), entry["id"], folder_id, names_of(path2)[-1], at=path2)
        self._note(path1, None)

    def touch(self, path: str, truncate: bool = True, **_: Any) -> None:
        """Make an empty file; raises NotSupportedError for one that is there unless `truncate` empties it."""
        if not truncate and self.exists(path):
            raise NotSupportedError("Box changes the time of a file with its content only; write the file")
        self.pipe_file(path, b"")

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: dict[str, Any] | None = None,
        **_: Any,
    ) -> RemoteFile | WrittenFile:
        """Open a file as `box_dialect.content.open` does; how much is read ahead is not to be set."""
        del block_size, cache_options
        if mode == "rb":
            content = self._run(content_of, self._current(path), at=path)[1]
            return RemoteFile(content, self.account.run, path)
        if mode not in {"wb", "xb"}:
            raise NotSupportedError(f"a file at Box is read or written as a whole: by rb, wb or xb, not by {mode}")
        if not autocommit:
            raise NotSupportedError("Box has no transactions: write files outside of fs.transaction")
        self.account.check_writable("Box")
        self._version_of(path, is_new=mode == "xb")
        return WrittenFile(partial(self._upload, path, is_new=mode == "xb"), path)

    def _current(self, path: str) -> Known:
        """Return the file at a path as it is now; what a listing from before says of it is asked again."""
        parent = self._parent(path)
        was_known = parent in self.dircache
        entry = self._file(path)
        if was_known:
            with suppress(FileNotFoundError):
                info = self._run(file_by_id, entry["id"], at=path)
                if info.name == names_of(path)[-1] and info.parent_id in {None, self._folder(parent)["id"]}:
                    self._note(path, entry_of_file(path, info))
                    return Known(info)
            self.invalidate_cache(parent)
            entry = self._file(path)
        return Known(info_of(entry))

    def _parent_id(self, path: str, *, makes: bool) -> str:
        """Return the id of the folder that an item is, or is going to be, in; `makes` it where it is missing."""
        parent = self._parent(path)
        if makes:
            self.makedirs(parent, exist_ok=True)
        return str(self._folder(parent)["id"])

    def _version_of(self, path: str, *, is_new: bool) -> str | None:
        """Return the id of the file that gets a new version where a path is written, None for a new file.

        Raises IsADirectoryError for a folder, FileExistsError for a file where `is_new`.
        """
        found = self._known_to_be_there(path)
        if found is None:
            return None
        if is_new:
            raise os_error(errno.EEXIST, path)
        return str(self._file(path)["id"])

    def _place(self, path: str, *, is_new: bool) -> Place:
        """Return where a file is uploaded to, in a folder that is made where it is missing."""
        file_id = self._version_of(path, is_new=is_new)
        if file_id is None:
            return Place(parent_id=self._parent_id(path, makes=True), name=names_of(path)[-1])
        return Place(file_id=file_id)

    def _transfer(
        self,
        pairs: list[Pair],
        transfer: Callable[..., Transfer | None],
        one: Callable[..., None],
        callback: Any,
        options: Mapping[str, Any],
    ) -> None:
        """Transfer files by what is returned of their pairs, several at once; where that is None, a folder is made.

        Files of which a listing told wrongly are transferred after the others. `one` transfers a single pair.
        """
        told = Told(callback, len(pairs))
        folders, files = [], []
        for pair in pairs:
            found = transfer(*pair)
            if found is None:
                folders.append((pair, told.begun(pair)))
            else:
                files.append((pair, found))
        again: list[tuple[Pair, Any]] = []
        noted: dict[str, FileInfo] = {}

        async def run(file: tuple[Pair, Transfer]) -> None:
            pair, found = file
            branch = await called(told.begun, pair)
            try:
                noted.update(await found(partial(told.reached, branch)))
            except (FileExistsError, FileNotFoundError):
                again.append((pair, branch))
            else:
                await called(told.ended, branch)

        def run_alone(pairs: list[tuple[Pair, Any]]) -> None:
            for pair, branch in pairs:
                one(*pair, callback=branch, **options)
                told.ended(branch)

        run_alone(folders)
        try:
            self.account.run_each(run, files)
        finally:
            for path, info in noted.items():
                self._note(path, entry_of_file(path, info))
        if again:
            self.invalidate_cache()
        run_alone(again)

    def _upload(self, path: str, source: Any, callback: Any = DEFAULT_CALLBACK, *, is_new: bool = False) -> FileInfo:
        self.account.check_writable("Box")
        place = self._place(path, is_new=is_new)
        begins_at = source.tell() if hasattr(source, "tell") else None
        try:
            info = self._run(uploaded, place, source, None, {}, partial(_tell, callback), at=path)
        except (FileExistsError, FileNotFoundError):
            # Since the folder was listed somebody has made the file, or deleted it.
            if self._version_of(path, is_new=is_new) == place.file_id:
                raise
            if begins_at is not None:
                source.seek(begins_at)
            return self._upload(path, source, callback, is_new=is_new)
        self._note(path, entry_of_file(path, info))
        return info

    def _delete(self, path: str, *, recursive: bool = False) -> None:
        entry = self._entry(path)
        self._write(item_calls.delete_item, _kind(entry), entry["id"], recursive, at=path)

    def _write(self, function: Callable[..., Coroutine[Any, Any, JsonObject | None]], *args: Any, at: str) -> None:
        """Make a call that changes the item at a path, and take note of what became of it: Box's answer, or nothing."""
        self.account.check_writable("Box")
        item = self._run(function, *args, at=at)
        self._note(at, None if item is None else entry_of(self._parent(at), item))


def _kind(entry: Entry) -> str:
    """Return Box's name for what an item is."""
    return {"directory": "folder", "file": "file"}.get(entry["type"], "web_link")


def _target(local: Any) -> Target:
    """Return where a download goes, in a folder that is made where it is missing."""
    if not hasattr(local, "write"):
        Path(local).parent.mkdir(parents=True, exist_ok=True)
    return target_of(local)


async def _got(
    account: Account, path: str, info: FileInfo, folder_id: str | None, local: Any, progress: Progress
) -> Mapping[str, FileInfo]:
    """Download a file, and return what Box says of it now; of one without a folder's id, that was just listed.

    Raises FileNotFoundError where it is not at the path any more.
    """
    client, count = account.client, account.count()
    noted = {}
    with as_os_errors(path):
        if folder_id is not None:
            name = info.name
            info = noted[path] = await file_by_id(client, count, info.id)
            if info.name != name or info.parent_id not in {None, folder_id}:
                raise os_error(errno.ENOENT, path)
        await downloaded(client, count, Known(info), await called(_target, local), progress)
    return noted


async def _put(account: Account, path: str, place: Place, local: str, progress: Progress) -> Mapping[str, FileInfo]:
    """Upload a file, and return what Box made of it."""
    with as_os_errors(path):
        return {path: await uploaded(account.client, account.count(), place, local, None, {}, progress)}


def _tell(callback: Any, done: int, size: int | None) -> None:
    """Tell a callback of fsspec's how far a transfer is."""
    callback.set_size(size)
    callback.absolute_update(done)
