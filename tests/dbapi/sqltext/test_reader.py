"""One reader has the tokens of all that the driver reads by recursive descent."""

from __future__ import annotations

import pytest

from box_dialect.dbapi.sqltext.lexer import read
from box_dialect.dbapi.sqltext.reader import Reader, UnreadableError
from box_dialect.dbapi.sqltext.selects import Selects
from box_dialect.dbapi.sqltext.template_ddl import template_ddl
from box_dialect.errors import NotSupportedError, ProgrammingError


def test_semicolons_at_the_end_are_no_tokens() -> None:
    reader = Reader(read("DROP x ; ;"))
    assert reader.takes("drop")
    assert reader.position == "at character 6"
    assert reader.take("word", "quoted") is not None
    assert (reader.is_at_end, reader.position) == (True, "at its end")


def test_signs_are_one_only_where_they_stand_together() -> None:
    assert [symbol.text for symbol in Reader(read("a<=b < = 'c'")).found] == ["a", "<=", "b", "<", "=", "", ""]


def test_a_name_in_quotes_is_no_word() -> None:
    reader = Reader(read('"drop" drop'))
    assert not reader.takes("drop")
    assert reader.take("word") is None
    reader.skip()
    assert reader.takes("drop")


def test_what_stands_behind_a_semicolon_is_not_left_out() -> None:
    with pytest.raises(UnreadableError):
        Selects("SELECT id FROM files; SELECT id FROM folders")


@pytest.mark.parametrize("column", ["a TEXT CHECK (a IN ('x'", "item_id TEXT DEFAULT (1"])
def test_a_parenthesis_that_is_not_closed_is_told(column: str) -> None:
    ddl = template_ddl(f"CREATE TABLE enterprise_x ({column}")
    assert ddl is not None
    with pytest.raises(ProgrammingError, match=r"at its end: expected \)"):
        ddl.parse()


@pytest.mark.parametrize("before", ["", "EXPLAIN ", "EXPLAIN QUERY PLAN "])
def test_a_schema_is_seen_behind_all_that_may_stand_before_a_name(before: str) -> None:
    assert template_ddl(f"{before}CREATE TABLE IF NOT EXISTS enterprise_x (a TEXT)") is not None
    assert template_ddl(f"{before}CREATE TABLE IF NOT EXISTS main.enterprise_x (a TEXT)") is None


def test_a_column_without_a_type_is_told_so() -> None:
    ddl = template_ddl("CREATE TABLE enterprise_x (a, b TEXT)")
    assert ddl is not None
    with pytest.raises(NotSupportedError, match="cannot be without a type"):
        ddl.parse()
