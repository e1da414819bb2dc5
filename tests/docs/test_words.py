"""Every word of a declaration is explained, in the order in which a declaration has them."""

from __future__ import annotations

import dataclasses
import re

import pytest

from box_dialect.catalog import model
from box_dialect.catalog.model import inputs, procedure, procedure_call
from docs.pages import ROOT

PAGES = {
    model: "add-a-table.md",
    **dict.fromkeys((procedure, inputs, procedure_call), "add-a-procedure.md"),
}
NOT_DECLARED = {
    "Context",  # what a procedure works with
    "DocumentRelation",  # what a connection has of the documents at Box
    "Location",  # what a walk knows of a folder
    "Relation",  # what tables and views have in common
    "Reference",  # what a table tells of its columns
}
DECLARED = {
    name: (value, page)
    for module, page in PAGES.items()
    for name, value in vars(module).items()
    if dataclasses.is_dataclass(value) and name not in NOT_DECLARED
    if module is model or value.__module__ == module.__name__
}


@pytest.mark.parametrize("name", DECLARED)
def test_the_words_of_a_declaration_are_explained_in_their_order(name: str) -> None:
    declaration, page = DECLARED[name]
    _, heading, section = (ROOT / "docs" / page).read_text(encoding="utf-8").partition(f"\n### {name}\n")
    assert heading, f"docs/{page} does not explain {name}"
    words = re.findall(r"^\| `(\w+)` \| .+ \|$", section.partition("\n### ")[0], re.MULTILINE)
    assert words == [field.name for field in dataclasses.fields(declaration)]


def test_all_declarations_are_looked_at() -> None:
    assert {
        "Table",
        "AccessPath",
        "Endpoint",
        "FanOut",
        "Filter",
        "Order",
        "Write",
        "Procedure",
        "Input",
        "Call",
    } <= set(DECLARED)
