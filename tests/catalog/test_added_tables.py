"""A table of a program's own is a table as Box's are: in SQL, reflection, RETURNING, the ORM, Alembic, asyncio."""

from __future__ import annotations

import asyncio
import pickle
from dataclasses import replace
from traceback import format_exception, walk_tb
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from known_rows.metadata import TEMPLATE_TABLES
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session, configure_mappers, declarative_base, selectinload
from sweep import sweep

import box_dialect
from box_dialect import aio, orm
from box_dialect.catalog import TABLES, AccessPath, Catalog, Column
from box_dialect.catalog.model import Endpoint, Table, Target
from box_dialect.catalog.model.procedure import Input, Procedure
from box_dialect.dialect import function_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

COMMENTS = TABLES["comments"]
REMARKS = replace(
    COMMENTS,
    name="remarks",
    doc="What users say, as a program calls it.",
    columns=tuple(
        replace(column, reverse="answers" if column.name == "reply_to_id" else column.reverse)
        if column.references != "comments.id"
        else replace(column, references="remarks.id", reverse="answers")
        for column in COMMENTS.columns
    ),
)
SHOWN = [column.name for column in REMARKS.columns if not column.hidden]
"""Comments by another name, so that the emulator has them."""


async def _nothing(_context: Any) -> list[tuple[str]]:
    return [("nothing",)]


DO_NOTHING = Procedure(
    name="DoNothing", doc="Do nothing.", inputs=(), outputs=(Column("What"),), side_effect=False, run=_nothing
)


@pytest.fixture
def connection(fresh: Box) -> Iterator[box_dialect.Connection]:
    with fresh.connect() as connection:
        connection.catalog.add(REMARKS)
        yield connection


@pytest.fixture
def engine(fresh: Box) -> Iterator[sa.engine.Engine]:
    """An engine all of whose connections have the table."""
    engine = sa.create_engine(fresh.url)
    sa.event.listen(engine, "connect", lambda connection, _record: connection.catalog.add(REMARKS))
    yield engine
    engine.dispose()


@pytest.fixture
def file_id(fresh: Box) -> str:
    return next(iter(fresh.store.comments.values())).file.id


def test_sql_knows_it_on_that_connection_alone(fresh: Box, connection: box_dialect.Connection, file_id: str) -> None:
    cursor = connection.cursor()
    select = "SELECT message FROM remarks WHERE item_id = ? ORDER BY id"
    assert (
        cursor.execute(select, (file_id,)).fetchall()
        == cursor.execute(select.replace("remarks", "comments"), (file_id,)).fetchall()
    )
    plan = cursor.execute(f"EXPLAIN QUERY PLAN {select}", (file_id,)).fetchall()
    assert "by file: GET /files/{item_id}/comments (item_id = ?)" in plan[0][3]
    listed = cursor.execute("SELECT type FROM pragma_table_list WHERE schema = 'temp' AND name = 'remarks'").fetchall()
    assert listed == [("virtual",)]
    assert [column[1] for column in cursor.execute("PRAGMA table_info(remarks)")] == SHOWN
    assert cursor.execute("SELECT count(*) FROM main.remarks WHERE item_id = ?", (file_id,)).fetchone() != (0,)
    with pytest.raises(box_dialect.ProgrammingError, match="did you mean remarks"):
        cursor.execute("SELECT * FROM remark")
    with pytest.raises(box_dialect.ProgrammingError, match="remarks is a table of Box, which may not be dropped"):
        cursor.execute("DROP TABLE remarks")
    with pytest.raises(box_dialect.ProgrammingError, match="remarks is a table of Box, and a table or view of that"):
        cursor.execute("CREATE TABLE remarks (id)")
    with fresh.connect() as other, pytest.raises(box_dialect.ProgrammingError, match="no such table: remarks"):
        other.cursor().execute(select, (file_id,))
    assert "remarks" not in TABLES
    assert list(connection.catalog.tables) == [*TABLES, "remarks"]


