"""The sets of parameters of `executemany()` are read together, and each has what it would have alone."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest
import sqlalchemy as sa
from conftest import Box
from patience import PATIENCE_SECONDS, wait_until_quiet
from rounds import Rounds

import box_dialect
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.app import App
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store
from box_dialect.engine.execution import statement, statement_effects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WIDTH: Final = 16
ABOVE, BELOW, FILES = 4, 10, 3
SETS: Final = ABOVE * BELOW
"""Folders of two levels, for each of which there is one set of parameters; the first file of each has comments."""

IN_FOLDER: Final = "INSERT INTO own SELECT id, name FROM files WHERE parent_id = ?"
DESCRIBE: Final = "UPDATE folders SET description = ? WHERE path = ?"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Forty folders in four, three files in each."""
    emulator = Emulator(Options())
    store = emulator.store = Store()
    for upper in range(ABOVE):
        above = store.add_folder(f"d{upper}", store.root, store.admin)
        for lower in range(BELOW):
            folder = store.add_folder(f"p{lower}", above, store.admin)
            for number in range(FILES):
                file = store.add_file(f"f{number}", folder, PatternContent("x", 1), store.admin)
                for place in range(0 if number else 2):
                    store.add_comment(file, f"c{place}", store.admin)
            store.add_user("somebody", f"{upper}.{lower}@example.com")
    with emulator:
        yield Box(emulator)


@pytest.fixture
def cursor(box: Box) -> Iterator[box_dialect.Cursor]:
    box.reset()
    with box.connect(max_concurrency=WIDTH) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE own (id TEXT, name TEXT)")
        yield cursor


@dataclass(frozen=True)
class Folder:
    """A folder of the lower level, its first file, and one of as many users."""

    id: str
    parent_id: str
    path: str
    name: str
    file: str
    user: str


@pytest.fixture(scope="module")
def folders(box: Box) -> Sequence[Folder]:
    with box.connect(max_concurrency=WIDTH) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.parent_id, p.path, p.name, f.id FROM folders p JOIN files f ON f.parent_id = p.id "
            "WHERE p.depth = 2 AND f.name = 'f0' ORDER BY p.path"
        )
        found = cursor.fetchall()
        users = cursor.execute("SELECT id FROM users WHERE name = 'somebody'").fetchall()
    return [Folder(*row, *user) for row, user in zip(found, users, strict=True)]


@dataclass(frozen=True)
class Shape:
    """A statement, its set of parameters for a folder, and the fewest calls for all, by how many each waits for."""

    name: str
    sql: str
    parameters: Callable[[Folder], tuple[object, ...]]
    levels: tuple[int, ...]

    def __str__(self) -> str:
        return self.name


