"""Calls to Box's other hosts, and forms with a file, with tables that the tests declare."""

from __future__ import annotations

from email.parser import BytesParser
from typing import TYPE_CHECKING, Any

import pytest
from scripted_box import Asked, ScriptedBox, scripted_box

import box_dialect
from box_dialect.api import Host
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Multipart, Table, Type, Write

if TYPE_CHECKING:
    from collections.abc import Iterator

SESSIONS = Table(
    name="sessions",
    doc="",
    columns=(
        Column("id"),
        Column("name", insert="name"),
        Column("folder_id", source="parent.id", insert="parent.id"),
        Column("content", Type.BLOB, hidden=True, derived=NOTHING, insert="content", update="content"),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/files/upload_sessions/{id}", host=Host.UPLOAD, takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
    ),
    insert=Write(
        method="POST",
        path="/files/content",
        host=Host.UPLOAD,
        required=("name", "content"),
        multipart=Multipart(column="content", json="attributes"),
        takes_fields=False,
    ),
    update=Write(
        method="POST",
        path="/files/{id}/avatar",
        host=Host.UPLOAD,
        multipart=Multipart(column="content", file="pic", file_name="pic.png"),
        answers=False,
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/files/upload_sessions/{id}", host=Host.UPLOAD),
)


@pytest.fixture
def uploads() -> Iterator[ScriptedBox]:
    with scripted_box() as box:
        yield box


@pytest.fixture
def cursor(box: ScriptedBox, uploads: ScriptedBox) -> Iterator[box_dialect.Cursor]:
    with box.connected(SESSIONS, UploadBaseURL=f"{uploads.url}/2.0") as connection:
        yield connection.cursor()


def parts(asked: Asked) -> list[tuple[Any, ...]]:
    """Return the name, the file's name, the type and the content of each part of a form."""
    head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
    form = BytesParser().parsebytes(head + asked.content)
    assert form.get_content_type() == "multipart/form-data"
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in form.get_payload()
        if not isinstance(part, str)
    ]


def test_each_call_goes_to_its_host(box: ScriptedBox, uploads: ScriptedBox, cursor: box_dialect.Cursor) -> None:
    uploads.answers |= {
        "GET /files/upload_sessions/1": {"id": "1", "name": "a"},
        "DELETE /files/upload_sessions/1": (204, None),
    }
    assert cursor.execute("SELECT name FROM sessions WHERE id = '1'").fetchall() == [("a",)]
    assert cursor.execute("DELETE FROM sessions WHERE id = '1'").rowcount == 1
    assert uploads.operations == ["GET /files/upload_sessions/1", "DELETE /files/upload_sessions/1"]
    assert box.asked == []
    assert {each.headers["authorization"] for each in uploads.asked} == {"Bearer token"}


def test_a_file_is_sent_as_a_form(uploads: ScriptedBox, cursor: box_dialect.Cursor) -> None:
    content = bytes(range(256))
    uploads.answers |= {
        "POST /files/content": (201, {"id": "7", "name": "a"}),
        "POST /files/7/avatar": {"pic_urls": {}},
        "GET /files/upload_sessions/7": {"id": "7", "name": "b"},
    }
    statement = "INSERT INTO sessions (name, folder_id, content) VALUES (?, ?, ?) RETURNING id"
    assert cursor.execute(statement, ('a"\r\nb', "0", content)).fetchall() == [("7",)]
    assert parts(uploads.asked[-1]) == [
        ("attributes", None, "application/json", b'{"name":"a\\"\\r\\nb","parent":{"id":"0"}}'),
        ("file", "file", "application/octet-stream", content),
    ]
    cursor.execute("UPDATE sessions SET content = 'text' WHERE id = '7' RETURNING name")
    assert cursor.fetchall() == [("b",)]
    assert parts(uploads.asked[-2]) == [("pic", "pic.png", "application/octet-stream", b"text")]


def test_what_is_no_file_is_refused(uploads: ScriptedBox, cursor: box_dialect.Cursor) -> None:
    with pytest.raises(box_dialect.DataError, match="column content takes bytes, not '7'"):
        cursor.execute("UPDATE sessions SET content = 7 WHERE id = '7'")
    with pytest.raises(box_dialect.IntegrityError, match="needs a value for content"):
        cursor.execute("INSERT INTO sessions (name) VALUES ('a')")
    assert uploads.asked == []


def test_a_failure_names_the_property_of_the_host(box: ScriptedBox) -> None:
    with (
        box.connected(SESSIONS, UploadBaseURL="http://127.0.0.1:9/2.0", RetrySeconds=0) as connection,
        pytest.raises(
            box_dialect.OperationalError, match=r"cannot reach http://127.0.0.1:9/2.0 .* property UploadBaseURL"
        ),
    ):
        connection.cursor().execute("SELECT name FROM sessions WHERE id = '1'")


@pytest.mark.parametrize("path", ["https://example.com/x", "//example.com/x", "/@example.com/{id}", "example.com"])
def test_no_declaration_leads_to_another_host(path: str) -> None:
    with pytest.raises(ValueError, match="is no template of a path"):
        AccessPath(name="elsewhere", endpoints=(Endpoint(path=path),), keys=("id",))
    with pytest.raises(ValueError, match="is no template of a path"):
        Table(name="t", doc="", columns=(Column("id"),), paths=(), delete=Write(method="DELETE", path=path))
