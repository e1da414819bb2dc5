"""Keep taxonomies: trees of nodes, which fields of templates take their values from.

Source: https://developer.box.com/reference/resources/metadata-taxonomy/
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from box_dialect.emulator.entities import Entity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.state import State

_NAMES = uuid.UUID("6f1c0d4e-2b0c-5f0e-9a39-1f5d3a3c7c11")


def identify(*parts: object) -> str:
    """Return the UUID of what some parts name; the same parts give the same one."""
    return str(uuid.uuid5(_NAMES, "/".join(map(str, parts))))


@dataclass(slots=True, eq=False, kw_only=True)
class Taxonomy(Entity):
    """A tree of values; `levels` are the display names and descriptions of its levels, the first one at the top."""

    type, table, first_id = "metadata_taxonomy", "metadata_taxonomies", 982_000_001
    key: str
    display_name: str
    namespace: str
    levels: list[Json] = field(default_factory=list)

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)

    def node(self, identity: object) -> Node | None:
        """Return the node of this taxonomy that has an id."""
        return self.of(Node).get(identity) if isinstance(identity, str) else None


@dataclass(slots=True, eq=False, kw_only=True)
class Node(Entity):
    """A value of a taxonomy, at a level that counts from 1."""

    type, table, first_id = "metadata_taxonomy_node", "metadata_taxonomy_nodes", 983_000_001
    owners = ("taxonomy", "parent")
    taxonomy: Taxonomy
    display_name: str
    level: int
    parent: Node | None = None

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)

    def ancestors(self) -> Iterator[Node]:
        """Yield the nodes above this one, the nearest first."""
        step = self.parent
        while step is not None:
            yield step
            step = step.parent


def taxonomy_of(store: State, namespace: str, key: str) -> Taxonomy | None:
    """Return the taxonomy of a namespace that has a key."""
    every = store.of(Taxonomy).values()
    return next((each for each in every if (each.namespace, each.key) == (namespace, key)), None)


def add_taxonomy(store: State, key: str, *levels: str, display_name: str | None = None) -> Taxonomy:
    """Make a taxonomy of the enterprise, with levels of these display names; the key must be free."""
    return store.add(
        Taxonomy(
            key=key, display_name=display_name or key, namespace=f"enterprise_{store.enterprise['id']}",
            levels=[{"displayName": name, "description": ""} for name in levels],
        )
    )  # fmt: skip


def add_node(store: State, taxonomy: Taxonomy, display_name: str, parent: Node | None = None) -> Node:
    """Add a node to a taxonomy, at the level below its parent's."""
    level = 1 if parent is None else parent.level + 1
    return store.add(Node(taxonomy=taxonomy, display_name=display_name, level=level, parent=parent))


def written_node(node: Node) -> Json:
    """Write a node."""
    above: list[Any] = [
        {"id": each.id, "displayName": each.display_name, "level": each.level} for each in node.ancestors()
    ]
    written = {"id": node.id, "displayName": node.display_name, "level": node.level}
    if node.parent is None:
        return written
    nearest_last = above[::-1]
    path = [each["id"] for each in nearest_last]
    return {**written, "parentId": node.parent.id, "nodePath": path, "ancestors": nearest_last}
