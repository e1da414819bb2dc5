"""Serve the operations, one module for each group of Box's reference; every function declares its operation."""

from ..routing import OPERATIONS, Operation
from . import comments, files, folders, users
from .downloads import download

__all__ = ["download", "operations"]

_MODULES = (comments, files, folders, users)


def operations() -> list[Operation]:
    """Return all operations that the modules declare."""
    return OPERATIONS
