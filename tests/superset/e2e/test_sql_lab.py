"""SQL Lab, by its REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Box
    from superset_server import Person


def test_a_query_gives_the_drivers_own_rows(admin: Person, database: int, box: Box) -> None:
    sql = "SELECT name, size FROM files ORDER BY size DESC, name LIMIT 3"
    assert admin.run(database, sql).rows == box.connect().cursor().execute(sql).fetchall()
