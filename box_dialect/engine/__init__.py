"""SQLite virtual tables over Box: plans, scans, writes, and the guard."""

from box_dialect.engine.functions import add_functions
from box_dialect.engine.guard import check_name, guard
from box_dialect.engine.local import MEMORY, open_local
from box_dialect.engine.memory import forget
from box_dialect.engine.module import install
from box_dialect.engine.program import Program, read_program
from box_dialect.engine.session import Session
from box_dialect.engine.statement import Statement

__all__ = [
    "MEMORY",
    "Program",
    "Session",
    "Statement",
    "add_functions",
    "check_name",
    "forget",
    "guard",
    "install",
    "open_local",
    "read_program",
]
