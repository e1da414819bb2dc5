"""Insights of a statement: what Box computes for it out of its index, unless Box refuses that."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from box_dialect.api import EndOfPreviewError
from box_dialect.engine.caller_warnings import warn, warning_of_index
from box_dialect.engine.scan.insights import Question, answered
from box_dialect.engine.scan.strict import is_refusal
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from box_dialect.engine.execution.session import Session
    from box_dialect.engine.scan.insights import Measures, Row


def asked_insights(session: Session, table: str, question: Question, measures: Measures) -> list[Row] | None:
    """Return the rows that Box tells of a table; None where it refuses that, of which the statement warns.

    Raises InexactError where what Box tells is not sure to be right.
    """
    client, endpoint = session.client, question.endpoint
    try:
        return session.run(answered, question, measures, partial(client.send, count=session.execution.count))
    except EndOfPreviewError:
        return None
    except DatabaseError as error:
        if not is_refusal(error, endpoint.operation):
            raise
        if client.refusals.note(endpoint.asked_as):
            warn(*warning_of_index(table, error))
        return None
