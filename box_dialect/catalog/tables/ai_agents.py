"""Agents of Box AI Studio.

Source: https://developer.box.com/reference/resources/ai-single-agent-response--full/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type, Write

_AGENTS: Final = 20
_CAPABILITIES: Final = {
    "ask": ("ai_agent_ask", "answers questions about documents"),
    "text_gen": ("ai_agent_text_gen", "writes texts"),
    "extract": ("ai_agent_extract", "finds values in documents"),
}
"""What an agent can do: the type of the object, and what it does."""

_ALL: Final = Endpoint(
    path="/ai_agents",
    paging=Paging.MARKER,
    parameters={"include_box_default": "true"},
    advice=needs("Box AI Studio"),
)
_STATES: Final = "enabled|disabled|enabled_for_selected_users"
_BY_STATE: Final = (filters.one_of("access_state", "agent_state", _STATES),)


def _written(name: str, kind: Type = Type.TEXT, doc: str = "", **more: Any) -> Column:
    return Column(name, kind, insert=name, update=name, doc=doc, **more)


_WRITTEN: Final = ("name", "access_state", "icon_reference", "allowed_entities", *_CAPABILITIES)
_WRITE: Final = Write(
    method="POST",
    path="/ai_agents",
    required=("name", "access_state"),
    body={"type": "ai_agent"},
    objects={name: {"type": kind} for name, (kind, _) in _CAPABILITIES.items()},
    takes_fields=False,
)

ai_agents: Final = Table(
    name="ai_agents",
    doc="Agents of Box AI, those of the enterprise and Box's own. An agent has at least one of `ask`, `text_gen` and "
    "`extract`.",
    reference="https://developer.box.com/reference/resources/ai-single-agent-response--full/",
    columns=(
        Column(
            "mode",
            hidden=True,
            derived=NOTHING,
            doc="What the agents that are listed can do: `ask`, `text_gen` or `extract`.",
        ),
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `ai_agent`."),
        Column("origin", nullable=False, doc="Whose it is: `CUSTOM`, or Box's own."),
        _written("name", doc="The name.", nullable=False),
        _written("access_state", doc="`enabled`, `disabled` or `enabled_for_selected_users`.", nullable=False),
        _written("icon_reference", doc="Address of the picture, one of Box's."),
        _written("allowed_entities", Type.JSON, "The users and groups that may use it, a list of types and ids."),
        *(
            _written(name, Type.JSON, f"How it {does}, an object as Box's reference has it; NULL if it does not.")
            for name, (_, does) in _CAPABILITIES.items()
        ),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
        Column("created_by_id", source="created_by.id", references="users.id", doc="Id of the user who made it."),
        Column(
            "modified_by_id", source="modified_by.id", references="users.id", doc="Id of the user who changed it last."
        ),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(replace(_ALL, path="/ai_agents/{id}", paging=Paging.ONE, parameters={}),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(
            name="by mode",
            endpoints=(replace(_ALL, parameters={**_ALL.parameters, "mode": "{mode}"}, known=frozenset({"mode"})),),
            keys=("mode",),
            accepts=re.compile("|".join(_CAPABILITIES)),
            filters=_BY_STATE,
            rows=_AGENTS / 2,
        ),
        AccessPath(name="all", endpoints=(_ALL,), filters=_BY_STATE, rows=_AGENTS),
    ),
    insert=_WRITE,
    update=replace(_WRITE, method="PUT", path="/ai_agents/{id}", required=(), whole=(_WRITTEN,)),
    delete=Write(method="DELETE", path="/ai_agents/{id}"),
)
