"""Read the files that hold secrets: keys, settings, and what `file:PATH` refers to.

What others may change is refused, as OpenSSH refuses it, for they could put in secrets of their own. What a system does
not have, such as owners and modes on Windows, is not looked at.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import logging
import operator
import os
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES: Final = 1 << 20
"""Bytes of a secret at most: a key store has some thousands."""

_FLAGS: Final = ("O_CLOEXEC", "O_NONBLOCK", "O_NOCTTY", "O_BINARY")
_ROOT: Final = 0

_log: Final = logging.getLogger("box_dialect")


def read_secret(path: Path, *, most_bytes: int = MOST_BYTES, follow: bool = True) -> bytes:
    """Return what a file holds; with `follow` the last part of its path may be a link.

    Never waits, as for who writes to a pipe. Raises OSError, whose `strerror` says why and what to do: where there is
    no such file or it is none, where it is too large, or where others may change it, its folder, or the link to it.
    What belongs to another user in a folder of theirs is only warned of, since containers show files so.
    """
    if follow:
        check_link(path)
    names = _FLAGS if follow else (*_FLAGS, "O_NOFOLLOW")
    flags = functools.reduce(operator.or_, (getattr(os, name, 0) for name in names), os.O_RDONLY)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - a descriptor is no path
        _check(path, os.fstat(file.fileno()))
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, f"it has more than {most_bytes} bytes, which no such file has")
    return content


def check_secret(path: Path) -> None:
    """Raise OSError where `read_secret` would, for a file that something else opens."""
    check_link(path)
    _check(path, path.stat())


def check_link(path: Path) -> None:
    """Raise OSError where a path is a link that another user made; a missing one is none."""
    with contextlib.suppress(FileNotFoundError):
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode) and _is_anothers(found):
            raise PermissionError(errno.EPERM, "it is a link that belongs to another user, who may lead it elsewhere")


def check_folder(path: Path) -> None:
    """Raise OSError where others may put another file in the place of the one at a path."""
    folder = path.resolve().parent
    found = folder.stat()
    if _may_others_write(found) and not found.st_mode & stat.S_ISVTX:
        raise PermissionError(
            errno.EPERM, f"others may replace it, for they may write to its folder; run: chmod go-w {folder}"
        )
    if _is_anothers(found):
        _warn(str(path), "the folder of")


def _check(path: Path, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe, a device or a socket, and no file")
    check_folder(path)
    if _may_others_write(found):
        raise PermissionError(errno.EPERM, f"others may change it; run: chmod go-w {path}")
    if not _is_anothers(found):
        return
    if _may_others_write(path.resolve().parent.stat()):
        raise PermissionError(errno.EPERM, "it belongs to another user, in a folder where all may put files")
    _warn(str(path), "")


def _is_anothers(found: os.stat_result) -> bool:
    """Tell whether a file belongs to neither this user nor the system's."""
    return hasattr(os, "geteuid") and found.st_uid not in {_ROOT, os.geteuid()}


def _may_others_write(found: os.stat_result) -> bool:
    if not hasattr(os, "geteuid"):
        return False
    by_group = found.st_mode & stat.S_IWGRP and not _is_of_one_user(found.st_gid, found.st_uid)
    return bool(found.st_mode & stat.S_IWOTH or by_group)


def _is_of_one_user(group: int, user: int) -> bool:
    """Tell whether a group has that user alone, as many systems give each user one, whose files it may write."""
    try:
        import grp
        import pwd

        name, found = pwd.getpwuid(user).pw_name, grp.getgrgid(group)
    except (ImportError, KeyError):
        return False
    return found.gr_name == name and set(found.gr_mem) <= {name}


@functools.lru_cache(maxsize=256)
def _warn(path: str, what: str) -> None:
    """Warn of a path once."""
    _log.warning("%s %s, which holds a secret, belongs to another user, who may change it", what or "the file", path)
