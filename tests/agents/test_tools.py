"""What the tools answer, and what they say where they fail."""

from __future__ import annotations

import json
import re

import pytest
from agents_client import account, call, data, entries, failure, text, with_client

from box_dialect.emulator.content import PatternContent
from box_dialect.mcp import Bounds, server
from box_dialect.mcp.texts import Texts
from box_dialect.properties import from_url

README = "1200000000008"


def test_a_query_gives_rows_as_text_and_as_structured_content(small):
    result = call(small, "query", sql="SELECT id, name, size, modified_at FROM files WHERE id = ?", parameters=[README])
    content = result.structured_content
    assert content["columns"] == ["id", "name", "size", "modified_at"]
    assert content["rows"] == [[README, "README", 20, "2015-03-14T08:00:00+00:00"]]
    assert (content["is_cut"], content["api_calls"], content["rows_changed"]) == (False, 1, None)
    assert entries(result) == [content["columns"], *content["rows"]]


def test_parameters_have_names_or_an_order(small):
    result = call(small, "query", sql="SELECT :a, :b", parameters={"a": None, "b": 1.5})
    assert result.structured_content["rows"] == [[None, 1.5]]


def test_all_kinds_of_values_are_shown(small):
    result = call(
        small, "query", sql="SELECT x'00ff', 9e999, 1 = 1, 'a' || char(0x202e) || 'b', depth FROM folders LIMIT 1"
    )
    assert result.structured_content["rows"] == [["[2 bytes, not shown]", "inf", 1, r"a\u202eb", 0]]


@pytest.mark.parametrize(
    ("given", "rows", "bound"),
    [({"max_rows": 3}, 3, Bounds()), ({}, 2, Bounds(rows=2)), ({"max_rows": 50}, 4, Bounds(size=35))],
)
def test_rows_are_cut_with_a_note_that_says_how_to_go_on(small, given, rows, bound):
    sql = "SELECT 'file' FROM files WHERE path LIKE '/Contracts/%' LIMIT 6"
    result = with_client(
        server(from_url(small.url), bound), lambda client: client.call_tool("query", {"sql": sql, **given})
    )
    content = result.structured_content
    assert len(content["rows"]) == rows < 6
    assert content["is_cut"]
    assert any("There are more rows" in note and "WHERE key >" in note for note in content["notes"])
    assert content["notes"] == text(result).split("\n")[: len(content["notes"])]


def test_as_many_rows_as_there_are_are_not_cut(small):
    content = call(small, "query", sql="SELECT 1 UNION SELECT 2", max_rows=2).structured_content
    assert (content["is_cut"], len(content["rows"])) == (False, 2)


def test_rows_beyond_the_bound_are_not_asked_for(small):
    content = call(small, "query", sql="SELECT id FROM files", max_rows=1).structured_content
    assert content["api_calls"] < 5 < call(small, "query", sql="SELECT id FROM files").structured_content["api_calls"]


def test_a_long_value_is_cut_and_tells_its_length(small):
    ((value,),) = call(small, "query", sql="SELECT replace(hex(zeroblob(5000)), '0', 'a')").structured_content["rows"]
    assert value == f"{'a' * 4_000}… [cut; 10,000 characters in all]"


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("query", {"sql": "SELECT nam FROM files"}, "no such column: nam; did you mean name? The tools `list_tables`"),
        ("query", {"sql": "SELECT 1; SELECT 2"}, "one statement at a time"),
        ("query", {"sql": "DELETE FROM files"}, "nothing may be written. No statement changes that: tell the user"),
        ("query", {"sql": "CREATE TABLE own(x)"}, "Readonly=true"),
        ("query", {"sql": "EXEC CallAPI 'POST', '/folders'"}, "Readonly=true"),
        ("query", {"sql": "ATTACH '/etc/passwd' AS a"}, "Readonly=true"),
        ("query", {"sql": "EXEC DownloadFile '1', @LocalPath = 'a'"}, "Readonly=true"),
        ("query", {"sql": "SELECT ?", "parameters": [2**70]}, "beyond 64 bits"),
        ("query", {"sql": "SELECT ?", "parameters": ["a", "b"]}, "bindings"),
        ("query", {"sql": "  "}, "the statement is empty"),
        ("query", {}, "Field required"),
        ("query", {"sql": "SELECT 1", "max_rows": 0}, "greater than or equal to 1"),
        ("explain", {"sql": "SELECT * FROM fils"}, "did you mean files?"),
        ("explain", {"sql": "EXPLAIN SELECT 1"}, "syntax error"),
        ("describe_table", {"table": "komments"}, "did you mean comments?"),
        ("describe_table", {"table": 'a"b; DROP'}, "no such table"),
        ("read_text", {"file": "/no/such.txt"}, "There is no file '/no/such.txt'"),
        ("read_text", {"file": "1200000000016"}, "Box has no text"),
        ("nothing", {}, "Unknown tool: nothing"),
    ],
)
def test_a_failure_says_what_it_is_and_what_to_do(small, tool, arguments, said):
    assert said in failure(small, tool, **arguments)


