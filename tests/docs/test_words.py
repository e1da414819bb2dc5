"""Every word of a declaration is explained, in the order in which a declaration has them."""

from __future__ import annotations

import dataclasses
import re

import pytest

from box_dialect.catalog import model
from docs.pages import ROOT

PAGE = (ROOT / "docs" / "add-a-table.md").read_text(encoding="utf-8")
EXPLAINED_ELSEWHERE = {
    "Location",  # what a walk knows of a folder
    "Reference",  # what a table tells of its columns
}
DECLARED = [
    name
    for name, value in vars(model).items()
    if dataclasses.is_dataclass(value) and name in model.__all__ and name not in EXPLAINED_ELSEWHERE
]


@pytest.mark.parametrize("name", DECLARED)
def test_the_words_of_a_declaration_are_explained_in_their_order(name: str) -> None:
    _, heading, section = PAGE.partition(f"\n### {name}\n")
    assert heading, f"docs/add-a-table.md does not explain {name}"
    words = re.findall(r"^\| `(\w+)` \| .+ \|$", section.partition("\n### ")[0], re.MULTILINE)
    assert words == [field.name for field in dataclasses.fields(getattr(model, name))]


def test_all_declarations_are_looked_at() -> None:
    assert {"Table", "Column", "AccessPath", "Endpoint", "FanOut", "Filter", "Order", "Write"} <= set(DECLARED)
