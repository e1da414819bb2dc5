"""What Box's metadata query takes over of a statement, and what it costs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from catalog.metadata.conftest import QUERY, answered_at_once, query, rows

import box_dialect

if TYPE_CHECKING:
    from conftest import Box
    from scripted_box import ScriptedBox

PLACE = "metadata.enterprise_7.contract"


@pytest.mark.parametrize(
    ("where", "sent", "values"),
    [
        ("amount = 5", "amount = :p0_0", [5]),
        ("amount = ' 5.5 '", "amount = :p0_0", [5.5]),
        ("amount > 5", "amount > :p0_0", [5]),
        ("amount < 0.1", "amount <= :p0_0", [0.1]),
        ("amount >= 16777216", "amount >= :p0_0", [16777216]),
        ("amount > 16777216", "amount >= :p0_0", [16777216]),
        ("amount <> 5", "amount <> :p0_0", [5]),
        ("amount <> 5.5", None, []),
        ("amount BETWEEN 1 AND 2", "amount >= :p0_0 AND amount <= :p0_1", [1, 2]),
        ("amount IN (1, '2', NULL)", "amount IN (:p0_0, :p0_1)", [1, 2]),
        ("amount > 'text'", None, []),
        ("amount IS NULL", "amount IS NULL", []),
        ("amount IS NOT NULL", "amount IS NOT NULL", []),
        ("due >= '2026-01-02'", "due >= :p1_0", ["2026-01-02T00:00:00.000Z"]),
        ("due = '2026-01-02T01:00:00.52+01:00'", "due = :p1_0", ["2026-01-02T00:00:00.520Z"]),
        ("due < '2026-01-02 00:00:00.0000001'", "due <= :p1_0", ["2026-01-02T00:00:00.001Z"]),
        ("due > '2026-01-02 00:00:00.000001'", "due >= :p1_0", ["2026-01-02T00:00:00.000Z"]),
        ("due <= '2026-01-02 00:00:00.000001'", "due <= :p1_0", ["2026-01-02T00:00:00.001Z"]),
        ("title = 'a'", "title = :p2_0", ["a"]),
        ("title = 5", "title = :p2_0", ["5"]),
        ("title <> 'a'", "title <> :p2_0", ["a"]),
        ("title LIKE 'a_b%'", "title ILIKE :p2_0", ["a%b%"]),
        (r"title LIKE 'a\%'", "title ILIKE :p2_0", ["a\\\\%"]),
        ("title = 'a' COLLATE NOCASE", None, []),
        ("title > 'a'", None, []),
        ("status IN ('open', 'closed')", "status IN (:p3_0, :p3_1)", ["closed", "open"]),
        ("tags IS NULL", "tags IS NULL", []),
        ("has_any(tags, 'a')", "tags HASANY (:p4_0)", ["a"]),
        ("has_any(tags, 'a') AND has_any(tags, 'b')", "tags HASANY (:p4_0) AND tags HASANY (:p4_1)", ["a", "b"]),
        ("has_any(tags, 'a', 'b')", "tags HASANY (:c0, :c1)", ["a", "b"]),
        ("has_any(title, 'a')", None, []),
        ("tags IS NOT NULL", None, []),
        ("tags = '[]'", None, []),
        ("amount > 1 AND status = 'open'", "status = :p3_0 AND amount > :p0_0", ["open", 1]),
    ],
)
def test_comparisons_are_sent(box: ScriptedBox, where: str, sent: str | None, values: list[Any]) -> None:
    body = query(box, f"SELECT item_id FROM enterprise_contract WHERE {where}")
    if sent is None:
        assert "query" not in body
        return
    assert {*body["query"].split(" AND ")} == {*sent.split(" AND ")}
    assert sorted(map(str, body.get("query_params", {}).values())) == sorted(map(str, values))


@pytest.mark.parametrize(
    "where", ["amount = NULL", "amount > NULL", "title <> NULL", "title LIKE NULL", "has_any(tags, NULL)"]
)
def test_what_no_row_fulfils_takes_no_call(box: ScriptedBox, where: str) -> None:
    with box.connected() as connection:
        assert rows(connection, f"SELECT item_id FROM enterprise_contract WHERE {where}") == []
    assert QUERY not in box.operations


def test_fields_names_what_is_read(box: ScriptedBox) -> None:
    body = query(box, "SELECT amount, note FROM enterprise_contract WHERE title = 'a'")
    assert body == {
        "from": "enterprise_7.contract",
        "ancestor_folder_id": "0",
        "query": "title = :p2_0",
        "query_params": {"p2_0": "a"},
        "fields": ["id", PLACE, f"{PLACE}.amount", f"{PLACE}.note", f"{PLACE}.title", "type"],
        "limit": 100,
    }


def test_a_branch_is_named_by_its_folder(box: ScriptedBox) -> None:
    assert query(box, "SELECT amount FROM enterprise_contract WHERE ancestor_id = '12'")["ancestor_folder_id"] == "12"


def test_an_order_is_sent_where_nulls_come_as_in_sqlite(box: ScriptedBox) -> None:
    select = "SELECT amount FROM enterprise_contract"
    for tail, direction in (
        ("ORDER BY amount DESC LIMIT 2", "DESC"),
        ("WHERE amount > 1 ORDER BY amount LIMIT 2", "ASC"),
        ("WHERE amount IS NOT NULL ORDER BY amount LIMIT 2", "ASC"),
    ):
        box.asked.clear()
        body = query(box, f"{select} {tail}")
        assert (body["order_by"], body["limit"]) == ([{"field_key": "amount", "direction": direction}], 2)
    for tail in ("ORDER BY amount LIMIT 2", "ORDER BY title DESC LIMIT 2", "ORDER BY amount DESC"):
        box.asked.clear()
        body = query(box, f"{select} {tail}")
        assert "order_by" not in body
        assert body["limit"] == 100


def test_pages_are_of_one_query(box: ScriptedBox) -> None:
    def answer(asked: Any) -> Any:
        start = int(asked.body.get("marker", 0))
        found = [
            {"id": str(number + 1), "type": "file", "metadata": {"enterprise_7": {"contract": {"amount": number}}}}
            for number in range(start, start + 2)
        ]
        return {"entries": found, "next_marker": str(start + 2) if start < 4 else None}

    box.answers[QUERY] = answer
    with box.connected() as connection:
        found = rows(connection, "SELECT amount FROM enterprise_contract WHERE amount >= '0' ORDER BY amount LIMIT 5")
    assert found == [(0.0,), (1.0,), (2.0,), (3.0,), (4.0,)]
    bodies = [each.body for each in box.asked if each.operation == QUERY]
    assert len(bodies) == 3
    for body in bodies:
        body.pop("marker", None)
    assert bodies[0] == bodies[1] == bodies[2]


def test_too_many_matches_are_told_with_what_to_do(box: ScriptedBox) -> None:
    box.answers[QUERY] = 400, {"code": "bad_request", "message": "More than 2,000 items match"}
    with (
        box.connected() as connection,
        pytest.raises(box_dialect.ProgrammingError, match="ancestor_id = '…'") as caught,
    ):
        rows(connection, "SELECT amount FROM enterprise_contract")
    assert caught.value.diag.code == "bad_request"


def test_an_item_is_read_by_one_get_or_two(tagged: Box) -> None:
    with tagged.connect() as connection:
        cursor = connection.cursor()
        (found, *_) = cursor.execute("SELECT item_id, item_type, title FROM enterprise_contract").fetchall()
        for where, calls in (("item_id = ? AND item_type = ?", 1), ("item_id = ? AND ? = item_type || ''", 2)):
            cursor.execute(f"SELECT item_id, item_type, title FROM enterprise_contract WHERE {where}", found[:2])
            assert (cursor.fetchall(), cursor.api_calls) == ([found], calls)
        cursor.execute("SELECT title FROM enterprise_contract WHERE item_id = '0' OR item_id = 'x'")
        assert (cursor.fetchall(), cursor.api_calls) == ([], 0)


def test_some_items_are_read_by_id_and_many_are_listed(tagged: Box) -> None:
    with tagged.connect(MaxConcurrency=8) as connection:
        cursor = connection.cursor()
        every = cursor.execute("SELECT item_id, title FROM enterprise_contract WHERE item_type = 'file'").fetchall()
        for count, calls in ((8, 8), (16, 1)):
            some = dict(every[:count])
            where = f"item_type = 'file' AND item_id IN ({', '.join('?' * count)})"
            cursor.execute(f"SELECT item_id, title FROM enterprise_contract WHERE {where}", [*some])
            assert (dict(cursor.fetchall()), cursor.api_calls) == (some, calls)


def test_first_rows_of_an_order_take_one_call(tagged: Box) -> None:
    with tagged.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT amount FROM enterprise_contract WHERE amount IS NOT NULL")
        expected = sorted((amount for (amount,) in cursor.fetchall() if amount > 1), reverse=True)[:20]
        cursor.execute("SELECT amount FROM enterprise_contract WHERE amount > ? ORDER BY amount DESC LIMIT 20", [1])
        assert ([amount for (amount,) in cursor.fetchall()], cursor.api_calls) == (expected, 1)


@pytest.mark.parametrize(
    "source",
    [
        "enterprise_contract c JOIN files f ON f.id = c.item_id AND c.item_type = 'file'",
        "files f JOIN enterprise_contract c ON c.item_id = f.id AND c.item_type = f.type",
        "enterprise_contract c LEFT JOIN files f ON f.id = c.item_id AND c.item_type = f.type",
    ],
)
@pytest.mark.parametrize(
    ("tail", "first"),
    [
        ("ORDER BY amount DESC LIMIT 5", 499),
        ("WHERE amount > 10 ORDER BY amount LIMIT 5", 11),
        ("WHERE amount < 450 OR title = 'a' ORDER BY amount DESC LIMIT 3 OFFSET 2", 447),
    ],
)
def test_first_rows_of_a_join_with_files_take_one_call(
    synthetic_tagged: Box, source: str, tail: str, first: int
) -> None:
    with synthetic_tagged.connect() as connection:
        connection.find_tables()
        cursor = connection.cursor()
        cursor.execute(f"SELECT amount, f.name FROM {source} {tail}")
        assert (cursor.fetchone()[0], cursor.api_calls) == (first, 1)


def test_first_rows_of_a_join_are_of_those_that_have_a_partner(synthetic_tagged: Box) -> None:
    source = "enterprise_contract c JOIN files f ON f.id = c.item_id AND c.item_type = 'file'"
    with synthetic_tagged.connect() as connection:
        connection.find_tables()
        cursor = connection.cursor()
        cursor.execute(f"SELECT amount FROM {source} WHERE abs(amount) < 250 ORDER BY amount DESC LIMIT 2")
        assert (cursor.fetchall(), cursor.api_calls) == ([(249.0,), (248.0,)], 3)
        cursor.execute("SELECT amount FROM enterprise_contract WHERE abs(amount) > 9 ORDER BY amount DESC LIMIT 2")
        assert (cursor.fetchall(), cursor.api_calls) == ([(499.0,), (498.0,)], 1)


@pytest.mark.parametrize("tail", ["ORDER BY amount LIMIT 5", "ORDER BY f.name LIMIT 5", "GROUP BY amount LIMIT 5"])
def test_an_order_that_box_has_not_is_sqlites_in_a_join(synthetic_tagged: Box, tail: str) -> None:
    source = "enterprise_contract c JOIN files f ON f.id = c.item_id AND c.item_type = 'file'"
    with synthetic_tagged.connect() as connection:
        (explained, *_) = rows(connection, f"EXPLAIN QUERY PLAN SELECT amount FROM {source} {tail}")
    assert "by query" in explained[3]
    assert "ORDER BY" not in explained[3]


@pytest.mark.parametrize(
    "source",
    [
        "enterprise_contract c JOIN files f ON f.id = c.item_id AND c.item_type = 'file'",
        "files f JOIN enterprise_contract c ON c.item_id = f.id AND c.item_type = f.type",
    ],
)
def test_a_join_with_files_takes_no_call_for_a_file(synthetic_tagged: Box, source: str) -> None:
    with synthetic_tagged.connect() as connection:
        connection.find_tables()
        cursor = connection.cursor()
        cursor.execute(f"SELECT f.name, f.size, f.path, c.amount FROM {source}")
        assert (len(cursor.fetchall()), cursor.api_calls) == (500, 5)
        cursor.execute(f"SELECT f.name FROM {source} WHERE f.name LIKE '%1%'")
        assert 100 < len(cursor.fetchall()) <= 200
        assert cursor.api_calls == 2


@pytest.mark.parametrize(
    "statement",
    [
        (
            "SELECT c.amount FROM json_each('[1,2,3,4,5,6,7,8]') s CROSS JOIN enterprise_contract c "
            "WHERE c.item_id = CAST(s.value AS TEXT) AND c.item_type = 'file'"
        ),
        (
            "SELECT amount FROM enterprise_contract "
            "WHERE item_id IN ('1', '2', '3', '4', '5', '6', '7', '8') AND item_type = 'file'"
        ),
    ],
    ids=["join", "IN"],
)
def test_some_items_are_asked_for_at_once(box: ScriptedBox, statement: str) -> None:
    answer, several = answered_at_once()
    box.answers |= {f"GET /files/{number}/metadata/enterprise/contract": answer for number in range(1, 9)}
    with box.connected(MaxConcurrency=8) as connection:
        assert sorted(rows(connection, statement)) == [(float(number),) for number in range(1, 9)]
    assert len([each for each in box.operations if "metadata_templates" not in each]) == 8
    assert several.is_set()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["'file'", "f.type"])
def test_instances_of_many_files_are_listed(synthetic_tagged: Box, kind: str) -> None:
    with synthetic_tagged.connect() as connection:
        connection.find_tables()
        cursor = connection.cursor()
        walked = cursor.execute("SELECT count(f.name) FROM files f").fetchone(), cursor.api_calls
        cursor.execute(
            "SELECT count(f.name), count(c.amount), sum(c.amount) FROM files f "
            f"LEFT JOIN enterprise_contract c ON c.item_id = f.id AND c.item_type = {kind}"
        )
        assert cursor.fetchone() == (*walked[0], 500, sum(range(500)))
        assert cursor.api_calls <= walked[1] + 10


def test_ids_without_a_type_are_listed_from_where_that_takes_fewer_calls(synthetic_tagged: Box) -> None:
    with synthetic_tagged.connect(MaxConcurrency=8) as connection:
        connection.find_tables()
        cursor = connection.cursor()
        every = cursor.execute("SELECT item_id, amount FROM enterprise_contract").fetchall()
        for count, calls in ((5, 10), (6, 5), (300, 5)):
            statement = (
                "SELECT item_id, amount FROM enterprise_contract WHERE item_id IN (SELECT value FROM json_each(?))"
            )
            cursor.execute(statement, [json.dumps([key for key, _ in every[:count]])])
            assert (sorted(cursor.fetchall()), cursor.api_calls) == (sorted(every[:count]), calls)


def test_instances_are_listed_for_an_exists_of_the_id_alone(synthetic_tagged: Box) -> None:
    with synthetic_tagged.connect() as connection:
        connection.find_tables()
        cursor = connection.cursor()
        walked = cursor.execute("SELECT count(f.name) FROM files f").fetchone() and cursor.api_calls
        cursor.execute(
            "SELECT f.name FROM files f WHERE EXISTS "
            "(SELECT 1 FROM enterprise_contract c WHERE c.item_id = f.id AND c.amount < 5)"
        )
        assert len(cursor.fetchall()) == 5
        assert cursor.api_calls <= walked + 5


@pytest.mark.long
def test_instances_are_listed_where_the_first_rows_are_far(synthetic_tagged: Box) -> None:
    synthetic_tagged.reset()
    with synthetic_tagged.connect() as connection:
        connection.find_tables()
        cursor = connection.cursor()
        cursor.execute(
            "SELECT c.amount FROM enterprise_contract c JOIN enterprise_contract d USING (item_id, item_type) "
            "WHERE abs(d.amount) < 9 ORDER BY c.amount DESC LIMIT 5"
        )
        assert [amount for (amount,) in cursor.fetchall()] == [8, 7, 6, 5, 4]
        assert cursor.api_calls <= 5 + 5 + 16


def test_a_file_and_a_folder_of_one_id_are_listed_for_the_id(box: ScriptedBox) -> None:
    entries = [
        {"id": str(number), "type": kind, "metadata": {"enterprise_7": {"contract": {"amount": number}}}}
        for number in range(1, 21)
        for kind in ("file", "folder")
    ]
    box.answers[QUERY] = {"entries": entries, "next_marker": None}
    ids = ", ".join(f"'{number}'" for number in range(1, 11))
    with box.connected() as connection:
        found = rows(connection, f"SELECT item_type, amount FROM enterprise_contract WHERE item_id IN ({ids})")
    assert sorted(found) == [(kind, float(number)) for kind in ("file", "folder") for number in range(1, 11)]
    assert [each for each in box.operations if "metadata_templates" not in each] == [QUERY]


def test_a_file_and_a_folder_of_one_id_are_told_apart(box: ScriptedBox) -> None:
    def entry(kind: str, number: int, amount: int) -> dict[str, Any]:
        return {"id": str(number), "type": kind, "metadata": {"enterprise_7": {"contract": {"amount": amount}}}}

    found = [
        entry(kind, number, number * sign) for number in range(1, 21) for kind, sign in (("file", 1), ("folder", -1))
    ]
    box.answers[QUERY] = {"entries": found, "next_marker": None}
    with box.connected() as connection:
        rows(connection, "CREATE TABLE ids AS SELECT value AS id FROM json_each(?)", str([*range(1, 21)]))
        for kind, sign in (("file", 1), ("folder", -1)):
            statement = (
                "SELECT c.amount FROM ids i JOIN enterprise_contract c "
                f"ON c.item_id = CAST(i.id AS TEXT) AND c.item_type = '{kind}'"
            )
            assert rows(connection, statement) == [(float(sign * number),) for number in range(1, 21)]
    assert [each for each in box.operations if "metadata_templates" not in each] == [QUERY, QUERY]
