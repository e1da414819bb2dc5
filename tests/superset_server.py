"""A Superset on loopback, brought up by the commands of its example, and those who are logged in there."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import httpx
import pytest
from docs.pages import ROOT, blocks
from patience import PATIENCE_SECONDS
from services import answers

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE: Final = ROOT / "examples" / "superset"
START_SECONDS: Final = 600
"""How long one of Superset's commands may take on a busy machine."""


def commands() -> list[str]:
    """Return the example's blocks of commands: its environment, what makes its database and fills it, what serves."""
    return [block.text for block in blocks(EXAMPLE / "README.md") if block.language == "sh"]


class Superset:
    """A Superset of a folder of its own, which serves inside the `with` block by two worker processes.

    Its application at Box is that of the URL.
    """

    def __init__(self, home: Path, box_url: str) -> None:
        self._home, self._box_url = home, box_url
        self._people: list[Person] = []

    def __enter__(self) -> Self:
        _environment, *making, serve = commands()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        bound = serve.replace("127.0.0.1:8088", f"fd://{self._listener.fileno()}")
        with self._log.open("ab") as log:
            output: dict[str, Any] = {"cwd": ROOT, "env": self._environment, "stdout": log, "stderr": log}
            for make in making:
                if subprocess.run(["bash", "-ec", make], timeout=START_SECONDS, check=False, **output).returncode:
                    pytest.fail(f"Superset cannot be made:\n{self.log}")
            kept = [self._listener.fileno()]
            self._server = subprocess.Popen(["bash", "-c", f"exec {bound}"], pass_fds=kept, **output)
        health = f"{self.address}/health"
        if not answers(self._server, lambda: httpx.get(health, timeout=START_SECONDS), httpx.HTTPError):
            pytest.fail(f"Superset does not start:\n{self.log}")
        return self

    def __exit__(self, *_: object) -> None:
        for person in self._people:
            person.http.close()
        self._server.terminate()
        self._server.wait()
        self._listener.close()

    @property
    def callback_url(self) -> str:
        """Where Box's page sends viewers back to."""
        return f"{self.address}/api/v1/database/oauth2/"

    @property
    def log(self) -> str:
        """What its commands and its server have written."""
        return self._log.read_text(errors="replace")

    @property
    def _log(self) -> Path:
        return self._home / "log"

    @property
    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BOX_")}
        return {
            **inherited,
            "BOX_URL": self._box_url,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "SUPERSET_CONFIG_PATH": str(EXAMPLE / "superset_config.py"),
            "SUPERSET_HOME": str(self._home),
            "SUPERSET_SECRET_KEY": secrets.token_urlsafe(42),
            "SUPERSET_URL": self.address,
            "XDG_CONFIG_HOME": str(self._home),
            "XDG_STATE_HOME": str(self._home),
        }

    def let_tokens_run_out(self) -> None:
        """Have all access tokens of viewers be as old as an hour makes them."""
        with closing(sqlite3.connect(self._home / "superset.db")) as database, database:
            database.execute("UPDATE database_user_oauth2_tokens SET access_token_expiration = '2000-01-01 00:00:00'")

    def forget_renewed_tokens(self) -> None:
        """Be another host, which shares Superset's own database alone."""
        (self._home / "box_dialect" / "OAuthSettings.txt").unlink(missing_ok=True)

    def log_in(self, username: str, password: str) -> Person:
        """Return somebody who is logged in as long as it is served."""
        self._people.append(Person(self.address, username, password))
        return self._people[-1]


@dataclass(frozen=True)
class Answer:
    """What SQL Lab says to a statement."""

    status: int
    body: dict[str, Any]

    @property
    def sent(self) -> str:
        """The statement that the driver got."""
        return str(self.body["query"]["executedSql"])

    @property
    def columns(self) -> dict[str, str]:
        """The names of the columns, and Superset's types."""
        return {column["column_name"]: column["type"] for column in self.body["columns"]}

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        assert self.status == 200, self.body
        return [tuple(row[name] for name in self.columns) for row in self.body["data"]]

    @property
    def error(self) -> dict[str, Any]:
        """The one error, with its message, its `error_type` and its `extra`."""
        assert self.status != 200, self.body
        (error,) = self.body["errors"]
        return dict(error)


