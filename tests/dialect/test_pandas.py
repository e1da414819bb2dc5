"""pandas reads through the dialect."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

pandas = pytest.importorskip("pandas")

if sa.__version__.startswith("1.") and tuple(map(int, pandas.__version__.split(".")[:2])) >= (2, 2):
    pytest.skip("pandas 2.2 and later take SQLAlchemy 2 only", allow_module_level=True)


def test_a_query_is_read(engine: sa.engine.Engine) -> None:
    query = sa.text("SELECT name, size, modified_at FROM files WHERE parent_id = :parent ORDER BY name")
    with engine.connect() as connection:
        frame = pandas.read_sql(query, connection, params={"parent": "0"})
        rows = connection.execute(query, {"parent": "0"}).all()
    assert list(frame.columns) == ["name", "size", "modified_at"]
    assert list(frame.itertuples(index=False, name=None)) == [tuple(row) for row in rows]
    assert str(frame["modified_at"].dt.tz) == "UTC"


def test_a_table_is_read(engine: sa.engine.Engine) -> None:
    frame = pandas.read_sql_table("users", engine, columns=["id", "login", "created_at"])
    assert len(frame) > 2
    assert isinstance(frame["created_at"].dtype, pandas.DatetimeTZDtype)
    assert frame["id"].map(type).eq(str).all()


def test_a_query_is_read_in_parts(engine: sa.engine.Engine) -> None:
    with engine.connect() as connection:
        parts = list(pandas.read_sql(sa.text("SELECT id FROM files"), connection, chunksize=5))
    assert len(parts) > 2
    assert {len(part) for part in parts[:-1]} == {5}
