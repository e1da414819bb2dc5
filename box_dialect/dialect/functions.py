"""The procedures as SQLAlchemy's functions: `sqlalchemy.func` finds them by name, in any case, and knows their types.

    select(func.GetOAuthAuthorizationURL(State="…"))
    select(func.GetOAuthAccessToken("WEB", code).table_valued())

Source: https://docs.sqlalchemy.org/en/20/core/functions.html#sqlalchemy.sql.functions.GenericFunction
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import NullType

from box_dialect.catalog import Catalog
from box_dialect.dialect.types import REFLECTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.catalog.model.procedure import Procedure


class ProcedureCall(GenericFunction[Any]):
    """A call of a procedure: inputs by position, or by name in any case and in snake_case.

    As an expression it gives the procedure's output, where that is one. Raises ProgrammingError for an input that the
    procedure has not, or that is given twice.
    """

    _register = False
    inherit_cache = True
    procedure: Procedure

    def __init__(self, *values: Any, **named: Any) -> None:
        options = {name: named.pop(name) for name in ("type_", "packagenames") if name in named}
        given = self.procedure.arranged(values, named.items())
        last = max((n for n, each in enumerate(self.procedure.inputs, 1) if each.name in given), default=0)
        inputs = self.procedure.inputs[:last]
        super().__init__(*(given.get(each.name, sa.null()) for each in inputs), **options)

    def table_valued(self, *expr: Any, **kw: Any) -> Any:
        """Return the rows as a FROM clause, with all outputs as its columns unless some are named."""
        outputs = {each.name: sa.column(each.name, REFLECTED[each.type]) for each in self.procedure.outputs}
        named = [outputs.get(each, each) if isinstance(each, str) else each for each in expr]
        return super().table_valued(*(named or outputs.values()), **kw)


def function_of(procedure: Procedure) -> type[ProcedureCall]:
    """Make the function of a procedure, which `sqlalchemy.func` finds by its name from then on.

    Those of procedures that every connection has are there; this is for one that a program adds to a catalog.
    """
    outputs = procedure.outputs
    attributes = {
        "__doc__": procedure.doc,
        "__module__": __name__,
        "_register": True,
        "inherit_cache": True,
        "name": procedure.name,
        "procedure": procedure,
        "type": REFLECTED[outputs[0].type] if len(outputs) == 1 else NullType(),
    }
    return type(procedure.name, (ProcedureCall,), attributes)


FUNCTIONS: Final[Mapping[str, type[ProcedureCall]]] = {
    each.name: function_of(each) for each in Catalog().procedures.values()
}
"""The functions by the names of their procedures, of those that every connection has."""
