"""What `Freshness=indexed` does: templates, files and folders are read by Box's Query API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from catalog.metadata.conftest import FIELDS
from catalog.metadata.test_differential import conditions, written
from conftest import Box
from hypothesis import given
from hypothesis import strategies as st
from scripted_box import ScriptedBox, plan, rows

import box_dialect
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERY = "POST /query"
PLACE = 'metadata.enterprise_7."contract"'


@pytest.fixture
def box(box: ScriptedBox) -> ScriptedBox:
    """A Box that answers an empty query of its index too."""
    box.answers[QUERY] = {"entries": [], "next_marker": None}
    return box


def numberless(predicate: str) -> str:
    """Return a predicate without the numbers of its parameters."""
    return re.sub(r":(p[0-9]+_|c)[0-9]+", "?", predicate)


def body(box: ScriptedBox, statement: str, *parameters: Any) -> dict[str, Any]:
    """Return the body of the query that a statement sends."""
    with box.connected(Freshness="indexed") as connection:
        rows(connection, statement, *parameters)
    (asked,) = [each for each in box.asked if each.operation == QUERY]
    assert asked.headers["box-version"] == "2026.0"
    return dict(asked.body)


def test_conditions_on_a_template_are_sent(box: ScriptedBox) -> None:
    where = "amount > 5 AND status IN ('open', 'closed') AND title LIKE 'a%' AND item_type = 'file'"
    sent = body(box, f"SELECT amount FROM enterprise_contract WHERE {where} ORDER BY amount DESC LIMIT 20")
    predicate = numberless(sent["query"].pop("predicate")).split(" AND ")
    assert predicate[0] == "EXISTS(:template)"
    assert {*predicate[1:]} == {
        "box:item:type = ?",
        f"{PLACE}.amount > ?",
        f"{PLACE}.title ILIKE ?",
        f"{PLACE}.status IN (?, ?)",
    }
    values = sent["query"].pop("params")
    assert values["template"] == "enterprise_7:contract"
    assert sorted(values.values(), key=str) == [5, "a%", "closed", "enterprise_7:contract", "file", "open"]
    assert sent == {
        "query": {"ancestors": [{"id": "0", "type": "folder"}]},
        "order_by": [{"field_key": "enterprise_7:contract:amount", "direction": "desc"}],
        "limit": 20,
        "fields": [f"enterprise_7:contract{key}" for key in ("", ":amount", ":status", ":title")],
    }


def test_a_whole_condition_is_sent(box: ScriptedBox) -> None:
    where = "amount > 5 OR NOT (status = 'open' AND title IS NOT NULL)"
    query = body(box, f"SELECT amount FROM enterprise_contract WHERE {where}")["query"]
    said = f"({PLACE}.amount > ? OR {PLACE}.status <> ? OR {PLACE}.title IS NULL)"
    assert numberless(query["predicate"]) == f"EXISTS(:template) AND {said}"


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("name = 'a'", "box:item:name = ?"),
        ("name <> 'a'", "box:item:name <> ?"),
        ("name LIKE '%a_'", "box:item:name ILIKE ?"),
        ("description = 'a'", "box:item:description = ?"),
        ("description = ''", None),
        ("description <> 'a'", None),
        ("description LIKE '%'", None),
        ("description IS NULL", None),
        ("owned_by_id IN ('1', '2')", "box:item:owned_by IN (?, ?)"),
        ("modified_at >= '2026-01-01'", "box:item:modified_at >= ?"),
        ("extension = 'pdf'", "box:item:extension = ?"),
        ("extension = ''", None),
        ("size > 5", None),
    ],
)
def test_conditions_on_files_are_sent(box: ScriptedBox, where: str, sent: str | None) -> None:
    query = body(box, f"SELECT id FROM files WHERE {where}")["query"]
    assert numberless(query["predicate"]) == "box:item:type = :type" + (f" AND {sent}" if sent else "")
    assert query["params"]["type"] == "file"
    if "owned_by" in where:
        assert sorted(query["params"].values()) == ["file", "user_1", "user_2"]


def test_a_branch_is_searched(box: ScriptedBox) -> None:
    sent = body(box, "SELECT amount FROM enterprise_contract WHERE ancestor_id = '12'")
    assert sent["query"]["ancestors"] == [{"id": "12", "type": "folder"}]


@pytest.mark.parametrize(
    "entry",
    [
        {"enterprise_7:contract:amount": 5},
        {"metadata": {}},
        {"metadata": {"enterprise_7:contract": {"amount": 5, "$version": 0}}},
        {"metadata": {"enterprise_7": {"contract": {"amount": 5}}}},
    ],
)
def test_an_unknown_form_is_never_an_empty_answer(box: ScriptedBox, entry: dict[str, Any]) -> None:
    box.answers[QUERY] = {"entries": [{"id": "1", "type": "file", **entry}], "next_marker": None}
    instance = {"enterprise_7": {"contract": {"amount": 5, "$version": 0}}}
    box.answers["POST /metadata_queries/execute_read"] = {
        "entries": [{"id": "1", "type": "file", "metadata": instance}]
    }
    with (
        box.connected(Freshness="indexed") as connection,
        pytest.warns(box_dialect.BoxIndexWarning, match="enterprise_contract"),
    ):
        assert rows(connection, "SELECT amount FROM enterprise_contract") == [(5.0,)]


def test_no_answer_for_a_branch_is_read_live(box: ScriptedBox) -> None:
    box.answers[QUERY] = 404, {"code": "not_found", "message": "no"}
    box.answers["POST /metadata_queries/execute_read"] = {"entries": []}
    with box.connected(Freshness="indexed") as connection, pytest.warns(box_dialect.BoxIndexWarning):
        rows(connection, "SELECT amount FROM enterprise_contract WHERE ancestor_id = '12'")
    assert box.operations[-1] == "POST /metadata_queries/execute_read"


@pytest.mark.long
@pytest.mark.parametrize(
    ("statement", "count", "calls"),
    [
        ("SELECT name FROM files", 600, 6),
        ("SELECT name, path, size, parent_id, description FROM files WHERE name LIKE 'Report%'", None, 1),
        ("SELECT name FROM files WHERE modified_at > '2000-01-01' ORDER BY modified_at DESC LIMIT 20", 20, 1),
        ("SELECT name, path FROM folders", 31, 2),
        ("SELECT amount FROM enterprise_contract WHERE amount >= ? ORDER BY amount DESC LIMIT 20", 20, 1),
        ("SELECT amount FROM enterprise_contract", 500, 5),
        (
            (
                "SELECT f.path, f.size, c.amount FROM enterprise_contract c "
                "JOIN files f ON f.id = c.item_id AND c.item_type = 'file' WHERE amount < 100"
            ),
            100,
            1,
        ),
    ],
)
def test_a_page_has_a_hundred_rows(synthetic_tagged: Box, statement: str, count: int | None, calls: int) -> None:
    given = [5] if "?" in statement else []
    with synthetic_tagged.connect() as connection:
        connection.find_tables()
        expected = sorted(rows(connection, statement, *given))
    with synthetic_tagged.connect(Freshness="indexed") as connection:
        connection.find_tables()
        cursor = connection.cursor().execute(statement, given)
        found = sorted(cursor.fetchall())
        assert QUERY in plan(connection, statement, *given)
    assert cursor.api_calls == calls
    if "LIMIT" not in statement:
        assert found == expected
    assert len(found) == count or count is None


@pytest.mark.long
@pytest.mark.parametrize(("table", "calls"), [("files", 6), ("folders", 2), ("enterprise_contract", 5)])
def test_an_estimate_knows_how_long_the_index_is(synthetic_tagged: Box, table: str, calls: int) -> None:
    statement = f"SELECT * FROM {table}"
    with synthetic_tagged.connect(Freshness="indexed") as connection:
        assert rows(connection, statement)
        estimate = connection.estimate(statement)
    assert (estimate.least, estimate.most) == (calls, calls)


def test_keys_and_branches_are_read_live(tagged: Box) -> None:
    with tagged.connect(Freshness="indexed") as connection:
        for where in ("id = '1'", "parent_id = '0'", "parent_path = '/'", "files MATCH 'a'"):
            assert QUERY not in plan(connection, f"SELECT name FROM files WHERE {where}")


def test_the_index_lags_behind() -> None:
    with Emulator(Options()) as emulator:
        box = Box(emulator)
        template = box.store.add_template("contract", *FIELDS)
        first, second, *_ = box.store.files.values()
        instance = box.store.add_instance(first, template, {"amount": 1})
        box.store.query_index.lag = 600
        box.store.add_instance(second, template, {"amount": 2})
        box.store.change(instance, {"values": {"amount": 3}})
        with box.connect() as connection:
            statement = "SELECT amount FROM enterprise_contract WHERE amount IN (1, 2)"
            assert rows(connection, statement) == [(2.0,)]
            # What the index finds is read as it is, so that a row which no longer fits is left out.
            assert rows(connection, f"{statement} AND freshness = 'indexed'") == []
            box.store.query_index.lag = 0
            assert rows(connection, f"{statement} AND freshness = ?", "indexed") == [(2.0,)]


@pytest.fixture(scope="module")
def both(tagged: Box) -> Iterator[box_dialect.Connection]:
    with tagged.connect() as connection:
        yield connection


SORTED = {
    "item_id, item_type, title, tags, note": "",
    "amount": "ORDER BY amount DESC LIMIT 5",
    "due": "ORDER BY due LIMIT 3",
}


@pytest.mark.long
@given(where=conditions(), columns=st.sampled_from([*SORTED]))
def test_an_index_that_is_up_to_date_has_the_same_rows(both: box_dialect.Connection, where: str, columns: str) -> None:
    source = f"enterprise_contract WHERE freshness = ? AND ({where}) {SORTED[columns]}"
    statement = f"SELECT {columns} FROM {source}"
    live, indexed = (rows(both, statement, freshness) for freshness in ("live", "indexed"))
    assert sorted(live, key=repr) == sorted(indexed, key=repr)


NAMES = ("a", "%a%", "%.txt", "O'Brien%", "_%", "%", "", "Ä%", "%\\%")
OF_ITEMS = st.one_of(
    st.builds("name {} {}".format, st.sampled_from(["=", "<>", "LIKE"]), st.sampled_from(NAMES).map(written)),
    st.builds("description {} {}".format, st.sampled_from(["=", "<>", "LIKE"]), st.sampled_from(NAMES).map(written)),
    st.builds("modified_at {} '20{}'".format, st.sampled_from("<>="), st.sampled_from(["20-01-01", "24-05-05"])),
    st.sampled_from(["description IS NULL", "content_created_at IS NOT NULL", "owned_by_id = '1'"]),
)


@pytest.mark.long
@given(table=st.sampled_from(["files", "folders"]), where=st.lists(OF_ITEMS, min_size=1, max_size=2).map(" AND ".join))
def test_items_are_those_that_a_walk_finds(both: box_dialect.Connection, table: str, where: str) -> None:
    columns = "id, name, path, description, owned_by_id, modified_at"
    statement = f"SELECT {columns} FROM {table} WHERE freshness = ? AND {where}"
    live, indexed = (rows(both, statement, freshness) for freshness in ("live", "indexed"))
    assert sorted(live) == sorted(indexed)


WIDE = [{"type": "float", "key": f"f{number}"} for number in range(60)]
"""More fields than SQLite tells of one by one."""


@pytest.mark.long
@pytest.mark.parametrize("fields", [WIDE[:1], WIDE], ids=len)
@pytest.mark.parametrize(
    ("columns", "where", "way"),
    [
        ("name, global_properties", "", "walk: "),
        ("count(*)", "AND global_properties IS NULL", "walk: "),
        ("name, enterprise_wide_f0", "", "by index: "),
        ("count(enterprise_wide_f0)", "AND enterprise_wide_f0 IS NULL", "by index: "),
    ],
)
def test_what_the_index_does_not_have_is_read_live(
    fresh: Box, fields: list[dict[str, Any]], columns: str, where: str, way: str
) -> None:
    """Box refuses the global scope, and a refusal would cost a call, and then all statements the index."""
    fresh.store.add_template("wide", *fields)
    statement = f"SELECT {columns} FROM files WHERE name LIKE '%a%' {where}"
    with fresh.connect(IncludeCustomFields="true") as live:
        expected = sorted(rows(live, statement))
        asked = f"{statement} AND freshness = 'indexed'"
        with fresh.connect(IncludeCustomFields="true", Freshness="indexed") as indexed:
            for connection, each in ((indexed, statement), (live, asked)):
                assert way in plan(connection, each)
                assert sorted(rows(connection, each)) == expected
