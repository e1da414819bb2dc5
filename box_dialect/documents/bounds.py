"""What a document may ask of this machine: more is refused with a DataError that names the bound."""

from __future__ import annotations

from typing import Final

NESTING: Final = 1_000
"""The most levels of elements, or of objects and arrays, one within the other."""

COLUMNS: Final = 2_000
"""The most columns of a table, which is also SQLite's default."""

TABLES: Final = 1_000
"""The most tables of a document, or arrays that are joined in one."""

VALUE_BYTES: Final = 32 << 20
"""The most bytes of one value, UTF-8."""

ROW_BYTES: Final = 64 << 20
"""The most bytes of a document between the ends of two rows of it, which have to be in memory at once."""

ROW_TAGS: Final = 4_000_000
"""The most tags of an XML document's row: an element takes many times the memory of its tag."""

JOINED_ROWS: Final = 1_000_000
"""The most rows that one element below a row may have by the cross join of arrays in it."""

BATCH_ROWS: Final = 1_000
"""The most rows of a batch."""

FLATTENED_LEVELS: Final = 64
"""The most levels of objects in a row that have columns of their own; what is further in stays text."""

HIDDEN_COLUMNS: Final = 500
"""How many columns a table has with hidden ones, for elements of arrays, at most; it may have more others."""
