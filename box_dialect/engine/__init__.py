"""SQLite virtual tables over Box: plans, scans, writes, procedures, and the guard."""

from box_dialect.engine.calls import ProcedureCalls
from box_dialect.engine.guard import guard
from box_dialect.engine.module import install
from box_dialect.engine.procedures import install_procedures, mark
from box_dialect.engine.session import Session
from box_dialect.engine.statement import Statement

__all__ = ["ProcedureCalls", "Session", "Statement", "guard", "install", "install_procedures", "mark"]
