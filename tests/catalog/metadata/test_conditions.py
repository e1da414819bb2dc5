"""What Box is sent of a WHERE with OR and NOT, of the files that a template is joined with, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from catalog.metadata.conftest import FIELDS, QUERY, answered_at_once, query, rows
from conftest import Box

import box_dialect
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripted_box import ScriptedBox

COUNT = 5_000
FILES = "enterprise_contract c JOIN files f ON f.id = c.item_id AND c.item_type = 'file'"


@pytest.fixture(scope="module")
def many() -> Iterator[box_dialect.Connection]:
    """A connection to an account 5,000 files of which have an instance of the template."""
    with Emulator(Options(synthetic=COUNT + 100)) as emulator:
        box = Box(emulator)
        template = box.store.add_template("contract", *FIELDS)
        for number, file in enumerate([*box.store.files.values()][:COUNT]):
            box.store.add_instance(file, template, {"amount": number, "title": f"title {number}"})
        with box.connect() as connection:
            connection.find_tables()
            yield connection


@pytest.mark.parametrize(
    ("where", "sent", "values"),
    [
        ("amount > 5 OR title = 'a'", "(amount > :c0 OR title = :c1)", [5, "a"]),
        (
            "title = 'b' AND (amount = 0.1 OR due IS NULL)",
            "title = :p2_0 AND (amount = :c0 OR due IS NULL)",
            ["b", 0.1],
        ),
        ("NOT (amount > 5 AND title = 'a')", "(amount <= :c0 OR title <> :c1)", [5, "a"]),
        ("title NOT LIKE 'a%' OR title LIKE 'b_'", "(title NOT LIKE :c0 OR title ILIKE :c1)", ["a%", "b%"]),
        ("title NOT LIKE 'a_'", None, []),
        ("title NOT LIKE 'a_' AND NOT amount = 5", "amount <> :c0", [5]),
        ("title NOT LIKE 'a_' OR amount = 5", None, []),
        ("title LIKE '%!_!%!!!a_' ESCAPE '!'", "title ILIKE :c0", ["%\\_\\%!a%"]),
        ("title NOT LIKE 'a!_\\%' ESCAPE '!'", "title NOT LIKE :c0", ["a\\_\\\\%"]),
        ("title LIKE '%a' ESCAPE '%'", "title ILIKE :c0", ["a"]),
        ("title NOT LIKE 'ab' ESCAPE 'b'", None, []),
        ("title LIKE 'a' ESCAPE NULL OR amount = 5", "amount = :c0", [5]),
        ("title IS NOT 'a'", "(title <> :c0 OR title IS NULL)", ["a"]),
        ("title IS NOT NULL OR amount IS NOT NULL", "(title IS NOT NULL OR amount IS NOT NULL)", []),
        ("title IS 'a' OR title IS NULL", "(title = :c0 OR title IS NULL)", ["a"]),
        ("amount <> 5.5 OR title = 'a'", None, []),
        ("NOT (amount = 16777217 OR title = 'a')", "title <> :c0", ["a"]),
        ("NOT amount >= 16777217", "amount <= :c0", [16777217]),
        ("amount NOT IN (1, 2, 5.5)", "amount NOT IN (:c0, :c1)", [1, 2]),
        ("status NOT IN ('open', NULL) OR amount = 1", "amount = :c0", [1]),
        ("amount = 'text' OR title = 'a'", None, []),
        ("amount = NULL OR title = 'a'", "title = :c0", ["a"]),
        ("due NOT BETWEEN '2026-01-01' AND '2026-01-02 00:00:00.0005'", "(due < :c0 OR due >= :c1)", None),
        ("NOT has_any(tags, 'a', 'b')", "(NOT tags HASANY (:c0, :c1) OR tags IS NULL)", ["a", "b"]),
        ("NOT EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 5)", None, []),
        ("EXISTS (SELECT 1 FROM json_each(tags) WHERE value IN ('a', 'b'))", "tags HASANY (:c0, :c1)", ["a", "b"]),
        ("'a' IN (SELECT value FROM json_each(tags)) OR amount = 1", "(tags HASANY (:c0) OR amount = :c1)", ["a", 1]),
        ("item_type = 'folder' OR amount = 1", "(item.type = :c0 OR amount = :c1)", ["folder", 1]),
        ("item_type = 'file'", "item.type = :p6_0", ["file"]),
    ],
)
def test_a_condition_is_sent_whole(box: ScriptedBox, where: str, sent: str | None, values: list[Any] | None) -> None:
    body = query(box, f"SELECT item_id FROM enterprise_contract WHERE {where}")
    assert body.get("query") == sent
    if values is not None:
        assert sorted(map(str, body.get("query_params", {}).values())) == sorted(map(str, values))


def test_parameters_of_all_kinds_are_sent(box: ScriptedBox) -> None:
    select = "SELECT ? || item_id FROM enterprise_contract WHERE"
    body = query(
        box, f"{select} (amount = ? OR title = ?2 || 'x' OR amount = -? OR title = ?) LIMIT ?", "a", 5, 7, "t", 9
    )
    assert body["query"] == "(amount = :c0 OR title = :c1 OR amount = :c2 OR title = :c3)"
    assert body["query_params"] == {"c0": 5, "c1": "5x", "c2": -7, "c3": "t"}
    with box.connected() as connection:
        box.asked.clear()
        statement = "SELECT 1 FROM enterprise_contract WHERE amount = :least OR title IS :title"
        connection.cursor().execute(statement, {"title": None, "least": 1})
    (body,) = [each.body for each in box.asked if each.operation == QUERY]
    assert body["query"] == "(amount = :c0 OR title IS NULL)"


@pytest.mark.parametrize(
    ("where", "sent", "values"),
    [
        ("f.name LIKE 'a%'", "item.name ILIKE :c0", ["a%"]),
        ("f.name <> 'a' AND c.amount = 1", "amount = :p0_0 AND item.name <> :c0", [1, "a"]),
        ("f.name NOT IN ('a', 'b') OR amount = 1", "(item.name NOT IN (:c0, :c1) OR amount = :c2)", ["a", "b", 1]),
        ("f.modified_at > '2026-01-02'", "item.modified_at >= :c0", ["2026-01-01T23:59:59.000Z"]),
        ("f.created_at <= '2026-01-02 12:00:00.5'", "item.created_at <= :c0", ["2026-01-02T12:00:01.500Z"]),
        ("f.created_at = '2026-01-02'", None, []),
        ("f.owned_by_id IN ('1', '2')", "item.owned_by IN (:c0, :c1)", ["user_1", "user_2"]),
        ("f.extension = 'txt'", "item.extension = :c0", ["txt"]),
        ("f.extension = ''", None, []),
        ("f.extension <> 'txt'", None, []),
        ("f.description LIKE '%'", None, []),
        ("f.description IS NULL", None, []),
        ("f.size > 5", None, []),
    ],
)
def test_conditions_on_the_files_are_sent_too(
    box: ScriptedBox, where: str, sent: str | None, values: list[Any]
) -> None:
    body = query(box, f"SELECT f.name FROM {FILES} WHERE {where}")
    texts = [each for each in body["query"].split(" AND ") if each != "item.type = :p6_0"]
    assert " AND ".join(texts) == (sent or "")
    found = (value for name, value in body["query_params"].items() if name != "p6_0")
    assert sorted(map(str, found)) == sorted(map(str, values))


@pytest.mark.parametrize(("kind", "is_sent"), [("file", True), ("folder", False), (None, False)])
def test_the_type_of_the_items_may_be_a_parameter(box: ScriptedBox, kind: str | None, is_sent: bool) -> None:
    source = FILES.replace("'file'", "?")
    with box.connected() as connection:
        rows(connection, f"SELECT ? FROM {source} WHERE f.name LIKE ?", "a", kind, "b%")
        rows(connection, f"SELECT ?2 FROM {source.replace('?', '?1')} WHERE f.name LIKE ?2", kind, "b%")
        named = source.replace("?", ":kind")
        connection.cursor().execute(f"SELECT :name FROM {named} WHERE f.name LIKE :name", {"name": "b%", "kind": kind})
    sent = [each.body["query"] for each in box.asked if each.operation == QUERY]
    assert sent == (["item.type = :p6_0 AND item.name ILIKE :c0"] * 3 if is_sent else sent)
    assert is_sent or not any("item.name" in each for each in sent)


def test_parentheses_that_go_deep_are_left_to_sqlite(box: ScriptedBox) -> None:
    deep = "amount = 1"
    for number in range(200):
        deep = f"(title = 'a' {'OR' if number % 2 else 'AND'} ({deep}))"
    sent = query(box, f"SELECT 1 FROM enterprise_contract WHERE {deep}")
    assert 1 < sent["query"].count("(") == sent["query"].count(")") <= 50
    assert sent["query"].count(" = :") == len(sent["query_params"])


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("amount = 7 OR title = 'title 8' OR (amount > 4998 AND NOT title IS NULL)", 3),
        ("NOT (amount < 4990 OR title = 'title 4995')", 9),
        ("NOT (title LIKE 'title%' AND amount > 2)", 3),
    ],
)
def test_a_few_of_many_instances_take_one_call(many: box_dialect.Connection, where: str, count: int) -> None:
    cursor = many.cursor()
    cursor.execute(f"SELECT amount FROM enterprise_contract WHERE {where}")
    assert (len(cursor.fetchall()), cursor.api_calls) == (count, 1)


@pytest.mark.parametrize(
    "where", ["amount > 100", "amount > 100 OR title = 'title 5'", "amount > 100 AND item_type = 'file'"]
)
def test_first_rows_of_many_take_one_call(many: box_dialect.Connection, where: str) -> None:
    cursor = many.cursor()
    cursor.execute(f"SELECT amount FROM enterprise_contract WHERE {where} ORDER BY amount DESC LIMIT 20")
    assert [amount for (amount,) in cursor.fetchall()] == [float(number) for number in range(4999, 4979, -1)]
    assert cursor.api_calls == 1


@pytest.mark.long
def test_all_instances_with_their_files_take_a_call_for_each_page(many: box_dialect.Connection) -> None:
    cursor = many.cursor()
    cursor.execute(f"SELECT f.name, f.modified_at, c.amount FROM {FILES}")
    assert (len(cursor.fetchall()), cursor.api_calls) == (COUNT, COUNT // 100)
    name = cursor.execute("SELECT name FROM files LIMIT 1").fetchone()
    cursor.execute(f"SELECT c.amount FROM {FILES} WHERE f.name = ? OR c.amount = 7", name)
    assert (len(cursor.fetchall()), cursor.api_calls) == (2, 1)


def test_a_join_of_a_few_files_asks_for_each(many: box_dialect.Connection) -> None:
    cursor = many.cursor()
    few = [identity for (identity,) in cursor.execute("SELECT id FROM files LIMIT 3")]
    cursor.execute(
        "SELECT c.amount FROM json_each(?) s CROSS JOIN files f ON f.id = s.value "
        "JOIN enterprise_contract c ON c.item_id = f.id AND c.item_type = 'file'",
        [str(few).replace("'", '"')],
    )
    assert len(cursor.fetchall()) == 3
    assert cursor.api_calls == 6


def test_instances_of_the_files_of_a_folder_are_asked_for_at_once(box: ScriptedBox) -> None:
    answer, several = answered_at_once()
    files = [{"type": "file", "id": str(number), "name": f"{number}.txt"} for number in range(1, 9)]
    box.answers |= {"GET /folders/5/items": {"entries": files, "next_marker": None}}
    box.answers |= {f"GET /files/{number}/metadata/enterprise/contract": answer for number in range(1, 9)}
    statement = (
        "SELECT f.name, c.amount FROM files f LEFT JOIN enterprise_contract c "
        "ON c.item_id = f.id AND c.item_type = 'file' WHERE f.parent_id = '5'"
    )
    with box.connected(MaxConcurrency=8) as connection:
        assert sorted(rows(connection, statement)) == [(f"{number}.txt", float(number)) for number in range(1, 9)]
    assert several.is_set()
    assert QUERY not in box.operations


SCORE = '["comparison","amount",">",[{}]]'


@pytest.mark.parametrize(
    "functions",
    [
        "box_condition(item_id, 'x')",
        f'box_condition(item_id, \'{{"steps":[{SCORE.format(-1)}],"constants":[5]}}\')',
        f'box_condition(item_id, \'{{"steps":[{SCORE.format("0,0")}],"constants":[5]}}\')',
        f'box_condition(item_id, \'{{"steps":[{SCORE.format("")}],"constants":[5]}}\')',
        f"box_condition(item_id, '{{\"steps\":[{SCORE.format(3)}]}}')",
        f"box_condition(item_id, '{{\"steps\":[{SCORE.format(3)}]}}') AND box_values(item_id, box_list(1))",
        f"box_condition(item_id, '{{\"steps\":[{SCORE.format(0)}]}}') AND box_values(item_id, x'00')",
        f"box_condition(item_id, '{{\"steps\":[{SCORE.format(0)}]}}') AND box_values(item_id, 'text')",
    ],
)
def test_what_somebody_writes_by_hand_is_not_sent(box: ScriptedBox, functions: str) -> None:
    assert "query" not in query(box, f"SELECT title FROM enterprise_contract WHERE {functions}")


def test_a_parameter_of_many_digits_is_refused_as_sqlite_does(box: ScriptedBox) -> None:
    with box.connected() as connection, pytest.raises(box_dialect.ProgrammingError, match=r"between \?1 and \?32766"):
        rows(connection, f"SELECT title FROM enterprise_contract WHERE amount > ?{'9' * 5_000} OR amount < 1")
