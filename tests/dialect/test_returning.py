"""RETURNING through SQLAlchemy: keys and server-assigned columns by the call that writes, and etag as the version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, declarative_base
from sqlalchemy.orm.exc import StaleDataError

from box_dialect.catalog import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

IS_1_4 = sa.__version__.startswith("1.")


@pytest.fixture
def connection(changeable: sa.engine.Engine) -> Iterator[Any]:
    with changeable.begin() as connection:
        yield connection


@pytest.fixture
def folders(tables: sa.MetaData) -> sa.Table:
    return tables.tables["folders"]


@pytest.fixture
def versioned(changeable: sa.engine.Engine) -> Any:
    """The class of folders, with Box's etag as its version and all that Box assigns read at once."""
    base: Any = declarative_base()
    base.metadata.reflect(changeable, only=["folders"])
    table = base.metadata.tables["folders"]

    class Folder(base):
        __table__ = table
        __mapper_args__ = {  # noqa: RUF012 - SQLAlchemy's form
            "version_id_col": table.c.etag,
            "version_id_generator": False,
            "eager_defaults": True,
        }

    return Folder


def writes(box: Box) -> dict[str, int]:
    """Return how many calls were made of each operation since the counts were reset."""
    counts: Any = box.stats()["by_operation"]
    return dict(counts)


def test_core_returns_rows_of_each_write(fresh: Box, connection: Any, folders: sa.Table) -> None:
    columns = (folders.c.id, folders.c.etag, folders.c.created_at, sa.func.upper(folders.c.name).label("loud"))
    fresh.reset()
    made = connection.execute(folders.insert().values(name="made", parent_id="0").returning(*columns))
    (row,) = made.all()
    assert (row.etag, row.loud, row.created_at.utcoffset().total_seconds()) == ("0", "MADE", 0)
    assert made.rowcount == 1
    changed = connection.execute(
        folders.update().where(folders.c.id == row.id).values(name="changed").returning(folders.c.name, folders.c.etag)
    )
    assert changed.rowcount == 1
    assert [tuple(each) for each in changed] == [("changed", "1")]
    gone = connection.execute(folders.delete().where(folders.c.id == row.id).returning(folders.c.id))
    assert (gone.rowcount, gone.scalars().all()) == (1, [row.id])
    assert writes(fresh) == {"post_folders": 1, "put_folders_id": 1, "delete_folders_id": 1}


@pytest.mark.parametrize("implicit_returning", [True, False])
def test_the_key_of_a_new_row_is_known(
    fresh: Box, changeable: sa.engine.Engine, connection: Any, implicit_returning: bool
) -> None:
    """Without RETURNING it is taken from `lastrowid`."""
    folders = sa.Table("folders", sa.MetaData(), autoload_with=changeable, implicit_returning=implicit_returning)
    fresh.reset()
    result = connection.execute(folders.insert().values(name="made", parent_id="0"))
    (made,) = (folder for folder in fresh.store.items["folder"].values() if folder.name == "made")
    assert tuple(result.inserted_primary_key) == (made.id,)
    assert (result.lastrowid, result.rowcount) == (int(made.id), 1)
    assert writes(fresh) == {"post_folders": 1}


@pytest.mark.skipif(IS_1_4, reason="SQLAlchemy 1.4 has no RETURNING for many sets of parameters")
@pytest.mark.parametrize("ordered", [False, True])
def test_many_rows_are_returned_by_one_statement_in_their_order(
    fresh: Box, connection: Any, folders: sa.Table, ordered: bool
) -> None:
    rows = [{"name": f"n{number}", "parent_id": "0"} for number in range(30)]
    statements: list[str] = []
    sa.event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
    fresh.reset()
    options: Any = {"sort_by_parameter_order": True} if ordered else {}
    result = connection.execute(folders.insert().returning(folders.c.name, folders.c.id, **options), rows)
    found = result.all()
    assert [name for name, _ in found] == [row["name"] for row in rows]
    assert dict(found) == {
        folder.name: folder.id for folder in fresh.store.items["folder"].values() if folder.name in dict(found)
    }
    assert len(statements) == 1
    assert writes(fresh) == {"post_folders": 30}


def test_many_rows_are_counted(fresh: Box, connection: Any, folders: sa.Table) -> None:
    rows = [{"name": f"n{number}", "parent_id": "0"} for number in range(3)]
    assert connection.execute(folders.insert(), rows).rowcount == 3
    keys = connection.execute(sa.select(folders.c.id).where(folders.c.name.in_(["n0", "n1", "n2"]))).scalars().all()
    fresh.reset()
    renamed = folders.update().where(folders.c.id == sa.bindparam("key")).values(description=sa.bindparam("text"))
    values = [{"key": key, "text": "d"} for key in [*keys, "987654321"]]
    assert connection.execute(renamed, values).rowcount == 3
    removed = folders.delete().where(folders.c.id == sa.bindparam("key"))
    assert connection.execute(removed, [{"key": key} for key in [*keys, "987654321"]]).rowcount == 3


