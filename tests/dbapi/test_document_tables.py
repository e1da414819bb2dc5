"""The tables of the property URI: found when they are named or reflected, and called so that no other is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from documents_at_box import PEOPLE_CSV, PEOPLE_XML, downloads, put
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session

import box_dialect
from box_dialect import orm
from box_dialect.documents.options import OPTIONS
from box_dialect.engine.documents.stored_document import StoredDocument
from box_dialect.properties import PROPERTIES
from box_dialect.properties.declared import DECLARED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

pytest.importorskip("lxml")
pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def box(written: Box) -> Box:
    put(written, "/Uri/people.xml", PEOPLE_XML)
    put(written, "/Uri/Tables/staff.csv", PEOPLE_CSV)
    put(written, "/Uri/Tables/users.csv", b"a,b\n1,2\n")
    put(written, "/Uri/Tables/csv.csv", b"a,b\n3,4\n")
    put(written, "/Uri/Tables/2026-x.csv", b"a\n5\n")
    put(written, "/Uri/Tables/readme.txt", b"nothing")
    for number in range(3):
        put(written, f"/Uri/Sales/{number}.csv", f"amount\n{number}\n".encode())
    return written


@pytest.fixture
def tables(box: Box) -> Iterator[box_dialect.Connection]:
    with box.connect(URI="/Uri/Tables/") as connection:
        yield connection


def test_a_statement_that_names_none_calls_for_none(box: Box, tables: Any) -> None:
    box.reset()
    tables.cursor().execute("SELECT count(*) FROM users").fetchone()
    assert downloads(box) == 0


@pytest.mark.filterwarnings("ignore::box_dialect.BoxDocumentWarning")
def test_they_are_found_once(box: Box, tables: Any) -> None:
    cursor = tables.cursor()
    box.reset()
    assert cursor.execute("SELECT name FROM staff WHERE age > 30").fetchall() == [("Bob",), ("Cy",)]
    assert cursor.execute('SELECT a FROM "2026-x"').fetchall() == [(5,)]
    with pytest.raises(box_dialect.ProgrammingError, match="no such table: nix"):
        cursor.execute("SELECT * FROM nix")
    assert cursor.api_calls == 0
    assert downloads(box) == 5  # each to find its columns, in the statement that reads one, and the second that is read


def test_the_names_of_box_go_first(tables: Any) -> None:
    cursor = tables.cursor()
    with pytest.warns(box_dialect.BoxDocumentWarning, match="has a table users.* called document_users here"):
        assert cursor.execute("SELECT * FROM document_users").fetchall() == [(1, 2)]
    assert "login" in [column[0] for column in cursor.execute("SELECT * FROM users LIMIT 1").description]


def test_the_names_of_box_go_first_among_the_tables_of_a_statement(box: Box) -> None:
    put(box, "/Uri/groups.xml", b"<r><g><n>1</n><users><id>7</id></users><users><id>8</id></users></g></r>")
    with box.connect() as connection:
        cursor = connection.cursor()
        with pytest.warns(box_dialect.BoxDocumentWarning, match="has a table users.* called document_users here"):
            cursor.execute(
                "CREATE VIRTUAL TABLE made USING xml(path = '/Uri/groups.xml', data_model = 'Relational', "
                "xpath = '/r/g;/r/g/users')"
            )
        assert cursor.execute("SELECT u.id FROM made JOIN document_users AS u ON u.g_id = made._id").fetchall() == [
            (7,),
            (8,),
        ]


@pytest.mark.filterwarnings("ignore::box_dialect.BoxDocumentWarning")
def test_local_tables_go_first(tables: Any) -> None:
    cursor = tables.cursor()
    cursor.execute("CREATE TABLE staff (own)")
    tables.find_tables()
    assert cursor.execute("SELECT * FROM staff").fetchall() == []
    assert cursor.description[0][0] == "own"
    assert cursor.execute("SELECT count(*) FROM document_staff").fetchone() == (5,)
    with pytest.raises(box_dialect.ProgrammingError, match="document_staff is a document of Box"):
        cursor.execute("CREATE TABLE document_staff (a)")


@pytest.mark.filterwarnings("ignore::box_dialect.BoxDocumentWarning")
def test_a_document_takes_no_module_over(tables: Any) -> None:
    cursor = tables.cursor()
    assert cursor.execute("SELECT * FROM csv").fetchall() == [(3, 4)]
    cursor.execute("CREATE VIRTUAL TABLE made USING csv(path = '/Uri/Tables/staff.csv')")
    assert cursor.execute("SELECT count(*) FROM made").fetchone() == (5,)


def test_a_pattern_is_one_table_named_by_the_folder(box: Box) -> None:
    with box.connect(URI="/Uri/Sales/*.csv") as connection:
        cursor = connection.cursor()
        assert cursor.execute("SELECT sum(amount), count(DISTINCT file_id) FROM sales").fetchone() == (3, 3)


def test_a_pattern_of_documents_is_named_by_its_elements(box: Box) -> None:
    for number in range(2):
        put(box, f"/Named/{number}.json", b'{"people": [{"a": 1}, {"a": 2}]}')
        put(box, f"/Named/{number}.xml", b"<r><item><a>1</a></item><item><a>2</a></item></r>")
    for uri, xpath, name in (
        ("/Named/*.xml", None, "item"),
        ("/Named/*.xml", "/r/item", "item"),
        ("/Named/*.json", "$.people", "people"),
        ("/Named/*.json", "$", "Named"),
        ("/Named/*.json", None, "Named"),
        ("/Named/0.*ml", None, "item"),
    ):
        with box.connect(URI=uri, XPath=xpath) as connection:
            connection.find_tables()
            cursor = connection.cursor()
            cursor.execute("SELECT name FROM sys_tables WHERE type = 'document' AND name <> 'document_rows'")
            assert cursor.fetchall() == [(name,)], (uri, xpath)


def test_a_pattern_has_a_table_for_each_format(box: Box) -> None:
    put(box, "/Formats of/a.json", b"")
    put(box, "/Formats of/b.json", b'[{"a": 1, "parts": [{"b": 2}]}]')
    put(box, "/Formats of/c.xml", PEOPLE_XML)
    with box.connect(URI="/Formats of/*") as connection:
        cursor = connection.cursor()
        assert len(cursor.execute("SELECT * FROM people").fetchall()) == 2
        cursor.execute("SELECT b FROM \"Formats of.parts\" WHERE file_path = '/Formats of/b.json'")
        assert cursor.fetchall() == [(2,)]
    with box.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE made USING xml(path = '/Formats of/*')")
        assert cursor.execute("SELECT count(*), min(file_path) FROM made").fetchone() == (2, "/Formats of/c.xml")


def test_a_folder_may_lack_its_slash(box: Box) -> None:
    with box.connect(URI="/Uri/Sales") as connection:
        assert connection.cursor().execute('SELECT amount FROM "1"').fetchall() == [(1,)]
    with box.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE sales USING csv(path = '/Uri/Sales')")
        assert cursor.execute("SELECT sum(amount) FROM sales").fetchone() == (3,)
        with pytest.raises(box_dialect.ProgrammingError, match="no file at /Uri/Nothing that"):
            cursor.execute("CREATE VIRTUAL TABLE missing USING csv(path = '/Uri/Nothing')")


def test_an_id(box: Box) -> None:
    file_id = put(box, "/Uri/by_id.csv", b"a\n1\n")
    with box.connect(URI=file_id) as connection:
        assert connection.cursor().execute("SELECT a FROM by_id").fetchall() == [(1,)]


def test_the_relational_model_has_references(box: Box) -> None:
    engine = sa.create_engine(
        box.url,
        connect_args={
            "URI": "/Uri/people.xml",
            "DataModel": "Relational",
            "XPath": "/root/people;/root/people/vehicles",
        },
    )
    inspector = sa.inspect(engine)
    assert {"people", "vehicles"} <= {*inspector.get_table_names()}
    assert inspector.get_pk_constraint("people")["constrained_columns"] == ["_id"]
    (key,) = inspector.get_foreign_keys("vehicles")
    assert (key["constrained_columns"], key["referred_table"], key["referred_columns"]) == (
        ["people_id"],
        "people",
        ["_id"],
    )
    vehicles = sa.Table("vehicles", sa.MetaData(), autoload_with=engine)
    with engine.connect() as connection:
        models = connection.scalars(sa.select(vehicles.c.model).order_by(vehicles.c._id)).all()
    assert models == ["Honda Civic", "Dodge Ram", "Toyota Camry"]
    engine.dispose()


def test_nested_arrays_by_dotted_names(box: Box) -> None:
    with box.connect(URI="/Uri/people.xml") as connection:
        cursor = connection.cursor()
        assert cursor.execute('SELECT "personal.name.first" FROM people').fetchall() == [("Jane",), ("Joe",)]
        assert len(cursor.execute('SELECT model FROM "people.vehicles"').fetchall()) == 3
    with box.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE persons USING xml(path = '/Uri/people.xml')")
        assert len(cursor.execute('SELECT model FROM "persons.vehicles"').fetchall()) == 3
        with pytest.raises(box_dialect.ProgrammingError, match="no such table"):
            cursor.execute('SELECT * FROM "persons.nothing"')
        put(box, "/Uri/others.xml", PEOPLE_XML.replace(b"Honda Civic", b"Volvo"))
        cursor.execute("DROP TABLE persons")
        cursor.execute("CREATE VIRTUAL TABLE persons USING xml(path = '/Uri/others.xml')")
        assert cursor.execute('SELECT model FROM "persons.vehicles" LIMIT 1').fetchall() == [("Volvo",)]


@pytest.mark.filterwarnings("ignore::box_dialect.BoxDocumentWarning")
def test_system_tables_tell_of_them(tables: Any) -> None:
    tables.find_tables()
    cursor = tables.cursor()
    cursor.execute("SELECT name, is_insertable FROM sys_tables WHERE type = 'document' AND name = 'staff'")
    assert cursor.fetchall() == [("staff", False)]
    cursor.execute("SELECT name, type FROM sys_tablecolumns WHERE table_name = 'staff'")
    assert ("born", "DATE") in cursor.fetchall()


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("/Uri/nothing.csv", "property URI: there is no document at /Uri/nothing.csv"),
        ("/Uri/Tables/readme.txt", "property URI: /Uri/Tables/readme.txt is no document by its extension"),
        ("Uri", "the path of a document begins with /"),
    ],
)
def test_what_is_wrong_with_a_uri_is_told_where_a_table_is_unknown(box: Box, uri: str, message: str) -> None:
    with box.connect(URI=uri) as connection, pytest.raises(box_dialect.ProgrammingError, match=message):
        connection.cursor().execute("SELECT * FROM people")


def test_each_option_that_has_a_property_is_declared_alike() -> None:
    attributes = {declared.name: name for name, declared in DECLARED.items()}
    declared = {each.name: each for each in PROPERTIES}
    for option in OPTIONS:
        if option.property is not None:
            found = declared[option.property]
            assert attributes[found.name] == option.name
            assert (found.default, found.values) == (option.default, option.values)


SEVERAL = {"DataModel": "Relational", "XPath": "/root/people;/root/people/vehicles"}


@pytest.fixture(scope="module")
def several(box: Box) -> Box:
    for number in range(2):
        put(
            box,
            f"/Several/{number}.xml",
            PEOPLE_XML.replace(b"<people>", b"<People>").replace(b"</people>", b"</People>"),
        )
    return box


def keys(inspector: sa.Inspector, name: str) -> tuple[Any, list[tuple[Any, ...]]]:
    """Return the primary key of a table, and what refers from it to others."""
    references = inspector.get_foreign_keys(name)
    found = [(each["constrained_columns"], each["referred_table"], each["referred_columns"]) for each in references]
    return inspector.get_pk_constraint(name)["constrained_columns"], found


def test_of_several_files_the_file_belongs_to_the_key(several: Box) -> None:
    declared = SEVERAL | {"URI": "/Several/*.xml", "XPath": "/root/People;/root/People/vehicles"}
    engine = sa.create_engine(several.url, connect_args=declared)
    inspector = sa.inspect(engine)
    assert keys(inspector, "People") == (["file_id", "_id"], [])
    assert keys(inspector, "vehicles") == (
        ["file_id", "_id"],
        [(["file_id", "People_id"], "People", ["file_id", "_id"])],
    )
    base: Any = automap_base()
    base.prepare(autoload_with=engine, reflection_options={"only": ["People", "vehicles"]})
    with Session(engine) as session:
        people = session.scalars(sa.select(base.classes.People)).all()
        models = [[each.model for each in person.vehicles_collection] for person in people]
    assert len({*people}) == 4
    assert models == [["Honda Civic", "Dodge Ram"], ["Toyota Camry"]] * 2
    engine.dispose()


def test_joined_rows_have_no_key(box: Box) -> None:
    declared = SEVERAL | {"URI": "/Uri/people.xml", "DataModel": "FlattenedDocuments"}
    engine = sa.create_engine(box.url, connect_args=declared)
    assert keys(sa.inspect(engine), "people") == ([], [])
    engine.dispose()


def test_a_column_of_csv_is_no_key_by_its_name(box: Box) -> None:
    put(box, "/Uri/ids.csv", b"_id,a\n1,1\n1,2\n")
    engine = sa.create_engine(box.url, connect_args={"URI": "/Uri/ids.csv"})
    assert keys(sa.inspect(engine), "ids") == ([], [])
    with engine.connect() as connection:
        connection.connection.find_tables()  # type: ignore[attr-defined]  # ours
        relations = connection.connection.catalog.relations  # type: ignore[attr-defined]  # ours
    assert "ids" in relations
    models = orm.map_tables(relations.values())
    assert "File" in models
    assert models.keys() & {"Id", "DocumentRow"} == set()  # which have no key
    engine.dispose()


@pytest.mark.parametrize(
    ("path", "file"), [("/Uri/people.xml", []), ("/Uri/people.*", ["file_id"])], ids=["one file", "several files"]
)
def test_tables_that_a_statement_makes_have_keys(box: Box, path: str, file: list[str]) -> None:
    engine = sa.create_engine(box.url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE Staff USING xml(path = '{path}', data_model = 'Relational', "
            "xpath = '/root/people;/root/people/vehicles')"
        )
        inspector = sa.inspect(connection)
        assert keys(inspector, "Staff") == ([*file, "_id"], [])
        assert keys(inspector, "vehicles") == (
            [*file, "_id"],
            [([*file, "people_id"], "Staff", [*file, "_id"])],
        )
        names = [column["name"] for column in inspector.get_columns("vehicles")]
        assert names == ["_id", "people_id", "type", "model", *file]
        connection.exec_driver_sql("CREATE TABLE plain (a INTEGER PRIMARY KEY)")
        assert keys(sa.inspect(connection), "plain") == (["a"], [])
    engine.dispose()


def test_of_a_folder_what_cannot_be_read_is_left_out_and_told_of(box: Box) -> None:
    put(box, "/Mixed/bad.json", b"[1")
    put(box, "/Mixed/empty.csv", b"")
    put(box, "/Mixed/good.csv", b"a\n1\n")
    with box.connect(URI="/Mixed/") as connection:
        cursor = connection.cursor()
        with pytest.warns(box_dialect.BoxDocumentWarning) as told:
            assert cursor.execute("SELECT a FROM good").fetchall() == [(1,)]
    assert {str(each.message).partition(" is no table")[0] for each in told} == {
        "property URI: the document /Mixed/bad.json",
        "property URI: the document /Mixed/empty.csv",
    }


def test_an_empty_file_has_no_rows(box: Box) -> None:
    for number, content in enumerate((b"", b"a\n1\n", b"", b"a\n2\n")):
        put(box, f"/Empty/{number}.csv", content)
    with box.connect(URI="/Empty/*.csv") as connection:
        cursor = connection.cursor()
        assert cursor.execute("SELECT a, file_path FROM empty").fetchall() == [
            (1, "/Empty/1.csv"),
            (2, "/Empty/3.csv"),
        ]
        cursor.execute("CREATE VIRTUAL TABLE made USING csv(path = '/Empty/')")
        assert cursor.execute("SELECT sum(a) FROM made").fetchone() == (3,)


def test_finding_tables_may_be_stopped_as_a_statement_may(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    put(box, "/Uri/long.csv", b"a\n" + b"1\n" * 500_000)
    read = StoredDocument.read
    with box.connect(URI="/Uri/long.csv", RowScanDepth=0) as connection:

        def interrupted(document: StoredDocument, place: int, size: int) -> bytes:
            connection.interrupt()
            return read(document, place, size)

        monkeypatch.setattr(StoredDocument, "read", interrupted)
        with pytest.raises(box_dialect.OperationalError, match="interrupted"):
            connection.find_tables()
        monkeypatch.undo()
        assert connection.cursor().execute("SELECT sum(a) FROM long").fetchone() == (500_000,)
