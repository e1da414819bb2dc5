"""The properties of documents: each changes the tables that a connection has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
import sqlalchemy as sa
from documents_at_box import put

from box_dialect.documents.options import OPTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

pytest.importorskip("lxml")
pytest.importorskip("pyarrow")

PEOPLE = b"""<r>
  <p><n>1</n><o><k>a</k></o><v><t>x</t></v><v><t>y</t></v></p>
  <p><n>2</n><o><k>b</k></o></p>
  <p><n>z</n><o><k>c</k></o></p>
</r>"""
LABELLED = b'<R><Row><V name="n">1</V><V name="t">x</V></Row><Row><V name="t">y</V></Row></R>'
TABLE = "row:/R/Row;column:/R/Row/V@name;value:/R/Row/V"
FILES: Final = {
    "people.xml": PEOPLE,
    "labelled.xml": LABELLED,
    "numbers.csv": b"a,b\n1,2\n3,4\n",
    "tabs.csv": b"a\tb\n1\t2\n",
    "latin.csv": "a\nä\n".encode("latin1"),
}

NAMES: Final = [
    ("people.xml", {}, "p", ["_id", "n", "o.k", "v"]),
    ("people.xml", {"DataModel": "FlattenedDocuments", "XPath": "/r/p;/r/p/v"}, "p", ["_id", "n", "o.k", "t"]),
    ("people.xml", {"DataModel": "Relational", "XPath": "/r/p;/r/p/v"}, "v", ["_id", "p_id", "t"]),
    ("people.xml", {"XPath": "/r/p/v"}, "v", ["_id", "p_id", "t"]),
    ("labelled.xml", {"XMLFormat": "XMLTABLE", "XPath": TABLE}, "Row", ["_id", "n", "t"]),
    ("people.xml", {"FlattenObjects": False}, "p", ["_id", "n", "o", "v"]),
    ("people.xml", {"FlattenArrays": 2}, "p", ["_id", "n", "o.k", "v.0.t", "v.1.t"]),
    ("people.xml", {"QualifyColumns": "Parent"}, "p", ["_id", "p.n", "p.o.k", "p.v"]),
    ("people.xml", {"QualifyColumns": "Full"}, "p", ["_id", "r.p.n", "r.p.o.k", "r.p.v"]),
    ("people.xml", {"SeparatorCharacter": "/"}, "p", ["_id", "n", "o/k", "v"]),
    ("numbers.csv", {}, "numbers", ["a", "b"]),
    ("numbers.csv", {"SkipTop": 1}, "numbers", ["1", "2"]),
    ("tabs.csv", {"FMT": "TabDelimited"}, "tabs", ["a", "b"]),
]

VALUES: Final = [
    ("people.xml", {}, "SELECT typeof(n) FROM p", [("text",)] * 3),
    ("people.xml", {"RowScanDepth": 2}, "SELECT typeof(n) FROM p", [("integer",), ("integer",), ("text",)]),
    ("numbers.csv", {}, "SELECT typeof(a) FROM numbers", [("integer",)] * 2),
    ("numbers.csv", {"TypeDetectionScheme": "None"}, "SELECT typeof(a) FROM numbers", [("text",)] * 2),
    ("numbers.csv", {"IncludeColumnHeaders": False}, "SELECT count(*) FROM numbers", [(3,)]),
    ("latin.csv", {"Charset": "iso-8859-1"}, "SELECT a FROM latin", [("ä",)]),
]


@pytest.fixture(scope="module")
def box(written: Box) -> Box:
    for name, content in FILES.items():
        put(written, f"/Properties/{name}", content)
    return written


@pytest.mark.parametrize(("file", "properties", "table", "names"), NAMES)
def test_columns_are_as_the_properties_say(
    box: Box, file: str, properties: dict[str, Any], table: str, names: list[str]
) -> None:
    with box.connect(URI=f"/Properties/{file}", **properties) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {table} LIMIT 1")
        assert [column[0] for column in cursor.description or ()] == names


@pytest.mark.parametrize(("file", "properties", "statement", "rows"), VALUES)
def test_values_are_as_the_properties_say(
    box: Box, file: str, properties: dict[str, Any], statement: str, rows: list[Any]
) -> None:
    with box.connect(URI=f"/Properties/{file}", **properties) as connection:
        assert connection.cursor().execute(statement).fetchall() == rows


def test_tables_are_read_where_nothing_may_be_written(box: Box, tmp_path: Path) -> None:
    """Also those that an earlier connection has made; the properties may stand in a URL."""
    database = str(tmp_path / "local.db")
    with box.connect(LocalDatabase=database) as connection:
        connection.cursor().execute("CREATE VIRTUAL TABLE kept USING csv(path = '/Properties/numbers.csv')")
    engine = sa.create_engine(
        f"{box.url}&URI=/Properties/people.xml&DataModel=Relational&XPath=/r/p;/r/p/v&Readonly=true",
        connect_args={"LocalDatabase": database},
    )
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT p.n, v.t FROM p JOIN v ON v.p_id = p._id ORDER BY v._id").all()
        assert [*map(tuple, rows)] == [("1", "x"), ("1", "y")]
        assert connection.exec_driver_sql("SELECT sum(a) FROM kept").scalar() == 4
        with pytest.raises(sa.exc.ProgrammingError, match="Readonly"):
            connection.exec_driver_sql("DROP TABLE kept")
    engine.dispose()


def test_each_property_is_tried() -> None:
    tried = {name for _, properties, *_ in [*NAMES, *VALUES] for name in properties}
    assert tried == {option.property for option in OPTIONS if option.property}
