"""Values and statements that nobody means: one error of PEP 249 for each, and no accident of the driver's."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, Final

import pytest
from sweep import sweep

import box_dialect
from box_dialect.catalog.procedures import PROCEDURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DEPTH: Final = 20_000
DEEP: Final = "(" * DEPTH + "1" + ")" * DEPTH
MANY_DIGITS: Final = "9" * 5_001
STATEMENTS: Final = {
    "parentheses": f"SELECT {DEEP}",
    "parentheses in EXEC": f"EXEC GetOAuthAuthorizationURL {DEEP}",
    "parentheses in CALL": f"CALL GetOAuthAuthorizationURL({DEEP})",
    "parentheses in RETURNING": f"INSERT INTO folders (name, parent_id) VALUES ('a', '0') RETURNING {DEEP}",
    "parentheses in INSERT": f"INSERT INTO folders (name, parent_id) VALUES ({DEEP}, '0')",
    "procedures": "SELECT " + "GetOAuthAuthorizationURL(" * 2_000 + "1" + ")" * 2_000,
    "brackets": f"SELECT json('{'[' * 100_000}')",
    "comments": "/*" * DEPTH,
    "digits in EXEC": f"EXEC GetOAuthAuthorizationURL @CallbackURL = {MANY_DIGITS}",
    "digits in LIMIT": f"SELECT id FROM users LIMIT 1{'0' * 5_000}",
    "digits of a parameter": f"SELECT ?{MANY_DIGITS}",
    "digits of a parameter with RETURNING": f"DELETE FROM folders WHERE id = ?{MANY_DIGITS} RETURNING id",
    "NUL": "SELECT 'a\0b' FROM nowhere",
    "NUL in a name": 'SELECT "a\0b" FROM nowhere',
    "half a pair": "SELECT '\ud800'",
    "half a pair in EXEC": "EXEC GetOAuthAuthorizationURL '\ud800'",
    "half a pair in INSERT": "INSERT INTO folders (name, parent_id) VALUES ('\ud800', '0') RETURNING id",
}
ODD: Final[dict[str, Any]] = {
    "2 ** 70": 2**70,
    "10 ** 5000": 10**5_000,
    "NaN": math.nan,
    "infinity": math.inf,
    "half a pair": "\ud800",
    "NUL": "a\0b",
    "digits": MANY_DIGITS,
    "brackets": "[" * 100_000,
    "digits of another script": "\uff11\uff12",
    "an object": object(),
    "a list": [1],
}


def problem_of(use: Callable[[], object]) -> box_dialect.Error | None:
    """Return the error of a use, None where there is none; any other exception goes on."""
    try:
        use()
    except box_dialect.Error as error:
        return error
    return None


@pytest.mark.long
@sweep("name", STATEMENTS)
def test_a_statement_that_nobody_means_is_one_clear_error(connection: box_dialect.Connection, name: str) -> None:
    problem = problem_of(lambda: connection.cursor().execute(STATEMENTS[name]).fetchall())
    assert problem is not None or name in {"NUL", "digits in LIMIT"}
    assert not isinstance(problem, box_dialect.InternalError)
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


@pytest.mark.long
@sweep("value", ODD.values(), ids=ODD)
def test_an_odd_value_is_taken_or_one_clear_error(connection: box_dialect.Connection, value: Any) -> None:
    def call(name: str, inputs: Any) -> Callable[[], object]:
        return lambda: connection.cursor().callproc(name, inputs)

    uses: list[Callable[[], object]] = [call(value, ()), call("GetOAuthAuthorizationURL", [value])]
    for procedure in PROCEDURES.values():
        if procedure.name not in {"GetOAuthAccessToken"}:
            uses += [call(procedure.name, {each.name: value}) for each in procedure.inputs]
    for statement in (
        "SELECT id FROM files WHERE id = ?",
        "SELECT id FROM users WHERE id IN (?, '1')",
        "SELECT id FROM items WHERE parent_id = ?",
        "SELECT id FROM files WHERE size < ?",
        "SELECT id FROM folders WHERE depth = ?",
        "SELECT id FROM files WHERE path LIKE ? AND parent_id = '0'",
        "SELECT id FROM files WHERE files MATCH ?",
        "INSERT INTO folders (name, parent_id) VALUES (?, '404404')",
        "UPDATE folders SET name = ? WHERE id = '404404'",
        "DELETE FROM folders WHERE id = '404404' AND etag = ?",
    ):
        uses.append(lambda statement=statement: connection.cursor().execute(statement, [value]).fetchall())  # type: ignore[misc]
    for use in uses:
        assert not isinstance(problem_of(use), box_dialect.InternalError)


@pytest.mark.parametrize("size", [2**63, 2**70, 10**5_000], ids=["2 ** 63", "2 ** 70", "10 ** 5000"])
def test_a_number_of_rows_beyond_all_takes_all(connection: box_dialect.Connection, size: int) -> None:
    assert connection.cursor().execute("SELECT 1 UNION SELECT 2").fetchmany(size) == [(1,), (2,)]


@pytest.mark.parametrize("name", [None, 7, b"GetOAuthAuthorizationURL", ["a"]])
def test_a_procedures_name_is_text(connection: box_dialect.Connection, name: Any) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="a procedure's name is text"):
        connection.cursor().callproc(name)


def failing() -> Iterator[tuple[str]]:
    """Yield sets of parameters, and fail where no more than the first hundred were needed."""
    yield from ((f"counted {number}",) for number in range(300))
    raise RuntimeError("the rows cannot be read")


GIVEN: dict[str, tuple[Callable[[], Iterable[tuple[str]]], str]] = {
    "a list": (lambda: [(f"counted {number}",) for number in range(300)], "300"),
    "a generator": (lambda: ((f"counted {number}",) for number in range(300)), "300"),
    "a zip": (lambda: zip(map(str, range(300)), strict=True), "300"),
    "without end": (lambda: ((f"counted {number}",) for number in itertools.count()), r"more than \d{3,}"),
    "one that fails": (failing, "more than 300"),
}


@pytest.mark.parametrize("given", GIVEN)
def test_the_sets_that_were_given_are_counted(small: Any, given: str) -> None:
    sets, number = GIVEN[given]
    with (
        small.connect(SubjectId="404", SubjectType="user") as connection,
        pytest.raises(box_dialect.OperationalError, match=rf"^0 of {number} rows were written and .* no further"),
    ):
        connection.cursor().executemany("INSERT INTO folders (name, parent_id) VALUES (?, '0')", sets())


def test_sets_are_not_read_to_count_them_where_no_row_failed(connection: box_dialect.Connection) -> None:
    cursor, sets = connection.cursor(), iter([(1,), (2, 3), (4,)])
    cursor.execute("CREATE TABLE kept (a)")
    with pytest.raises(box_dialect.ProgrammingError, match="bindings"):
        cursor.executemany("INSERT INTO kept VALUES (?)", (each for each in sets))
    assert [*sets] == [(4,)]


@sweep(
    "statement",
    [
        "SELECT x'ff' FROM folders WHERE id = '0'",
        "SELECT X'FF' FROM folders WHERE id = '0' /* x'00' */ AND name <> x'00ff' -- x'00'",
        "SELECT x'ff' FROM folders AS p JOIN folders AS f ON f.parent_id = p.id WHERE p.id = '0' LIMIT 1",
        "WITH t(v) AS (SELECT x'ff') SELECT v FROM t",
        "SELECT v FROM (SELECT CASE id WHEN x'fe' THEN x'fe' ELSE x'ff' END AS v FROM folders WHERE id = '0')",
    ],
)
def test_a_statement_may_have_any_blob(connection: box_dialect.Connection, statement: str) -> None:
    assert connection.cursor().execute(statement).fetchall() == [(b"\xff",)]


def test_comments_without_an_end_take_no_time(connection: box_dialect.Connection) -> None:
    """SQLite takes one for a comment to the end; to look for the end of each would take the square of their number."""
    joined = "SELECT x'ff' FROM folders AS p JOIN folders AS f ON f.parent_id = p.id WHERE p.id = '0' LIMIT 1"
    assert connection.cursor().execute(f"{joined} {'/* ' * 400_000}").fetchall() == [(b"\xff",)]


def test_equal_blobs_stay_equal_and_others_do_not(connection: box_dialect.Connection) -> None:
    """They are listed as other bytes than they have, and decide how a value is compared."""
    statement = "SELECT x'fe' = x'FE', x'fe' = x'ff', \"a x'fe'\", 'x''fe''' FROM (SELECT 1 AS \"a x'fe'\")"
    assert connection.cursor().execute(statement).fetchall() == [(1, 0, 1, "x'fe'")]


def test_a_view_may_have_any_blob(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP VIEW odd AS SELECT x'ff' AS v, id FROM folders WHERE parent_id = '0'")
    rows = cursor.execute("SELECT v FROM odd").fetchall()
    assert set(rows) == {(b"\xff",)}


def test_a_trigger_with_such_a_blob_is_refused_with_what_to_write(connection: box_dialect.Connection) -> None:
    """What its program writes cannot be read."""
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE noted (v)")
    cursor.execute("CREATE TRIGGER note AFTER INSERT ON noted BEGIN UPDATE noted SET v = x'ff'; END")
    with pytest.raises(box_dialect.NotSupportedError, match=r"unhex\('ff'\)"):
        cursor.execute("INSERT INTO noted VALUES (1)")
    assert cursor.execute("SELECT count(*) FROM noted").fetchall() == [(0,)]


def test_a_text_that_is_not_utf8_is_an_error_of_its_rows(connection: box_dialect.Connection) -> None:
    """A statement is run dry for what it asks next; that fails in the same way as the statement itself."""
    join = "FROM folders AS p JOIN folders AS f ON f.parent_id = p.id WHERE p.parent_id = '0'"
    with pytest.raises(box_dialect.DataError, match="not UTF-8"):
        connection.cursor().execute(f"SELECT CAST(x'ff' AS TEXT) || f.name {join}").fetchall()
