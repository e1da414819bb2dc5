"""IncludeCustomFields: `files` and `folders` have the fields of metadata templates as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from scripted_box import ScriptedBox, scripted_box
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session

import box_dialect
from box_dialect import orm
from box_dialect.engine.scan.struct_decoder import shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Box


def connected(box: Box) -> box_dialect.Connection:
    return box.connect(IncludeCustomFields="true")


def run(connection: box_dialect.Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.cursor().execute(statement, parameters).fetchall()


def test_fields_are_columns(tagged: Box) -> None:
    with connected(tagged) as connection, tagged.connect() as plain:
        expected = run(
            plain,
            "SELECT f.id, c.amount, c.due, c.title, c.status, c.tags FROM files f"
            " LEFT JOIN enterprise_contract c ON c.item_id = f.id AND c.item_type = 'file' ORDER BY f.id",
        )
        named = ", ".join(f"enterprise_contract_{name}" for name in ("amount", "due", "title", "status", "tags"))
        assert run(connection, f"SELECT id, {named} FROM files ORDER BY id") == expected
        assert len({row[1:] for row in expected}) > 10
        of_folders = run(plain, "SELECT item_id, amount FROM enterprise_contract WHERE item_type = 'folder' ORDER BY 1")
        found = run(connection, "SELECT id, enterprise_contract_amount FROM folders WHERE id <> '0' ORDER BY 1")
        assert found == of_folders


@pytest.mark.parametrize(
    "where", ["id = ?", "parent_id = (SELECT parent_id FROM files WHERE id = ?)", "name = (SELECT ?2) OR id = ?1"]
)
def test_each_way_to_a_file_tells_them(tagged: Box, where: str) -> None:
    file = next(each for each in tagged.store.files.values() if not each.is_trashed and each.parent.id == "0")
    with connected(tagged) as connection:
        statement = f"SELECT enterprise_contract_title FROM files WHERE id = '{file.id}' AND ({where})"
        values = [file.id, file.name][: 1 + where.count("?2")]
        ((title,),) = run(connection, statement, *values)
        (expected,) = run(connection, "SELECT title FROM enterprise_contract WHERE item_id = ?", file.id)
        assert (title,) == expected


def test_search_tells_them(tagged: Box) -> None:
    with connected(tagged) as connection:
        found = run(connection, "SELECT id, enterprise_contract_title FROM files WHERE files MATCH 'report'")
        assert found
        for identity, title in found:
            assert run(connection, "SELECT title FROM enterprise_contract WHERE item_id = ?", identity) == [(title,)]


def test_a_join_with_another_template_tells_them(fresh: Box) -> None:
    store = fresh.store
    contract = store.add_template("contract", {"type": "float", "key": "amount"})
    review = store.add_template("review", {"type": "string", "key": "by"})
    for number, file in enumerate([*store.files.values()][:3]):
        store.add_instance(file, contract, {"amount": number})
        store.add_instance(file, review, {"by": f"r{number}"})
    with connected(fresh) as connection:
        run(connection, "SELECT 1 FROM files LIMIT 0")
        cursor = connection.cursor().execute(
            "SELECT c.amount, f.enterprise_review_by FROM enterprise_contract c JOIN files f ON f.id = c.item_id"
        )
        assert sorted(cursor.fetchall()) == [(0, "r0"), (1, "r1"), (2, "r2")]
        cursor.execute(
            "SELECT c.amount, f.sha1, f.expires_at FROM enterprise_contract c JOIN files f ON f.id = c.item_id"
        )
        assert len(cursor.fetchall()) == 3
        assert cursor.api_calls == 1


CONTRACT, REVIEW = "metadata.enterprise_7.contract", "metadata.enterprise_7.my-review"
TEMPLATES = [
    {"scope": "enterprise_7", "templateKey": "contract", "fields": [{"type": "float", "key": "amount"}]},
    {"scope": "enterprise_7", "templateKey": "my-review", "fields": [{"type": "string", "key": "by"}]},
]


@pytest.fixture
def scripted() -> Iterator[ScriptedBox]:
    with scripted_box() as box:
        box.answers |= {
            "GET /metadata_templates/enterprise": {"entries": TEMPLATES},
            "GET /metadata_templates/global": {"entries": []},
            "GET /folders/0/items": {"entries": []},
            "GET /folders/0": {"id": "0", "type": "folder", "name": "All Files"},
        }
        yield box


@pytest.mark.parametrize(
    ("statement", "asked"),
    [
        ("SELECT name FROM files", set()),
        ("SELECT name, enterprise_contract_amount FROM files", {CONTRACT}),
        ("SELECT name, uploader_display_name, expires_at FROM files", set()),
        ('SELECT uploader_display_name, "enterprise_my-review_by" FROM files', {REVIEW}),
        ('SELECT name FROM files WHERE "enterprise_my-review_by" IS NULL', {REVIEW}),
        ('SELECT count("enterprise_my-review_by"), sum(enterprise_contract_amount) FROM files', {CONTRACT, REVIEW}),
        ("SELECT * FROM files", {CONTRACT, REVIEW}),
        ("SELECT f.name, g.sync_state FROM files f JOIN folders g ON g.id = f.parent_id", set()),
        ("SELECT f.enterprise_contract_amount, g.name FROM files f JOIN folders g ON g.id = f.parent_id", {CONTRACT}),
        ("UPDATE folders SET description = 'x' WHERE enterprise_contract_amount > 1", {CONTRACT}),
        ("DELETE FROM folders WHERE enterprise_contract_amount > 1", {CONTRACT}),
        ("CREATE TABLE kept AS SELECT enterprise_contract_amount FROM files", {CONTRACT}),
    ],
)
def test_they_cost_no_call_and_only_the_fields_that_are_read(
    scripted: ScriptedBox, statement: str, asked: set[str]
) -> None:
    listings = ["GET /metadata_templates/enterprise", "GET /metadata_templates/global"]
    with scripted.connected(IncludeCustomFields="true") as connection:
        run(connection, statement)
        calls = [each for each in scripted.asked if each.operation not in listings]
        assert len(scripted.asked) == len(calls) + 2
        assert len(calls) == len({each.operation for each in calls})
        names = {name for each in calls for name in each.parameters["fields"].split(",")}
        assert {name for name in names if name.startswith("metadata")} == asked
        run(connection, statement.replace("TABLE kept", "TABLE kept_again"))
        assert len(scripted.asked) == 2 * len(calls) + 2


def test_all_of_them_are_in_a_star(tagged: Box) -> None:
    with connected(tagged) as connection:
        cursor = connection.cursor().execute("SELECT * FROM files WHERE enterprise_contract_title = 'it''s'")
        names = [each[0] for each in cursor.description or ()]
        rows = cursor.fetchall()
        assert rows
        assert {dict(zip(names, row, strict=True))["enterprise_contract_title"] for row in rows} == {"it's"}
        assert "enterprise_contract_note" not in names
        assert run(connection, "SELECT count(*) FROM files WHERE enterprise_contract_note = 'hidden'") != [(0,)]


def test_using_compares_them(fresh: Box) -> None:
    template = fresh.store.add_template("contract", {"type": "string", "key": "title"})
    file, folder = next(iter(fresh.store.files.values())), next(f for f in fresh.store.folders.values() if f.id != "0")
    for item in (file, folder):
        fresh.store.add_instance(item, template, {"title": "same"})
    with connected(fresh) as connection:
        statement = "SELECT files.id, folders.id FROM files JOIN folders USING (enterprise_contract_title)"
        assert run(connection, statement) == [(file.id, folder.id)]


def test_without_the_property_there_are_none(tagged: Box) -> None:
    with tagged.connect() as connection:
        run(connection, "SELECT amount FROM enterprise_contract LIMIT 1")
        with pytest.raises(box_dialect.ProgrammingError, match="no such column: enterprise_contract_amount"):
            run(connection, "SELECT enterprise_contract_amount FROM files")


@pytest.mark.parametrize("is_estimated", [False, True])
def test_a_view_shows_them(tagged: Box, tmp_path: Path, is_estimated: bool) -> None:
    local = {"LocalDatabase": str(tmp_path / "own.db"), "TrustLocalDatabase": "true"}
    with tagged.connect(**local) as connection:
        run(connection, "CREATE VIEW papers AS SELECT * FROM files WHERE id = '1'")
    with tagged.connect(IncludeCustomFields="true", **local) as connection:
        if is_estimated:
            connection.estimate("SELECT * FROM papers")
            assert "enterprise_contract_amount" in connection.catalog.tables["files"].numbers
        cursor = connection.cursor().execute("SELECT * FROM papers")
        assert "enterprise_contract_amount" in [each[0] for each in cursor.description or ()]


def test_an_estimate_knows_them(tagged: Box) -> None:
    with connected(tagged) as connection:
        assert connection.estimate("SELECT enterprise_contract_amount FROM files WHERE id = '1'").least == 1


def test_properties_of_the_global_scope_are_one_column(fresh: Box) -> None:
    (template,) = (each for each in fresh.store.metadata_templates.values() if each.scope == "global")
    _, file, *_ = fresh.store.files.values()
    fresh.store.add_instance(file, template, {"colour": "red"})
    with connected(fresh) as connection:
        found = run(connection, "SELECT id, global_properties ->> 'colour' FROM files WHERE global_properties <> ''")
        assert (file.id, "red") in found
        assert run(connection, "SELECT global_properties FROM files WHERE id = ?", file.id) == [('{"colour":"red"}',)]


def test_names_in_conflict_get_a_number(fresh: Box) -> None:
    store = fresh.store
    template = store.add_template("contract", *({"type": "string", "key": key} for key in ("a_b", "A_B", "a.b", "id")))
    other = store.add_template("contract_a", {"type": "string", "key": "b"})
    file = next(iter(store.files.values()))
    store.add_instance(file, template, {"a_b": "1", "A_B": "2", "a.b": "3", "id": "4"})
    store.add_instance(file, other, {"b": "5"})
    names = ("enterprise_contract_a_b", "enterprise_contract_A_B_2", '"enterprise_contract_a.b"')
    further = ("enterprise_contract_id", "enterprise_contract_a_b_3")
    with connected(fresh) as connection:
        statement = f"SELECT {', '.join(names + further)} FROM files WHERE parent_id = ? AND id = ?"
        assert run(connection, statement, file.parent.id, file.id) == [("1", "2", "3", "4", "5")]


def test_large_folders_have_them_on_every_page(synthetic_tagged: Box) -> None:
    with connected(synthetic_tagged) as connection:
        amounts = run(connection, "SELECT enterprise_contract_amount FROM files ORDER BY 1 DESC LIMIT 500")
        assert amounts == [(float(number),) for number in range(499, -1, -1)]
        names = run(connection, "SELECT count(enterprise_contract_title), count(global_properties) FROM files")
        assert names == [(0, 1)]  # of the seed


def test_pages_are_decoded_into_slots(tagged: Box) -> None:
    with connected(tagged) as connection:
        run(connection, "SELECT name FROM files LIMIT 1")
        files = connection.catalog.tables["files"]
    place = files.columns[files.numbers["enterprise_contract_amount"]].named or ""
    (listing,) = next(path for path in files.paths if path.walk).endpoints
    found = shape(files, ["id", "name", place], listing)
    assert found is not None
    assert found.inner["metadata"].inner[place.split(".")[1]].inner.keys() == {"contract"}


def test_who_writes_one_is_told_where(fresh: Box) -> None:
    fresh.store.add_template("contract", {"type": "float", "key": "amount"})
    with connected(fresh) as connection:
        with pytest.raises(box_dialect.ProgrammingError, match=r"write to enterprise_contract$"):
            run(connection, "UPDATE folders SET enterprise_contract_amount = 1 WHERE id <> '0'")
        with pytest.raises(box_dialect.ProgrammingError, match=r"; write to enterprise_contract$"):
            run(connection, "UPDATE files SET enterprise_contract_amount = 1")
        changed = "INSERT INTO folders (name, parent_id) VALUES ('x', '0') RETURNING *"
        cursor = connection.cursor().execute(changed)
        assert "enterprise_contract_amount" in [each[0] for each in cursor.description or ()]


@pytest.mark.long
def test_reflection_and_models_have_them(tagged: Box) -> None:
    engine = sa.create_engine(tagged.url, connect_args={"IncludeCustomFields": "true"})
    columns = {each["name"]: each for each in sa.inspect(engine).get_columns("files")}
    assert columns["enterprise_contract_status"]["type"].enums == ["open", "closed"]
    assert columns["enterprise_contract_amount"]["comment"] == "Amount: In euros"
    mapped = orm.templates(engine)
    base = automap_base(cls=orm.BoxObject)
    base.prepare(autoload_with=engine, **orm.AUTOMAP)
    for file_class in (mapped["File"], base.classes.File):
        with Session(engine) as session:
            found = sa.select(file_class).where(file_class.enterprise_contract_title == "it's").limit(1)
            file = session.execute(found).scalar_one()
            assert file.enterprise_contract_title == "it's"
    engine.dispose()


def test_a_field_that_is_added_meanwhile_is_found(fresh: Box) -> None:
    fresh.store.add_template("contract", {"type": "float", "key": "amount"})
    with connected(fresh) as connection:
        run(connection, "SELECT enterprise_contract_amount FROM files LIMIT 1")
        fresh.store.add_template("review", {"type": "float", "key": "by"})
        assert run(connection, "SELECT enterprise_review_by FROM files LIMIT 1") == [(None,)]


@pytest.mark.long
def test_more_fields_than_a_table_has_columns(fresh: Box) -> None:
    for number in range(4):
        fields = ({"type": "string", "key": f"f{each}"} for each in range(500))
        fresh.store.add_template(f"t{number}", *fields)
    with connected(fresh) as connection:
        with pytest.raises(box_dialect.ProgrammingError, match=r"it is 2,\d+: leave IncludeCustomFields out"):
            run(connection, "SELECT name FROM files")
        assert run(connection, "SELECT f1 FROM enterprise_t1") == []


def test_results_that_are_being_read_go_on(fresh: Box) -> None:
    template = fresh.store.add_template("contract", {"type": "float", "key": "amount"})
    for file in [*fresh.store.files.values()][:3]:
        fresh.store.add_instance(file, template, {"amount": 1})
    with connected(fresh) as connection:
        run(connection, "CREATE TEMP TABLE own AS WITH n (x) AS (VALUES (1), (2), (3)) SELECT x FROM n")
        run(connection, "CREATE TABLE kept AS SELECT x FROM own")
        reading = [
            connection.cursor().execute(f"SELECT * FROM {name}")
            for name in ("own", "kept", "enterprise_contract", "users", "own JOIN enterprise_contract ORDER BY x")
        ]
        counts = [cursor.fetchone() is not None for cursor in reading]
        assert run(connection, "SELECT count(enterprise_contract_amount) FROM files") == [(3,)]
        counts = [has + len(cursor.fetchall()) for has, cursor in zip(counts, reading, strict=True)]
        assert counts == [3, 3, 3, len(run(connection, "SELECT id FROM users")), 9]
        assert run(connection, "SELECT sum(x) FROM own JOIN kept USING (x)") == [(6,)]


def test_they_follow_ddl(fresh: Box) -> None:
    with connected(fresh) as connection, connected(fresh) as other:
        assert run(other, "SELECT name FROM files LIMIT 1")
        run(connection, "CREATE TABLE enterprise_lease (rent REAL)")
        for each in (connection, other):
            assert run(each, "SELECT enterprise_lease_rent FROM files LIMIT 1") == [(None,)]
        run(connection, "ALTER TABLE enterprise_lease RENAME COLUMN rent TO price")
        for each in (connection, other):
            assert run(each, "SELECT enterprise_lease_price FROM files LIMIT 1") == [(None,)]
            with pytest.raises(box_dialect.ProgrammingError, match="no such column: enterprise_lease_rent"):
                run(each, "SELECT enterprise_lease_rent FROM files LIMIT 1")
