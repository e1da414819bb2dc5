"""Request: what is to be copied to where, and what planning it takes."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from box_dialect.content.copies.copy import Conflict, Plan
from box_dialect.content.copies.local import refused_by_box
from box_dialect.content.items import names_of
from box_dialect.errors import ProgrammingError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.api import CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.content.account import Account
    from box_dialect.content.copies.box_folders import BoxFolders
    from box_dialect.content.copies.unfinished import UnfinishedUploads

_SEPARATORS = "".join(filter(None, ("/", os.sep, os.altsep)))


@dataclass(frozen=True, slots=True)
class Operand:
    """A path at Box, or of this machine, as a source or a target is given; `text` is how it is written.

    Raises ProgrammingError for a path at Box that has `..` in it, or `.` before its end, or a name that none has there,
    and for an empty one of this machine.
    """

    path: str
    is_at_box: bool
    text: str

    def __post_init__(self) -> None:
        if not self.is_at_box:
            if not self.path:
                raise ProgrammingError("an empty text is no path; write . for the current folder")
            return
        if {".", ".."} & {*self.path.removesuffix("/.").split("/")}:
            raise ProgrammingError(f"{printable(self.text)} has . or .. in it; write a path at Box from the root on")
        if why := refused_by_box(self.path):
            raise ProgrammingError(f"{printable(self.text)} is no path at Box: {why}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names that a path at Box is made of."""
        return names_of(self.path.removesuffix("/."))

    @property
    def name(self) -> str:
        """The name of what is copied; empty where the path means what is in a folder, as `x/.` and the root do."""
        name = os.path.basename(self.path.rstrip(_SEPARATORS))  # noqa: PTH119 - pathlib drops the dot
        return "" if name in {".", ".."} else name

    @property
    def names_folder(self) -> bool:
        """Whether it can be nothing but a folder."""
        return not self.path or self.path[-1] in _SEPARATORS or not self.name


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be copied to where; raises ProgrammingError where no side is at Box.

    Folders are copied where it is `recursive`, what links lead to with `follow`, nothing where it is `dry`.
    """

    sources: Sequence[Operand]
    target: Operand
    recursive: bool = False
    follow: bool = False
    dry: bool = False
    conflict: Conflict = Conflict.FAIL

    def __post_init__(self) -> None:
        for each in self.sources:
            if not (each.is_at_box or self.target.is_at_box):
                raise ProgrammingError(
                    f"neither {printable(each.text)} nor {printable(self.target.text)} is at Box; a path at Box begins "
                    "with box:, as in box:/Contracts"
                )


@dataclass(frozen=True, slots=True)
class Planning:
    """What the plan of a request is made with."""

    request: Request
    account: Account
    client: BoxClient
    count: CallCount
    folders: BoxFolders
    unfinished: UnfinishedUploads
    plan: Plan = field(default_factory=Plan)

    def takes_folder(self, source: Operand, *, into_folder: bool) -> bool:
        """Tell whether a source that is a folder is copied; where it is not, the plan takes note of why."""
        target = self.request.target.text
        if not self.request.recursive:
            self.plan.fail(source.text, "it is a folder; -r copies folders")
        elif not into_folder:
            self.plan.fail(source.text, f"{target} is no folder that is there; write {target}/ to have one made")
        return self.request.recursive and into_folder
