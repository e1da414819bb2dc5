"""The calls of a select list: for the rows that are given alone, several at once; what failed is told by its row."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import sqlalchemy as sa
from patience import wait_until
from procedures.test_differential import WRAP
from rounds import Rounds

import box_dialect
from box_dialect import aio
from box_dialect.api import ApiCall, ApiPath
from box_dialect.catalog import Column, Type
from box_dialect.catalog.model.procedure import Input, Procedure
from box_dialect.emulator.app import App
from box_dialect.emulator.content import PatternContent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

MADE = "post_folders"
DELETED = "delete_folders_id"
HELD_MS = 600_000


async def _made(context: Any, *, name: str) -> list[tuple[str, str]]:
    made = await context.send(ApiCall("POST", ApiPath("/folders"), body={"name": name, "parent": {"id": "0"}}))
    return [(made["id"], made["name"])]


async def _deleted(context: Any, *, folder_id: str) -> list[tuple[bool]]:
    await context.send(ApiCall("DELETE", ApiPath("/folders/{folder_id}", folder_id=folder_id)))
    return [(True,)]


async def _echo(_context: Any, *, value: str) -> list[tuple[str]]:
    return [(value,)]


PROCEDURES = (
    Procedure(
        name="Echo",
        doc="Read only.",
        inputs=(Input(name="Value", required=True, doc="The value."),),
        outputs=(Column("Said", doc="The value."),),
        side_effect=False,
        run=_echo,
    ),
    Procedure(
        name="MakeFolder",
        doc="Make a folder.",
        inputs=(Input(name="Name", required=True, doc="Its name."),),
        outputs=(Column("Id", doc="Its id."), Column("Name", doc="Its name.")),
        side_effect=True,
        run=_made,
    ),
    Procedure(
        name="DeleteFolder",
        doc="Delete a folder.",
        inputs=(Input(name="FolderId", required=True, doc="Its id."),),
        outputs=(Column("Deleted", Type.BOOLEAN, doc="True."),),
        side_effect=True,
        run=_deleted,
    ),
)


def connected(box: Box, **properties: object) -> box_dialect.Connection:
    """Return a connection that knows the procedures, and has a table `t` of names, the later ones first."""
    connection = box.connect(RequestTimeout=300, **properties)
    connection.catalog.add(*PROCEDURES)
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t (n INTEGER, name TEXT)")
    cursor.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"n{n:02}") for n in reversed(range(40))])
    connection.commit()
    return connection


@pytest.fixture
def cursor(fresh: Box) -> Iterator[box_dialect.Cursor]:
    with connected(fresh, MaxConcurrency=8) as connection:
        yield connection.cursor()


def operations(box: Box) -> dict[str, int]:
    counts: Any = box.stats()["by_operation"]
    return dict(counts)


def made(box: Box) -> set[str]:
    """Return the names of the folders that were made, each by a call."""
    names = {folder.name for folder in box.store.items["folder"].values() if folder.name.startswith("n")}
    return {name for name in names if name[1:].isdigit()}


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("ORDER BY name LIMIT 3", ["n00", "n01", "n02"]),
        ("ORDER BY n DESC LIMIT 2 OFFSET 1", ["n38", "n37"]),
        ("WHERE n < 20 ORDER BY abs(n - 7), n LIMIT 3", ["n07", "n06", "n08"]),
        ("LIMIT 0", []),
        ("WHERE n IN (SELECT max(n) FROM t)", ["n39"]),
        ("JOIN (SELECT n AS m FROM t LIMIT 4) ON m = n ORDER BY name", ["n36", "n37", "n38", "n39"]),
    ],
)
def test_a_row_that_is_not_given_is_not_called_for(
    fresh: Box, cursor: box_dialect.Cursor, rest: str, expected: list[str]
) -> None:
    rows = cursor.execute(f"SELECT name, MakeFolder(name), rank() OVER (ORDER BY n) > 0 FROM t {rest}").fetchall()
    assert [(name, f'"Name":"{name}"' in answer, above) for name, answer, above in rows] == [
        (name, True, 1) for name in expected
    ]
    assert made(fresh) == set(expected)
    assert operations(fresh).get(MADE, 0) == cursor.api_calls == len(expected)


def test_as_many_calls_are_in_flight_as_allowed(fresh: Box, cursor: box_dialect.Cursor) -> None:
    seen: list[object] = []

    def interrupt() -> None:
        try:
            wait_until(lambda: operations(fresh).get(MADE) == 11)  # three have ended, and eight are held
            seen.append(fresh.stats()["max_in_flight"])
        finally:
            cursor.connection.interrupt()

    fresh.faults({"operation": MADE, "skip": 3, "times": 100, "delay_ms": HELD_MS})
    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(
        box_dialect.OperationalError,
        match=r"interrupted; the procedure was called for 3 of 40 rows and 8 failed: row \d: cancelled on its way",
    ) as raised:
        cursor.execute("SELECT MakeFolder(name) FROM t ORDER BY n")
    thread.join()
    assert (seen, operations(fresh)[MADE], len(made(fresh)), len(raised.value.failures)) == ([8], 11, 3, 8)


def test_a_bound_of_one_calls_in_the_order_of_the_rows(fresh: Box) -> None:
    with connected(fresh, MaxConcurrency=1) as connection:
        rows = connection.cursor().execute("SELECT name, MakeFolder(name) FROM t ORDER BY n LIMIT 5").fetchall()
    assert fresh.stats()["max_in_flight"] == 1
    ids = [int(answer.partition('"Id":"')[2].partition('"')[0]) for _, answer in rows]
    assert ids == sorted(ids)


def test_a_failure_names_its_row_and_keeps_no_other_from_being_called_for(
    fresh: Box, cursor: box_dialect.Cursor
) -> None:
    cursor.execute("CALL MakeFolder('n05')")
    with pytest.raises(box_dialect.IntegrityError) as raised:
        cursor.execute("SELECT CASE WHEN n <> 2 THEN MakeFolder(name) END FROM t ORDER BY n LIMIT 8")
    assert "the procedure was called for 6 of 7 rows and 1 failed: row 5: " in str(raised.value)
    ((row, error),) = raised.value.failures
    assert (row, error.diag.status, error.diag.operation) == (5, 409, "POST /folders")
    assert made(fresh) == {f"n{n:02}" for n in range(8) if n != 2}
    with pytest.raises(box_dialect.ProgrammingError, match="no rows to fetch"):
        cursor.fetchall()
    with pytest.raises(box_dialect.IntegrityError) as raised:
        cursor.execute("SELECT MakeFolder('n05')")
    assert (str(raised.value).startswith("the procedure"), raised.value.failures) == (False, ())


def test_calls_of_one_row_are_made_in_their_order(fresh: Box, cursor: box_dialect.Cursor) -> None:
    rows = cursor.execute(
        "SELECT MakeFolder(name), MakeFolder(name || '0'), n FROM t WHERE n < 4 ORDER BY n"
    ).fetchall()
    assert [n for _, _, n in rows] == [0, 1, 2, 3]
    cursor.execute("CALL MakeFolder('n210')")
    with pytest.raises(box_dialect.IntegrityError, match=r"row 1: .*; MakeFolder had been called for this row"):
        cursor.execute(
            "SELECT MakeFolder(name), MakeFolder(name || '0'), MakeFolder(name || '1') "
            "FROM t WHERE n IN (20, 21) ORDER BY n"
        )
    assert {"n20", "n200", "n201", "n21"} <= made(fresh)
    assert "n211" not in made(fresh)


def test_a_wrong_input_of_any_row_is_told_before_the_first_call(fresh: Box, cursor: box_dialect.Cursor) -> None:
    for wrong in ("NULL", "x'00'"):
        with pytest.raises(box_dialect.ProgrammingError, match=r"row 3: .*input Name.*; nothing was called"):
            cursor.execute(f"SELECT MakeFolder(iif(n = 3, {wrong}, name)) FROM t ORDER BY n")
    assert operations(fresh) == {}


def test_a_read_that_fails_calls_nothing(fresh: Box, cursor: box_dialect.Cursor) -> None:
    (folder,) = cursor.execute("SELECT id FROM folders WHERE parent_id = '0' LIMIT 1").fetchone() or ("",)
    fresh.reset()
    fresh.faults({"operation": "get_folders_id_items", "skip": 1, "status": 403, "times": 9})
    with pytest.raises(box_dialect.OperationalError):
        cursor.execute("SELECT MakeFolder('n' || id) FROM files WHERE parent_id IN ('0', ?)", (folder,))
    assert operations(fresh) == {"get_folders_id_items": 2}


def test_what_is_deleted_was_read_before(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT MakeFolder(name) FROM t")
    sql = "SELECT name, DeleteFolder(id) FROM folders WHERE parent_id = '0' AND name GLOB 'n[0-9]*' ORDER BY name"
    assert cursor.execute(sql).fetchall() == [(f"n{n:02}", True) for n in range(40)]
    assert operations(fresh)[DELETED] == 40


def test_a_limit_bounds_what_is_read_ahead_as_without_a_call(fresh: Box) -> None:
    folder = fresh.store.add_folder("commented", fresh.store.root, fresh.store.admin)
    for number in range(300):
        file = fresh.store.add_file(f"{number:03}", folder, PatternContent("x", 1), fresh.store.admin)
        fresh.store.add_comment(file, "a comment", fresh.store.admin)
    rest = f"FROM files AS f CROSS JOIN comments AS c ON c.item_id = f.id WHERE f.parent_id = '{folder.id}' LIMIT 100"
    with connected(fresh, MaxConcurrency=64) as connection:
        connection.catalog.add(WRAP)
        cursor = connection.cursor()
        assert len(cursor.execute(f"SELECT c.id, Wrap(c.id) {rest}").fetchall()) == 100
        assert 101 <= cursor.api_calls < 120


def test_max_api_calls_bounds_reads_and_calls_together(fresh: Box) -> None:
    with connected(fresh, MaxApiCalls=6) as connection:
        with pytest.raises(
            box_dialect.OperationalError, match=r"MaxApiCalls allows it; .*; the procedure was called for 6 of 40 rows"
        ) as raised:
            connection.cursor().execute("SELECT MakeFolder(name) FROM t")
        assert "no further row was sent" in str(raised.value)
    assert operations(fresh) == {MADE: 6}


@pytest.mark.long
def test_timeout_tells_what_was_called(fresh: Box) -> None:
    fresh.faults({"operation": MADE, "skip": 2, "times": 100, "delay_ms": HELD_MS})
    with connected(fresh, Timeout=2, MaxConcurrency=4) as connection:
        connection.cursor().execute("SELECT id FROM users").fetchall()  # to sign in takes none of the time
        with pytest.raises(
            box_dialect.OperationalError, match=r"Timeout allows it; .* called for 2 of 40 rows and 4 failed: row"
        ):
            connection.cursor().execute("SELECT MakeFolder(name) FROM t")
    assert len(made(fresh)) == 2


def test_a_call_that_fails_for_all_rows_is_not_made_for_each(fresh: Box) -> None:
    fresh.faults({"operation": MADE, "times": 100, "status": 401})
    with connected(fresh, MaxConcurrency=2) as connection, pytest.raises(box_dialect.OperationalError):
        connection.cursor().execute("SELECT MakeFolder(name) FROM t")
    assert operations(fresh)[MADE] < 10


def test_a_value_that_looks_like_a_call_is_none(cursor: box_dialect.Cursor, fresh: Box) -> None:
    session = cursor.connection.session
    forged = session.statement.calls.collect(PROCEDURES[1], ("n99",))
    cursor.execute("CREATE TABLE forged (value)")
    cursor.executemany("INSERT INTO forged VALUES (?)", [(forged,), (forged.hex(),)])
    sql = "SELECT CASE WHEN 0 THEN MakeFolder('x') ELSE value END FROM forged"
    assert cursor.execute(sql).fetchall() == [(forged,), (forged.hex(),)]
    assert operations(fresh) == {}


def test_arguments_are_read_ahead_without_a_call_in_a_dry_run(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT MakeFolder(name) FROM t")
    cursor.execute("CREATE TABLE ids (id TEXT PRIMARY KEY)")
    rows = cursor.execute("SELECT id FROM folders WHERE parent_id = '0' AND name GLOB 'n[0-9]*'").fetchall()
    cursor.executemany("INSERT INTO ids VALUES (?)", rows)
    fresh.reset()
    sql = "SELECT MakeFolder('n1' || f.id) FROM ids CROSS JOIN folders AS f ON f.id = ids.id ORDER BY f.name LIMIT 4"
    rounds = Rounds()
    with rounds.holding(App):
        assert len(rounds.run(cursor, lambda: cursor.execute(sql).fetchall())) == 4
    assert operations(fresh) == {"get_folders_id": 40, MADE: 4}
    assert 40 / 8 < rounds.count <= 40 / 2


def test_a_dry_run_makes_no_call_in_from(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT MakeFolder(name) FROM t")
    ids = [i for (i,) in cursor.execute("SELECT id FROM folders WHERE parent_id = '0' AND name GLOB 'n[0-9]*'")]
    cursor.execute("CREATE TABLE ids (id TEXT PRIMARY KEY)")
    cursor.executemany("INSERT INTO ids VALUES (?)", [(each,) for each in ids])
    fresh.reset()
    sql = "SELECT f.id, m.name FROM ids CROSS JOIN folders AS f ON f.id = ids.id CROSS JOIN MakeFolder('n99') AS m"
    assert sorted(cursor.execute(sql).fetchall()) == sorted((each, "n99") for each in ids)
    assert operations(fresh) == {"get_folders_id": 40, MADE: 1}


def test_what_a_dry_run_alone_comes_to_is_no_error(cursor: box_dialect.Cursor) -> None:
    rows = cursor.execute("SELECT id FROM folders WHERE parent_id = '0' LIMIT 3").fetchall()
    cursor.execute("CREATE TABLE ids (id TEXT)")
    cursor.executemany("INSERT INTO ids VALUES (?)", [*rows, (None,)])
    sql = "SELECT f.id FROM ids CROSS JOIN folders AS f ON f.id = Echo(ids.id)"
    assert cursor.execute(f"{sql} LIMIT 3").fetchall() == rows
    with pytest.raises(box_dialect.ProgrammingError, match="Echo needs its input Value"):
        cursor.execute(sql).fetchall()


@pytest.mark.parametrize("explain", ["EXPLAIN", "EXPLAIN QUERY PLAN"])
def test_to_explain_calls_nothing(fresh: Box, cursor: box_dialect.Cursor, explain: str) -> None:
    assert cursor.execute(f"{explain} SELECT MakeFolder(name) FROM t").fetchall()
    assert operations(fresh) == {}


def test_the_description_is_that_of_the_text(cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT MakeFolder( 'n01' ), DeleteFolder('0') AS done, name FROM t WHERE 0")
    assert [(name, kind) for name, kind, *_ in cursor.description or ()] == [
        ("MakeFolder( 'n01' )", None),
        ("done", None),
        ("name", "TEXT"),
    ]
    assert (cursor.fetchall(), cursor.rowcount) == ([], -1)


def test_parameters_are_arguments(fresh: Box, cursor: box_dialect.Cursor) -> None:
    cursor.execute("SELECT MakeFolder(? || name) FROM t WHERE n < ? ORDER BY n", ("n", 2)).fetchall()
    cursor.execute("SELECT MakeFolder(:a), :a", {"a": "n77"}).fetchall()
    assert operations(fresh)[MADE] == 3


def engine_of(box: Box) -> sa.engine.Engine:
    """Return an engine whose connections know the procedures."""
    engine = sa.create_engine(box.url)

    @sa.event.listens_for(engine, "connect")
    def install(connection: Any, _record: object) -> None:
        connection.catalog.add(*PROCEDURES)

    return engine


def test_sqlalchemy_calls_for_each_row(fresh: Box) -> None:
    users = sa.table("users", sa.column("id"), sa.column("name"))
    engine = engine_of(fresh)
    called = sa.select(users.c.id, sa.func.MakeFolder("n" + users.c.id)).order_by(users.c.name).limit(2)
    with engine.connect() as connection:
        rows = connection.execute(called).all()
        assert [f'"Name":"n{identity}"' in answer for identity, answer in rows] == [True, True]
        assert made(fresh) == {f"n{identity}" for identity, _ in rows}
        connection.execute(sa.text("SELECT MakeFolder(:name)"), {"name": "n01"})  # whose row nobody fetches
        streaming = connection.execution_options(stream_results=True, max_row_buffer=1)
        assert len(streaming.execute(sa.text("SELECT MakeFolder('n1' || id) FROM users")).fetchmany(1)) == 1
        number = connection.execute(sa.text("SELECT count(*) FROM users")).scalar() or 0
        assert operations(fresh)[MADE] == 3 + number > 5
        with pytest.raises(sa.exc.ProgrammingError, match="with DISTINCT"):
            connection.execute(called.distinct())
        frame = pd.read_sql("SELECT name, MakeFolder('n02') AS answer FROM users LIMIT 1", connection)
        assert (list(frame.columns), '"Name":"n02"' in frame["answer"][0]) == (["name", "answer"], True)
    engine.dispose()


def test_asyncio_calls_for_each_row(fresh: Box) -> None:
    async def run() -> list[Any]:
        async with await aio.connect(fresh.url) as connection:
            await connection.run_sync(lambda sync: sync.catalog.add(*PROCEDURES))
            async with connection.cursor() as cursor:
                await cursor.execute("SELECT MakeFolder('n' || id) FROM users ORDER BY id LIMIT 2")
                return await cursor.fetchall()

    assert len(asyncio.run(run())) == len(made(fresh)) == operations(fresh)[MADE] == 2


@pytest.mark.parametrize("given", [{}, {"Readonly": False}], ids=str)
def test_a_process_that_restricts_urls_writes_to_box_only_where_the_program_says_so(
    fresh: Box, monkeypatch: pytest.MonkeyPatch, given: dict[str, object]
) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    with connected(fresh, **given) as connection:
        cursor = connection.cursor()
        if given:
            assert cursor.callproc("MakeFolder", ["one"])
            assert cursor.api_calls == 1
            return
        for sql in ("EXEC MakeFolder 'one'", "CALL DeleteFolder('1')"):
            with pytest.raises(box_dialect.ProgrammingError, match=r"restricts URLs.*passes Readonly=False by name"):
                cursor.execute(sql)
            assert cursor.api_calls == 0
    assert not {MADE, DELETED} & operations(fresh).keys()