def test_a_bound_that_is_reached_says_to_ask_for_less(small):
    properties = {**from_url(small.url), "MaxApiCalls": 2}
    result = with_client(
        server(properties), lambda client: client.call_tool("query", {"sql": "SELECT count(*) FROM comments"})
    )
    assert result.is_error
    assert "MaxApiCalls" in text(result)
    assert "no statement changes it. Ask for less" in text(result)


def test_a_sign_in_that_fails_is_for_the_user(scripted):
    scripted.answers = {"GET /users/1": (401, {"code": "unauthorized"})}
    called = {"sql": "SELECT name FROM users WHERE id = '1'"}
    result = with_client(server(account(scripted)), lambda client: client.call_tool("query", called))
    assert result.is_error
    assert "tell the user that the server has to be signed in" in text(result)


def test_a_fault_of_the_server_is_told_without_what_it_was(small, monkeypatch, caplog):
    async def fail(**_: object) -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setattr("box_dialect.mcp.statements.aio.connect", fail)
    said = failure(small, "query", sql="SELECT 1")
    assert "a fault of its own (RuntimeError)" in said
    assert "hunter2" not in said
    assert "hunter2" in caplog.text


def test_explain_tells_the_cost_and_makes_no_call(small):
    small.reset()
    content = call(
        small, "explain", sql="SELECT * FROM comments WHERE item_id = ?", parameters=["1"]
    ).structured_content
    assert (content["most_calls"], content["allowed_calls"]) == (1, 1_000)
    assert re.search(r"by file: GET /files/\{item_id\}/comments", content["plan"][0])
    assert small.stats()["calls"] == 0


def test_explain_takes_calls_of_procedures(small):
    content = call(small, "explain", sql="EXEC CallAPI 'GET', '/users/me'").structured_content
    assert (content["least_calls"], content["most_calls"], content["plan"]) == (0, None, [])


def test_the_name_of_a_column_is_cut_as_a_value_is(small):
    ((name,),) = [call(small, "query", sql=f"SELECT '{'a' * 10_000}'").structured_content["columns"]]
    assert name == f"'{'a' * 199}… [cut; 10,002 characters in all]"


def test_explain_says_where_a_statement_would_fail(small):
    properties = {**from_url(small.url), "MaxApiCalls": 1}
    called = {"sql": "SELECT * FROM comments WHERE item_id IN ('1', '2', '3')"}
    content = with_client(server(properties), lambda client: client.call_tool("explain", called)).structured_content
    assert content["most_calls"] == 3
    assert any("it would fail" in note for note in content["notes"])


def test_tables_are_listed_with_what_a_row_is(small):
    tables = call(small, "list_tables").structured_content["tables"]
    assert {"files", "sys_tables", "users"} <= {each["name"] for each in tables}
    assert next(each["description"] for each in tables if each["name"] == "files")
    found = call(small, "list_tables", pattern="comment").structured_content["tables"]
    assert [each["name"] for each in found] == ["comments"]


def test_tables_are_listed_where_those_of_templates_cannot_be(scripted):
    content = with_client(
        server(account(scripted)), lambda client: client.call_tool("list_tables", {"pattern": "files"})
    ).structured_content
    assert "files" in [each["name"] for each in content["tables"]]
    assert any("metadata templates are left out" in note for note in content["notes"])


def test_a_table_is_described_with_keys_references_inputs_and_ways(small):
    content = call(small, "describe_table", table="Comments").structured_content
    columns = {each["name"]: each for each in content["columns"]}
    assert content["name"] == "comments"
    assert [name for name, each in columns.items() if each["is_key"]] == ["id"]
    assert columns["item_id"]["references"] == ["files.id"]
    assert columns["as_user"]["is_hidden"]
    assert "item_id" in [name for path in content["access_paths"] for name in path["needs"]]


def test_a_search_gives_ids_and_paths(small):
    content = call(small, "search", text="report").structured_content
    assert [(each["id"], each["path"]) for each in content["files"]] == [
        ("1200000000021", "/Case/Report.txt"),
        ("1200000000022", "/case twin/report.txt"),
    ]
    one = call(small, "search", text="report", limit=1).structured_content
    assert len(one["files"]) == 1
    assert any("There are more" in note for note in one["notes"])


def test_a_search_is_narrowed_to_extensions(small):
    for extensions, found in ((["pdf"], 0), ([".TXT", "pdf"], 2)):
        content = call(small, "search", text="report", extensions=extensions).structured_content
        assert len(content["files"]) == found


@pytest.mark.parametrize("file", [README, "/Contracts/README"])
def test_a_text_is_read_in_pieces(small, file):
    offset, pieces = 0, []
    while offset is not None:
        content = call(small, "read_text", file=file, offset=offset, length=8).structured_content
        assert (content["offset"], content["total"], content["file_id"]) == (offset, 20, README)
        pieces.append(content["text"])
        offset = content["next_offset"]
    assert pieces == ["No exten", "sion at ", "all."]


