"""What a declaration says of how rows are removed, of what is sent in the query, and of files of some kinds."""

from __future__ import annotations

import pytest
from scripted_box import NOT_FOUND, ScriptedBox, by_id, run, sent

import box_dialect
from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import AccessPath, Column, Derived, Endpoint, Multipart, Table, Type, Write

PNG = b"\x89PNG and more"
RACK = {"id": "1", "title": "a", "owner": "7"}

RACKS = Table(
    name="racks",
    doc="",
    columns=(
        Column("force", Type.BOOLEAN, hidden=True, derived=NOTHING, doc="Told to a DELETE."),
        Column("reason", hidden=True, derived=NOTHING, insert="reason", update="reason", doc="Told to all."),
        Column("cover", Type.BLOB, hidden=True, derived=Derived(function=lambda *_: None, fields=()), update="cover"),
        Column("id"),
        Column("title", insert="title", update="title"),
        Column("owner", insert="owner.id"),
        Column("login", insert="owner.login"),
    ),
    paths=(
        by_id("/racks/{id}"),
        AccessPath(name="all", endpoints=(Endpoint(path="/racks", paging=Paging.ALL, takes_fields=False),)),
    ),
    insert=Write(
        method="POST",
        path="/racks",
        required=("title",),
        either=(("owner", "login"),),
        parameters={"why": "reason"},
        takes_fields=False,
    ),
    update=Write(
        method="PUT",
        path="/racks/{id}",
        parameters={"why": "reason"},
        takes_fields=False,
        then=(
            Write(
                method="POST",
                path="/racks/{id}/cover",
                multipart=Multipart(column="cover", file="pic", kinds={b"\x89PNG": ("cover.png", "image/png")}),
                columns=frozenset({"cover"}),
                removal=Write(method="DELETE", path="/racks/{id}/cover"),
                answers=False,
                takes_fields=False,
            ),
        ),
    ),
    delete=Write(method="DELETE", path="/racks/{id}", parameters={"force": "force", "why": "reason"}),
)


@pytest.fixture
def racks(box: ScriptedBox) -> ScriptedBox:
    box.answers |= {
        "GET /racks": {"entries": [RACK, {**RACK, "id": "2"}]},
        "POST /racks": RACK,
        "PUT /racks/1": RACK,
        "GET /racks/1": RACK,
        "DELETE /racks/1": (204, None),
        "DELETE /racks/2": (204, None),
        "POST /racks/1/cover": {},
        "DELETE /racks/1/cover": (204, None),
    }
    return box


def queries(box: ScriptedBox) -> list[tuple[str, dict[str, str]]]:
    return [(each.operation, each.parameters) for each in box.asked if not each.operation.startswith("GET")]


def test_what_is_sent_in_the_query_stands_in_no_body(racks: ScriptedBox) -> None:
    with racks.connected(RACKS) as connection:
        run(connection, "INSERT INTO racks (title, owner, reason) VALUES ('a', '7', 'new & old')")
        run(connection, "UPDATE racks SET title = 'b', reason = 'old' WHERE id = '1'")
        run(connection, "UPDATE racks SET title = 'b' WHERE id = '1'")
    assert [query for _, query in queries(racks)] == [{"why": "new & old"}, {"why": "old"}, {}]
    assert sent(racks) == [
        ("POST /racks", {"title": "a", "owner": {"id": "7"}}),
        ("PUT /racks/1", {"title": "b"}),
        ("PUT /racks/1", {"title": "b"}),
    ]


@pytest.mark.parametrize(
    ("condition", "query"),
    [
        ("id = '1' AND force = TRUE", {"force": "true"}),
        ("id = '1' AND FALSE = force AND reason = ?1", {"force": "false", "why": "x"}),
        ("title = 'a' AND force = 1 AND id < '2'", {"force": "true"}),
        ("id IN ('1', '3') AND reason = ?1 AND id < '3'", {"why": "x"}),
        ("id = '1'", {}),
    ],
)
def test_a_delete_tells_by_columns_how_rows_are_removed(
    racks: ScriptedBox, condition: str, query: dict[str, str]
) -> None:
    parameters = ("x",) if "?1" in condition else ()
    with racks.connected(RACKS) as connection:
        run(connection, f"DELETE FROM racks WHERE {condition}", *parameters)
    assert [each for each in queries(racks) if "/1" in each[0]] == [("DELETE /racks/1", query)]


