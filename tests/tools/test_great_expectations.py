"""GX Core with Box as a SQL data source: its expectations on tables, views and queries, and a checkpoint of them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from docs.pages import TOOLS, run

with warnings.catch_warnings(action="ignore"):  # of a module that Python is to remove
    import great_expectations as gx
    from great_expectations import expectations as gxe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box
    from great_expectations.datasource.fluent import SQLDatasource

TYPES = {"name": "String", "size": "BigInteger", "modified_at": "DateTime", "is_watermarked": "Boolean", "tags": "JSON"}


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch, small: Box) -> None:
    """Have GX tell nobody of the test, and know the URL."""
    monkeypatch.setenv("GX_ANALYTICS_ENABLED", "false")
    monkeypatch.setenv("BOX_URL", f"{small.url}&Readonly=true&MaxApiCalls=500")


@pytest.fixture
def box() -> Iterator[SQLDatasource]:
    source = gx.get_context(mode="ephemeral").data_sources.add_sql("box", connection_string="${BOX_URL}")
    yield source
    source.get_execution_engine().close()


def batch(box: SQLDatasource, table: str) -> Any:
    return box.add_table_asset(table, table_name=table).add_batch_definition_whole_table("all").get_batch()


def test_the_page(small: Box) -> None:
    run(TOOLS, small.emulator.ready, "Great Expectations")


def test_a_batch_shows_rows_and_what_it_is_read_with_is_not_shown(small: Box, box: SQLDatasource) -> None:
    shown = batch(box, "files").head(fetch_all=True).data
    assert (len(shown), shown["name"].iloc[0]) == (27, ".gitignore")
    assert small.emulator.ready["client_secret"] not in repr(box)


@pytest.mark.parametrize(
    ("expectation", "is_met"),
    [
        (gxe.ExpectTableRowCountToEqual(value=27), True),
        (gxe.ExpectColumnToExist(column="modified_at"), True),
        (gxe.ExpectColumnValuesToNotBeNull(column="modified_at"), True),
        (gxe.ExpectColumnValuesToBeNull(column="expires_at"), True),
        (gxe.ExpectColumnValuesToBeUnique(column="id"), True),
        (gxe.ExpectCompoundColumnsToBeUnique(column_list=["parent_id", "name"]), True),
        (gxe.ExpectColumnValuesToBeInSet(column="item_status", value_set=["active"]), True),
        (gxe.ExpectColumnDistinctValuesToBeInSet(column="type", value_set=["folder"]), False),
        (gxe.ExpectColumnValueLengthsToBeBetween(column="name", max_value=3), False),
        (gxe.ExpectColumnValuesToBeBetween(column="size", max_value=20), False),
        (gxe.ExpectColumnValuesToBeBetween(column="modified_at", min_value="2000-01-01"), True),
        (
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A="modified_at", column_B="created_at", or_equal=True),
            True,
        ),
        (gxe.ExpectColumnMaxToBeBetween(column="size", min_value=24, max_value=24), True),
        (gxe.ExpectColumnMedianToBeBetween(column="size", min_value=1_000), False),
        (gxe.UnexpectedRowsExpectation(unexpected_rows_query=r"SELECT 1 FROM {batch} WHERE name REGEXP '^\.'"), False),
        *((gxe.ExpectColumnValuesToBeOfType(column=name, type_=kind), True) for name, kind in TYPES.items()),
    ],
    ids=lambda value: value.expectation_type if isinstance(value, gxe.Expectation) else None,
)
def test_expectations(box: SQLDatasource, expectation: gxe.Expectation, is_met: bool) -> None:
    validated = batch(box, "files").validate(expectation)
    assert not any(isinstance(each, dict) for each in validated.exception_info.values()), validated.exception_info
    assert validated.success is is_met


def test_what_gx_does_not_know_of_box_is_told(box: SQLDatasource) -> None:
    validated = batch(box, "files").validate(gxe.ExpectColumnValuesToMatchRegex(column="name", regex="pdf"))
    (failure,) = validated.exception_info.values()
    assert failure["exception_message"] == "Regex is not supported for dialect box"


def test_a_view_and_a_query_are_assets(box: SQLDatasource) -> None:
    assert batch(box, "stale_files").validate(gxe.ExpectColumnToExist(column="name")).success
    query = box.add_query_asset("large", query="SELECT name, size FROM files WHERE size > 20")
    large = query.add_batch_definition_whole_table("all").get_batch()
    assert large.validate(gxe.ExpectColumnMinToBeBetween(column="size", min_value=21)).success


def test_the_rows_of_a_month_are_a_batch(box: SQLDatasource) -> None:
    files = box.add_table_asset("files", table_name="files")
    monthly = files.add_batch_definition_monthly("monthly", column="modified_at")
    assert {*monthly.get_batch({"year": 2015, "month": 7}).head(fetch_all=True).data["name"]} == {"Notes.txt"}


def test_a_batch_is_read_once_where_it_is_copied(fresh: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_URL", fresh.url)

    def calls(*, is_copied: bool) -> object:
        context = gx.get_context(mode="ephemeral")
        box = context.data_sources.add_sql("box", connection_string="${BOX_URL}", create_temp_table=is_copied)
        files = box.add_table_asset("files", table_name="files").add_batch_definition_whole_table("all")
        expectations = [
            gxe.ExpectColumnMaxToBeBetween(column="size", max_value=24),
            gxe.ExpectTableRowCountToEqual(value=27),
            gxe.ExpectColumnValuesToNotBeNull(column="modified_at"),
        ]
        suite = context.suites.add(gx.ExpectationSuite(name="files", expectations=expectations))
        validation = gx.ValidationDefinition(name="files", data=files, suite=suite)
        context.validation_definitions.add(validation)
        fresh.reset()
        assert validation.run().success
        return fresh.stats()["by_operation"]["get_folders_id_items"]

    with fresh.connect() as connection:
        cursor = connection.cursor().execute("SELECT size FROM files")
        cursor.fetchall()
    assert calls(is_copied=False) > 2 * cursor.api_calls
    assert calls(is_copied=True) == cursor.api_calls
