"""What is known of metadata templates follows them: one that is deleted goes, and so does a field that is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from scripted_box import scripted_box

import box_dialect
from box_dialect.dbapi import template_tables
from box_dialect.emulator.metadata.templates import Field

if TYPE_CHECKING:
    from conftest import Box

    from box_dialect.emulator.metadata.templates import Template

LISTING = ("get_metadata_templates_enterprise", "get_metadata_templates_global")
AMOUNT, TITLE = {"type": "float", "key": "amount"}, {"type": "string", "key": "title"}
GONE = "no such table: enterprise_contract"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reflect from one listing, however long a test takes."""
    monkeypatch.setattr(template_tables, "SECONDS_REFLECTED", 3_600.0)


def rows(connection: box_dialect.Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.cursor().execute(statement, parameters).fetchall()


def listings(box: Box) -> int:
    found: Any = box.stats()["by_operation"]
    return sum(found.get(each, 0) for each in LISTING)


def contract(box: Box, *fields: dict[str, Any], items: int = 3) -> Template:
    template = box.store.add_template("contract", *(fields or (AMOUNT,)))
    for number, file in enumerate([*box.store.files.values()][:items]):
        values = {"amount": number, "title": str(number)}
        box.store.add_instance(file, template, {key: values[key] for key in (f["key"] for f in fields or (AMOUNT,))})
    return template


def test_a_template_that_is_deleted_is_no_table_any_more(fresh: Box) -> None:
    template = contract(fresh)
    with fresh.connect() as connection:
        assert len(rows(connection, "SELECT amount FROM enterprise_contract")) == 3
        assert len(rows(connection, 'SELECT amount FROM "enterprise.contract"')) == 3
        fresh.store.remove(template)
        with pytest.raises(box_dialect.ProgrammingError, match=GONE):
            rows(connection, "SELECT amount FROM enterprise_contract")
        assert listings(fresh) == 4
        for name in ("enterprise_contract", '"enterprise.contract"', "main.enterprise_contract"):
            with pytest.raises(box_dialect.ProgrammingError, match="no such table"):
                rows(connection, f"SELECT amount FROM {name}")
        assert listings(fresh) == 4 + 3 * 2
        assert not [name for name in connection.catalog.tables if "contract" in name]


def test_other_connections_know_it_without_a_call(fresh: Box) -> None:
    template = contract(fresh)
    with fresh.connect() as one, fresh.connect() as other:
        rows(one, "SELECT amount FROM enterprise_contract")
        rows(other, "SELECT amount FROM enterprise_contract")
        fresh.store.remove(template)
        one.backend.templates.refresh()
        assert listings(fresh) == 4
        assert rows(other, "SELECT 1") == [(1,)]
        for connection in (one, other):
            assert "enterprise_contract" not in connection.catalog.tables
        assert listings(fresh) == 4


def test_nothing_is_written_for_rows_of_a_template_that_is_gone(fresh: Box) -> None:
    template = contract(fresh)
    with fresh.connect() as connection:
        rows(connection, "CREATE TABLE kept (amount REAL)")
        rows(connection, "INSERT INTO kept SELECT amount FROM enterprise_contract")
        connection.commit()
        fresh.store.remove(template)
        with pytest.raises(box_dialect.ProgrammingError, match=GONE):
            rows(connection, "INSERT INTO kept SELECT amount FROM enterprise_contract")
        assert rows(connection, "SELECT count(*) FROM kept") == [(3,)]


def test_it_comes_back_when_it_is_made_anew(fresh: Box) -> None:
    template = contract(fresh)
    with fresh.connect() as connection:
        rows(connection, 'SELECT amount FROM "enterprise.contract"')
        fresh.store.remove(template)
        connection.backend.templates.refresh()
        contract(fresh, TITLE)
        connection.backend.templates.refresh()
        assert sorted(rows(connection, "SELECT title FROM enterprise_contract")) == [("0",), ("1",), ("2",)]
        assert len(rows(connection, 'SELECT title FROM "enterprise.contract"')) == 3


def test_a_rollback_does_not_bring_it_back(fresh: Box) -> None:
    template = contract(fresh)
    with fresh.connect() as connection:
        rows(connection, "CREATE TABLE kept (amount REAL)")
        rows(connection, "SELECT amount FROM enterprise_contract")
        connection.commit()
        rows(connection, "INSERT INTO kept VALUES (1)")
        fresh.store.remove(template)
        with pytest.raises(box_dialect.ProgrammingError, match=GONE):
            rows(connection, "SELECT amount FROM enterprise_contract")
        connection.rollback()
        with pytest.raises(box_dialect.ProgrammingError, match=GONE):
            rows(connection, "SELECT amount FROM enterprise_contract")
        contract(fresh)
        connection.backend.templates.refresh()
        assert len(rows(connection, "SELECT amount FROM enterprise_contract")) == 3


def test_a_table_of_ones_own_may_have_the_name_then(fresh: Box) -> None:
    template = contract(fresh)
    with fresh.connect() as connection:
        rows(connection, "SELECT amount FROM enterprise_contract")
        fresh.store.remove(template)
        connection.backend.templates.refresh()
        rows(connection, "CREATE TEMP TABLE enterprise_contract (mine)")
        rows(connection, "INSERT INTO enterprise_contract VALUES (1)")
        assert rows(connection, "SELECT mine FROM enterprise_contract") == [(1,)]


def test_rows_that_are_being_read_are_read_to_their_end(fresh: Box) -> None:
    template = contract(fresh)
    with fresh.connect() as connection:
        reading = connection.cursor().execute("SELECT amount FROM enterprise_contract")
        assert reading.fetchone() is not None
        fresh.store.remove(template)
        connection.backend.templates.refresh()
        assert len(reading.fetchall()) == 2
        with pytest.raises(box_dialect.ProgrammingError, match=GONE):
            rows(connection, "SELECT amount FROM enterprise_contract")


def test_a_table_that_is_being_read_changes_afterwards(fresh: Box) -> None:
    template = contract(fresh)
    with fresh.connect() as connection:
        for name in ("enterprise_contract", '"enterprise.contract"'):
            reading = connection.cursor().execute(f"SELECT amount FROM {name}")
            assert reading.fetchone() is not None
            changed = Field(type="string", key=f"title{len(template.fields)}", id="1", display_name="Title")
            template.fields.append(changed)
            connection.backend.templates.refresh()
            assert len(reading.fetchall()) == 2
            for each in ("enterprise_contract", '"enterprise.contract"'):
                assert rows(connection, f"SELECT DISTINCT {changed.key} FROM {each}") == [(None,)]


def test_a_field_that_is_removed_is_no_column_any_more(fresh: Box) -> None:
    template = contract(fresh, AMOUNT, TITLE)
    with fresh.connect() as connection:
        rows(connection, "SELECT amount, title FROM enterprise_contract")
        template.fields[:] = [field for field in template.fields if field.key != "amount"]
        with pytest.raises(box_dialect.ProgrammingError, match="no such column: amount"):
            rows(connection, "SELECT title FROM enterprise_contract WHERE amount > 1")
        cursor = connection.cursor().execute("SELECT * FROM enterprise_contract")
        assert "amount" not in [each[0] for each in cursor.description or ()]
        assert listings(fresh) == 4


def test_a_query_that_box_refuses_for_another_field_is_run_again(fresh: Box) -> None:
    template = contract(fresh, AMOUNT)
    with fresh.connect() as connection:
        rows(connection, "SELECT amount FROM enterprise_contract")
        fresh.store.remove(template)
        changed = fresh.store.add_template("contract", {"type": "string", "key": "amount"})
        fresh.store.add_instance(next(iter(fresh.store.files.values())), changed, {"amount": "5"})
        assert rows(connection, "SELECT amount FROM enterprise_contract WHERE amount > 1") == [("5",)]


def test_reflection_finds_it_gone(fresh: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    template = contract(fresh)
    engine = sa.create_engine(fresh.url)
    assert sa.inspect(engine).has_table("enterprise_contract")
    fresh.store.remove(template)
    assert sa.inspect(engine).has_table("enterprise_contract")
    monkeypatch.setattr(template_tables, "SECONDS_REFLECTED", -1.0)
    assert not sa.inspect(engine).has_table("enterprise_contract")
    assert "enterprise_contract" not in sa.inspect(engine).get_table_names()
    engine.dispose()


def test_names_that_differ_by_case_move_up(fresh: Box) -> None:
    template = contract(fresh)
    fresh.store.add_template("Contract", TITLE)
    with fresh.connect() as connection:
        assert rows(connection, "SELECT title FROM enterprise_contract_2") == []
        fresh.store.remove(template)
        connection.backend.templates.refresh()
        assert rows(connection, "SELECT title FROM enterprise_contract") == []
        with pytest.raises(box_dialect.ProgrammingError, match=r"(?i)no such table: enterprise_contract_2"):
            rows(connection, "SELECT title FROM enterprise_contract_2")


def test_an_odd_template_is_no_matter_of_other_statements() -> None:
    contract = {"scope": "enterprise_7", "templateKey": "contract", "fields": [AMOUNT]}
    with scripted_box() as box:
        box.answers |= {
            "GET /metadata_templates/enterprise": {"entries": [contract]},
            "GET /metadata_templates/global": {"entries": []},
            "GET /users/me": {"id": "1", "type": "user", "name": "Ada"},
        }
        with box.connected() as one, box.connected() as other:
            one.find_tables()
            box.answers["GET /metadata_templates/enterprise"] = {"entries": [contract, {"scope": "enterprise_7"}]}
            with pytest.raises(box_dialect.DataError, match="not as its reference says"):
                other.backend.templates.refresh()
            assert rows(one, "SELECT name FROM users WHERE id = 'me'") == [("Ada",)]
