"""Let policies cascade: what a folder has of a template comes to what lies below it.

It comes to what is put below the folder, and, when a policy is applied, to all that lies there.

Source: https://developer.box.com/guides/metadata/cascades
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from box_dialect.emulator import clock
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import File, Folder

from .instances import Instance, change_values, instance_of
from .query import is_below
from .taxonomies import identify

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.emulator.model import Item
    from box_dialect.emulator.state import State

    from .templates import Template


@dataclass(slots=True, eq=False, kw_only=True)
class CascadePolicy(Entity):
    """That what a folder has of a template cascades."""

    type, table, first_id = "metadata_cascade_policy", "metadata_cascade_policies", 985_000_001
    owners = ("folder", "template")
    folder: Folder
    template: Template

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)


class Cascades:
    """What is to cascade: from the next call on, or some seconds (`lag`) later; at Box, too, nothing tells when."""

    lag: float = 0

    def __init__(self, store: State) -> None:
        self._store = store
        self._waiting: list[tuple[float, Callable[[], None]]] = []

    def arrive(self, item: Item) -> None:
        """Let come to an item that was put into a folder, and to all below it, what cascades from above."""
        folder = item.parent
        while folder is not None:
            for policy in folder.of(CascadePolicy).values() if folder.tables else ():
                self._add(partial(self._reach, policy, item, overwrite=False))
            folder = folder.parent

    def apply(self, policy: CascadePolicy, *, overwrite: bool) -> None:
        """Let come to all below the folder of a policy what the folder has, also in place of what is there."""
        self._add(partial(self._reach, policy, policy.folder, overwrite=overwrite))

    def run(self) -> None:
        """Carry out what it is time for."""
        latest = clock.exact() - self.lag if self.lag else math.inf
        due = [carry_out for since, carry_out in self._waiting if since <= latest]
        self._waiting = [entry for entry in self._waiting if entry[0] > latest]
        for carry_out in due:
            carry_out()

    def _add(self, action: Callable[[], None]) -> None:
        self._waiting.append((clock.exact(), action))

    def _reach(self, policy: CascadePolicy, item: Item, *, overwrite: bool) -> None:
        source = instance_of(policy.folder, policy.template)
        if source is None or not self._is_current(policy, item):
            return
        for each in self._store.walk(item):
            if each is policy.folder or not isinstance(each, File | Folder):
                continue
            known = instance_of(each, policy.template)
            if known is None:
                self._store.add(Instance(item=each, template=policy.template, values=dict(source.values)))
            elif overwrite:
                change_values(self._store, known, known.values | source.values)

    def _is_current(self, policy: CascadePolicy, item: Item) -> bool:
        """Tell whether there still are a policy and an item that is its folder, or lies below that."""
        are_known = policy.id in self._store.of(CascadePolicy) and item.id in self._store.items[item.type]
        return are_known and (item is policy.folder or is_below(item, [policy.folder]))
