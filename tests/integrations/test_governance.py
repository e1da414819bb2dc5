"""The dashboard "Box governance": its ZIP is whole and always the same, and what it asks of Box is what it says."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from docs.pages import ROOT

from box_dialect.integrations.superset.governance import bundle

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

yaml = pytest.importorskip("yaml")

FOLDERS, SHARED = 14, 3
"""What the small tree has: folders with the root, and items that somebody collaborates on."""
CALLS = {"box_content": FOLDERS, "box_external_access": FOLDERS + SHARED, "box_owners": 1, "box_types": 0}
WRITE = [sys.executable, "-m", "box_dialect.integrations.superset.governance"]


def members(archive: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name.removeprefix("box_governance/"): opened.read(name).decode() for name in opened.namelist()}


SOURCES: dict[str, Any] = {name: yaml.safe_load(text) for name, text in members(bundle()).items()}


def sources(folder: str) -> dict[str, Any]:
    """Return what a folder of the ZIP holds, by uuid."""
    return {source["uuid"]: source for name, source in SOURCES.items() if name.startswith(f"{folder}/")}


DATASETS, CHARTS = sources("datasets"), sources("charts")
(DASHBOARD,) = sources("dashboards").values()
(DATABASE,) = sources("databases").values()


@pytest.mark.long
def test_the_zip_is_always_the_same(tmp_path: Path) -> None:
    subprocess.run([*WRITE, tmp_path / "box_governance.zip"], check=True)
    assert (tmp_path / "box_governance.zip").read_bytes() == bundle() == bundle()


@pytest.mark.long
def test_superset_is_not_needed(tmp_path: Path) -> None:
    program = (
        "import runpy, sys; sys.modules['superset'] = None; runpy.run_module(sys.argv.pop(1), run_name='__main__')"
    )
    done = [sys.executable, "-c", program, WRITE[-1], str(tmp_path / "box_governance.zip")]
    subprocess.run(done, check=True)
    assert (tmp_path / "box_governance.zip").read_bytes() == bundle()


@pytest.mark.long
def test_the_url_and_the_database_are_those_that_are_given(tmp_path: Path) -> None:
    url, uuid = 'box://id:XXXXXXXXXX@/?AuthScheme=OAuthClient&SubjectId="1\\', "00000000-0000-4000-8000-000000000001"
    subprocess.run([*WRITE, "--url", url, "--database-uuid", uuid, tmp_path / "a.zip"], check=True)
    written = {name: yaml.safe_load(text) for name, text in members((tmp_path / "a.zip").read_bytes()).items()}
    assert written["databases/Box.yaml"] == DATABASE | {"sqlalchemy_uri": url, "uuid": uuid}
    assert {source["database_uuid"] for name, source in written.items() if name.startswith("datasets/")} == {uuid}


def test_the_zip_has_no_secret_and_lets_nobody_write() -> None:
    assert DATABASE["sqlalchemy_uri"] == "box://"
    assert set(DATABASE["extra"]["engine_params"]["connect_args"]) == {"MaxApiCalls", "Timeout"}
    assert not any(DATABASE[name] for name in ("allow_dml", "allow_ctas", "allow_cvas", "allow_file_upload"))
    assert DATABASE["extra"]["per_user_caching"] is True
    assert DATABASE["database_name"] != "Box"  # Superset's import would change a database that has its name


def test_all_that_the_sources_refer_to_is_there() -> None:
    assert SOURCES["metadata.yaml"] == {"version": "1.0.0", "type": "Dashboard"}
    assert {dataset["database_uuid"] for dataset in DATASETS.values()} == {DATABASE["uuid"]}
    assert {chart["dataset_uuid"] for chart in CHARTS.values()} <= set(DATASETS)
    position = DASHBOARD["position"]
    cells = {name: cell for name, cell in position.items() if name != "DASHBOARD_VERSION_KEY"}
    assert all(cell["id"] == name for name, cell in cells.items())
    children = [child for cell in cells.values() for child in cell.get("children", ())]
    assert sorted(children) == sorted(set(cells) - {"ROOT_ID", "HEADER_ID"})
    assert all(child in cells[cells[child]["parents"][-1]]["children"] for child in children)
    placed = {cell["meta"]["uuid"]: cell["meta"] for cell in cells.values() if cell["type"] == "CHART"}
    assert {uuid: meta["sliceName"] for uuid, meta in placed.items()} == {
        uuid: chart["slice_name"] for uuid, chart in CHARTS.items()
    }
    assert sorted(meta["chartId"] for meta in placed.values()) == [1, 2, 3, 4, 5, 6]


def test_filters_narrow_the_charts_that_they_are_said_to() -> None:
    names = {cell["meta"]["chartId"]: cell["meta"]["uuid"] for cell in DASHBOARD["position"].values() if "meta" in cell
        and "chartId" in cell["meta"]}  # fmt: skip
    owner, kind, created = DASHBOARD["metadata"]["native_filter_configuration"]
    for each, column in ((owner, "owner"), (kind, "type")):
        (target,) = each["targets"]
        assert target["column"]["name"] == column
        assert column in columns(DATASETS[target["datasetUuid"]])
        for number in set(names) - set(each["scope"]["excluded"]):
            assert column in columns(DATASETS[CHARTS[names[number]]["dataset_uuid"]])
    for number in set(names) - set(created["scope"]["excluded"]):
        ranges = [f for f in CHARTS[names[number]]["params"]["adhoc_filters"] if f["operator"] == "TEMPORAL_RANGE"]
        assert [(each["subject"], each["comparator"]) for each in ranges] == [("created_at", "No filter")]
    assert [CHARTS[names[number]]["slice_name"] for number in created["scope"]["excluded"]] == ["Stale files"]


def columns(dataset: dict[str, Any]) -> list[str]:
    return [column["column_name"] for column in dataset["columns"]]


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset["table_name"])
def test_a_dataset_gives_its_columns_for_the_calls_that_it_says(dataset: dict[str, Any], small: Box) -> None:
    with small.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({dataset['sql']}) AS virtual_table")
        assert cursor.fetchall()
        assert [name for name, *_ in cursor.description] == columns(dataset)
        assert cursor.api_calls == CALLS[dataset["table_name"]]
        found = {name: type_code for name, type_code, *_ in cursor.description}
        moments = {name for name, type_code in found.items() if str(type_code).startswith("TIMESTAMP")}
        assert moments == {column["column_name"] for column in dataset["columns"] if column.get("is_dttm")}


@pytest.mark.long
def test_the_page_tells_what_each_dataset_costs(small: Box, synthetic: Box) -> None:
    page = (ROOT / "docs" / "governance.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| (.+?) \| .+? \| (\d+ \| \d+) \|$", page, re.MULTILINE))
    calls = {
        dataset["table_name"]: (calls_of(dataset, small), calls_of(dataset, synthetic)) for dataset in DATASETS.values()
    }
    expected = {
        "each chart but External access": calls["box_content"],
        "External access": calls["box_external_access"],
        "the filter of owners": calls["box_owners"],
        "the filter of types": calls["box_types"],
    }
    sums = [[each[tree] for each in expected.values()] for tree in (0, 1)]
    expected["all at once"] = tuple(5 * each + external + owners + types for each, external, owners, types in sums)
    expected["where charts meet, at best"] = tuple(sum(each) for each in sums)
    assert told == {name: f"{of_small} | {of_synthetic}" for name, (of_small, of_synthetic) in expected.items()}


def calls_of(dataset: dict[str, Any], box: Box) -> int:
    with box.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({dataset['sql']}) AS virtual_table").fetchall()
        return cursor.api_calls


def statement(chart: dict[str, Any]) -> str:
    """Return the query of a chart, as Superset writes it for its parameters."""
    dataset, params = DATASETS[chart["dataset_uuid"]], chart["params"]
    metrics = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    assert params["viz_type"] == chart["viz_type"]
    grain = {params.get("x_axis"): "date_trunc('month', {})"} if params.get("time_grain_sqla") == "P1M" else {}
    chosen = [
        *([params["x_axis"]] if "x_axis" in params else []),
        *params.get("groupby", params.get("all_columns", [])),
    ]
    groups = [grain.get(name, "{}").format(name) for name in chosen]
    measures = params.get("metrics", [params["metric"]] if "metric" in params else [])
    order = [(name, False) for name in measures[:1]] or [json.loads(each) for each in params["order_by_cols"]]
    conditions = []
    for each in params["adhoc_filters"]:
        operator, comparator = each["operator"], each["comparator"]
        if operator == "TEMPORAL_RANGE":
            if comparator == "No filter":
                continue
            assert comparator == " : 1 year ago"
            operator, comparator = "<", "2020-01-01 00:00:00.000000"  # later than the emulator's files
        conditions.append(f"{each['subject']} {operator.replace('==', '=')} '{comparator}'")
    selected = [f"{group} AS {name}" for group, name in zip(groups, chosen, strict=True)]
    return " ".join((
        "SELECT", ", ".join([*selected, *(f"{metrics[name]} AS {name}" for name in measures)]),
        f"FROM ({dataset['sql']}) AS virtual_table",
        f"WHERE {' AND '.join(conditions)}" if conditions else "",
        f"GROUP BY {', '.join(groups)}" if measures else "",
        "ORDER BY", ", ".join(f"{name} {'ASC' if ascending else 'DESC'}" for name, ascending in order),
        f"LIMIT {params['row_limit']}",
    ))  # fmt: skip


def rows(slice_name: str, box: Box) -> list[tuple[Any, ...]]:
    """Return what a chart shows, and hold it to its calls."""
    (chart,) = (chart for chart in CHARTS.values() if chart["slice_name"] == slice_name)
    with box.connect() as connection, connection.cursor() as cursor:
        found = cursor.execute(statement(chart)).fetchall()
        assert cursor.api_calls == CALLS[DATASETS[chart["dataset_uuid"]]["table_name"]]
    return found


@pytest.mark.usefixtures("quiet")
def test_charts_of_the_content_make_equal_calls_which_are_one_where_they_meet(
    small: Box, caplog: pytest.LogCaptureFixture
) -> None:
    asked = []
    with caplog.at_level("DEBUG", "box_dialect"):
        for chart in CHARTS.values():
            if DATASETS[chart["dataset_uuid"]]["table_name"] == "box_content":
                caplog.clear()
                rows(chart["slice_name"], small)
                asked.append(sorted(re.findall(r"GET (\S+): HTTP 200", caplog.text)))
    assert len(asked) == 5
    assert [len(paths) for paths in asked] == [FOLDERS] * 5
    assert all(paths == asked[0] for paths in asked)


def files(box: Box) -> list[tuple[Any, ...]]:
    with box.connect() as connection:
        query = "SELECT path, owned_by_name, extension, size, created_at, modified_at FROM files"
        return connection.cursor().execute(query).fetchall()


def test_storage_by_owner(small: Box) -> None:
    expected: Counter[str] = Counter()
    for _, owner, _, size, *_ in files(small):
        expected[owner] += size
    assert dict(rows("Storage by owner", small)) == expected


def test_storage_by_type(small: Box) -> None:
    found = rows("Storage by type", small)
    assert sum(size for _, size in found) == sum(size for _, _, _, size, *_ in files(small))
    by_extension: Counter[str] = Counter()
    for _, _, extension, size, *_ in files(small):
        by_extension[extension.lower()] += size
    assert dict(found)["PDF"] == by_extension["pdf"]
    assert dict(found)["Image"] == sum(by_extension[each] for each in ("jpg", "jpeg", "png"))
    assert dict(found)["Archive"] == by_extension["gz"]


def test_growth_by_month(small: Box) -> None:
    expected: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for _, _, _, size, created_at, _ in files(small):
        expected[f"{created_at:%Y-%m}"] += size
    for month, _, size in rows("Growth by month", small):
        found[str(month)[:7]] += size
    assert found == expected


def test_stale_files(small: Box) -> None:
    found = rows("Stale files", small)
    assert {path for path, *_ in found} == {path for path, *_ in files(small)}
    assert [size for _, _, _, size, _ in found] == sorted((size for _, _, _, size, *_ in files(small)), reverse=True)


def test_external_access(small: Box) -> None:
    """People of the owner's own domain, groups and what was rejected are left out."""
    invited = datetime(2015, 7, 20, 8, 2, tzinfo=UTC)
    assert rows("External access", small) == [
        ("stranger@example.net", "example.net", "/Contracts", "Amelia Andersen", "viewer", "pending", invited, None)
    ]


def test_open_links(small: Box) -> None:
    """A link for the company alone is not shown."""
    ((path, kind, owner, url, has_password, expires_at, _),) = rows("Open links", small)
    assert (path, kind, owner, has_password, expires_at) == ("/Notes.txt", "Document", "Chloé Castillo", False, None)
    assert url.startswith("https://app.box.com/s/")


def test_the_filter_of_types_has_every_type_of_the_content(small: Box) -> None:
    content, types = (next(d for d in DATASETS.values() if d["table_name"] == f"box_{n}") for n in ("content", "types"))
    with small.connect() as connection:
        listed = [name for (name,) in connection.cursor().execute(types["sql"]).fetchall()]
    assert sorted(re.findall(r"(?:THEN|ELSE) '([A-Z][^']*)'", content["sql"])) == listed
