"""Rows by the values of one column: found as SQLite compares, and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.catalog.model import Type
from box_dialect.engine.documents import keyed_rows
from box_dialect.engine.documents.keyed_rows import KeyedRows

if TYPE_CHECKING:
    import pytest


def test_rows_are_found_by_a_value() -> None:
    rows = KeyedRows(0, Type.INTEGER, [])
    assert rows.build([(1, "a"), (2, "b"), (1, "c"), (None, "d")])
    assert [*rows.find(1.0)] == [(1, "a"), (1, "c")]
    assert [*rows.find(None)] == [*rows.find(3)] == []


def test_neither_many_values_nor_long_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyed_rows, "MOST_KEYED_VALUES", 10)
    monkeypatch.setattr(keyed_rows, "MOST_KEYED_BYTES", 1_000)
    assert not KeyedRows(0, Type.INTEGER, []).build((number, "a") for number in range(6))
    long = KeyedRows(0, Type.INTEGER, [])
    assert not long.build((number, "a" * 300) for number in range(4))
    assert (long.is_built, [*long.find(1)]) == (False, [])
    assert KeyedRows(0, Type.INTEGER, []).build((number, "a" * 300) for number in range(3))
