"""Agents of AI Studio."""

from known_rows import Written

_ASK = '{"access_state": "enabled", "description": "Answers", "custom_instructions": "Be short"}'
_EXTRACT = '{"access_state": "disabled", "description": "Finds values"}'

ROWS = {
    "ai_agents": (
        "SELECT name, origin, access_state, ask ->> 'description', extract ->> 'type', text_gen FROM ai_agents",
        [
            ("Contract reader", "CUSTOM", "enabled", "Answers questions about documents.", None, None),
            ("Box AI", "BOX", "enabled", "Answers questions about documents.", "ai_agent_extract", None),
            ("Invoice reader", "CUSTOM", "enabled", None, "ai_agent_extract", None),
        ],
    ),
}

CALLS = {"ai_agents": 1}

WRITTEN = {
    "ai_agents": [
        Written(
            insert={
                "name": "Reader",
                "access_state": "enabled_for_selected_users",
                "icon_reference": "https://cdn01.boxcdn.net/app-assets/aistudio/avatars/logo_legal.png",
                "allowed_entities": '[{"type":"user","id":"20000000001"}]',
                "ask": _ASK,
                "text_gen": '{"access_state": "enabled", "description": "Writes"}',
                "extract": _EXTRACT,
            },
            updates=[
                {"name": "Best reader"},
                {"access_state": "enabled", "allowed_entities": "[]"},
                {"ask": _ASK, "text_gen": '{"access_state": "disabled", "description": "Writes no more"}'},
                {"extract": _EXTRACT},
                {"icon_reference": "https://cdn01.boxcdn.net/app-assets/aistudio/avatars/logo_stamp.png"},
            ],
            reads={"ask": ..., "text_gen": ..., "extract": ...},
        ),
    ],
}
