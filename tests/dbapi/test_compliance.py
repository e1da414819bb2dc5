"""The public suite for PEP 249, dbapi-compliance, on tables of a connection's own.

What is overridden here says why, and tests what the driver does instead.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import dbapi20
import pytest

import box_dialect


class TestCompliance(dbapi20.DatabaseAPI20Test):
    driver = box_dialect
    connect_args = ("box://CLIENT_ID:CLIENT_SECRET@/",)

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.connect_kw_args = {"LocalDatabase": str(Path(folder.name) / "own.db")}

    def test_callproc(self) -> None:
        """There is no procedure that folds case; one of the driver's own needs no call to Box."""
        with self._connect() as connection:
            cursor = connection.cursor()
            given = ("http://localhost:33333", "state")
            assert cursor.callproc("GetOAuthAuthorizationURL", given) == given
            ((url,),) = cursor.fetchall()
            assert "state=state" in url

    def test_fetchone(self) -> None:
        """BI tools fetch after every statement, so one without rows has none to give, and fetching is no error."""
        with self._connect() as connection:
            cursor = connection.cursor()
            with pytest.raises(box_dialect.ProgrammingError):
                cursor.fetchone()
            self.executeDDL1(cursor)
            assert cursor.fetchone() is None
            cursor.execute(f"{self.insert} INTO {self.table_prefix}booze VALUES ('Victoria Bitter')")
            assert cursor.fetchone() is None
            cursor.execute(f"SELECT name FROM {self.table_prefix}booze")
            assert cursor.fetchone() == ("Victoria Bitter",)
            assert cursor.fetchone() is None

    def test_fetchall(self) -> None:
        """As for fetchone()."""
        with self._connect() as connection:
            cursor = connection.cursor()
            with pytest.raises(box_dialect.ProgrammingError):
                cursor.fetchall()
            self.executeDDL1(cursor)
            assert cursor.fetchall() == []
            for sql in self._populate():
                cursor.execute(sql)
            assert cursor.fetchall() == []
            cursor.execute(f"SELECT name FROM {self.table_prefix}booze ORDER BY name")
            assert [name for (name,) in cursor.fetchall()] == sorted(self.samples)
            assert cursor.fetchall() == []

    def test_nextset(self) -> None:
        """A statement has one result, so the optional method is not there."""
        with self._connect() as connection:
            assert not hasattr(connection.cursor(), "nextset")

    def test_non_idempotent_close(self) -> None:
        """Closing again does nothing, as with files."""
        connection = self._connect()
        connection.close()
        connection.close()

    def test_setoutputsize(self) -> None:
        """The driver needs no sizes, which PEP 249 allows."""
        with self._connect() as connection:
            connection.cursor().setoutputsize(1000, 0)
