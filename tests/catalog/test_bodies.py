"""What SQL writes is sent in the types of Box's OpenAPI document: every body of the document, by tables made of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

import pytest
from complaints import Request, complaints
from documented import OPENAPI, document, resolved
from sweep import sweep

import box_dialect
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type, Write
from box_dialect.engine.tables.write_body import MOST_CHARACTERS, MOST_LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator

MOMENT: Final = "2026-01-31 12:30:00.000000"
SLIPS: Final = ("the body.lock: 'type' is a required property", "the body.actionable_by: 'id' is a required property")
"""What the document requires of an object that has no such property there."""

ANYTHING: Final = re.compile(".+")


class Server:
    """A server that answers every request as if it had carried it out, and keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        heard = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                path, _, query = self.path.partition("?")
                headers = {name.lower(): value for name, value in self.headers.items()}
                heard.append(Request(self.command, path, query, headers, body))
                answer = b'{"id": "7", "type": "made"}'
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_PUT = do_POST  # noqa: N815 - as http.server calls it

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/2.0"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def connection(server: Server) -> Iterator[box_dialect.Connection]:
    with box_dialect.connect("box://", OAuthAccessToken="token", APIBaseURL=server.url, MaxAICalls=1) as connection:
        yield connection


def sent(server: Server, connection: box_dialect.Connection, sql: str, *parameters: object) -> Any:
    """Return the body that a statement sends by its only call."""
    server.requests.clear()
    connection.cursor().execute(sql, parameters)
    (request,) = server.requests
    return json.loads(request.body)


# Every body of the document


def operations() -> list[tuple[str, str, str]]:
    """Return the method, path and name of each operation that writes an object as JSON."""
    if not OPENAPI.is_file():
        return []
    return [
        (method.upper(), path, described["operationId"])
        for path, entry in document()["paths"].items()
        for method, described in entry.items()
        if method in {"post", "put"} and named(body(described)) and not described.get("servers")
    ]


def body(described: Any) -> Any:
    return described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})


def merged(schema: Any) -> Any:
    """Return a schema with all of which it consists in one; the first of several that it may be."""
    schema = resolved(schema)
    found: dict[str, Any] = {}
    for part in [*schema.get("allOf", []), *schema.get("oneOf", [])[:1], *schema.get("anyOf", [])[:1]]:
        part = merged(part)
        names = {**found.get("properties", {}), **part.get("properties", {})}
        found = {**found, **part, **({"properties": names} if names else {})}
    return {**found, **schema}


def named(schema: Any) -> dict[str, Any]:
    properties: dict[str, Any] = merged(schema).get("properties", {})
    return properties


def leaves(schema: Any, *outer: str) -> Iterator[tuple[str, Any]]:
    """Yield the dotted places of a body that a column can write, with their schemas; two objects deep at most."""
    for name, described in named(schema).items():
        inner = merged(described)
        if inner.get("properties") and len(outer) < 2 and inner.get("type", "object") == "object":
            yield from leaves(inner, *outer, name)
        else:
            yield ".".join([*outer, name]), inner


def value(schema: Any, depth: int = 0) -> Any:
    """Return a value that a schema describes."""
    schema = merged(schema)
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type", "object"):
        case "string":
            if schema.get("format") in {"date-time", "date"}:
                return "2026-01-31T12:30:00+00:00" if schema["format"] == "date-time" else "2026-01-31"
            example = schema.get("example")
            return example if isinstance(example, str) else "x" * max(1, schema.get("minLength", 1))
        case "integer" | "number" as kind:
            return schema.get("example", 0.5) if kind == "number" else max(schema.get("minimum", 1), 1)
        case "boolean":
            return True
        case "array":
            return [value(schema["items"], depth + 1)] * max(1, schema.get("minItems", 1))
    names = schema.get("properties", {})
    needed = names if depth < 4 else {name: names[name] for name in schema.get("required", ())}
    return {name: value(each, depth + 1) for name, each in needed.items()}


def column(place: str, schema: Any) -> tuple[Column, Any]:
    """Return the column that writes a place of a body, and what SQL gives for it."""
    kind = {"string": Type.TEXT, "integer": Type.INTEGER, "boolean": Type.BOOLEAN}.get(schema.get("type"), Type.JSON)
    made = value(schema)
    if schema.get("format") == "date-time":
        kind, made = Type.TIMESTAMP, MOMENT
    name = "to_" + place.replace(".", "__").replace("$", "")
    return Column(name, kind, insert=place, update=place), json.dumps(made) if kind is Type.JSON else made


