"""What Box says of paths, as the exceptions that file systems raise."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from box_dialect.api import says_absent
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BY_CODE: Final[Mapping[str, int]] = {
    "item_name_in_use": errno.EEXIST,
    "folder_not_empty": errno.ENOTEMPTY,
}
"""The numbers of the system's errors, of which Python makes the exception, by the codes of Box's."""


@contextmanager
def as_os_errors(path: str) -> Iterator[None]:
    """Raise FileNotFoundError, FileExistsError or OSError of a path for what Box says so of; pass all else on."""
    try:
        yield
    except DatabaseError as error:
        number = errno.ENOENT if says_absent(error) else _BY_CODE.get(error.diag.code or "")
        if number is None:
            raise
        raise os_error(number, path) from error


def os_error(number: int, path: str) -> OSError:
    """Return the exception for an error of the system's with a path, such as FileNotFoundError for ENOENT."""
    return OSError(number, os.strerror(number), path)
