"""Serve Box AI: questions about files and hubs, texts, and values that are extracted; no model answers.

Source: https://developer.box.com/reference/resources/ai-response/
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired, TypeAlias, TypedDict

from msgspec import Meta

from box_dialect.emulator import clock, errors
from box_dialect.emulator.ai.agents import MODEL, default_agent
from box_dialect.emulator.ai.answers import Source, answer, generated
from box_dialect.emulator.ai.extraction import extract, fields_of, keys_of, options_of
from box_dialect.emulator.bodies import Moment
from box_dialect.emulator.features import Feature
from box_dialect.emulator.hubs import HubItem
from box_dialect.emulator.metadata.taxonomies import taxonomy_of
from box_dialect.emulator.metadata.templates import scope_named, template_of
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import Resource

from .hubs import hub_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.model import File
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

SCOPE: Final = "ai.readwrite"
MODES: Final = ("ask", "text_gen", "extract", "extract_structured")
MAX_PROMPT: Final = 10_000
MAX_TEXT: Final = 2 << 20
"""How many bytes of text Box AI takes of a file."""

AI = Resource[Any](feature=Feature("ai"))


class _Item(TypedDict):
    id: str
    type: Literal["file"]
    content: NotRequired[str]


class _AskedItem(TypedDict):
    id: str
    type: Literal["file", "hubs"]
    content: NotRequired[str]


class _Said(TypedDict, total=False):
    prompt: str
    answer: str
    created_at: Moment


_Items: TypeAlias = Annotated[list[_Item], Meta(min_length=1, max_length=25)]


class Question(TypedDict):
    """What is asked about files, or about a hub."""

    mode: Literal["multiple_item_qa", "single_item_qa"]
    prompt: str
    items: Annotated[list[_AskedItem], Meta(min_length=1, max_length=25)]
    dialogue_history: NotRequired[list[_Said]]
    include_citations: NotRequired[bool]
    ai_agent: NotRequired[dict[str, Any]]


class TextRequest(TypedDict):
    """What text is to be generated."""

    prompt: str
    items: Annotated[list[_Item], Meta(min_length=1, max_length=1)]
    dialogue_history: NotRequired[list[_Said]]
    ai_agent: NotRequired[dict[str, Any]]


class Extraction(TypedDict):
    """What a prompt wants extracted."""

    prompt: str
    items: _Items
    ai_agent: NotRequired[dict[str, Any]]


class _TemplateReference(TypedDict, total=False):
    template_key: str
    type: Literal["metadata_template"]
    scope: Annotated[str, Meta(max_length=40)]


class _Option(TypedDict):
    key: str


class _SubField(TypedDict):
    key: str
    description: NotRequired[str]
    displayName: NotRequired[str]
    prompt: NotRequired[str]
    type: NotRequired[str]
    options: NotRequired[list[_Option]]


class _OptionsRules(TypedDict, total=False):
    multi_select: bool
    selectable_levels: list[int]


class _Field(TypedDict):
    key: str
    description: NotRequired[str]
    displayName: NotRequired[str]
    prompt: NotRequired[str]
    type: NotRequired[str]
    options: NotRequired[list[_Option]]
    fields: NotRequired[list[_SubField]]
    taxonomy_key: NotRequired[str]
    namespace: NotRequired[str]
    options_rules: NotRequired[_OptionsRules]


class StructuredExtraction(TypedDict):
    """Which fields are to be extracted: those of a template, or those that are named here."""

    items: _Items
    metadata_template: NotRequired[_TemplateReference]
    fields: NotRequired[Annotated[list[_Field], Meta(min_length=1)]]
    ai_agent: NotRequired[dict[str, Any]]
    include_confidence_score: NotRequired[bool]
    include_reference: NotRequired[bool]
    taxonomy_sources: NotRequired[list[dict[str, Any]]]


def _prompt(call: Call) -> str:
    prompt: str = call.json["prompt"]
    if not prompt or len(prompt) > MAX_PROMPT:
        raise errors.invalid_parameter("prompt", prompt[:50], f"It has one to {MAX_PROMPT} characters")
    return prompt


def _source(file: File, content: str | None = None) -> Source:
    return Source(file.id, file.name, file.content.text(MAX_TEXT) if content is None else content)


def _sources(call: Call) -> list[Source]:
    """Return the texts of the files of the body, or what it says that they contain."""
    found = []
    for named in call.json["items"]:
        file: Any = call.item({"type": "file", "id": named["id"]})
        if file.is_trashed:
            raise errors.not_found("file", named["id"])
        call.check_permissions(file, "can_preview")
        found.append(_source(file, named.get("content")))
    return found


def _info(mode: str) -> Json:
    return {"models": [{"name": MODEL, "provider": "emulator"}], "processor": f"basic_{mode}"}


def _told(mode: str, **answered: Any) -> Json:
    return {**answered, "created_at": clock.stamp(clock.now()), "completion_reason": "done",
        "ai_agent_info": _info(mode)}  # fmt: skip


@AI.operation("POST", "/ai/ask", Question)
def ask(call: Call) -> Json | Reply:
    """Answer a question about files, or about what a hub has; 204 where a hub has nothing."""
    call.require_scope(SCOPE)
    prompt, items, mode = _prompt(call), call.json["items"], call.json["mode"]
    is_hub = any(item["type"] == "hubs" for item in items)
    if len(items) > 1 and (is_hub or mode == "single_item_qa"):
        why = "A hub" if is_hub else f"What is asked in the mode {mode}"
        raise errors.invalid_parameter("items", len(items), f"{why} must be the only item")
    sources = _of_hub(call, items[0]["id"]) if is_hub else _sources(call)
    if is_hub and not sources:
        return Reply(204)
    said, found = answer(prompt, sources)
    told = _told("text", answer=said)
    if call.json.get("include_citations"):
        told["citations"] = [
            {"content": each.sentence, "id": each.source.id, "type": "file", "name": each.source.name} for each in found
        ]
    return told


def _of_hub(call: Call, identity: str) -> list[Source]:
    """Return the texts of the files of a hub, which the caller must see."""
    items: Iterable[Any] = (each.item for each in hub_named(call, identity).of(HubItem).values())
    return [_source(item) for item in items if item.type == "file" and not item.is_trashed and call.sees(item)]


@AI.operation("POST", "/ai/text_gen", TextRequest)
def generate(call: Call) -> Json:
    """Generate a text."""
    call.require_scope(SCOPE)
    prompt = _prompt(call)
    return _told("gen", answer=generated(prompt, _sources(call)[0]))


@AI.operation("POST", "/ai/extract", Extraction)
def extract_freely(call: Call) -> Json:
    """Extract what a prompt names; the answer is JSON as a text."""
    call.require_scope(SCOPE)
    fields = [{"key": key} for key in keys_of(_prompt(call))]
    values = extract(fields, _sources(call))[0]
    found = {key: value for key, value in values.items() if value is not None}
    return _told("text", answer=json.dumps(found, ensure_ascii=False))


@AI.operation("POST", "/ai/extract_structured", StructuredExtraction)
def extract_structured(call: Call) -> Json:
    """Extract fields."""
    call.require_scope(SCOPE)
    body = call.json
    fields = _fields(call)
    values, scores, places = extract(fields, _sources(call))
    told = _told("text", answer=values)
    if body.get("include_confidence_score"):
        told["confidence_score"] = scores
    if body.get("include_reference"):
        told["reference"] = places
    return told


def _fields(call: Call) -> list[Json]:
    """Return the fields of the body, or those of the template that it names; it must have one of them."""
    body = call.json
    if ("fields" in body) == ("metadata_template" in body):
        raise errors.invalid_parameter("fields", "", "Either 'fields' or 'metadata_template' must be there")
    if "fields" in body:
        return [field | _nodes(call, field) for field in body["fields"]]
    named = body["metadata_template"]
    missing = [f"metadata_template.{name}" for name in ("template_key", "scope") if name not in named]
    if missing:
        raise errors.missing_parameter(*missing)
    template = template_of(call.store, scope_named(call.store, named["scope"]), named["template_key"])
    if template is None:
        raise errors.not_found("template", named["template_key"])
    return fields_of(template)


def _nodes(call: Call, field: Json) -> Json:
    """Return the options that a field has because it is of a taxonomy."""
    if field.get("type") != "taxonomy" or not field.keys() >= {"taxonomy_key", "namespace"}:
        return {}
    taxonomy = taxonomy_of(call.store, scope_named(call.store, field["namespace"]), field["taxonomy_key"])
    if taxonomy is None:
        raise errors.not_found("taxonomy", field["taxonomy_key"])
    return {"options": options_of(taxonomy)}


@AI.operation("GET", "/ai_agent_default")
def get_default(call: Call) -> Json:
    """Get the agent that answers where a call names none."""
    call.require_scope(SCOPE)
    mode = call.needed("mode")
    call.choice("mode", MODES, mode)
    return default_agent(mode, call.query.get("model") or MODEL)
