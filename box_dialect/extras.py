"""The extras of the package: libraries that one part of it needs, and that are installed with that part alone."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def extra(name: str, module: str | None = None) -> Iterator[None]:
    """Import what a module of the package needs, or say how to install the extra; the module has its name by default.

    Raises ModuleNotFoundError.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"box_dialect.{module or name} needs {error.name} ({error}); run: pip install 'box-dialect[{name}]'",
            name=error.name,
        ) from None
