"""Which of Superset's requests are previews."""

from __future__ import annotations

from typing import Any

from sweep import sweep

from box_dialect.integrations.superset.previews import is_preview, is_table_preview

FILTER = {"form_data": {"viz_type": "filter_select"}, "queries": [{}]}
CHART = {"form_data": {"viz_type": "table"}, "queries": [{}]}


@sweep(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/dataset/", {"database": 1, "sql": "SELECT 1", "table_name": "t"}),
        ("POST", "/api/v1/dataset/get_or_create/", {}),
        ("POST", "/api/v1/dataset/duplicate", {}),
        ("PUT", "/api/v1/dataset/7", {}),
        ("PUT", "/api/v1/dataset/7/refresh", None),
        ("POST", "/api/v1/dataset/7/detect_datetime_formats", None),
        ("POST", "/api/v1/dashboard/import/", None),
        ("POST", "/datasource/save/", None),
        ("GET", "/datasource/external_metadata/table/7/", None),
        ("GET", "/datasource/external_metadata_by_name/", None),
        ("POST", "/datasource/samples", {}),
        ("POST", "/datasource/samples", None),
        ("GET", "/api/v1/datasource/table/7/column/owned_by_name/values/", None),
        ("GET", "/api/v1/datasource/table/7/column/a/b/values/", None),
        ("POST", "/api/v1/chart/data", FILTER),
        ("POST", "/api/v1/chart/data", {**CHART, "result_type": "samples"}),
    ],
)
def test_previews(method: str, path: str, body: Any) -> None:
    assert is_preview(method, path, body)


@sweep(
    ("method", "path", "body"),
    [
        ("POST", "/api/v1/chart/data", CHART),
        ("POST", "/api/v1/chart/data", {**CHART, "result_type": "results"}),
        ("POST", "/api/v1/chart/data", {**CHART, "result_type": "drill_detail"}),
        ("GET", "/api/v1/chart/7/data/", None),
        ("PUT", "/api/v1/chart/warm_up_cache", {"chart_id": 7}),
        ("PUT", "/api/v1/dataset/warm_up_cache", {"db_name": "Box"}),
        ("GET", "/api/v1/dataset/7", None),
        ("POST", "/api/v1/sqllab/execute/", {"sql": "SELECT 1", "form_data": {"viz_type": "filter_select"}}),
        ("POST", "/api/v1/sqllab/estimate/", {"sql": "SELECT 1"}),
        ("POST", "/datasource/samples", {"filters": [{"col": "a", "op": "==", "val": "b"}]}),
        ("POST", "/datasource/samples", {"time_range": "Last week"}),
        ("POST", "/evil/api/v1/dataset/", {}),
        ("GET", "/", None),
        ("", "", None),
        # Bodies that are nothing of Superset's.
        ("POST", "/api/v1/chart/data", None),
        ("POST", "/api/v1/chart/data", [FILTER]),
        ("POST", "/api/v1/chart/data", {"form_data": "filter_select"}),
        ("POST", "/api/v1/chart/data", {"form_data": {"viz_type": ["filter_select"]}}),
        ("POST", "/api/v1/chart/data", {"form_data": None, "result_type": {"samples": 1}}),
        ("POST", "/api/v1/chart/data", "filter_select"),
    ],
)
def test_what_is_whole(method: str, path: str, body: Any) -> None:
    assert not is_preview(method, path, body)


@sweep(
    ("method", "path", "body", "is_kept"),
    [
        ("POST", "/api/v1/chart/data", FILTER, True),
        ("POST", "/api/v1/chart/data", {**CHART, "result_type": "samples"}, True),
        ("POST", "/datasource/samples", {}, True),
        ("POST", "/api/v1/dataset/", {}, False),
        ("GET", "/api/v1/datasource/table/7/column/owned_by_name/values/", None, False),
    ],
)
def test_what_superset_keeps_for_charts_too_is_whole(method: str, path: str, body: Any, is_kept: bool) -> None:
    assert is_preview(method, path, body, is_shared=True) is not is_kept


@sweep(
    ("editor", "tab", "sql", "is_one"),
    [
        (None, "", "SELECT\n  *\nFROM main.files\nLIMIT 100\nOFFSET 0", True),
        (None, "", 'SELECT *\nFROM main."my table"\nLIMIT 100', True),
        (None, "", "select * from files limit 5;", True),
        (None, None, "SELECT * FROM files LIMIT 100", False),
        (None, "Untitled Query 1", "SELECT * FROM files LIMIT 100", False),
        ("7", "", "SELECT * FROM files LIMIT 100", False),
        (None, "", "SELECT * FROM files", False),
        (None, "", "SELECT count(*) FROM files LIMIT 100", False),
        (None, "", "SELECT * FROM files, comments LIMIT 100", False),
        (None, "", "SELECT * FROM files WHERE size > 5 LIMIT 100", False),
    ],
)
def test_looks_at_a_table(editor: str | None, tab: str | None, sql: str, is_one: bool) -> None:
    assert is_table_preview(editor, tab, sql) is is_one
