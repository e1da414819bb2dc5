"""Keep classifications: the labels of one template of the enterprise, of which an item has one at most.

Source: https://developer.box.com/guides/security/classifications/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired, TypedDict

from msgspec import Meta

from .instances import Instance
from .templates import CLASSIFICATION, add_template, scope_named, template_of

if TYPE_CHECKING:
    from box_dialect.emulator.model import Item
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.state import State

    from .templates import Template

LABEL: Final = "Box__Security__Classification__Key"
"""The key of the template's only field, whose options are the labels."""

_COLORS: Final = ("#FDD835", "#F5A623", "#E33D55", "#9F3FED", "#2486FC", "#0061D5", "#26C281", "#767676")
"""The colors by their colorID: yellow, orange, red, purple, light blue, dark blue, green, gray; Box names no values."""


class _Details(TypedDict, total=False):
    classificationDefinition: str
    colorID: int


class StaticConfig(TypedDict, total=False):
    """What a label says besides its name."""

    classification: _Details


class Label(TypedDict):
    """A label."""

    key: str
    staticConfig: NotRequired[StaticConfig]


class _Labels(TypedDict):
    type: Literal["enum"]
    key: Literal["Box__Security__Classification__Key"]
    displayName: Literal["Classification"]
    hidden: NotRequired[bool]
    options: list[Label]


class NewClassifications(TypedDict):
    """What the template is made of."""

    scope: str
    templateKey: Literal["securityClassification-6VMVochwUWo"]
    displayName: Literal["Classification"]
    hidden: NotRequired[bool]
    copyInstanceOnItemCopy: NotRequired[bool]
    fields: Annotated[list[_Labels], Meta(min_length=1, max_length=1)]


def classifications(store: State) -> Template | None:
    """Return the template of classifications, if the enterprise has any."""
    return template_of(store, scope_named(store, "enterprise"), CLASSIFICATION)


def add_classifications(store: State, body: Json) -> Template:
    """Make the template, which must not be there, of the body of Box's call."""
    return add_template(
        store, CLASSIFICATION, *body["fields"], display_name=body["displayName"], hidden=body.get("hidden", False),
        copy_instance_on_item_copy=body.get("copyInstanceOnItemCopy", False),
    )  # fmt: skip


def written_classification(item: Item) -> Json | None:
    """Write an item's label as its field `classification` has it."""
    for instance in item.of(Instance).values():
        field = instance.template.field(LABEL) if instance.template.key == CLASSIFICATION else None
        label = None if field is None else field.option(instance.values.get(LABEL))
        if label is not None:
            details: Any = (label.static_config or {}).get("classification", {})
            color = _COLORS[details.get("colorID", 0) % len(_COLORS)]
            return {"name": label.key, "definition": details.get("classificationDefinition", ""), "color": color}
    return None
