"""Local files: those of this machine that procedures read and write, below one folder, and nothing beside it.

A path is gone along step by step, each step opened within the one before (openat of POSIX.1-2008), and no symbolic link
is followed. So what a path names cannot change between the check and the use of it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO, Final

from box_dialect.errors import DataError, NotSupportedError, OperationalError, ProgrammingError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_CAN_OPEN_WITHIN: Final = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_FOLDER: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_WITHIN: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_READING: Final = os.O_RDONLY | _WITHIN | getattr(os, "O_NONBLOCK", 0)  # which does not wait for who writes a pipe
_MAKING: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _WITHIN

_OWN: Final = 0o600
"""Who may read what is written: its owner alone."""


class LocalFiles:
    """The files below a folder, each by its path there: `2026/report.pdf`, or `/data/2026/report.pdf` in `/data`."""

    def __init__(self, folder: str) -> None:
        self._folder = PurePath(folder)

    def check(self, path: str) -> None:
        """Raise DataError for what is no path of a file below the folder; nothing is looked at."""
        self._steps(path)

    @contextlib.contextmanager
    def reading(self, path: str) -> Iterator[BinaryIO]:
        """Open a file; raises DataError for a path that leads elsewhere, OperationalError where it cannot be read."""
        steps = self._steps(path)
        with _told(path, "read"), contextlib.ExitStack() as stack:
            with self._parent(steps) as parent:
                descriptor = os.open(steps[-1], _READING, dir_fd=parent)
            stack.callback(os.close, descriptor)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DataError(f"the local path {printable(path)} is no file")
            yield stack.enter_context(os.fdopen(descriptor, "rb", closefd=False))

    @contextlib.contextmanager
    def writing(self, path: str, *, replaces: bool) -> Iterator[BinaryIO]:
        """Write a new file, or one that `replaces` another; it is there once it is whole, and not at all if it fails.

        Its folder must be there. Raises DataError for a path that leads elsewhere, OperationalError where it cannot be
        written, as where there is one already.
        """
        steps = self._steps(path)
        with _told(path, "written"), self._parent(steps) as parent:
            name, beginning = steps[-1], f".box-{secrets.token_hex(8)}.part"
            if not replaces and _is_there(name, parent):
                raise FileExistsError
            try:
                with os.fdopen(os.open(beginning, _MAKING, _OWN, dir_fd=parent), "wb") as file:
                    yield file
                if replaces:
                    os.replace(beginning, name, src_dir_fd=parent, dst_dir_fd=parent)
                else:  # which fails where there is one by now
                    os.link(beginning, name, src_dir_fd=parent, dst_dir_fd=parent, follow_symlinks=False)
            finally:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(beginning, dir_fd=parent)

    @contextlib.contextmanager
    def _parent(self, steps: tuple[str, ...]) -> Iterator[int]:
        """Yield a descriptor of the folder that holds a file."""
        if not _CAN_OPEN_WITHIN:
            raise NotSupportedError(
                "local files need a system that opens a file within a folder, as Linux and macOS do"
            )
        descriptor = os.open(self._folder, _FOLDER)
        try:
            for step in steps[:-1]:
                below = os.open(step, _FOLDER | _WITHIN, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            yield descriptor
        finally:
            os.close(descriptor)

    def _steps(self, path: str) -> tuple[str, ...]:
        """Return the names that lead to a file, the first one in the folder."""
        pure = PurePath(path)
        if pure.is_absolute() and pure.is_relative_to(self._folder):
            pure = pure.relative_to(self._folder)
        steps = pure.parts
        if pure.is_absolute() or pure.drive or not steps or ".." in steps or "\0" in path or path[-1:] in {"/", "\\"}:
            raise DataError(
                f"the local path {printable(path)} leads to no file below the folder of the property LocalFiles; give "
                "the path from there on, without steps `..`"
            )
        return steps


def local_files(folder: str | None) -> LocalFiles:
    """Return the files below the folder of the property `LocalFiles`; raises ProgrammingError where it names none."""
    if folder is None:
        raise ProgrammingError("local files need the property LocalFiles, which names the folder that they are below")
    return LocalFiles(folder)


def _is_there(name: str, parent: int) -> bool:
    try:
        os.lstat(name, dir_fd=parent)
    except FileNotFoundError:
        return False
    return True


@contextlib.contextmanager
def _told(path: str, what: str) -> Iterator[None]:
    """Raise OperationalError for what the system says of a path."""
    try:
        yield
    except FileExistsError:
        raise OperationalError(
            f"the local file {printable(path)} is there already; give another path, or have it replaced by Replace"
        ) from None
    except OSError as error:
        raise OperationalError(
            f"the local file {printable(path)} cannot be {what} ({error.strerror or type(error).__name__}); it must "
            "lie in a folder that is there, and no step of its path may be a symbolic link"
        ) from None
