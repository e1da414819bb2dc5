"""What the elements that are scanned have in common: their paths, which of them repeat, and the types of their values.

An element is one of XML, or what a key of JSON has: an object, a plain value, or each item of an array.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.documents.bounds import COLUMNS, NESTING
from box_dialect.documents.values import TypeDetection
from box_dialect.errors import DataError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from box_dialect.documents.paths import Path

_SHAPES: Final = 10 * COLUMNS
"""The most different paths of a document, and attributes there, within what is scanned."""

_AHEAD: Final = 10
"""How many times as many rows are scanned while what they are in may turn out to be an array itself."""


class Shape:
    """What the elements at one path have in common.

    `key` is what the document's parser calls them, `name` what a user does. They `repeat` where one parent has several,
    `most` at once. `is_mixed` tells that text stands between the elements in them, or, in JSON, that they are
    sometimes objects and sometimes not.
    """

    __slots__ = ("attributes", "children", "count", "detection", "is_mixed", "key", "most", "name", "parent", "repeats")

    def __init__(self, key: str, name: str, parent: Shape | None) -> None:
        self.key = key
        self.name = name
        self.parent = parent
        self.children: dict[str, Shape] = {}
        self.attributes: dict[str, tuple[str, TypeDetection]] = {}
        self.detection = TypeDetection()
        self.count = 0
        self.repeats = False
        self.most = 1
        self.is_mixed = False

    @property
    def is_object(self) -> bool:
        """Whether they have elements or attributes of their own."""
        return bool(self.children or self.attributes)

    @property
    def is_text(self) -> bool:
        """Whether they are kept as text of their format, as there are no columns for text between elements."""
        return self.is_mixed or (bool(self.children) and not self.detection.is_empty)

    def ancestors(self) -> Iterator[Shape]:
        """Yield the shapes that it is in, the nearest first, without the document itself."""
        above = self.parent
        while above is not None and above.parent is not None:
            yield above
            above = above.parent

    def path(self) -> tuple[Shape, ...]:
        """Return the shapes from the root to this one."""
        return (*reversed(list(self.ancestors())), self)

    def below(self) -> Iterator[Shape]:
        """Yield it and what is in it, level by level."""
        level = [self]
        while level:
            yield from level
            level = [child for shape in level for child in shape.children.values()]


class Scan:
    """Elements of a document that become a `Shape`: what begins and ends is told in document order.

    `is_done` turns true when `depth` rows were scanned, or never where that is 0. Rows are the elements at the
    outermost of `paths`, each of the others has to be seen once; without paths, they are the outermost objects that
    repeat. `arrays_are_told` by `array()` in JSON, while XML tells them only by a second element.
    """

    def __init__(self, document: str, depth: int, paths: Sequence[Path], *, arrays_are_told: bool = False) -> None:
        self.document = Shape("", "", None)
        self.is_done = False
        self._name = document
        self._depth = depth
        self._paths = paths
        self._arrays_are_told = arrays_are_told
        self._open = self.document
        self._counts: list[dict[str, int]] = [{}]
        self._shapes = 0

    @property
    def open(self) -> Shape:
        """The element that is open."""
        return self._open

    def has_rows(self) -> bool:
        """Tell whether what was taken so far has rows."""
        if self._paths:
            return all(shape_at(self.document, path) is not None for path in self._paths)
        return bool(arrays_of(self.document))

    def begin(self, key: str, name: str) -> Shape:
        """Take the beginning of an element, and return what is known of those at its path."""
        shape = self._child(key, name)
        counts = self._counts[-1]
        number = counts[key] = counts.get(key, 0) + 1
        if number > 1:
            shape.repeats = True
            shape.most = max(shape.most, number)
        shape.count += 1
        self._open = shape
        if len(self._counts) > NESTING:
            raise DataError(f"{self._name} has elements nested in more than {NESTING:,} levels")
        self._counts.append({})
        return shape

    def end(self) -> Shape:
        """Take the end of the element that has begun last, and return what is known of those at its path."""
        shape, parent = self._open, self._open.parent
        if parent is None:
            raise AssertionError("no element is open")
        self._counts.pop()
        self._open = parent
        if 0 < self._depth <= shape.count and not self.is_done:
            self.is_done = self._has_scanned_enough(shape)
        return shape

    def array(self, key: str) -> Shape:
        """Take the beginning of an array, whose items follow, and return what is known of these."""
        shape = self._child(key, key)
        shape.repeats = True
        return shape

    def _child(self, key: str, name: str) -> Shape:
        parent = self._open
        shape = parent.children.get(key)
        if shape is None:
            shape = parent.children[key] = Shape(key, name, parent)
            self.count_shape()
        return shape

    def count_shape(self) -> None:
        """Count a path, or an attribute, that was not there before; raises DataError where they are too many."""
        self._shapes += 1
        if self._shapes > _SHAPES:
            raise DataError(f"{self._name} has more than {_SHAPES:,} different elements and attributes")

    def too_many_attributes(self, shape: Shape) -> DataError:
        """Return the error for an element with more attributes than a table has columns."""
        return DataError(
            f"{self._name} has more than {COLUMNS:,} attributes, or namespaces, at an element {printable(shape.name)}"
        )

    def _has_scanned_enough(self, shape: Shape) -> bool:
        if self._paths:
            found = [shape_at(self.document, path) for path in self._paths]
            outer = [each for each in found if each is not None and not set(each.ancestors()) & set(found)]
            return shape in outer and None not in found and all(each.count >= self._depth for each in outer)
        if not (shape.repeats and shape.is_object):
            return False
        above = list(shape.ancestors())
        if any(each.repeats for each in above):
            return False
        is_outermost = self._arrays_are_told or all(each.parent is self.document for each in above)
        return is_outermost or shape.count >= _AHEAD * self._depth


def is_at(shape: Shape, path: Path) -> bool:
    """Tell whether a shape is at a path, whose steps name a prefix or leave it out."""
    shapes = shape.path()
    return len(shapes) == len(path) and all(
        step in {each.name, each.name.rpartition(":")[2]} for each, step in zip(shapes, path, strict=True)
    )


def shape_at(document: Shape, path: Path) -> Shape | None:
    """Return the shape at a path, whose steps name a prefix or leave it out; None where there is none."""
    shape = document
    for step in path:
        exact = [each for each in shape.children.values() if each.name == step]
        local = [each for each in shape.children.values() if each.name.rpartition(":")[2] == step]
        if not (found := exact or local):
            return None
        shape = found[0]
    return shape


def arrays_of(document: Shape) -> list[Shape]:
    """Return the arrays of objects, the outermost first, and in document order where they are as far in."""
    return [shape for shape in document.below() if shape.repeats and shape.is_object]
