"""Metadata templates as tables: their names, their columns, what Box's queries take of a WHERE, and how they change.

A template is found while a connection is open; its table is made of the object that Box answers, as those in
`catalog/tables/` are declared. What DDL makes of one is in `definition.py` and `changes.py`: each statement is a call.
"""

from box_dialect.catalog.metadata.names import may_be_template, named
from box_dialect.catalog.metadata.template import template_table

__all__ = ["may_be_template", "named", "template_table"]
