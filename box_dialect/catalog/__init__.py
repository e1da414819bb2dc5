"""What Box looks like as tables: declarations, one module per family, and the catalog of a connection."""

from box_dialect.catalog.catalog import Catalog
from box_dialect.catalog.model import AccessPath, Column, Relation, Table, Type
from box_dialect.catalog.tables import TABLES

__all__ = ["TABLES", "AccessPath", "Catalog", "Column", "Relation", "Table", "Type"]
