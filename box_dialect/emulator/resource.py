"""Declare a resource of Box's reference: its entities, how they are written, its operations, and what a seed has of it.

A resource is one module of `resources/`, or of whoever gives it to an `Emulator`:

- the entity is a dataclass; `Resource` has its fields by level, and how those are read that are no attributes;
- `List`, `Get`, `Create`, `Update` and `Delete` declare what is as everywhere; what is odd is a function below
  `Resource.operation`, which takes a `Call` and returns a JSON object (status 200) or a `Reply`.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, fields
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias

from . import errors
from .entities import E
from .model import item_of
from .paging import offset_page
from .reply import Reply
from .representations import Representation, render, render_all
from .routing import API_VERSION, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .entities import Entity
    from .errors import BoxError
    from .features import Feature
    from .planted import Planted
    from .representations import Fields, Json, Reader
    from .routing import Call, Handler
    from .state import State

    Page: TypeAlias = Callable[[Mapping[str, str], Sequence[E]], tuple[Sequence[E], Json]]


def anybody(_call: Call) -> None:
    """Let any token make a call."""


def administers_the_enterprise(call: Call) -> None:
    """Refuse who may not administer the enterprise, and a token without the scope for its properties."""
    call.require_administrator("manage_enterprise_properties")


def administrators(*scopes: str) -> Callable[[Call], None]:
    """Return what lets only administrators make a call, with a token that has one of some scopes, if any are named."""
    return lambda call: call.require_administrator(*scopes)


def is_visible(call: Call, entity: Entity) -> bool:
    """Tell whether who is signed in may see the item that an entity is about, if it is about one."""
    item = item_of(entity)
    return item is None or call.sees(item)


def who_sees_the_item(call: Call, entity: Entity) -> None:
    """Raise the 404 for an entity that is about an item which who is signed in may not see."""
    if not is_visible(call, entity):
        raise errors.not_found(entity.type, entity.id)


def exists_already() -> BoxError:
    """Make the 409 for an entity that there is already."""
    return errors.conflict("conflict", "It exists already")


@dataclass(frozen=True, slots=True)
class Crud(Generic[E]):
    """An operation that is as everywhere. `body` is the type of its JSON; `event` is recorded of what it does.

    `permission`, `entity_permission`, `takes_fields` and `version` take the place of those of the resource;
    `checks_format` is that of `Operation`.
    """

    method: ClassVar[str]
    path: str
    body: Any = None
    _: KW_ONLY
    permission: Callable[[Call], object] | None = None
    entity_permission: Callable[[Call, E], object] | None = None
    event: str | None = None
    takes_fields: bool | None = None
    version: str | None = None
    checks_format: bool = False

    def answer(self, resource: Resource[E], call: Call) -> Json | Reply:
        """Answer a call."""
        raise NotImplementedError

    def found(self, resource: Resource[E], call: Call) -> E:
        """Return the entity that the path names."""
        entity = call.found(resource.kind)
        (self.entity_permission or resource.entity_permission)(call, entity)
        return entity

    def fields(self, resource: Resource[E], call: Call) -> str | None:
        """Return the fields that the caller asks for, if Box lets them."""
        takes_fields = resource.takes_fields if self.takes_fields is None else self.takes_fields
        return call.fields if takes_fields else None

    def written(self, resource: Resource[E], call: Call, entity: E) -> Json:
        """Write an entity with what the caller asks of it."""
        return render(entity, "standard", self.fields(resource, call))

    def record(self, call: Call, entity: E) -> None:
        """Record what was done."""
        if self.event is not None:
            call.store.record(self.event, call.user, entity)


@dataclass(frozen=True, slots=True)
class List(Crud[E]):
    """Answer a page of entities: those that `rows` returns, or all that are about nothing the caller may not see.

    `choices` are the values that parameters of the query may have, by the names of the parameters; `filters` tell by a
    parameter whether an entity is wanted, `order` is a sort key, `page` cuts the list.
    """

    method = "GET"
    _: KW_ONLY
    rows: Callable[[Call], Iterable[E]] | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    filters: Mapping[str, Callable[[E, str], bool]] = field(default_factory=dict)
    order: Callable[[E], Any] | None = None
    page: Page[E] = offset_page
    level: str = "mini"

    def answer(self, resource: Resource[E], call: Call) -> Json:
        """Answer the page that the caller asks for."""
        for name, allowed in self.choices.items():
            call.choice(name, allowed, allowed[0])
        every = call.store.of(resource.kind).values()
        rows = list(self.rows(call)) if self.rows else [row for row in every if is_visible(call, row)]
        for name, is_wanted in self.filters.items():
            if call.query.get(name):
                rows = [row for row in rows if is_wanted(row, call.query[name])]
        if self.order is not None:
            rows.sort(key=self.order)
        page, counters = self.page(call.query, rows)
        return {"entries": render_all(page, self.level, self.fields(resource, call)), **counters}


def owned(kind: type[E], owner: type[Entity], parameter: str) -> Callable[[Call], Iterable[E]]:
    """Return what finds the entities of a kind whose owner a parameter of the query names, which must be there."""
    return lambda call: call.found(owner, call.needed(parameter)).of(kind).values()


@dataclass(frozen=True, slots=True)
class Get(Crud[E]):
    """Answer one entity."""

    method = "GET"

    def answer(self, resource: Resource[E], call: Call) -> Json:
        """Answer the entity that the path names."""
        return self.written(resource, call, self.found(resource, call))


@dataclass(frozen=True, slots=True)
class Create(Crud[E]):
    """Make an entity, by `make` or of the values of the body; another one with the same unique attributes is a 409.

    `status` is that of the answer, which of some kinds is 200.
    """

    method = "POST"
    _: KW_ONLY
    make: Callable[[Call], E] | None = None
    status: int = 201

    def answer(self, resource: Resource[E], call: Call) -> Reply:
        """Answer the new entity."""
        entity = resource.kind(**call.json) if self.make is None else self.make(call)
        if call.store.twin(entity) is not None:
            raise resource.conflict()
        self.record(call, call.store.add(entity))
        return Reply(self.status, self.written(resource, call, entity))


def as_told(call: Call, _entity: Any) -> Json:
    """Return the values of the body, which are those of attributes."""
    return call.json


@dataclass(frozen=True, slots=True)
class Update(Crud[E]):
    """Set the attributes that `changes` returns, those of the body by default; another if-match than the etag is a 412.

    What would make the unique attributes those of another entity is a 409.
    """

    method = "PUT"
    _: KW_ONLY
    changes: Callable[[Call, E], Mapping[str, Any]] = as_told

    def answer(self, resource: Resource[E], call: Call) -> Json:
        """Answer the changed entity."""
        entity = self.found(resource, call)
        call.check_if_match(entity)
        changes = self.changes(call, entity)
        if call.store.twin(entity, changes) is not None:
            raise resource.conflict()
        call.store.change(entity, changes)
        self.record(call, entity)
        return self.written(resource, call, entity)


@dataclass(frozen=True, slots=True)
class Delete(Crud[E]):
    """Remove an entity with all that it owns; another if-match than the etag is a 412."""

    method = "DELETE"

    def answer(self, resource: Resource[E], call: Call) -> Reply:
        """Answer nothing, with status 204."""
        entity = self.found(resource, call)
        call.check_if_match(entity)
        call.store.remove(entity)
        self.record(call, entity)
        return Reply(204)


def equals(name: str) -> Callable[[Any, str], bool]:
    """Return the filter for entities whose attribute is a text."""
    read = attrgetter(name)
    return lambda entity, text: bool(read(entity) == text)


def starts_with(name: str) -> Callable[[Any, str], bool]:
    """Return the filter for entities whose attribute starts with a text, whatever its case."""
    read = attrgetter(name)
    return lambda entity, text: bool(read(entity).casefold().startswith(text.casefold()))


def _check_attributes(kind: type[Entity], computed: Mapping[str, Reader]) -> None:
    named = {
        "which every kind has": ("type", "table", "first_id"),
        "which owners names": kind.owners,
        "which unique names": kind.unique,
        "which searched names": kind.searched[1:] if kind.searched else (),
        "and the field is not computed": [name for name in kind.representation.full if name not in computed],
    }
    known = {*dir(kind), *(field.name for field in fields(kind))}
    for why, names in named.items():
        for name in names:
            if name not in known:
                raise TypeError(f"{kind.__name__} has no attribute {name}, {why}")


class Resource(Generic[E]):
    """What an emulator serves of one kind of entity, or operations without a kind of their own.

    `base`, `mini`, `standard` and `full` are the fields that each level adds; they are attributes of the entity
    unless `computed` has how they are read; `nested` has fields that are asked for by paths, as `Representation`
    says. `permission` raises for who may not make a call at all, `entity_permission` for who may not about this
    entity; by default it is a 404 to those who do not see the item that it is about. `conflict` makes the 409 for an
    entity whose unique attributes another one has; `takes_fields` tells whether Box documents `fields`. `version` is
    that of the API which has the operations, `feature` what an enterprise may lack that all of them need. `seed` adds
    what a seed has of the kind.

    Raises TypeError for an attribute that is named and that the entity has not.
    """

    def __init__(
        self,
        entity: type[E] | None = None,
        *operations: Crud[E],
        base: Fields = ("type", "id"),
        mini: Fields = (),
        standard: Fields = (),
        full: Fields = (),
        computed: Mapping[str, Reader] | None = None,
        nested: Mapping[str, Callable[[Sequence[str]], Reader]] | None = None,
        permission: Callable[[Call], object] = anybody,
        entity_permission: Callable[[Call, E], object] = who_sees_the_item,
        conflict: Callable[[], BoxError] = exists_already,
        takes_fields: bool = True,
        version: str = API_VERSION,
        feature: Feature | None = None,
        seed: Callable[[State, Planted], None] | None = None,
    ) -> None:
        self.entity, self.permission, self.entity_permission, self.conflict = (
            entity,
            permission,
            entity_permission,
            conflict,
        )
        self.takes_fields, self.feature, self.seed = takes_fields, feature, seed
        self.version = version
        if entity is not None:
            entity.representation = Representation(entity, base, mini, standard, full, computed or {}, nested or {})
            _check_attributes(entity, computed or {})
        self.operations: list[Operation] = []
        for each in operations:
            options = {"version": each.version or version, "checks_format": each.checks_format}
            self.operation(each.method, each.path, each.body, **options)(partial(self._answer, each))

    @property
    def kind(self) -> type[E]:
        """The class of the entities."""
        assert self.entity is not None  # noqa: S101 - what is as everywhere is done to entities
        return self.entity

    def _answer(self, operation: Crud[E], call: Call) -> Json | Reply:
        (operation.permission or self.permission)(call)
        return operation.answer(self, call)

    def operation(self, method: str, path: str, body: Any = None, **options: Any) -> Callable[[Handler], Handler]:
        """Declare the function below to serve an operation; the options are the other ones of `Operation`."""

        def declare(handler: Handler) -> Handler:
            told = {"version": self.version, "feature": self.feature, **options}
            self.operations.append(Operation(method=method, path=path, handler=handler, body=body, **told))
            return handler

        return declare


def features_of(resources: Iterable[Resource[Any]]) -> frozenset[str]:
    """Return the names of the features that operations of some resources need."""
    operations = (operation for resource in resources for operation in resource.operations)
    return frozenset(operation.feature.name for operation in operations if operation.feature is not None)
