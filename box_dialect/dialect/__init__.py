"""The SQLAlchemy dialect `box://`."""

from box_dialect.dialect.base import BoxDialect
from box_dialect.dialect.functions import FUNCTIONS, function_of
from box_dialect.dialect.types import MultiSelect, Taxonomy

__all__ = ["FUNCTIONS", "BoxDialect", "MultiSelect", "Taxonomy", "function_of"]
