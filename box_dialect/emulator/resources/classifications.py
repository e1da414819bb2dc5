"""Serve classifications: the labels that the enterprise has, and those of files and folders.

Sources: https://developer.box.com/reference/resources/classification-template/ and
https://developer.box.com/reference/resources/classification/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NotRequired, TypedDict

from box_dialect.emulator import bodies, errors
from box_dialect.emulator.features import Feature
from box_dialect.emulator.metadata.classifications import (
    Label,
    NewClassifications,
    add_classifications,
    classifications,
)
from box_dialect.emulator.metadata.template_update import Draft
from box_dialect.emulator.metadata.templates import CLASSIFICATION
from box_dialect.emulator.representations import render
from box_dialect.emulator.resource import Resource

from .metadata_instances import serve_instances

if TYPE_CHECKING:
    from box_dialect.emulator.metadata.templates import Template
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

_SCHEMA = f"/metadata_templates/enterprise/{CLASSIFICATION}/schema"
FEATURE: Final = Feature("classifications")
CLASSIFICATIONS = Resource[Any](feature=FEATURE)


class LabelOperation(TypedDict):
    """One change of the labels: a new one, another form of one that there is, or its end."""

    op: Literal["addEnumOption", "editEnumOption", "removeEnumOption"]
    fieldKey: Literal["Box__Security__Classification__Key"]
    enumOptionKey: NotRequired[str]
    data: NotRequired[Label]


class ItemLabel(TypedDict, total=False):
    """The label that an item gets."""

    Box__Security__Classification__Key: str


class ItemLabelOperation(TypedDict):
    """The change of an item's label."""

    op: Literal["replace"]
    path: Literal["/Box__Security__Classification__Key"]
    value: str


def _found(call: Call) -> Template:
    template = classifications(call.store)
    if template is None:
        raise errors.not_found("template", CLASSIFICATION)
    return template


@CLASSIFICATIONS.operation("GET", _SCHEMA)
def get_labels(call: Call) -> Json:
    """Get the template with all labels."""
    return render(_found(call), "base")


def create_classifications(call: Call) -> Template:
    """Make the template, which must not be there, with its labels."""
    FEATURE.check(call.store.features)
    return add_classifications(call.store, bodies.read(call.body, NewClassifications))


@CLASSIFICATIONS.operation("PUT", _SCHEMA, list[LabelOperation])
def update_labels(call: Call) -> Json:
    """Add labels, change them or remove them, all at once; items keep the label that is changed, in its new form."""
    template = _found(call)
    call.require_administrator("manage_enterprise_properties", "root_readwrite")
    draft = Draft(call.store, template)
    draft.apply(call.entries)
    draft.commit()
    return render(template, "base")


serve_instances(CLASSIFICATIONS, f"enterprise/{CLASSIFICATION}", ItemLabel, list[ItemLabelOperation])
