"""What a statement is estimated to cost: by SQLite's plan, and by what the process has seen of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from aio.loops import on_loop
from planted_box import planted_box
from sweep import sweep

import box_dialect
from bench.shapes import SHAPES
from bench.tree import furnish, names_of
from box_dialect import Estimate, aio
from box_dialect.api import seen
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

    from bench.shapes import Shape

FILES: Final = "SELECT path FROM files"
FOLDERS: Final = 111
PEOPLE: Final = ("SELECT count(*) FROM users", "SELECT count(*) FROM groups")
CANARY: Final = "kanarienvogel7"
KINDS: Final = [each for each in SHAPES if not each.sets and each.sql.lower().startswith(("select", "with"))]
GUESSED: Final = frozenset({"search, and a join", "most frequent of a chart, by a join with them"})
"""Shapes of which an estimate is a guess: how many rows a search finds; and one that takes long."""


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Ten folders in each of ten, ten files in each of these. Tests must leave it as it is."""
    with planted_box() as box:
        yield box


@pytest.fixture
def unseen(box: Box) -> Iterator[box_dialect.Connection]:
    """A connection whose client has seen nothing."""
    with box.connect() as connection:
        connection.session.client.seen = seen.Seen()
        yield connection


@pytest.fixture
def walked(unseen: box_dialect.Connection) -> box_dialect.Connection:
    """A connection whose client has seen the tree, the users and the groups."""
    for statement in (FILES, *PEOPLE):
        unseen.cursor().execute(statement).fetchall()
    return unseen


def bounds(connection: box_dialect.Connection, operation: str, parameters: Any = ()) -> tuple[int, int | None]:
    estimate = connection.estimate(operation, parameters)
    return estimate.least, estimate.most


@pytest.fixture(scope="module")
def names(box: Box) -> dict[str, str]:
    """What the statements name."""
    with box.connect() as connection:
        return names_of(connection)


@pytest.mark.long
@sweep("shape", [each for each in KINDS if str(each) not in GUESSED][::5], ids=str)
def test_statements_of_every_shape_cost_about_what_is_estimated(
    box: Box, walked: box_dialect.Connection, names: dict[str, str], shape: Shape
) -> None:
    with box.connect() as connection:
        assert connection.session.client is walked.session.client
        furnish(connection, names)
        least, most = bounds(connection, shape.sql, names)
        cursor = connection.cursor().execute(shape.sql, names)
        cursor.fetchall()
        assert most is not None
        assert least <= cursor.api_calls <= 2 * most
        assert " limit " in shape.sql.lower() or most <= 2 * cursor.api_calls


def test_an_estimate_makes_no_call(box: Box, unseen: box_dialect.Connection) -> None:
    box.reset()
    for statement in (FILES, *PEOPLE, "DELETE FROM folders", "INSERT INTO folders (name, parent_id) VALUES ('x', '0')"):
        unseen.estimate(statement)
    assert (box.stats()["calls"], box.stats()["token_calls"]) == (0, 0)


def test_a_tree_that_nobody_has_walked_has_no_bound(unseen: box_dialect.Connection) -> None:
    assert unseen.estimate(FILES) == Estimate(1, None, None)
    assert bounds(unseen, "SELECT name FROM users") == (1, None)
    assert bounds(unseen, "SELECT message FROM comments") == (1, None)
    assert bounds(unseen, "SELECT name FROM files WHERE id = '1'") == (1, 1)
    assert bounds(unseen, "SELECT name FROM files WHERE id IN (?, ?)", ("1", "2")) == (2, 2)
    assert bounds(unseen, "SELECT 1") == (0, 0)


def test_a_walk_tells_how_much_the_next_one_costs(walked: box_dialect.Connection) -> None:
    assert bounds(walked, FILES) == (FOLDERS, FOLDERS)
    assert bounds(walked, "SELECT count(*) FROM folders") == (FOLDERS + 1, FOLDERS + 1)
    assert bounds(walked, "SELECT name FROM files WHERE path LIKE ?", ("/d1/%",)) == (12, 12)
    assert bounds(walked, "SELECT name FROM folders WHERE depth <= 1") == (2, 2)
    assert bounds(walked, "SELECT a.id FROM files a, files b WHERE a.name = b.name") == (FOLDERS, FOLDERS)


def test_limit_lowers_the_least_only(walked: box_dialect.Connection) -> None:
    assert bounds(walked, f"{FILES} LIMIT 2") == (1, FOLDERS)
    assert bounds(walked, "SELECT name FROM files ORDER BY size LIMIT 2") == (FOLDERS, FOLDERS)
    assert bounds(walked, "SELECT name FROM files LIMIT 0") == (0, 0)
    assert bounds(walked, "WITH c AS (SELECT count(*) FROM files) SELECT * FROM c LIMIT 0") == (0, 0)
    assert bounds(walked, "SELECT name FROM files WHERE ? = 2", (1,))[0] == 0


