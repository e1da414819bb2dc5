"""Rows as lines: beside each other where they fit, cut or wrapped where they do not."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from box_dialect.cli.layout import Layout

WORDS = "a text that has more words than fit a narrow line"


def lines(rows: list[tuple[str, ...]], most: int | None, **options: bool) -> list[str]:
    layout = Layout(["name", "it is"], rows, most, **options)
    return [*layout.header(), *(line for number, row in enumerate(rows, 1) for line in layout.lines(row, number))]


def test_what_fits_is_beside_each_other() -> None:
    assert lines([("漢字", "x"), ("a", "")], 20) == ["name  it is", "----  -----", "漢字  x", "a"]
    assert lines([("a", WORDS)], None)[-1] == f"a     {WORDS}"


def test_the_last_column_is_wrapped_at_words_and_a_long_name_where_it_has_none() -> None:
    assert lines([("a name", WORDS)], 40, wraps=True)[2:] == [
        "a name  a text that has more words than",
        "        fit a narrow line",
    ]
    assert lines([("n" * 20, WORDS)], 40, wraps=True)[2:] == [
        "nnnnnnnnnnnnnnnnnnn  a text that has",
        "n                    more words than fit",
        "                     a narrow line",
    ]


@pytest.mark.parametrize("wraps", [True, False])
@pytest.mark.parametrize("most", [20, 33, 40, 80])
@pytest.mark.parametrize("name", ["n" * 100, "漢" * 100, "👩\u200d💻" * 40, "e\u0301" * 100, "a name of words " * 9])
def test_no_line_is_longer_than_it_may_be(most: int, name: str, wraps: bool) -> None:
    found = lines([(name, WORDS), ("b", "c")], most, wraps=wraps)
    assert max(map(cell_len, found)) <= most


def test_many_columns_are_a_line_for_each_value() -> None:
    names = [f"column {number}" for number in range(9)]
    row = ["a value of words"] * 9
    layout = Layout(names, [row], 40)
    assert [*layout.header(), *layout.lines(row, 1)][:2] == ["-- row 1", "column 0  a value of words"]


def test_a_name_that_fills_the_line_leaves_room_for_its_value() -> None:
    layout = Layout(["n" * 200, "b", "c", "d"], [["v" * 30] * 4], 40)
    assert [*layout.lines(["v" * 30] * 4, 1)][1] == f"{'n' * 19}…  {'v' * 17}…"


def test_numbers_are_never_cut() -> None:
    layout = Layout(["n", "t"], [["1" * 15, "x" * 50]], 30, numeric={0})
    assert [*layout.lines(["1" * 15, "x" * 50])] == [f"{'1' * 15}  {'x' * 12}…"]