class Person:
    """Somebody who is logged in at Superset, by its REST API."""

    _ids: Final[Iterator[int]] = itertools.count(1)

    def __init__(self, address: str, username: str, password: str) -> None:
        self.username, self.password = username, password
        self.http = httpx.Client(base_url=f"{address}/api/v1", timeout=PATIENCE_SECONDS, trust_env=False)
        login = {"username": username, "password": password, "provider": "db", "refresh": True}
        token = self.http.post("/security/login", json=login).raise_for_status().json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.http.headers["X-CSRFToken"] = self.get("/security/csrf_token/")["result"]
        self.http.headers["Referer"] = address

    def get(self, path: str, query: object = None) -> Any:
        """Get what is found at a path of the API, with a query in Superset's Rison where it is given as JSON."""
        return _said(self.http.get(path, params=None if query is None else {"q": json.dumps(query)}))

    def post(self, path: str, body: object) -> Any:
        return _said(self.http.post(path, json=body))

    def put(self, path: str, body: object) -> Any:
        return _said(self.http.put(path, json=body))

    def add_database(self, name: str, url: str, **options: object) -> int:
        """Add a database and return its id."""
        options = {"expose_in_sqllab": True, **options}
        return int(self.post("/database/", {"database_name": name, "sqlalchemy_uri": url, **options})["id"])

    def add_person(self, username: str, email: str) -> None:
        """Add somebody who may use every database; the password is the name."""
        ids = {role["name"]: role["id"] for role in self.get("/security/roles/?q=(page_size:100)")["result"]}
        names = {"username": username, "password": username, "first_name": username, "last_name": username}
        roles = [ids["Alpha"], ids["sql_lab"]]
        self.post("/security/users/", {**names, "email": email, "active": True, "roles": roles})

    def add_own_database(self, name: str, box_url: str) -> int:
        """Add a database at which each viewer signs in to Box."""
        return self.add_database(name, box_url.partition("?")[0], impersonate_user=True)

    def database(self, name: str) -> int:
        """Return the id of a database."""
        (found,) = (each for each in self.get("/database/")["result"] if each["database_name"] == name)
        return int(found["id"])

    def add_dataset(self, database: int, name: str, sql: str | None = None) -> int:
        """Add a table as a dataset, or a query where there is one, and return its id.

        In a metadata database of SQLite each name is good for one dataset, whatever its database.
        """
        body = {"database": database, "table_name": name, "schema": "main"}
        return int(self.post("/dataset/", body if sql is None else {**body, "sql": sql})["id"])

    def chart(self, dataset: int, query: dict[str, Any], *, force: bool = True, **form: object) -> list[dict[str, Any]]:
        """Return the rows of a chart, with `force` not those of a cache; `form` is what a chart of its type is told."""
        body = {"datasource": {"id": dataset, "type": "table"}, "queries": [query], "form_data": form, "force": force}
        (result,) = self.post("/chart/data", {**body, "result_format": "json", "result_type": "full"})["result"]
        return list(result["data"])

    def make(self, database: int, kind: str, name: str, sql: str) -> Answer:
        """Make a TABLE or a VIEW of what a query gives, as SQL Lab's menu does."""
        return self.run(database, sql, select_as_cta=True, ctas_method=kind, tmp_table_name=name)

    def run(self, database: int, sql: str, **options: object) -> Answer:
        """Run a statement in SQL Lab."""
        body = {"database_id": database, "sql": sql, "client_id": self.new_client_id(), "queryLimit": 1000}
        answer = self.http.post("/sqllab/execute/", json={**body, "runAsync": False, **options})
        return Answer(answer.status_code, answer.json())

    @classmethod
    def new_client_id(cls) -> str:
        """Return an id for a statement, by which it is stopped."""
        return f"{os.getpid() % 100_000}-{next(cls._ids)}"


def _said(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.status_code}: {answer.text}"
    return answer.json()
