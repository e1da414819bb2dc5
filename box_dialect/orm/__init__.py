"""Box as classes of SQLAlchemy's ORM: `File`, `Folder`, `Comment`, `User` and the others, made from the catalog.

`docs/models.md` lists them with their relationships; `__init__.pyi`, which docs/generate.py writes, tells their types.
"""

from box_dialect.orm.automap import AUTOMAP
from box_dialect.orm.models import COLUMNS, MODELS, Base, BoxColumns, columns_of, map_tables
from box_dialect.orm.objects import BoxObject
from box_dialect.orm.relationships import relate
from box_dialect.orm.tables import tables
from box_dialect.orm.templates import templates

globals().update(COLUMNS, **MODELS)

__all__ = [
    "AUTOMAP",
    "Base",
    "BoxColumns",
    "BoxObject",
    "columns_of",
    "map_tables",
    "relate",
    "tables",
    "templates",
    *COLUMNS,
    *MODELS,
]
