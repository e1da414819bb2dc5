"""`has_any()` tells whether a list has one of some values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import box_dialect


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("""has_any('["a","b"]', 'b')""", 1),
        ("""has_any('["a","b"]', 'c', 'a')""", 1),
        ("""has_any('["a","b"]', 'c')""", 0),
        ("""has_any('["a","b"]', NULL)""", 0),
        ("""has_any('["a","b"]')""", 0),
        ("has_any('[1, 2.5]', 1)", 1),
        ("has_any(NULL, 'a')", None),
        ("has_any('no list', 'a')", 0),
        ("""has_any('{"a": 1}', 'a')""", 0),
        ("has_any(x'ff', 'a')", 0),
        ("has_any(5, 'a')", 0),
    ],
)
def test_a_list_has_one_of_some_values(connection: box_dialect.Connection, call: str, told: Any) -> None:
    assert connection.cursor().execute(f"SELECT {call}").fetchone() == (told,)