@sweep(("method", "path", "name"), operations())
def test_every_body_of_the_document_can_be_written(
    server: Server, connection: box_dialect.Connection, method: str, path: str, name: str
) -> None:
    described = document()["paths"][path][method.lower()]
    written = [column(place, schema) for place, schema in leaves(body(described))]
    given = {each.name: made for each, made in written}
    places = [each for each in map(resolved, described.get("parameters", [])) if each["in"] == "path"]
    keys = {each["name"]: (each["schema"].get("enum") or ["7"])[0] for each in places}
    write = Write(method=method, path=path, takes_fields=False)
    by_keys = AccessPath(
        name="by keys", endpoints=(Endpoint(path=path),), keys=tuple(keys), accepts=ANYTHING, unique=bool(keys)
    )
    name = re.sub(r"\W", "_", name)
    table = Table(
        name=name,
        doc="",
        columns=(*map(Column, dict.fromkeys(["id", *keys])), *(each for each, _ in written)),
        paths=(by_keys,),
        insert=write if method == "POST" else None,
        update=write if method == "PUT" else None,
    )
    connection.catalog.add(table)
    if method == "POST":
        names = [*keys, *given]
        statement = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({', '.join(f':{each}' for each in names)})"
    else:
        sets, found = ([f"{each} = :{each}" for each in several] for several in (given, keys))
        statement = f"UPDATE {name} SET {', '.join(sets)} WHERE {' AND '.join(found)}"
    server.requests.clear()
    connection.cursor().execute(statement, {**keys, **given})
    (request,) = server.requests
    assert [each for each in complaints(request) if each not in SLIPS] == []


def test_the_bodies_are_nearly_all_that_box_has() -> None:
    document()  # without which there are none
    kinds = [kind for _, path, name in operations() for kind in kinds_of(path, name)]
    assert (len(operations()), kinds.count("list"), kinds.count("moment")) >= (80, 20, 5)


def kinds_of(path: str, name: str) -> set[str]:
    (described,) = [each for each in document()["paths"][path].values() if each["operationId"] == name]
    schemas = [schema for _, schema in leaves(body(described))]
    lists = {"list" for schema in schemas if schema.get("type") == "array"}
    return lists | {"moment" for schema in schemas if schema.get("format") == "date-time"}


# The types of values

TYPED: Final = Table(
    name="typed",
    doc="A task, a folder and more in one, to be written.",
    columns=(
        Column("id"),
        Column("text", insert="text", update="text"),
        Column("many", Type.JSON, insert="inner.many", update="inner.many"),
        Column("due_at", Type.TIMESTAMP, insert="due_at", update="due_at", cleared=None),
        Column("is_open", Type.BOOLEAN, insert="is_open", update="is_open"),
        Column("size", Type.INTEGER, insert="size", update="size", cleared=""),
        Column("parent_id", references="folders.id", insert="parent_id", update="parent_id"),
    ),
    paths=(AccessPath(name="by id", endpoints=(Endpoint(path="/typed/{id}"),), keys=("id",), unique=True),),
    insert=Write(method="POST", path="/typed", takes_fields=False),
    update=Write(method="PUT", path="/typed/{id}", takes_fields=False),
)


@pytest.fixture
def typed(connection: box_dialect.Connection) -> box_dialect.Connection:
    connection.catalog.add(TYPED)
    return connection


