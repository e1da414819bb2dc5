"""Write entities as JSON: which fields a level of a kind has is data, how a computed field is read is one function.

Levels: base ⊂ mini ⊂ standard ⊂ full. A GET answers standard, a list mini (search: standard), and `fields` replaces
these by the named fields plus base; names that do not exist are ignored.

Source: https://developer.box.com/guides/api-calls/request-extra-fields
"""

from __future__ import annotations

import threading
from dataclasses import fields
from functools import lru_cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from . import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Json: TypeAlias = dict[str, Any]
Reader: TypeAlias = "Callable[[Any], Any]"
Columns: TypeAlias = "tuple[tuple[str, Reader], ...]"
Fields: TypeAlias = "tuple[str, ...]"


_SCALARS: Final = frozenset({str, int, float, bool, "str", "int", "float", "bool"})


def attribute(kind: type[Represented], name: str) -> Reader:
    """Return what reads a field that is an attribute of the same name: entities in mini, times and etag as texts."""
    read = attrgetter(name)
    if name == "etag":
        return lambda entity: str(read(entity))
    if name.endswith("_at"):
        return lambda entity: clock.stamp(read(entity))
    return read if _is_scalar(kind, name) else lambda entity: _written(read(entity))


def _is_scalar(kind: type[Represented], name: str) -> bool:
    """Tell whether an attribute is declared to hold no entity, so that its values need no look."""
    declared = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]  # entities are dataclasses
    return declared.get(name) in _SCALARS or isinstance(getattr(kind, name, None), str)


def _written(value: Any) -> Any:
    return mini(value) if isinstance(value, Represented) else value


class Represented:
    """What can be written: an entity, whose class has the representation of its kind."""

    __slots__ = ()
    type: ClassVar[str]
    representation: ClassVar[Representation]
    id: str


class Representation:
    """The fields of a kind by level, each level with those of the level before; `computed` has how some are read.

    `nested` has fields that are written only as far as they are asked for by the path to a part of them, as
    `metadata.global.properties`: what reads the parts that some paths lead to.
    """

    def __init__(
        self, kind: type[Represented], base: Fields, mini: Fields, standard: Fields, full: Fields,
        computed: Mapping[str, Reader], nested: Mapping[str, Callable[[Sequence[str]], Reader]],
    ) -> None:  # fmt: skip
        self.nested = nested
        self.base, self.full = base, (*base, *mini, *standard, *full)
        self._readers = {name: computed.get(name) or attribute(kind, name) for name in self.full}
        levels = {"base": base, "mini": (*base, *mini), "standard": (*base, *mini, *standard), "full": self.full}
        self.levels = {level: self.columns(names) for level, names in levels.items()}

    def columns(self, names: Iterable[str]) -> Columns:
        """Return what reads some fields."""
        return tuple((name, self._readers[name]) for name in names)


@lru_cache(maxsize=1024)
def _named(representation: Representation, fields: str) -> Columns:
    asked = [name.strip() for name in fields.split(",")]
    names = {*asked, *representation.base}
    columns = representation.columns(name for name in representation.full if name in names)
    for name, reader_of in representation.nested.items():
        paths = [path.removeprefix(f"{name}.") for path in asked if path.startswith(f"{name}.")]
        columns += ((name, reader_of(paths)),) if paths else ()
    return columns


class _Page(threading.local):
    """What the entries of a list share while it is written: minis by entity, and what computed fields keep."""

    minis: dict[Represented, Json] | None = None
    kept: dict[str, dict[Any, Any]] | None = None


_page = _Page()


def mini(entity: Represented | None) -> Json | None:
    """Write the mini representation, or null."""
    if entity is None:
        return None
    known = _page.minis
    if known is None:
        return render(entity, "mini")
    found = known.get(entity)
    if found is None:
        found = known[entity] = render(entity, "mini")
    return found


def reference(entity: Represented) -> Json:
    """Write the kind and the id of an entity alone."""
    return {"type": entity.type, "id": entity.id}


def references(*names: str) -> dict[str, Reader]:
    """Return what reads attributes that hold entities: the kind and the id of each, or null where there is none."""
    return {name: partial(_reference_at, attrgetter(name)) for name in names}


def _reference_at(read: Reader, entity: Represented) -> Json | None:
    value = read(entity)
    return None if value is None else reference(value)


def times(**names: str) -> dict[str, Reader]:
    """Return what reads times from attributes of other names than the fields have, as `updated_at` from modified_at."""
    return {field: partial(_time_at, attrgetter(name)) for field, name in names.items()}


def _time_at(read: Reader, entity: Represented) -> str | None:
    return clock.stamp(read(entity))


def kept(field: str) -> dict[Any, Any] | None:
    """Return what a computed field keeps for the other entries of the list that is written, or None outside of one."""
    return None if _page.kept is None else _page.kept.setdefault(field, {})


def _chosen(representation: Representation, level: str, fields: str | None) -> Columns:
    return _named(representation, fields) if fields else representation.levels[level]


def render(entity: Represented, level: str = "standard", fields: str | None = None) -> Json:
    """Write an entity with the fields of a level, or with those that `fields` names (comma-separated) plus base."""
    return {name: read(entity) for name, read in _chosen(entity.representation, level, fields)}


def render_all(entities: Sequence[Represented], level: str, fields: str | None) -> list[Json]:
    """Write the entries of a list."""
    kinds = {type(entity) for entity in entities}
    chosen = {kind: _chosen(kind.representation, level, fields) for kind in kinds}
    _page.minis, _page.kept = {}, {}
    try:
        return [{name: read(entity) for name, read in chosen[type(entity)]} for entity in entities]
    finally:
        _page.minis = _page.kept = None
