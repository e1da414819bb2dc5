"""Keep the agents of AI Studio, and what those are made of that Box has by itself.

Source: https://developer.box.com/reference/resources/ai-single-agent-response/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from box_dialect.emulator.entities import Entity

if TYPE_CHECKING:
    from box_dialect.emulator.model import Group, User
    from box_dialect.emulator.representations import Json

MODEL: Final = "emulator__no_model"
CAPABILITIES: Final = ("ask", "text_gen", "extract")
_TOOLS: Final = {
    "ask": ("long_text", "basic_text", "basic_image", "spreadsheet", "long_text_multi", "basic_text_multi",
        "basic_image_multi"),
    "text_gen": ("basic_gen",),
    "extract": ("long_text", "basic_text", "basic_image"),
    "extract_structured": ("long_text", "basic_text", "basic_image"),
}  # fmt: skip
"""The tools of an agent, by what it can do."""


@dataclass(slots=True, eq=False, kw_only=True)
class Agent(Entity):
    """An agent of AI Studio; what it can do is in `capabilities`, by name, as the body has it."""

    type, table, first_id = "ai_agent", "ai_agents", 2_160_000_001
    name: str
    access_state: str
    capabilities: dict[str, Json]
    created_by: User
    modified_by: User
    icon_reference: str = "https://cdn01.boxcdn.net/app-assets/aistudio/avatars/logo_boxAi.png"
    allowed_entities: list[User | Group] = field(default_factory=list)
    origin: str = "CUSTOM"


def _tool(name: str, model: str) -> Json:
    if name == "spreadsheet":
        return {"model": model, "num_tokens_for_completion": 8400}
    told: Json = {
        "model": model, "num_tokens_for_completion": 8400, "system_message": "",
        "prompt_template": "{user_question} {content}",
    }  # fmt: skip
    if name.startswith("long_text"):
        told["embeddings"] = {"model": model, "strategy": {"id": "basic", "num_tokens_per_chunk": 64}}
    if name == "basic_gen":
        told["content_template"] = "{content}"
    return told


def default_agent(mode: str, model: str) -> Json:
    """Return the agent that answers in a mode where a call names none."""
    return {"type": f"ai_agent_{mode}", **{name: _tool(name, model) for name in _TOOLS[mode]}}


def written_capability(mode: str, given: Json) -> Json:
    """Write what an agent can do, with the tools that it does it by."""
    questions: Json = {} if mode == "extract" else {"suggested_questions": []}
    told: Any = {**default_agent(mode, MODEL), "custom_instructions": None, **questions}
    tools: Any = {name: {**told[name], **given.get(name, {}), "warnings": []} for name in _TOOLS[mode]}
    return {**told, **given, **tools}
