"""DDL of metadata templates, as it runs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from known_rows.metadata import CLASSIFICATIONS

import box_dialect
from box_dialect.emulator.metadata.instances import Instance
from box_dialect.emulator.metadata.templates import Template

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Box

CREATE = """
    CREATE TABLE enterprise_deal (
        item_id TEXT, item_type TEXT, amount REAL COMMENT 'Amount: in euros', due TIMESTAMP, note TEXT HIDDEN,
        status ENUM('open', 'it''s "so" \N{GRINNING FACE}'), tags MULTISELECT('a', 'b'),
        PRIMARY KEY (item_id, item_type)
    ) COMMENT 'A deal' WITH (hidden = true, copy_instance_on_item_copy = true)
"""
DROPS = {"allow_drop_templates": True}


def rows(connection: box_dialect.Connection, statement: str) -> list[tuple[Any, ...]]:
    return connection.cursor().execute(statement).fetchall()


def columns(connection: box_dialect.Connection, table: str = "enterprise_deal") -> list[str]:
    """Return the columns that `SELECT *` gives beside the fixed ones."""
    described = connection.cursor().execute(f"SELECT * FROM {table} LIMIT 0").description
    return [name for name, *_ in described or ()][3:]


def template(box: Box, key: str = "deal") -> Template | None:
    return next((each for each in box.store.of(Template).values() if each.key == key), None)


def tag(box: Box, **values: Any) -> Instance:
    """Give the first file an instance of the template."""
    found = template(box)
    assert found is not None
    return box.store.add_instance(next(iter(box.store.files.values())), found, values)


@pytest.fixture
def connection(fresh: Box) -> Iterator[box_dialect.Connection]:
    with fresh.connect(**DROPS) as connection:
        yield connection


def test_a_template_is_made(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute(CREATE)
    assert (cursor.description, cursor.rowcount, cursor.fetchall(), cursor.api_calls) == (None, -1, [], 3)
    made = template(fresh)
    assert made is not None
    assert (made.display_name, made.hidden, made.copy_instance_on_item_copy) == ("A deal", True, True)
    assert [(field.type, field.key, field.display_name, field.description) for field in made.fields] == [
        ("float", "amount", "Amount", "in euros"),
        ("date", "due", "due", None),
        ("string", "note", "note", None),
        ("enum", "status", "status", None),
        ("multiSelect", "tags", "tags", None),
    ]
    assert columns(connection) == ["amount", "due", "status", "tags"]
    tag(fresh, amount=5, status='it\'s "so" \N{GRINNING FACE}')
    assert rows(connection, "SELECT amount, status FROM enterprise_deal") == [(5.0, 'it\'s "so" \N{GRINNING FACE}')]
    inspector = sa.inspect(sa.create_engine(fresh.url))
    assert inspector.get_table_comment("enterprise_deal") == {"text": "A deal"}
    told = {column["name"]: column for column in inspector.get_columns("enterprise_deal")}
    assert (told["amount"]["comment"], told["due"]["comment"]) == ("Amount: in euros", None)
    assert told["status"]["type"].enums == ["open", 'it\'s "so" \N{GRINNING FACE}']


def test_a_table_that_is_there(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute(CREATE)
    cursor.execute("CREATE TABLE IF NOT EXISTS ENTERPRISE_DEAL (a TEXT)")
    assert fresh.stats()["by_operation"]["post_metadata_templates_schema"] == 1
    for name in ("enterprise_deal", "Enterprise_Deal", '"enterprise.deal"'):
        with pytest.raises(box_dialect.ProgrammingError, match=r"table .* already exists"):
            cursor.execute(f"CREATE TABLE {name} (a TEXT)")
    fresh.store.add_template("later")
    with pytest.raises(box_dialect.ProgrammingError, match="table enterprise_later already exists"):
        cursor.execute("CREATE TABLE enterprise_later (a TEXT)")
    assert len(fresh.store.of(Template)) == 5
    cursor.execute("CREATE TABLE IF NOT EXISTS enterprise_later (a TEXT)")
    cursor.execute('CREATE TABLE "enterprise.other" (a TEXT)')
    assert columns(connection, "enterprise_other") == ["a"]


def test_a_template_is_changed_by_one_call(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute(CREATE)
    tag(fresh, amount=5, status="open", tags=["a", "b"])
    cursor.execute(
        "ALTER TABLE enterprise_deal RENAME amount TO total, ALTER status RENAME VALUE 'open' TO 'new', ADD sum REAL, "
        "ALTER tags TYPE MULTISELECT('c', 'b'), ALTER note SET (hidden = false, comment = 'Note'), DROP due"
    )
    assert cursor.api_calls == 2
    assert columns(connection) == ["total", "note", "status", "tags", "sum"]
    assert rows(connection, "SELECT total, status, tags, sum FROM enterprise_deal") == [(5.0, "new", '["b"]', None)]
    cursor.execute("ALTER TABLE enterprise_deal ALTER COLUMN status TYPE ENUM('x', 'y')")
    assert rows(connection, "SELECT status FROM enterprise_deal") == [(None,)]
    cursor.execute("ALTER TABLE enterprise_deal ALTER COLUMN status TYPE ENUM('x', 'y')")
    assert cursor.api_calls == 1
    cursor.execute("COMMENT ON TABLE enterprise_deal IS 'The deal'")
    cursor.execute("""COMMENT ON COLUMN "enterprise.deal".total IS 'Sum: of all'""")
    cursor.execute("ALTER TABLE enterprise_deal SET (hidden = false)")
    made = template(fresh)
    assert made is not None
    assert (made.display_name, made.hidden, made.fields[0].display_name) == ("The deal", False, "Sum")
    with pytest.raises(box_dialect.ProgrammingError, match=r"no such column: enterprise_deal\.due"):
        cursor.execute("ALTER TABLE enterprise_deal ADD again TEXT, DROP due")
    assert "again" not in columns(connection)


def test_a_table_keeps_its_name(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute(CREATE)
    with pytest.warns(box_dialect.BoxTemplateWarning, match="display name of enterprise_deal is 'agreement'") as told:
        cursor.execute("ALTER TABLE enterprise_deal RENAME TO enterprise_agreement")
    assert told[0].filename == __file__
    assert columns(connection) == ["amount", "due", "status", "tags"]
    made = template(fresh)
    assert made is not None
    assert made.display_name == "agreement"


def test_a_template_is_dropped_with_its_instances(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute(CREATE)
    tag(fresh, amount=5)
    assert columns(connection, '"enterprise.deal"') == ["amount", "due", "status", "tags"]
    with fresh.connect() as careful:
        message = "DROP TABLE enterprise_deal would delete .* AllowDropTemplates=true"
        with pytest.raises(box_dialect.ProgrammingError, match=message):
            careful.cursor().execute("DROP TABLE enterprise_deal")
    assert template(fresh) is not None
    cursor.execute("DROP TABLE enterprise_deal")
    assert cursor.api_calls == 1
    assert template(fresh) is None
    assert all(instance.template.key != "deal" for instance in fresh.store.of(Instance).values())
    for name in ("enterprise_deal", '"enterprise.deal"', "main.enterprise_deal"):
        with pytest.raises(box_dialect.ProgrammingError, match="no such table"):
            cursor.execute(f"SELECT 1 FROM {name}")
    for statement in ("DROP TABLE {}", "ALTER TABLE {} DROP a", "COMMENT ON TABLE {} IS 'x'"):
        with pytest.raises(box_dialect.ProgrammingError, match="no such table: enterprise_deal"):
            cursor.execute(statement.format("enterprise_deal"))
    cursor.execute("DROP TABLE IF EXISTS enterprise_deal")
    cursor.execute("ALTER TABLE IF EXISTS enterprise_deal DROP a")
    cursor.execute("CREATE TABLE enterprise_deal (other TEXT)")
    assert columns(connection) == ["other"]


def test_all_connections_know_a_change(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    with fresh.connect() as other:
        cursor.execute(CREATE)
        assert columns(other) == ["amount", "due", "status", "tags"]
        cursor.execute("ALTER TABLE enterprise_deal RENAME amount TO total")
        assert columns(other) == ["total", "due", "status", "tags"]
        reading = other.cursor().execute("SELECT id FROM files")
        assert reading.fetchone()
        cursor.execute("ALTER TABLE enterprise_deal DROP due")
        assert len(reading.fetchall()) > 1
        assert columns(other) == ["total", "status", "tags"]
        reading = other.cursor().execute("SELECT item_id FROM enterprise_documentReview")
        reading.fetchone()
        cursor.execute("DROP TABLE enterprise_deal")
        reading.close()
        inspector = sa.inspect(sa.create_engine(fresh.url))
        assert not inspector.has_table("enterprise_deal")
        with pytest.raises(box_dialect.ProgrammingError, match="no such table: enterprise_deal"):
            rows(other, "SELECT 1 FROM enterprise_deal")


def test_nothing_changes_beneath_a_cursor_that_has_rows_left(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute(CREATE)
    tag(fresh, amount=5)
    reading = connection.cursor().execute("SELECT * FROM enterprise_deal, files LIMIT 3")
    reading.fetchone()
    for statement in ("DROP TABLE enterprise_deal", "ALTER TABLE enterprise_deal DROP amount"):
        with pytest.raises(box_dialect.OperationalError, match="while a cursor of the connection has rows of it left"):
            cursor.execute(statement)
    cursor.execute("CREATE TABLE enterprise_other (a TEXT)")
    assert len(reading.fetchall()) == 2
    cursor.execute("ALTER TABLE enterprise_deal DROP amount")
    assert columns(connection) == ["due", "status", "tags"]


def test_a_change_by_somebody_else_is_taken_into_account(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute(CREATE)
    made = template(fresh)
    assert made is not None
    with box_dialect.connect(fresh.url + "&MaxRetries=1") as other:  # with a client of its own
        other.cursor().execute("ALTER TABLE enterprise_deal ALTER status TYPE ENUM('x', 'y', 'z'), RENAME due TO until")
        cursor.execute("ALTER TABLE enterprise_deal ALTER status TYPE ENUM('z', 'y'), RENAME until TO late")
        assert [option.key for option in made.fields[3].options] == ["z", "y"]
        assert columns(connection) == ["amount", "late", "status", "tags"]
    fresh.store.remove(made)
    with pytest.raises(box_dialect.ProgrammingError, match="no such table: enterprise_deal"):
        cursor.execute("ALTER TABLE enterprise_deal DROP late")
    with pytest.raises(box_dialect.ProgrammingError, match="no such table: enterprise_deal"):
        columns(connection)


def test_a_template_that_is_gone_is_dropped(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    for condition in ("", "IF EXISTS"):
        cursor.execute("CREATE TABLE enterprise_deal (a TEXT)")
        fresh.store.remove(template(fresh))
        if condition:
            cursor.execute(f"DROP TABLE {condition} enterprise_deal")
        else:
            with pytest.raises(box_dialect.ProgrammingError, match="no such table"):
                cursor.execute("DROP TABLE enterprise_deal")
        assert not connection.catalog.tables.keys() & {"enterprise_deal", "enterprise.deal"} or not condition


def test_a_rollback_takes_nothing_back_from_box(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE kept (a TEXT)")
    cursor.execute("CREATE TABLE enterprise_gone (a TEXT)")
    cursor.execute("CREATE TABLE enterprise_changed (a TEXT)")
    connection.commit()
    cursor.execute("INSERT INTO kept VALUES ('x')")
    cursor.execute("CREATE TABLE enterprise_made (a TEXT)")
    cursor.execute("ALTER TABLE enterprise_changed RENAME a TO b")
    cursor.execute("DROP TABLE enterprise_gone")
    with pytest.warns(box_dialect.BoxTransactionWarning):
        connection.rollback()
    assert rows(connection, "SELECT * FROM kept") == []
    assert columns(connection, "enterprise_made") == ["a"]
    assert columns(connection, "enterprise_changed") == ["b"]
    with pytest.raises(box_dialect.ProgrammingError, match="no such table: enterprise_gone"):
        columns(connection, "enterprise_gone")
    assert {each.key for each in fresh.store.of(Template).values()} >= {"made", "changed"}
    cursor.execute("CREATE TABLE enterprise_gone (c TEXT)")
    assert columns(connection, "enterprise_gone") == ["c"]


def test_no_template_is_made_over_a_local_view(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE VIEW enterprise_seen AS SELECT 5 AS a")
    with pytest.raises(box_dialect.ProgrammingError, match="view enterprise_seen already exists"):
        cursor.execute("CREATE TABLE enterprise_seen (b TEXT)")
    cursor.execute("CREATE TABLE IF NOT EXISTS enterprise_seen (b TEXT)")
    with pytest.raises(box_dialect.ProgrammingError, match="use DROP VIEW"):
        cursor.execute("DROP TABLE enterprise_seen")
    assert rows(connection, "SELECT * FROM enterprise_seen") == [(5,)]
    assert "seen" not in [each.key for each in fresh.store.of(Template).values()]


@pytest.mark.parametrize("made", ["VIEW enterprise_seen AS SELECT 5 AS a", "TABLE enterprise_seen AS SELECT 5 AS a"])
def test_no_template_is_made_that_what_is_temporary_would_hide(
    fresh: Box, connection: box_dialect.Connection, made: str
) -> None:
    cursor = connection.cursor()
    cursor.execute(f"CREATE TEMP {made}")
    for statement in ("CREATE TABLE enterprise_seen (b TEXT)", "CREATE TABLE IF NOT EXISTS enterprise_seen (b TEXT)"):
        with pytest.raises(box_dialect.ProgrammingError, match="already exists as a temporary table or view"):
            cursor.execute(statement)
    assert rows(connection, "SELECT * FROM enterprise_seen") == [(5,)]
    assert "seen" not in [each.key for each in fresh.store.of(Template).values()]
    cursor.execute("CREATE TABLE main.enterprise_seen (b TEXT)")
    cursor.execute(f"DROP {made.split()[0]} temp.enterprise_seen")
    assert rows(connection, "SELECT * FROM enterprise_seen") == []


def test_a_local_view_of_a_templates_name_is_that_of_its_schema(fresh: Box, connection: box_dialect.Connection) -> None:
    fresh.store.add_template("seen", {"type": "string", "key": "b"})
    cursor = connection.cursor()
    cursor.execute("CREATE VIEW enterprise_seen AS SELECT 5 AS a")
    assert rows(connection, "SELECT * FROM enterprise_seen") == [(5,)]
    connection.find_tables()
    assert columns(connection, "enterprise_seen") == ["b"]
    assert rows(connection, "SELECT a FROM main.enterprise_seen") == [(5,)]


def test_local_tables_stay_sqlites(fresh: Box, tmp_path: Path) -> None:
    with fresh.connect(local_database=str(tmp_path / "local.db")) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE main.enterprise_own (a INTEGER NOT NULL)")
        cursor.execute("CREATE TEMP TABLE enterprise_passing (a INTEGER)")
        cursor.execute("CREATE TABLE IF NOT EXISTS enterprise_own (a INTEGER)")
        with pytest.raises(box_dialect.ProgrammingError, match="already exists"):
            cursor.execute("CREATE TABLE enterprise_own (a INTEGER)")
        cursor.execute("ALTER TABLE enterprise_own ADD COLUMN b INTEGER DEFAULT 1")
        cursor.execute("ALTER TABLE enterprise_passing RENAME TO passing")
        cursor.execute("INSERT INTO enterprise_own (a) VALUES (1)")
        assert rows(connection, "SELECT * FROM enterprise_own") == [(1, 1)]
        cursor.execute("DROP TABLE enterprise_own")
        assert fresh.stats()["calls"] == 0
    assert [each.key for each in fresh.store.of(Template).values()] == ["properties", "documentReview", CLASSIFICATIONS]


@pytest.mark.parametrize(
    "statement",
    [CREATE, "ALTER TABLE enterprise_documentReview ADD x TEXT", "DROP TABLE enterprise_documentReview"],
)
def test_nothing_is_written_where_nothing_may_be(fresh: Box, monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    def refused(error: type[Exception], told: str, operation: str, *parameters: Any, **properties: Any) -> None:
        with fresh.connect(**properties, **DROPS) as connection, pytest.raises(error, match=told):
            connection.cursor().execute(operation, *parameters)

    refused(box_dialect.ProgrammingError, "Readonly=true, so nothing may be written", statement, readonly=True)
    refused(box_dialect.ProgrammingError, "PreviewCalls=5", statement, preview_calls=5)
    refused(
        box_dialect.NotSupportedError,
        r"is one call of Box's: [A-Z]+ /metadata_templates/\S*schema; run it without EXPLAIN",
        f"EXPLAIN QUERY PLAN {statement}",
    )
    refused(box_dialect.ProgrammingError, "takes no parameters", statement, ("x",))
    refused(box_dialect.ProgrammingError, "one statement at a time", f"{statement}; SELECT 1")
    with fresh.connect() as connection, pytest.raises(box_dialect.ProgrammingError, match=r"executemany.. is for rows"):
        connection.cursor().executemany(statement, [()])
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    refused(box_dialect.ProgrammingError, "restricts URLs, unless the program itself", statement)
    with pytest.raises(box_dialect.ProgrammingError, match="AllowDropTemplates lets statements delete more than rows"):
        box_dialect.connect(fresh.url + "&AllowDropTemplates=true")
    assert fresh.stats()["calls"] == 0


def test_what_sqlite_keeps_beside_tables_no_template_has(connection: box_dialect.Connection) -> None:
    connection.cursor().execute(CREATE)
    for statement, told in (
        ("CREATE INDEX i ON enterprise_deal (amount)", "virtual tables may not be indexed; a table of Box is one"),
        ("CREATE TRIGGER t AFTER INSERT ON enterprise_deal BEGIN SELECT 1; END", "triggers on virtual tables"),
    ):
        with pytest.raises(box_dialect.ProgrammingError, match=told):
            connection.cursor().execute(statement)
    connection.cursor().execute("CREATE TEMP VIEW large AS SELECT * FROM enterprise_deal WHERE amount > 5")
    assert rows(connection, "SELECT * FROM large") == []


def test_a_refusal_of_boxes_is_told(fresh: Box, connection: box_dialect.Connection) -> None:
    cursor = connection.cursor().execute(CREATE)
    put, post = "put_metadata_templates_id_id_schema", "post_metadata_templates_schema"
    fresh.faults({"status": 400, "operation": put, "times": 1})
    with pytest.raises(box_dialect.ProgrammingError, match=r"HTTP 400.*nothing of enterprise_deal was changed"):
        cursor.execute("ALTER TABLE enterprise_deal DROP due")
    fresh.faults({"operation": put, "times": 1, "drop_connection": True, "carried_out": True})
    with pytest.raises(box_dialect.ProgrammingError, match=r"HTTP 400.*may have been changed all the same, so look"):
        cursor.execute("ALTER TABLE enterprise_deal DROP due")
    fresh.faults({"status": 403, "operation": post, "times": 1})
    with pytest.raises(box_dialect.OperationalError, match=r"HTTP 403.*lacks the right") as caught:
        cursor.execute("CREATE TABLE enterprise_other (a TEXT)")
    assert caught.value.diag.status == 403
    with pytest.raises(box_dialect.ProgrammingError, match="no statement was executed, or it failed"):
        cursor.fetchall()


def test_only_templates_have_comments(connection: box_dialect.Connection) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="COMMENT ON is for metadata templates"):
        connection.cursor().execute("comment on table files is 'x'")


def test_an_enterprise_has_so_many_templates(fresh: Box, connection: box_dialect.Connection) -> None:
    for number in range(499):
        fresh.store.add_template(f"t{number}")
    with pytest.raises(box_dialect.ProgrammingError, match="500 templates at most"):
        connection.cursor().execute(CREATE)
    assert "post_metadata_templates_schema" not in fresh.stats()["by_operation"]  # type: ignore[operator]


def test_a_taxonomy_is_a_type(fresh: Box, connection: box_dialect.Connection) -> None:
    taxonomy = fresh.store.add_taxonomy("geo", "Geo")
    connection.cursor().execute(
        f"CREATE TABLE enterprise_deal (region TAXONOMY('{taxonomy.namespace}.geo', MULTIPLE, LEVELS (1)))"
    )
    made = template(fresh)
    assert made is not None
    assert made.fields[0].taxonomy is taxonomy
    assert made.fields[0].rules == {"multiSelect": True, "selectableLevels": [1]}
    assert columns(connection) == ["region"]


def test_a_statement_is_estimated(fresh: Box, connection: box_dialect.Connection) -> None:
    assert connection.estimate(CREATE).least == 1
    with pytest.raises(box_dialect.NotSupportedError, match="write REAL"):
        connection.estimate("CREATE TABLE enterprise_deal (a INTEGER)")
    assert fresh.stats()["calls"] == 0


def test_no_warning_where_the_name_stays(connection: box_dialect.Connection) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        connection.cursor().execute(CREATE)
        connection.cursor().execute("COMMENT ON TABLE enterprise_deal IS NULL")
        connection.commit()
