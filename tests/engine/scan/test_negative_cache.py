"""What Box has shown to have no comments and no collaborations is not asked for them, nor by the next statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from patience import wait_until_quiet

from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store
from box_dialect.engine.scan import side_rows
from box_dialect.engine.scan.negative_cache import SECONDS_KEPT, NegativeCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

    import box_dialect

FILES, COMMENTED, SHARED = 12, 3, 2


@pytest.fixture(scope="module")
def reports() -> Iterator[Box]:
    """A folder of files, of which the first have comments and fewer are shared. Tests must leave it as it is."""
    from conftest import Box

    emulator = Emulator(Options())
    store = emulator.store = Store()
    folder = store.add_folder("all", store.root, store.admin)
    store.add_folder("empty", store.root, store.admin)
    guest = store.add_user("guest", "guest@example.com", 1_600_000_000)
    for number in range(FILES):
        file = store.add_file(f"report {number}", folder, PatternContent("x", 1), store.admin)
        for place in range(2 if number < COMMENTED else 0):
            store.add_comment(file, f"comment {place}", store.admin)
        if number < SHARED:
            store.add_collaboration(file, guest, "editor", store.admin)
    with emulator:
        yield Box(emulator)


def ids(box: Box) -> str:
    return ", ".join(f"'{each}'" for each in box.store.items["file"])


SHARED_AS = "SELECT 1 FROM collaborations WHERE item_id = f.id AND item_type ="
JOIN = "LEFT JOIN comments c ON c.item_id = f.id"


@pytest.mark.parametrize(
    ("sql", "rows", "calls"),
    [
        (f"SELECT f.id, c.id FROM files f {JOIN} WHERE f.id IN ({{ids}})", 15, 15),
        (f"SELECT f.id, c.id FROM items f {JOIN} WHERE f.id IN ({{ids}}) AND f.type = 'file'", 15, 15),
        (f"SELECT f.id, c.id FROM files f {JOIN} WHERE f.search MATCH 'report'", 15, 4),
        (f"SELECT f.id, c.id FROM items f {JOIN} WHERE f.search MATCH 'report'", 15, 4),
        ("SELECT f.id FROM files f WHERE search MATCH 'report' AND EXISTS ({shared} 'file')", 2, 3),
        # The root itself, and the listings of three folders.
        ("SELECT id, EXISTS ({shared} 'folder') FROM folders f", 3, 4),
        ("SELECT f.name FROM items i JOIN files f ON f.id = i.id WHERE i.search MATCH 'report'", 12, 1),
    ],
)
def test_every_answer_that_shows_whole_objects_tells_which_have_nothing(
    reports: Box, sql: str, rows: int, calls: int
) -> None:
    with reports.connect(max_concurrency=1) as connection, connection.cursor() as cursor:
        found = cursor.execute(sql.format(ids=ids(reports), shared=SHARED_AS)).fetchall()
        assert (len(found), cursor.api_calls) == (rows, calls)


@pytest.mark.parametrize("late", ["get_folders_id", "get_folders_id_items"])
def test_rows_that_a_walk_shows_by_the_way_are_right_whichever_call_shows_one_first(reports: Box, late: str) -> None:
    columns = "p.id, p.name, p.parent_id, p.path"
    with reports.connect() as connection, connection.cursor() as cursor:
        plain = {row[0]: row for row in cursor.execute(f"SELECT {columns} FROM folders p")}
        reports.reset()
        reports.faults({"operation": late})  # so that it is sent again, and answered after the other one
        cursor.execute(f"SELECT f.id, {columns} FROM folders f CROSS JOIN folders p ON p.id = f.id")
        assert {tuple(row[1:]) for row in cursor} == set(plain.values())
        assert cursor.api_calls == 2 + len(plain)


@pytest.mark.parametrize("condition", ["id = '{first}'", "search MATCH 'report'"])
def test_it_is_asked_for_only_where_somebody_may_ask_for_what_belongs_to_it(
    reports: Box, caplog: pytest.LogCaptureFixture, condition: str
) -> None:
    wait_until_quiet()
    caplog.set_level("DEBUG", logger="box_dialect")
    with reports.connect() as connection:
        place = condition.format(first=next(iter(reports.store.items["file"])))
        connection.cursor().execute(f"SELECT name FROM files WHERE {place}").fetchall()
    assert "comment_count" not in caplog.text
    assert "has_collaborations" not in caplog.text


LISTING = "SELECT id, comment_count FROM files WHERE parent_id = (SELECT id FROM folders WHERE path = '/all')"


@pytest.fixture
def changing(fresh: Box, monkeypatch: pytest.MonkeyPatch) -> Box:
    """A tree with one file that has no comments, in a folder of its own, where no time passes by itself."""
    monkeypatch.setattr("box_dialect.engine.execution.session.NegativeCache", lambda: NegativeCache(lambda: 0.0))
    fresh.store.add_file("one", fresh.store.add_folder("all", fresh.store.root, fresh.store.admin),
                         PatternContent("x", 1), fresh.store.admin)  # fmt: skip
    return fresh


def listed(connection: box_dialect.Connection) -> str:
    """Read the file of the folder, which shows that it has no comments, and return its id."""
    ((found, comments),) = connection.cursor().execute(LISTING).fetchall()
    assert comments == 0
    return str(found)


def asked(connection: box_dialect.Connection, file: str) -> int:
    """Return how many calls the comments of a file take."""
    cursor = connection.cursor().execute("SELECT message FROM comments WHERE item_id = ?", (file,))
    cursor.fetchall()
    return cursor.api_calls


def run(sql: str) -> Callable[[box_dialect.Connection, str], Any]:
    return lambda connection, file: connection.cursor().execute(sql, (file,) * sql.count("?")).fetchall()


def other_writes(connection: box_dialect.Connection, _: str) -> None:
    """Write to Box by another connection of the process."""
    with type(connection)(connection.properties) as other:
        other.cursor().execute("INSERT INTO folders (name, parent_id) VALUES ('other', '0')")
        other.commit()


def time_passes(connection: box_dialect.Connection, _: str) -> None:
    connection.session.negative_cache.clock = lambda: SECONDS_KEPT


WRITE = run("INSERT INTO comments (item_id, message) VALUES (?, 'first')")
BETWEEN: dict[str, Callable[[box_dialect.Connection, str], Any]] = {
    "commit": lambda connection, _: connection.commit(),
    "rollback": lambda connection, _: connection.rollback(),
    "COMMIT": run("COMMIT"),
    "ROLLBACK TO": run("ROLLBACK TO here"),
    "autocommit": lambda connection, _: setattr(connection, "autocommit", True),
    "write": WRITE,
    "write to another table": run("INSERT INTO folders (name, parent_id) VALUES ('new', '0')"),
    "write of another connection": other_writes,
    "time": time_passes,
}


@pytest.mark.long
@pytest.mark.parametrize("between", BETWEEN)
def test_statements_know_it_of_earlier_ones_until_something_may_have_changed(changing: Box, between: str) -> None:
    with changing.connect() as connection:
        connection.cursor().execute("SAVEPOINT here")
        file = listed(connection)
        assert asked(connection, file) == 0
        BETWEEN[between](connection, file)
        assert asked(connection, file) == 1
        connection.commit()


@pytest.mark.parametrize("between", ["commit", "rollback", "write", "write of another connection", "time"])
def test_the_same_goes_for_autocommit(changing: Box, between: str) -> None:
    with changing.connect() as connection:
        connection.autocommit = True
        file = listed(connection)
        assert asked(connection, file) == 0
        BETWEEN[between](connection, file)
        assert asked(connection, file) == 1


def test_a_trigger_that_writes_reads_what_it_wrote(changing: Box) -> None:
    with changing.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE said (item_id)")
        cursor.execute("CREATE TABLE counted (comments)")
        cursor.execute(
            "CREATE TEMP TRIGGER says AFTER INSERT ON said BEGIN "
            "INSERT INTO comments (item_id, message) VALUES (new.item_id, 'new'); "
            "INSERT INTO counted SELECT count(*) FROM comments WHERE item_id = new.item_id; END"
        )
        cursor.execute("INSERT INTO said VALUES (?)", (listed(connection),))
        assert cursor.execute("SELECT comments FROM counted").fetchall() == [(1,)]


def test_what_is_read_while_something_is_written_is_not_told(changing: Box) -> None:
    with changing.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, comment_count FROM files")
        rows = [cursor.fetchone()]
        file = max(changing.store.items["file"], key=int)
        WRITE(connection, file)
        assert file in {row[0] for row in [*rows, *cursor.fetchall()]}
        assert asked(connection, file) == 1
        connection.commit()


def test_it_is_forgotten_of_what_is_shown_to_have_something(changing: Box) -> None:
    with changing.connect() as connection:
        file = listed(connection)
        changing.store.add_comment(changing.store.items["file"][file], "by somebody else", changing.store.admin)
        assert asked(connection, file) == 0
        assert connection.cursor().execute(LISTING).fetchall() == [(file, 1)]
        assert asked(connection, file) == 1


def test_how_much_is_known_is_bounded(reports: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_rows, "MOST_WAITING", 5)
    with reports.connect() as connection:
        connection.cursor().execute(LISTING).fetchall()
        assert len(connection.session.negative_cache.seen) == 5
        assert sum(asked(connection, file) for file in reports.store.items["file"]) == FILES - 5