def test_it_is_written_and_returns_its_rows(connection: box_dialect.Connection, file_id: str) -> None:
    cursor = connection.cursor()
    insert = "INSERT INTO remarks (item_id, message) VALUES (?, 'one'), (?, 'two') RETURNING id, message, item_id"
    rows = cursor.execute(insert, (file_id, file_id)).fetchall()
    assert ([row[1:] for row in rows], cursor.api_calls) == ([("one", file_id), ("two", file_id)], 2)
    cursor.execute("UPDATE remarks SET message = 'three' WHERE id = ? RETURNING message", (rows[0][0],))
    assert cursor.fetchall() == [("three",)]
    cursor.execute("DELETE FROM remarks WHERE id IN (?, ?)", (rows[0][0], rows[1][0]))
    assert cursor.rowcount == 2
    assert connection.session.has_written


def test_a_connection_that_is_read_only_has_it_so(fresh: Box, file_id: str) -> None:
    with fresh.connect(Readonly=True) as connection:
        connection.catalog.add(REMARKS)
        assert connection.cursor().execute("SELECT 1 FROM remarks WHERE item_id = ?", (file_id,)).fetchall()
        with pytest.raises(box_dialect.ProgrammingError, match="Readonly=true"):
            connection.cursor().execute("DELETE FROM remarks WHERE id = '1'")
        with pytest.raises(box_dialect.ProgrammingError, match="Readonly=true"):
            connection.cursor().execute("ATTACH ':memory:' AS other")


def test_a_procedure_is_added_alike(connection: box_dialect.Connection) -> None:
    connection.catalog.add(DO_NOTHING)
    assert connection.cursor().execute("EXEC DoNothing").fetchall() == [("nothing",)]
    assert connection.catalog.procedures["donothing"] is DO_NOTHING
    with pytest.raises(box_dialect.ProgrammingError, match="did you mean DoNothing"):
        connection.cursor().execute("EXEC DoNothin")


async def _fail(_context: Any, *, phrase: str) -> list[tuple[str]]:  # noqa: ARG001 - what it is given is a secret
    raise box_dialect.OperationalError("refused")


TELL = Procedure(
    name="Tell",
    doc="Tell a phrase.",
    inputs=(Input(name="Phrase", required=True, secret=True, doc="The phrase."),),
    outputs=(Column("Said"),),
    side_effect=False,
    run=_fail,
)


@pytest.mark.parametrize("statement", ["SELECT * FROM Tell WHERE Phrase = 'open sesame'", "SELECT Tell('open sesame')"])
def test_what_an_added_procedure_is_given_as_a_secret_is_told_nowhere(
    fresh: Box, caplog: pytest.LogCaptureFixture, statement: str
) -> None:
    engine = sa.create_engine(fresh.url, echo=True)
    sa.event.listen(engine, "connect", lambda connection, _record: connection.catalog.add(TELL))
    with caplog.at_level("DEBUG"), engine.connect() as connection:
        with pytest.raises(sa.exc.OperationalError) as raised:
            connection.execute(sa.text(statement)).all()
        with pytest.raises(box_dialect.OperationalError) as caught:
            connection.connection.cursor().execute(statement).fetchall()
    engine.dispose()
    told = caplog.text + str(raised.value) + "".join(format_exception(caught.value))
    frames = [frame for frame, _ in walk_tb(caught.tb)][1:]  # the first one is the test's
    kept = [value for frame in frames for value in frame.f_locals.values() if isinstance(value, str)]
    assert "refused" in told
    assert not [text for text in (told, *kept) if "sesame" in text]


async def _seal(_context: Any, *, folder_id: str, wrapping_phrase: str) -> list[tuple[str]]:  # noqa: ARG001 - likewise
    return [(folder_id,)]


SEAL_FOLDER = Procedure(
    name="SealFolder",
    doc="Seal a folder.",
    inputs=(
        Input(name="FolderId", required=True, doc="The folder."),
        Input(name="WrappingPhrase", required=True, secret=True, doc="The phrase."),
    ),
    outputs=(Column("Id"),),
    side_effect=False,
    run=_seal,
)


