"""Write files that hold secrets."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from box_dialect.errors import SignInError
from box_dialect.properties.secret_files import check_folder

if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put a file with this content, for the user alone, in the place of the one that is there, whole or not at all.

    Whoever calls holds the file's lock. Raises SignInError and leaves the file as it is where the disk is full, or
    the folder may not be written to, or may be by others.
    """
    partial = path.with_name(f"{path.name}.new")
    try:
        check_folder(path)
        partial.unlink(missing_ok=True)  # a process that was killed left it; opened, it would keep its mode
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            with open(os.open(partial, flags, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor is no path
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise SignInError(
            f"cannot write {path}: {error.strerror or error}; what was there before is unharmed"
        ) from None


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a loss of power, where the file system can."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EACCES}:
            raise
