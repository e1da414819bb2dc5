"""XML documents: what is read of them, and what is refused."""

from __future__ import annotations

import gzip
import io
import resource
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest
from held_document import HeldDocument, held, rows_of, shown, table_at, tables_of

from box_dialect.documents import bounds
from box_dialect.documents.formats import FORMATS
from box_dialect.documents.options import Options
from box_dialect.errors import DataError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterator

STATM = Path("/proc/self/statm")
TABLE = "row:/R/Row;column:/R/Row/Value@label;value:/R/Row/Value"


def test_attributes_have_columns() -> None:
    document = held("a.xml", '<r><i id="1"><id>7</id><price cur="EUR">2.5</price></i><i><price>3</price></i></r>')
    assert shown(tables_of(document)[0]) == ["_id", "@id", "id", "price", "price.cur"]
    assert rows_of(document) == [(1, 1, 7, 2.5, "EUR"), (2, None, None, 3.0, None)]


def test_namespaces_have_columns_and_prefixes_names() -> None:
    document = held(
        "a.xml",
        '<r xmlns="urn:a" xmlns:d="urn:d"><i xmlns:e="urn:e" d:n="1"><d:t xml:lang="de">x</d:t><e:u/></i><i/></r>',
    )
    (table,) = tables_of(document)
    assert shown(table) == ["_id", "d:n", "xmlns:e", "d:t", "d:t.xml:lang", "e:u"]
    assert rows_of(document) == [(1, 1, "urn:e", "x", "de", ""), (2, None, None, None, None, None)]
    other = held("b.xml", '<x:r xmlns:x="urn:a" xmlns:y="urn:d"><x:i y:n="5"><y:t>z</y:t></x:i></x:r>')
    assert rows_of(other, table, ["d:n", "d:t"]) == [(5, "z")]  # the namespace counts, not its prefix
    assert rows_of(document, names=["d:t"], xpath="/r/i") == [("x",), (None,)]


def test_columns_that_differ_by_case_are_kept_apart() -> None:
    document = held("a.xml", "<r><i><Id>1</Id><id>2</id></i><i/></r>")
    assert shown(tables_of(document)[0]) == ["_id", "Id", "i.id"]


def test_text_between_elements_is_kept_as_xml() -> None:
    document = held("a.xml", "<r><p><t>a <b>c</b> d</t></p><p><t>e</t></p></r>")
    assert rows_of(document) == [(1, "<t>a <b>c</b> d</t>"), (2, "<t>e</t>")]
    lines = held("b.xml", "<r><p>a <b>c</b> d</p><p>e</p></r>")
    assert rows_of(lines, names=["p"]) == [("<p>a <b>c</b> d</p>",), ("<p>e</p>",)]


def test_what_the_scan_has_not_seen_is_kept_as_text_or_refused() -> None:
    rows = "<p><n>1</n><o><k>1</k></o></p>" * 2
    more = "<p><n>2</n><n>x</n><n>3</n></p><p><n>4<b/></n></p><p><n>zwei</n></p>"
    document = held("a.xml", f"<r>{rows}{more}</r>")
    values = [value for (value,) in rows_of(document, names=["n"], row_scan_depth=2)]
    assert values == [1, 1, "<n>2</n><n>x</n><n>3</n>", "<n>4<b/></n>", "zwei"]
    twice = held("b.xml", f"<r>{rows}\n<p><o><k>1</k></o>\n<o><k>2</k></o></p><p/></r>")
    with pytest.raises(DataError, match=r"b\.xml, line 3: <o> is there twice.*row_scan_depth"):
        rows_of(twice, row_scan_depth=2)
    messages: list[str] = []
    assert len(rows_of(twice, row_scan_depth=2, on_error="skip", skipped=messages)) == 3
    assert len(messages) == 1


def test_a_document_with_another_root_no_longer_fits() -> None:
    (table,) = tables_of(held("a.xml", "<r><i><x>1</x></i><i/></r>"))
    with pytest.raises(DataError, match=r"b\.xml no longer fits its table"):
        rows_of(held("b.xml", "<s><i><x>1</x></i></s>"), table)


