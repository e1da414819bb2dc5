"""The procedures of a connection, with what they take and give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.model import Column, Known, SystemTable, Type
from box_dialect.catalog.values import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.properties import Properties


def _procedures(known: Known, _: Properties) -> Iterator[tuple[Any, ...]]:
    for each in known.procedures.values():
        yield each.name, each.side_effect, each.several, each.doc, each.reference or None


sys_procedures: Final = SystemTable(
    name="sys_procedures",
    doc="The procedures.",
    columns=(
        Column("name", nullable=False, doc="The name."),
        Column("side_effect", Type.BOOLEAN, nullable=False, doc="Whether it changes something; Readonly refuses it."),
        Column("gives_several", Type.BOOLEAN, nullable=False, doc="Whether a call may give several rows."),
        Column("description", nullable=False, doc="What it does."),
        Column("reference", doc="Address of Box's reference of it."),
    ),
    key="name",
    tell=_procedures,
)


def _parameters(known: Known, _: Properties) -> Iterator[tuple[Any, ...]]:
    for procedure in known.procedures.values():
        for ordinal, each in enumerate(procedure.inputs, start=1):
            default = None if each.default is None else str(each.default)
            choices = json_text(each.choices or None)
            kind, secret = each.type.name, each.secret
            yield procedure.name, "input", each.name, ordinal, kind, each.required, default, choices, secret, each.doc
        for ordinal, output in enumerate(procedure.outputs, start=1):
            kind = output.type.name
            yield procedure.name, "output", output.name, ordinal, kind, False, None, None, False, output.doc


sys_procedureparameters: Final = SystemTable(
    name="sys_procedureparameters",
    doc="What the procedures take, and the columns that they give.",
    columns=(
        Column(
            "procedure_name",
            nullable=False,
            references="sys_procedures.name",
            relation="procedure",
            reverse="parameters",
            doc="Name of the procedure.",
        ),
        Column("direction", nullable=False, options=("input", "output"), doc="`input` or `output`."),
        Column("name", nullable=False, doc="The name; that of an input is taken in snake_case as well."),
        Column("ordinal", Type.INTEGER, nullable=False, doc="The place among the inputs, or the outputs, from 1 on."),
        Column("type", nullable=False, doc="As in `sys_tablecolumns`."),
        Column("is_required", Type.BOOLEAN, nullable=False, doc="Whether a call has to give it."),
        Column("default_value", doc="What an input is where a call does not give it."),
        Column("options", Type.JSON, doc="The only values that it takes, where these are fixed, a list of texts."),
        Column("is_secret", Type.BOOLEAN, nullable=False, doc="Whether it appears in no log and no error."),
        Column("description", nullable=False, doc="What it is."),
    ),
    key=("procedure_name", "direction", "name"),
    tell=_parameters,
)