def test_objects_get_what_box_assigned_without_a_call_more(
    fresh: Box, changeable: sa.engine.Engine, versioned: Any
) -> None:
    with Session(changeable) as session:
        made = [versioned(name=f"o{number}", parent_id="0") for number in range(3)]
        session.add_all(made)
        fresh.reset()
        session.flush()
        for number, folder in enumerate(made):
            assert fresh.store.items["folder"][folder.id].name == f"o{number}"
            assert (folder.etag, folder.path, folder.created_by_login) == ("0", f"/o{number}", "admin@example.com")
            assert (folder.item_status, folder.description, folder.size) == ("active", "", 0)
        assert writes(fresh) == {"post_folders": 3}
        session.commit()


@pytest.mark.skipif(IS_1_4, reason="SQLAlchemy 1.4 reads what it did not ask for where it is wanted")
def test_eager_defaults_are_the_default(fresh: Box, changeable: sa.engine.Engine) -> None:
    base: Any = declarative_base()
    base.metadata.reflect(changeable, only=["web_links"])
    web_link = type("WebLink", (base,), {"__table__": base.metadata.tables["web_links"]})
    with Session(changeable) as session:
        link = web_link(name="link", url="https://example.com/", parent_id="0")
        session.add(link)
        fresh.reset()
        session.flush()
        assert (link.path, link.type) == ("/link", "web_link")
        assert writes(fresh) == {"post_web_links": 1}
        session.commit()


def test_the_etag_is_a_version_that_box_counts(fresh: Box, changeable: sa.engine.Engine, versioned: Any) -> None:
    with Session(changeable) as session:
        folder = versioned(name="mine", parent_id="0")
        session.add(folder)
        session.flush()
        fresh.reset()
        for number in range(1, 4):
            folder.name = f"mine {number}"
            session.flush()
            assert folder.etag == str(number)
        assert writes(fresh) == {"put_folders_id": 3}
        session.delete(folder)
        session.flush()
        assert writes(fresh) == {"put_folders_id": 3, "delete_folders_id": 1}
        session.commit()


@pytest.mark.parametrize("change", ["update", "delete"])
def test_an_object_that_somebody_else_changed_is_stale(
    fresh: Box, changeable: sa.engine.Engine, versioned: Any, change: str
) -> None:
    with Session(changeable) as session:
        folder = versioned(name="mine", parent_id="0")
        session.add(folder)
        session.commit()
        key, _ = folder.id, folder.etag
        with fresh.connect() as other, other.cursor() as cursor:
            cursor.execute("UPDATE folders SET name = 'theirs' WHERE id = ?", (key,))
        fresh.reset()
        if change == "update":
            folder.name = "mine again"
        else:
            session.delete(folder)
        with pytest.raises(StaleDataError, match="0 were matched"):
            session.flush()
        assert sum(writes(fresh).values()) == 1
        session.rollback()
    assert fresh.store.items["folder"][key].name == "theirs"
    assert not fresh.store.items["folder"][key].is_trashed


def test_an_empty_insert_is_refused_by_what_box_needs(connection: Any, folders: sa.Table) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="needs a value for name and parent_id"):
        connection.execute(folders.insert().values().returning(folders.c.id))


def test_local_tables_return_rows_as_ever(connection: Any) -> None:
    own = sa.Table("own", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(9)))
    own.create(connection)
    assert tuple(connection.execute(own.insert().values(name="a")).inserted_primary_key) == (1,)
    assert connection.execute(own.insert().values(name="b").returning(own.c.id, own.c.name)).all() == [(2, "b")]
    changed = connection.execute(own.update().values(name=own.c.name + "!").returning(own.c.name))
    assert changed.rowcount == 2
    assert sorted(changed.scalars()) == ["a!", "b!"]
    removed = connection.execute(own.delete().where(own.c.id == 1).returning(own.c.id))
    assert (removed.rowcount, removed.scalars().all()) == (1, [1])


def test_reflection_says_what_box_assigns(tables: sa.MetaData) -> None:
    for name, table in TABLES.items():
        assigned = {column.name for column in tables.tables[name].columns if column.server_default is not None}
        visible = {column.name for column in table.columns if not column.hidden}
        assert assigned == (visible.difference(table.insert.required) if table.insert else {*table.keys})


class Lowered(sa.types.TypeDecorator):  # type: ignore[type-arg]
    impl = sa.String
    cache_ok = True

    def column_expression(self, column: Any) -> Any:
        return sa.func.lower(column)


@pytest.mark.parametrize("whole", [True, False])
def test_a_column_that_is_read_by_an_expression_keeps_its_name(connection: Any, whole: bool) -> None:
    own = sa.Table("own", sa.MetaData(), sa.Column("a", sa.String), sa.Column("b", Lowered))
    own.create(connection)
    row = connection.execute(own.insert().values(a="A", b="B").returning(*([own] if whole else own.c))).one()
    assert (row.a, row.b) == ("A", "b")
