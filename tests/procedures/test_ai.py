"""Calls of Box AI are charged for: a statement makes as many as `MaxAICalls` allows, none by default."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import box_dialect

if TYPE_CHECKING:
    from conftest import Box

README = "1200000000008"


def test_none_is_made_by_default(fresh: Box) -> None:
    with fresh.connect() as connection, connection.cursor() as cursor:
        for call in (
            f"SELECT AskAI('{README}', 'Why?')",
            f"EXEC GenerateTextAI '{README}', 'Write'",
            f"SELECT * FROM ExtractAI('{README}', 'price')",
            f"SELECT * FROM ExtractStructuredAI('{README}') WHERE Fields = '[\"price\"]'",
            "EXEC CallAPI 'POST', '/ai/ask', @Body = '{}'",
            "EXEC CallAPI 'POST', '/AI/ask', @Body = '{}'",
        ):
            with pytest.raises(box_dialect.OperationalError, match="raise the property MaxAICalls"):
                cursor.execute(call).fetchall()
            assert cursor.api_calls == 0
        cursor.execute("SELECT GetAIAgentDefault('ask')")
        assert "ai_agent_ask" in str(cursor.fetchone())


def test_a_statement_makes_as_many_as_are_allowed(fresh: Box) -> None:
    ask = "SELECT AskAI(id, 'Is there an extension?') FROM files WHERE parent_id = '160000000001' OR id = ?"
    with fresh.connect(MaxAICalls=1) as connection, connection.cursor() as cursor:
        assert len(cursor.execute(ask, (README,)).fetchall()) == 1
        assert len(cursor.execute(ask, (README,)).fetchall()) == 1
        with pytest.raises(
            box_dialect.OperationalError, match="more than the 1 calls of Box AI that MaxAICalls allows"
        ):
            cursor.execute(ask, ("1200000000027",)).fetchall()


def test_equal_questions_are_one_call(fresh: Box) -> None:
    with fresh.connect(MaxAICalls=1) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT AskAI('1200000000008', 'extension?') FROM users")
        assert len({*cursor.fetchall()}) == 1


def test_it_is_asked_where_nothing_may_be_written(fresh: Box) -> None:
    with fresh.connect(MaxAICalls=2, Readonly=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT Answer FROM AskAI('{README}', 'extension?') WHERE Answer LIKE 'No%'")
        assert cursor.fetchall() == [("No extension at all.",)]


def test_the_fields_of_each_file_are_rows_of_a_join(fresh: Box) -> None:
    query = """SELECT f.name, x.Key, x.Value FROM files AS f, ExtractStructuredAI(f.id) AS x
               WHERE x.Fields = '["price"]' AND x.Content = 'price: 7' AND f.parent_id = '160000000010'"""
    with fresh.connect(MaxAICalls=2) as connection, connection.cursor() as cursor:
        assert cursor.execute(query).fetchall() == [("report.txt", "price", "7")]
        cursor.execute(f"SELECT ExtractStructuredAI('{README}', NULL, NULL, '[\"price\"]', 'price: 7')")
        assert json.loads(cursor.fetchall()[0][0])[0]["Value"] == "7"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("EXEC AskAI @Prompt = 'x'", "either its input FileIds or its input HubId"),
        ("EXEC AskAI '1', 'x', '2'", "either its input FileIds or its input HubId"),
        ("EXEC AskAI '1,2', 'x', @Content = 'y'", "takes Content with one file alone"),
        ("EXEC ExtractStructuredAI '1'", "either its input TemplateKey or its input Fields"),
        ("EXEC ExtractStructuredAI '1', @Fields = '{}'", "Fields of ExtractStructuredAI is a list of JSON"),
        ("EXEC AskAI '1', 'x', @Agent = '[]'", "Agent of AskAI is an object of JSON"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_sent(small: Box, call: str, message: str) -> None:
    with small.connect(MaxAICalls=9) as connection, connection.cursor() as cursor:
        with pytest.raises(box_dialect.ProgrammingError, match=message):
            cursor.execute(call)
        assert cursor.api_calls == 0


def test_a_hub_that_is_not_read_yet_is_told(fresh: Box) -> None:
    with fresh.connect(MaxAICalls=1) as connection, connection.cursor() as cursor:
        with pytest.raises(box_dialect.OperationalError, match="has not read the hub yet") as failure:
            cursor.execute("EXEC AskAI @HubId = '2170000002', @Prompt = 'x'")
        assert failure.value.diag.retryable


def test_an_answer_that_is_no_json_is_a_text(fresh: Box) -> None:
    fresh.faults({"operation": "post_ai_extract", "status": 200, "headers": {"content-type": "application/json"},
        "body": {"answer": '{"cut', "created_at": "2026-01-01T00:00:00Z"}})  # fmt: skip
    with fresh.connect(MaxAICalls=1) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT Answer FROM ExtractAI('{README}', 'x')")
        assert json.loads(cursor.fetchall()[0][0]) == '{"cut'


def test_what_may_have_been_charged_for_is_not_sent_again(fresh: Box) -> None:
    fresh.faults({"operation": "post_ai_ask", "status": 500}, {"operation": "post_ai_text_gen", "status": 429})
    with fresh.connect(MaxAICalls=1) as connection, connection.cursor() as cursor:
        with pytest.raises(box_dialect.OperationalError, match="HTTP 500"):
            cursor.execute(f"EXEC AskAI '{README}', 'extension?'")
        assert cursor.api_calls == 1
        cursor.execute(f"SELECT Answer FROM GenerateTextAI('{README}', 'Write')")
        assert cursor.fetchall() == [("Write: No extension at all.",)]
        assert cursor.api_calls == 2