SHAPES: Final = [
    Shape("by parent_id", IN_FOLDER, lambda f: (f.id,), (SETS,)),
    Shape("by id", "INSERT INTO own SELECT id, name FROM files WHERE id = ?", lambda f: (f.file,), (SETS,)),
    Shape(
        "by parent_id and name",
        "INSERT INTO own SELECT id, name FROM files WHERE parent_id = ? AND name = ?",
        lambda f: (f.id, "f1"),
        (SETS,),
    ),
    Shape(
        "a join in each set",
        "INSERT INTO own SELECT f.id, message FROM files f JOIN comments ON item_id = f.id WHERE f.parent_id = ?",
        lambda f: (f.id,),
        (SETS, SETS),
    ),
    Shape(
        "by path",
        "INSERT INTO own SELECT id, name FROM files WHERE path = ?",
        lambda f: (f"{f.path}/f0",),
        (1, ABOVE, SETS),
    ),
    Shape(
        "the same walk for all",
        "INSERT INTO own SELECT id, ? FROM files WHERE size > 0",
        lambda f: (f.name,),
        (1, ABOVE, SETS),
    ),
    Shape("the same id for all", "INSERT INTO own SELECT id, ? FROM folders WHERE id = '0'", lambda f: (f.id,), (1,)),
    Shape("users by id", "INSERT INTO own SELECT id, name FROM users WHERE id = ?", lambda f: (f.user,), (1,)),
    Shape("UPDATE by path", DESCRIBE, lambda f: ("new", f.path), (1, ABOVE, SETS)),
    Shape(
        "UPDATE by parent_id and name",
        "UPDATE folders SET description = ? WHERE parent_id = ? AND name = ?",
        lambda f: ("newer", f.parent_id, f.name),
        (ABOVE, SETS),
    ),
    Shape(
        "UPDATE of what is in others",
        "UPDATE comments SET message = ? WHERE item_id IN (SELECT id FROM files WHERE parent_id = ?)",
        lambda f: ("new", f.id),
        (SETS, SETS, 2 * SETS),
    ),
    Shape("UPDATE by id", "UPDATE folders SET description = ? WHERE id = ?", lambda f: ("newest", f.id), (SETS,)),
]


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_sets_take_hardly_more_than_the_fewest_calls_and_rounds(
    cursor: box_dialect.Cursor, folders: Sequence[Folder], shape: Shape
) -> None:
    rounds, sets = Rounds(), [shape.parameters(each) for each in folders]
    with rounds.holding(App):
        rounds.run(cursor, lambda: cursor.executemany(shape.sql, sets))
    calls, depth = sum(shape.levels), len(shape.levels)
    assert cursor.api_calls <= 1.1 * calls + WIDTH
    assert rounds.count <= 2 * (calls / WIDTH + depth)


def test_the_sets_of_sqlalchemy_are_read_together(box: Box, folders: Sequence[Folder]) -> None:
    engine = sa.create_engine(box.url, connect_args={"max_concurrency": WIDTH}, future=True)
    own = sa.Table("own", sa.MetaData(), sa.Column("id", sa.String), sa.Column("name", sa.String))
    files = sa.table("files", sa.column("id"), sa.column("name"), sa.column("parent_id"))
    found = sa.select(files.c.id, files.c.name).where(files.c.parent_id == sa.bindparam("folder"))
    rounds = Rounds()
    with engine.connect() as connection:
        own.create(connection)
        cursors: list[Any] = []
        sa.event.listen(engine, "before_cursor_execute", lambda _, cursor, *__: cursors.append(cursor))
        with rounds.holding(App):
            insert = own.insert().from_select(["id", "name"], found)
            rounds.run(_Last(cursors), lambda: connection.execute(insert, [{"folder": each.id} for each in folders]))
        assert connection.execute(sa.select(sa.func.count()).select_from(own)).scalar() == SETS * FILES
    assert rounds.count <= 2 * (SETS / WIDTH + 1)


class _Last:
    """The last cursor that SQLAlchemy made, in the place of the one that a statement is run by."""

    def __init__(self, cursors: list[Any]) -> None:
        self._cursors = cursors

    @property
    def _execution(self) -> Any:
        return self._cursors[-1]._execution if self._cursors else SimpleNamespace(_waiting=None)