def test_elements_of_the_same_name_elsewhere_are_no_rows() -> None:
    document = held("a.xml", "<r><i><x>1</x><i><x>2</x></i></i><s><i><x>3</x></i></s><i><x>4</x></i></r>")
    assert rows_of(document, names=["_id", "x"], xpath="/r/i") == [(1, 1), (2, 4)]


def test_xmltable_has_a_column_for_each_label() -> None:
    document = held(
        "a.xml",
        '<R><Row><Value label="n">1</Value><Value label="t">x</Value></Row>'
        '<Row><Value label="t">y</Value><Value label="t">z</Value><Value>?</Value></Row></R>',
    )
    for path in (TABLE, TABLE.replace("column:", "name:")):
        assert shown(tables_of(document, xml_format="XMLTABLE", xpath=path)[0]) == ["_id", "n", "t"]
    assert rows_of(document, xml_format="XMLTABLE", xpath=TABLE) == [
        (1, 1, "x"),
        (2, None, '<Value label="t">y</Value><Value label="t">z</Value>'),
    ]
    for path in ("/R/Row", "row:/R/Row;value:/R/Row/Value", TABLE.replace("value:/R/Row/Value", "value:/R/Other")):
        with pytest.raises(ProgrammingError, match="XMLTABLE"):
            tables_of(document, xml_format="XMLTABLE", xpath=path)


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE r [<!ENTITY e "x">]>',
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE r [<!ENTITY % e \"<!ENTITY f 'x'>\">]>",
        "<!DOCTYPE r [" + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 9}">' for n in range(1, 20)) + "]>",
    ],
)
def test_declared_entities_are_refused(declared: str) -> None:
    with pytest.raises(DataError, match=r"a\.xml declares an entity in its DOCTYPE"):
        tables_of(held("a.xml", f"{declared}<r><i><x>1</x></i><i/></r>"))


@pytest.mark.parametrize("use", ["<i><x>&e;</x></i>", '<i x="&e;"/>'])
@pytest.mark.parametrize("later", ["", "<i>" + "<y>1</y>" * 40_000 + "</i>"])
def test_entities_of_a_dtd_are_refused_and_the_dtd_is_not_read(tmp_path: Path, use: str, later: str) -> None:
    (tmp_path / "a.dtd").write_text('<!ENTITY e "of this machine"><!ATTLIST i leaked CDATA "of this machine">')
    doctype = f'<!DOCTYPE r SYSTEM "{(tmp_path / "a.dtd").as_uri()}">'
    document = held("a.xml", f"{doctype}<r><i><x>1</x></i>{later}{use}</r>")
    (table,) = tables_of(held("a.xml", f"{doctype}<r><i><x>1</x></i></r>"), xpath="/r/i")
    assert shown(table) == ["_id", "x"]
    with pytest.raises(DataError, match=r"a\.xml, line 1, column \d+: Entity 'e' not defined"):
        rows_of(document, table)
    assert ("",) not in rows_of(document, table, ["x"], on_error="skip")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("<r>\n<i><x>1</x></i>\n<i><x>2</y></i></r>", "line 3, column 12: Opening and ending tag mismatch"),
        ("<r>\n<i>", "line 2, column 4: Premature end"),
        ("", "line 1, column 1: no element found"),
        ("<r/>\n<r/>", "line 2, column 1: Extra content"),
        ("<r>&nbsp;</r>", "line 1, column 10: Entity 'nbsp' not defined"),
        ("<r><x:i/></r>", "line 1, column 8: Namespace prefix x"),
        ('{"a": 1}', "line 1, column 1: Start tag expected"),
    ],
)
def test_what_is_malformed_names_line_and_column(content: str, place: str) -> None:
    with pytest.raises(DataError, match=f"^a.xml, {place}"):
        tables_of(held("a.xml", content))


