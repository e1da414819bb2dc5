"""JSON and NDJSON documents: what is read of them, and what is refused."""

from __future__ import annotations

import json

import pytest
from held_document import held, rows_of, shown, table_at, tables_of
from hypothesis import given
from hypothesis import strategies as st

from box_dialect.documents import bounds
from box_dialect.documents.formats import FORMATS
from box_dialect.documents.json_nesting import Nesting
from box_dialect.documents.options import Options
from box_dialect.errors import DataError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("content", "name", "rows"),
    [
        ('[{"a": 1}, {"a": 2}]', "a.json", [(1, 1), (2, 2)]),
        ('{"x": {"items": [{"a": 1}, {"a": 2}]}}', "a.json", [(1, 1), (2, 2)]),
        ('{"a": {"b": 1}}', "a.json", [(1, 1)]),
        ('{"item": {"b": 1}, "c": 2}', "a.json", [(1, 1, 2)]),
        ('{"a": 1}\n\n{"a": 2}\n', "a.json", [(1, 1), (2, 2)]),
        ('{"a": 1}', "a.jsonl", [(1, 1)]),
        ("[1, 2]", "a.json", [(1, 1), (2, 2)]),
        ("[]", "a.json", []),
        ('[null, {"a": 1}]', "a.json", [(1, None), (2, 1)]),
    ],
)
def test_rows_are_found_wherever_they_are(content: str, name: str, rows: list[tuple[object, ...]]) -> None:
    document = held(name, content)
    (table,) = tables_of(document)
    assert table.name == "a"
    assert rows_of(document) == rows


def test_a_table_is_called_by_the_stem_or_by_the_path() -> None:
    document = held("sales.v2.json", '{"items": [{"a": 1, "parts": [{"b": 1}]}]}')
    assert [each.name for each in tables_of(document, data_model="Relational")] == ["sales.v2", "parts"]
    assert [each.name for each in tables_of(document, xpath="$.items")] == ["items"]
    parts = table_at(document, "Sales.v2.PARTS")
    assert parts is not None
    assert (parts.name, rows_of(document, parts)) == ("sales.v2.parts", [(1, 1, 1)])


def test_values_have_the_types_of_json_and_dates_are_found_in_text() -> None:
    rows = [
        {"i": 1, "f": 1, "b": True, "d": "2024-05-01", "m": "2024-05-01T10:00:00+02:00", "t": "7", "n": None},
        {"i": 2, "f": 1.5, "b": False, "d": "05-02-2024", "m": "2024-05-01", "t": "x", "n": None},
    ]
    document = held("a.json", json.dumps(rows))
    (table,) = tables_of(document)
    types = ["integer", "integer", "float", "boolean", "date", "timestamp", "text", "text"]
    assert [str(each.type) for each in table.columns] == types
    assert rows_of(document) == [
        (1, 1, 1.0, True, "2024-05-01", "2024-05-01 08:00:00.000000", "7", None),
        (2, 2, 1.5, False, "2024-05-02", "2024-05-01 00:00:00.000000", "x", None),
    ]
    assert rows_of(document, names=["i", "b", "d"], type_detection="None")[0] == ("1", "true", "2024-05-01")


def test_values_that_do_not_fit_stay_as_they_are() -> None:
    later = [{"i": "x", "s": 1, "o": {"k": 1}}, {"i": 2**70, "s": [1], "o": {"k": [1]}}, {"i": {"j": 1}, "s": True}]
    document = held("a.json", json.dumps([{"i": 1, "s": "t", "o": {"k": 1}}, *later]))
    assert rows_of(document, row_scan_depth=1) == [
        (1, 1, "t", 1),
        (2, "x", "1", 1),
        (3, str(2**70), "[1]", "[1]"),
        (4, '{"j":1}', "true", None),
    ]
    other = held("b.json", '[{"o": {"k": 1}}, {"o": 5}, {"o": null}]')
    with pytest.raises(DataError, match=r"b\.json, row 2: o: a plain value is in the place of an object"):
        rows_of(other, row_scan_depth=1)
    messages: list[str] = []
    assert rows_of(other, row_scan_depth=1, on_error="skip", skipped=messages) == [(1, 1), (3, None)]
    assert len(messages) == 1


@given(values=st.lists(VALUES, min_size=1, max_size=4))
def test_any_values_are_read_back(values: list[object]) -> None:
    document = held("a.json", json.dumps([{"key": value} for value in values]))
    options = Options(flatten_objects=False, row_scan_depth=1)
    assert [json.loads(each) for each in FORMATS["json"].records(document, options)] == [
        {"key": value} for value in values
    ]
    (table,) = FORMATS["json"].tables(held("b.json", '[{"key": [1]}]'), options)
    rows = rows_of(document, table, ["key"])
    assert [None if text is None else json.loads(str(text)) for (text,) in rows] == values


