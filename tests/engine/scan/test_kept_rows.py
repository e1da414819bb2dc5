"""Which objects of a listing are rows, and that there may be none: options of a field of a template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import box_dialect
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Nested, Table

if TYPE_CHECKING:
    from conftest import Box


def options(template: str, **declared: object) -> Table:
    endpoint = Endpoint(
        path=f"/metadata_templates/enterprise/{template}/schema",
        takes_fields=False,
        rows=(Nested("fields", "template"), Nested("options", "field")),
        keep={"field.key": "state", "key": re.compile("(?!open$).*")},
        **declared,  # type: ignore[arg-type]
    )
    return Table(
        name="states",
        doc="States other than open.",
        columns=(Column("key", doc="The key."),),
        key="key",
        fields=(),
        paths=(AccessPath(name="all", endpoints=(endpoint,)),),
    )


def keys(box: Box, table: Table) -> list[str]:
    with box.connect() as connection:
        connection.catalog.add(table)
        return [row[0] for row in connection.cursor().execute("SELECT key FROM states")]


def test_a_pattern_keeps_what_it_matches_as_a_whole(small: Box) -> None:
    assert keys(small, options("documentReview")) == ["done"]


def test_a_listing_without_a_key_may_be_absent_where_its_endpoint_says_so(small: Box) -> None:
    with pytest.raises(box_dialect.OperationalError, match="HTTP 404"):
        keys(small, options("nothing"))
    assert keys(small, options("nothing", absent=frozenset({404}))) == []
