"""Files of this machine that are copied, and names that it takes. What is here is called in worker threads."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from box_dialect.errors import DataError, printable

if TYPE_CHECKING:
    from box_dialect.content.copies.copy import Plan

_REFUSED_BY_WINDOWS: Final = re.compile(
    r'[<>:"|?*\x00-\x1f]|[ .]\Z|\A(?:aux|con|nul|prn|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?\Z', re.IGNORECASE
)
"""Source: https://learn.microsoft.com/windows/win32/fileio/naming-a-file"""


@dataclass(frozen=True, slots=True)
class LocalItem:
    """A file or a folder of this machine; `names` are those of its target, from the folder that is copied to."""

    path: str
    names: tuple[str, ...]
    size: int
    is_folder: bool = False


def local_items(path: str, names: tuple[str, ...], plan: Plan, *, follow: bool) -> list[LocalItem]:
    """Return a folder with all that is below it, each after the folder that it is in.

    The plan takes note of what cannot be read or named at Box, and of symbolic links and of what is no file, which are
    left out. `follow` follows links, but for those that lead to a folder above themselves.
    """
    found: list[LocalItem] = []
    pending: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [(path, names, (os.path.realpath(path),))]
    while pending:
        folder, at, above = pending.pop()
        if at:
            found.append(LocalItem(folder, at, 0, is_folder=True))
        try:
            inside = sorted(os.scandir(folder), key=lambda each: each.name)
        except OSError as error:
            plan.fail(folder, reason(error))
            continue
        below = []
        for each in inside:
            try:
                item = _item(each, at, plan, follow=follow)
            except OSError as error:
                plan.fail(each.path, reason(error))
                continue
            if item is None:
                continue
            real = os.path.realpath(each.path) if item.is_folder else ""
            if real in above:
                plan.leave_out(each.path, "it leads to a folder that it is in")
            elif item.is_folder:
                below.append((item.path, item.names, (*above, real)))
            else:
                found.append(item)
        pending += reversed(below)
    return found


def _item(each: os.DirEntry[str], at: tuple[str, ...], plan: Plan, *, follow: bool) -> LocalItem | None:
    """Return what an entry of a folder is, None where the plan has taken note that it is not copied."""
    if why := refused_by_box(each.name):
        plan.fail(each.path, why)
        return None
    if each.is_symlink() and not follow:
        plan.leave_out(each.path, "it is a symbolic link; --follow copies what it leads to")
        return None
    told = each.stat()
    if stat.S_ISDIR(told.st_mode):
        return LocalItem(each.path, (*at, each.name), 0, is_folder=True)
    if not stat.S_ISREG(told.st_mode):
        plan.leave_out(each.path, "it is no file")
        return None
    return LocalItem(each.path, (*at, each.name), told.st_size)


def refused_by_box(name: str) -> str:
    """Return why Box takes no such name, where that is known without asking; Box itself tells what else it refuses."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is no text in the encoding of the file system; rename it"
    return "Box takes no name with a backslash; rename it" if "\\" in name else ""


def local_path(folder: str, names: tuple[str, ...], *, is_windows: bool = os.name == "nt") -> Path:
    """Return the path of names in a folder; raises DataError for a name that leads elsewhere, or that none can have."""
    for name in names:
        if not _is_local_name(name) or (is_windows and _REFUSED_BY_WINDOWS.search(name)):
            raise DataError(f"no file of this machine can have the name {printable(name)!r}; rename it at Box")
    return Path(folder, *names)


def _is_local_name(name: str) -> bool:
    if name in {"", ".", ".."} or {"/", "\x00"} & {*name}:
        return False
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return True


def type_at(path: Path) -> str | None:
    """Return the type of what is at a path, links followed: directory, file or other; None where nothing is.

    Raises OSError where nothing can be, as below a file or in a circle of links.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    return "directory" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"


def sha1_of(path: str | os.PathLike[str]) -> str:
    """Return the SHA-1 of a file in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()


def has_content(path: str | os.PathLike[str], size: int, sha1: str | None) -> bool:
    """Tell whether a path is a file of a size and a SHA-1."""
    path = Path(path)
    return path.is_file() and path.stat().st_size == size and sha1 is not None and sha1_of(path) == sha1.lower()


def reason(error: BaseException) -> str:
    """Return what an exception says: of one of the system's, what is wrong, for the path is shown beside it."""
    return (error.strerror if isinstance(error, OSError) and error.strerror else str(error)) or type(error).__name__
