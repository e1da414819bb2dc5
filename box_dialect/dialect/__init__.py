"""The SQLAlchemy dialect `box://`."""

from box_dialect.dialect.base import BoxDialect
from box_dialect.dialect.functions import FUNCTIONS, function_of

__all__ = ["FUNCTIONS", "BoxDialect", "function_of"]