@sweep(
    "statement",
    [
        "SELECT * FROM SealFoldr WHERE WrappingPhrase = 'hush42'",
        "SELECT * FROM SealFoldr WHERE Whatever = 'hush42'",
        "SELECT id FROM files WHERE WrappingPhrase = 'hush42'",
        "SELECT id FROM files WHERE wraping_phrase = 'hush42'",
        "SELECT * FROM SealFoldr 'hush42'",
        "SELECT SealFoldr 'hush42' FROM files",
        "SELECT WrappingPhrase [hush42",
    ],
)
@sweep("is_wrong_before_it_runs", [False, True])
def test_a_secret_is_told_nowhere_where_a_name_of_an_added_procedure_is_misspelt(
    fresh: Box, caplog: pytest.LogCaptureFixture, statement: str, is_wrong_before_it_runs: bool
) -> None:
    engine = sa.create_engine(fresh.url, echo=True)
    sa.event.listen(engine, "connect", lambda connection, _record: connection.catalog.add(SEAL_FOLDER))
    with caplog.at_level("DEBUG"), engine.connect() as connection:
        query = sa.text(statement)
        if is_wrong_before_it_runs:
            query = sa.text(f"{statement} AND :unfit").bindparams(sa.bindparam("unfit", object(), sa.JSON()))
        with pytest.raises(sa.exc.StatementError) as raised:
            connection.execute(query).all()
        with pytest.raises(box_dialect.Error) as caught:
            connection.connection.cursor().execute(statement).fetchall()
    engine.dispose()
    assert "hush42" not in caplog.text + str(raised.value) + "".join(format_exception(caught.value))


def test_sqlalchemy_calls_an_added_procedure_by_position_and_by_name_where_a_program_makes_its_function(
    fresh: Box,
) -> None:
    seal = replace(SEAL_FOLDER, name="SealSomeFolder")
    engine = sa.create_engine(fresh.url)
    with engine.connect() as connection:
        connection.connection.catalog.add(seal)
        assert connection.execute(sa.select(sa.func.SealSomeFolder("7", "phrase"))).scalar() == "7"
        made = function_of(seal)
        for call in (made(folder_id="8", WrappingPhrase="x"), sa.func.sealsomefolder("8", wrapping_phrase="x")):
            assert isinstance(call.type, sa.String)
            assert connection.execute(sa.select(call)).scalar() == "8"
            assert connection.execute(sa.select(call.table_valued())).one()._fields == ("Id",)
        with pytest.raises(box_dialect.ProgrammingError, match="SealSomeFolder has no input 'Folder'"):
            sa.func.SealSomeFolder(Folder="7")
    engine.dispose()


def invented(name: str, references: str | None = None) -> Table:
    path = AccessPath(name="all", endpoints=(Endpoint(path="/things"),))
    columns = (Column("id"), Column("other_id", references=references))
    return Table(name=name, doc="", columns=columns, paths=(path,))


def referring(first: Column, second: Column) -> Table:
    """Return a table with two columns that refer to folders."""
    return replace(invented("third"), columns=(Column("id"), first, second))


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (
            referring(
                Column("old_id", references="folders.id", relation="place", reverse="left"),
                Column("new_id", references="folders.id", relation="place", reverse="entered"),
            ),
            "third has the relation of third.old_id called place: give third.new_id another relation",
        ),
        (
            referring(Column("old_id", references="folders.id"), Column("new_id", references="folders.id")),
            "folders has the reverse of third.old_id called third: give third.new_id another reverse",
        ),
        (
            replace(invented("third"), columns=(Column("id"), Column("a_id", references="folders.id", reverse="name"))),
            "folders has the column name called name: give third.a_id another reverse",
        ),
        (invented("files"), "there is a table or procedure files already"),
        (invented("Files"), "there is a table or procedure Files already"),
        (invented("remarks"), "there is a table or procedure remarks already"),
        (invented("second"), "there is a table or procedure second already"),
        (invented("refreshoauthaccesstoken"), "there is a table or procedure refreshoauthaccesstoken already"),
        (replace(DO_NOTHING, name="Files"), "there is a table or procedure Files already"),
        (invented('a" (id); --'), "can be no name of a table"),
        (invented("sqlite_things"), "can be no name of a table"),
        (invented(""), "can be no name of a table"),
        (invented("third", "folder.id"), "third.other_id refers to folder.id, which is the key of no table"),
        (invented("third", "folders.name"), "third.other_id refers to folders.name, which is the key of no table"),
        ("third", "'third' is neither a table nor a procedure"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_cannot_be_added_is_refused_with_all_beside_it(
    connection: box_dialect.Connection, added: Any, message: str
) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=message):
        connection.catalog.add(invented("first"), invented("second"), added)
    assert list(connection.catalog.tables) == [*TABLES, "remarks"]
    assert connection.cursor().execute("SELECT name FROM pragma_module_list WHERE name = 'first'").fetchall() == []


