"""Scan context: the counters and caches that all scans of one statement share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.engine.scan.answer_cache import AnswerCache
from box_dialect.engine.scan.field_selection import FieldSelection
from box_dialect.engine.scan.row_limit import RowLimit
from box_dialect.engine.scan.side_rows import SideRows

if TYPE_CHECKING:
    from box_dialect.api import CallCount
    from box_dialect.engine.caller_warnings import Message
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.negative_cache import NegativeCache


class ScanContext:
    """The counters and caches that the scans of one statement share.

    That is the count of its calls, the rows that are wanted of it, the fields that it reads, the answers that several
    scans need, their side rows, what is to be warned of, the paths by which all folders are `walked`, and the ids of
    the `walked_folders`, those that a walk has come to; each with the user as whom that is done, None for the one who
    is signed in. `refused_users` are those whom Box does not let the statement read as; `lacks_texts` tells whether Box
    has failed to make the text of a file.
    """

    def __init__(self, count: CallCount, negative_cache: NegativeCache) -> None:
        self.count = count
        self.row_limit = RowLimit()
        self.side_rows = SideRows(negative_cache)
        self.fields = FieldSelection(self.side_rows)
        self.answers = AnswerCache()
        self.warnings: list[Message] = []
        self.lacks_texts = False
        self.refused_users: set[str] = set()
        self.walked: set[tuple[str, str | None]] = set()
        self.walked_folders: set[tuple[str, str | None]] = set()

    def want(self, plan: Plan) -> None:
        """Take note that the statement may run a plan."""
        self.side_rows.want(plan)
        self.fields.want(plan)