@sweep(
    ("column", "value", "json_value"),
    [
        ("text", "7", "7"),
        ("text", 7, "7"),
        ("text", "[1]", "[1]"),
        ("many", '["a", "b"]', ["a", "b"]),
        ("many", '[{"type": "date", "date_value": "2026-01-31"}]', [{"type": "date", "date_value": "2026-01-31"}]),
        ("many", '{"a": {"b": null}}', {"a": {"b": None}}),
        ("many", "null", None),
        ("many", '"text"', "text"),
        ("many", "true", True),
        ("many", "1.5", 1.5),
        ("many", 7, 7),
        ("many", 1.5, 1.5),
        ("many", "12345678901234567890123", 12345678901234567890123),
        ("many", "[" * MOST_LEVELS + "]" * MOST_LEVELS, json.loads("[" * MOST_LEVELS + "]" * MOST_LEVELS)),
        ("due_at", "2026-01-31 12:30:00.000000", "2026-01-31T12:30:00+00:00"),
        ("due_at", "2026-01-31 12:30:00.123456", "2026-01-31T12:30:00.123456+00:00"),
        ("due_at", "2026-01-31T12:30:00Z", "2026-01-31T12:30:00+00:00"),
        ("due_at", "2026-01-31T12:30:00+02:00", "2026-01-31T10:30:00+00:00"),
        ("due_at", "2026-01-31 12:30", "2026-01-31T12:30:00+00:00"),
        ("due_at", "2026-01-31", "2026-01-31T00:00:00+00:00"),
        (
            "due_at",
            dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            "2026-01-31T10:30:00+00:00",
        ),
        ("due_at", dt.date(2026, 1, 31), "2026-01-31T00:00:00+00:00"),
        ("is_open", True, True),
        ("is_open", 0, False),
        ("size", 7, 7),
        ("size", 7.0, 7),
        ("size", "-7", -7),
        ("size", 2**62, 2**62),
        ("parent_id", "7", "7"),
        ("parent_id", 7, "7"),
        ("parent_id", 160000000001.0, "160000000001"),
        ("text", 7.0, "7.0"),
    ],
)
@sweep("verb", ["INSERT INTO typed ({}) VALUES (?)", "UPDATE typed SET {} = ? WHERE id = '7'"])
def test_a_value_is_sent_in_the_type_of_its_column(
    server: Server, typed: box_dialect.Connection, verb: str, column: str, value: object, json_value: object
) -> None:
    written = {"inner": {"many": json_value}} if column == "many" else {column: json_value}
    found = sent(server, typed, verb.format(column), value)
    assert found == written
    assert type(found[column] if column in found else found["inner"]["many"]) is type(json_value)


def test_what_sqlite_computes_is_sent_alike(server: Server, typed: box_dialect.Connection) -> None:
    statement = (
        "INSERT INTO typed (many, due_at, size) VALUES (json_array('a', 2), datetime('2026-01-31', '+1 hour'), 2 * 3)"
    )
    assert sent(server, typed, statement) == {
        "inner": {"many": ["a", 2]},
        "due_at": "2026-01-31T01:00:00+00:00",
        "size": 6,
    }


def test_null_is_sent_as_the_column_declares(server: Server, typed: box_dialect.Connection) -> None:
    statement = "UPDATE typed SET due_at = NULL, size = NULL WHERE id = '7'"
    assert sent(server, typed, statement) == {"due_at": None, "size": ""}
    server.requests.clear()
    with pytest.raises(box_dialect.IntegrityError, match="column many takes no NULL"):
        typed.cursor().execute("UPDATE typed SET many = NULL WHERE id = '7'")
    assert server.requests == []


NESTED: Final = Table(
    name="nested",
    doc="Things of a parent, one column of which only UPDATE can write.",
    columns=(
        Column("id"),
        Column("parent_id", source="parent.id"),
        Column("name", insert="name", update="name"),
        Column("note", update="note"),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/parents/{parent_id}/things/{id}"),),
            keys=("parent_id", "id"),
            unique=True,
        ),
    ),
    insert=Write(method="POST", path="/parents/{parent_id}/things", required=("name",)),
    update=Write(method="PUT", path="/parents/{parent_id}/things/{id}"),
)


def test_the_path_of_an_insert_names_columns_too(server: Server, connection: box_dialect.Connection) -> None:
    connection.catalog.add(NESTED)
    server.requests.clear()
    connection.cursor().execute("INSERT INTO nested (parent_id, name, note) VALUES ('a b', 'x', 'y')")
    assert [(each.name, json.loads(each.body)) for each in server.requests] == [
        ("POST /2.0/parents/a%20b/things", {"name": "x"}),
        ("PUT /2.0/parents/a%20b/things/7", {"note": "y"}),
    ]
    with pytest.raises(box_dialect.IntegrityError, match="nested needs a value for name and parent_id"):
        connection.cursor().execute("INSERT INTO nested (note) VALUES ('y')")
    with pytest.raises(box_dialect.DataError, match=r"'\.\./x' is no parent_id"):
        connection.cursor().execute("INSERT INTO nested (parent_id, name) VALUES ('../x', 'y')")
    assert len(server.requests) == 2


