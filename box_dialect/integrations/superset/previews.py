"""Previews: requests of Superset for which a few rows will do, so that they list no whole tree.

What it asks on its own account is meant: the columns of a new dataset, samples, the values that a filter offers,
a look at a table. Charts, the queries of editors, exports and details are whole.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from box_dialect.integrations.superset import application

MOST_BYTES: Final = 1 << 20
"""Bytes of a request's body that are looked at; larger ones are no preview."""

Body = Mapping[str, Any]


class Preview(NamedTuple):
    """A kind of request: its methods, a pattern of its path, and what its body says if that matters.

    `is_kept` tells that Superset keeps its rows where it keeps those of charts.
    """

    methods: frozenset[str]
    path: re.Pattern[str]
    says: Callable[[Body], bool] = lambda _: True
    is_kept: bool = False


_CHART: Final = "/api/v1/chart/data"
_WRITING: Final = frozenset({"POST", "PUT"})
_DETAILS: Final = ("filters", "extras", "time_range", "granularity")
"""What drilling to the rows behind a number asks for; samples have nothing of it."""


def _is_of_filter_or_samples(body: Body) -> bool:
    form = body.get("form_data")
    is_filter = isinstance(form, Mapping) and form.get("viz_type") == "filter_select"
    return is_filter or body.get("result_type") == "samples"


def _has_no_details(body: Body) -> bool:
    return not any(body.get(name) for name in _DETAILS)


_NAME: Final = r"""(?:\w+|"[^"]+")"""
_TABLE: Final = re.compile(
    rf"\s*SELECT\s+\*\s+FROM\s+(?:{_NAME}\.)?{_NAME}\s+LIMIT\s+\d+(?:\s+OFFSET\s+0)?\s*;?\s*", re.IGNORECASE
)
"""What Superset's `select_star` gives."""

PREVIEWS: Final = (
    # The columns of datasets, from a query's first row; but not /api/v1/dataset/warm_up_cache, which runs charts.
    Preview(_WRITING, re.compile(r"/api/v1/dataset/(?!warm_up_cache).*")),
    Preview(_WRITING, re.compile(r"/api/v1/(assets|chart|dashboard|database)/import/")),
    Preview(_WRITING, re.compile(r"/datasource/save/")),
    Preview(frozenset({"GET"}), re.compile(r"/datasource/external_metadata(_by_name|/[^/]+/[^/]+)/")),
    # Samples, and the values of filters, in Explore and on dashboards.
    Preview(_WRITING, re.compile(r"/datasource/samples"), _has_no_details, is_kept=True),
    Preview(frozenset({"GET"}), re.compile(r"/api/v1/datasource/[^/]+/[^/]+/column/.+/values/")),
    Preview(_WRITING, re.compile(_CHART), _is_of_filter_or_samples, is_kept=True),
)
"""The requests that are previews, by the paths of Superset 5.0 to 6.1."""


def is_preview(method: str, path: str, body: Any, *, is_shared: bool = False) -> bool:
    """Tell whether a request is a preview; `body` is its JSON, decoded, and may be anything.

    `path` has no prefix that the server adds. With `is_shared`, Superset shows the rows that it keeps to whoever asks
    the same, as a chart may; then what it keeps is whole.
    """
    said = body if isinstance(body, Mapping) else {}
    asked = (each for each in PREVIEWS if method in each.methods and each.path.fullmatch(path))
    return any(each.says(said) for each in asked if not (each.is_kept and is_shared))


def is_table_preview(sql_editor_id: Any, tab: Any, sql: str) -> bool:
    """Tell whether a query of SQL Lab is what its page shows of a table that is clicked on, and not of an editor's.

    Its page says an empty tab then, and no editor; a program that calls the API says neither.
    """
    return sql_editor_id is None and tab == "" and _TABLE.fullmatch(sql) is not None


def current_calls(*, is_shared: bool = False) -> int:
    """Return how many API calls each statement of what Superset does now makes at most; 0 where it is no preview.

    `is_shared` is as `is_preview` has it.
    """
    calls = application.preview_calls()
    return calls if calls and (_is_current_request(is_shared=is_shared) or _is_current_query()) else 0


def _is_current_request(*, is_shared: bool) -> bool:
    """Tell so of the request that is served, or whose chart a worker draws, which keeps its body in `g`."""
    from flask import g, has_request_context, request

    if not has_request_context():
        return is_preview("POST", _CHART, g.get("form_data"), is_shared=is_shared)
    body = None
    if request.is_json and (request.content_length or 0) <= MOST_BYTES:
        with contextlib.suppress(RecursionError):
            body = request.get_json(silent=True)
    return is_preview(request.method, request.path, body, is_shared=is_shared)


def _is_current_query() -> bool:
    """Tell so of the query that SQL Lab runs."""
    return any(is_table_preview(each.sql_editor_id, each.tab_name, each.sql) for each in application.running_queries())
