"""Where a result goes: standard output, or a file, which is replaced whole or not at all."""

from __future__ import annotations

import secrets
import shutil
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from box_dialect.cli.account import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def writing(path: Path | None) -> Iterator[BinaryIO]:
    """Give the stream that a result is written to, standard output where there is no path.

    A file takes its name at the end of the block; where the block fails, there is what was there before. What is no
    regular file, such as a pipe or a device, is written to as it is. Raises Failure where it cannot be written.
    """
    if path is None:
        yield sys.stdout.buffer
    else:
        with _told(path), _opened(path) as file:
            yield file


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    path = path.resolve()  # a link stays one
    partial = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        with partial.open("xb") as file:
            if path.exists():
                shutil.copymode(path, partial)
            yield file
        partial.replace(path)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror or error}", ExitCode.USAGE) from None
