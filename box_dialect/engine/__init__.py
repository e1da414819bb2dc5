"""SQLite virtual tables over Box: plans, scans, writes, and the guard."""

from box_dialect.engine.execution import Execution
from box_dialect.engine.functions import add_functions
from box_dialect.engine.guard import check_name, guard
from box_dialect.engine.local import MEMORY, open_local
from box_dialect.engine.memory import forget
from box_dialect.engine.module import install
from box_dialect.engine.program import Program, program
from box_dialect.engine.session import Session

__all__ = [
    "MEMORY",
    "Execution",
    "Program",
    "Session",
    "add_functions",
    "check_name",
    "forget",
    "guard",
    "install",
    "open_local",
    "program",
]
