"""What a table is: columns, the access paths to its rows, and how it is written. Declarations only.

A table of the catalog is data. `docs/add-a-table.md` shows how one is added.
"""

from box_dialect.catalog.model.access_path import (
    DIGITS,
    RANGE,
    TEXT,
    UUID,
    AccessPath,
    Bound,
    FanOut,
    Filter,
    Having,
    Op,
    Order,
    Render,
)
from box_dialect.catalog.model.column import BINARY, Column, Derive, Derived, Target, Type
from box_dialect.catalog.model.endpoint import MAX_LIMIT, Completion, Endpoint, Nested
from box_dialect.catalog.model.objects import OBJECTS, Fetch, JsonObject, Location, Remote, Slotted, dig
from box_dialect.catalog.model.reference import Reference
from box_dialect.catalog.model.rowid import hashed_rowid, mixed_rowid, numeric_rowid
from box_dialect.catalog.model.table import Table
from box_dialect.catalog.model.write import Multipart, Write

__all__ = [
    "BINARY",
    "DIGITS",
    "MAX_LIMIT",
    "OBJECTS",
    "RANGE",
    "TEXT",
    "UUID",
    "AccessPath",
    "Bound",
    "Column",
    "Completion",
    "Derive",
    "Derived",
    "Endpoint",
    "FanOut",
    "Fetch",
    "Filter",
    "Having",
    "JsonObject",
    "Location",
    "Multipart",
    "Nested",
    "Op",
    "Order",
    "Reference",
    "Remote",
    "Render",
    "Slotted",
    "Table",
    "Target",
    "Type",
    "Write",
    "dig",
    "hashed_rowid",
    "mixed_rowid",
    "numeric_rowid",
]