def test_a_row_whose_key_no_path_can_hold_keeps_no_other_from_being_written(
    server: Server, connection: box_dialect.Connection
) -> None:
    connection.catalog.add(NESTED)
    server.requests.clear()
    rows = [("1", "a"), ("../x", "b"), (None, "c"), *((str(number), "d") for number in range(2, 5))]
    cursor = connection.cursor()
    with pytest.raises(
        box_dialect.DataError,
        match=r"^4 of 6 rows were written and 2 failed: row 1: '\.\./x'.*; row 2: \S+ \S+ nested",
    ):
        cursor.executemany("INSERT INTO nested (parent_id, name) VALUES (?, ?)", rows)
    assert (len(server.requests), cursor.rowcount) == (4, 4)


def test_the_keys_in_the_path_of_a_write_are_returned(connection: box_dialect.Connection) -> None:
    """Box's answers do not tell them."""
    path = "/parents/{parent_id}/things/{id}"
    by_id = AccessPath(
        name="by id",
        endpoints=(Endpoint(path=path, known=frozenset({"parent_id"})),),
        keys=("parent_id", "id"),
        accepts=ANYTHING,
        unique=True,
    )
    connection.catalog.add(dataclasses.replace(NESTED, paths=(by_id,)))
    cursor = connection.cursor()
    cursor.execute("INSERT INTO nested (parent_id, name, note) VALUES ('a b', 'x', 'y') RETURNING parent_id, id")
    assert cursor.fetchall() == [("a b", "7")]
    cursor.execute("UPDATE nested SET name = 'z' WHERE parent_id = 'a b' AND id = '7' RETURNING id, parent_id")
    assert cursor.fetchall() == [("7", "a b")]


@sweep(
    ("column", "value", "problem"),
    [
        ("many", "a, b", "takes JSON as text, not 'a, b': JSON is malformed"),
        ("many", "", "takes JSON as text, not ''"),
        ("many", "[1, NaN]", "JSON is malformed"),
        ("many", "1e400", "out of range"),
        ("many", "9" * 5_001, "and more: Integer value out of range"),
        ("many", float("inf"), "takes JSON as text, not 'inf'"),
        ("many", "[" * (MOST_LEVELS + 1) + "]" * (MOST_LEVELS + 1), f"more than {MOST_LEVELS} deep"),
        ("many", "[" * 100_000 + "]" * 100_000, "takes JSON as text"),
        ("many", '"' + "x" * MOST_CHARACTERS + '"', "more than 10,000,000 characters"),
        ("many", b"[]", "takes JSON as text, not bytes"),
        ("text", b"x", "takes text, not bytes"),
        ("due_at", "soon", "takes a moment, as YYYY-MM-DD HH:MM:SS, not 'soon'"),
        ("due_at", "", "takes a moment"),
        ("due_at", "2026-02-30", "takes a moment"),
        ("due_at", 7, "takes a moment"),
        ("due_at", "0001-01-01T00:00:00+10:00", "takes a moment"),
        ("is_open", "yes", "takes true or false, not 'yes'"),
        ("is_open", 2, "takes true or false"),
        ("size", "7 B", "takes a whole number, not '7 B'"),
        ("size", 7.5, "takes a whole number"),
        ("size", "\u0667", "takes a whole number"),
        ("size", float("inf"), "takes a whole number"),
        ("size", "9" * 5_001, "takes a whole number"),
    ],
    ids=lambda given: str(given)[:20],
)
@sweep("verb", ["INSERT INTO typed ({}) VALUES (?)", "UPDATE typed SET {} = ? WHERE id = '7'"])
def test_a_value_of_no_such_type_is_refused_before_any_call(
    server: Server, typed: box_dialect.Connection, verb: str, column: str, value: object, problem: str
) -> None:
    server.requests.clear()
    with pytest.raises(box_dialect.DataError) as caught:
        typed.cursor().execute(verb.format(column), (value,))
    assert str(caught.value).startswith(f"column {column} takes ")
    assert problem in str(caught.value)
    assert len(str(caught.value)) < 400
    assert server.requests == []
