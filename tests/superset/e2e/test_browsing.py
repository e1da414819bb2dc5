"""What Superset asks by itself: lists of databases and tables, columns of datasets, values of filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Box
    from superset_server import Answer, Person

PREVIEW_CALLS: Final = 20
"""The calls that an answer costs at most which is only looked at."""
FOLDERS: Final = 100
"""The folders of the larger tree, each of which a walk lists."""


@pytest.fixture(scope="module")
def many(admin: Person, synthetic: Box) -> int:
    """A database of a larger tree."""
    return admin.add_database("Box of many files", synthetic.url)


@pytest.fixture
def costs(box: Box, synthetic: Box) -> Callable[[Callable[[], object]], int]:
    """Return a function that does something and tells how many calls came of it."""

    def counted(act: Callable[[], object]) -> int:
        box.reset()
        synthetic.reset()
        act()
        return sum(int(str(each.stats()["calls"])) for each in (box, synthetic))

    return counted


def test_box_is_offered(admin: Person) -> None:
    (box,) = (one for one in admin.get("/database/available/")["databases"] if one["engine"] == "box")
    assert box["name"] == "Box"
    assert box["sqlalchemy_uri_placeholder"].startswith("box://")
    assert box["parameters"]["properties"]
    assert box["engine_information"]["supports_file_upload"] is False


def test_the_schema_browser_lists_templates_alone(
    admin: Person, database: int, costs: Callable[[Callable[[], object]], int]
) -> None:
    path = f"/database/{database}"
    assert costs(lambda: admin.get(f"{path}/schemas/")) == 0
    # Two calls, unless the templates were listed within the last seconds.
    assert costs(lambda: admin.get(f"{path}/tables/", {"schema_name": "main"})) in {0, 2}
    assert costs(lambda: admin.get(f"{path}/table_metadata/?name=files&schema=main")) == 0
    assert costs(lambda: admin.get(f"{path}/select_star/files/main/")) == 0


def test_functions_are_offered(admin: Person, database: int) -> None:
    names = admin.get(f"/database/{database}/function_names/")["function_names"]
    assert {"date_trunc", "json_extract", "GetOAuthAuthorizationURL"} <= set(names)
    assert "load_extension" not in names


def test_a_look_at_a_table_has_no_hidden_column_and_costs_a_bounded_number_of_calls(
    admin: Person, many: int, costs: Callable[[Callable[[], object]], int]
) -> None:
    statement = admin.get(f"/database/{many}/select_star/files/main/")["result"]
    seen: list[Answer] = []
    assert costs(lambda: seen.append(admin.run(many, statement))) <= PREVIEW_CALLS
    assert "name" in seen[0].columns
    assert "content" not in seen[0].columns


def test_a_dataset_costs_a_bounded_number_of_calls(
    admin: Person, many: int, costs: Callable[[Callable[[], object]], int]
) -> None:
    query = "SELECT extension, count(*) AS files, sum(size) AS bytes FROM files GROUP BY extension"
    assert costs(lambda: admin.add_dataset(many, "folders")) == 0
    assert costs(lambda: admin.add_dataset(many, "kinds", query)) <= 2 * PREVIEW_CALLS  # its statement is run twice


def test_the_values_of_a_filter_cost_a_bounded_number_of_calls(
    admin: Person, many: int, costs: Callable[[Callable[[], object]], int]
) -> None:
    dataset = admin.add_dataset(many, "listing", "SELECT name, extension FROM files")
    query = {"columns": ["extension"], "metrics": [], "row_limit": 1000, "orderby": [["extension", True]]}
    assert costs(lambda: admin.get(f"/datasource/table/{dataset}/column/extension/values/")) <= PREVIEW_CALLS
    assert costs(lambda: admin.chart(dataset, query, viz_type="filter_select")) <= PREVIEW_CALLS
    assert costs(lambda: admin.chart(dataset, query)) > FOLDERS


def test_a_chart_that_was_drawn_costs_no_call_again(
    admin: Person, many: int, costs: Callable[[Callable[[], object]], int]
) -> None:
    dataset = admin.add_dataset(many, "web_links")
    query = {"columns": ["name"], "metrics": [], "row_limit": 10}
    assert costs(lambda: admin.chart(dataset, query)) > FOLDERS
    assert costs(lambda: admin.chart(dataset, query, force=False)) == 0
