"""SQLite virtual tables over Box: plans, scans, writes, procedures, and the authorizer."""

from box_dialect.engine.execution.execution import Execution
from box_dialect.engine.execution.expected_calls import expected_calls
from box_dialect.engine.execution.heap import FetchMemory, longest_value, size_of
from box_dialect.engine.execution.procedure_memo import MARKS, ProcedureMemo, mark
from box_dialect.engine.execution.projection import Rest
from box_dialect.engine.execution.projection_planner import projection
from box_dialect.engine.execution.returned_rows import RETURNED_PLACE, ReturnedRows, returned_name
from box_dialect.engine.execution.session import Session
from box_dialect.engine.execution.statement_effects import StatementEffects, effects_of
from box_dialect.engine.local.database import MEMORY, is_file, open_local, quoted, without_waiting
from box_dialect.engine.local.fork import leave_to_parent
from box_dialect.engine.local.shared_memory import forget
from box_dialect.engine.prefetch.dry_runner import DryRunner
from box_dialect.engine.scan.row_limit import RowLimit
from box_dialect.engine.sql.authorizer import (
    MOST_BYTES_OF_STATEMENT,
    MOST_BYTES_OF_VALUE,
    MOST_MEGABYTES_OF_TABLES,
    BoxNames,
    ColumnRead,
    check_name,
    install_authorizer,
)
from box_dialect.engine.sql.datetimes import CHOOSING, COMPARING, DATES, STRFTIME, TELLING
from box_dialect.engine.sql.functions import REFUSED_FUNCTIONS, add_functions
from box_dialect.engine.tables.procedures import install_procedures
from box_dialect.engine.tables.row_calls import call_for_rows
from box_dialect.engine.tables.virtual_table import install

__all__ = [
    "CHOOSING",
    "COMPARING",
    "DATES",
    "MARKS",
    "MEMORY",
    "MOST_BYTES_OF_STATEMENT",
    "MOST_BYTES_OF_VALUE",
    "MOST_MEGABYTES_OF_TABLES",
    "REFUSED_FUNCTIONS",
    "RETURNED_PLACE",
    "STRFTIME",
    "TELLING",
    "BoxNames",
    "ColumnRead",
    "DryRunner",
    "Execution",
    "FetchMemory",
    "ProcedureMemo",
    "Rest",
    "ReturnedRows",
    "RowLimit",
    "Session",
    "StatementEffects",
    "add_functions",
    "call_for_rows",
    "check_name",
    "effects_of",
    "expected_calls",
    "forget",
    "install",
    "install_authorizer",
    "install_procedures",
    "is_file",
    "leave_to_parent",
    "longest_value",
    "mark",
    "open_local",
    "projection",
    "quoted",
    "returned_name",
    "size_of",
    "without_waiting",
]
