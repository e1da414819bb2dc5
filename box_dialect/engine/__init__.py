"""SQLite virtual tables over Box: plans, scans, writes, procedures, and the authorizer."""

from box_dialect.engine.caller_warnings import heard, warn
from box_dialect.engine.documents.document_files import DocumentFile, FileSource
from box_dialect.engine.documents.document_source import FILE_ID, DocumentSource, Told, document_columns
from box_dialect.engine.documents.path_pattern import PathPattern
from box_dialect.engine.execution.conflicts import (
    EXCLUDED_COLUMN,
    EXCLUDED_PARAMETER,
    MOST_PARAMETERS,
    Conflicts,
    excluded_name,
)
from box_dialect.engine.execution.execution import Execution
from box_dialect.engine.execution.expected_calls import expected_calls
from box_dialect.engine.execution.heap import FetchMemory, longest_value, size_of
from box_dialect.engine.execution.insights import asked_insights
from box_dialect.engine.execution.procedure_memo import ABSENT, MARKS, ProcedureMemo, mark
from box_dialect.engine.execution.projection import Rest
from box_dialect.engine.execution.projection_planner import projection
from box_dialect.engine.execution.returned_rows import RETURNED_PLACE, ReturnedRows, returned_name
from box_dialect.engine.execution.session import Session
from box_dialect.engine.execution.statement_effects import StatementEffects, columns_of, effects_of
from box_dialect.engine.local.database import MEMORY, is_file, open_local, quoted, without_waiting
from box_dialect.engine.local.fork import leave_to_parent
from box_dialect.engine.local.shared_memory import forget
from box_dialect.engine.prefetch.dry_runner import DryRunner
from box_dialect.engine.scan.insights import InexactError, Measures, Question
from box_dialect.engine.scan.row_limit import RowLimit
from box_dialect.engine.sql.authorizer import (
    MOST_BYTES_OF_STATEMENT,
    MOST_BYTES_OF_VALUE,
    MOST_MEGABYTES_OF_TABLES,
    BoxNames,
    ColumnRead,
    check_box_writable,
    check_name,
    install_authorizer,
    unguarded,
)
from box_dialect.engine.sql.conditions import CONDITION, LIST, MOST_VALUES, VALUES, written_condition
from box_dialect.engine.sql.datetimes import CHOOSING, COMPARING, DATES, STRFTIME, TELLING
from box_dialect.engine.sql.functions import REFUSED_FUNCTIONS, add_functions
from box_dialect.engine.sql.like import UNESCAPED
from box_dialect.engine.tables.document_discovery import discovered, files_of, found_at, table_at, tables_of
from box_dialect.engine.tables.document_rows import DOCUMENT_ROWS
from box_dialect.engine.tables.document_table import install_documents
from box_dialect.engine.tables.installation import InUseError, define, install, register, temporary_names, uninstall
from box_dialect.engine.tables.procedures import install_procedures
from box_dialect.engine.tables.row_calls import call_for_rows

__all__ = [
    "ABSENT",
    "CHOOSING",
    "COMPARING",
    "CONDITION",
    "DATES",
    "DOCUMENT_ROWS",
    "EXCLUDED_COLUMN",
    "EXCLUDED_PARAMETER",
    "FILE_ID",
    "LIST",
    "MARKS",
    "MEMORY",
    "MOST_BYTES_OF_STATEMENT",
    "MOST_BYTES_OF_VALUE",
    "MOST_MEGABYTES_OF_TABLES",
    "MOST_PARAMETERS",
    "MOST_VALUES",
    "REFUSED_FUNCTIONS",
    "RETURNED_PLACE",
    "STRFTIME",
    "TELLING",
    "UNESCAPED",
    "VALUES",
    "BoxNames",
    "ColumnRead",
    "Conflicts",
    "DocumentFile",
    "DocumentSource",
    "DryRunner",
    "Execution",
    "FetchMemory",
    "FileSource",
    "InUseError",
    "InexactError",
    "Measures",
    "PathPattern",
    "ProcedureMemo",
    "Question",
    "Rest",
    "ReturnedRows",
    "RowLimit",
    "Session",
    "StatementEffects",
    "Told",
    "add_functions",
    "asked_insights",
    "call_for_rows",
    "check_box_writable",
    "check_name",
    "columns_of",
    "define",
    "discovered",
    "document_columns",
    "effects_of",
    "excluded_name",
    "expected_calls",
    "files_of",
    "forget",
    "found_at",
    "heard",
    "install",
    "install_authorizer",
    "install_documents",
    "install_procedures",
    "is_file",
    "leave_to_parent",
    "longest_value",
    "mark",
    "open_local",
    "projection",
    "quoted",
    "register",
    "returned_name",
    "size_of",
    "table_at",
    "tables_of",
    "temporary_names",
    "unguarded",
    "uninstall",
    "warn",
    "without_waiting",
    "written_condition",
]
