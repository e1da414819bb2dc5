"""Thrift's compact protocol as values that can be changed: of a Parquet document's footer and of its page headers.

A struct is a list of its fields in their order, `[id, type, value]`; a list is `(element type, values)`. There are no
lists of booleans and no maps in a footer.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Any, Final

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)

_INTEGERS: Final = (I16, I32, I64)

Struct = list[list[Any]]


class Reader:
    """What reads values of bytes from a place, which it moves."""

    def __init__(self, data: bytes, place: int = 0) -> None:
        self.data, self.place = data, place

    def struct(self) -> Struct:
        fields, last = [], 0
        while byte := self._byte():
            kind, delta = byte & 15, byte >> 4
            last = last + delta if delta else self._zigzag()
            fields.append([last, kind, kind == TRUE if kind in {TRUE, FALSE} else self._value(kind)])
        return fields

    def _byte(self) -> int:
        self.place += 1
        return self.data[self.place - 1]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _bytes(self, count: int) -> bytes:
        self.place += count
        return self.data[self.place - count : self.place]

    def _value(self, kind: int) -> Any:
        if kind in _INTEGERS:
            return self._zigzag()
        if kind == BINARY:
            return self._bytes(self._varint())
        if kind == STRUCT:
            return self.struct()
        if kind == LIST:
            head = self._byte()
            count = head >> 4 if head >> 4 < 15 else self._varint()
            return head & 15, [self._value(head & 15) for _ in range(count)]
        return self._bytes({BYTE: 1, DOUBLE: 8}[kind])


def serialized(fields: Struct) -> bytes:
    """Return the bytes of a struct."""
    out, last = bytearray(), 0
    for number, kind, value in fields:
        if kind in {TRUE, FALSE}:
            kind = TRUE if value else FALSE
        out += bytes([(number - last) << 4 | kind]) if 0 < number - last < 16 else bytes([kind]) + _zigzag(number)
        last = number
        out += b"" if kind in {TRUE, FALSE} else _bytes(kind, value)
    return bytes(out) + b"\0"


def _bytes(kind: int, value: Any) -> bytes:
    if kind in _INTEGERS:
        return _zigzag(value)
    if kind == BINARY:
        return _varint(len(value)) + value
    if kind == STRUCT:
        return serialized(value)
    if kind == LIST:
        element, values = value
        count = len(values)
        head = bytes([count << 4 | element]) if count < 15 else bytes([0xF0 | element]) + _varint(count)
        return head + b"".join(_bytes(element, each) for each in values)
    return bytes(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else ~(value << 1))