def test_what_a_walk_has_told_of_comments_is_known(walked: box_dialect.Connection) -> None:
    join = "SELECT f.name, message FROM files f JOIN comments ON item_id = f.id"
    assert walked.estimate(join).most != FOLDERS + 200
    walked.cursor().execute(join).fetchall()
    assert bounds(walked, join) == (FOLDERS, FOLDERS + 200)


def test_connections_with_equal_properties_know_the_same(box: Box, walked: box_dialect.Connection) -> None:
    assert bounds(walked, FILES) == (FOLDERS, FOLDERS)
    with box.connect(PreviewCalls=3) as other:
        assert bounds(other, FILES) == (3, 3)
    with box.connect(MaxRetries=1) as stranger:
        assert bounds(stranger, FILES) == (1, None)


def test_what_is_not_read_to_its_end_tells_nothing(box: Box, unseen: box_dialect.Connection) -> None:
    for statement in (f"{FILES} LIMIT 2", f"{FILES} WHERE path LIKE '/d1/%'", "SELECT id FROM files WHERE depth = 2"):
        unseen.cursor().execute(statement).fetchall()
    with box.connect(PreviewCalls=FOLDERS - 1) as preview:
        preview.cursor().execute(FILES).fetchall()
    assert bounds(unseen, FILES) == (1, None)


def test_the_last_walk_counts(fresh: Box) -> None:
    with fresh.connect() as connection:
        cursor = connection.cursor()
        cursor.execute(FILES).fetchall()
        before = connection.estimate(FILES).least
        cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('one', '0'), ('two', '0')")
        assert connection.estimate(FILES).least == before
        cursor.execute("SELECT count(*) FROM files").fetchall()  # which asks for no name
        assert connection.estimate(FILES).least == before + 2
        assert bounds(connection, "SELECT name FROM files WHERE path LIKE '/Contracts/2024/%'") == (1, 6)
        cursor.execute(FILES).fetchall()
        assert bounds(connection, "SELECT name FROM files WHERE path LIKE '/Contracts/2024/%'") == (4, 4)


def test_folders_beyond_those_that_are_kept_count(
    unseen: box_dialect.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "MOST_FOLDERS", 11)
    unseen.cursor().execute(FILES).fetchall()
    assert len(unseen.session.client.seen.tree.folders) == 11
    assert bounds(unseen, FILES) == (FOLDERS, FOLDERS)


def test_the_last_listings_are_kept(unseen: box_dialect.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MOST_LISTINGS", 2)
    for table in ("webhooks", "users", "groups", "users"):
        unseen.cursor().execute(f"SELECT id FROM {table}").fetchall()
    assert [bounds(unseen, f"SELECT id FROM {table}") for table in ("users", "groups")] == [(1, 1), (1, 1)]
    assert bounds(unseen, "SELECT id FROM webhooks") == (1, None)


def test_a_listing_of_several_pages_is_known_by_its_calls() -> None:
    emulator = Emulator(Options())
    for number in range(1_100):
        emulator.store.add_user(f"User {number}", f"many{number}@example.com")
    with emulator, box_dialect.connect(emulator.ready["url"]) as connection:
        cursor = connection.cursor().execute("SELECT name FROM users")
        assert len(cursor.fetchall()) > 1_100
        assert bounds(connection, "SELECT login FROM users") == (2, 2)
        assert bounds(connection, "SELECT count(*) FROM users a JOIN users b ON b.id = a.id") == (2, 4)


def test_the_seconds_are_those_of_the_rate(box: Box) -> None:
    with box.connect(MaxCallsPerMinute=2_000) as connection:
        connection.cursor().execute(FILES).fetchall()
        walk = connection.estimate(FILES)
        assert walk.seconds is not None
        assert walk.seconds < FOLDERS * 0.03 < 60
        many = "SELECT content FROM files"
        assert connection.estimate(many).most == FOLDERS + 1_000
        seconds = connection.estimate(many).seconds
        assert seconds is not None
        assert 1_111 * 0.03 - 15 <= seconds <= 1_111 * 0.03 + FOLDERS * 0.03
    with box.connect(MaxCallsPerMinute=1) as connection:
        assert connection.estimate("SELECT 1").seconds == 0.0


def test_what_is_written_counts(walked: box_dialect.Connection) -> None:
    assert bounds(walked, "INSERT INTO folders (name, parent_id) VALUES ('a', '0'), ('b', '0')") == (0, 2)
    assert bounds(walked, "INSERT INTO folders (name, parent_id) VALUES ('a', '0') RETURNING id") == (0, 1)
    assert bounds(walked, "UPDATE folders SET description = 'x' WHERE parent_id = '0'") == (0, 11)
    assert bounds(walked, f"CREATE TABLE copied AS {FILES}") == (FOLDERS, FOLDERS)


def test_an_estimate_leaves_other_statements_alone(walked: box_dialect.Connection) -> None:
    cursor = walked.cursor().execute("SELECT name, modified_at FROM files ORDER BY path")
    first = cursor.fetchmany(3)
    walked.estimate("SELECT f.name, p.name FROM files f JOIN folders p ON p.id = f.parent_id")
    rows = first + cursor.fetchall()
    assert len(rows) == 1_000
    assert cursor.api_calls == FOLDERS
    assert "plan " not in str(walked.cursor().execute(f"EXPLAIN QUERY PLAN {FILES}").fetchall())


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(12, 4_000, 3.4), "12 to 4,000 API calls, about 3 seconds"),
        (Estimate(0, 1, 1.0), "0 to 1 API call, about 1 second"),
        (Estimate(12, 4_000, 240.4, 0.7), "12 to 4,000 API calls, 1 to 240 seconds"),
        (Estimate(12, 13, 3.4, 3.3), "12 to 13 API calls, about 3 seconds"),
        (Estimate(1, 9, 1.2, 0.1), "1 to 9 API calls, 0 to 1 second"),
        (Estimate(1, 1, 0.2), "1 API call, less than a second"),
        (Estimate(2, 2, None), "2 API calls"),
        (Estimate(0, 0, 0.0), "0 API calls"),
        (Estimate(12, None, None), "at least 12 API calls"),
        (Estimate(0, None, None), "any number of API calls"),
    ],
)
def test_an_estimate_is_shown_in_words(estimate: Estimate, text: str) -> None:
    assert str(estimate) == text


