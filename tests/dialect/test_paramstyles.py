"""Every paramstyle that SQLAlchemy renders reaches the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

HAS_NUMBERS = not sa.__version__.startswith("1.")  # which renders no IN with them
STYLES = ["qmark", "named", "format", "pyformat", *(["numeric", "numeric_dollar"] if HAS_NUMBERS else [])]


@pytest.fixture(params=STYLES)
def connection(small: Box, request: pytest.FixtureRequest) -> Iterator[sa.engine.Connection]:
    engine = sa.create_engine(small.url, paramstyle=request.param)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_values_come_to_their_places(connection: sa.engine.Connection, tables: sa.MetaData) -> None:
    files = tables.tables["files"]
    names = ["README", "Notes.txt", "it's.txt"]
    statement = (
        sa.select(files.c.name, sa.literal("first").label("one"), sa.literal(":1 $1 ? %s %%").label("two"))
        .where(files.c.name.in_(names), files.c.size >= sa.bindparam("least"))
        .order_by(files.c.name)
        .limit(2)
        .offset(1)
    )
    rows = connection.execute(statement, {"least": 0}).all()
    assert rows == [(name, "first", ":1 $1 ? %s %%") for name in sorted(names)[1:]]


def test_one_value_may_stand_twice(connection: sa.engine.Connection, tables: sa.MetaData) -> None:
    files = tables.tables["files"]
    name = sa.bindparam("name", "README")
    statement = sa.select(sa.literal("z"), files.c.name).where(sa.or_(files.c.name == name, files.c.path == name))
    assert connection.execute(statement).all() == [("z", "README")]


def test_percent_signs_stay(connection: sa.engine.Connection) -> None:
    statement = sa.select(sa.literal_column("'100%s % :1 $1'"), sa.literal(17) % sa.literal(5))
    expected = sa.text("SELECT '100%s %% \\:1', 17 % 5, :value")
    assert connection.execute(statement).one()[1] == 2
    assert connection.execute(expected, {"value": 3}).one() == ("100%s %% :1", 2, 3)


def test_many_sets_of_values_are_written(connection: sa.engine.Connection) -> None:
    table = sa.Table("numbers", sa.MetaData(), sa.Column("n", sa.Integer), sa.Column("word", sa.String))
    with connection.begin():
        table.create(connection)
        connection.execute(table.insert(), [{"n": n, "word": f"{n}%"} for n in range(3)])
        assert connection.execute(sa.select(table)).all() == [(n, f"{n}%") for n in range(3)]
        table.drop(connection)


@pytest.mark.parametrize(
    ("style", "sql", "values", "row"),
    [
        ("qmark", "SELECT ?, '%s :1'", ("a",), ("a", "%s :1")),
        ("named", "SELECT :x, '%s ?'", {"x": "a"}, ("a", "%s ?")),
        ("numeric", "SELECT :2, :1, ':1' -- :1", ("a", "b"), ("b", "a", ":1")),
        ("format", "SELECT %s, '100%%', '%%s'", ("a",), ("a", "100%", "%s")),
        ("pyformat", "SELECT %(x)s, 7 %% 4, '%%(x)s'", {"x": "a"}, ("a", 3, "%(x)s")),
    ],
)
def test_the_drivers_own_sql_has_the_paramstyle(
    small: Box, style: str, sql: str, values: Any, row: tuple[Any, ...]
) -> None:
    if style == "numeric" and not HAS_NUMBERS:
        pytest.skip("SQLAlchemy 1.4 does not support it with IN")
    engine = sa.create_engine(small.url, paramstyle=style)
    with engine.connect() as connection:
        assert tuple(connection.exec_driver_sql(sql, values).one()) == row
    engine.dispose()


@pytest.mark.parametrize("style", ["format", "pyformat"])
def test_a_single_percent_sign_is_refused(small: Box, style: str) -> None:
    engine = sa.create_engine(small.url, paramstyle=style)
    with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="percent sign is written %%"):
        connection.exec_driver_sql("SELECT 7 % 4")
    engine.dispose()


def test_an_unknown_paramstyle_is_refused(small: Box) -> None:
    with pytest.raises(sa.exc.ArgumentError, match="there is no paramstyle 'colon'; the driver takes qmark, named"):
        sa.create_engine(small.url, paramstyle="colon")