def test_items_that_are_no_objects_are_in_a_column_of_their_own() -> None:
    document = held("a.json", '[{"a": 1}, 5, [6], {"a": 7}]')
    assert rows_of(document) == [(1, '{"a":1}', 1), (2, "5", None), (3, "[6]", None), (4, '{"a":7}', 7)]
    assert rows_of(document, names=["a.a"]) == [(1,), (None,), (None,), (7,)]


def test_arrays_in_arrays_stay_text() -> None:
    document = held("a.json", '[{"a": [[1, 2], [{"b": 3}]], "c": 1}, {"a": [], "c": 2}]')
    assert shown(tables_of(document)[0]) == ["_id", "a", "c"]
    assert rows_of(document, names=["a", "c"]) == [('[[1,2],[{"b":3}]]', 1), ("[]", 2)]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('[{"a": 1},\n{"a": 2 "b": 3}]', "line 2, column 10: after key and value"),
        ('[{"a": 1},\n {"a":', "line 2, column 7: it is cut short"),
        ("", "line 1, column 1: it is cut short"),
        ('[{"a": 1}] x', "line 1, column 12: trailing garbage"),
        ("<xml/>", "line 1, column 1: invalid char"),
        ('[{"a": "\x01"}]', "line 1, column 8: invalid character inside string"),
    ],
)
def test_what_is_malformed_names_line_and_column(content: str, place: str) -> None:
    with pytest.raises(DataError, match=f"^a.json, {place}"):
        rows_of(held("a.json", content))


@pytest.mark.parametrize("number", ["1" * 5_000, "1e9999999999999999999999"])
def test_a_number_beyond_what_is_read_is_refused(number: str) -> None:
    with pytest.raises(DataError, match=r"a\.json, at or before line 2: a number has too many digits, or too large an"):
        tables_of(held("a.json", f'[\n{{"a": {number}}}]'))
    (table,) = tables_of(held("a.json", '[{"a": 1}]'))
    with pytest.raises(DataError, match=r"a\.json, at or before line 2: a number has too many digits, or too large an"):
        rows_of(held("a.json", f'[\n{{"a": {number}}}]'), table)
    skipped: list[str] = []
    lines = held("a.jsonl", f'{{"a": 1}}\n{{"a": {number}}}\n{{"a": 2}}\n')
    assert rows_of(lines, table, skipped=skipped, on_error="skip") == [(1, 1), (2, 2)]
    assert [message.partition(":")[0] for message in skipped] == ["a.jsonl, line 2"]


def test_an_escape_that_is_no_character_is_refused() -> None:
    with pytest.raises(DataError, match=r"a\.json, at or before line 2: a text has an escape that is no character"):
        tables_of(held("a.json", '[\n{"a": "\\udc00"}]'))


def test_long_numbers_are_found_across_chunks_and_not_in_strings() -> None:
    text = f'["{"1" * 100_000}", {"1" * 4_300}, "\\\\", 2]'
    assert rows_of(held("a.json", text))[1:] == [(2, "1" * 4_300), (3, "\\"), (4, "2")]
    for before in range(60_000, 66_000, 1_500):
        with pytest.raises(DataError, match="a number has too many digits"):
            tables_of(held("a.json", f'["{"x" * before}", {"1" * 4_301}]'))


def test_the_place_is_right_after_many_chunks() -> None:
    lines = ",\n".join(f'{{"a": {number}, "t": "\u00e4"}}' for number in range(20_000))
    document = held("a.json", f"[{lines},\n{{oh]")
    with pytest.raises(DataError, match=r"line 20001, column 2"):
        rows_of(document)
    messages: list[str] = []
    assert len(rows_of(document, on_error="skip", skipped=messages)) == 20_000
    assert len(messages) == 1


@pytest.mark.parametrize(("line", "place"), [('{"a"', "line 2, column 5: "), ('{"a" 1}', "line 2, column 6: ")])
def test_a_line_that_is_malformed_is_named_with_its_column(line: str, place: str) -> None:
    with pytest.raises(DataError, match=f"^a.ndjson, {place}"):
        rows_of(held("a.ndjson", f'{{"a": 1}}\n{line}\n'), row_scan_depth=1)


