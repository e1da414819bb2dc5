"""Tell what a seed planted, for resources to add what is theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from box_dialect.emulator.model import File, Folder, User

DAY = 86400
EPOCH = 1_420_099_200  # 2015-01-01T08:00:00Z: seeds tell the time from here and not from the clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """What a seed planted: people, and files that something may be added to.

    `named` holds the items of the default tree by their names; other seeds have none. `counts` says of how many
    entities of a table each file is to have, where options ask for a number.
    """

    users: Sequence[User]
    files: Sequence[File] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def filed(self) -> list[tuple[File, Folder]]:
        """The files that lie in a folder which is no root, each with this folder."""
        places = [(file, file.parent) for file in self.files]
        return [(file, folder) for file, folder in places if folder is not None and folder.id != "0"]
