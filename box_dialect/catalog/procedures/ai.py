"""Procedures that ask Box AI. They change nothing, and each call is one of those that `MaxAICalls` allows.

Source: https://developer.box.com/guides/box-ai/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from box_dialect.api import ApiCall, ApiPath
from box_dialect.catalog.model import Column, Derived, Type
from box_dialect.catalog.model.inputs import LIST, OBJECT, OBJECTS
from box_dialect.catalog.model.procedure import Call, Context, Input, Procedure
from box_dialect.errors import Diagnostics, OperationalError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.catalog.model import JsonObject

_FILE_IDS: Final = Input(name="FileIds", required=True, several=True, doc="Ids of the files, 25 at most.")
_PROMPT: Final = Input(name="Prompt", required=True, doc="What is wanted, in 10,000 characters at most.")
_CONTENT: Final = Input(
    name="Content", doc="A text to read in the place of what the file has, where there is one file."
)
_HISTORY: Final = Input(
    name="DialogueHistory",
    type=Type.JSON,
    form=OBJECTS,
    doc='What was said before, the oldest first: `[{"prompt": "…", "answer": "…", "created_at": "…"}]`.',
)
_AGENT: Final = Input(
    name="Agent",
    type=Type.JSON,
    form=OBJECT,
    doc='The agent, as Box\'s reference has it: `{"type": "ai_agent_id", "id": "…"}`. Default: the enterprise\'s.',
)
_TOLD: Final = (
    Column("CreatedAt", Type.TIMESTAMP, doc="When it was made."),
    Column("CompletionReason", doc="Why it ends there: `done` where it is whole."),
    Column("AgentInfo", Type.JSON, "ai_agent_info", doc="The models that made it, an object."),
)


async def _asked(context: Context, path: ApiPath, items: Sequence[JsonObject], **body: Any) -> JsonObject:
    """Ask, with what of the body has a value; raises OperationalError where Box has nothing to answer with yet."""
    given = {name: value for name, value in body.items() if value is not None}
    call = ApiCall("POST", path, body={"items": items, **given}, reads=True)
    answer: JsonObject | None = await context.send(call)
    if answer is None:
        raise OperationalError(
            f"{call.operation}: Box AI has not read the hub yet; try again later",
            Diagnostics(status=204, operation=call.operation, retryable=True),
        )
    return answer


def _files(procedure: str, ids: Sequence[str], content: str | None) -> list[JsonObject]:
    """Return the items of a body; raises ProgrammingError for the content of several."""
    if content is not None and len(ids) != 1:
        raise ProgrammingError(f"{procedure} takes Content with one file alone")
    said = {} if content is None else {"content": content}
    return [{"type": "file", "id": each, **said} for each in ids]


async def _ask(
    context: Context,
    *,
    file_ids: list[str] | None,
    prompt: str,
    hub_id: str | None,
    mode: str | None,
    content: str | None,
    dialogue_history: list[JsonObject] | None,
    include_citations: bool,
    agent: JsonObject | None,
) -> list[JsonObject]:
    if (file_ids is None) == (hub_id is None):
        raise ProgrammingError("AskAI needs either its input FileIds or its input HubId")
    items = [{"type": "hubs", "id": hub_id}] if file_ids is None else _files("AskAI", file_ids, content)
    mode = mode or ("single_item_qa" if len(items) == 1 else "multiple_item_qa")
    answer = await _asked(
        context,
        ApiPath("/ai/ask"),
        items,
        mode=mode,
        prompt=prompt,
        dialogue_history=dialogue_history,
        include_citations=include_citations,
        ai_agent=agent,
    )
    return [answer]


async def _generated(
    context: Context,
    *,
    file_id: str,
    prompt: str,
    content: str | None,
    dialogue_history: list[JsonObject] | None,
    agent: JsonObject | None,
) -> list[JsonObject]:
    items = _files("GenerateTextAI", [file_id], content)
    return [
        await _asked(
            context, ApiPath("/ai/text_gen"), items, prompt=prompt, dialogue_history=dialogue_history, ai_agent=agent
        )
    ]


async def _extracted(
    context: Context, *, file_ids: list[str], prompt: str, content: str | None, agent: JsonObject | None
) -> list[JsonObject]:
    answer = await _asked(
        context, ApiPath("/ai/extract"), _files("ExtractAI", file_ids, content), prompt=prompt, ai_agent=agent
    )
    return [{**answer, "answer": _decoded(answer["answer"])}]


def _decoded(answer: str) -> Any:
    """Return the JSON that an answer is; one that was cut short, or is none, stays a text."""
    try:
        return msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return answer


async def _fields(
    context: Context,
    *,
    file_ids: list[str],
    template_key: str | None,
    scope: str,
    fields: list[Any] | None,
    content: str | None,
    include_confidence_score: bool,
    include_reference: bool,
    agent: JsonObject | None,
    taxonomy_sources: list[JsonObject] | None,
) -> list[tuple[Any, ...]]:
    if (template_key is None) == (fields is None):
        raise ProgrammingError("ExtractStructuredAI needs either its input TemplateKey or its input Fields")
    template = (
        None if template_key is None else {"type": "metadata_template", "scope": scope, "template_key": template_key}
    )
    answer = await _asked(
        context,
        ApiPath("/ai/extract_structured"),
        _files("ExtractStructuredAI", file_ids, content),
        metadata_template=template,
        fields=fields and [{"key": each} if isinstance(each, str) else each for each in fields],
        include_confidence_score=include_confidence_score,
        include_reference=include_reference,
        ai_agent=agent,
        taxonomy_sources=taxonomy_sources,
    )
    scores, places = answer.get("confidence_score") or {}, answer.get("reference") or {}
    return [(key, value, scores.get(key), places.get(key)) for key, value in answer["answer"].items()]


ask_ai: Final = Procedure(
    name="AskAI",
    doc="Ask Box AI a question about files, or about a hub.",
    reference="https://developer.box.com/reference/post-ai-ask/",
    inputs=(
        Input(name="FileIds", several=True, doc="Ids of the files, 25 at most."),
        Input(name="Prompt", required=True, doc="The question, of 10,000 characters at most."),
        Input(name="HubId", doc="Id of the hub, where no files are asked about."),
        Input(
            name="Mode",
            choices=("single_item_qa", "multiple_item_qa"),
            doc="Whether one item is asked about or several. Default: by how many there are.",
        ),
        _CONTENT,
        _HISTORY,
        Input(
            name="IncludeCitations", type=Type.BOOLEAN, default=False, doc="Whether it tells what the answer is from."
        ),
        _AGENT,
    ),
    outputs=(
        Column("Answer", doc="The answer."),
        *_TOLD,
        Column("Citations", Type.JSON, doc="What it is from, a list of objects."),
    ),
    side_effect=False,
    run=_ask,
)

generate_text_ai: Final = Procedure(
    name="GenerateTextAI",
    doc="Have Box AI write a text, out of what a file has.",
    reference="https://developer.box.com/reference/post-ai-text-gen/",
    inputs=(
        Input(name="FileId", required=True, doc="Id of the file."),
        _PROMPT,
        _CONTENT,
        _HISTORY,
        _AGENT,
    ),
    outputs=(Column("Answer", doc="The text."), *_TOLD),
    side_effect=False,
    run=_generated,
)

extract_ai: Final = Procedure(
    name="ExtractAI",
    doc="Have Box AI find values in files that a prompt tells of.",
    reference="https://developer.box.com/reference/post-ai-extract/",
    inputs=(_FILE_IDS, _PROMPT, _CONTENT, _AGENT),
    outputs=(
        Column("Answer", Type.JSON, doc="The values, as a rule an object; a text of JSON where Box's answer is none."),
        *_TOLD,
    ),
    side_effect=False,
    run=_extracted,
)

extract_structured_ai: Final = Procedure(
    name="ExtractStructuredAI",
    doc="Have Box AI find the values of fields in files: those of a metadata template, or of your own. Each is a row.",
    reference="https://developer.box.com/reference/post-ai-extract-structured/",
    inputs=(
        _FILE_IDS,
        Input(name="TemplateKey", doc="Key of the metadata template."),
        Input(
            name="Scope", default="enterprise", doc="Its scope: `enterprise`, `enterprise_` and its id, or `global`."
        ),
        Input(
            name="Fields",
            type=Type.JSON,
            form=LIST,
            doc="The fields, a list of keys or of objects of Box's reference, where no template has them.",
        ),
        _CONTENT,
        Input(
            name="IncludeConfidenceScore",
            type=Type.BOOLEAN,
            default=False,
            doc="Whether it tells how sure the values are.",
        ),
        Input(name="IncludeReference", type=Type.BOOLEAN, default=False, doc="Whether it tells where they stand."),
        _AGENT,
        Input(
            name="TaxonomySources",
            type=Type.JSON,
            form=OBJECTS,
            doc="Where the nodes of taxonomies come from, a list of objects of Box's reference.",
        ),
    ),
    outputs=(
        Column("Key", doc="Key of the field."),
        Column("Value", doc="The value, which is JSON where it is no text; NULL where none was found."),
        Column("ConfidenceScore", Type.JSON, doc="How sure it is, as Box has it."),
        Column("Reference", Type.JSON, doc="Where it stands, as Box has it."),
    ),
    side_effect=False,
    several=True,
    run=_fields,
)

get_ai_agent_default: Final = Procedure(
    name="GetAIAgentDefault",
    doc="The agent of Box AI that answers where a call names none; it is not charged for.",
    reference="https://developer.box.com/reference/get-ai-agent-default/",
    inputs=(
        Input(
            name="Mode",
            choices=("ask", "text_gen", "extract", "extract_structured"),
            required=True,
            query="mode",
            doc="What is asked of it.",
        ),
        Input(name="Language", query="language", doc="The language, as `ja` or `en-GB`. Default: any."),
        Input(name="Model", query="model", doc="The model that it should use."),
    ),
    outputs=(
        Column(
            "Agent", Type.JSON, derived=Derived(function=lambda agent, _: agent, fields=()), doc="The agent, an object."
        ),
    ),
    side_effect=False,
    call=Call(method="GET", path="/ai_agent_default"),
)