def test_tables_that_are_added_together_may_refer_to_each_other(connection: box_dialect.Connection) -> None:
    connection.catalog.add(invented("first", "second.id"), invented("second", "first.id"))
    assert list(connection.catalog.tables)[-2:] == ["first", "second"]


def test_nothing_is_added_in_a_transaction(connection: box_dialect.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE own (id)")
    cursor.execute("INSERT INTO own VALUES (1)")
    with pytest.raises(box_dialect.ProgrammingError, match=r"a transaction is open.*commit or roll back"):
        connection.catalog.add(invented("first"))
    connection.commit()
    connection.catalog.add(invented("first"))
    cursor.execute("INSERT INTO own VALUES (2)")
    connection.rollback()
    assert cursor.execute("SELECT count(*) FROM pragma_table_info('first')").fetchone() == (2,)
    assert cursor.execute("SELECT count(*) FROM own").fetchone() == (1,)


def test_rows_that_are_still_to_come_are_not_disturbed(connection: box_dialect.Connection) -> None:
    reading = connection.cursor().execute("SELECT id FROM files ORDER BY id")
    first = reading.fetchone()
    connection.catalog.add(invented("first"))
    assert first is not None
    assert len({first, *reading.fetchall()}) == len(connection.cursor().execute("SELECT id FROM files").fetchall())


def test_a_local_table_of_the_name_keeps_the_connection_closed(connection: box_dialect.Connection) -> None:
    connection.cursor().execute("CREATE TEMP TABLE first (id)")
    with pytest.raises(box_dialect.Error, match='table "first" already exists'):
        connection.catalog.add(invented("first"))
    assert "first" not in connection.catalog.tables
    with pytest.raises(box_dialect.NotSupportedError, match="refused"):
        connection.cursor().execute("ATTACH ':memory:' AS other")


def test_the_catalog_of_a_closed_connection_takes_nothing(fresh: Box) -> None:
    connection = fresh.connect()
    connection.close()
    with pytest.raises(box_dialect.InterfaceError, match="closed"):
        connection.catalog.add(REMARKS)


def test_a_slip_is_told_when_the_table_is_declared() -> None:
    one = Endpoint(path="/things/{it}")
    for changes, message in (
        ({"columns": (Column("id"), Column("id"))}, "things declares id more than once"),
        ({"key": "thing_id"}, "things has no column thing_id, which `key` names"),
        ({"paths": (AccessPath(name="by it", endpoints=(one,), keys=("it",)),)}, "no column it, which the access path"),
        ({"paths": (AccessPath(name="none", endpoints=()),)}, "the access path 'none' of things has no endpoint"),
        (
            {"paths": (AccessPath(name="all", endpoints=(Endpoint(path="/things").giving(kind="a"),)),)},
            "things has no column kind, which `given` of /things names",
        ),
        ({"columns": (Column("id"), Column("of", references="files"))}, "refers to 'files', which is no table.column"),
    ):
        with pytest.raises(ValueError, match=message):
            replace(invented("things"), **changes)  # type: ignore[arg-type]


# SQLAlchemy


def test_the_inspector_tells_of_it(engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(engine)
    assert inspector.get_table_names() == [*TABLES, "remarks", *TEMPLATE_TABLES]
    assert inspector.has_table("Remarks")
    assert [column["name"] for column in inspector.get_columns("remarks")] == SHOWN
    assert inspector.get_columns("remarks")[0]["comment"] == "Box's id of the comment."
    assert inspector.get_pk_constraint("remarks")["constrained_columns"] == ["id"]
    assert {
        (key["constrained_columns"][0], key["referred_table"]) for key in inspector.get_foreign_keys("remarks")
    } == {
        ("item_id", "files"),
        ("reply_to_id", "remarks"),
        ("created_by_id", "users"),
    }
    assert inspector.get_table_comment("remarks") == {"text": REMARKS.doc}
    assert inspector.get_indexes("remarks") == []


def test_reflected_it_is_written_and_returns_what_box_assigns(engine: sa.engine.Engine, file_id: str) -> None:
    metadata = sa.MetaData()
    metadata.reflect(engine)
    remarks = metadata.tables["remarks"]
    assert remarks.c.id.server_default is not None
    assert pickle.loads(pickle.dumps(metadata)).tables["remarks"].info == remarks.info
    with engine.begin() as connection:
        key = connection.execute(remarks.insert(), {"item_id": file_id, "message": "one"}).inserted_primary_key[0]
        assert connection.execute(sa.select(remarks.c.message).where(remarks.c.id == key)).scalar() == "one"
        connection.execute(remarks.delete().where(remarks.c.id == key))


@pytest.mark.long
def test_a_model_is_made_of_it(fresh: Box, engine: sa.engine.Engine, file_id: str) -> None:
    base = declarative_base()
    with engine.connect() as connection:
        catalog = connection.connection.catalog
    classes = orm.map_tables(catalog.relations.values(), base)
    assert classes.keys() == {*orm.MODELS, "Remark"}
    assert orm.map_tables([REMARKS], base) == {"Remark": classes["Remark"]}
    with Session(engine) as session:
        query = sa.select(classes["File"]).where(classes["File"].id == file_id)
        file = session.execute(query.options(selectinload(classes["File"].remarks))).scalar_one()
        assert {remark.message for remark in file.remarks} == {comment.message for comment in file.comments}
        assert all(remark.file is file for remark in file.remarks)
        remark = classes["Remark"](file=file, message="Well said.")
        session.add(remark)
        session.commit()
        assert fresh.store.comments[remark.id].message == "Well said."
        assert (remark.created_by.name, remark.answers) == ("Ada Admin", [])
        session.delete(remark)
        session.commit()


def test_a_base_of_ones_own_is_mapped_to_it(engine: sa.engine.Engine, file_id: str) -> None:
    base = declarative_base()

    class Document(orm.FileColumns, base):  # type: ignore[misc, valid-type]
        pass

    class Saying(orm.columns_of(REMARKS), base):  # type: ignore[misc, valid-type]
        pass

    orm.relate(base)
    assert "remarks" in orm.tables(sa.MetaData(), REMARKS)
    with Session(engine) as session:
        said = session.execute(sa.select(Saying).where(Saying.item_id == file_id)).scalars().all()
        assert {saying.file for saying in said} == {session.get(Document, file_id)}


TALKS = replace(
    REMARKS,
    name="talks",
    columns=tuple(
        replace(
            column,
            references=None,
            relation="item",
            target=Target(by="item_type", tables={"file": "files.id", "folder": "folders.id", "memo": "memos.id"}),
        )
        if column.name == "item_id"
        else column
        for column in REMARKS.columns
        if column.name != "reply_to_id"
    ),
)
"""Remarks on one of several things, of which one is no table here."""


@pytest.mark.long
def test_what_refers_to_one_of_several_tables_is_related_by_its_type(fresh: Box, file_id: str) -> None:
    """Reflection tells of no foreign key: the values of the column are not all in one table."""
    fresh.store.add_folder("twin", fresh.store.root, fresh.store.admin)
    (twin,) = (folder for folder in fresh.store.items["folder"].values() if folder.name == "twin")
    engine, base = sa.create_engine(fresh.url), declarative_base()
    sa.event.listen(engine, "connect", lambda connection, _record: connection.catalog.add(TALKS))
    classes = orm.map_tables([*TABLES.values(), TALKS], base)
    talk, folder = classes["Talk"], classes["Folder"]
    with Session(engine) as session:
        said = session.execute(sa.select(talk).where(talk.item_id == file_id)).scalars().all()
        assert {each.item_file.id for each in said} == {file_id}
        assert {each.item_folder for each in said} == {None}
        assert set(said[0].item_file.talks) == set(said)
        of_folder = sa.select(talk).join(folder.talks).where(folder.id == twin.id).compile(engine)
        assert "talks.item_type = ?" in str(of_folder)
        assert not hasattr(talk, "item_memo")
    referred = {key["referred_table"] for key in sa.inspect(engine).get_foreign_keys("talks")}
    assert referred == {"users"}
    engine.dispose()


def test_a_key_of_several_columns_is_reflected(engine: sa.engine.Engine) -> None:
    keyed = replace(invented("things"), key=("other_id", "id"))
    with engine.connect() as connection:
        connection.connection.catalog.add(keyed)
        inspector = sa.inspect(connection)
        assert inspector.get_pk_constraint("things")["constrained_columns"] == ["other_id", "id"]
        assert [column["primary_key"] for column in inspector.get_columns("things")] == [2, 1]
        assert set(sa.Table("things", sa.MetaData(), autoload_with=connection).primary_key.columns.keys()) == {
            "other_id",
            "id",
        }
        connection.invalidate()
    assert {column.name for column in orm.tables(sa.MetaData(), keyed)["things"].primary_key} == {"other_id", "id"}


def test_two_tables_with_one_class_are_refused() -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="thing and things would both be the class Thing"):
        orm.map_tables([invented("thing"), invented("things")], declarative_base())


@pytest.mark.long
def test_automap_names_it(engine: sa.engine.Engine) -> None:
    base = automap_base()
    base.prepare(autoload_with=engine, **orm.AUTOMAP)
    configure_mappers()
    remark = base.classes.Remark
    assert remark.file.property.mapper.class_ is base.classes.File
    assert base.classes.File.remarks.property.mapper.class_ is remark
    assert remark.answers.property.mapper.class_ is remark


def test_alembic_leaves_it_alone(engine: sa.engine.Engine) -> None:
    pytest.importorskip("alembic")
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, sa.MetaData()) == []
        with (
            pytest.raises(box_dialect.ProgrammingError, match="remarks is a table of Box, which may not be altered"),
            Operations(context).batch_alter_table("remarks", recreate="always") as batch,
        ):
            batch.alter_column("message", nullable=True)


