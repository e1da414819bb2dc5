"""Previews in Superset itself: what it asks on its own account lists no whole tree, and the rest is whole."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from flask import g
from flask_caching import Cache
from sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

PREVIEW_CALLS = 20
FOLDERS, FILES = 101, 2_000
"""The synthetic tree: a call for each folder lists it."""
COUNT = {"expressionType": "SQL", "sqlExpression": "count(*)", "label": "files"}


@pytest.fixture
def calls(synthetic: Box) -> Iterator[Callable[[], Any]]:
    """Return a function that tells how many calls were made."""
    synthetic.reset()
    return lambda: synthetic.stats()["calls"]


@pytest.fixture
def database(add_database: Callable[..., Any], synthetic: Box) -> Any:
    return add_database(synthetic)


@pytest.fixture
def dataset(session: Any, database: Any) -> Any:
    from superset.connectors.sqla.models import SqlaTable, TableColumn

    table = SqlaTable(table_name="all_files", sql="SELECT * FROM files", database=database, schema="main")
    table.columns = [TableColumn(column_name="owned_by_name", type="TEXT", groupby=True, filterable=True)]
    session.add(table)
    session.commit()
    return table


def test_a_dataset_is_created_by_few_calls(app: Any, database: Any, calls: Callable[[], int]) -> None:
    from superset.connectors.sqla.utils import get_columns_description

    counting = "SELECT owned_by_name, count(*) AS files, max(modified_at) AS newest FROM files GROUP BY 1"
    with app.test_request_context("/api/v1/dataset/", method="POST", json={"sql": counting}):
        columns = get_columns_description(database, None, "main", counting)
    assert [column["name"] for column in columns] == ["owned_by_name", "files", "newest"]
    assert 0 < calls() <= 2 * PREVIEW_CALLS, "Superset runs it twice"


def test_a_filter_is_filled_by_few_calls(app: Any, dataset: Any, calls: Callable[[], int]) -> None:
    path = f"/api/v1/datasource/table/{dataset.id}/column/owned_by_name/values/"
    with app.test_request_context(path, method="GET"):
        assert dataset.values_for_column("owned_by_name")
    assert 0 < calls() <= PREVIEW_CALLS


@sweep(("viz_type", "least", "most"), [("filter_select", 1, PREVIEW_CALLS), ("table", FOLDERS, FOLDERS + 1)])
def test_charts_are_whole_and_filters_are_not(
    app: Any, database: Any, synthetic: Box, viz_type: str, least: int, most: int
) -> None:
    synthetic.reset()
    body = {"form_data": {"viz_type": viz_type}, "queries": [{}]}
    with app.test_request_context("/api/v1/chart/data", method="POST", json=body):
        frame = database.get_df("SELECT count(*) AS files FROM files")
    assert (frame["files"][0] == FILES) == (viz_type == "table")
    assert least <= synthetic.stats()["calls"] <= most  # type: ignore[operator]


def test_what_a_preview_has_cached_is_no_charts(app: Any, session: Any, dataset: Any) -> None:
    """Where Superset keeps rows for each viewer; else the same query has one key, whoever asks."""
    from superset.common.query_object import QueryObject

    dataset.database.extra = json.dumps({**json.loads(dataset.database.extra), "per_user_caching": True})
    session.commit()
    keys = []
    for viz_type in ("filter_select", "filter_select", "table"):
        body = {"form_data": {"viz_type": viz_type}}
        with app.test_request_context("/api/v1/chart/data", method="POST", json=body):
            g.user = SimpleNamespace(username="ann", id=1)
            keys.append(QueryObject(datasource=dataset, columns=["owned_by_name"], row_limit=1000).cache_key())
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize("is_kept_by_viewer", [False, True])
def test_a_chart_that_is_asked_what_a_filter_was_is_whole(
    app: Any, session: Any, dataset: Any, monkeypatch: pytest.MonkeyPatch, is_kept_by_viewer: bool
) -> None:
    """Whether Superset keeps rows for all viewers, under one key for both, or for each."""
    from flask_appbuilder.security.sqla.models import User
    from superset.common.query_context_factory import QueryContextFactory
    from superset.extensions import cache_manager

    user = User(id=1, username="ann", active=True)

    extra = {**json.loads(dataset.database.extra), "per_user_caching": is_kept_by_viewer}
    dataset.database.extra = json.dumps(extra)
    session.commit()
    kept = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 3600}
    monkeypatch.setitem(app.config, "DATA_CACHE_CONFIG", kept)
    monkeypatch.setattr(cache_manager, "_data_cache", Cache(app, config=kept))
    query = {"columns": ["owned_by_name"], "metrics": [COUNT], "row_limit": 1000}
    source = {"type": "table", "id": dataset.id}
    files = {}
    for viz_type in ("filter_select", "table"):
        form = {"viz_type": viz_type}
        with app.test_request_context("/api/v1/chart/data", method="POST", json={"form_data": form}):
            g.user = user
            context = QueryContextFactory().create(datasource=source, queries=[query], form_data=form)
            frame = context.get_df_payload(context.queries[0])["df"]
        files[viz_type] = frame["files"].sum()
    assert files["table"] == FILES
    assert bool(files["filter_select"] < FILES) is is_kept_by_viewer


@sweep(("viz_type", "calls"), [("filter_select", PREVIEW_CALLS), ("table", 0)])
def test_a_filter_whose_values_a_worker_reads(app: Any, viz_type: str, calls: int) -> None:
    """As GLOBAL_ASYNC_QUERIES have it: there is no request in the worker."""
    from box_dialect.integrations.superset.previews import current_calls

    with app.app_context():
        from superset.tasks.async_queries import set_form_data

        set_form_data({"form_data": {"viz_type": viz_type}, "queries": [{}]})
        assert current_calls() == calls


def test_the_configuration_says_how_many(app: Any, database: Any, calls: Callable[[], int]) -> None:
    for said, least, most in ((3, 1, 3), (0, FOLDERS, FOLDERS + 1)):
        before = calls()
        app.config["BOX_DIALECT"] = {"PreviewCalls": said}
        try:
            with app.test_request_context("/datasource/samples", method="POST", json={}):
                database.get_df("SELECT count(*) FROM files")
        finally:
            del app.config["BOX_DIALECT"]
        assert least <= calls() - before <= most


@sweep(("tab", "is_whole"), [("", False), ("Untitled Query", True), (None, True)])
def test_a_look_at_a_table_in_sql_lab(
    session: Any, synthetic: Box, database: Any, tab: str | None, is_whole: bool
) -> None:
    """Of comments there are none here, so that all files would be asked for them."""
    from superset.models.sql_lab import Query
    from superset.sql.parse import Table
    from superset.sql_lab import get_sql_results

    synthetic.reset()
    sql = database.select_star(Table("comments", "main"))
    query = Query(database=database, sql=sql, client_id=f"look-{tab}"[:11], limit=100, tab_name=tab, start_time=1.0)
    session.add(query)
    session.commit()
    answer = get_sql_results(query.id, sql)
    session.add(database)
    assert answer["status"] == "success", answer
    assert (synthetic.stats()["calls"] > PREVIEW_CALLS) is is_whole  # type: ignore[operator]


@sweep("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"form_data": ' * 10_000, b'"filter_select"'])
def test_bodies_of_any_kind_do_no_harm(app: Any, body: bytes) -> None:
    from box_dialect.integrations.superset.previews import current_calls

    with app.test_request_context("/api/v1/chart/data", method="POST", data=body, content_type="application/json"):
        assert current_calls() == 0
