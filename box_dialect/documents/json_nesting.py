"""How deep the objects and arrays of a JSON text are nested, and how long its numbers are, before a parser sees it."""

from __future__ import annotations

import sys
from typing import Final

from box_dialect.documents.bounds import NESTING

_OPENING: Final = b"[{"
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_AS_ZERO: Final = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else ord(" ") for byte in range(256))

MOST_DIGITS: Final = 4_300
"""Digits of a number, as of Python's `int()` by default."""


class Nesting:
    """Follow the depth of a text, chunk by chunk, in time that is linear in its size.

    ijson keeps the path of each level that is open as a text, so that its memory grows with the square of the depth.
    Where Python refuses a number for its digits, ijson goes on with what is no object, and the process ends: so
    `has_long_number` tells that there was one.
    """

    def __init__(self, most: int = NESTING) -> None:
        self._most = most
        self._depth = 0
        self._is_in_string = False
        self._rest = b""
        self._digits = b""
        self._too_many = b"0" * (min(sys.get_int_max_str_digits() or MOST_DIGITS, MOST_DIGITS) + 1)
        self.has_long_number = False

    def is_too_deep(self, chunk: bytes) -> bool:
        """Take the next bytes, and tell whether there are more than `most` levels in them."""
        chunk = self._rest + chunk
        backslashes = len(chunk) - len(chunk.rstrip(b"\\"))
        self._rest = b"\\" if backslashes % 2 else b""
        parts = chunk.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        outside = b"".join(parts[self._is_in_string :: 2])
        brackets = outside.translate(None, _NO_BRACKETS)
        digits = self._digits + outside.translate(_AS_ZERO)
        self.has_long_number = self._too_many in digits
        self._digits = digits[len(digits.rstrip(b"0")) :]
        self._is_in_string ^= len(parts) % 2 == 0
        flat = brackets.replace(b"{}", b"").replace(b"[]", b"").replace(b"{}", b"")
        if self._depth + len(flat) + 3 <= self._most:
            self._depth += 2 * (flat.count(b"[") + flat.count(b"{")) - len(flat)
            return False
        for bracket in brackets:
            self._depth += 1 if bracket in _OPENING else -1
            if self._depth > self._most:
                return True
        return False
