"""Serve the agents of AI Studio.

Source: https://developer.box.com/reference/resources/ai-single-agent-response/
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypeAlias, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.ai.agents import CAPABILITIES, Agent, written_capability
from box_dialect.emulator.features import Feature
from box_dialect.emulator.model import Group, User
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import reference, references
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update

from .ai import SCOPE

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

_STATES = ("enabled", "disabled", "enabled_for_selected_users")
_Tokens: TypeAlias = Annotated[int, Meta(ge=1)]
_Questions: TypeAlias = Annotated[list[str], Meta(max_length=4)]


class _Strategy(TypedDict, total=False):
    id: str
    num_tokens_per_chunk: _Tokens


class _Embeddings(TypedDict, total=False):
    model: str
    strategy: _Strategy


class _Spreadsheet(TypedDict, total=False):
    model: str
    num_tokens_for_completion: _Tokens
    llm_endpoint_params: dict[str, Any]


class _BasicText(_Spreadsheet, total=False):
    system_message: str
    prompt_template: Annotated[str, Meta(max_length=10_000)]
    is_custom_instructions_included: bool


class _LongText(_BasicText, total=False):
    embeddings: _Embeddings


class _BasicGen(_LongText, total=False):
    content_template: str


class _Capability(TypedDict):
    access_state: str
    description: str
    custom_instructions: NotRequired[str | None]


class _Ask(_Capability):
    type: Literal["ai_agent_ask"]
    suggested_questions: NotRequired[_Questions]
    long_text: NotRequired[_LongText]
    basic_text: NotRequired[_BasicText]
    basic_image: NotRequired[_BasicText]
    spreadsheet: NotRequired[_Spreadsheet]
    long_text_multi: NotRequired[_LongText]
    basic_text_multi: NotRequired[_BasicText]
    basic_image_multi: NotRequired[_BasicText]


class _TextGen(_Capability):
    type: Literal["ai_agent_text_gen"]
    suggested_questions: NotRequired[_Questions]
    basic_gen: NotRequired[_BasicGen]


class _Extract(_Capability):
    type: Literal["ai_agent_extract"]
    long_text: NotRequired[_LongText]
    basic_text: NotRequired[_BasicText]
    basic_image: NotRequired[_BasicText]


class _Entity(TypedDict):
    type: Literal["user", "group"]
    id: str


class NewAgent(TypedDict):
    """What an agent is made of, or made anew of."""

    type: Literal["ai_agent"]
    name: str
    access_state: str
    icon_reference: NotRequired[Annotated[str, Meta(min_length=1)]]
    allowed_entities: NotRequired[list[_Entity]]
    ask: NotRequired[_Ask]
    text_gen: NotRequired[_TextGen]
    extract: NotRequired[_Extract]


def _has_scope(call: Call) -> None:
    call.require_scope(SCOPE)


def _rows(call: Call) -> list[Agent]:
    """Return the agents that can do one of the modes, and are in one of the states, that the query names."""
    modes, states = call.all("mode"), call.all("agent_state")
    for name, asked, known in (("mode", modes, CAPABILITIES), ("agent_state", states, _STATES)):
        unknown = [each for each in asked if each not in known]
        if unknown:
            raise errors.invalid_parameter(name, unknown[0], f"'{name}' must be one of {', '.join(known)}")
    with_box = call.flag("include_box_default")
    return [
        agent
        for agent in call.store.of(Agent).values()
        if (with_box or agent.origin != "BOX")
        and (not modes or any(mode in agent.capabilities for mode in modes))
        and (not states or agent.access_state in states)
    ]


def _given(call: Call) -> dict[str, Any]:
    """Return the attributes that the body gives an agent."""
    body = call.json
    capabilities = {mode: body[mode] for mode in CAPABILITIES if mode in body}
    if not capabilities:
        raise errors.bad_request("bad_request", f"At least one of {', '.join(CAPABILITIES)} must be there")
    if body["access_state"] not in _STATES:
        raise errors.invalid_parameter("access_state", body["access_state"], f"It must be one of {', '.join(_STATES)}")
    kinds: dict[str, type[User | Group]] = {"user": User, "group": Group}
    named = [call.found(kinds[each["type"]], each["id"]) for each in body.get("allowed_entities", ())]
    icon = {"icon_reference": body["icon_reference"]} if "icon_reference" in body else {}
    return {
        "name": body["name"], "access_state": body["access_state"], "capabilities": capabilities,
        "allowed_entities": named, "modified_by": call.user, **icon,
    }  # fmt: skip


def _is_custom(_call: Call, agent: Agent) -> None:
    if agent.origin == "BOX":
        raise errors.bad_request("bad_request", "Box's own agents cannot be changed")


def _capability(mode: str, agent: Agent) -> Json | None:
    given = agent.capabilities.get(mode)
    return None if given is None else written_capability(mode, given)


AI_AGENTS = Resource(
    Agent,
    List("/ai_agents", rows=_rows, page=marker_page, level="standard"),
    Get("/ai_agents/{agent_id}"),
    Create("/ai_agents", NewAgent, make=lambda call: Agent(created_by=call.user, **_given(call)), status=200,
        takes_fields=False),
    Update("/ai_agents/{agent_id}", NewAgent, changes=lambda call, _: _given(call), entity_permission=_is_custom,
        takes_fields=False),
    Delete("/ai_agents/{agent_id}", entity_permission=_is_custom),
    mini=("origin", "name", "access_state"),
    standard=("created_by", "created_at", "modified_by", "modified_at", "icon_reference", "allowed_entities",
        *CAPABILITIES),
    computed={
        **references("created_by", "modified_by"),
        "allowed_entities": lambda agent: [reference(each) for each in agent.allowed_entities],
        **{mode: partial(_capability, mode) for mode in CAPABILITIES},
    },
    permission=_has_scope,
    feature=Feature("ai_studio"),
)  # fmt: skip
