"""Alembic's migrations of local tables and of metadata templates; Box's other tables no migration changes.

Alembic finds this by itself; for one older than 1.18, `env.py` has to `import box_dialect.alembic`.

Source: https://alembic.sqlalchemy.org/en/latest/api/ddl.html
"""

# The plugin first: where Alembic is not imported yet, that happens with the next line, and looks for it here.
from box_dialect.alembic.entry_point import plugin
from box_dialect.alembic.impl import BoxImpl

__all__ = ["BoxImpl", "plugin"]