STATEMENTS: Final[dict[str, Callable[[Folder], tuple[object, ...]]]] = {
    "INSERT INTO own SELECT id, ? FROM files WHERE parent_id = ?": lambda f: (f.path, f.id),
    "INSERT INTO own SELECT f.id, ? || coalesce(message, 'none') FROM files f LEFT JOIN comments ON item_id = f.id "
    "WHERE f.parent_id = ?": lambda f: (f.path, f.id),
    "INSERT INTO own SELECT ?, name FROM folders WHERE path LIKE ?": lambda f: (f.path, f"{f.path[:3]}/%"),
    "INSERT INTO own SELECT id, ? FROM files WHERE parent_id = ? AND id NOT IN (SELECT id FROM own)": lambda f: (
        f.name,
        f.id,
    ),
    "INSERT INTO own SELECT count(*), max(name) FROM own WHERE ? AND EXISTS (SELECT 1 FROM files WHERE id = ?)": (
        lambda f: (f.name > "p4", f.file)
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("sql", STATEMENTS)
def test_sets_give_what_one_statement_for_each_gives(
    cursor: box_dialect.Cursor, folders: Sequence[Folder], sql: str
) -> None:
    sets = [STATEMENTS[sql](each) for each in [*folders[:12], *folders[3:6], folders[0]]]
    sets += [(sets[0][0], None), (sets[0][0], "1"), (sets[0][0], 5)]
    for each in sets:
        cursor.execute(sql, each)
    alone = cursor.execute("SELECT * FROM own ORDER BY 2, 1").fetchall()
    cursor.execute("DELETE FROM own")
    cursor.executemany(sql, tuple(sets))
    assert cursor.rowcount == len(alone)
    assert cursor.execute("SELECT * FROM own ORDER BY 2, 1").fetchall() == alone


@contextmanager
def refusing(identity: str) -> Iterator[None]:
    """Have Box refuse to list a folder."""
    answer = App.__call__

    async def refused(app: Any, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == f"/2.0/folders/{identity}/items":
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})
        else:
            await answer(app, scope, receive, send)

    App.__call__ = refused  # type: ignore[method-assign]
    try:
        yield
    finally:
        App.__call__ = answer  # type: ignore[method-assign]


def test_a_set_that_fails_keeps_none_before_it_from_its_rows(
    cursor: box_dialect.Cursor, folders: Sequence[Folder]
) -> None:
    sets = [(each.id,) for each in folders]
    with refusing(folders[7].id), pytest.raises(box_dialect.OperationalError, match="403"):
        cursor.executemany(IN_FOLDER, sets)
    assert cursor.api_calls > 8
    assert cursor.rowcount == 7 * FILES
    assert cursor.execute("SELECT count(*) FROM own").fetchone() == (7 * FILES,)


def test_what_sets_wrote_stays_where_a_later_one_cannot_be_read(
    cursor: box_dialect.Cursor, folders: Sequence[Folder]
) -> None:
    sets = [("before the end", each.path) for each in folders]
    with refusing(folders[BELOW].parent_id), pytest.raises(box_dialect.OperationalError, match="403"):
        cursor.executemany(DESCRIBE, sets)
    assert cursor.rowcount == BELOW
    cursor.execute("SELECT count(*) FROM folders WHERE description = 'before the end'")
    assert cursor.fetchone() == (BELOW,)


def test_what_is_ahead_is_cancelled_when_the_time_is_over(box: Box, folders: Sequence[Folder]) -> None:
    for seconds in (1, 10, PATIENCE_SECONDS):
        with box.connect(max_concurrency=WIDTH, timeout=seconds) as bounded, bounded.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE own (id TEXT, name TEXT)")
            with Rounds().holding(App):
                with pytest.raises(box_dialect.OperationalError, match="Timeout"):
                    cursor.executemany(IN_FOLDER, [(each.id,) for each in folders])
                wait_until_quiet()
            assert cursor.api_calls <= WIDTH
            assert cursor.rowcount == 0
            if cursor.api_calls > 1:  # where not, a slow machine had no time to look ahead
                return
    pytest.fail("nothing is asked ahead")


@pytest.mark.parametrize(
    "wrong", [(), (object(),), 5, {"name": "x"}], ids=["no value", "no value of SQL", "no set", "another name"]
)
def test_a_wrong_set_is_told_when_it_is_come_to(
    cursor: box_dialect.Cursor, folders: Sequence[Folder], wrong: Any
) -> None:
    sets: list[Any] = [(each.id,) for each in folders[:6]]
    with pytest.raises(box_dialect.ProgrammingError):
        cursor.executemany(IN_FOLDER, [*sets, wrong, *sets])
    assert cursor.rowcount == 6 * FILES


def test_what_fails_ahead_of_a_set_that_is_never_come_to_is_not_told(
    cursor: box_dialect.Cursor, folders: Sequence[Folder]
) -> None:
    cursor.execute(f"CREATE TEMP TABLE few (id TEXT CHECK (id IS NOT '{folders[3].file}'))")
    with refusing(folders[5].id), pytest.raises(box_dialect.IntegrityError, match="CHECK"):
        cursor.executemany("INSERT INTO few SELECT id FROM files WHERE parent_id = ?", [(f.id,) for f in folders])
    assert cursor.rowcount == 3 * FILES


def test_an_iterator_gives_each_set_when_the_one_before_is_through(
    cursor: box_dialect.Cursor, folders: Sequence[Folder]
) -> None:
    calls = []

    def sets() -> Iterator[tuple[str]]:
        for each in folders[:5]:
            calls.append(cursor.api_calls)
            yield (each.id,)

    cursor.executemany(IN_FOLDER, sets())
    assert calls == [0, 1, 2, 3, 4]
    calls.clear()
    cursor.executemany(DESCRIBE, (("by an iterator", each.path) for each in folders[:5] if calls.append(0) is None))
    assert (cursor.rowcount, cursor.api_calls) == (5, 15)


def test_a_trigger_has_nothing_foreseen(cursor: box_dialect.Cursor, folders: Sequence[Folder]) -> None:
    cursor.execute("CREATE TEMP TABLE log (id TEXT)")
    cursor.execute("CREATE TEMP TRIGGER logs AFTER INSERT ON own BEGIN INSERT INTO log VALUES (new.id); END")
    rounds = Rounds()
    with rounds.holding(App):
        rounds.run(cursor, lambda: cursor.executemany(IN_FOLDER, [(each.id,) for each in folders[:10]]))
    assert (rounds.count, cursor.api_calls, cursor.rowcount) == (10, 10, 10 * FILES)


def test_the_bound_of_calls_holds(box: Box, folders: Sequence[Folder]) -> None:
    with box.connect(max_concurrency=4, max_api_calls=10) as bounded, bounded.cursor() as few:
        few.execute("CREATE TEMP TABLE own (id TEXT, name TEXT)")
        with pytest.raises(box_dialect.OperationalError, match="MaxApiCalls"):
            few.executemany(IN_FOLDER, [(each.id,) for each in folders])
        assert (few.api_calls, few.rowcount) == (10, 10 * FILES)


KEEPS: Final = {
    "UPDATE folders SET description = ? WHERE path = '/a'": True,
    "UPDATE folders SET description = name || ? WHERE parent_id = '0' AND name = 'a'": True,
    "UPDATE folders SET description = ? WHERE id IN (SELECT parent_id FROM items WHERE parent_path LIKE '/a/%')": True,
    "UPDATE comments SET message = ? WHERE item_id IN (SELECT id FROM files WHERE depth = 1)": True,
    "UPDATE web_links SET url = (SELECT name FROM own WHERE own.id = web_links.id) WHERE id = ?": True,
    "INSERT INTO own SELECT etag, ? FROM folders": True,
    "UPDATE own SET name = (SELECT max(modified_at) FROM files WHERE parent_id = ?)": True,
    "UPDATE folders SET name = ? WHERE path = '/a'": False,
    "UPDATE folders SET description = 'x', parent_id = ? WHERE id = '1'": False,
    "UPDATE folders SET description = ? WHERE modified_at < '2020-01-01'": False,
    "UPDATE folders SET description = description || ? WHERE id = '1'": False,
    "UPDATE folders SET description = ? WHERE folders MATCH 'x'": False,
    "UPDATE folders SET description = ? WHERE id IN (SELECT item_id FROM collaborations)": False,
    "UPDATE folders SET description = ? || (SELECT max(event_id) FROM events) WHERE path = '/a'": False,
    "UPDATE folders SET description = ? || (SELECT count(*) FROM items) WHERE path = '/a'": False,
    "UPDATE comments SET message = ? WHERE item_id IN (SELECT item_id FROM seen WHERE message = 'x')": False,
    "UPDATE folders SET description = (SELECT max(url) FROM GetOAuthAuthorizationURL()) || ?": False,
    "DELETE FROM folders WHERE path = ?": False,
    "INSERT INTO folders (name, parent_id) SELECT ?, id FROM folders WHERE path = '/a'": False,
    "INSERT INTO watched VALUES (?)": False,
}


@pytest.mark.parametrize("sql", KEEPS)
def test_what_a_statement_writes_is_known_to_be_what_it_reads_or_not(cursor: box_dialect.Cursor, sql: str) -> None:
    connection = cursor.connection
    cursor.execute("CREATE TEMP VIEW seen AS SELECT * FROM comments")
    cursor.execute("CREATE TEMP TABLE watched (id TEXT)")
    cursor.execute("CREATE TEMP TRIGGER watches AFTER INSERT ON watched BEGIN DELETE FROM own; END")
    backend = connection.backend
    backend.columns_read.clear()
    written = backend.session.written_tables
    found = statement_effects.effects_of(backend.sqlite, backend.names, written, backend.columns_read, sql, ("x",))
    assert found.keeps_what_it_reads is KEEPS[sql]


WRITES: Final = {
    "what is set is read": "UPDATE folders SET description = description || ? WHERE path = ?",
    "the etag is read": "UPDATE folders SET description = ? || etag WHERE path = ?",
    "a copy of it is read": "UPDATE folders SET description = ? || "
    "(SELECT description FROM items i WHERE i.id = folders.id) WHERE path = ?",
    "a row is found by it": "UPDATE folders SET description = description || ? WHERE parent_path = '/' "
    "AND length(description) < 4 AND '/' || name = ?",
}


@pytest.mark.parametrize("sql", WRITES.values(), ids=WRITES)
def test_a_set_sees_what_those_before_it_wrote(fresh: Box, sql: str) -> None:
    with fresh.connect() as connection, connection.cursor() as cursor:
        made: list[str] = []
        for name in ("together", "alone"):
            cursor.execute("INSERT INTO folders (name, parent_id, description) VALUES (?, '0', 'x')", (name,))
            sets = [(word, f"/{name}") for word in ("a", "b", "c", "d")]
            for each in [sets] if name == "together" else [[one] for one in sets]:
                cursor.executemany(sql, each)
            cursor.execute("SELECT description FROM folders WHERE path = ?", (f"/{name}",))
            made += cursor.fetchone() or ()
        assert made[0] == made[1] != "x"


def test_no_set_is_foreseen_past_a_write_that_moves_what_it_reads(fresh: Box) -> None:
    with fresh.connect() as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO folders (name, parent_id) VALUES (?, '0')", [("a",), ("b",)])
        moves = [("out of the way", "/a"), ("a", "/b"), ("b", "/a")]
        cursor.executemany("UPDATE folders SET name = ? WHERE path = ?", moves)
        assert cursor.rowcount == 3
        cursor.execute("SELECT name FROM folders WHERE parent_id = '0' AND name IN ('a', 'b', 'out of the way')")
        assert sorted(cursor.fetchall()) == [("b",), ("out of the way",)]
        cursor.executemany("DELETE FROM folders WHERE path = ?", [("/b",), ("/b",), ("/a",)])
        assert cursor.rowcount == 1


def test_what_sets_have_read_is_let_go(
    cursor: box_dialect.Cursor, folders: Sequence[Folder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "MOST_SCANS", 20)
    kept: list[int] = []
    cursor.connection.sqlite.create_scalar_function(
        "kept", lambda: kept.append(len(cursor._execution.statement.cache._scans))
    )
    sets = [(each.id,) for each in folders] * 3
    cursor.executemany("INSERT INTO own SELECT id, kept() FROM files WHERE parent_id = ? AND name = 'f0'", sets)
    assert (cursor.rowcount, max(kept)) == (len(sets), pytest.approx(20 + 2 * WIDTH, abs=2 * WIDTH))
    assert cursor.execute("SELECT count(DISTINCT id) FROM own").fetchone() == (SETS,)