def test_asyncio_adds_it_in_the_thread_of_the_connection(fresh: Box, file_id: str) -> None:
    async def run() -> tuple[list[Any], list[str]]:
        async with await aio.connect(fresh.url) as connection:
            await connection.run_sync(lambda it: it.catalog.add(REMARKS))
            assert "remarks" in connection.catalog.tables
            async with connection.cursor() as cursor:
                await cursor.execute("SELECT DISTINCT item_id FROM remarks WHERE item_id = ?", (file_id,))
                return await cursor.fetchall(), list(connection.catalog.tables)

    assert asyncio.run(run()) == ([(file_id,)], [*TABLES, "remarks"])


def test_an_engine_for_asyncio_has_it_on_every_connection(fresh: Box) -> None:
    engine = create_async_engine(fresh.url.replace("box://", "box+aioapsw://"))

    @sa.event.listens_for(engine.sync_engine, "connect")
    def add(connection: Any, _record: object) -> None:
        connection.run_sync(lambda it: it.catalog.add(REMARKS))

    async def run() -> list[str]:
        async with engine.connect() as connection:
            names: list[str] = await connection.run_sync(lambda it: sa.inspect(it).get_table_names())
        await engine.dispose()
        return names

    assert asyncio.run(run()) == [*TABLES, "remarks", *TEMPLATE_TABLES]


def test_a_catalog_without_a_connection_has_what_every_connection_begins_with() -> None:
    catalog = Catalog()
    catalog.add(REMARKS)
    assert list(catalog.tables) == [*TABLES, "remarks"]
    assert "remarks" not in Catalog().tables
