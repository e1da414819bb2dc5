"""Documents as tables: their rows as those of an SQLite table with the same rows, and the calls that takes."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Box
from documents_at_box import PEOPLE_CSV, PEOPLE_XML, downloads, put
from hypothesis import given
from hypothesis import strategies as st
from patience import wait_until

import box_dialect
from box_dialect.emulator import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("lxml")
pytest.importorskip("pyarrow")

ROWS = [
    ("Ann", 30, 2, "2001-01-02", "one, two"),
    ("Bob", 40, 3, "1990-12-31", None),
    ("Cy", 50.5, None, "1980-07-01", "it's"),
    ("Di", 20, 1, "2010-05-05", "ann"),
    ("Ed", 20, 1, None, "ANN"),
]


@pytest.fixture(scope="module")
def box(written: Box) -> Box:
    put(written, "/Docs/people.csv", PEOPLE_CSV)
    put(written, "/Docs/people.xml", PEOPLE_XML)
    for month in range(1, 13):
        put(written, f"/Docs/Sales/2026-{month:02}.csv", f"day,amount\n1,{month}\n2,{month * 10}\n".encode())
    put(written, "/Docs/Sales/2025/old.csv", b"day,amount\n1,-1\n")
    put(written, "/Docs/Sales/readme.txt", b"nothing")
    return written


@pytest.fixture
def cursor(box: Box) -> Iterator[box_dialect.Cursor[Any]]:
    with box.connect() as connection, connection.cursor() as cursor:
        yield cursor


@pytest.fixture(scope="module")
def pair(box: Box) -> Iterator[tuple[box_dialect.Cursor[Any], sqlite3.Cursor]]:
    """A table of a document, and an SQLite table with the same rows."""
    with box.connect() as connection, closing(sqlite3.connect(":memory:")) as oracle:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE people USING csv(path = '/Docs/people.csv')")
        oracle.execute("CREATE TABLE people (name TEXT, age REAL, boss INTEGER, born TEXT, note TEXT)")
        oracle.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", ROWS)
        yield cursor, oracle.cursor()


VALUES = {
    "name": ["'Ann'", "'Zed'", "''", "30"],
    "age": ["20", "50.5", "'40'", "0"],
    "boss": ["1", "3", "'2'", "NULL", "2.0"],
    "note": ["'ann'", "'it''s'", "1"],
}
CONDITIONS = st.sampled_from([*VALUES]).flatmap(
    lambda column: st.one_of(
        st.builds(
            f"{column} {{}} {{}}".format,
            st.sampled_from(["=", "<", "<=", ">", ">=", "<>"]),
            st.sampled_from(VALUES[column]),
        ),
        st.builds(f"{column} IN ({{}}, {{}})".format, *[st.sampled_from(VALUES[column])] * 2),
        st.sampled_from([f"{column} IS NULL", f"{column} IS NOT NULL", f"{column} LIKE 'a%'"]),
        st.builds(f"{column} COLLATE NOCASE = {{}}".format, st.sampled_from(VALUES[column])),
    )
)


@given(st.lists(CONDITIONS, min_size=1, max_size=3), st.sampled_from([" AND ", " OR "]), st.integers(0, 3))
def test_rows_are_those_of_a_table(pair: Any, conditions: list[str], word: str, limit: int) -> None:
    cursor, oracle = pair
    where, first = word.join(conditions), conditions[0]
    statements = (
        f"SELECT name, age, boss, CAST(born AS TEXT), note FROM people WHERE {where} ORDER BY name LIMIT {limit}",
        f"SELECT count(*), sum(age), max(note) FROM people WHERE {where}",
        f"SELECT a.name, b.name FROM people a JOIN people b ON a.boss = b.boss WHERE a.{first} ORDER BY 1, 2",
        f"SELECT a.name, b.name FROM people a LEFT JOIN people b ON a.note = b.name AND b.{first} ORDER BY 1, 2",
    )
    for statement in statements:
        assert [*map(tuple, cursor.execute(statement).fetchall())] == oracle.execute(statement).fetchall(), statement


def test_create_finds_the_columns_and_keeps_them(box: Box, tmp_path: Any) -> None:
    database = str(tmp_path / "local.db")
    with box.connect(LocalDatabase=database) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE people USING csv(path = '/Docs/people.csv')")
        assert cursor.api_calls == 3  # the root folder, Docs, and the file
    box.reset()
    with box.connect(LocalDatabase=database) as connection:
        cursor = connection.cursor()
        cursor.execute("PRAGMA table_info(people)")
        columns = [(name, kind) for _, name, kind, *_ in cursor.fetchall()]
        assert columns == [
            ("name", "TEXT"), ("age", "REAL"), ("boss", "INTEGER"), ("born", "DATE TEXT"), ("note", "TEXT"),
        ]  # fmt: skip
        assert box.stats()["calls"] == 0
        assert cursor.execute("SELECT name FROM people WHERE age > 30").fetchall() == [("Bob",), ("Cy",)]
        assert cursor.api_calls == 3
        cursor.execute("DROP TABLE people")
        assert cursor.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)


def test_the_relational_model_has_a_table_for_each_path(cursor: Any) -> None:
    cursor.execute(
        "CREATE VIRTUAL TABLE persons USING xml(path = '/Docs/people.xml', data_model = 'Relational', "
        "xpath = '/root/people;/root/people/vehicles')"
    )
    cursor.execute(
        'SELECT p."personal.name.first", v.model FROM persons p JOIN vehicles v ON v.people_id = p._id ORDER BY v._id'
    )
    assert cursor.fetchall() == [("Jane", "Honda Civic"), ("Jane", "Dodge Ram"), ("Joe", "Toyota Camry")]


def test_the_relational_model_makes_all_tables_or_none(cursor: Any) -> None:
    cursor.execute("CREATE TABLE vehicles (a)")
    with pytest.raises(box_dialect.ProgrammingError, match=r'vehicles"? already exists'):
        cursor.execute(
            "CREATE VIRTUAL TABLE people USING xml(path = '/Docs/people.xml', data_model = 'Relational', "
            "xpath = '/root/people;/root/people/vehicles')"
        )
    assert cursor.execute("SELECT name FROM sqlite_schema").fetchall() == [("vehicles",)]


def test_a_pattern_has_the_rows_of_all_files(cursor: Any) -> None:
    cursor.execute("CREATE VIRTUAL TABLE sales USING csv(path = '/Docs/Sales/2026-*.csv')")
    assert cursor.execute("SELECT count(*), sum(amount) FROM sales").fetchone() == (24, 78 * 11)
    assert cursor.api_calls == 3 + 12  # the folders on the way, and the files
    cursor.execute("SELECT amount, file_path FROM sales LIMIT 3")
    assert cursor.fetchall() == [
        (1, "/Docs/Sales/2026-01.csv"),
        (10, "/Docs/Sales/2026-01.csv"),
        (2, "/Docs/Sales/2026-02.csv"),
    ]
    cursor.execute("CREATE VIRTUAL TABLE every_sale USING csv(path = '/Docs/Sales/**/*.csv')")
    assert cursor.execute("SELECT count(*) FROM every_sale").fetchone() == (25,)
    cursor.execute("CREATE VIRTUAL TABLE in_folder USING csv(path = '/Docs/Sales/')")
    assert cursor.execute("SELECT count(*) FROM in_folder").fetchone() == (24,)


@pytest.mark.long
@pytest.mark.parametrize(
    ("condition", "files"),
    [
        ("file_path = '/Docs/Sales/2026-03.csv'", 1),
        ("file_path LIKE '%-1%'", 3),
        ("file_path GLOB '*-0[12].csv'", 2),
        ("file_path IN ('/Docs/Sales/2026-03.csv', '/Docs/Sales/2026-04.csv', 'x')", 2),
        ("file_path = '/DOCS/Sales/2026-03.csv' COLLATE NOCASE", 12),
        ("file_modified_at > '2100-01-01'", 0),
        ("file_modified_at < '2100-01-01'", 12),
        ("file_id = 'none'", 0),
        ("file_id IN (SELECT id FROM files WHERE name = '2026-05.csv')", 1),
    ],
)
def test_what_is_said_of_files_leaves_some_out_before_any_is_downloaded(
    box: Box, cursor: Any, condition: str, files: int
) -> None:
    cursor.execute("CREATE VIRTUAL TABLE sales USING csv(path = '/Docs/Sales/2026-*.csv')")
    everything = cursor.execute("SELECT *, file_id, file_path, file_modified_at FROM sales").fetchall()
    with closing(sqlite3.connect(":memory:")) as oracle:
        oracle.execute("CREATE TABLE sales (day, amount, file_id TEXT, file_path TEXT, file_modified_at TEXT)")
        rows = [(*row[:-1], row[-1].strftime("%Y-%m-%d %H:%M:%S.%f")) for row in everything]
        oracle.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, ?)", rows)
        oracle.execute("CREATE TABLE files (id, name)")
        ids = {row[3]: row[2] for row in rows}
        oracle.executemany("INSERT INTO files VALUES (?, ?)", [(ids[path], path.rpartition("/")[2]) for path in ids])
        expected = oracle.execute(f"SELECT day, amount FROM sales WHERE {condition} ORDER BY 2, 1").fetchall()
    box.reset()
    assert cursor.execute(f"SELECT day, amount FROM sales WHERE {condition} ORDER BY 2, 1").fetchall() == expected
    assert downloads(box) == files


def test_a_file_is_told_by_its_id(cursor: Any) -> None:
    (file_id,) = cursor.execute("SELECT id FROM files WHERE path = '/Docs/people.csv'").fetchone()
    cursor.execute(f"CREATE VIRTUAL TABLE people USING csv(file_id = '{file_id}')")
    assert cursor.execute("SELECT count(*) FROM people").fetchone() == (5,)
    assert cursor.api_calls == 2


def test_a_document_is_downloaded_once_in_a_statement(box: Box, cursor: Any) -> None:
    cursor.execute("CREATE VIRTUAL TABLE people USING csv(path = '/Docs/people.csv')")
    cursor.execute("CREATE VIRTUAL TABLE again USING csv(path = '/Docs/people.csv', row_scan_depth = 1)")
    box.reset()
    cursor.execute("SELECT count(*) FROM people a, people b, again c").fetchone()
    assert downloads(box) == 1


def test_rows_that_are_looked_up_again_and_again_are_read_once(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    from box_dialect.engine.documents.stored_document import StoredDocument

    put(box, "/Docs/many.csv", b"id,parent\n" + b"".join(b"%d,%d\n" % (n, n // 2) for n in range(1, 300)))
    opened = []
    was_open = StoredDocument.open

    def open_again(document: StoredDocument) -> Any:
        opened.append(document.name)
        return was_open(document)

    monkeypatch.setattr(StoredDocument, "open", open_again)
    with box.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE many USING csv(path = '/Docs/many.csv')")
        opened.clear()
        cursor.execute("SELECT count(*), sum(b.id) FROM many a JOIN many b ON b.id = a.parent")
        assert cursor.fetchone() == (298, sum(n // 2 for n in range(2, 300)))
        assert len(opened) < 10


@pytest.mark.parametrize(
    ("statement", "error", "message"),
    [
        ("csv(path = '/nowhere.csv')", box_dialect.ProgrammingError, "no file at /nowhere.csv"),
        ("csv(path = '/Docs/', sheet = 'x')", box_dialect.ProgrammingError, "csv has no option 'sheet'"),
        ("csv", box_dialect.ProgrammingError, "path = .* or file_id"),
        ("csv(path = '/a', file_id = '1')", box_dialect.ProgrammingError, "either path"),
        ("csv(path = 'a')", box_dialect.ProgrammingError, "begins with /"),
        ("csv(file_id = '../1')", box_dialect.ProgrammingError, "file_id is the id of a file"),
        ("csv('/Docs/people.csv')", box_dialect.ProgrammingError, "a name and a value"),
        ("csv(path = '/a', path = '/b')", box_dialect.ProgrammingError, "told path twice"),
        ("csv(path = '/Docs/people.csv', layout = '{}')", box_dialect.ProgrammingError, "finds the layout itself"),
        ("xml(path = '/Docs/people.csv')", box_dialect.DataError, "people.csv, line 1"),
        ("fts4(a)", box_dialect.NotSupportedError, "module fts4 is refused; allowed: csv, excel"),
    ],
)
def test_wrong_statements(cursor: Any, statement: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        cursor.execute(f"CREATE VIRTUAL TABLE people USING {statement}")
    assert cursor.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", ["users", "taken"])
def test_a_name_that_is_taken_is_refused_before_any_call(box: Box, name: str) -> None:
    with box.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE taken (a)")
        with pytest.raises(box_dialect.ProgrammingError, match=f"{name} (already exists|is a table of Box)"):
            cursor.execute(f"CREATE VIRTUAL TABLE {name} USING csv(path = '/Docs/people.csv')")
        cursor.execute("CREATE VIRTUAL TABLE IF NOT EXISTS taken USING csv(path = '/Docs/people.csv')")


@pytest.mark.usefixtures("no_network")
def test_readonly_refuses_create_before_any_call(box: Box) -> None:
    with box.connect(Readonly=True) as connection, pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
        connection.cursor().execute("CREATE VIRTUAL TABLE people USING csv(path = '/Docs/people.csv')")


def test_a_document_is_only_read(cursor: Any) -> None:
    cursor.execute("CREATE VIRTUAL TABLE temp.people USING csv(path = '/Docs/people.csv')")
    for statement in ("DELETE FROM people", "UPDATE people SET age = 1", "INSERT INTO people (name) VALUES ('x')"):
        with pytest.raises(box_dialect.NotSupportedError, match="may not be modified"):
            cursor.execute(statement)


def test_literals_may_hold_commas_parentheses_and_quotes(box: Box, cursor: Any) -> None:
    put(box, "/Docs/a, (b) 'c.csv", b"x;y\n1;2\n")
    cursor.execute("CREATE VIRTUAL TABLE \"odd name\" USING csv (path='/Docs/a, (b) ''c.csv' , \"fmt\"= ';')")
    assert cursor.execute('SELECT x, y FROM "odd name"').fetchall() == [(1, 2)]


def test_columns_of_the_file_go_before_those_of_the_document(box: Box, cursor: Any) -> None:
    put(box, "/Docs/ids.csv", b"File_Id,document_file_id\nown,other\n")
    cursor.execute("CREATE VIRTUAL TABLE ids USING csv(path = '/Docs/ids.csv')")
    cursor.execute("SELECT * FROM ids")
    assert cursor.fetchall() == [("own", "other")]
    assert len({column[0].lower() for column in cursor.description}) == 2
    (file_id,) = cursor.execute("SELECT file_id FROM ids").fetchone()
    assert cursor.execute("SELECT path FROM files WHERE id = ?", (file_id,)).fetchone() == ("/Docs/ids.csv",)


def test_a_file_that_is_gone_or_other_is_told_of(box: Box, cursor: Any) -> None:
    put(box, "/Docs/gone.csv", b"a,b\n1,2\n")
    cursor.execute("CREATE VIRTUAL TABLE gone USING csv(path = '/Docs/gone.csv')")
    put(box, "/Docs/gone.csv", b"c\n1\n")
    with pytest.raises(box_dialect.DataError, match=r"gone\.csv"):
        cursor.execute("SELECT a, b FROM gone").fetchall()
    cursor.execute("DELETE FROM files WHERE path = '/Docs/gone.csv'")
    with pytest.raises(box_dialect.ProgrammingError, match=r"/Docs/gone\.csv, is not there any more"):
        cursor.execute("SELECT a, b FROM gone").fetchall()


def test_documents_join_with_who_owns_them(cursor: Any) -> None:
    cursor.execute("CREATE VIRTUAL TABLE sales USING csv(path = '/Docs/Sales/2026-*.csv')")
    cursor.execute(
        "SELECT f.name, f.owned_by_login, sum(s.amount) FROM sales s JOIN files f ON f.id = s.file_id "
        "GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 2"
    )
    rows = cursor.fetchall()
    assert [(name, total) for name, _, total in rows] == [("2026-12.csv", 132), ("2026-11.csv", 121)]
    assert cursor.api_calls == 3 + 12  # the listing tells of the files too


@pytest.mark.long
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM slow",
        "SELECT count(*) FROM files f, document_rows r WHERE r.file_id = f.id AND f.path LIKE '/Slow/%'",
    ],
)
def test_files_are_downloaded_several_at_once(serving: Any, sql: str) -> None:
    with serving(Options(latency_ms=20)) as emulator:
        slow = Box(emulator)
        for number in range(8):
            put(slow, f"/Slow/{number}.csv", b"a\n1\n")
        made = "CREATE VIRTUAL TABLE slow USING csv(path = '/Slow/*.csv')"
        with slow.connect(MaxConcurrency=4) as connection:
            cursor = connection.cursor().execute(made)
            slow.reset()
            assert cursor.execute(sql).fetchone() == (8,)
            assert slow.stats()["max_in_flight"] <= 4
        with slow.connect(MaxConcurrency=4) as connection, ThreadPoolExecutor(1) as thread:
            cursor = connection.cursor().execute(made)
            slow.reset()
            # However late a slow machine begins each of them, none has its answer before all are in flight.
            slow.faults({"operation": "get_files_id_content", "delay_ms": 600_000, "times": 8})
            running = thread.submit(lambda: cursor.execute(sql).fetchone())
            wait_until(lambda: slow.stats()["max_in_flight"] == 4)
            connection.interrupt()
            with pytest.raises(box_dialect.OperationalError, match="interrupted"):
                running.result()


def test_a_limit_stops_asking(box: Box) -> None:
    with box.connect(MaxConcurrency=1) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE sales USING csv(path = '/Docs/Sales/2026-*.csv')")
        box.reset()
        assert len(cursor.execute("SELECT amount FROM sales LIMIT 2").fetchall()) == 2
        assert downloads(box) <= 2  # the one that is read, and the next


def test_explain_query_plan_names_what_is_read(cursor: Any) -> None:
    cursor.execute("CREATE VIRTUAL TABLE sales USING csv(path = '/Docs/Sales/2026-*.csv')")
    cursor.execute("EXPLAIN QUERY PLAN SELECT amount FROM sales WHERE file_path LIKE '%1.csv' AND day = 1")
    assert "documents /Docs/Sales/2026-*.csv (file_path LIKE ?, day =)" in str(cursor.fetchall())


def test_nobody_knows_what_a_table_of_documents_costs(box: Box) -> None:
    with box.connect() as connection:
        connection.cursor().execute("CREATE VIRTUAL TABLE sales USING csv(path = '/Docs/Sales/2026-*.csv')")
        assert connection.estimate("SELECT * FROM sales").most is None
        assert connection.estimate("SELECT * FROM document_rows WHERE file_id = '1'").most == 2


def test_what_is_skipped_is_told_of(box: Box, cursor: Any) -> None:
    put(box, "/Docs/ragged.csv", b"a,b\n1,2\n3\n4,5\n6,7,8\n")
    cursor.execute("CREATE VIRTUAL TABLE ragged USING csv(path = '/Docs/ragged.csv', on_error = 'skip')")
    with pytest.warns(box_dialect.BoxDocumentWarning, match=r"/Docs/ragged\.csv: 2 parts .* were skipped; the first"):
        assert cursor.execute("SELECT a, b FROM ragged").fetchall() == [(1, 2), (4, 5)]


def test_a_statement_may_be_stopped_amid_a_document(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    from box_dialect.engine.documents.stored_document import StoredDocument

    put(box, "/Docs/long.csv", b"a\n" + b"1\n" * 500_000)
    with box.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE VIRTUAL TABLE long USING csv(path = '/Docs/long.csv')")
        read = StoredDocument.read

        def interrupted(document: StoredDocument, place: int, size: int) -> bytes:
            connection.interrupt()
            return read(document, place, size)

        monkeypatch.setattr(StoredDocument, "read", interrupted)
        with pytest.raises(box_dialect.OperationalError, match="interrupted"):
            cursor.execute("SELECT count(*) FROM long").fetchone()
        monkeypatch.undo()
        assert cursor.execute("SELECT count(*) FROM long").fetchone() == (500_000,)


def test_the_path_of_a_folder_may_be_without_its_last_slash(box: Box, cursor: Any) -> None:
    put(box, "/Folder/a.csv", b"a\n1\n")
    cursor.execute("CREATE VIRTUAL TABLE folder USING csv(path = '/Folder')")
    put(box, "/Folder/b.csv", b"a\n2\n")
    assert cursor.execute("SELECT a, file_path FROM folder").fetchall() == [(1, "/Folder/a.csv"), (2, "/Folder/b.csv")]
    with box.connect(URI="/Folder") as connection:
        assert connection.cursor().execute("SELECT a FROM b").fetchall() == [(2,)]


def test_a_pattern_without_files_tells_how_names_with_its_characters_are_written(box: Box, cursor: Any) -> None:
    put(box, "/[Old]/a.csv", b"a\n1\n")
    with pytest.raises(box_dialect.ProgrammingError, match=r"no file at /\[Old\]/a.csv .* is written with .* \[\[\]"):
        cursor.execute("CREATE VIRTUAL TABLE old USING csv(path = '/[Old]/a.csv')")
    cursor.execute("CREATE VIRTUAL TABLE old USING csv(path = '/[[]Old]/a.csv')")
    assert cursor.execute("SELECT a FROM old").fetchall() == [(1,)]


def test_a_preview_that_ends_before_files_are_found_says_so(box: Box) -> None:
    with (
        box.connect(PreviewCalls=1) as connection,
        pytest.raises(box_dialect.OperationalError, match=r"/Docs/\*\.csv is not read, since PreviewCalls"),
    ):
        connection.cursor().execute("CREATE VIRTUAL TABLE previewed USING csv(path = '/Docs/*.csv')")
