"""Statements of SQLAlchemy Core over Box's tables: types both ways, and the SQL that tools emit."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from conftest import Box

ONE_HOUR_EAST = dt.timezone(dt.timedelta(hours=1))


@pytest.fixture
def connection(engine: sa.engine.Engine) -> Any:
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def files(tables: sa.MetaData) -> sa.Table:
    return tables.tables["files"]


def stored(small: Box) -> list[Any]:
    """The files that queries see."""
    return [file for file in small.store.items["file"].values() if not file.is_trashed]


def test_parameters_are_bound(connection: Any, files: sa.Table) -> None:
    by_core = sa.select(files.c.path).where(files.c.name == sa.bindparam("name"))
    by_text = sa.text("SELECT path FROM files WHERE name = :name")
    by_driver = "SELECT path FROM files WHERE name = ?"
    for name in ("it's.txt", "semi;colon--.txt", "emoji 🎉.md"):
        (path,) = connection.execute(by_core, {"name": name}).scalars()
        assert path.endswith(f"/{name}")
        assert connection.execute(by_text, {"name": name}).scalar() == path
        assert connection.exec_driver_sql(by_driver, (name,)).scalar() == path
        literal = sa.select(files.c.path).where(files.c.name == name)
        compiled = literal.compile(connection, compile_kwargs={"literal_binds": True})
        assert connection.exec_driver_sql(str(compiled)).scalar() == path


def test_in_takes_lists(connection: Any, files: sa.Table) -> None:
    names = ["it's.txt", "notes", "nothing"]
    statement = sa.select(files.c.name).where(files.c.name.in_(names)).order_by(files.c.name)
    assert connection.execute(statement).scalars().all() == ["it's.txt", "notes"]
    assert connection.execute(statement.where(files.c.name.notin_(["notes"]))).scalars().all() == ["it's.txt"]
    assert connection.execute(sa.select(files.c.name).where(files.c.name.in_([]))).all() == []


def test_moments_are_aware_and_utc(connection: Any, files: sa.Table) -> None:
    moments = connection.execute(sa.select(files.c.modified_at)).scalars().all()
    assert {moment.tzinfo for moment in moments} == {dt.UTC}
    assert connection.execute(sa.select(sa.func.max(files.c.modified_at))).scalar() == max(moments)
    assert connection.execute(sa.select(sa.func.min(files.c.modified_at))).scalar() == min(moments)
    lowest = sa.select(sa.func.min(files.c.modified_at)).scalar_subquery()
    assert connection.execute(sa.select(files.c.modified_at).where(files.c.modified_at == lowest)).scalar() == min(
        moments
    )
    assert connection.execute(sa.select(files.c.trashed_at).limit(1)).scalar() is None


@pytest.mark.parametrize("literal", [False, True])
def test_moments_are_compared_in_utc(connection: Any, files: sa.Table, literal: bool) -> None:
    moments = sorted(connection.execute(sa.select(files.c.modified_at)).scalars())
    middle = moments[len(moments) // 2]
    expected = sum(moment >= middle for moment in moments)
    assert 0 < expected < len(moments)
    for value in (middle, middle.replace(tzinfo=None), middle.astimezone(ONE_HOUR_EAST)):
        statement = sa.select(sa.func.count()).select_from(files).where(files.c.modified_at >= value)
        if literal:
            statement = sa.text(str(statement.compile(connection, compile_kwargs={"literal_binds": True})))
        assert connection.execute(statement).scalar() == expected


def test_booleans_are_booleans(connection: Any, tables: sa.MetaData) -> None:
    files = tables.tables["files"]
    column = files.c.shared_link_is_password_enabled
    assert {type(value) for value in connection.execute(sa.select(column)).scalars()} == {bool, type(None)}
    total = connection.execute(sa.select(sa.func.count()).select_from(files)).scalar()
    parts = [column.is_(True), column.is_(False), column.is_(None)]
    counts = [connection.execute(sa.select(sa.func.count()).select_from(files).where(part)).scalar() for part in parts]
    assert sum(counts) == total


def test_json_is_decoded(small: Box, connection: Any, files: sa.Table) -> None:
    rows = connection.execute(sa.select(files.c.id, files.c.tags)).all()
    tagged = {id_: tags for id_, tags in rows if tags}
    assert tagged
    assert tagged == {file.id: file.tags for file in stored(small) if file.tags}
    (id_, tags), *_ = tagged.items()
    assert connection.execute(sa.select(files.c.tags[0].as_string()).where(files.c.id == id_)).scalar() == tags[0]
    raw = connection.exec_driver_sql("SELECT tags FROM files WHERE id = ?", (id_,)).scalar()
    assert json.loads(raw) == tags


def test_limit_and_offset(small: Box, connection: Any, files: sa.Table) -> None:
    names = sorted(file.name for file in stored(small))
    statement = sa.select(files.c.name).order_by(files.c.name)
    assert connection.execute(statement.limit(3)).scalars().all() == names[:3]
    assert connection.execute(statement.limit(3).offset(4)).scalars().all() == names[4:7]
    assert connection.execute(statement.offset(4)).scalars().all() == names[4:]
    result = connection.execute(sa.select(files.c.name).where(files.c.parent_id == "0").limit(1))
    cursor = result.cursor
    assert len(result.all()) == 1
    assert cursor.api_calls == 1


def test_common_table_expressions(connection: Any, tables: sa.MetaData) -> None:
    folders = tables.tables["folders"]
    top = (
        sa.select(folders.c.id, folders.c.parent_id, folders.c.name)
        .where(folders.c.id == "0")
        .cte("down", recursive=True)
    )
    down = top.union_all(
        sa.select(folders.c.id, folders.c.parent_id, folders.c.name).join(top, folders.c.parent_id == top.c.id)
    )
    found = connection.execute(sa.select(down.c.id)).scalars().all()
    assert sorted(found) == sorted(connection.execute(sa.select(folders.c.id)).scalars())


def test_window_functions(small: Box, connection: Any, files: sa.Table) -> None:
    place = sa.func.row_number().over(partition_by=files.c.parent_id, order_by=(files.c.size.desc(), files.c.id))
    ranked = sa.select(files.c.parent_id, files.c.size, place.label("place")).subquery()
    largest = connection.execute(sa.select(ranked.c.parent_id, ranked.c.size).where(ranked.c.place == 1)).all()
    expected: dict[str, int] = {}
    for file in stored(small):
        expected[file.parent.id] = max(file.size, expected.get(file.parent.id, 0))
    assert dict(map(tuple, largest)) == expected


def test_joins_and_aggregates(small: Box, connection: Any, tables: sa.MetaData) -> None:
    files, comments, users = (tables.tables[name] for name in ("files", "comments", "users"))
    statement = (
        sa.select(files.c.name, sa.func.count(comments.c.id), sa.func.max(comments.c.created_at))
        .select_from(files.join(comments, comments.c.item_id == files.c.id))
        .outerjoin(users, users.c.id == comments.c.created_by_id)
        .group_by(files.c.name)
        .having(sa.func.count(comments.c.id) > 1)
    )
    rows = connection.execute(statement).all()
    assert rows
    for name, count, last in rows:
        on_it = [comment for comment in small.store.comments.values() if comment.file.name == name]
        assert count == len(on_it)
        assert last.tzinfo is dt.UTC


def test_search_is_match(connection: Any, files: sa.Table) -> None:
    by_expression = sa.select(files.c.name).where(sa.literal_column("files").match("README"))
    by_text = sa.text("SELECT name FROM files WHERE files MATCH 'README'")
    for statement in (by_expression, by_text):
        result = connection.execute(statement)
        cursor = result.cursor
        assert result.scalars().all() == ["README"]
        assert cursor.api_calls == 1


def test_numbers_keep_their_kind(connection: Any, files: sa.Table) -> None:
    total, mean = connection.execute(sa.select(sa.func.sum(files.c.size), sa.func.avg(files.c.size))).one()
    assert isinstance(total, int)
    assert float(mean) == pytest.approx(total / connection.execute(sa.select(sa.func.count(files.c.id))).scalar())
    statement = sa.select(files.c.name).where(files.c.size * 1.5 > total + 0.5)
    assert connection.execute(statement).all() == []


def test_unions_and_subqueries(connection: Any, tables: sa.MetaData) -> None:
    files, folders, items = (tables.tables[name] for name in ("files", "folders", "items"))
    both = sa.union_all(
        sa.select(files.c.id).where(files.c.parent_id == "0"), sa.select(folders.c.id).where(folders.c.parent_id == "0")
    )
    listed = sa.select(items.c.id).where(items.c.parent_id == "0", items.c.type != "web_link")
    assert sorted(connection.execute(both).scalars()) == sorted(connection.execute(listed).scalars())
    inside = sa.select(folders.c.id).where(folders.c.name == "Photos")
    exists = sa.exists().where(folders.c.id == files.c.parent_id, folders.c.name == "Photos")
    by_in = connection.execute(sa.select(files.c.name).where(files.c.parent_id.in_(inside))).scalars().all()
    assert len(by_in) == 4
    assert sorted(connection.execute(sa.select(files.c.name).where(exists)).scalars()) == sorted(by_in)


def test_rows_may_be_streamed(connection: Any, files: sa.Table) -> None:
    everything = connection.execute(sa.select(files.c.id)).scalars().all()
    result = connection.execution_options(stream_results=True).execute(sa.select(files.c.id))
    assert sorted(row.id for part in result.partitions(7) for row in part) == sorted(everything)
