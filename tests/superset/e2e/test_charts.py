"""Charts, by the calls that Explore and dashboards make for them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from conftest import Box
    from superset_server import Person

DAY: Final = dt.timedelta(days=1)
COUNT: Final = {"expressionType": "SQL", "sqlExpression": "COUNT(*)", "label": "count"}


def by_time(grain: str | None) -> dict[str, Any]:
    """Return the query of a chart of how many files were made when."""
    axis = {"columnType": "BASE_AXIS", "expressionType": "SQL", "sqlExpression": "created_at", "label": "created_at"}
    return {"columns": [{**axis, "timeGrain": grain}], "metrics": [COUNT], "orderby": [["created_at", True]]}


@pytest.fixture(scope="module")
def files(admin: Person, database: int) -> int:
    """The dataset of a table."""
    return admin.add_dataset(database, "files")


@pytest.fixture(scope="module")
def created(box: Box) -> list[dt.datetime]:
    """When each file was made, by the driver alone."""
    with box.connect() as connection:
        return [moment for (moment,) in connection.cursor().execute("SELECT created_at FROM files").fetchall()]


@pytest.fixture(scope="module")
def grains(admin: Person, files: int) -> list[str]:
    """The time grains that Explore offers for a dataset."""
    explored = admin.get(f"/explore/?datasource_id={files}&datasource_type=table")
    return [grain for grain, _ in explored["result"]["dataset"]["time_grain_sqla"] if grain]


def test_there_is_a_chart_with_each_time_grain(
    admin: Person, files: int, grains: list[str], created: list[dt.datetime]
) -> None:
    assert {"PT1S", "PT1H", "P1D", "P1W", "P1M", "P3M", "P1Y"} <= set(grains)
    for grain in grains:
        rows = admin.chart(files, by_time(grain))
        moments = [row["created_at"] for row in rows]
        assert sum(row["count"] for row in rows) == len(created), grain
        assert moments == sorted(set(moments)), grain


def test_a_chart_by_month_is_of_months(admin: Person, files: int, created: list[dt.datetime]) -> None:
    months = Counter(moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0) for moment in created)
    expected = [{"created_at": month.timestamp() * 1000, "count": files} for month, files in sorted(months.items())]
    assert admin.chart(files, by_time("P1M")) == expected


def test_a_chart_of_a_time_range_is_of_that_time(admin: Person, files: int, created: list[dt.datetime]) -> None:
    by_month, last = by_time("P1M"), max(created).date()
    within = {**by_month, "filters": [{"col": "created_at", "op": "TEMPORAL_RANGE", "val": f"{last} : {last + DAY}"}]}
    expected = sum(moment.date() == last for moment in created)
    assert [row["count"] for row in admin.chart(files, within)] == [expected]
