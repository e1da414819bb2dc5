"""Where a download goes: a path of this machine, or a file object. What is here is called in worker threads."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import shutil
import threading
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from box_dialect.api.locked_file import beside, locked_file
from box_dialect.errors import Error, OperationalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.content.file_info import FileInfo

_PIECE: Final = 1 << 20
_PART: Final = re.compile(r"(.*\.[A-Za-z0-9]+)-[A-Za-z0-9]+\.part", re.DOTALL)
"""The name of a file that keeps a download; what is before the version is the same for all of them."""

_FLAGS: Final = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


class Target(Protocol):
    """Where a download goes."""

    def opened(self, info: FileInfo) -> Download:
        """Begin to download a file; raises OSError where nothing can be written there."""


class Download(Protocol):
    """What takes the bytes of a file in their order; `done` are those that are there from an earlier download."""

    done: int

    def write(self, data: bytes) -> None:
        """Take further bytes."""

    def end(self) -> None:
        """Take note that all have come; raises OperationalError where they are not those of the file."""

    def close(self) -> None:
        """Let go of what was opened, whether all have come or not."""


class FileTarget:
    """A binary file object, written from where it stands; it stays open."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def opened(self, info: FileInfo) -> Download:
        """Begin with the first byte: what came before in the object is the caller's."""
        return _ToFile(self._file, info)


class PathTarget:
    """A path: the file there is replaced once all has come, and is as it was until then; its permissions stay.

    What has come is kept in a file beside, named after the path and the version, with `.part` at its end; a download of
    the same version goes on from there. Raises ProgrammingError for what is there and no file. Unless it `replaces`, a
    file that is there in the end stays, and the download fails.
    """

    def __init__(self, path: str | os.PathLike[str], *, replaces: bool = True) -> None:
        self._replaces = replaces
        self._path = Path(os.path.realpath(path))
        if self._path.exists() and not self._path.is_file():
            raise ProgrammingError(f"{path} is no file that could be replaced; give its path, or an open file")

    def opened(self, info: FileInfo) -> Download:
        """Go on with the file beside; raises OperationalError where another download writes it."""
        return _ToPart(self._path, _part_of(self._path, info), info, replaces=self._replaces)


def target_of(target: Any) -> Target:
    """Return where a download goes, for a path or a binary file object; raises ProgrammingError for anything else."""
    if isinstance(target, str | os.PathLike):
        return PathTarget(target)
    if hasattr(target, "write") and not isinstance(target, io.TextIOBase):
        return FileTarget(target)
    raise ProgrammingError(
        f"a download goes to a path or a file that is opened in binary mode, not {type(target).__name__}"
    )


def remove_superseded(wanted: Mapping[Path, FileInfo]) -> None:
    """Remove what downloads to paths have left of other versions than those that are wanted there.

    What another download writes stays.
    """
    targets = {Path(os.path.realpath(path)): info for path, info in wanted.items()}
    folders: dict[Path, dict[str, str]] = defaultdict(dict)
    for path, info in targets.items():
        part = _part_of(path, info)
        if found := _PART.fullmatch(part.name):
            folders[part.parent][found[1]] = part.name
    for folder, parts in folders.items():
        with suppress(OSError):
            for path in folder.iterdir():
                found = _PART.fullmatch(path.name)
                if found and parts.get(found[1], path.name) != path.name and path not in targets:
                    _remove_unlocked(path)


def _remove_unlocked(path: Path) -> None:
    with suppress(OSError, Error), locked_file(path, _FLAGS & ~os.O_CREAT, 0o666, "download") as file:
        if os.name == "nt":
            file.close()  # which is not to be removed before
        path.unlink()


def _part_of(path: Path, info: FileInfo) -> Path:
    """Return the path of the file that keeps what has come of a version."""
    version = "-".join(filter(None, (_word(info.id), _word(info.version_id or ""))))
    return beside(path, f"{version}.part")


def check_sha1(info: FileInfo, sha1: str) -> None:
    """Raise OperationalError where the SHA-1 of what has come is not the one that Box tells of a file."""
    if info.sha1 is not None and info.sha1.lower() != sha1:
        raise OperationalError(
            f"what has come of the file {info.id} has not the SHA-1 that Box tells; download it again, and if that "
            "does not help, look at what is on the way to Box"
        )


class _ToFile:
    """A download to a file object."""

    done = 0

    def __init__(self, file: Any, info: FileInfo) -> None:
        self._file, self._info = file, info
        self._digest = hashlib.sha1(usedforsecurity=False)

    def write(self, data: bytes) -> None:
        """Write bytes, however many the object takes at once."""
        self._digest.update(data)
        _write(self._file, data)

    def end(self) -> None:
        """Compare the SHA-1."""
        check_sha1(self._info, self._digest.hexdigest())

    def close(self) -> None:
        """Leave it to the caller."""


class _ToPart:
    """A download to a file beside its path."""

    def __init__(self, path: Path, part: Path, info: FileInfo, *, replaces: bool) -> None:
        self._path, self._part, self._info, self._replaces = path, part, info, replaces
        self._lock = threading.Lock()  # a write whose download was cancelled may still be at it
        mode = 0o600 if path.exists() else 0o666  # of what is replaced others may not be let read anything
        self._file = locked_file(part, _FLAGS, mode, "download")
        try:
            self._digest = hashlib.sha1(usedforsecurity=False)
            while piece := self._file.read(_PIECE):
                self._digest.update(piece)
            self.done = self._file.tell()
            if self.done > info.size:
                self._begin_anew()
        except BaseException:
            self._file.close()
            raise

    def write(self, data: bytes) -> None:
        """Write bytes."""
        with self._lock:
            self._digest.update(data)
            _write(self._file, data)

    def end(self) -> None:
        """Put the file in its place; where the SHA-1 differs, what has come is of no use."""
        try:
            check_sha1(self._info, self._digest.hexdigest())
        except OperationalError:
            self._begin_anew()
            raise
        os.fsync(self._file.fileno())
        if not self._replaces and self._path.exists():
            self._begin_anew()
            raise FileExistsError(errno.EEXIST, "another file has come to the target meanwhile", str(self._path))
        with suppress(FileNotFoundError):
            shutil.copymode(self._path, self._part)
        if os.name == "nt":
            self._file.close()  # which is not to be renamed before
        self._part.replace(self._path)
        self._file.close()

    def close(self) -> None:
        """Close the file; it is kept for the next download, unless nothing came."""
        with self._lock:
            if self._file.closed:
                return
            is_empty = not os.fstat(self._file.fileno()).st_size
            self._file.close()
            if is_empty:
                self._part.unlink(missing_ok=True)

    def _begin_anew(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._digest, self.done = hashlib.sha1(usedforsecurity=False), 0


def _write(file: Any, data: bytes) -> None:
    left = memoryview(data)
    while left:
        written = file.write(left)
        left = left[len(left) if written is None else written :]


def _word(text: str) -> str:
    """Return what of Box's text may be part of a local file's name."""
    return "".join(each for each in text if each.isascii() and each.isalnum())
