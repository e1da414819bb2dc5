"""SQLite virtual tables over Box: plans, scans, writes, procedures, and the guard."""

from box_dialect.engine.calls import MARKS, ProcedureCalls, mark
from box_dialect.engine.demand import Demand
from box_dialect.engine.dry_run import Stage
from box_dialect.engine.execution import Execution
from box_dialect.engine.functions import add_functions
from box_dialect.engine.guard import (
    MOST_BYTES_OF_STATEMENT,
    MOST_BYTES_OF_VALUE,
    MOST_MEGABYTES_OF_TABLES,
    BoxNames,
    ColumnRead,
    check_name,
    guard,
)
from box_dialect.engine.heap import Room, longest_value, size_of
from box_dialect.engine.inherited import leave_to_parent
from box_dialect.engine.local import MEMORY, is_file, open_local, quoted, without_waiting
from box_dialect.engine.memory import forget
from box_dialect.engine.module import install
from box_dialect.engine.moments import CHOOSING, COMPARING, DATES, STRFTIME, TELLING
from box_dialect.engine.procedures import install_procedures
from box_dialect.engine.program import Program, program
from box_dialect.engine.projection import Rest, projection
from box_dialect.engine.returned import RETURNED_PLACE, Returned, returned_name
from box_dialect.engine.row_calls import call_for_rows
from box_dialect.engine.session import Session

__all__ = [
    "CHOOSING",
    "COMPARING",
    "DATES",
    "MARKS",
    "MEMORY",
    "MOST_BYTES_OF_STATEMENT",
    "MOST_BYTES_OF_VALUE",
    "MOST_MEGABYTES_OF_TABLES",
    "RETURNED_PLACE",
    "STRFTIME",
    "TELLING",
    "BoxNames",
    "ColumnRead",
    "Demand",
    "Execution",
    "ProcedureCalls",
    "Program",
    "Rest",
    "Returned",
    "Room",
    "Session",
    "Stage",
    "add_functions",
    "call_for_rows",
    "check_name",
    "forget",
    "guard",
    "install",
    "install_procedures",
    "is_file",
    "leave_to_parent",
    "longest_value",
    "mark",
    "open_local",
    "program",
    "projection",
    "quoted",
    "returned_name",
    "size_of",
    "without_waiting",
]
