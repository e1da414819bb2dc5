"""What a table is: columns, the access paths to its rows, and how it is written. Declarations only.

A table of the catalog is data. `docs/add-a-table.md` shows how one is added.
"""

from box_dialect.catalog.model.access_path import (
    DIGITS,
    TEXT,
    UUID,
    AccessPath,
    Bound,
    FanOut,
    Filter,
    Having,
    Order,
    Render,
)
from box_dialect.catalog.model.column import BINARY, SECRET_COLUMNS, Column, Derive, Derived, Form, Target, Type
from box_dialect.catalog.model.condition import (
    Comparison,
    Condition,
    Joined,
    Predicate,
    Sent,
    Steps,
    Word,
    decided,
    join_steps,
)
from box_dialect.catalog.model.document_relation import DocumentRelation
from box_dialect.catalog.model.endpoint import MAX_LIMIT, Completion, Endpoint, Named, Nested, Shown
from box_dialect.catalog.model.insights import Insights
from box_dialect.catalog.model.objects import (
    OBJECTS,
    Fetch,
    JsonObject,
    Location,
    Remote,
    Slotted,
    dig,
    place_of_key,
    put,
    steps,
)
from box_dialect.catalog.model.op import EXACT, RANGE, TOLD, Op
from box_dialect.catalog.model.reference import Reference
from box_dialect.catalog.model.relation import Relation
from box_dialect.catalog.model.rowid import hashed_rowid, mixed_rowid, numeric_rowid, rowid_as_user
from box_dialect.catalog.model.system_table import Known, SystemTable
from box_dialect.catalog.model.table import Table
from box_dialect.catalog.model.taxonomy import Taxonomy
from box_dialect.catalog.model.view import View
from box_dialect.catalog.model.write import ByPath, Multipart, Write

__all__ = [
    "BINARY",
    "DIGITS",
    "EXACT",
    "MAX_LIMIT",
    "OBJECTS",
    "RANGE",
    "SECRET_COLUMNS",
    "TEXT",
    "TOLD",
    "UUID",
    "AccessPath",
    "Bound",
    "ByPath",
    "Column",
    "Comparison",
    "Completion",
    "Condition",
    "Derive",
    "Derived",
    "DocumentRelation",
    "Endpoint",
    "FanOut",
    "Fetch",
    "Filter",
    "Form",
    "Having",
    "Insights",
    "Joined",
    "JsonObject",
    "Known",
    "Location",
    "Multipart",
    "Named",
    "Nested",
    "Op",
    "Order",
    "Predicate",
    "Reference",
    "Relation",
    "Remote",
    "Render",
    "Sent",
    "Shown",
    "Slotted",
    "Steps",
    "SystemTable",
    "Table",
    "Target",
    "Taxonomy",
    "Type",
    "View",
    "Word",
    "Write",
    "decided",
    "dig",
    "hashed_rowid",
    "join_steps",
    "mixed_rowid",
    "numeric_rowid",
    "place_of_key",
    "put",
    "rowid_as_user",
    "steps",
]