def test_what_is_malformed_ends_the_search_for_columns_where_errors_are_skipped() -> None:
    document = held("a.json", '[{"a": 1}, {"a": 2}, {"a": oh]')
    messages: list[str] = []
    assert rows_of(document, on_error="skip", skipped=messages) == [(1, 1), (2, 2)]
    assert len(messages) == 1
    with pytest.raises(DataError, match="line 1"):
        tables_of(held("a.json", "{oh"), on_error="skip")


def test_lines_that_are_malformed_are_skipped_where_errors_are() -> None:
    document = held("a.ndjson", '{"a": 1}\n{"a" 2}\n{"a": 3}\n{')
    with pytest.raises(DataError, match=r"a\.ndjson, line 2, column \d+: "):
        tables_of(document)
    messages: list[str] = []
    assert rows_of(document, on_error="skip", skipped=messages) == [(1, 1), (2, 3)]
    assert [message.partition(":")[0].partition(", column")[0] for message in messages] == [
        "a.ndjson, line 2",
        "a.ndjson, line 4",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_tell_the_encoding(encoding: str) -> None:
    for name, content in (("a.json", '[{"a": "\u00e4"}]'), ("a.ndjson", '{"a": "\u00e4"}')):
        assert rows_of(held(name, content.encode(encoding))) == [(1, "\u00e4")]
    assert rows_of(held("a.json", '[{"a": "\u00e4"}]'.encode("latin-1")), charset="latin-1") == [(1, "\u00e4")]


@pytest.mark.parametrize("name", ["a.json", "a.ndjson"])
@pytest.mark.parametrize("bomb", ["[" * 200_000, '{"a":' * 200_000])
def test_nesting_is_bounded_before_memory_is_taken(name: str, bomb: str) -> None:
    with pytest.raises(DataError, match="nested"):
        tables_of(held(name, bomb))


@given(
    text=st.lists(st.sampled_from(["[", "]", "{", "}", '"', "\\", "x", '"]"', '"\\\\"', "[[]]", "{}"]), max_size=60),
    size=st.integers(1, 20),
)
def test_nesting_is_followed_outside_of_strings(text: list[str], size: int) -> None:
    whole = "".join(text).encode()
    depth, most, is_in_string, is_escaped = 0, 0, False, False
    for byte in whole.decode():
        if is_in_string:
            is_escaped, is_in_string = (byte == "\\" and not is_escaped), byte != '"' or is_escaped
        else:
            depth += (byte in "[{") - (byte in "]}")
            is_in_string = byte == '"'
            most = max(most, depth)
    is_escape_outside = "\\" in whole.decode() and not is_valid(whole.decode())
    nesting = Nesting(most=5)
    found = any(nesting.is_too_deep(whole[at : at + size]) for at in range(0, len(whole), size))
    assert is_escape_outside or found == (most > 5)


def is_valid(text: str) -> bool:
    """Tell whether there are backslashes in strings alone, as in all JSON."""
    is_in_string, is_escaped = False, False
    for byte in text:
        if is_in_string:
            is_escaped, is_in_string = (byte == "\\" and not is_escaped), byte != '"' or is_escaped
        elif byte == "\\":
            return False
        else:
            is_in_string = byte == '"'
    return True


def test_what_is_between_two_rows_and_in_a_line_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("box_dialect.documents.json_stream.ROW_BYTES", 1 << 20)
    monkeypatch.setattr("box_dialect.documents.json_stream.VALUE_BYTES", 1 << 20)
    long = json.dumps({"a": "x" * (2 << 20)})
    with pytest.raises(DataError, match="more than 1 MiB between two rows"):
        rows_of(held("a.json", f"[{long}]"))
    with pytest.raises(DataError, match="a line of more than 1 MiB"):
        rows_of(held("a.ndjson", long))


def test_a_document_without_the_path_no_longer_fits() -> None:
    (table,) = tables_of(held("a.json", '{"items": [{"a": 1}]}'), xpath="$.items")
    assert rows_of(held("b.json", '{"items": {"a": 2}}'), table) == [(1, 2)]
    assert rows_of(held("b.json", '{"items": []}'), table) == []
    with pytest.raises(DataError, match=r"b\.json no longer fits its table: it has nothing at items"):
        rows_of(held("b.json", '{"others": []}'), table)


def test_nesting_of_a_value_is_bounded_by_what_is_written_as_text() -> None:
    assert bounds.NESTING == 1_000
    document = held("a.json", "[" + '{"a": ' * 400 + "1" + "}" * 400 + "]")
    (row,) = rows_of(document)
    assert str(row[1]).count("{") == 400 - bounds.FLATTENED_LEVELS - 1
