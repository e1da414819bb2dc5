"""What Superset asks by itself: lists of databases and tables, columns of datasets, values of filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Box
    from superset_server import Person

PREVIEW_CALLS: Final = 10
"""At most so many calls an answer that is only looked at costs."""


@pytest.fixture
def costs(box: Box) -> Callable[[Callable[[], object]], int]:
    """Return a function that does something and tells how many calls came of it."""

    def counted(act: Callable[[], object]) -> int:
        box.reset()
        act()
        return int(str(box.stats()["calls"]))

    return counted


def test_box_is_offered(admin: Person) -> None:
    (box,) = (one for one in admin.get("/database/available/")["databases"] if one["engine"] == "box")
    assert box["name"] == "Box"
    assert box["sqlalchemy_uri_placeholder"].startswith("box://")
    assert box["parameters"]["properties"]
    assert box["engine_information"]["supports_file_upload"] is False


def test_the_schema_browser_costs_no_call(
    admin: Person, database: int, costs: Callable[[Callable[[], object]], int]
) -> None:
    path = f"/database/{database}"
    assert costs(lambda: admin.get(f"{path}/schemas/")) == 0
    assert costs(lambda: admin.get(f"{path}/tables/", {"schema_name": "main"})) == 0
    assert costs(lambda: admin.get(f"{path}/table_metadata/?name=files&schema=main")) == 0
    assert costs(lambda: admin.get(f"{path}/select_star/files/main/")) == 0


def test_functions_are_offered(admin: Person, database: int) -> None:
    names = admin.get(f"/database/{database}/function_names/")["function_names"]
    assert {"date_trunc", "json_extract", "GetOAuthAuthorizationURL"} <= set(names)
    assert "load_extension" not in names


def test_the_statement_for_all_columns_names_no_hidden_one(admin: Person, database: int) -> None:
    statement = admin.get(f"/database/{database}/select_star/files/main/")["result"]
    assert "name" in statement
    assert "content" not in statement


def test_a_dataset_costs_a_bounded_number_of_calls(
    admin: Person, database: int, costs: Callable[[Callable[[], object]], int]
) -> None:
    query = "SELECT extension, count(*) AS files, sum(size) AS bytes FROM files GROUP BY extension"
    assert costs(lambda: admin.add_dataset(database, "folders")) == 0
    assert costs(lambda: admin.add_dataset(database, "kinds", query)) <= 2 * PREVIEW_CALLS


def test_the_values_of_a_filter_cost_a_bounded_number_of_calls(
    admin: Person, database: int, costs: Callable[[Callable[[], object]], int]
) -> None:
    dataset = admin.add_dataset(database, "items")
    query = {"columns": ["extension"], "metrics": [], "row_limit": 1000, "orderby": [["extension", True]]}
    assert costs(lambda: admin.get(f"/datasource/table/{dataset}/column/extension/values/")) <= PREVIEW_CALLS
    assert costs(lambda: admin.chart(dataset, query, viz_type="filter_select")) <= PREVIEW_CALLS
