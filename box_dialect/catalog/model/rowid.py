"""Rowids: the number of an object within its table."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.catalog.model.objects import JsonObject


def numeric_rowid(entry: JsonObject) -> int | None:
    """Return the rowid of an object whose id is a decimal number that is unique in the table; None for another id."""
    identity = entry["id"]
    return int(identity) if identity.isascii() and identity.isdigit() and len(identity) <= 18 else None


def mixed_rowid(*types: str) -> Callable[[JsonObject], int | None]:
    """Return what numbers objects of several types, which may have equal ids, without a clash."""
    bits = len(types).bit_length()

    def rowid(entry: JsonObject) -> int | None:
        number = numeric_rowid(entry)
        return None if number is None or number >> (63 - bits) else number << bits | types.index(entry["type"])

    return rowid


def hashed_rowid(*key: str | int) -> int:
    """Return a negative number of 63 bits for the values of a key, the same one in every process."""
    text = "\x00".join(map(str, key))
    return -1 - (int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1)


def rowid_as_user(rowid: int, user: str | None) -> int:
    """Return the rowid of a row as it was read as a user: SQLite takes rows of one rowid for the same one."""
    return rowid if user is None else hashed_rowid(rowid, user)
