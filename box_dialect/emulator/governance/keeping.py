"""Tell what lies where, and whether something keeps a file from being deleted for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.emulator.model import File, Folder, Item, Version
    from box_dialect.emulator.state import State


def lies_in(item: Item, folder: Folder) -> bool:
    """Tell whether an item lies in a folder, however deep."""
    step = item.parent
    while step is not None and step is not folder:
        step = step.parent
    return step is folder


def version_named(store: State, identity: str) -> tuple[File, Version] | None:
    """Return a version of any file, with its file, by its id."""
    return next(((file, version) for file, version in versions(store) if version.id == identity), None)


def versions(store: State) -> Iterator[tuple[File, Version]]:
    """Yield each version of each file, the current one of a file last."""
    for file in store.files.values():
        for version in file.versions:
            yield file, version
