"""SQLite virtual tables over Box: plans, scans, writes, and the guard."""

from box_dialect.engine.execution import Execution
from box_dialect.engine.guard import guard
from box_dialect.engine.module import install
from box_dialect.engine.program import program
from box_dialect.engine.session import Session

__all__ = ["Execution", "Session", "guard", "install", "program"]
