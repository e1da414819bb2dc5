"""What a program that only connects has to load, and what it sends."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = [
    "authlib",
    "httpx",
    "httpx2",
    "keyring",
    "pandas",
    "pyarrow",
    "redis",
    "rich",
    "sqlglot",
    "starlette",
    "uvicorn",
]

PROGRAM = """
import json, socket, sys

def refuse(*_):
    raise AssertionError("a connection was opened")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
import box_dialect, sqlalchemy
engine = sqlalchemy.create_engine("box://client:secret@/?AuthScheme=OAuthClient&SubjectId=1")
with engine.connect() as connection:
    connection.execute(sqlalchemy.text("SELECT 1")).all()
    sqlalchemy.inspect(connection).get_columns("files")
box_dialect.connect("box://?OAuthAccessToken=token").close()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.long
def test_connecting_loads_no_library_that_only_queries_need_and_sends_nothing() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    loaded = json.loads(run.stdout)
    assert "box_dialect" in loaded
    assert not set(HEAVY) & set(loaded)