def test_each_statement_tells_its_own(racks: ScriptedBox) -> None:
    with racks.connected(RACKS) as connection:
        run(connection, "DELETE FROM racks WHERE id = '1' AND force = TRUE")
        run(connection, "DELETE FROM racks WHERE id = '1'")
        connection.cursor().executemany("DELETE FROM racks WHERE id = '1' AND force = ?", [(True,), (False,)])
    assert [query for _, query in queries(racks)] == [{"force": "true"}, {}, {"force": "true"}, {"force": "false"}]


@pytest.mark.parametrize(
    ("value", "told"), [("NULL", "force takes no NULL"), ("7", "force takes true or false, not '7'")]
)
def test_how_rows_are_removed_is_told_by_a_value_of_the_type(racks: ScriptedBox, value: str, told: str) -> None:
    with racks.connected(RACKS) as connection, pytest.raises(box_dialect.DatabaseError, match=told):
        run(connection, "DELETE FROM racks WHERE id = '1' AND force = ?", None if value == "NULL" else 7)
    assert queries(racks) == []


@pytest.mark.parametrize("statement", ["SELECT id FROM racks WHERE", "UPDATE racks SET title = 'b' WHERE"])
def test_what_no_delete_is_takes_no_such_column(racks: ScriptedBox, statement: str) -> None:
    told = "racks takes force by = in the WHERE of a DELETE"
    with racks.connected(RACKS) as connection, pytest.raises(box_dialect.NotSupportedError, match=told):
        run(connection, f"{statement} force = TRUE")
    assert racks.asked == []


def test_null_is_a_call_of_its_own(racks: ScriptedBox) -> None:
    with racks.connected(RACKS) as connection:
        assert run(connection, "UPDATE racks SET cover = NULL WHERE id = '1'").rowcount == 1
        assert (
            run(connection, "UPDATE racks SET cover = NULL, title = 'b' WHERE id = '1' RETURNING title").rowcount == 1
        )
    assert racks.operations == ["DELETE /racks/1/cover", "PUT /racks/1", "DELETE /racks/1/cover", "GET /racks/1"]
    assert [each.content for each in racks.asked if each.operation.startswith("DELETE")] == [b"", b""]


def test_what_is_not_there_is_removed_already(racks: ScriptedBox) -> None:
    racks.answers |= {"DELETE /racks/1/cover": NOT_FOUND, "DELETE /racks/9/cover": NOT_FOUND, "GET /racks/9": NOT_FOUND}
    with racks.connected(RACKS) as connection:
        assert run(connection, "UPDATE racks SET cover = NULL WHERE id = '1'").rowcount == 1
        assert run(connection, "UPDATE racks SET cover = NULL WHERE id = '9'").rowcount == 0
        racks.answers["DELETE /racks/1/cover"] = 403, {"message": "no"}
        with pytest.raises(box_dialect.OperationalError, match="403"):
            run(connection, "UPDATE racks SET cover = NULL WHERE id = '1'")


def test_a_file_is_called_by_its_kind(racks: ScriptedBox) -> None:
    with racks.connected(RACKS) as connection:
        run(connection, "UPDATE racks SET cover = ? WHERE id = '1'", PNG)
        with pytest.raises(box_dialect.DataError, match="cover takes a file of the type image/png"):
            run(connection, "UPDATE racks SET cover = ? WHERE id = '1'", b"GIF89a")
    (form,) = racks.asked
    assert b'name="pic"; filename="cover.png"\r\n' in form.content
    assert b"image/png" in form.content
    assert PNG in form.content


def test_an_insert_gives_one_of_some_columns(racks: ScriptedBox) -> None:
    with racks.connected(RACKS) as connection:
        run(connection, "INSERT INTO racks (title, login) VALUES ('a', 'b@example.com')")
        with pytest.raises(box_dialect.IntegrityError, match="INTO racks needs a value for owner or login"):
            run(connection, "INSERT INTO racks (title) VALUES ('a')")
    assert racks.operations == ["POST /racks"]
