"""LangChain's SQLDatabase, and an agent with its toolkit whose model says what the test has it say."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from docs.pages import TOOLS, run
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from box_dialect.catalog import TABLES
from box_dialect.catalog.views import VIEWS

with warnings.catch_warnings(action="ignore"):  # that it is no longer kept, for parts that are to come
    from langchain_community.agent_toolkits import SQLDatabaseToolkit
    from langchain_community.utilities import SQLDatabase

if TYPE_CHECKING:
    from conftest import Box

BOUNDS = "&Readonly=true&MaxApiCalls=100"


class Model(GenericFakeChatModel):
    """A model that takes tools, and gives its messages in their order."""

    def bind_tools(self, *_: Any, **__: Any) -> Model:
        return self


def call(number: int, tool: str, **arguments: str) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": tool, "args": arguments, "id": str(number)}])


def test_the_page(small: Box) -> None:
    run(TOOLS, small.emulator.ready, "LangChain")


def test_tables_are_listed_and_described_without_a_call(fresh: Box) -> None:
    db = SQLDatabase.from_uri(fresh.url, sample_rows_in_table_info=0, view_support=True)
    assert db.dialect == "box"
    assert {*TABLES, *VIEWS} <= {*db.get_usable_table_names()}
    assert "CREATE TABLE enterprise_configurations (" in db.get_table_info()
    assert "'size': 'Size in bytes.'" in db.get_table_info(["files"], get_col_comments=True)
    assert {*fresh.stats()["by_operation"]} == {
        "get_metadata_templates_enterprise",
        "get_metadata_templates_global",
    }


def test_tables_are_described_with_rows(small: Box) -> None:
    db = SQLDatabase.from_uri(small.url)
    described = db.get_table_info()
    assert "3 rows from files table:\n" in described
    assert ".gitignore\t0\t/.gitignore\t" in described
    assert "3 rows from invites table:\n" in described  # of which there is none, for Box does not list them


def test_an_agent_asks_and_is_told_what_it_does_wrong(small: Box) -> None:
    db = SQLDatabase.from_uri(small.url + BOUNDS)
    said = [
        call(1, "sql_db_list_tables", tool_input=""),
        call(2, "sql_db_schema", table_names="files, invites"),
        call(3, "sql_db_query", query="SELECT nam FROM files"),
        call(4, "sql_db_query", query="SELECT id FROM invites"),
        call(5, "sql_db_query", query="DELETE FROM files"),
        call(6, "sql_db_query", query="SELECT name, modified_at FROM files WHERE parent_id = '0' AND size = 16"),
        AIMessage("Notes.txt"),
    ]
    model = Model(messages=iter(said))
    tools = SQLDatabaseToolkit(db=db, llm=model).get_tools()
    answered = create_agent(model, tools).invoke({"messages": [("user", "Which file has 16 bytes?")]})["messages"]
    listed, described, misspelled, unlisted, written, found = (
        message.content for message in answered if message.type == "tool"
    )
    assert {*TABLES} <= {*listed.split(", ")}
    assert "CREATE TABLE files (" in described
    assert "no such column: nam; did you mean name?" in misspelled
    assert "invites needs a value of id, by = or IN" in unlisted
    assert "Readonly" in written
    assert found.startswith("[('Notes.txt', datetime.datetime(2015, 7, 20, 8, 0, tzinfo=")
    assert answered[-1].content == "Notes.txt"
