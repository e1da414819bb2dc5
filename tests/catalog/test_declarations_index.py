"""What a declaration can say of an index that lags behind, with a table that the tests declare."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from scripted_box import NOT_FOUND, Asked, ScriptedBox, pages, plan, rows

import box_dialect
from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Named, Nested, Order, Shown, Table, Type
from box_dialect.catalog.model.freshness import FRESHNESS, INDEXED

if TYPE_CHECKING:
    from collections.abc import Callable

LIST, FIND, ROOT = "GET /boats", "POST /boats/find", "GET /boats/0"
SIZE = Order("size", {"sort": "size"}, {"sort": "-size"}, Paging.MARKER)
BOATS = Table(
    name="boats",
    doc="",
    columns=(FRESHNESS, Column("id"), Column("name"), Column("size", Type.INTEGER)),
    paths=(
        AccessPath(name="all", endpoints=(Endpoint(path="/boats", paging=Paging.ALL),), calls=50, rows=500),
        AccessPath(
            name="by index",
            endpoints=(
                Endpoint(
                    path="/boats/find",
                    method="POST",
                    body={"text": "all", "values": {"of": "boats"}},
                    paging=Paging.MARKER,
                    max_limit=2,
                    given={FRESHNESS.name: INDEXED},
                    joins={"text": " AND "},
                    spelled=lambda field: None if field in {"id", "type"} else f"boat:{field}",
                    shows=frozenset({"crews"}),
                    strict=True,
                ),
            ),
            filters=(filters.equals("name", "text", ".*"),),
            orders=(SIZE,),
            indexed=True,
            calls=5,
            rows=500,
        ),
    ),
)


CREWS = Table(
    name="crews",
    doc="",
    key="boat_id",
    columns=(Column("boat_id", source="$boat.id"), Column("captain"), Column("secret", hidden=True)),
    fields=("captain",),
    paths=(
        AccessPath(
            name="by boat",
            endpoints=(Endpoint(path="/boats/{boat_id}/crew", known=frozenset({"boat_id"}), takes_fields=False),),
            keys=("boat_id",),
            unique=True,
            shown=Shown(
                called="crews",
                nested=Nested("crew", "$boat", single=True, named=Named.PLACE),
                keys={"boat_id": "id"},
                lacks=frozenset({"secret"}),
            ),
        ),
    ),
)
JOINED = "SELECT b.name, c.captain FROM boats b LEFT JOIN crews c ON c.boat_id = b.id"


def boat(number: int, **further: Any) -> dict[str, Any]:
    return {"id": str(number), "type": "boat", "name": f"b{number}", "size": number, **further}


@pytest.fixture
def box(box: ScriptedBox) -> ScriptedBox:
    box.answers |= {
        LIST: {"entries": [boat(1), boat(2), boat(3)]},
        FIND: {"entries": [boat(1), boat(2)], "next_marker": None},
    }
    return box


@pytest.mark.parametrize(
    ("properties", "where", "values", "asked"),
    [
        ({}, "1", (), LIST),
        ({"Freshness": "live"}, "1", (), LIST),
        ({"Freshness": "indexed"}, "1", (), FIND),
        ({"Freshness": "INDEXED"}, "freshness = 'live'", (), LIST),
        ({}, "freshness = 'indexed'", (), FIND),
        ({}, "freshness = ?", ("indexed",), FIND),
        ({}, "freshness = ?", ("live",), LIST),
        ({"Freshness": "indexed"}, "freshness = ?", ("live",), LIST),
        ({}, "freshness IN ('indexed')", (), FIND),
    ],
)
def test_the_index_is_open_where_it_is_said(
    box: ScriptedBox, properties: dict[str, str], where: str, values: tuple[str, ...], asked: str
) -> None:
    with box.connected(BOATS, **properties) as connection:
        found = rows(connection, f"SELECT id, freshness FROM boats WHERE {where}", *values)
    assert box.operations == [asked]
    assert {each[1] for each in found} == {"indexed" if asked == FIND else "live"}
    assert len(found) == (2 if asked == FIND else 3)


def test_a_column_that_the_index_does_not_have_is_read_live(box: ScriptedBox) -> None:
    boats = replace(BOATS, columns=(*BOATS.columns, Column("draft", indexed=False)))
    with box.connected(boats, Freshness="indexed") as connection:
        assert rows(connection, "SELECT freshness FROM boats WHERE draft IS NULL") == [("live",)] * 3
        assert rows(connection, "SELECT freshness FROM boats") == [("indexed",)] * 2
    assert box.operations == [LIST, FIND]


@pytest.mark.parametrize(
    ("where", "values"),
    [
        ("freshness = 'old'", ()),
        ("freshness = ?", ("old",)),
        ("freshness = ?", (None,)),
        ("freshness IN ('live', 'indexed')", ()),
        ("freshness <> 'live'", ()),
        ("freshness LIKE 'ind%'", ()),
        ("freshness IS 'indexed'", ()),
        ("freshness IS NOT NULL", ()),
        ("freshness = 'live' AND freshness = 'indexed'", ()),
    ],
)
def test_another_freshness_is_an_error(box: ScriptedBox, where: str, values: tuple[Any, ...]) -> None:
    with box.connected(BOATS) as connection, pytest.raises(box_dialect.ProgrammingError, match="'live' or 'indexed'"):
        rows(connection, f"SELECT id FROM boats WHERE {where}", *values)
    assert box.operations == []


def test_a_plan_tells_what_is_read(box: ScriptedBox) -> None:
    with box.connected(BOATS) as connection:
        found = [plan(connection, f"SELECT id FROM boats{where}") for where in ("", " WHERE freshness = 'indexed'")]
        either = plan(connection, "SELECT id FROM boats WHERE freshness = ?", "x")
    assert [each.partition(":")[2] for each in found] == ["all: GET /boats", "by index: POST /boats/find"]
    assert either.partition(":")[2] == "by index: POST /boats/find, or where freshness is 'live' all: GET /boats"


def test_a_statement_that_is_going_to_fail_has_a_plan_all_the_same(box: ScriptedBox) -> None:
    with box.connected(BOATS) as connection:
        steps = rows(connection, "EXPLAIN QUERY PLAN SELECT id FROM boats WHERE freshness = ?", "x")
    assert [step[3].partition(" ")[0] for step in steps] == ["SCAN", "ESTIMATE"]
    assert steps[1][3].startswith("ESTIMATE none, for the statement fails: freshness is 'live' or 'indexed'")


def test_the_body_has_its_own_text_and_fields_are_spelled(box: ScriptedBox) -> None:
    with box.connected(BOATS, Freshness="indexed") as connection:
        rows(connection, "SELECT name, size FROM boats WHERE name = 'b1'")
        rows(connection, "SELECT id FROM boats")
    first, second = (each.body for each in box.asked)
    assert first == {
        "text": "all AND b1",
        "values": {"of": "boats"},
        "limit": 2,
        "fields": ["boat:name", "boat:size"],
    }
    assert "fields" not in second


REFUSALS: dict[str, Any] = {
    "not there": NOT_FOUND,
    "no such operation": (405, {}),
    "forbidden": (403, {"code": "FORBIDDEN", "message": "no"}),
    "bad request": (400, {"code": "BAD_REQUEST", "message": "Invalid query request"}),
    "no list": {"results": [boat(1)]},
    "wrapped": {"entries": [{"item": boat(1)}], "next_marker": None},
    "other names": {"entries": [{"id": "1", "type": "boat", "boat:name": "b1"}], "next_marker": None},
    "no JSON": "text",
}


@pytest.mark.parametrize("answer", REFUSALS.values(), ids=REFUSALS)
def test_what_is_refused_is_read_live_with_a_warning(box: ScriptedBox, answer: Any) -> None:
    box.answers[FIND] = answer
    with box.connected(BOATS, Freshness="indexed") as connection:
        with pytest.warns(box_dialect.BoxIndexWarning, match="boats .*read live") as caught:
            assert len(rows(connection, "SELECT name, size FROM boats")) == 3
        assert len(caught) == 1
        assert caught[0].filename.endswith(("scripted_box.py", "test_declarations_index.py"))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert len(rows(connection, "SELECT name, size FROM boats")) == 3
            assert len(rows(connection, "SELECT name FROM boats WHERE name LIKE 'b%'")) == 3
        assert plan(connection, "SELECT name, id FROM boats").endswith(":all: GET /boats")
    assert box.operations == [FIND, LIST, LIST, LIST]


@pytest.mark.parametrize("status", [401, 500, 501])
def test_other_failures_are_errors(box: ScriptedBox, status: int) -> None:
    box.answers[FIND] = status, {"code": "x", "message": "y"}
    with box.connected(BOATS, Freshness="indexed") as connection, pytest.raises(box_dialect.Error):
        rows(connection, "SELECT name FROM boats")
    assert LIST not in box.operations


def _later(answer: Any) -> Callable[[Asked], Any]:
    """Return what answers the first page, and later ones with something else."""
    return lambda asked: answer if "marker" in asked.body else {"entries": [boat(1), boat(2)], "next_marker": "m"}


@pytest.mark.filterwarnings("ignore::box_dialect.BoxIndexWarning")
def test_a_later_refusal_gives_no_row_twice(box: ScriptedBox) -> None:
    box.answers[FIND] = _later((400, {"code": "bad_request", "message": "The marker is too old"}))
    with box.connected(BOATS, Freshness="indexed") as connection:
        assert sorted(rows(connection, "SELECT name FROM boats")) == [("b1",), ("b2",), ("b3",)]
    assert box.operations == [FIND, FIND, LIST]


def test_a_later_refusal_of_sorted_rows_is_an_error(box: ScriptedBox) -> None:
    box.answers[FIND] = _later((400, {"code": "bad_request", "message": "The marker is too old"}))
    with box.connected(BOATS, Freshness="indexed") as connection, pytest.raises(box_dialect.ProgrammingError):
        rows(connection, "SELECT name FROM boats ORDER BY size DESC LIMIT 4")


@pytest.mark.filterwarnings("ignore::box_dialect.BoxIndexWarning")
def test_rows_that_are_read_instead_are_sorted(box: ScriptedBox) -> None:
    box.answers[FIND] = NOT_FOUND
    box.answers[LIST] = {"entries": [boat(2), boat(3), boat(1)]}
    with box.connected(BOATS, Freshness="indexed") as connection:
        assert rows(connection, "SELECT size FROM boats ORDER BY size DESC LIMIT 2") == [(3,), (2,)]


def test_a_warning_may_be_an_error(box: ScriptedBox) -> None:
    box.answers[FIND] = NOT_FOUND
    with box.connected(BOATS, Freshness="indexed") as connection, warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(box_dialect.BoxIndexWarning):
            rows(connection, "SELECT name FROM boats")


def test_pages_follow_by_their_marker(box: ScriptedBox) -> None:
    box.answers[FIND] = pages([boat(1), boat(2), boat(3)], 2, lambda asked: asked.body.get("marker"))
    with box.connected(BOATS, Freshness="indexed") as connection:
        assert len(rows(connection, "SELECT name FROM boats")) == 3
    assert box.operations == [FIND, FIND]


def test_an_index_needs_the_column() -> None:
    with pytest.raises(ValueError, match="no column freshness"):
        Table(name="boats", doc="", columns=BOATS.columns[1:], paths=BOATS.paths)


def test_rows_of_others_come_with_a_listing(box: ScriptedBox) -> None:
    box.answers[FIND] = {"entries": [boat(1, crew={"captain": "Ann"}), boat(2)], "next_marker": None}
    with box.connected(BOATS, CREWS, Freshness="indexed") as connection:
        assert rows(connection, JOINED) == [("b1", "Ann"), ("b2", None)]
        assert box.operations == [FIND]
        assert "boat:crew" in box.asked[0].body["fields"]
        box.answers["GET /boats/1/crew"] = {"captain": "Bob", "secret": "x"}
        hidden = JOINED.replace("c.captain", "c.captain, c.secret").replace("LEFT JOIN", "JOIN")
        assert rows(connection, hidden) == [("b1", "Bob", "x")]


def test_what_a_listing_never_shows_is_looked_up(box: ScriptedBox) -> None:
    box.answers["GET /boats/2/crew"] = {"captain": "Ann"}
    with box.connected(BOATS, CREWS, Freshness="indexed") as connection:
        assert rows(connection, JOINED) == [("b1", None), ("b2", "Ann")]
    assert box.operations[0] == FIND
    assert len(box.operations) == 3
