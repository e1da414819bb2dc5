"""Hold the entities of all kinds: by id, in the order that they came, and with their owners.

A kind is a class that declares its name, its table, the first of its ids, and which attributes name its owners. An
entity goes when one of its owners goes, as rows do by ON DELETE CASCADE, and takes along what it owns itself.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeAlias, TypeVar

from . import clock
from .representations import Represented

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

E = TypeVar("E", bound="Entity")
Kind: TypeAlias = "type[E]"
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(slots=True, eq=False, kw_only=True)
class Entity(Represented):
    """What Box gives an id to. Times are Unix seconds; attributes bear the names of Box's fields.

    `type` is the kind as Box names it, `table` what the table of its entities is called. `owners` names the attributes
    that hold what it is removed with; the first says what it is about. No two entities of a kind have equal attributes
    `unique`, whatever their case. By the words of `searched`, a content type of search and an attribute, search finds
    the item that the entity is about, and queries find it by what an entity says that `is_queried`. `etag` counts the
    changes, for kinds that have the field. `tables` holds what it owns.
    """

    type: ClassVar[str]
    table: ClassVar[str]
    first_id: ClassVar[int]
    owners: ClassVar[tuple[str, ...]] = ()
    unique: ClassVar[tuple[str, ...]] = ()
    searched: ClassVar[tuple[str, str] | None] = None
    is_queried: ClassVar[bool] = False
    id: str = ""
    created_at: int | None = None
    modified_at: int | None = None
    etag: int = 0
    tables: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, repr=False)

    def __init_subclass__(cls) -> None:
        cls.__repr__ = Entity.__repr__  # type: ignore[method-assign]  # or dataclasses would write all that it refers to

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    @classmethod
    def identity(cls, number: int) -> str:
        """Return the id of the entity of this kind that has a number: the number itself, unless a kind knows better."""
        return str(number)

    def own_id(self, free: str) -> str:
        """Return the id of this entity, for which `free` is one that no other has; a kind may know better."""
        return free

    def of(self, kind: Kind[E]) -> Mapping[str, E]:
        """Return the entities of a kind that this one owns, by id."""
        return self.tables.get(kind.table, _NONE)

    def copy_for(self, _owner: Entity) -> Self | None:
        """Return what a copy of what the entity is about has of it: nothing, unless a kind knows better."""
        return None

    def each_owner(self) -> Iterator[Entity]:
        """Yield the owners."""
        for name in self.owners:
            owner = getattr(self, name)
            if owner is not None:
                yield owner


class Tables:
    """The entities of some kinds, each kind by id.

    Raises ValueError for kinds that share what is to tell them apart.
    """

    def __init__(self, kinds: Iterable[type[Entity]]) -> None:
        kinds = tuple(dict.fromkeys(kinds))
        for name in ("type", "table", "first_id"):
            _check_differ(kinds, name)
        self.tables: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, Iterator[int]] = {}
        for kind in kinds:
            self.tables[kind.table] = {}
            self._ids[kind.type] = itertools.count(kind.first_id)
        self._ends: dict[Entity, int] = {}

    def of(self, kind: Kind[E]) -> dict[str, E]:
        """Return the entities of a kind, by id."""
        return self.tables[kind.table]

    def next_id(self, kind: type[Entity]) -> str:
        """Return an id that no entity of this kind has."""
        return kind.identity(next(self._ids[kind.type]))

    def add(self, entity: E, at: int | None = None) -> E:
        """Give an entity its id and, as far as it has none, its times, which are `at` or now; enter it everywhere."""
        at = clock.now() if at is None else at
        entity.id = entity.own_id(self.next_id(type(entity)))
        entity.created_at = at if entity.created_at is None else entity.created_at
        entity.modified_at = at if entity.modified_at is None else entity.modified_at
        self.tables[entity.table][entity.id] = entity
        _join_owners(entity)
        return entity

    def change(self, entity: Entity, changes: Mapping[str, Any]) -> None:
        """Set attributes of an entity, which gets a new etag and a new time."""
        is_moved = not changes.keys().isdisjoint(entity.owners)
        if is_moved:
            _leave_owners(entity)
        for name, value in changes.items():
            setattr(entity, name, value)
        if is_moved:
            _join_owners(entity)
        entity.etag += 1
        entity.modified_at = clock.now()

    def remove(self, entity: Entity) -> None:
        """Remove an entity with all that it owns."""
        self.remove_owned(entity)
        del self.tables[entity.table][entity.id]
        self._ends.pop(entity, None)
        _leave_owners(entity)

    def remove_owned(self, owner: Entity) -> None:
        """Remove all that an entity owns."""
        for table in list(owner.tables.values()):
            while table:
                self.remove(next(iter(table.values())))

    def remove_at(self, entity: Entity, time: int | None) -> None:
        """Let an entity be removed at a time, or with None last."""
        if time is None:
            self._ends.pop(entity, None)
        else:
            self._ends[entity] = time

    def remove_ended(self) -> None:
        """Remove the entities whose time is over."""
        now = clock.now()
        for entity in [entity for entity, time in self._ends.items() if time <= now]:
            if entity in self._ends:  # it may have gone with another one
                self.remove(entity)

    def twin(self, entity: Entity, changes: Mapping[str, Any] = _NONE) -> Entity | None:
        """Return another entity that has the unique attributes of one, or those that changes would give it."""
        wanted = [_folded(changes.get(name, getattr(entity, name))) for name in entity.unique]
        for other in self.tables[entity.table].values() if wanted else ():
            if other is not entity and [_folded(getattr(other, name)) for name in other.unique] == wanted:
                return other  # type: ignore[no-any-return]  # a table holds entities
        return None


def _check_differ(kinds: Iterable[type[Entity]], name: str) -> None:
    known: dict[Any, type[Entity]] = {}
    for kind in kinds:
        value = getattr(kind, name)
        other = known.setdefault(value, kind)
        if other is not kind:
            raise ValueError(f"{other.__name__} and {kind.__name__} have the same {name}, {value!r}")


def _join_owners(entity: Entity) -> None:
    for owner in entity.each_owner():
        owner.tables.setdefault(entity.table, {})[entity.id] = entity


def _leave_owners(entity: Entity) -> None:
    for owner in entity.each_owner():
        owner.tables[entity.table].pop(entity.id, None)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
