"""Box AI, whose answers the emulator finds in the texts."""

from json import dumps

from known_calls import Called, Has

CALLS = {
    "AskAI": [
        Called(
            inputs={
                "FileIds": "1200000000008",
                "Prompt": "Is there an extension?",
                "Mode": "single_item_qa",
                "Content": "There is an extension. Or not.",
                "DialogueHistory": dumps([{"prompt": "a", "answer": "b", "created_at": "2026-01-01T00:00:00Z"}]),
                "IncludeCitations": True,
                "Agent": '{"type": "ai_agent_id", "id": "1"}',
            },
            sent=[
                (
                    "POST /ai/ask",
                    {
                        "items": [{"type": "file", "id": "1200000000008", "content": "There is an extension. Or not."}],
                        "mode": "single_item_qa",
                        "prompt": "Is there an extension?",
                        "dialogue_history": [{"prompt": "a", "answer": "b", "created_at": "2026-01-01T00:00:00Z"}],
                        "include_citations": True,
                        "ai_agent": {"type": "ai_agent_id", "id": "1"},
                    },
                )
            ],
            rows=[
                (
                    "There is an extension.",
                    ...,
                    "done",
                    '{"models":[{"name":"emulator__no_model","provider":"emulator"}],"processor":"basic_text"}',
                    '[{"content":"There is an extension.","id":"1200000000008","type":"file","name":"README"}]',
                )
            ],
        ),
        Called(
            inputs={"HubId": "2170000001", "Prompt": "Which agreement?"},
            sent=[
                (
                    "POST /ai/ask",
                    {
                        "items": [{"type": "hubs", "id": "2170000001"}],
                        "mode": "single_item_qa",
                        "prompt": "Which agreement?",
                        "include_citations": False,
                    },
                )
            ],
            rows=[
                (
                    "agreement",
                    ...,
                    "done",
                    '{"models":[{"name":"emulator__no_model","provider":"emulator"}],"processor":"basic_text"}',
                    None,
                )
            ],
        ),
        Called(
            inputs={"FileIds": "1200000000008,1200000000017", "Prompt": "extension?"},
            sent=[
                (
                    "POST /ai/ask",
                    {
                        "items": [{"type": "file", "id": "1200000000008"}, {"type": "file", "id": "1200000000017"}],
                        "mode": "multiple_item_qa",
                        "prompt": "extension?",
                        "include_citations": False,
                    },
                )
            ],
            rows=[
                (
                    "No extension at all.",
                    ...,
                    "done",
                    '{"models":[{"name":"emulator__no_model","provider":"emulator"}],"processor":"basic_text"}',
                    None,
                )
            ],
        ),
    ],
    "GenerateTextAI": [
        Called(
            inputs={
                "FileId": "1200000000008",
                "Prompt": "Write",
                "Content": "One. Two.",
                "DialogueHistory": dumps([{"prompt": "a", "answer": "b", "created_at": "2026-01-01T00:00:00Z"}]),
                "Agent": '{"type": "ai_agent_id", "id": "1"}',
            },
            sent=[
                (
                    "POST /ai/text_gen",
                    {
                        "items": [{"type": "file", "id": "1200000000008", "content": "One. Two."}],
                        "prompt": "Write",
                        "dialogue_history": [{"prompt": "a", "answer": "b", "created_at": "2026-01-01T00:00:00Z"}],
                        "ai_agent": {"type": "ai_agent_id", "id": "1"},
                    },
                )
            ],
            rows=[
                (
                    "Write: One. Two.",
                    ...,
                    "done",
                    '{"models":[{"name":"emulator__no_model","provider":"emulator"}],"processor":"basic_gen"}',
                )
            ],
        )
    ],
    "ExtractAI": [
        Called(
            inputs={
                "FileIds": "1200000000008",
                "Prompt": "Find: price, city",
                "Content": "price: 7\ncity: Bonn",
                "Agent": '{"type": "ai_agent_id", "id": "1"}',
            },
            sent=[
                (
                    "POST /ai/extract",
                    {
                        "items": [{"type": "file", "id": "1200000000008", "content": "price: 7\ncity: Bonn"}],
                        "prompt": "Find: price, city",
                        "ai_agent": {"type": "ai_agent_id", "id": "1"},
                    },
                )
            ],
            rows=[
                (
                    '{"price":"7","city":"Bonn"}',
                    ...,
                    "done",
                    '{"models":[{"name":"emulator__no_model","provider":"emulator"}],"processor":"basic_text"}',
                )
            ],
        )
    ],
    "ExtractStructuredAI": [
        Called(
            inputs={
                "FileIds": "1200000000008",
                "Fields": '["city", {"key": "price", "type": "float"}, "none"]',
                "Content": "price: 7\ncity: Bonn",
                "IncludeConfidenceScore": True,
                "IncludeReference": True,
                "Agent": '{"type": "ai_agent_id", "id": "1"}',
                "TaxonomySources": dumps([{"type": "taxonomy", "taxonomy_key": "t", "namespace": "enterprise_1"}]),
            },
            sent=[
                (
                    "POST /ai/extract_structured",
                    {
                        "items": [{"type": "file", "id": "1200000000008", "content": "price: 7\ncity: Bonn"}],
                        "fields": [{"key": "city"}, {"key": "price", "type": "float"}, {"key": "none"}],
                        "include_confidence_score": True,
                        "include_reference": True,
                        "ai_agent": {"type": "ai_agent_id", "id": "1"},
                        "taxonomy_sources": [{"type": "taxonomy", "taxonomy_key": "t", "namespace": "enterprise_1"}],
                    },
                )
            ],
            rows=[
                (
                    "city",
                    "Bonn",
                    '{"level":"HIGH","score":0.99}',
                    '[{"itemId":"1200000000008","page":0,"text":"Bonn"}]',
                ),
                ("price", "7", '{"level":"HIGH","score":0.99}', '[{"itemId":"1200000000008","page":0,"text":"7"}]'),
                ("none", None, '{"level":"LOW","score":0.2}', "[]"),
            ],
        ),
        Called(
            inputs={"FileIds": "1200000000008", "TemplateKey": "documentReview", "Scope": "enterprise_491291"},
            sent=[
                (
                    "POST /ai/extract_structured",
                    {
                        "items": [{"type": "file", "id": "1200000000008"}],
                        "metadata_template": {
                            "type": "metadata_template",
                            "scope": "enterprise_491291",
                            "template_key": "documentReview",
                        },
                        "include_confidence_score": False,
                        "include_reference": False,
                    },
                )
            ],
            rows=[
                ("state", None, None, None),
                ("topics", None, None, None),
                ("score", None, None, None),
                ("due", None, None, None),
                ("remark", None, None, None),
                ("place", None, None, None),
            ],
        ),
    ],
    "GetAIAgentDefault": [
        Called(
            inputs={"Mode": "ask", "Language": "ja", "Model": "m1"},
            sent=[("GET /ai_agent_default?mode=ask&language=ja&model=m1", None)],
            rows=[(Has('{"type":"ai_agent_ask","long_text":{"model":"m1","num_tokens'),)],
        )
    ],
}
