"""SQL Lab, by its REST API: limits, tables of one's own, Stop, errors, writes, the estimate."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import pytest
from patience import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from conftest import Box
    from superset_server import Person

LISTING: Final = "get_folders_id_items"
HELD_MS: Final = 2 * PATIENCE_SECONDS * 1000


@pytest.fixture(scope="module")
def writable(admin: Person, box: Box) -> int:
    """A database whose engine parameters let it write."""
    extra = json.dumps({"engine_params": {"connect_args": {"Readonly": "false"}}})
    return admin.add_database("Box to write to", box.url, allow_dml=True, extra=extra)


def test_a_limit_that_is_written_holds(admin: Person, database: int) -> None:
    answer = admin.run(database, "SELECT name FROM files ORDER BY name LIMIT 3")
    assert len(answer.rows) == 3
    assert answer.sent.endswith("LIMIT 4")  # by one more Superset sees that there are more


def test_a_table_of_ones_own_is_found_by_the_next_query(admin: Person, database: int, box: Box) -> None:
    made = admin.make(database, "TABLE", "kept", "SELECT name, size, created_at FROM files")
    assert made.status == 200, made.body
    latest = "SELECT name, created_at FROM {} ORDER BY created_at DESC, name LIMIT 3"
    of_box = admin.run(database, latest.format("files"))
    box.reset()
    of_table = admin.run(database, latest.format("kept"))
    assert (of_table.rows, of_table.columns) == (of_box.rows, of_box.columns)
    assert box.stats()["calls"] == 0


def test_a_view_of_ones_own_reads_box_in_the_next_query(admin: Person, database: int, box: Box) -> None:
    with box.connect() as connection:
        ((total,),) = connection.cursor().execute("SELECT sum(size) FROM files").fetchall()
    made = admin.make(database, "VIEW", "sizes", "SELECT extension, sum(size) AS size FROM files GROUP BY extension")
    assert made.status == 200, made.body
    assert admin.run(database, "SELECT sum(size) AS size FROM sizes").rows == [(total,)]


def test_a_table_of_ones_own_is_nobody_elses(admin: Person, amelia: Person, database: int) -> None:
    assert admin.make(database, "TABLE", "secret", "SELECT name FROM files").status == 200
    assert "no such table: secret" in amelia.run(database, "SELECT * FROM secret").error["message"]
    assert amelia.make(database, "TABLE", "secret", "SELECT 1 AS one").status == 200
    assert amelia.run(database, "SELECT * FROM secret").rows == [(1,)]


def test_stop_ends_a_query(admin: Person, database: int, box: Box) -> None:
    for _ in range(3):  # each request is any worker's
        box.reset()
        box.faults({"operation": LISTING, "delay_ms": HELD_MS, "times": 1000, "status": 503})
        client_id = admin.new_client_id()
        begun = time.monotonic()
        with ThreadPoolExecutor() as executor:
            running = executor.submit(admin.run, database, "SELECT count(*) FROM files", client_id=client_id)
            wait_until(lambda: box.stats()["calls"])
            admin.post("/query/stop", {"client_id": client_id})
            assert running.result().body["status"] == "stopped"
        assert time.monotonic() - begun < PATIENCE_SECONDS
        assert box.stats()["calls"] == 1


@pytest.mark.parametrize(
    ("sql", "kind", "text"),
    [
        ("SELECT nam FROM files", "COLUMN_DOES_NOT_EXIST_ERROR", "no such column: nam; did you mean name?"),
        ("SELECT * FROM filez", "TABLE_DOES_NOT_EXIST_ERROR", "no such table: filez"),
    ],
)
def test_an_error_says_what_the_driver_says(admin: Person, database: int, sql: str, kind: str, text: str) -> None:
    error = admin.run(database, sql).error
    assert text in error["message"]
    assert not error["message"].startswith(("base error", "box error"))
    assert error["error_type"] == kind


def test_a_failure_of_box_says_what_to_do(admin: Person, database: int, box: Box) -> None:
    box.faults({"operation": LISTING, "status": 403, "body": {"code": "forbidden", "message": "No"}})
    error = admin.run(database, "SELECT name FROM files WHERE parent_id = '0'").error
    assert "403" in error["message"]
    assert not error["message"].startswith(("base error", "box error"))


@pytest.mark.parametrize(
    "stranger",
    [
        "LocalDatabase=/tmp/strangers.db",
        "OAuthSettingsLocation=/tmp/strangers.txt",
        "OAuthJWTCert=/etc/hostname",
        "OAuthClientSecret=env:SUPERSET_SECRET_KEY",
        "TokenCache=redis://127.0.0.1:1/0",
        "TrustLocalDatabase=true",
    ],
)
def test_a_url_that_reaches_for_this_machine_is_refused(admin: Person, box: Box, stranger: str) -> None:
    url = f"{box.url}&{stranger}"
    tested = admin.http.post("/database/test_connection/", json={"database_name": stranger, "sqlalchemy_uri": url})
    assert tested.status_code in {400, 422}, tested.text
    assert stranger.partition("=")[0] in tested.text
    assert box.emulator.ready["client_secret"] not in tested.text


def test_a_private_key_stands_in_the_secure_extra(admin: Person, box: Box) -> None:
    ready = box.emulator.ready
    hosts = {"APIBaseURL": ready["api_base_url"], "TokenURL": ready["token_url"]}  # as whoever gives the key has to say
    secret = {"connect_args": {"OAuthJWTCert": json.dumps(ready["jwt_config"]), **hosts}}
    url = "box://?AuthScheme=OAuthJWT&OAuthJWTCertType=BOXJSONBLOB"
    database = admin.add_database("Box by key", url, masked_encrypted_extra=json.dumps(secret))
    ((login,),) = admin.run(database, "SELECT login FROM users WHERE id = 'me'").rows
    assert login.startswith("AutomationUser_")
    assert "PRIVATE KEY" not in json.dumps(admin.get(f"/database/{database}/connection"))


def test_box_is_read_only(admin: Person, database: int, box: Box) -> None:
    box.reset()
    refused = admin.run(database, "INSERT INTO folders (name, parent_id) VALUES ('Mine', '0')").error
    assert refused["error_type"] == "DML_NOT_ALLOWED_ERROR"
    for sql in ("EXEC RevokeOAuthAccessToken 'x'", "SELECT RevokeOAuthAccessToken('x')"):
        error = admin.run(database, sql).error
        assert error["error_type"] == "DML_NOT_ALLOWED_ERROR" or "Readonly=true" in error["message"]
    assert (box.stats()["calls"], box.stats()["token_calls"]) == (0, 0)


def test_box_is_written_to_where_the_database_says_so(admin: Person, writable: int, box: Box) -> None:
    for sql in (
        "INSERT INTO folders (name, parent_id) VALUES ('Made in Superset', '0')",
        "UPDATE folders SET description = 'By SQL Lab' WHERE path = '/Made in Superset'",
    ):
        assert admin.run(writable, sql).status == 200
    (made,) = (folder for folder in box.store.folders.values() if folder.name == "Made in Superset")
    assert made.description == "By SQL Lab"
    assert admin.run(writable, "DELETE FROM folders WHERE path = '/Made in Superset'").status == 200


def test_the_estimate_is_of_calls(admin: Person, database: int, box: Box) -> None:
    def estimate(sql: str) -> Any:
        return admin.post("/sqllab/estimate/", {"database_id": database, "sql": sql})["result"]

    admin.run(database, "SELECT count(*) FROM files")
    box.reset()
    told = json.dumps([estimate("SELECT name FROM files WHERE id = '1'"), estimate("SELECT name FROM files")])
    assert "calls" in told
    assert box.stats()["calls"] == 0
