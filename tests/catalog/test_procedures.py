"""The declarations of procedures hold together."""

from __future__ import annotations

import inspect
import re

from sweep import sweep

from box_dialect.catalog import TABLES
from box_dialect.catalog.model.procedure import Procedure, snake_case
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.properties import check_values
from box_dialect.properties.declared import DECLARED


@sweep("procedure", PROCEDURES.values(), ids=PROCEDURES)
def test_each_declaration(procedure: Procedure) -> None:
    names = [procedure.name, *(each.name for each in (*procedure.inputs, *procedure.outputs))]
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)] == []
    assert {each.key for each in procedure.spellings}.isdisjoint(TABLES)
    assert procedure.outputs
    assert procedure.reference.startswith("https://developer.box.com/")
    docs = [procedure.doc, *(each.doc for each in (*procedure.inputs, *procedure.outputs))]
    assert [doc for doc in docs if not doc.endswith(".")] == []
    assert all(not each.required or each.default is None for each in procedure.inputs)
    assert all(each.default in {None, *each.choices} for each in procedure.inputs if each.choices)


RUN = {name: procedure for name, procedure in PROCEDURES.items() if procedure.run is not None}


@sweep("procedure", RUN.values(), ids=RUN)
def test_run_takes_the_inputs_by_name(procedure: Procedure) -> None:
    assert procedure.run is not None
    context, *inputs = inspect.signature(procedure.run).parameters.values()
    assert context.name == "context"
    named = [each.name for each in inputs if each.kind is inspect.Parameter.KEYWORD_ONLY]
    declared = [each.parameter for each in procedure.inputs]
    if len(named) == len(inputs):
        assert named == declared
    else:  # it takes the others together
        assert inputs[-1].kind is inspect.Parameter.VAR_KEYWORD
        assert len(named) == len(inputs) - 1
        assert set(named) < set(declared)


def test_snake_case() -> None:
    names = ("OAuthRefreshToken", "CallbackURL", "AuthMode", "URL", "Id", "FolderId2")
    assert [*map(snake_case, names)] == [
        "oauth_refresh_token",
        "callback_url",
        "auth_mode",
        "url",
        "id",
        "folder_id2",
    ]


def test_what_a_procedure_uses_of_this_machine_is_closed_by_default_and_to_strangers():
    closed = check_values({})
    for procedure in PROCEDURES.values():
        if procedure.local is not None:
            declared = DECLARED[procedure.local.allowed_by]
            assert not getattr(closed, procedure.local.allowed_by)
            assert declared.reach in {"browser", "path"}
            assert {name for name, _ in procedure.local.when} <= {each.name for each in procedure.inputs}
