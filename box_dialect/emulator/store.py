"""Keep the state of what an emulator serves: of the resources that it ships, and of further ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .resources import SHIPPED
from .resources.comments import Comment
from .resources.comments import add_comment as _add_comment
from .state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .planted import Planted
    from .resource import Resource


class Store(State):
    """The state of some resources."""

    comments: dict[str, Comment]
    add_comment = _add_comment

    def __init__(self, enterprise_id: str = "491291", resources: Iterable[Resource[Any]] = SHIPPED) -> None:
        self.resources = tuple(resources)
        super().__init__(enterprise_id, [resource.entity for resource in self.resources if resource.entity])

    def seed_resources(self, planted: Planted) -> None:
        """Let each resource add what it has of a seed."""
        for resource in self.resources:
            if resource.seed is not None:
                resource.seed(self, planted)
