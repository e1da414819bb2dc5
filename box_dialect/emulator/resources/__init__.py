"""Serve the operations, one module for each group of Box's reference; every function declares its operation."""

from box_dialect.emulator.routing import OPERATIONS, Operation

from . import (
    collaborations,
    collections,
    comments,
    events,
    extracted_text,
    files,
    folders,
    groups,
    search,
    shared_items,
    trash,
    uploads,
    users,
    versions,
    web_links,
)
from .downloads import download

__all__ = ["download", "operations"]

_MODULES = (
    collaborations, collections, comments, events, extracted_text, files, folders, groups, search, shared_items, trash,
    uploads, users, versions, web_links,
)  # fmt: skip


def operations() -> list[Operation]:
    """Return all operations that the modules declare."""
    return OPERATIONS
