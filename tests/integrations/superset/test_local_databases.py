"""Each viewer has a local database at each database: what one query makes, the next finds, and no other viewer's."""

from __future__ import annotations

import datetime as dt
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from box_dialect.errors import OperationalError

if TYPE_CHECKING:
    from integrations.superset.viewing import Database, Superset

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
COPY = "CREATE TABLE copied AS SELECT name, modified_at FROM files WHERE name = 'Notes.txt'"
NOTES = [("Notes.txt", dt.datetime(2015, 7, 20, 8, tzinfo=dt.UTC))]


@pytest.fixture(params=[False, True], ids=["one account", "each viewer"])
def database(request: pytest.FixtureRequest, superset: Superset) -> Database:
    return superset.database(impersonate_user=request.param)


@pytest.fixture
def token(superset: Superset) -> str:
    return str(superset.ready["developer_token"])


def files(superset: Superset, folder: str = "box_dialect/local") -> list[Path]:
    return sorted((Path(superset.app.config["DATA_DIR"]) / folder).rglob("*.db"))


def test_a_table_is_there_in_the_next_query_with_its_types(superset: Superset, database: Database, token: str) -> None:
    with superset.viewed_by(1):
        superset.rows(database, COPY, token)
        assert superset.rows(database, "SELECT * FROM copied", token) == NOTES
        superset.rows(database, "DROP TABLE copied", token)
        assert superset.rows(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'copied'", token) == [(0,)]


def test_a_view_reads_box_in_the_next_query(superset: Superset, database: Database, token: str) -> None:
    with superset.viewed_by(1):
        superset.rows(database, COPY.replace("TABLE", "VIEW"), token)
        assert superset.rows(database, "SELECT * FROM copied", token) == NOTES


@pytest.mark.long
@pytest.mark.parametrize("other", [{"number": 2}, {"number": 1, "username": "somebody else"}, {"number": None}])
def test_no_other_viewer_finds_it(superset: Superset, database: Database, token: str, other: dict[str, Any]) -> None:
    find = "SELECT count(*) FROM sqlite_schema WHERE name = 'copied'"
    with superset.viewed_by(1):
        superset.rows(database, COPY, token)
        assert superset.rows(database, find, token) == [(1,)]
    with superset.viewed_by(**other):
        assert superset.rows(database, find, token) == [(0,)]


def test_no_other_database_finds_it(superset: Superset, database: Database, token: str) -> None:
    with superset.viewed_by(1):
        superset.rows(database, COPY, token)
        other = superset.database(impersonate_user=database.impersonate_user)
        assert superset.rows(other, "SELECT count(*) FROM sqlite_schema WHERE name = 'copied'", token) == [(0,)]


@pytest.mark.long
def test_two_processes_share_it(superset: Superset, token: str) -> None:
    database = superset.database()
    with superset.viewed_by(1):
        superset.rows(database, COPY, token)
        (file,) = files(superset)
        code = "import box_dialect, sys; print(box_dialect.connect('box://id:secret@', LocalDatabase=sys.argv[1])"
        code += ".cursor().execute('INSERT INTO copied (name) VALUES (?) RETURNING name', ['x']).connection.commit())"
        subprocess.run([sys.executable, "-c", code, str(file)], check=True)
        assert superset.rows(database, "SELECT name FROM copied", token) == [("Notes.txt",), ("x",)]


@posix
def test_nobody_else_on_the_server_can_read_it(superset: Superset, database: Database, token: str) -> None:
    with superset.viewed_by(1):
        superset.rows(database, COPY, token)
    (file,) = files(superset)
    assert file.parent.name == str(database.uuid)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (file.parent, file)] == [0o700, 0o600]


@posix
def test_what_others_could_change_is_refused(superset: Superset, database: Database, token: str) -> None:
    with superset.viewed_by(1):
        superset.rows(database, COPY, token)
        (file,) = files(superset)
        file.chmod(0o666)
        with pytest.raises(OperationalError, match="others may change it; run: chmod go-w"):
            superset.rows(database, "SELECT * FROM copied", token)


def test_a_folder_that_cannot_be_made_is_told_of(superset: Superset, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    superset.app.config["BOX_DIALECT"] = {"LocalDatabases": str(tmp_path / "taken")}
    with superset.viewed_by(1), pytest.raises(OperationalError, match="name another as LocalDatabases in BOX_DIALECT"):
        superset.rows(superset.database(impersonate_user=False), "SELECT 1")


def test_the_configuration_names_the_folder(superset: Superset, tmp_path: Path) -> None:
    superset.app.config["BOX_DIALECT"] = {"LocalDatabases": str(tmp_path / "elsewhere")}
    with superset.viewed_by(1):
        superset.rows(superset.database(impersonate_user=False), "SELECT 1")
    assert files(superset) == []
    assert len(files(superset, "elsewhere")) == 1


@pytest.mark.parametrize("said", [":memory:", "own.db"])
def test_a_database_may_name_another(superset: Superset, tmp_path: Path, said: str) -> None:
    place = said if said == ":memory:" else str(tmp_path / said)
    database = superset.database(impersonate_user=False, connect_args={"local_database": place})
    with superset.viewed_by(1):
        superset.rows(database, COPY)
    assert files(superset) == []


def test_who_may_only_read_reads_what_is_there(superset: Superset, token: str) -> None:
    database = superset.database(connect_args={"Readonly": True})
    with superset.viewed_by(1):
        assert superset.rows(database, "SELECT 1", token) == [(1,)]
        database.connect_args = {}
        superset.rows(database, COPY, token)
        database.connect_args = {"Readonly": True}
        assert superset.rows(database, "SELECT * FROM copied", token) == NOTES


def test_what_a_viewer_takes_is_bounded(superset: Superset, token: str) -> None:
    database = superset.database(connect_args={"MaxLocalDatabase": 1})
    with superset.viewed_by(1), pytest.raises(Exception, match="MaxLocalDatabase=1 allows"):
        superset.rows(database, "CREATE TABLE large AS SELECT zeroblob(2000000) AS bytes", token)


@pytest.mark.parametrize("sql", ["DELETE FROM folders", "INSERT INTO folders (name, parent_id) VALUES ('x', '0')"])
def test_box_is_not_written_to_beside_it(superset: Superset, database: Database, token: str, sql: str) -> None:
    with superset.viewed_by(1):
        with pytest.raises(Exception, match="by a process that restricts URLs"):
            superset.rows(database, sql, token)
        superset.rows(database, "CREATE TABLE own (n)", token)
        superset.rows(database, "INSERT INTO own VALUES (1)", token)
        assert superset.rows(database, "SELECT n FROM own", token) == [(1,)]
