"""What a statement's text may be read for, told by the names in it: most texts are not read whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from box_dialect.dbapi.conditions.told import may_tell, with_conditions
from box_dialect.dbapi.insights import InsightStatement, insight_statement, may_be_insights
from box_dialect.dbapi.sqltext.classify import bare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.catalog import Table
    from box_dialect.engine import Session


class Reading(NamedTuple):
    """A text, and whether it may name tables that take conditions, and have aggregates that Box computes."""

    text: str
    may_tell: bool
    may_be_insights: bool

    @classmethod
    def of(cls, operation: str, tables: Mapping[str, Table]) -> Reading:
        """Return what a statement is, whatever its parameters are; `tables` are those that are known."""
        text = bare(operation) or operation
        return cls(text, may_tell(text, tables), may_be_insights(text, tables))

    def told(self, tables: Mapping[str, Table], parameters: Any) -> str:
        """Return the text as it tells the tables of its conditions."""
        return with_conditions(self.text, tables, parameters) if self.may_tell else self.text

    def insight(self, parameters: Any, session: Session) -> InsightStatement | None:
        """Return the statement as one that Box answers by insights, None where it does not."""
        return insight_statement(self.text, parameters, session) if self.may_be_insights else None
