"""Unfinished upload: what a file of this machine keeps of an upload in parts, so that another process goes on with it.

What is here is called in worker threads.
"""

from __future__ import annotations

import os
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Struct

from box_dialect.api.locked_file import beside, locked_file
from box_dialect.api.upload_session import MOST_BYTES_OF_PART
from box_dialect.errors import DatabaseError, ProgrammingError

if TYPE_CHECKING:
    import io
    from collections.abc import Mapping

    from box_dialect.api.upload_target import UploadTarget

_MOST_BYTES: Final = 1 << 16
"""Bytes of a file that keeps an upload: the longest name that Box takes needs a few thousand."""

_BINARY: Final = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_OPENING: Final = os.O_RDWR | os.O_CREAT | _BINARY
_MAKING: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY

_OWN: Final = 0o600
"""Who may read what is written: its owner alone."""


class KeptUpload(Struct, frozen=True, tag_field="box_dialect", tag="unfinished upload"):
    """An upload session that Box has begun, with the bytes of its parts and of the whole, and where the file goes.

    `sha1` is that of the whole in hexadecimal, once Box has all parts and was told to make the file.
    """

    session_id: Annotated[str, msgspec.Meta(min_length=1)]
    part_size: Annotated[int, msgspec.Meta(ge=1, le=MOST_BYTES_OF_PART)]
    size: Annotated[int, msgspec.Meta(ge=1)]
    name: str | None
    parent_id: str | None
    file_id: str | None
    sha1: str | None = None

    @classmethod
    def of(cls, target: UploadTarget, session_id: str, part_size: int, size: int) -> KeptUpload:
        """Return what is kept of a session that has begun."""
        return cls(session_id, part_size, size, target.name, target.parent_id, target.file_id)

    def goes_to(self, target: UploadTarget) -> bool:
        """Tell whether the file goes where another upload goes."""
        return (self.name, self.parent_id, self.file_id) == (target.name, target.parent_id, target.file_id)

    def is_of(self, file: Mapping[str, Any]) -> bool:
        """Tell whether Box's file is the one that was uploaded: by its id, or by its name and its folder."""
        if self.file_id is not None:
            return file.get("id") == self.file_id
        parent = file.get("parent")
        return isinstance(parent, dict) and (file.get("name"), parent.get("id")) == (self.name, self.parent_id)


class UnfinishedUpload:
    """The file in which an upload is kept; `kept` is None where there is none, or it cannot be read to its end.

    It is locked until it is closed. Raises OSError for what cannot be opened, ProgrammingError for a file that has
    anything else, which stays as it is, OperationalError where another upload has it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(os.path.realpath(path))
        self._lock = threading.Lock()  # who keeps an upload may be at it when the wait for that was cancelled
        self._is_closed = False
        self._file = locked_file(self.path, _OPENING, _OWN, "upload")
        try:
            self.kept = _read(self._file, self.path)
        except BaseException:
            self._file.close()
            raise

    def keep(self, kept: KeptUpload) -> None:
        """Replace what is kept, all of it at once."""
        new = beside(self.path, secrets.token_hex(8))
        with self._lock:
            if self._is_closed:
                return
            file = locked_file(new, _MAKING, _OWN, "upload")
            try:
                file.write(msgspec.json.encode(kept))
                os.fsync(file.fileno())
                if os.name == "nt":  # where an open file is neither renamed nor replaced
                    file.close()
                    self._file.close()
                new.replace(self.path)
            except BaseException:
                file.close()
                new.unlink(missing_ok=True)
                raise
            self._file.close()
            self._file, self.kept = file, kept

    def end(self) -> None:
        """Remove the file, since the upload is whole."""
        self.kept = None
        self.close()

    def close(self) -> None:
        """Let go of the file; one that keeps nothing is removed."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            if os.name == "nt":  # where an open file is not removed
                self._file.close()
            if self.kept is None:
                self.path.unlink(missing_ok=True)
            self._file.close()

    def tell(self, problem: Exception) -> None:
        """Have an exception say that the upload is kept."""
        sentence = f"the upload is kept in {self.path}, and the same call goes on from what has come"
        if isinstance(problem, DatabaseError):
            problem.args = (f"{problem}; {sentence}",)
        else:
            problem.add_note(sentence)


_BEGINNING: Final = b'{"box_dialect":"unfinished upload"'


def _read(file: io.FileIO, path: Path) -> KeptUpload | None:
    content = file.read(_MOST_BYTES)
    if not _BEGINNING.startswith(content[: len(_BEGINNING)]):
        raise ProgrammingError(
            f"{path} is not the file of an unfinished upload, and would be replaced by one; give another path, or "
            "remove it"
        )
    try:
        return msgspec.json.decode(content, type=KeptUpload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
