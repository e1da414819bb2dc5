"""Keep the state of what an emulator serves: of the resources that it ships, and of further ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .governance.legal_holds import is_held
from .governance.retention import is_retained
from .metadata.cascades import Cascades
from .metadata.document import QueryIndex
from .metadata.instances import add_instance as _add_instance
from .metadata.taxonomies import add_node as _add_node
from .metadata.taxonomies import add_taxonomy as _add_taxonomy
from .metadata.templates import add_template as _add_template
from .resource import features_of
from .resources import SHIPPED
from .resources.comments import Comment
from .resources.comments import add_comment as _add_comment
from .resources.recent_items import follow
from .seed_governance import plant_classifications, plant_governance
from .seed_people import plant_people
from .state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .planted import Planted
    from .resource import Resource


class Store(State):
    """The state of some resources; `features` names those that the enterprise has, of `known_features`."""

    comments: dict[str, Comment]
    add_comment = _add_comment
    add_template, add_instance = _add_template, _add_instance
    add_taxonomy, add_node = _add_taxonomy, _add_node

    def __init__(self, enterprise_id: str = "491291", resources: Iterable[Resource[Any]] = SHIPPED) -> None:
        self.resources = tuple(resources)
        self.known_features = self.features = features_of(self.resources)
        super().__init__(enterprise_id, [resource.entity for resource in self.resources if resource.entity])
        self.query_index = QueryIndex(self.items)
        self.indexes.append(self.query_index)
        self.cascades = Cascades(self)
        self.arrivals.append(self.cascades.arrive)
        self.keepers += (partial(is_retained, self), partial(is_held, self))

    def record(self, *event: Any, **options: Any) -> None:
        """Append an event, which may be what a user did with an item."""
        super().record(*event, **options)
        follow(self)

    def expire(self) -> None:
        """Do what it is time for: remove what was to last until now, and let cascade what is to."""
        super().expire()
        self.cascades.run()

    def seed_resources(self, planted: Planted) -> None:
        """Let each resource add what it has of a seed."""
        for resource in self.resources:
            if resource.seed is not None:
                resource.seed(self, planted)
        plant_people(self, planted)
        plant_governance(self, planted)
        plant_classifications(self, planted)
