"""SQLite virtual tables over Box: plans, scans, writes, and the guard."""

from box_dialect.engine.guard import guard
from box_dialect.engine.module import install
from box_dialect.engine.session import Session
from box_dialect.engine.statement import Statement

__all__ = ["Session", "Statement", "guard", "install"]
