"""Rows that stand in lists within an object and are written by operations on it, with tables that the tests declare."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from scripted_box import ScriptedBox, pages, plan, rows, run, sent
from sqlalchemy.orm import Session, declarative_base

import box_dialect
from box_dialect.api import Paging
from box_dialect.catalog.model import TEXT, AccessPath, Column, Derived, Endpoint, Nested, Table, Type, Write
from box_dialect.orm import map_tables

_WITHIN = Nested("parts", "car")
_CHANGED = Write(method="PUT", path="/cars/{car_key}", listed=True, ordered=True, takes_fields=False, rows=(_WITHIN,))

CARS = Table(
    name="cars",
    doc="",
    columns=(Column("id"), Column("car_key", source="key", insert="key"), Column("name", insert="name")),
    paths=(
        AccessPath(
            name="by key",
            endpoints=(Endpoint(path="/cars/{car_key}", takes_fields=False),),
            keys=("car_key",),
            accepts=TEXT,
            unique=True,
        ),
        AccessPath(
            name="all",
            endpoints=(Endpoint(path="/cars", paging=Paging.MARKER, takes_fields=False, takes_limit=False),),
            rows=10,
        ),
    ),
    insert=Write(method="POST", path="/cars", takes_fields=False),
)

PARTS = Table(
    name="parts",
    doc="",
    key=("car_key", "number"),
    fields=(),
    columns=(
        Column("car_key", source="car.key", references="cars.car_key", relation="car"),
        Column("number", Type.INTEGER, insert="data.number", update="data.number"),
        Column("name", insert="data.name", update="data.name", sent=lambda name: f"<{name}>"),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=(
                Endpoint(path="/cars/{car_key}", takes_fields=False, rows=(_WITHIN,), keep={"number": "{number}"}),
            ),
            keys=("car_key", "number"),
            accepts=TEXT,
            unique=True,
        ),
        AccessPath(
            name="by car",
            endpoints=(Endpoint(path="/cars/{car_key}", takes_fields=False, rows=(_WITHIN,)),),
            keys=("car_key",),
            accepts=TEXT,
            rows=3,
        ),
    ),
    insert=replace(_CHANGED, body={"op": "add"}),
    update=replace(_CHANGED, body={"op": "edit", "number": "{number}"}),
    delete=replace(_CHANGED, body={"op": "remove", "number": "{number}"}, rows=()),
)


def car(*parts: tuple[int, str]) -> dict[str, Any]:
    return {"id": "1", "key": "a", "name": "A", "parts": [{"number": number, "name": name} for number, name in parts]}


def test_a_row_is_written_by_an_operation_on_the_object_around_it(box: ScriptedBox) -> None:
    box.answers["PUT /cars/a"] = car((1, "door"), (2, "wheel"))
    with box.connected(CARS, PARTS) as connection:
        insert = "INSERT INTO parts (car_key, number, name) VALUES ('a', 2, 'wheel') RETURNING car_key, number, name"
        assert run(connection, insert).fetchall() == [("a", 2, "wheel")]
        assert box.asked[-1].headers["content-type"] == "application/json-patch+json"
        assert sent(box) == [("PUT /cars/a", [{"op": "add", "data": {"number": 2, "name": "<wheel>"}}])]
        update = "UPDATE parts SET number = 1 WHERE car_key = 'a' AND number = 2 RETURNING number, name"
        assert run(connection, update).fetchall() == [(1, "door")]
        assert sent(box) == [("PUT /cars/a", [{"op": "edit", "number": "2", "data": {"number": 1}}])]
        run(connection, "DELETE FROM parts WHERE car_key = 'a' AND number = 2")
        assert box.asked[-1].headers["content-type"] == "application/json-patch+json"
        assert sent(box) == [("PUT /cars/a", [{"op": "remove", "number": "2"}])]


def test_an_answer_without_the_row_is_told(box: ScriptedBox) -> None:
    box.answers["PUT /cars/a"] = car((1, "door"))
    with box.connected(CARS, PARTS) as connection, pytest.raises(box_dialect.DataError, match="lacks the row"):
        run(connection, "INSERT INTO parts (car_key, number, name) VALUES ('a', 2, 'wheel')")


def test_a_row_is_found_by_its_key_in_the_list(box: ScriptedBox) -> None:
    box.answers["GET /cars/a"] = car((1, "door"), (2, "wheel"))
    with box.connected(CARS, PARTS) as connection:
        assert rows(connection, "SELECT name FROM parts WHERE car_key = 'a' AND number = 2") == [("wheel",)]
        assert rows(connection, "SELECT name FROM parts WHERE car_key = 'a' AND number = 3") == []
        found = rows(connection, "SELECT rowid FROM parts WHERE car_key = 'a' AND number > 0")
        assert len({rowid for (rowid,) in found}) == 2


_ANOTHER_COMES_SECONDS = 0.05
"""How long a call waits for another one, which comes at once where calls are not in order."""


def test_operations_on_one_object_go_one_after_another_in_their_order(box: ScriptedBox) -> None:
    parts: list[tuple[int, str]] = []
    at_once, most, lock, several = 0, 0, threading.Lock(), threading.Event()

    def answer(asked: Any) -> Any:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            if at_once > 1:
                several.set()
        several.wait(_ANOTHER_COMES_SECONDS)
        data = asked.body[0]["data"]
        parts.append((data["number"], data["name"]))
        answered = car(*parts)
        with lock:
            at_once -= 1
        return answered

    box.answers["PUT /cars/a"] = answer
    with box.connected(CARS, PARTS) as connection:
        values = ", ".join(f"('a', {number}, 'p')" for number in range(5))
        run(connection, f"INSERT INTO parts (car_key, number, name) VALUES {values}")
    assert [number for number, _ in parts] == [*range(5)]
    assert most == 1


def test_no_limit_is_sent_where_box_takes_none(box: ScriptedBox) -> None:
    entries = [{"id": str(number), "key": f"k{number}", "name": "x"} for number in range(3)]
    box.answers["GET /cars"] = pages(entries, 2, lambda asked: asked.parameters.get("marker"))
    with box.connected(CARS, PARTS) as connection:
        assert rows(connection, "SELECT car_key FROM cars") == [("k0",), ("k1",), ("k2",)]
    assert [asked.parameters for asked in box.asked] == [{}, {"marker": "2"}]


TAGS = Table(
    name="tags",
    doc="",
    key=("kind", "item", "scope", "name"),
    fields=(),
    columns=(
        Column("kind", derived=Derived(function=lambda tag, _: tag["$of"].split("_")[0], fields=())),
        Column("item", derived=Derived(function=lambda tag, _: tag["$of"].split("_")[1], fields=())),
        Column("scope", source="$scope"),
        Column("name", source="$name"),
        Column("version", Type.INTEGER, source="$version"),
        Column(
            "own",
            Type.JSON,
            derived=Derived(function=lambda tag, _: str(sorted(k for k in tag if not k.startswith("$"))), fields=()),
            insert="",
            update="",
        ),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=tuple(
                Endpoint(path=f"/{kind}s/{{item}}/tags/{{scope}}/{{name}}", takes_fields=False, given={"kind": kind})
                for kind in ("file", "folder")
            ),
            keys=("kind", "item", "scope", "name"),
            accepts=TEXT,
            unique=True,
        ),
        AccessPath(
            name="by name",
            endpoints=(
                Endpoint(
                    path="/folders/{parent_id}/items",
                    paging=Paging.MARKER,
                    parameters={"fields": "tags.{scope}.{name}"},
                    takes_fields=False,
                    rows=(Nested("tags", "$item", keyed=2),),
                ),
            ),
            keys=("scope", "name"),
            accepts=TEXT,
            walk=True,
            rows=9,
        ),
    ),
    insert=Write(
        method="POST",
        path="/files/{item}/tags/{scope}/{name}",
        takes_fields=False,
        by="kind",
        value="file",
        others={"folder": Write(method="POST", path="/folders/{item}/tags/{scope}/{name}", takes_fields=False)},
    ),
    update=Write(
        method="PUT",
        path="/files/{item}/tags/{scope}/{name}",
        patch="add",
        tests="$version",
        takes_fields=False,
        by="kind",
        value="file",
        others={
            "folder": Write(
                method="PUT",
                path="/folders/{item}/tags/{scope}/{name}",
                patch="add",
                tests="$version",
                takes_fields=False,
            )
        },
    ),
    delete=Write(
        method="DELETE",
        path="/files/{item}/tags/{scope}/{name}",
        by="kind",
        value="file",
        others={"folder": Write(method="DELETE", path="/folders/{item}/tags/{scope}/{name}")},
    ),
)


def tag(kind: str, item: str, name: str, **own: Any) -> dict[str, Any]:
    return {"$of": f"{kind}_{item}", "$scope": "s", "$name": name, "$version": 4, **own}


def test_the_call_goes_by_the_value_of_a_column(box: ScriptedBox) -> None:
    box.answers |= {
        "POST /files/7/tags/s/t": (201, tag("file", "7", "t", a=1)),
        "POST /folders/7/tags/s/t": (201, tag("folder", "7", "t", a=1)),
        "DELETE /folders/7/tags/s/t": (204, None),
    }
    with box.connected(TAGS) as connection:
        insert = "INSERT INTO tags (item, scope, name, own) VALUES ('7', 's', 't', '{\"a\": 1}') RETURNING kind, item"
        assert run(connection, insert).fetchall() == [("file", "7")]
        assert sent(box) == [("POST /files/7/tags/s/t", {"a": 1})]
        insert = "INSERT INTO tags (kind, item, scope, name) VALUES ('folder', '7', 's', 't') RETURNING kind"
        assert run(connection, insert).fetchall() == [("folder",)]
        assert sent(box) == [("POST /folders/7/tags/s/t", {})]
        run(connection, "DELETE FROM tags WHERE kind = 'folder' AND item = '7' AND scope = 's' AND name = 't'")
        assert sent(box) == [("DELETE /folders/7/tags/s/t", None)]
        with pytest.raises(box_dialect.IntegrityError, match="kind takes file or folder, not 'web_link'"):
            run(connection, "INSERT INTO tags (kind, item, scope, name) VALUES ('web_link', '7', 's', 't')")
    assert sent(box) == []


def test_each_key_is_asked_for_where_its_rows_are(box: ScriptedBox) -> None:
    box.answers |= {
        "GET /files/7/tags/s/t": tag("file", "7", "t"),
        "GET /folders/7/tags/s/t": tag("folder", "7", "t"),
    }
    with box.connected(TAGS) as connection:
        where = "item = '7' AND scope = 's' AND name = 't'"
        assert rows(connection, f"SELECT kind FROM tags WHERE kind = 'folder' AND {where}") == [("folder",)]
        assert sent(box) == [("GET /folders/7/tags/s/t", None)]
        found = rows(connection, f"SELECT kind FROM tags WHERE kind IN ('file', 'folder') AND {where}")
        assert sorted(found) == [("file",), ("folder",)]
        assert len(sent(box)) == 2


def test_an_object_that_is_the_body_sends_what_differs(box: ScriptedBox) -> None:
    one = "/files/7/tags/s/t"
    box.answers |= {f"GET {one}": tag("file", "7", "t", a=1, b=2, c=3), f"PUT {one}": tag("file", "7", "t", a=1)}
    where = "WHERE kind = 'file' AND item = '7' AND scope = 's' AND name = 't'"
    with box.connected(TAGS) as connection:
        run(connection, f"""UPDATE tags SET own = '{{"a": 1, "b": 5, "d": null}}' {where}""")
        assert sent(box) == [
            (f"GET {one}", None),
            (
                f"PUT {one}",
                [
                    {"op": "test", "path": "/$version", "value": 4},
                    {"op": "remove", "path": "/c"},
                    {"op": "add", "path": "/b", "value": 5},
                ],
            ),
        ]
        run(connection, f"""UPDATE tags SET own = '{{"a": 1, "b": 2, "c": 3}}' {where}""")
        assert sent(box) == [(f"GET {one}", None)]
        with pytest.raises(box_dialect.DataError, match="own takes an object of JSON, not"):
            run(connection, f"UPDATE tags SET own = '[1]' {where}")
        assert sent(box) == []


def test_a_walk_lists_the_tree_for_each_of_its_keys(box: ScriptedBox) -> None:
    def items(asked: Any) -> Any:
        _, scope, name = asked.parameters["fields"].split(".")
        own = {scope: {name: tag("file", "9", name)}} if name == "t" else {}
        top = [{"type": "folder", "id": "5", "name": "f", "tags": {}}, {"type": "file", "id": "8", "name": "x"}]
        below = [{"type": "file", "id": "9", "name": "y", "tags": own}]
        return {"entries": top if asked.path == "/folders/0/items" else below, "next_marker": None}

    box.answers |= {"GET /folders/0/items": items, "GET /folders/5/items": items}
    with box.connected(TAGS) as connection:
        statement = "SELECT kind, item, name FROM tags WHERE scope = 's' AND name IN ('u', 't')"
        assert rows(connection, statement) == [("file", "9", "t")]
        assert len(sent(box)) == 4
        assert "by name: GET /folders/{parent_id}/items" in plan(connection, statement)


@pytest.mark.parametrize("answer", ["x", 1, [1], {"s": 1}, {"s": [1]}, {"s": {"t": 1}}, {"s": {"t": [{}]}}])
def test_what_is_nested_by_names_is_not_trusted(box: ScriptedBox, answer: Any) -> None:
    entry = {"type": "file", "id": "9", "name": "y", "tags": answer}
    box.answers["GET /folders/0/items"] = {"entries": [entry], "next_marker": None}
    with box.connected(TAGS) as connection, pytest.raises(box_dialect.DataError, match="not as its reference says"):
        rows(connection, "SELECT * FROM tags WHERE scope = 's' AND name = 't'")


def test_a_status_may_tell_that_there_is_no_such_object(box: ScriptedBox) -> None:
    refused = 400, {"code": "bad_request", "message": "the id is not recognised"}
    by_key, every = CARS.paths
    box.answers |= {"GET /cars/x": refused, "GET /cars": refused}
    told = replace(by_key, endpoints=(replace(by_key.endpoints[0], absent=frozenset({400})),))
    with box.connected(replace(CARS, paths=(told, every)), PARTS) as connection:
        assert rows(connection, "SELECT id FROM cars WHERE car_key = 'x'") == []
        with pytest.raises(box_dialect.ProgrammingError, match="not recognised"):
            rows(connection, "SELECT id FROM cars")
    with box.connected(CARS, PARTS) as connection, pytest.raises(box_dialect.ProgrammingError, match="not recognised"):
        rows(connection, "SELECT id FROM cars WHERE car_key = 'x'")


BOOKS = Table(
    name="books",
    doc="",
    key=("shelf", "title"),
    columns=(Column("shelf", nullable=False), Column("title", nullable=False)),
    fields=(),
    paths=(AccessPath(name="all", endpoints=(Endpoint(path="/books", paging=Paging.ALL, takes_fields=False),)),),
)
LOANS = Table(
    name="loans",
    doc="",
    columns=(
        Column("id"),
        Column("place"),
        Column("title", references="books.title", along={"place": "shelf"}, relation="book"),
    ),
    paths=(AccessPath(name="all", endpoints=(Endpoint(path="/loans", paging=Paging.ALL, takes_fields=False),)),),
)


def test_several_columns_refer_to_a_key(box: ScriptedBox) -> None:
    box.answers |= {
        "GET /books": {"entries": [{"shelf": "1", "title": "a"}, {"shelf": "2", "title": "a"}]},
        "GET /loans": {"entries": [{"id": "1", "place": "2", "title": "a"}]},
    }
    with box.connected(BOOKS, LOANS) as connection:
        engine = sa.create_engine("box://", creator=lambda: connection, poolclass=sa.pool.StaticPool)
        foreign = sa.inspect(engine).get_foreign_keys("loans")
        assert [(each["constrained_columns"], each["referred_columns"]) for each in foreign] == [
            (["place", "title"], ["shelf", "title"])
        ]
        models = map_tables((BOOKS, LOANS), declarative_base())
        with Session(engine) as session:
            loan = session.execute(sa.select(models["Loan"])).scalar_one()
            assert loan.book.shelf == "2"
            assert loan.book.loans == [loan]


def test_several_columns_that_are_no_key_are_told(box: ScriptedBox) -> None:
    wrong = Column("title", references="books.title", along={"place": "colour"})
    loans = replace(LOANS, columns=(*LOANS.columns[:2], wrong))
    told = r"loans.place, title refers to books.colour, title, which is the key of no table"
    with box.connected() as connection, pytest.raises(box_dialect.ProgrammingError, match=told):
        connection.catalog.add(BOOKS, loans)
    with pytest.raises(ValueError, match="loans has no column nowhere, which `along` of title names"):
        replace(LOANS, columns=(*LOANS.columns[:2], replace(wrong, along={"nowhere": "shelf"})))


def test_what_rows_need_is_asked_for_beside_what_their_objects_show(box: ScriptedBox) -> None:
    by_key, by_name = TAGS.paths
    endpoint = replace(by_name.endpoints[0], lists={"file": "files"})
    tags = replace(TAGS, paths=(by_key, replace(by_name, endpoints=(replace(endpoint, takes_fields=True),))))
    entry = {"type": "file", "id": "9", "name": "y", "size": 5, "tags": {"s": {"t": tag("file", "9", "t")}}}
    box.answers["GET /folders/0/items"] = {"entries": [entry], "next_marker": None}
    with box.connected(tags) as connection:
        select = (
            "SELECT f.name, f.size FROM tags t CROSS JOIN files f ON f.id = t.item WHERE t.scope = 's' AND t.name = 't'"
        )
        assert rows(connection, select) == [("y", 5)]
    (asked,) = box.asked
    assert asked.parameters["fields"].split(",") == ["id", "name", "size", "type", "tags.s.t"]
