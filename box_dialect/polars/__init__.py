"""A table or a query as a lazy frame of polars, which asks Box for no more than what is done with it needs.

Needs the extra `polars`: `pip install 'box-dialect[polars]'`.
"""

from __future__ import annotations

from box_dialect.extras import extra

with extra("polars"):
    from box_dialect.polars.scans import TYPES, scan

__all__ = ["TYPES", "scan"]
