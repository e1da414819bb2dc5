"""Lanes: nodes that wait to be read, a stack for each user as whom they are, so that none waits for another's calls."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

Node = TypeVar("Node")


class Lanes(Generic[Node]):
    """The nodes that wait; `lane_of` tells the lane of one. Next is the latest of the lane that has fewest in flight.

    Box limits the calls of each user apart: a lane whose calls wait for that takes no more than its part of those that
    may be in flight.
    """

    def __init__(self, nodes: Iterable[Node], lane_of: Callable[[Node], Hashable]) -> None:
        self._lane_of = lane_of
        self._stacks: dict[Hashable, list[Node]] = {}
        self._in_flight: Counter[Hashable] = Counter()
        self.extend(nodes)

    def __len__(self) -> int:
        return sum(map(len, self._stacks.values()))

    def __bool__(self) -> bool:
        return bool(self._stacks)

    def extend(self, nodes: Iterable[Node]) -> None:
        """Add nodes, of which the last one is to be read next."""
        for node in nodes:
            self._stacks.setdefault(self._lane_of(node), []).append(node)

    def pop(self) -> Node:
        """Take the next node, which is in flight from now on."""
        lane = min(self._stacks, key=self._in_flight.__getitem__)
        stack = self._stacks[lane]
        node = stack.pop()
        if not stack:
            del self._stacks[lane]
        self._in_flight[lane] += 1
        return node

    def done(self, node: Node) -> None:
        """Take note that a node is not in flight any more."""
        lane = self._lane_of(node)
        self._in_flight[lane] -= 1
        if not self._in_flight[lane]:
            del self._in_flight[lane]

    def clear(self) -> None:
        """Forget the nodes that wait."""
        self._stacks.clear()
