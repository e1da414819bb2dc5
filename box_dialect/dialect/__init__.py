"""The SQLAlchemy dialect `box://`."""

from box_dialect.dialect.base import BoxDialect

__all__ = ["BoxDialect"]
