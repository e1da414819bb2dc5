"""Airflow with Box's provider: its commands, a DAG whose tasks run, and the hook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from docs.pages import TOOLS, adapted, blocks

import box_dialect
from box_dialect import profiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Box

FILES = "SELECT name, size FROM files WHERE parent_id = '0' ORDER BY name"
ROWS = [(".gitignore", 5), ("Notes.txt", 16), ("notes", 24)]


@pytest.fixture(scope="module", autouse=True)
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep Airflow from the settings and the database of the user, for which it looks once, when imported."""
    home = tmp_path_factory.mktemp("airflow")
    os.environ |= {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    return home


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """What makes the hook of a connection with these fields."""
    from box_dialect.integrations.airflow.hook import BoxHook

    def of(**fields: object) -> BoxHook:
        monkeypatch.setenv("AIRFLOW_CONN_BOX", json.dumps({"conn_type": "box", **fields}))
        return BoxHook("box")

    return of


def run(*command: str, **variables: str) -> str:
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(command, env={**os.environ, "PATH": path, **variables}, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def fields(box: Box, **extra: object) -> dict[str, object]:
    """Return the fields of a connection to an emulator."""
    url = sa.make_url(box.url)
    return {
        "login": url.username,
        "password": url.password,
        "host": url.host,
        "port": url.port,
        "extra": {**url.query, **extra},
    }


def test_the_page(small: Box, airflow_home: Path) -> None:
    (commands, program) = (adapted(block.text, small.emulator.ready) for block in blocks(TOOLS, "Airflow")[:2])
    (shown,) = (block.text for block in blocks(TOOLS, "Airflow") if block.language == "text")
    run("airflow", "db", "migrate")
    run("sh", "-ec", commands, BOX_URL=f"{small.url}&Readonly=true")
    dag = airflow_home / "dags" / "large_files.py"
    dag.parent.mkdir()
    dag.write_text(program, encoding="utf-8")
    printed = run(sys.executable, str(dag))
    assert shown in printed
    assert small.emulator.ready["client_secret"] not in printed


def test_airflow_finds_the_connection_type_and_its_form() -> None:
    from airflow.providers_manager import ProvidersManager

    manager = ProvidersManager()
    assert manager.hooks["box"].hook_class_name == "box_dialect.integrations.airflow.hook.BoxHook"
    widgets = manager.connection_form_widgets
    assert widgets["extra__box__AuthScheme"].field["schema"]["enum"][:2] == ["OAuth", "OAuthJWT"]
    assert widgets["extra__box__MaxApiCalls"].field["schema"]["type"] == ["integer", "null"]
    assert manager.field_behaviours["box"]["relabeling"] == {"login": "Client id", "password": "Client secret"}


def test_the_provider_imports_nothing_of_airflow() -> None:
    found = "import sys; from box_dialect.integrations.airflow import get_provider_info; get_provider_info()"
    assert run(sys.executable, "-c", f"{found}; print('airflow' in sys.modules)") == "False\n"


def test_rows_come_by_every_way_of_the_hook(hook: Callable[..., Any], small: Box) -> None:
    found = hook(**fields(small, Readonly=True, MaxApiCalls=None))
    assert found.get_records(FILES) == ROWS
    assert found.get_first("SELECT name FROM files WHERE parent_id = ? AND size > ?", ["0", 20]) == ("notes",)
    with found.get_sqlalchemy_engine().connect() as connection:
        assert connection.execute(sa.text(FILES)).fetchall() == ROWS
    with found.get_conn() as connection, pytest.raises(box_dialect.ProgrammingError, match="Readonly=true"):
        connection.cursor().execute("DELETE FROM files")
    with box_dialect.connect(found.get_uri()) as connection:
        assert connection.cursor().execute(FILES).fetchall() == ROWS
    assert {"name": "size", "type": "BIGINT"} in found.get_table_schema("files")
    assert (found.dialect_name, found.placeholder) == ("box", "?")


def test_a_connection_may_be_a_url_of_box(
    hook: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, small: Box
) -> None:
    found = hook()
    monkeypatch.setenv("AIRFLOW_CONN_BOX", small.url)
    assert found.get_records(FILES) == ROWS


def test_a_connection_may_name_a_profile(hook: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, small: Box) -> None:
    given = profiles.raw_properties(small.url)
    monkeypatch.setenv("BOX_SECRET", given["OAuthClientSecret"])
    profiles.add("work", {**given, "OAuthClientSecret": "env:BOX_SECRET", "Readonly": "false"})
    found = hook(extra={"profile": "work", "readonly": True})
    assert found.get_records(FILES) == ROWS
    with pytest.raises(box_dialect.ProgrammingError, match="Readonly=true"):
        found.run("DELETE FROM files")
    with pytest.raises(box_dialect.ProgrammingError, match=r"there is no profile 'wrk'; did you mean work\?"):
        hook(extra={"profile": "wrk"}).get_conn()


def test_checks_and_sensors_for_sql_take_the_connection(monkeypatch: pytest.MonkeyPatch, small: Box) -> None:
    from airflow.providers.common.sql.operators import sql
    from airflow.providers.common.sql.sensors.sql import SqlSensor

    monkeypatch.setenv("AIRFLOW_CONN_BOX", small.url)
    given = {"task_id": "check", "conn_id": "box"}
    sql.SQLCheckOperator(sql="SELECT count(*) FROM files", **given).execute({})
    sql.SQLValueCheckOperator(sql=f"SELECT count(*) FROM ({FILES})", pass_value=len(ROWS), **given).execute({})
    sql.SQLTableCheckOperator(table="files", checks={"sizes": {"check_statement": "size >= 0"}}, **given).execute({})
    nulls = {"id": {"null_check": {"equal_to": 0}, "unique_check": {"equal_to": 0}}}
    sql.SQLColumnCheckOperator(table="files", column_mapping=nulls, **given).execute({})
    too_large = sql.SQLColumnCheckOperator(table="files", column_mapping={"size": {"max": {"less_than": 1}}}, **given)
    with pytest.raises(Exception, match=r"\('size', 'max', 24\)"):
        too_large.execute({})
    assert SqlSensor(sql="SELECT count(*) FROM files", **given).poke({})
    assert not SqlSensor(sql="SELECT count(*) FROM files WHERE name = 'none'", **given).poke({})


def test_rows_are_inserted_as_they_are(hook: Callable[..., Any], fresh: Box, tmp_path: Path) -> None:
    found = hook(**fields(fresh, LocalDatabase=str(tmp_path / "own.db")))
    found.run("CREATE TABLE seen (name TEXT, size, mark)")
    found.insert_rows("seen", [("a", 1, None), ("b", 2.5, b"\x00")], ["name", "size", "mark"])
    assert found.get_records("SELECT * FROM seen") == [("a", 1, None), ("b", 2.5, b"\x00")]


def test_a_test_of_the_connection_asks_box(hook: Callable[..., Any], fresh: Box) -> None:
    fresh.reset()
    assert hook(**fields(fresh)).test_connection() == (True, "Connection successfully tested")
    assert fresh.stats()["by_operation"]["get_users_me"] == 1
    is_right, message = hook(**{**fields(fresh), "login": "nobody", "password": "a wrong secret"}).test_connection()
    assert not is_right
    assert "invalid_client" in message
    assert "a wrong secret" not in message


def test_what_is_wrong_is_told(hook: Callable[..., Any], small: Box) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="unknown connection property 'Readonyl'; did you mean"):
        hook(**fields(small, Readonyl=True)).get_conn()
    with pytest.raises(box_dialect.ProgrammingError, match="the connection box has a schema"):
        hook(**{**fields(small), "schema": "attic"}).get_conn()
    assert hook(**{**fields(small, placeholder="%s"), "schema": "main"}).get_records(FILES) == ROWS


def test_no_text_of_a_connection_has_its_secrets(hook: Callable[..., Any], small: Box) -> None:
    found = hook(**fields(small, OAuthAccessToken="a token"))
    texts = f"{found.sqlalchemy_url} {found.sqlalchemy_url!r} {found.get_sqlalchemy_engine()!r} {found.get_conn()!r}"
    assert small.emulator.ready["client_secret"] not in texts
    assert "a token" not in texts
    assert "a+token" not in texts
