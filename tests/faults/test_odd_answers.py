"""Whatever JSON answers: rows, or one clear error that is no fault of the driver's."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_server import answer, serving
from random_examples import examples
from steering import steers

import box_dialect
from box_dialect.catalog import TABLES

RAW = {
    "@inf@": "1e400",
    "@-inf@": "-1e400",
    "@nan@": "NaN",
    "@long@": "9" * 5_001,
    "@longtext@": '"' + "9" * 5_001 + '"',
    "@exponent@": "1e30",
    "@wide@": str(2**70),
    "@half@": '"\\ud800"',
    "@zero@": '"a\\u0000b"',
    "@deep@": "[" * 100_000 + "]" * 100_000,
    "@objects@": '{"a":' * 2_000 + "1" + "}" * 2_000,
}
"""What Python's json does not write, by what stands for it."""

ODD = [
    *RAW, None, True, False, 0, -1, 1.5, 2**63, -(2**63), "", " ", "7", "\u00b2", "\uff11\uff12", "\u0663", "\u202e",
    "\x1b[31m", "a\nb", "../0", "x" * 70_000, [], {}, [None], [[]], {"id": None}, {"entries": 7}, {"entries": [7]},
    "2015-13-45", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2015-04-08T08:00:00Z",
]  # fmt: skip
values = st.sampled_from(ODD) | st.text(max_size=5) | st.integers() | st.lists(st.sampled_from(ODD), max_size=2)
PAGING = ("limit", "offset", "total_count", "next_marker", "next_stream_position", "chunk_size")

server = pytest.fixture(serving, scope="module")


@pytest.fixture(scope="module")
def connection(server):
    with server.connect(MaxApiCalls=12, RequestTimeout=60, Timeout=5) as connection:
        yield connection


def entry_of(table, drawn):
    """Return an object as the table's columns ask for, with the odd values that were drawn."""
    entry = {"id": "7", "type": table.name.rstrip("s"), "name": "a"}
    for column, value in drawn.items():
        *outer, last = column
        inner = entry
        for name in outer:
            inner = inner.setdefault(name, {})
            if not isinstance(inner, dict):
                break
        else:
            inner[last] = value
    return entry


def places(table):
    return sorted({column.place for column in table.columns if column.place} | {(word,) for word in ("id", "type")})


class Always(dict):
    """The same answer to each call; folders in the root are empty, so that a walk ends."""

    def __init__(self, pieces):
        super().__init__()
        self.pieces = pieces

    def __missing__(self, path):
        is_below = path.endswith("/items") and path != "/2.0/folders/0/items"
        return answer({"entries": []}) if is_below else self.pieces


def drawn_of(table):
    return st.dictionaries(st.sampled_from(places(table)), values, max_size=3)


@pytest.mark.long
@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=examples(4))
@given(data=st.data())
def test_an_odd_answer_gives_rows_or_one_clear_error(server, connection, name, data):
    table = TABLES[name]
    entries = [entry_of(table, data.draw(drawn_of(table))) for _ in range(data.draw(st.integers(1, 2)))]
    paging = data.draw(st.dictionaries(st.sampled_from(PAGING), values, max_size=2))
    body = json.dumps({**entries[0], "entries": entries, **paging})
    for stands, raw in RAW.items():
        body = body.replace(f'"{stands}"', raw)
    status = data.draw(st.sampled_from([200, 200, 200, 400, 404, 409]))
    server.answers = Always(answer(body.encode(), status))
    statement = data.draw(
        st.sampled_from(
            [f"SELECT * FROM {name}", f"SELECT * FROM {name} WHERE id = '7'", f"SELECT count(*) FROM {name}",
             f"SELECT * FROM {name} ORDER BY 1, 2 LIMIT 3", f"SELECT a.id FROM {name} a JOIN {name} b ON a.id = b.id"]
            + [f"UPDATE {name} SET name = 'b' WHERE id = '7'", f"DELETE FROM {name} WHERE id = '7'",
               f"UPDATE {name} SET name = 'b' WHERE id = '7' RETURNING *"] * bool(table.update)
        )
    )  # fmt: skip
    problem = problem_of(connection, statement)
    assert not isinstance(problem, box_dialect.InternalError)
    assert not steers(str(problem))
    assert len(str(problem)) < 2_000
    assert problem is None or len(problem.diag.code or "") <= 100


def problem_of(connection, statement):
    try:
        connection.cursor().execute(statement).fetchall()
    except box_dialect.Error as error:
        return error
    return None


@pytest.mark.parametrize(
    ("statement", "length"),
    [
        ("SELECT id FROM memberships", 60_000),
        ("SELECT id FROM memberships", 70_000),
        ("SELECT * FROM files", 70_000),
        ("DELETE FROM folders WHERE parent_id = '0'", 60_000),
    ],
)
def test_a_long_id_is_not_repeated_whole(server, connection, statement, length):
    """Box refuses what it stands in, or no URL can hold it."""
    identity = "x" * length
    folder = {"id": identity, "type": "folder", "name": "a", "parent": {"id": "0"}}
    server.answers = Always(answer({"code": "conflict", "message": "No"}, 409))
    server.answers |= dict.fromkeys(
        ("/2.0/groups", "/2.0/folders/0/items"), answer({"entries": [folder, folder | {"id": "7"}]})
    )
    problem = problem_of(connection, statement)
    assert isinstance(problem, box_dialect.Error)
    assert "APIBaseURL" not in str(problem)
    assert len(str(problem)) < 500
