"""Metadata templates are tables: how they are found, what they are called, what their columns are."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

import box_dialect

if TYPE_CHECKING:
    from conftest import Box

LISTING = ["get_metadata_templates_enterprise", "get_metadata_templates_global"]


def asked(box: Box) -> dict[str, int]:
    found: Any = box.stats()["by_operation"]
    return dict(found)


def rows(connection: box_dialect.Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.cursor().execute(statement, parameters).fetchall()


def test_a_template_is_found_when_it_is_named(fresh: Box) -> None:
    template = fresh.store.add_template("contract", {"type": "float", "key": "amount"})
    file = next(iter(fresh.store.files.values()))
    fresh.store.add_instance(file, template, {"amount": 5})
    with fresh.connect() as connection:
        assert rows(connection, "SELECT item_id, amount FROM enterprise_contract") == [(file.id, 5.0)]
        assert rows(connection, 'SELECT amount FROM "enterprise.contract"') == [(5.0,)]
        assert rows(connection, "SELECT amount FROM main.Enterprise_Contract") == [(5.0,)]
    with fresh.connect() as another:
        assert rows(another, "SELECT amount FROM enterprise_contract") == [(5.0,)]
    assert [asked(fresh)[each] for each in LISTING] == [1, 1]


def test_a_statement_whose_names_are_known_lists_no_templates(fresh: Box) -> None:
    with fresh.connect() as connection:
        rows(connection, "SELECT name FROM files LIMIT 1")
        for _ in range(3):
            with pytest.raises(box_dialect.ProgrammingError, match="no such table: filez; did you mean files"):
                rows(connection, "SELECT 1 FROM filez")
        assert not asked(fresh).keys() & {*LISTING}
        for number, name in enumerate(("enterprise_nothing", '"global.nothing"', "enterprise_nothing"), start=1):
            with pytest.raises(box_dialect.ProgrammingError, match="no such table"):
                rows(connection, f"SELECT 1 FROM {name}")
            assert [asked(fresh)[each] for each in LISTING] == [number, number]
        assert rows(connection, "SELECT 1 FROM global_properties WHERE item_id = '0'") == []
    assert [asked(fresh)[each] for each in LISTING] == [3, 3]


def test_a_template_that_is_made_later_is_found(fresh: Box) -> None:
    with fresh.connect() as connection:
        with pytest.raises(box_dialect.ProgrammingError, match="no such table: enterprise_contract"):
            rows(connection, "SELECT 1 FROM enterprise_contract")
        fresh.store.add_template("contract", {"type": "float", "key": "amount"})
        assert rows(connection, "SELECT amount FROM enterprise_contract") == []


def test_a_field_that_somebody_adds_is_found_when_it_is_named(fresh: Box) -> None:
    template = fresh.store.add_template("contract", {"type": "float", "key": "amount"})
    file = next(iter(fresh.store.files.values()))
    with fresh.connect() as connection:
        assert rows(connection, 'SELECT amount FROM "enterprise.contract"') == []
        assert rows(connection, "SELECT amount FROM enterprise_contract") == []
        with pytest.raises(box_dialect.ProgrammingError, match="no such column: status"):
            rows(connection, "SELECT status FROM enterprise_contract")
        fresh.store.remove(template)
        template = fresh.store.add_template("contract", {"type": "string", "key": "status"})
        fresh.store.add_instance(file, template, {"status": "new"})
        assert rows(connection, "SELECT status FROM enterprise_contract") == [("new",)]
        assert rows(connection, 'SELECT status FROM "enterprise.contract"') == [("new",)]
        with pytest.raises(box_dialect.ProgrammingError, match="no such column: amount"):
            rows(connection, "SELECT amount FROM enterprise_contract")


def test_many_sets_of_parameters_find_a_template(fresh: Box) -> None:
    template = fresh.store.add_template("contract", {"type": "float", "key": "amount"})
    fresh.store.add_instance(next(iter(fresh.store.files.values())), template, {"amount": 5})
    with fresh.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE kept (amount REAL)")
        cursor.executemany(
            "INSERT INTO kept SELECT amount + ? FROM enterprise_contract", ([number] for number in range(3))
        )
        assert rows(connection, "SELECT amount FROM kept") == [(5.0,), (6.0,), (7.0,)]


def test_an_estimate_finds_a_template(fresh: Box) -> None:
    fresh.store.add_template("contract", {"type": "float", "key": "amount"})
    with fresh.connect() as connection:
        assert connection.estimate("SELECT amount FROM enterprise_contract").least == 1


def test_names_that_are_taken_and_alike(fresh: Box) -> None:
    for key in ("contract", "Contract", "my-key", "name", "files"):
        fresh.store.add_template(key, {"type": "string", "key": "word"}, display_name=f"The {key}")
    engine = sa.create_engine(fresh.url)
    inspector = sa.inspect(engine)
    told = {name: inspector.get_table_comment(name)["text"] for name in inspector.get_table_names()[-6:]}
    assert told == {
        "enterprise_contract": "The contract",
        "enterprise_Contract_2": "The Contract",
        "enterprise_my-key": "The my-key",
        "enterprise_name": "The name",
        "enterprise_files": "The files",
        "global_properties": None,
    }
    for name in ("enterprise.contract", "enterprise.Contract_2", "ENTERPRISE.my-key"):
        assert inspector.has_table(name)
    with engine.connect() as connection:
        assert connection.execute(sa.text('SELECT * FROM "enterprise_my-key"')).all() == []
    engine.dispose()


def test_no_name_is_that_of_another_template(fresh: Box) -> None:
    for key in ("contract", "Contract", "contract_2"):
        fresh.store.add_template(key, {"type": "string", "key": f"in_{key}"})
    with fresh.connect(AllowDropTemplates=True) as connection:
        for name, key in {"contract": "contract", "contract_2": "contract_2", "contract_3": "Contract"}.items():
            for sign in "_.":
                assert rows(connection, f'SELECT in_{key} FROM "enterprise{sign}{name}"') == []
        rows(connection, "DROP TABLE enterprise_contract")
        for name, key in {"contract": "Contract", "contract_2": "contract_2"}.items():
            assert rows(connection, f"SELECT in_{key} FROM enterprise_{name}") == []
        assert rows(connection, "SELECT 1 FROM files LIMIT 1") == [(1,)]


@pytest.mark.parametrize("made", ["TEMP TABLE enterprise_one (a)", "TEMP VIEW enterprise_one AS SELECT 1 AS a"])
def test_a_temporary_table_has_the_name_that_it_took_before(fresh: Box, made: str) -> None:
    for key in ("one", "two"):
        fresh.store.add_template(key, {"type": "float", "key": "x"})
    with fresh.connect() as connection:
        rows(connection, f"CREATE {made}")
        assert rows(connection, "SELECT x FROM enterprise_two") == []
        assert rows(connection, 'SELECT x FROM "enterprise.one"') == []
        assert len(rows(connection, "SELECT a FROM enterprise_one")) == ("VIEW" in made)


def test_a_name_that_is_a_table_of_boxes_is_left_to_it(fresh: Box) -> None:
    fresh.store.add_template("hubs", {"type": "string", "key": "word"})
    with fresh.connect() as connection:
        connection.find_tables()
        assert connection.catalog.tables["enterprise.hubs"].alias_of is None
        assert rows(connection, 'SELECT word FROM "enterprise.hubs"') == []


def test_columns_are_the_fields_with_their_types(tagged: Box) -> None:
    engine = sa.create_engine(tagged.url)
    inspector = sa.inspect(engine)
    columns = {each["name"]: each for each in inspector.get_columns("enterprise_contract")}
    assert {name: str(each["type"]) for name, each in columns.items()} == {
        "item_id": "VARCHAR",
        "item_type": "VARCHAR",
        "template_version": "BIGINT",
        "amount": "FLOAT",
        "due": "DATETIME",
        "title": "VARCHAR",
        "status": "VARCHAR(6)",
        "tags": "MultiSelect('a', 'b')",
    }
    assert columns["status"]["type"].enums == ["open", "closed"]
    assert columns["amount"]["comment"] == "Amount: In euros"
    shown = inspector.get_columns("enterprise_contract", box_hidden_columns=True)
    hidden = {each["name"] for each in shown} - {*columns}
    assert hidden == {"ancestor_id", "as_user", "freshness", "instance_id", "note"}
    assert inspector.get_pk_constraint("enterprise_contract")["constrained_columns"] == ["item_id", "item_type"]
    references = {each["referred_table"]: each for each in inspector.get_foreign_keys("enterprise_contract")}
    assert references.keys() == {"files", "folders"}
    assert references["files"]["constrained_columns"] == ["item_id", "item_type"]
    assert references["files"]["referred_columns"] == ["id", "type"]
    assert inspector.get_table_comment("enterprise_contract") == {"text": "Contract"}
    engine.dispose()


def test_values_come_as_their_types_say(fresh: Box) -> None:
    template = fresh.store.add_template(
        "contract",
        {"type": "float", "key": "amount"},
        {"type": "date", "key": "due"},
        {"type": "multiSelect", "key": "tags", "options": [{"key": "a"}]},
    )
    file = next(iter(fresh.store.files.values()))
    instance = fresh.store.add_instance(
        file, template, {"amount": 5, "due": "2026-01-02T00:00:00.520+01:00", "tags": ["a"]}
    )
    engine = sa.create_engine(fresh.url)
    table = sa.Table("enterprise_contract", sa.MetaData(), autoload_with=engine, box_hidden_columns=True)
    wanted = [table.c[name] for name in ("item_id", "template_version", "amount", "due", "tags", "instance_id")]
    with engine.connect() as connection:
        (found,) = connection.execute(sa.select(*wanted)).all()
    moment = dt.datetime(2026, 1, 1, 23, 0, 0, 520_000, tzinfo=dt.UTC)
    assert tuple(found) == (file.id, 0, 5.0, moment, ["a"], instance.id)
    engine.dispose()


def test_fields_with_odd_names_are_columns(fresh: Box) -> None:
    keys = ["item_id", "Amount", "amount", "a.b", "a, b", 'a"b', "and", "item", "select", "file", "path"]
    template = fresh.store.add_template("odd", *({"type": "string", "key": key} for key in keys))
    file = next(iter(fresh.store.files.values()))
    fresh.store.add_instance(file, template, {key: f"<{key}>" for key in keys})
    names = ["field_item_id", "Amount", "amount_2", *keys[3:]]
    quoted = ", ".join('"{}"'.format(name.replace('"', '""')) for name in names)
    with fresh.connect() as connection:
        expected = tuple(f"<{key}>" for key in keys)
        assert rows(connection, f"SELECT {quoted} FROM enterprise_odd") == [expected]
        assert rows(connection, f"SELECT {quoted} FROM enterprise_odd WHERE item_id = ?", file.id) == [expected]
        for name, value in zip(names, expected, strict=True):
            column = '"{}"'.format(name.replace('"', '""'))
            assert rows(connection, f"SELECT item_id FROM enterprise_odd WHERE {column} = ?", value) == [(file.id,)]


def test_properties_of_the_global_scope_are_one_json_column(fresh: Box) -> None:
    (template,) = (each for each in fresh.store.metadata_templates.values() if each.scope == "global")
    _, file, *_ = fresh.store.files.values()
    fresh.store.add_instance(file, template, {"colour": "red", "a b": "x"})
    with fresh.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT item_id, properties ->> 'colour' FROM global_properties ORDER BY item_id")
        assert cursor.fetchall()[1:] == [(file.id, "red")]
        walked = cursor.api_calls
        cursor.execute("SELECT name, properties FROM global_properties JOIN files ON id = item_id ORDER BY id")
        assert cursor.fetchall()[1:] == [(file.name, '{"colour":"red","a b":"x"}')]
        assert cursor.api_calls == walked - len(LISTING)
        cursor.execute("SELECT properties FROM global_properties WHERE item_id = ? AND item_type = 'file'", [file.id])
        assert cursor.fetchall() == [('{"colour":"red","a b":"x"}',)]
        assert cursor.api_calls == 1


def test_a_template_is_found_in_a_transaction_and_stays_after_it(fresh: Box) -> None:
    template = fresh.store.add_template("contract", {"type": "float", "key": "amount"})
    fresh.store.add_instance(next(iter(fresh.store.files.values())), template, {"amount": 5})
    with fresh.connect() as connection:
        rows(connection, "CREATE TABLE own (amount REAL)")
        connection.commit()
        rows(connection, "INSERT INTO own VALUES (1)")
        rows(connection, "INSERT INTO own SELECT amount FROM enterprise_contract")
        connection.rollback()
        assert rows(connection, "SELECT amount FROM own UNION ALL SELECT amount FROM enterprise_contract") == [(5.0,)]
        assert rows(connection, 'SELECT amount FROM "enterprise.contract"') == [(5.0,)]
