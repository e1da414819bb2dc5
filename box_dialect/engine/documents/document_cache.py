"""Document cache: a folder of this machine that keeps documents from one statement to the next.

Each file is called by the SHA-1 of its content, so that a new version is another one, and is compared with that where a
process opens it for the first time. Several processes may use one folder. A file is written beside its place and moved
there once it is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from box_dialect.errors import OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)
_UNFINISHED: Final = ".part-"
_SECONDS_TO_FINISH: Final = 86_400.0
"""How long after the last write a file that is not whole is left to the process that writes it."""

_BINARY: Final = getattr(os, "O_BINARY", 0)


class DocumentCache:
    """The documents in a folder, which take `most_bytes` together at most."""

    def __init__(self, folder: str, most_bytes: int) -> None:
        self._folder, self._most_bytes = Path(folder).expanduser(), most_bytes

    def opened(self, sha1: str | None, size: int | None) -> int | None:
        """Return a descriptor of the document with a digest and a size, None where it is not kept as it was.

        Where this process opens it for the first time, all of it is read.
        """
        if sha1 is None or not _NAME.fullmatch(sha1):
            return None
        try:
            descriptor = os.open(self._folder / sha1, os.O_RDONLY | _BINARY)
        except OSError:
            return None
        found = os.fstat(descriptor)
        if found.st_size != size or not _is_whole(self._folder / sha1, found):
            os.close(descriptor)
            self.drop(self._folder / sha1)
            return None
        with contextlib.suppress(OSError):
            os.utime(self._folder / sha1)  # it was read now
        return descriptor

    def begun(self) -> tuple[int, Path]:
        """Return the descriptor of a new file, and its path; raises OperationalError where there can be none."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, path = tempfile.mkstemp(prefix=_UNFINISHED, dir=self._folder)
        except OSError as error:
            raise OperationalError(
                f"property DocumentCache: nothing can be written to {self._folder} ({error.strerror})"
            ) from None
        return descriptor, Path(path)

    def keep(self, path: Path, sha1: str) -> None:
        """Keep a file that is whole by its digest, and make room by those that were read least lately."""
        with contextlib.suppress(OSError):  # on Windows another process may have it open
            path.replace(self._folder / sha1)
            self._make_room()
            return
        self.drop(path)

    def drop(self, path: Path) -> None:
        """Remove a file that did not become whole."""
        with contextlib.suppress(OSError):
            path.unlink()

    def _make_room(self) -> None:
        """Remove what was read least lately, and what a process that ended amid a download has left."""
        left = self._most_bytes
        for path, found in sorted(self._kept(), key=lambda each: each[1].st_mtime_ns, reverse=True):
            left -= found.st_size
            if left < 0:
                self.drop(path)

    def _kept(self) -> Iterator[tuple[Path, os.stat_result]]:
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    found = entry.stat(follow_symlinks=False)
                    if _NAME.fullmatch(entry.name):
                        yield Path(entry.path), found
                    elif entry.name.startswith(_UNFINISHED) and found.st_mtime < time.time() - _SECONDS_TO_FINISH:
                        self.drop(Path(entry.path))


def _is_whole(path: Path, found: os.stat_result) -> bool:
    """Tell whether a file has the content by whose digest it is called."""
    try:
        _compare(path, found.st_dev, found.st_ino)
    except (OSError, ValueError):
        return False
    return True


@lru_cache(maxsize=10_000)
def _compare(path: Path, _device: int, _inode: int) -> None:
    """Read a file, once as long as it is the same one; raises ValueError, which is not kept, for another digest."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, partial(hashlib.sha1, usedforsecurity=False)).hexdigest()
    if digest != path.name:
        raise ValueError(digest)
