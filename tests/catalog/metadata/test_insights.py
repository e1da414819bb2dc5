"""What Box computes itself with `Freshness=indexed`: counts and aggregates by its query insights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from catalog.metadata.conftest import FIELDS
from catalog.metadata.test_differential import conditions
from conftest import Box
from hypothesis import given
from hypothesis import strategies as st
from scripted_box import ScriptedBox, plan, rows, scripted_box

import box_dialect
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

INSIGHTS, QUERY = "POST /query_insights", "POST /query"
TEMPLATE = {"scope": "enterprise_7", "templateKey": "contract", "displayName": "Contract", "fields": [*FIELDS]}
PLACE = 'metadata.enterprise_7."contract"'
MANY = [{"key": f"o{number}"} for number in range(12)]


@pytest.fixture(scope="module")
def counted() -> Iterator[Box]:
    """A tree with instances whose values Box computes with exactly, and of a template with many groups."""
    with Emulator(Options()) as emulator:
        box = Box(emulator)
        contract = box.store.add_template("contract", *FIELDS)
        grouped = box.store.add_template("grouped", {"type": "enum", "key": "kind", "options": MANY})
        for number, item in enumerate([*box.store.files.values(), *box.store.folders.values()][:40]):
            values: dict[str, Any] = {"title": f"t{number % 4}"} if number % 5 else {}
            values |= {"amount": number / 2 - 3} if number % 3 else {}
            values |= {"status": ("open", "closed")[number % 2]} if number % 4 else {}
            values |= {"due": f"2026-01-{1 + number % 9:02}T00:00:00Z"} if number % 6 else {}
            if item.id != "0":
                box.store.add_instance(item, contract, values)
                box.store.add_instance(item, grouped, {"kind": f"o{number % 12}"})
        yield box


@pytest.fixture(scope="module")
def both(counted: Box) -> Iterator[tuple[box_dialect.Connection, box_dialect.Connection]]:
    with counted.connect() as live, counted.connect(Freshness="indexed") as indexed:
        live.find_tables()
        indexed.find_tables()
        yield live, indexed


ALL = "count(*), count(amount), sum(amount), avg(amount), min(amount), max(amount)"


@pytest.mark.parametrize(
    ("statement", "calls"),
    [
        ("SELECT count(*) FROM enterprise_contract", 1),
        ('SELECT COUNT ( * ) AS "n" FROM "enterprise.contract" AS c WHERE c.amount > 3 -- how many', 1),
        (f"SELECT {ALL} FROM enterprise_contract", 1),
        (f"SELECT {ALL} FROM enterprise_contract WHERE amount > 1000", 1),
        (f"SELECT {ALL} FROM enterprise_contract WHERE amount > 1 OR NOT (title = 't1' AND amount <= 5)", 1),
        ("SELECT count(*) FROM enterprise_contract WHERE title IS NULL AND item_type = 'file'", 1),
        ("SELECT count(*) FROM enterprise_contract WHERE due BETWEEN '2026-01-02' AND '2026-01-05'", 1),
        ("SELECT count(*) FROM enterprise_contract WHERE status IN ('open', 'closed') OR status IS NOT 'open'", 1),
        ("SELECT count(*), count(status), count(due), count(item_id) FROM enterprise_contract", 1),
        ("SELECT count(*) FROM enterprise_contract WHERE ancestor_id = '0'", 1),
        ("SELECT count(*) FROM enterprise_contract LIMIT 0", 1),
        ("SELECT status, count(*) FROM enterprise_contract GROUP BY status", 2),
        (f"SELECT status, {ALL} FROM enterprise_contract WHERE amount > 0 GROUP BY status", 2),
        ("SELECT sum(amount) AS s, status FROM enterprise_contract GROUP BY 2 ORDER BY s DESC, status LIMIT 1", 2),
        ("SELECT status, count(*) FROM enterprise_contract GROUP BY status ORDER BY 2, 1 DESC LIMIT 2 OFFSET 1", 2),
        ("SELECT status, max(amount) FROM enterprise_contract WHERE status <> 'x' GROUP BY status", 1),
        ("SELECT count(*) FROM enterprise_contract WHERE status = 'open' GROUP BY status", 1),
        ("SELECT status, count(*) FROM enterprise_contract WHERE amount > 1000 GROUP BY status", 2),
        ("SELECT count(*) FROM files", 1),
        ("SELECT count(*) FROM files WHERE extension = 'pdf' OR name = 'x'", 1),
    ],
)
def test_box_computes_what_sqlite_does(
    both: tuple[box_dialect.Connection, box_dialect.Connection], statement: str, calls: int
) -> None:
    live, indexed = both
    expected, cursor = live.cursor().execute(statement), indexed.cursor().execute(statement)
    assert cursor.fetchall() == expected.fetchall()
    assert cursor.description == expected.description
    assert cursor.api_calls == calls
    assert INSIGHTS in plan(indexed, statement)
    assert INSIGHTS not in plan(live, statement)
    estimate = indexed.estimate(statement)
    assert (estimate.least, estimate.most) == (calls, calls)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM enterprise_contract WHERE title LIKE 't%'",
        "SELECT count(*) FROM enterprise_contract WHERE amount > 0.1",
        "SELECT count(*) FROM enterprise_contract WHERE amount > 16777216",
        "SELECT count(*) FROM enterprise_contract WHERE due > '2026-01-02 00:00:00.0001'",
        "SELECT count(*) FROM enterprise_contract WHERE upper(title) = 'T1'",
        "SELECT count(*) FROM enterprise_contract WHERE title = 'T1' COLLATE NOCASE",
        "SELECT count(*) FROM enterprise_contract WHERE title > 't1'",
        "SELECT count(*) FROM enterprise_contract WHERE amount = amount",
        "SELECT count(*) FROM enterprise_contract WHERE amount",
        "SELECT count(*) FROM enterprise_contract WHERE amount > NULL",
        "SELECT count(*) FROM enterprise_contract WHERE template_version = 0",
        "SELECT count(*) FROM enterprise_contract WHERE amount > 1 OR title LIKE 't%'",
        "SELECT count(DISTINCT status) FROM enterprise_contract",
        "SELECT count(*) + 1 FROM enterprise_contract",
        "SELECT count(*) FILTER (WHERE amount > 1) FROM enterprise_contract",
        "SELECT count(*) FROM enterprise_contract c JOIN files f ON f.id = c.item_id",
        "SELECT count(*) FROM (SELECT * FROM enterprise_contract)",
        "SELECT status, count(*) FROM enterprise_contract GROUP BY status HAVING count(*) > 1",
        "SELECT title, count(*) FROM enterprise_contract GROUP BY title",
        "SELECT max(title) FROM enterprise_contract",
        "SELECT max(due) FROM enterprise_contract",
        "SELECT status, max(amount) FROM enterprise_contract",
        "SELECT count(*), (SELECT 1) FROM enterprise_contract",
        "SELECT count(*) FROM folders",
        "SELECT kind, count(*) FROM enterprise_grouped GROUP BY kind",
    ],
)
def test_rows_are_read_where_the_answer_is_not_sure(
    both: tuple[box_dialect.Connection, box_dialect.Connection], statement: str
) -> None:
    live, indexed = both
    assert sorted(rows(indexed, statement), key=repr) == sorted(rows(live, statement), key=repr)
    if "grouped" not in statement:
        assert INSIGHTS not in plan(indexed, statement)


@given(where=conditions(), columns=st.sampled_from(["count(*)", "status, count(*), count(title)"]))
def test_any_condition_counts_the_same_rows(tagged: Box, where: str, columns: str) -> None:
    tail = "GROUP BY status ORDER BY status" if "status" in columns else ""
    statement = f"SELECT {columns} FROM enterprise_contract WHERE freshness = ? AND ({where}) {tail}"
    with tagged.connect() as connection:
        assert rows(connection, statement, "indexed") == rows(connection, statement, "live")


def test_numbers_that_box_may_not_tell_apart_are_read(tagged: Box) -> None:
    statement = "SELECT sum(amount), max(amount) FROM enterprise_contract"
    with tagged.connect() as live, tagged.connect(Freshness="indexed") as indexed:
        assert rows(indexed, statement) == rows(live, statement)
        statement += " WHERE amount < 1000 AND amount > -1000"
        assert rows(indexed, statement)[0] == pytest.approx(rows(live, statement)[0])
        assert INSIGHTS in plan(indexed, statement)


@pytest.fixture
def box() -> Iterator[ScriptedBox]:
    instance = {"enterprise_7": {"contract": {"amount": 5, "$version": 0}}}
    with scripted_box() as box:
        box.answers |= {
            "GET /metadata_templates/enterprise": {"entries": [TEMPLATE]},
            "GET /metadata_templates/global": {"entries": []},
            QUERY: {"entries": [{"id": "1", "type": "file", "metadata": instance}], "next_marker": None},
        }
        yield box


def told(**metrics: Any) -> dict[str, Any]:
    """Return an answer with metrics of all rows, each with its type and its value."""
    known = {name: {"type": kind, "values": {kind: value}} for name, (kind, value) in metrics.items()}
    return {"insights": [{"key": [], "type": "overall", "metrics": known}]}


def test_what_is_asked(box: ScriptedBox) -> None:
    box.answers[INSIGHTS] = told(totalResultCount=("count", 7))
    with box.connected(Freshness="indexed") as connection:
        statement = "SELECT count(*) FROM enterprise_contract WHERE amount > :a AND ancestor_id = :b AND amount < 9"
        cursor = connection.cursor().execute(statement, {"a": 5, "b": "12"})
        assert cursor.fetchall() == [(7,)]
    asked = box.asked[-1]
    assert asked.operation == INSIGHTS
    assert asked.headers["box-version"] == "2026.0"
    assert asked.body == {
        "query": {
            "predicate": f"EXISTS(:template) AND ({PLACE}.amount > :c0 AND {PLACE}.amount < :c1)",
            "params": {"template": "enterprise_7:contract", "c0": 5, "c1": 9},
            "ancestors": [{"id": "12", "type": "folder"}],
        },
        "metrics": {},
    }


def test_a_parameter_may_say_the_freshness(box: ScriptedBox) -> None:
    box.answers[INSIGHTS] = told(totalResultCount=("count", 7))
    statement = "SELECT count(*) FROM enterprise_contract WHERE freshness = ?"
    with box.connected() as connection:
        assert rows(connection, statement, "indexed") == [(7,)]
        with pytest.raises(box_dialect.ProgrammingError, match="'live' or 'indexed'"):
            rows(connection, statement, "other")


ANSWERS: dict[str, Any] = {
    "refused": (400, {"code": "BAD_REQUEST", "message": "Invalid query request"}),
    "not there": (404, {"code": "not_found", "message": "no"}),
    "nothing": {"insights": []},
    "no list": {"entries": []},
    "no metrics": {"insights": [{"key": [], "type": "overall"}]},
    "another name": told(count=("count", 7)),
    "a text": told(totalResultCount=("count", "7")),
    "half a row": told(totalResultCount=("count", 7.5)),
    "a group": {"insights": [{"key": ["x"], "type": "group", "metrics": {}}]},
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_unknown_answer_is_not_taken(box: ScriptedBox, answer: Any) -> None:
    box.answers[INSIGHTS] = answer
    with box.connected(Freshness="indexed") as connection:
        with pytest.warns(box_dialect.BoxIndexWarning, match="enterprise_contract"):
            assert rows(connection, "SELECT count(*) FROM enterprise_contract") == [(1,)]
        assert rows(connection, "SELECT count(*) FROM enterprise_contract WHERE amount > 1") == [(1,)]
    assert box.operations[2:] == [INSIGHTS, QUERY, QUERY]


@pytest.mark.long
def test_a_long_statement_reads_rows(box: ScriptedBox) -> None:
    numbers = ", ".join(map(str, range(101_000)))
    with box.connected(Freshness="indexed") as connection:
        assert rows(connection, f"SELECT count(*) FROM enterprise_contract WHERE amount IN ({numbers})") == [(1,)]
    assert box.operations[-1] == QUERY


def test_other_failures_are_errors(box: ScriptedBox) -> None:
    box.answers[INSIGHTS] = 500, {}
    with box.connected(Freshness="indexed") as connection, pytest.raises(box_dialect.OperationalError):
        rows(connection, "SELECT count(*) FROM enterprise_contract")
    assert QUERY not in box.operations


def test_wrong_statements_are_errors_before_any_call(box: ScriptedBox) -> None:
    with box.connected(Freshness="indexed") as connection:
        for statement in (
            "SELECT count(nope) FROM enterprise_contract",
            "SELECT count(*) FROM enterprise_contract WHERE nope = 5",
        ):
            with pytest.raises(box_dialect.ProgrammingError):
                rows(connection, statement)
    assert not {INSIGHTS, QUERY} & {*box.operations}