def test_only_who_says_so_may_write(written):
    made = call(written, "query", write=True, sql="INSERT INTO folders (name, parent_id) VALUES ('By an agent', '0')")
    assert made.structured_content["rows_changed"] == 1
    assert made.structured_content["notes"][-1] == "1 rows changed; Box has them already."
    none = call(written, "query", write=True, sql="DELETE FROM folders WHERE id = '4711'")
    assert none.structured_content["notes"][-1] == "0 rows changed."
    found = call(written, "query", sql="SELECT path FROM folders WHERE parent_id = '0' AND name = 'By an agent'")
    assert found.structured_content["rows"] == [["/By an agent"]]


@pytest.mark.parametrize("write", [False, True])
def test_tools_tell_what_they_may_do(small, write):
    async def tools(client):
        return (await client.list_tools()).tools

    listed = {each.name: each for each in with_client(server(from_url(small.url), write=write), tools)}
    assert list(listed) == ["query", "explain", "list_tables", "describe_table", "search", "read_text"]
    writing = [name for name, each in listed.items() if not each.annotations.read_only_hint]
    assert writing == ["query"] * write
    assert all(each.annotations.destructive_hint == (name in writing) for name, each in listed.items())
    assert ("change Box at once" in listed["query"].description) == write
    assert all(each.output_schema["properties"].keys() > {"origin", "notes"} for each in listed.values())


def test_no_path_of_the_machine_is_told(small, tmp_path):
    local = tmp_path / "secret place" / "local.db"
    local.parent.mkdir()
    properties = {**from_url(small.url), "LocalDatabase": str(local), "Readonly": False}

    async def told(client):
        return [
            text(await client.call_tool("query", {"sql": sql}))
            for sql in (
                "SELECT name, value FROM sys_properties",
                "SHOW PROPERTIES",
                "PRAGMA database_list",
                "SELECT * FROM pragma_database_list",
            )
        ]

    told = with_client(server(properties, write=True), told)
    assert not [each for each in told if "secret place" in each]
    assert "LocalDatabase" in told[0]
    assert "tells where files of this machine are" in told[2]


def test_a_failure_names_the_property_in_the_place_of_a_path(scripted, tmp_path):
    settings = tmp_path / "secret place" / "tokens"
    settings.parent.mkdir()
    settings.write_text("damaged")
    settings.chmod(0o600)
    own = {"AuthScheme": "OAuth", "InitiateOAuth": "REFRESH", "OAuthClientId": "id", "OAuthClientSecret": "secret"}
    properties = {"APIBaseURL": f"{scripted.url}/2.0", **own, "OAuthSettingsLocation": str(settings)}
    called = {"sql": "SELECT name FROM users WHERE id = '1'"}
    said = text(with_client(server(properties), lambda client: client.call_tool("query", called)))
    assert "the settings file OAuthSettingsLocation is damaged" in said
    assert "secret place" not in said


@pytest.mark.filterwarnings("ignore:nothing is read as user")
def test_each_answer_has_what_the_driver_warns_of(small):
    called = {"sql": "SELECT name FROM files WHERE id = '1200000000008' AND as_user = '404404'"}

    async def twice(client):
        return [await client.call_tool("query", called) for _ in range(2)]

    for result in with_client(server(from_url(small.url)), twice):
        (warning,) = result.structured_content["warnings"]
        assert warning.startswith("nothing is read as user 404404")
        assert json.loads(data(result)[0]) == {"warning": warning}
        assert result.structured_content["rows"] == []
    assert call(small, "query", sql="SELECT 1").structured_content["warnings"] == []


def test_a_text_is_downloaded_once_for_its_pieces_and_again_for_another_version(fresh):
    async def read(client):
        pieces = [await client.call_tool("read_text", {"file": README, "offset": at, "length": 8}) for at in (0, 8)]
        file = fresh.store.items["file"][README]
        fresh.store.add_version(file, PatternContent("another", 30), fresh.store.admin)
        return [*pieces, await client.call_tool("read_text", {"file": README, "offset": 8, "length": 8})]

    fresh.reset()
    first, second, third = with_client(server(from_url(fresh.url)), read)
    downloads = "get_internal_files_id_versions_id_representations_id_content"
    assert fresh.stats()["by_operation"][downloads] == 2
    assert first.structured_content["version_id"] == second.structured_content["version_id"]
    assert third.structured_content["version_id"] != first.structured_content["version_id"]


def test_texts_that_were_read_before_others_make_room():
    texts = Texts(10)
    texts.keep("1", "v1", "a" * 5)
    texts.keep("2", "v2", "b" * 3)
    assert [texts.text("1", "v1"), texts.text("1", "v2"), texts.version("2")] == ["a" * 5, None, "v2"]
    texts.keep("1", "v3", "c" * 2)
    texts.keep("3", "v4", "d" * 5)
    assert [texts.version(each) for each in "123"] == ["v3", None, "v4"]
    texts.keep("4", "v5", "e" * 10)
    texts.keep("5", None, "f")
    assert [texts.version(each) for each in "12345"] == ["v3", None, "v4", None, None]
    for each in "abcdefghijk":
        texts.keep(each, "v6", "")
    assert [texts.version("a"), texts.version("b")] == [None, "v6"], "empty ones are not kept without end"
