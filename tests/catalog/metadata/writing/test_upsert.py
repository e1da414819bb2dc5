"""ON CONFLICT, INSERT OR IGNORE and REPLACE on tables whose key a user gives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from catalog.metadata.conftest import FIELDS
from catalog.metadata.writing.conftest import run
from rounds import Rounds
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

import box_dialect
from box_dialect import orm
from box_dialect.dbapi.sqltext.lexer import MOST_TOKENS
from box_dialect.emulator.app import App
from box_dialect.emulator.metadata.instances import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

INSERT = "INSERT INTO enterprise_contract (item_id, amount, title) VALUES"
ANEW = {"populate_existing": True}
UPDATE = "ON CONFLICT (item_id, item_type) DO UPDATE SET"


@pytest.fixture
def connection(fresh: Box) -> Iterator[box_dialect.Connection]:
    fresh.store.add_template("contract", *FIELDS)
    with fresh.connect() as connection:
        connection.find_tables()
        yield connection


def values(fresh: Box, identity: str) -> dict[str, Any]:
    found: Instance
    (found,) = fresh.store.files[identity].of(Instance).values()
    return dict(found.values)


def test_box_tells_of_a_conflict(fresh: Box, connection: box_dialect.Connection, files: list[str]) -> None:
    statement = f"{INSERT} (?, ?, 't') {UPDATE} amount = excluded.amount"
    assert run(connection, statement, files[0], 1) == (1, 1)
    assert run(connection, statement, files[0], 2) == (1, 2)
    assert values(fresh, files[0]) == {"amount": 2, "title": "t"}


def test_nothing_is_done_where_it_says_so(fresh: Box, connection: box_dialect.Connection, files: list[str]) -> None:
    run(connection, f"{INSERT} (?, 1, 't')", files[0])
    for clause in ("ON CONFLICT DO NOTHING", "on conflict (ITEM_TYPE, [item_id]) do nothing;"):
        rows = f"{INSERT} (?, 2, 'x'), (?, 2, 'x') {clause}"
        assert run(connection, rows, files[0], files[1]) == (1, 2)
        run(connection, "DELETE FROM enterprise_contract WHERE item_id = ? AND item_type = 'file'", files[1])
    ignoring = INSERT.replace("INSERT", "INSERT OR IGNORE")
    assert run(connection, f"{ignoring} (?, 2, 'x')", files[0]) == (0, 1)
    assert values(fresh, files[0]) == {"amount": 1, "title": "t"}


def test_sqlite_computes_what_is_set(fresh: Box, connection: box_dialect.Connection, files: list[str]) -> None:
    run(connection, f"{INSERT} (?, 10, 'a'), (?, 20, NULL)", files[0], files[1])
    statement = (
        "INSERT INTO enterprise_contract AS c (item_id, amount, title) "
        "VALUES (?, 1, 'x'), (?, 2, 'excluded.note'), (?, 3, '') "
        'ON CONFLICT DO UPDATE SET (title, amount) = (SELECT coalesce(c.title, ?) || "excluded".title, '
        "CASE WHEN amount > ? THEN amount ELSE amount + EXCLUDED.amount END), note = excluded.item_type "
        "WHERE c.amount < ? AND excluded.amount IN (1, 2) RETURNING item_id, amount, title, note"
    )
    found, calls = run(connection, statement, files[0], files[1], files[2], "?", 15, 1000)
    assert found == [
        (files[0], 11.0, "ax", "file"),
        (files[1], 20.0, "?excluded.note", "file"),
        (files[2], 3.0, "", None),
    ]
    assert calls == 3 + 2 + 2
    assert values(fresh, files[1]) == {"amount": 20, "title": "?excluded.note", "note": "file"}


def test_rows_that_where_leaves_out_stay_as_they_are(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    run(connection, f"{INSERT} (?, 10, 'a'), (?, 20, 'b')", files[0], files[1])
    statement = f"{INSERT} (?, 1, 'x'), (?, 1, 'y') {UPDATE} title = excluded.title WHERE amount > 15 RETURNING item_id"
    assert run(connection, statement, files[0], files[1])[0] == [(files[1],)]
    assert values(fresh, files[0]) == {"amount": 10, "title": "a"}


def test_rows_of_one_key_follow_one_another(fresh: Box, connection: box_dialect.Connection, files: list[str]) -> None:
    statement = (
        f"{INSERT} (?1, 1, 'a'), (?1, 2, 'b'), (?2, 5, 'z'), (?1, 4, 'c') {UPDATE} amount = amount + excluded.amount"
    )
    assert run(connection, f"{statement} RETURNING amount", files[0], files[1])[0] == [(1.0,), (3.0,), (5.0,), (7.0,)]
    assert values(fresh, files[0]) == {"amount": 7, "title": "a"}


def test_a_row_waits_for_one_of_its_key(connection: box_dialect.Connection, files: list[str]) -> None:
    cursor, rounds = connection.cursor(), Rounds()
    statement = f"{INSERT} (?1, 1, 'a'), (?2, 1, 'b'), (?1, 2, 'c') {UPDATE} amount = excluded.amount"
    with rounds.holding(App):
        rounds.run(cursor, lambda: cursor.execute(statement, files[:2]))
    assert (cursor.rowcount, cursor.api_calls) == (3, 4)
    assert rounds.count == 3


@pytest.mark.long
@pytest.mark.parametrize("named", [False, True])
def test_sets_of_parameters_may_have_some_of_the_clause(
    fresh: Box, connection: box_dialect.Connection, files: list[str], named: bool
) -> None:
    run(connection, f"{INSERT} (?, 10, 'a'), (?, 20, 'b')", files[0], files[1])
    cursor = connection.cursor()
    sets = [(file, number, 100 * number) for number, file in enumerate(files[:4])]
    if named:
        statement = f"{INSERT} (:file, :amount, 'n') {UPDATE} amount = amount + :more"
        cursor.executemany(statement, [dict(zip(("file", "amount", "more"), each, strict=True)) for each in sets])
    else:
        cursor.executemany(f"{INSERT} (?, ?, 'n') {UPDATE} amount = amount + ?", sets)
    assert (cursor.rowcount, cursor.api_calls) == (4, 4 + 2 + 1)
    assert [values(fresh, file)["amount"] for file in files[:4]] == [10, 120, 2, 3]


def test_a_query_gives_the_rows(fresh: Box, connection: box_dialect.Connection, files: list[str]) -> None:
    run(connection, f"{INSERT} (?, 10, 'a')", files[0])
    statement = (
        "WITH f AS (SELECT id, size FROM files WHERE id IN (?, ?)) INSERT INTO enterprise_contract (item_id, amount) "
        "SELECT id, size FROM f ON CONFLICT DO UPDATE SET amount = excluded.amount, title = title || ?"
    )
    assert run(connection, statement, files[0], files[1], "!")[0] == 2
    sizes = [fresh.store.files[file].size for file in files[:2]]
    assert [values(fresh, file)["amount"] for file in files[:2]] == sizes
    assert values(fresh, files[0])["title"] == "a!"


def test_what_is_replaced_has_nothing_of_before(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    run(connection, "INSERT INTO enterprise_contract (item_id, amount, note) VALUES (?, 1, 'n')", files[0])
    for verb in ("INSERT OR REPLACE", "REPLACE"):
        statement = f"{verb} INTO enterprise_contract (item_id, title) VALUES (?, 't') RETURNING title, note"
        assert run(connection, statement, files[0])[0] == [("t", None)]
        assert values(fresh, files[0]) == {"title": "t"}


def test_a_row_that_fails_keeps_no_other_from_being_written(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    run(connection, f"{INSERT} (?, 1, 'a'), (?, 1, 'much')", files[0], files[1])
    statement = f"{INSERT} (?, 2, 'b'), (?, 2, 'c'), (?, 2, 'd'), ('7', 2, 'e') {UPDATE} amount = title || '0'"
    run(connection, "UPDATE enterprise_contract SET title = '5' WHERE item_id = ? AND item_type = 'file'", files[0])
    with pytest.raises(box_dialect.DataError, match="2 of 4 rows were written and 2 failed") as failure:
        run(connection, statement, files[0], files[1], files[2])
    assert [row for row, _ in failure.value.failures] == [1, 3]
    assert values(fresh, files[0])["amount"] == 50
    assert values(fresh, files[2])["amount"] == 2


def test_a_conflict_whose_row_is_not_there_is_told(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    conflict = {"code": "conflict", "message": "Conflict on Metadata Instance."}
    fresh.faults({"operation": "post_files_id_metadata_id_id", "times": 1, "status": 409, "body": conflict})
    with pytest.raises(box_dialect.IntegrityError, match="no such row of enterprise_contract is found"):
        run(connection, f"{INSERT} (?, 2, 'b') {UPDATE} amount = amount + 1", files[0])


@pytest.mark.long
@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("(item_id) DO NOTHING", r"is on its key, \(item_id, item_type\)"),
        ("(item_id, amount) DO NOTHING", "is on its key"),
        ("(item_id, item_type, item_id) DO NOTHING", "is on its key"),
        ("(item_id, item_type) WHERE amount > 5 DO NOTHING", "has no WHERE before DO"),
        ("(5) DO NOTHING", 'near "5": syntax error'),
        ("DO", 'near "the end": syntax error'),
        ("DO UPDATE", 'near "the end": syntax error'),
        ("DO UPDATE SET", 'near "the end": syntax error'),
        ("DO UPDATE SET amount = 5 WHERE", 'near "the end": syntax error'),
        ("DO NOTHING RETURN", 'near "RETURN": syntax error'),
        ("DO NOTHING ON CONFLICT DO NOTHING", "takes one ON CONFLICT"),
        ("DO UPDATE SET amount = 5 ON CONFLICT DO NOTHING", "takes one ON CONFLICT"),
        ("DO UPDATE SET amount = excluded.amont", "no such column: excluded.amont; did you mean amount"),
        ("DO UPDATE SET amont = 5", "no such column: amont; did you mean amount"),
        ("DO UPDATE SET amount = 5,", "syntax error"),
        ("DO UPDATE SET amount = max(amount)", r"misuse of aggregate function max\(\)"),
        ("DO UPDATE SET amount = 5 WHERE 1) OR (1", 'near "\\)": syntax error'),
        ("DO UPDATE SET amount = 5 WHERE 1 ORDER BY 1", "syntax error"),
        ("DO UPDATE SET amount = 5 FROM files", "syntax error"),
        ("DO UPDATE SET amount = ?", "uses 1 parameters and there are 0"),
    ],
)
def test_a_wrong_clause_is_refused_before_any_call(
    fresh: Box, connection: box_dialect.Connection, clause: str, said: str
) -> None:
    fresh.reset()
    with pytest.raises(box_dialect.ProgrammingError, match=said):
        run(connection, f"{INSERT} ('7', 1, 't') ON CONFLICT {clause}")
    # For a name that is unknown the templates are listed.
    assert not fresh.stats()["by_operation"].keys() - {
        "get_metadata_templates_enterprise",
        "get_metadata_templates_global",
    }


def test_every_table_whose_key_is_given_takes_it(
    fresh: Box, connection: box_dialect.Connection, files: list[str]
) -> None:
    statement = (
        "INSERT INTO metadata_instances (item_type, item_id, scope, template_key, field_values) "
        "VALUES ('file', ?, 'enterprise_491291', 'contract', ?) ON CONFLICT (item_type, item_id, scope, template_key) "
        "DO UPDATE SET field_values = json_set(field_values, '$.amount', excluded.field_values -> '$.amount')"
    )
    assert run(connection, statement, files[0], '{"amount": 1, "title": "t"}') == (1, 1)
    assert run(connection, statement, files[0], '{"amount": 2}') == (1, 3)
    assert values(fresh, files[0]) == {"amount": 2, "title": "t"}
    with pytest.raises(box_dialect.NotSupportedError, match="UPSERT"):
        run(connection, "INSERT INTO folders (name, parent_id) VALUES ('x', '0') ON CONFLICT (id) DO NOTHING")


@pytest.mark.usefixtures("connection")
def test_sqlalchemy_has_it(fresh: Box, files: list[str]) -> None:
    engine = sa.create_engine(fresh.url)
    contract = sa.Table("enterprise_contract", sa.MetaData(), autoload_with=engine)
    insert = sqlite.insert(contract)
    keys = ["item_id", "item_type"]
    changing = insert.on_conflict_do_update(
        index_elements=keys,
        set_={"amount": contract.c.amount + insert.excluded.amount, "title": "changed"},
        where=contract.c.amount < 100,
    )
    rows = [{"item_id": file, "item_type": "file", "amount": 5} for file in files[:3]]
    with engine.begin() as writing:
        writing.execute(changing, rows[:2])
        writing.execute(changing, rows)
        writing.execute(insert.on_conflict_do_nothing(index_elements=keys), rows)
        returned = writing.execute(changing.values(rows[:1]).returning(contract.c.item_id, contract.c.amount)).all()
    assert returned == [(files[0], 15.0)]
    assert [values(fresh, file) for file in files[:3]] == [
        {"amount": 15, "title": "changed"},
        {"amount": 10, "title": "changed"},
        {"amount": 5},
    ]
    engine.dispose()


@pytest.mark.long
@pytest.mark.skipif(sa.__version__.startswith("1."), reason="SQLAlchemy 1.4 returns no rows of many sets")
@pytest.mark.usefixtures("connection")
def test_the_orm_has_it(fresh: Box, files: list[str]) -> None:
    engine = sa.create_engine(fresh.url)
    contract = orm.templates(engine)["EnterpriseContract"]
    insert = sqlite.insert(contract)
    changing = insert.on_conflict_do_update(
        index_elements=[contract.item_id, contract.item_type], set_={"amount": insert.excluded.amount}
    )
    with Session(engine) as session:
        for amount in (1, 2):
            rows = [{"item_id": file, "item_type": "file", "amount": amount} for file in files[:2]]
            found = session.scalars(changing.returning(contract), rows, execution_options=ANEW).all()
            assert [(each.item_id, each.amount) for each in found] == [(file, amount) for file in files[:2]]
        session.commit()
    engine.dispose()


@pytest.mark.usefixtures("connection")
def test_asyncio_has_it(fresh: Box, files: list[str]) -> None:
    async def write() -> int:
        async with await box_dialect.aio.connect(fresh.url) as connection:
            cursor = connection.cursor()
            for amount in (1, 2):
                await cursor.execute(f"{INSERT} (?, ?, 't') {UPDATE} amount = excluded.amount", (files[0], amount))
            return int(cursor.api_calls)

    assert asyncio.run(write()) == 2
    assert values(fresh, files[0])["amount"] == 2


def test_a_template_is_found_when_an_upsert_names_it(fresh: Box, files: list[str]) -> None:
    fresh.store.add_template("contract", *FIELDS)
    statement = f"{INSERT} (?, 1, 't') {UPDATE} amount = excluded.amount"
    with fresh.connect() as connection:
        assert run(connection, statement.replace("enterprise_contract", '"enterprise.contract"'), files[0]) == (1, 3)
        assert run(connection, statement.replace("INTO ", "INTO main."), files[0]) == (1, 1 + 1)
        replacing = INSERT.replace("INSERT INTO ", "INSERT OR REPLACE INTO main.")
        assert run(connection, f"{replacing} (?, 2, 't')", files[0])[0] == 1


@pytest.mark.long
def test_an_insert_of_many_words_into_a_table_of_ones_own_is_not_read(connection: box_dialect.Connection) -> None:
    run(connection, "CREATE TEMP TABLE mine (id INTEGER PRIMARY KEY, title TEXT)")
    rows = ", ".join(f"({number}, 'replace')" for number in range(1 + MOST_TOKENS // 5))
    assert run(connection, f"INSERT INTO mine VALUES {rows} ON CONFLICT DO NOTHING")[0] > 0


@pytest.mark.usefixtures("connection")
def test_a_join_on_a_column_called_conflict_is_none(fresh: Box, files: list[str]) -> None:
    with fresh.connect() as connection:
        run(connection, "CREATE TEMP TABLE a (id TEXT)")
        run(connection, "CREATE TEMP TABLE b (conflict INTEGER)")
        run(connection, "INSERT INTO a VALUES (?)", files[0])
        run(connection, "INSERT INTO b VALUES (1)")
        insert = "INSERT INTO enterprise_contract (item_id) SELECT id FROM a JOIN b ON conflict"
        assert run(connection, f"{insert} AND true")[0] == 1
        assert run(connection, f"{insert} = 1 WHERE true ON CONFLICT DO NOTHING")[0] == 0


def test_an_estimate_is_that_of_the_insert(connection: box_dialect.Connection) -> None:
    insert = "INSERT INTO enterprise_contract (item_id) VALUES (?), (?) ON CONFLICT"
    ignoring = connection.estimate(f"{insert} DO NOTHING", ["1", "2"])
    changing = connection.estimate(f"{insert} DO UPDATE SET amount = ? RETURNING amount", ["1", "2", 5])
    assert (ignoring.most, changing.most) == (2, None)


CLAUSES = (
    "DO NOTHING",
    "(item_id, item_type) DO UPDATE SET amount = excluded.amount",
    "DO UPDATE SET amount = excluded.amount + amount, title = excluded.title || '/' || title",
    "DO UPDATE SET amount = amount + 1 WHERE excluded.amount > amount",
    "DO UPDATE SET title = NULL WHERE title IS NOT NULL AND amount BETWEEN excluded.amount - 4 AND 10",
    "DO UPDATE SET (amount, title) = (excluded.amount * 2, upper(excluded.title))",
    "DO UPDATE SET amount = (SELECT count(*) FROM numbers WHERE n < excluded.amount), title = {}.title || 's'",
    "DO UPDATE SET amount = CASE excluded.title WHEN 'new' THEN -amount ELSE ? END WHERE title <> ?",
    "DO UPDATE SET title = excluded.item_id, amount = 0 WHERE EXISTS (SELECT 1 WHERE excluded.amount = 2)",
)


@pytest.mark.long
@pytest.mark.parametrize("clause", CLAUSES)
@pytest.mark.parametrize("table", ["enterprise_contract", "enterprise_contract AS c"])
def test_it_does_what_it_does_to_a_table_of_sqlite(
    connection: box_dialect.Connection, files: list[str], table: str, clause: str
) -> None:
    run(connection, "CREATE TEMP TABLE numbers AS SELECT value AS n FROM json_each('[0, 1, 2, 3]')")
    columns = "item_id TEXT, item_type TEXT DEFAULT 'file', amount REAL, title TEXT"
    run(connection, f"CREATE TEMP TABLE mirror ({columns}, PRIMARY KEY (item_id, item_type))")
    values = [5 if number == 0 else "old" for number in range(clause.count("?"))]
    found = []
    for target in (table, table.replace("enterprise_contract", "mirror")):
        own, called = target.partition(" ")[0], target.rpartition(" ")[2]
        run(connection, f"INSERT INTO {own} (item_id, amount, title) VALUES (?, 1, 'old'), (?, 7, NULL)", *files[:2])
        rows = "(?, 2, 'new'), (?, 3, 'new'), (?, 4, NULL), (?, 2, 'again')"
        insert = f"INSERT INTO {target} (item_id, amount, title) VALUES {rows} ON CONFLICT {clause.format(called)}"
        parameters = (files[0], files[1], files[2], files[0], *values)
        returned, _ = run(connection, f"{insert} RETURNING item_id, amount, title", *parameters)
        left, _ = run(connection, f"SELECT item_id, item_type, amount, title FROM {own} ORDER BY item_id")
        found.append((returned, left))
    assert found[0] == found[1]


@pytest.mark.parametrize("words", ["EXPLAIN QUERY PLAN", "-- so\nexplain /* a */ query plan"])
@pytest.mark.parametrize("parameters", [("0", 5), {"folder": "0", "most": 5}], ids=["numbered", "named"])
def test_a_plan_is_that_of_the_insert_and_of_the_update(
    fresh: Box, connection: box_dialect.Connection, words: str, parameters: Any
) -> None:
    fresh.reset()
    folder, most = (":folder", ":most") if isinstance(parameters, dict) else ("?", "?")
    statement = (
        f"INSERT INTO enterprise_contract (item_id, amount) SELECT id, size FROM files WHERE parent_id = {folder}"
    )
    cursor = connection.cursor().execute(f"{words} {statement} {UPDATE} amount = 1 WHERE amount < {most}", parameters)
    of_insert, of_excluded, of_update, estimate = (row[3] for row in cursor)
    assert "by parent: GET /folders/{parent_id}/items" in of_insert
    assert of_excluded.startswith("SCAN excluded")
    assert "by item: GET /files/{item_id}/metadata/{scope}/{template_key}" in of_update
    assert estimate.startswith("ESTIMATE ")
    assert (cursor.rowcount, fresh.stats()["calls"]) == (-1, 0)


def test_what_is_explained_is_not_written(fresh: Box, connection: box_dialect.Connection, files: list[str]) -> None:
    fresh.reset()
    values = f"{INSERT} ('{files[0]}', 1, 't')"
    nothing, _ = run(connection, f"EXPLAIN {values} ON CONFLICT DO NOTHING")
    both, _ = run(connection, f"EXPLAIN {values} {UPDATE} amount = 2")
    assert [row[1] for row in nothing].count("VUpdate") == 1
    assert [row[1] for row in both].count("VUpdate") == 2
    replaced, _ = run(connection, f"EXPLAIN QUERY PLAN {values.replace('INSERT', 'REPLACE', 1)}")
    assert [row[3][:13] for row in replaced] == ["SCAN excluded", "SCAN enterpri", "ESTIMATE any "]
    assert fresh.stats()["calls"] == 0
    with pytest.raises(box_dialect.ProgrammingError, match="no such column: amuont"):
        run(connection, f"EXPLAIN {values} {UPDATE} amount = amuont")
    assert not fresh.store.files[files[0]].of(Instance)