@pytest.mark.parametrize("words", ["EXPLAIN QUERY PLAN", "-- so\nexplain /* it */ query plan"])
@pytest.mark.parametrize(
    "statement", [FILES, "SELECT 1", "DELETE FROM files WHERE id = '1'", "CREATE VIEW v AS SELECT 1"]
)
def test_a_plan_ends_with_the_estimate(walked: box_dialect.Connection, words: str, statement: str) -> None:
    cursor = walked.cursor().execute(f"{words} {statement}")
    *steps, (number, parent, unused, detail) = cursor.fetchall()
    assert (parent, unused, cursor.api_calls) == (0, 0, 0)
    assert number > max((step[0] for step in steps), default=0)
    assert detail.partition(",")[0] == f"ESTIMATE {walked.estimate(statement)}".partition(",")[0]
    assert not any("ESTIMATE" in step[3] for step in steps)


def test_explain_without_query_plan_has_no_estimate(walked: box_dialect.Connection) -> None:
    assert "ESTIMATE" not in str(walked.cursor().execute("EXPLAIN SELECT 1").fetchall())


def test_what_is_wrong_is_told_as_by_execute(walked: box_dialect.Connection) -> None:
    for statement, problem in (
        ("SELECT nam FROM files", "did you mean name"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("SELECT name FROM files WHERE id = ?", "bindings"),
    ):
        with pytest.raises(box_dialect.ProgrammingError, match=problem):
            walked.estimate(statement)
    walked.close()
    with pytest.raises(box_dialect.InterfaceError, match="closed"):
        walked.estimate("SELECT 1")


def test_a_procedure_has_no_bound(walked: box_dialect.Connection) -> None:
    assert walked.estimate("EXEC RevokeOAuthAccessToken Token = 'x'") == Estimate(0, None, None)
    assert walked.estimate("EXPLAIN QUERY PLAN SELECT id FROM files") == Estimate(0, 0, 0.0, 0.0)


@pytest.mark.parametrize("call", ["EXEC RevokeOAuthAccesToken Token = '{}'", "SELECT RevokeOAuthAccesToken('{}')"])
def test_what_may_be_a_secret_is_in_no_frame_of_an_error(walked: box_dialect.Connection, call: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError) as raised:
        walked.estimate(call.format(CANARY))
    own = [each for each in raised.traceback if "box_dialect" in str(each.path) and "tests" not in str(each.path)]
    assert CANARY not in str(raised.value)
    assert not any(CANARY in repr(value) for each in own for value in each.frame.f_locals.values())


def test_long_lists_take_no_long_time(walked: box_dialect.Connection) -> None:
    ids = [str(number) for number in range(5_000)]
    marks = ", ".join("?" * len(ids))
    assert bounds(walked, f"SELECT name FROM files WHERE id IN ({marks})", ids) == (5_000, 5_000)


@on_loop
async def test_a_connection_for_asyncio_estimates_too(small: Box) -> None:
    async with await aio.connect(small.url) as connection:
        assert (await connection.estimate("SELECT name FROM files WHERE id = ?", ["1"])).most == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("as_user = '7'", (1, None)),
        ("as_user IN ('7', '8')", (2, None)),
        ("as_user IN ('7', '8') AND id = '5'", (2, 2)),
        ("as_user IN (SELECT id FROM users)", (1, None)),
    ],
)
def test_nobody_can_tell_what_other_users_see(
    walked: box_dialect.Connection, condition: str, expected: tuple[int, int | None]
) -> None:
    assert bounds(walked, f"SELECT id FROM files WHERE {condition}") == expected
