"""Thrift's compact protocol, in which the footer of a Parquet document is, read within bounds.

What is read is declared: the fields of a struct by their numbers. What is not declared is passed over. Anything that
readers may take in two ways is refused: a field that is there twice, or that is of another type than the declared one.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
"""The types of values, by their codes."""

LEVELS: Final = 64
"""The most levels of values in what is passed over, as in Thrift's own readers."""

_BITS: Final = {I16: 16, I32: 32, I64: 64}
_SIZES: Final = {TRUE: 0, FALSE: 0, BYTE: 1, DOUBLE: 8}
_CONTAINERS: Final = frozenset({LIST, SET, MAP})
_LARGEST_SIZE: Final = (1 << 31) - 1


class Struct(NamedTuple):
    """A struct by its name, for messages, and its fields by their numbers."""

    name: str
    fields: Mapping[int, Field]


@dataclass(frozen=True, slots=True)
class List:
    """A list of values of one kind, which are so many at most."""

    of: Kind
    most: int


Kind: TypeAlias = "int | Struct | List"
"""What a declared value is: an integer or bytes by their type, or a struct or list of what is declared."""


class Field(NamedTuple):
    """A field of a struct; one that is not `optional` has to be there."""

    name: str
    kind: Kind
    optional: bool = False


class EndError(ValueError):
    """A value does not end within the bytes."""


class CompactReader:
    """Values of bytes, read one after the other from a place, which is where the next one begins.

    Raises ValueError, which says what is wrong, for bytes that are none of the protocol or of what is declared, and
    EndError where they end too early.
    """

    def __init__(self, data: bytes, place: int = 0) -> None:
        self._data = data
        self.place = place

    def struct(self, struct: Struct) -> dict[str, Any]:
        """Return the declared fields of a struct that are there, by their names."""
        found: dict[str, Any] = {}
        for field, kind in self.fields(struct):
            found[field.name] = self.value(field.kind, kind)
        return found

    def fields(self, struct: Struct) -> Iterator[tuple[Field, int]]:
        """Yield the declared fields of a struct with their types, as they come; who asks reads each value in turn.

        Raises ValueError at the end where one is not there.
        """
        seen: set[int] = set()
        number = 0
        while head := self._byte():
            kind = head & 15
            number = number + (head >> 4) if head >> 4 else self._integer(16)
            field = struct.fields.get(number)
            if field is None:
                self._pass(kind, LEVELS)
                continue
            if number in seen:
                raise ValueError(f"{field.name} of {struct.name} is there twice")
            seen.add(number)
            if not _is_of(kind, field.kind):
                raise ValueError(f"{field.name} of {struct.name} is of another type")
            yield field, kind
        for number, field in struct.fields.items():
            if number not in seen and not field.optional:
                raise ValueError(f"{struct.name} has no {field.name}")

    def value(self, declared: Kind, kind: int) -> Any:
        """Return a value of a declared kind."""
        if isinstance(declared, Struct):
            return self.struct(declared)
        if isinstance(declared, List):
            return list(self.list(declared))
        return self._bytes(self._size()) if kind == BINARY else self._integer(_BITS[kind])

    def list(self, declared: List) -> Iterator[Any]:
        """Yield the values of a list."""
        count, kind = self._list_head()
        if count > declared.most:
            raise ValueError(f"a list has {count:,} values; {declared.most:,} are the most")
        if count and not _is_of(kind, declared.of):
            raise ValueError("a list is of another type")
        for _ in range(count):
            yield self.value(declared.of, kind)

    def _pass(self, kind: int, levels: int) -> None:
        """Pass over a value of a field."""
        if not levels:
            raise ValueError(f"it has values of more than {LEVELS} levels")
        if kind == STRUCT:
            while head := self._byte():
                if not head >> 4:
                    self._varint()
                self._pass(head & 15, levels - 1)
        elif kind in _CONTAINERS:
            for element in self._elements(kind):
                self._pass(BYTE if element in {TRUE, FALSE} else element, levels - 1)
        elif kind in _BITS:
            self._varint()
        elif kind in _SIZES or kind == BINARY:
            self._bytes(self._size() if kind == BINARY else _SIZES[kind])
        else:
            raise ValueError(f"it has a value of type {kind}, which there is not")

    def _elements(self, kind: int) -> Iterator[int]:
        """Yield the type of each value in a list, set or map, as they come; a boolean takes a byte there."""
        if kind == MAP:
            count = self._size()
            kinds = divmod(self._byte(), 16) if count else ()
            for _ in range(count):
                yield from kinds
        else:
            count, element = self._list_head()
            for _ in range(count):
                yield element

    def _list_head(self) -> tuple[int, int]:
        head = self._byte()
        count = self._size() if head >> 4 == 15 else head >> 4
        if count > len(self._data) - self.place:
            raise EndError(f"a list of {count:,} values ends beyond it")
        return count, head & 15

    def _size(self) -> int:
        size = self._varint()
        if size > _LARGEST_SIZE:
            raise ValueError(f"it has a size of {size:,}")
        return size

    def _integer(self, bits: int) -> int:
        value = self._varint()
        if value >> bits:
            raise ValueError(f"it has an integer of more than {bits} bits")
        return (value >> 1) ^ -(value & 1)

    def _varint(self) -> int:
        value = self._byte()
        if value < 128:
            return value
        value &= 127
        for shift in range(7, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("it has an integer of more than 64 bits")

    def _byte(self) -> int:
        place = self.place
        if place >= len(self._data):
            raise EndError("it ends too early")
        self.place = place + 1
        return self._data[place]

    def _bytes(self, count: int) -> bytes:
        place = self.place
        if count > len(self._data) - place:
            raise EndError("it ends too early")
        self.place = place + count
        return self._data[place : place + count]


def _is_of(kind: int, declared: Kind) -> bool:
    """Tell whether a type's code is that of a declared kind."""
    if isinstance(declared, Struct):
        return kind == STRUCT
    if isinstance(declared, List):
        return kind == LIST
    return kind == declared
