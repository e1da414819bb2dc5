"""LlamaIndex's SQLDatabase, and a query engine over it whose model says what the test has it say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from docs.pages import TOOLS, run
from llama_index.core import MockEmbedding, SQLDatabase
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from llama_index.core.query_engine import NLSQLTableQueryEngine

from box_dialect.catalog import TABLES
from box_dialect.catalog.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

QUERY = "SELECT name FROM files WHERE parent_id = '0' AND size = 16"


class Model(CustomLLM):
    """A model that writes one query, whatever it is asked, and answers with what it was shown."""

    query: str

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata()

    def complete(self, prompt: str, **_: Any) -> CompletionResponse:
        asks_for_sql = prompt.endswith("SQLQuery: ")
        return CompletionResponse(text=self.query if asks_for_sql else prompt.partition("SQL Response: ")[2])

    def stream_complete(self, prompt: str, **given: Any) -> Iterator[CompletionResponse]:
        yield self.complete(prompt, **given)


@pytest.fixture
def engine(small: Box) -> Iterator[sa.Engine]:
    engine = sa.create_engine(small.url, connect_args={"Readonly": True, "MaxApiCalls": 100})
    yield engine
    engine.dispose()


def test_the_page(small: Box) -> None:
    run(TOOLS, small.emulator.ready, "LlamaIndex")


def test_all_tables_are_described_without_a_call(fresh: Box) -> None:
    db = SQLDatabase(sa.create_engine(fresh.url), view_support=True)
    assert {*TABLES, *VIEWS} <= {*db.get_usable_table_names()}
    described = {name: db.get_single_table_info(name) for name in db.get_usable_table_names()}
    assert "size (BIGINT): 'Size in bytes.'" in described["files"]
    assert "['parent_id'] -> folders.['id']" in described["files"]
    assert {*fresh.stats()["by_operation"]} == {
        "get_metadata_templates_enterprise",
        "get_metadata_templates_global",
    }


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (QUERY, "('Notes.txt',)"),
        ("SELECT nam FROM files", "Error: Statement 'SELECT nam FROM files' is invalid SQL."),
        ("SELECT id FROM invites", "Error: Statement 'SELECT id FROM invites' is invalid SQL."),
    ],
)
def test_a_question_becomes_a_query(engine: sa.Engine, query: str, answer: str) -> None:
    db = SQLDatabase(engine, include_tables=["files", "folders", "invites"])
    asked = NLSQLTableQueryEngine(
        sql_database=db, tables=["files"], llm=Model(query=query), embed_model=MockEmbedding(8)
    ).query("Which file has 16 bytes?")
    assert answer in str(asked)
    assert asked.metadata["sql_query"] == query
