"""The functions that stand in the place of SQLite's give what those give, and take no time on large values."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_examples import examples
from sweep import sweep

import box_dialect
from box_dialect.engine import add_functions
from box_dialect.engine.sql import like

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = "a" * 1_000_000
PART = "a" * 399_999 + "b"
SET = "".join(map(chr, range(0x10000, 0x10000 + 99_999))) + "a"
"""400 KB in UTF-8."""

OBJECT = "{" + ",".join(f'"k{n}":1' for n in range(100_000)) + "}"
ARRAY = "[" + "1," * 499_999 + "1]"

HUGE = "hex(zeroblob(15000000))"
PATTERN = "hex(zeroblob(200))"

LINEAR = {
    "instr": ("SELECT instr(?, ?)", (LONG, PART), 0),
    "instr of blobs": ("SELECT instr(?, ?)", (LONG.encode(), PART.encode()), 0),
    "replace": ("SELECT length(replace(?, ?, 'x'))", (LONG, PART), 1_000_000),
    "trim": ("SELECT length(trim(?, ?))", (LONG, SET), 0),
    "ltrim": ("SELECT length(ltrim(?, ?))", (LONG, SET), 0),
    "rtrim": ("SELECT length(rtrim(?, ?))", (LONG, SET), 0),
    "unhex": ("SELECT length(unhex(?, ?))", ("\U00010000aa" * 200_000, SET), 200_000),
    "REGEXP": ("SELECT ? REGEXP '^(a+)+$'", (f"{LONG}!",), 0),
    "REGEXP with groups": ("SELECT ? REGEXP ?", (LONG, "(a|b)*" * 160), 1),
    "LIKE": (f"SELECT {HUGE} LIKE '%' || {PATTERN} || '1%'", (), 0),
    "LIKE with ESCAPE": (f"SELECT {HUGE} LIKE '%' || {PATTERN} || '%0' ESCAPE '!'", (), 1),
    "LIKE with many wildcards": (f"SELECT {HUGE} LIKE ?", ("%0" * 255 + "1",), 0),
    "LIKE that ignores case": ("SELECT ? LIKE ?", (LONG, f"%{'A' * 400}B%"), 0),
    "GLOB": (f"SELECT {HUGE} GLOB '*' || {PATTERN} || '1*'", (), 0),
}

REFUSED = {
    "LIKE": ("SELECT ? LIKE ?", (LONG, f"%{PART}"), "pattern too complex; LIKE and GLOB take 512 bytes at most"),
    "GLOB": ("SELECT ? GLOB ?", (LONG, f"*{PART}"), "pattern too complex; LIKE and GLOB take 512 bytes at most"),
    "GLOB with sets": ("SELECT ? GLOB ?", (LONG, "*[^b]" * 10_000), "pattern too complex"),
    "LIKE of a huge text": (
        f"SELECT {HUGE} LIKE '%_' || {PATTERN} || '1'",
        (),
        "LIKE takes a text of 574,808 characters at most",
    ),
    "ESCAPE": (f"SELECT {HUGE} LIKE '%!%' || {PATTERN} || '1' ESCAPE '!'", (), "have no wildcard but % in the"),
    "GLOB of a huge text": (f"SELECT {HUGE} GLOB '*[^1]' || {PATTERN} || '1'", (), "have no wildcard but \\* in the"),
    "a huge replacement": (f"SELECT replace(hex({HUGE}), '0', '1')", (), r"replace\(\) takes 33,554,432 characters"),
    "geopoly_overlap": ("SELECT Geopoly_Overlap('[]', '[]')", (), "geopoly_bbox"),
    "geopoly_within": ("SELECT geopoly_within('[]', '[]')", (), "geopoly_within is refused, since it may never end"),
    "json_patch": ("SELECT json_patch(?, ?)", (OBJECT, OBJECT[:400_000]), "json_patch is refused"),
    "json_insert": (f"SELECT json_insert(?{', ?2, 1' * 450})", (ARRAY, "$[#]"), "too many arguments"),
    "json_extract": (f"SELECT json_extract(?{', ?2' * 900})", (ARRAY, "$[#-1]"), "too many arguments"),
    "a pattern of REGEXP": ("SELECT ? REGEXP ?", (LONG, PART), "a pattern of 4,096 bytes at most"),
    "a pattern that is long when repeated": ("SELECT ? REGEXP '[ab]*a[ab]{1000}c'", (LONG,), "bytes at most with this"),
}


@pytest.mark.long
@sweep(("sql", "values", "found"), LINEAR.values(), ids=LINEAR)
def test_large_values_take_no_time(
    connection: box_dialect.Connection, sql: str, values: tuple[object, ...], found: int
) -> None:
    began = time.thread_time()
    assert connection.cursor().execute(sql, values).fetchall() == [(found,)]
    assert time.thread_time() - began < 4


@sweep(("sql", "values", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_would_take_long_is_refused(
    connection: box_dialect.Connection, sql: str, values: tuple[object, ...], reason: str
) -> None:
    with pytest.raises(box_dialect.Error, match=reason):
        connection.cursor().execute(sql, values).fetchall()


TEXTS = st.text(st.sampled_from("ab4Fé€𝄞- \0"), max_size=6)
VALUES = (
    TEXTS
    | TEXTS.map(str.encode)
    | st.none()
    | st.sampled_from((0, 1, 44, -4, 2**63 - 1))
    | st.sampled_from((0.5, 4.0, 1e20, 1e-7, float("inf"), 1.1, 123456789012345678.0))
)


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[apsw.Connection, apsw.Connection]]:
    """SQLite as it is, and with the functions."""
    plain, ours = apsw.Connection(":memory:"), apsw.Connection(":memory:")
    add_functions(ours, pytest.fail)
    yield plain, ours
    plain.close()
    ours.close()


@given(name=st.sampled_from(("instr", "replace", "trim", "ltrim", "rtrim", "unhex")), values=st.tuples(*[VALUES] * 3))
@settings(deadline=None, derandomize=True, database=None, max_examples=examples(150))
def test_they_give_what_sqlite_gives(
    pair: tuple[apsw.Connection, apsw.Connection], name: str, values: tuple[object, ...]
) -> None:
    number = 3 if name == "replace" else 2
    sql = f"SELECT v, typeof(v), hex(v) FROM (SELECT {name}({', '.join('?' * number)}) AS v LIMIT 1)"
    plain, ours = ([*each.execute(sql, values[:number])] for each in pair)  # type: ignore[arg-type]
    assert ours == plain


PATTERNS = st.text(st.sampled_from("aAkK_%*?[]^-!\\é\u212a𝄞\uffff\0"), max_size=8)
OPERANDS = PATTERNS | PATTERNS | PATTERNS | VALUES
COMPARED = ("? LIKE ?", "? NOT LIKE ?", "? GLOB ?", "? LIKE ? ESCAPE ?")


@pytest.mark.hypothesis  # which sees no @given within a test
@pytest.mark.parametrize("compares", ["briefly", "by SQLite's comparison", "by parts"])
def test_like_and_glob_give_what_sqlite_gives(
    pair: tuple[apsw.Connection, apsw.Connection], compares: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if compares != "briefly":
        monkeypatch.setattr(like, "_FEW_STEPS", -1)
    if compares == "by parts":
        monkeypatch.setattr(like, "MOST_STEPS", 0)
    stdlib = sqlite3.connect(":memory:")

    @given(
        sql=st.sampled_from(COMPARED),
        text=OPERANDS,
        pattern=OPERANDS,
        escape=st.sampled_from(tuple("!%_\\aé*\0")) | OPERANDS,
    )
    @settings(deadline=None, derandomize=True, database=None, max_examples=examples(100))
    def compare(sql: str, text: Any, pattern: Any, escape: Any) -> None:
        values = (text, pattern, escape)[: sql.count("?")]
        plain, ours = (found_by(each, f"SELECT {sql}", values) for each in pair)
        if compares == "by parts" and isinstance(ours, str) and "wildcard" in ours:
            return
        assert isinstance(plain, str) == isinstance(ours, str)
        if isinstance(plain, list):
            assert ours == plain
            if not any(isinstance(each, bytes) for each in values):  # these match where SQLite is built so
                assert ours == stdlib.execute(f"SELECT {sql}", values).fetchall()

    compare()
    stdlib.close()


def found_by(connection: apsw.Connection, sql: str, values: tuple[Any, ...]) -> list[Any] | str:
    """Return what a connection gives, or the error that it raises."""
    try:
        return [*connection.execute(sql, values)]
    except (apsw.Error, box_dialect.Error) as error:
        return str(error)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT snippet(notes, 0, '[', ']', '…', 10) FROM notes WHERE notes MATCH 'a'",
        "SELECT rank FROM notes WHERE notes MATCH 'a' AND rank MATCH 'snippet(0, ''['', '']'', ''…'', 10)' ORDER BY 1",
        "SELECT rank FROM notes('a', 'snippet(0, ''['', '']'', ''…'', 10)') ORDER BY rank",
        "SELECT highlight(notes, 0, '[', ']') FROM notes('a')",
    ],
)
def test_what_shows_hits_is_refused_wherever_it_stands(connection: box_dialect.Connection, query: str) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE VIRTUAL TABLE notes USING fts5 (text)")
    cursor.execute("INSERT INTO notes SELECT replace(hex(zeroblob(5)), '00', 'a ')")
    with pytest.raises(box_dialect.NotSupportedError, match=r"(snippet|highlight) is refused, since it may never end"):
        cursor.execute(query).fetchall()
    cursor.execute("DROP TABLE notes")


def test_a_replacement_that_is_too_long_takes_no_memory(connection: box_dialect.Connection) -> None:
    with pytest.raises(box_dialect.DataError, match="too big"):
        connection.cursor().execute("SELECT length(replace(?, 'a', ?))", (LONG, LONG))


def test_they_may_stand_in_views_and_indexes_of_a_file(tmp_path: object) -> None:
    url = "box://CLIENT_ID:CLIENT_SECRET@/?AuthScheme=OAuthClient&SubjectId=1"
    with box_dialect.connect(url, LocalDatabase=f"{tmp_path}/own.db") as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE t (a)")
        cursor.execute("CREATE INDEX i ON t (replace(a, ' ', ''))")
        cursor.execute("CREATE VIEW v AS SELECT trim(a, ' ') AS b FROM t")
        cursor.execute("INSERT INTO t VALUES (' x ')")
        assert cursor.execute("SELECT b FROM v").fetchall() == [("x",)]


SEARCHED = {
    "NULL": ("SELECT NULL REGEXP 'a'", None),
    "a pattern that is NULL": ("SELECT 'a' REGEXP NULL", None),
    "a number": ("SELECT 42 REGEXP '^4'", 1),
    "NUL": ("SELECT ('a' || char(0) || 'b') REGEXP '^a.b$'", 1),
    "a blob": ("SELECT x'ff61' REGEXP 'a$'", 1),
    "other letters": ("SELECT 'É' REGEXP '(?i)^é$'", 1),
    "a class": (r"SELECT 'a1' REGEXP '^\w\d$'", 1),
}


@pytest.mark.parametrize(("sql", "found"), SEARCHED.values(), ids=SEARCHED)
def test_regexp_searches(connection: box_dialect.Connection, sql: str, found: int | None) -> None:
    assert connection.cursor().execute(sql).fetchall() == [(found,)]


@pytest.mark.parametrize("pattern", ["a(?=b)", "(?<!a)b", r"(a)\1", "a{2000}", "(", "a*+"])
def test_what_re2_has_not_is_an_error(
    connection: box_dialect.Connection, pattern: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="of RE2, which has neither look-around"):
        connection.cursor().execute("SELECT 'ab' REGEXP ?", (pattern,)).fetchall()
    assert capfd.readouterr() == ("", "")