def test_rows_before_what_is_malformed_are_kept_where_errors_are_skipped() -> None:
    content = "<r>" + "".join(f"<i><x>{number}</x></i>" for number in range(20_000))
    document = held("a.xml", content + "<i><x>1</y></i></r>")
    messages: list[str] = []
    rows = rows_of(document, names=["x"], on_error="skip", skipped=messages)
    assert rows == [(number,) for number in range(20_000)]
    assert len(messages) == 1
    assert "tag mismatch" in messages[0]
    with pytest.raises(DataError, match="tag mismatch"):
        rows_of(document)


def test_what_is_malformed_ends_the_search_for_columns_where_errors_are_skipped() -> None:
    document = held("a.xml", "<r><i><x>1</x></i><i><x>2</x></i><i><x>3</y></i></r>")
    messages: list[str] = []
    for options in ({}, {"xpath": "/r/i"}):
        assert rows_of(document, names=["x"], on_error="skip", skipped=messages, **options) == [(1,), (2,)]
    assert len(messages) == 2
    with pytest.raises(DataError, match="tag mismatch"):
        tables_of(document)
    for none in ("<r><i></r>", "<r><!DOCTYPE"):
        with pytest.raises(DataError, match=r"a\.xml, line 1"):
            tables_of(held("a.xml", none), on_error="skip")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings_are_read_as_they_are_declared_or_told(encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    content = "<r><i><x>\u00e4</x></i><i/></r>"
    assert rows_of(held("a.xml", (declared + content).encode(encoding)), names=["x"])[0] == ("\u00e4",)
    wrong = '<?xml version="1.0" encoding="us-ascii"?>'
    assert rows_of(held("a.xml", (wrong + content).encode(encoding)), names=["x"], charset=encoding)[0] == ("\u00e4",)


def test_a_charset_that_is_not_known_is_refused() -> None:
    with pytest.raises(ProgrammingError, match="charset"):
        tables_of(held("a.xml", "<r/>"), charset="nonsense")


def test_a_compressed_document_is_read() -> None:
    assert rows_of(held("a.xml.gz", gzip.compress(b"<r><i><x>1</x></i><i/></r>")), names=["x"]) == [(1,), (None,)]


def test_long_texts_and_deep_elements_are_read_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x" * (11 << 20)
    deep = "<d>" * 300 + "y" + "</d>" * 300
    document = held("a.xml", f"<r><i><x>{text}</x><y>{deep}</y></i><i/></r>")
    (table,) = tables_of(document)
    ((value, nested),) = rows_of(document, table, ["x", "y." + ".".join(["d"] * 64)])[:1]
    assert value == text
    assert str(nested).count("<d>") == 300 - 63
    monkeypatch.setattr("box_dialect.documents.xml_stream.ROW_BYTES", 10 << 20)
    with pytest.raises(DataError, match="a row of more than 10 MiB"):
        rows_of(document, table)


@pytest.mark.long
def test_the_tags_of_a_row_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("box_dialect.documents.xml_stream.ROW_TAGS", 50_000)
    many = f"<i>{'<x/>' * 30_000}</i>"
    assert len(rows_of(held("a.xml", f"<r>{many * 5}</r>"), names=["_id"], xpath="/r/i")) == 5
    with pytest.raises(DataError, match=r"a\.xml has a row of more than 50,000 tags"):
        rows_of(held("a.xml", f"<r><o>{many * 5}</o><o/></r>"), names=["_id"], xpath="/r/o")


@pytest.mark.parametrize("inside", ["<j><x>{}</x></j>", "<!--{}-->", "<j x='{}'/>", "<j/>{}"])
def test_a_value_outside_of_rows_is_bounded(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("box_dialect.documents.xml_stream.VALUE_BYTES", 1 << 20)
    (table,) = tables_of(held("a.xml", "<r><i><x>1</x></i></r>"), xpath="/r/i")
    document = held("a.xml", f"<r>{inside.format('x' * (2 << 20))}<i><x>1</x></i></r>")
    with pytest.raises(DataError, match="a value of more than 1 MiB"):
        rows_of(document, table)


def test_nesting_and_columns_are_bounded() -> None:
    deep = "<d>" * (bounds.NESTING + 1) + "</d>" * (bounds.NESTING + 1)
    with pytest.raises(DataError, match="nested in more than 1,000 levels"):
        tables_of(held("a.xml", deep))
    wide = "".join(f"<c{number}>1</c{number}>" for number in range(bounds.COLUMNS))
    with pytest.raises(DataError, match="more than 2,000 columns"):
        tables_of(held("a.xml", f"<r><i>{wide}</i><i/></r>"))
    many = "".join(f"<i><c{number}/></i>" for number in range(25_000))
    with pytest.raises(DataError, match="more than 20,000 different elements"):
        tables_of(held("a.xml", f"<r>{many}</r>"), row_scan_depth=0)


def test_hidden_columns_are_bounded() -> None:
    (table,) = tables_of(held("a.xml", f"<r><i>{'<x>1</x>' * 5_000}</i><i/></r>"))
    assert len(table.columns) == bounds.HIDDEN_COLUMNS


def test_a_cross_join_within_an_element_is_bounded_and_the_outermost_is_streamed() -> None:
    inner = "<a><x>1</x></a>" * 1_500 + "<b><y>1</y></b>" * 1_500
    said = {"data_model": "FlattenedDocuments"}
    document = held("a.xml", f"<r><i>{inner}</i><i/></r>")
    form, options = FORMATS["xml"], Options(data_model="FlattenedDocuments", xpath="/r/i;/r/i/a;/r/i/b")
    (table,) = form.tables(document, options)
    assert len(next(iter(form.rows(document, options, table, [0])))) == bounds.BATCH_ROWS
    nested = held("b.xml", f"<r><o><i>{inner}</i></o><o/></r>")
    with pytest.raises(DataError, match=r"b\.xml, the cross join .* more than 1,000,000 rows"):
        rows_of(nested, xpath="/r/o;/r/o/i;/r/o/i/a;/r/o/i/b", **said)


def test_a_cross_join_is_bounded_over_all_elements_of_an_array(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("box_dialect.documents.row_plan.JOINED_ROWS", 50)
    inner = "<v><a>1</a><a>2</a><a>3</a><b>1</b><b>2</b></v>"
    said = {"data_model": "FlattenedDocuments", "xpath": "/r/p;/r/p/v;/r/p/v/a;/r/p/v/b"}
    assert len(rows_of(held("a.xml", f"<r><p>{inner * 8}</p><p>{inner * 8}</p></r>"), **said)) == 2 * 8 * 6
    with pytest.raises(DataError, match=r"a\.xml, the cross join .* more than 50 rows"):
        rows_of(held("a.xml", f"<r><p>{inner * 9}</p></r>"), **said)


def test_what_namespaces_add_to_the_text_of_elements_is_bounded_before_it_is_made() -> None:
    namespaces = " ".join(f'xmlns:n{number}="urn:{"x" * 1000}:{number}"' for number in range(100))
    document = held("a.xml", f"<r {namespaces}><p>{'<j>1</j>' * 5_000}</p></r>")
    with pytest.raises(DataError, match=r"a\.xml, the document has a value of more than 32 MiB"):
        rows_of(document, names=["j"], xpath="/r/p")


@pytest.mark.parametrize("attribute", ['a{}="1"', 'xmlns:a{}="urn:{}"'])
def test_attributes_of_an_element_are_bounded(attribute: str) -> None:
    many = " ".join(attribute.format(number, number) for number in range(bounds.COLUMNS + 1))
    with pytest.raises(DataError, match=r"a\.xml has more than 2,000 attributes, or namespaces, at an element i"):
        tables_of(held("a.xml", f"<r><i {many}/><i/></r>"))


@pytest.mark.parametrize("model", ["Relational", "FlattenedDocuments"])
def test_tables_are_bounded(model: str) -> None:
    many = "".join(f"<a{number} x='1'/><a{number}/>" for number in range(bounds.TABLES + 1))
    document = held("a.xml", f"<r>{many}</r>")
    with pytest.raises(DataError, match=r"a\.xml has more than 1,000 arrays; name those that are wanted by xpath"):
        tables_of(document, data_model=model)
    assert [each.name for each in tables_of(document)] == ["a0"]
    assert [each.name for each in tables_of(document, data_model=model, xpath="/r/a7")] == ["a7"]


class _Counted(HeldDocument):
    """A document that notes how much of it was read."""

    read: int = 0

    def open(self) -> BinaryIO:
        counted, source = self, io.BytesIO(self.content)

        class Source(io.RawIOBase):
            def read(self, size: int = -1) -> bytes:
                chunk = source.read(size)
                object.__setattr__(counted, "read", counted.read + len(chunk))
                return chunk

        return Source()  # type: ignore[return-value]


def test_no_more_is_scanned_than_the_depth_takes_and_rows_come_as_they_are_read() -> None:
    rows = "".join(f"<i><x>{number}</x><y>{'z' * 900}</y></i>" for number in range(2_000))
    document = _Counted("a.xml", f"<r>{rows}</r>".encode())
    (table,) = tables_of(document)
    assert document.read < 200_000
    next(iter(FORMATS["xml"].rows(document, Options(), table, [0])))
    assert document.read < 400_000
    late = held("b.xml", f"<r>{rows}<i><x>x</x></i></r>")
    types = {str(each.type) for depth in (100, 0) for each in tables_of(late, row_scan_depth=depth)[0].columns[1:2]}
    assert types == {"integer", "text"}


@pytest.mark.long
@pytest.mark.skipif(not STATM.exists(), reason="Linux alone tells what a process has in memory")
@pytest.mark.parametrize("rows", ["/r/a/b", "/r/z"])
def test_elements_are_freed_as_they_are_read(rows: str) -> None:
    inner = f"<b><x>{'y' * 50}</x></b>" * 400
    document = held("a.xml", f"<r>{f'<a>{inner}</a>' * 300}<z><x>1</x></z></r>")
    (table,) = tables_of(held("b.xml", "<r><a><b><x>q</x></b></a><z><x>q</x></z></r>"), xpath=rows)
    before, count = _resident(), 0
    for batch in FORMATS["xml"].rows(document, Options(), table, [0]):
        count += len(batch)
        assert _resident() - before < 15 << 20  # the tree of the whole takes some 60 MB
    assert count == (120_000 if rows == "/r/a/b" else 1)


@pytest.mark.long
@pytest.mark.skipif(not STATM.exists(), reason="Linux alone tells what a process has in memory")
def test_memory_does_not_grow_with_the_document() -> None:
    element = b"<a><b><x>1</x><t>" + b"y" * 1_000 + b"</t></b><b><x>2</x></b></a>\n"
    repeated = element * 50

    class Long:
        name = "a.xml"
        size = 300 << 20

        def open(self) -> BinaryIO:
            parts = chain((b"<r>",), repeat(repeated, self.size // len(repeated)), (b"</r>",))
            return Chunks(parts)  # type: ignore[return-value]

    class Chunks(io.BytesIO):
        def __init__(self, parts: Iterator[bytes]) -> None:
            self._parts = parts

        def read(self, _size: int | None = -1) -> bytes:
            return next(self._parts, b"")

    options = Options(data_model="FlattenedDocuments", xpath="/r/a;/r/a/b")
    (table,) = FORMATS["xml"].tables(Long(), options)
    before, count = _resident(), 0
    for batch in FORMATS["xml"].rows(Long(), options, table, range(len(table.columns))):
        count += len(batch)
        assert _resident() - before < 50 << 20
    assert count == Long.size // len(repeated) * 100


def _resident() -> int:
    return int(STATM.read_text().split()[1]) * resource.getpagesize()


def test_a_dotted_name_of_no_array_is_none() -> None:
    document = held("a.xml", "<r><i><x>1</x></i><i/></r>")
    assert table_at(document, "i.x") is None
    assert table_at(document, "i.z") is None
    assert table_at(document, "other.x") is None


def test_records_are_rows_as_json() -> None:
    document = held("a.xml", "<r><i><x>1</x></i><i><x>y</x></i></r>")
    assert list(FORMATS["xml"].records(document, Options())) == ['{"_id":1,"x":"1"}', '{"_id":2,"x":"y"}']
