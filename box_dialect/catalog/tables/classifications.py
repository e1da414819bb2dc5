"""Classifications: the labels of the enterprise, and those of files and folders.

Sources: https://developer.box.com/reference/resources/classification-template/ and …/classification/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from box_dialect.catalog.features import needs
from box_dialect.catalog.folder_items import CLASSIFICATION, FILES, FOLDER_ITEMS, FOLDERS, NOT_ROOT
from box_dialect.catalog.model import TEXT, AccessPath, Column, Endpoint, Nested, Shown, Table, Target, Type, Write
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.tables.metadata_templates import position_in

_TEMPLATE: Final = "enterprise/securityClassification-6VMVochwUWo"
_FIELD: Final = "Box__Security__Classification__Key"
"""The template that has the labels, and its only field, of which they are the options."""

_LABELS: Final = 5
_LABELLED: Final = 0.1
"""How many labels there are thought to be, and the part of the items that has one."""

_SCHEMA: Final = Endpoint(
    path=f"/metadata_templates/{_TEMPLATE}/schema",
    takes_fields=False,
    rows=(Nested("fields", "template"), Nested("options", "field")),
    absent=frozenset({404}),
    advice=needs("classifications"),
)
"""The labels; where nobody has made one yet, there is no template."""

_CHANGED: Final = Write(
    method="PUT", path=_SCHEMA.path, listed=True, ordered=True, rows=_SCHEMA.rows, takes_fields=False
)
_DETAILS: Final = "staticConfig.classification"

classifications: Final = Table(
    name="classifications",
    doc="The labels of the enterprise, in their order. A new one comes after those that there are; the first one is "
    "made with its template, by an INSERT into `metadata_templates`. What items have goes along with another name.",
    reference="https://developer.box.com/reference/resources/classification-template/",
    key="name",
    fields=(),
    columns=(
        Column("template_id", source="field.template.id", nullable=False, doc="Id of the metadata template."),
        Column("id", nullable=False, doc="Box's id."),
        Column(
            "name", source="key", nullable=False, insert="data.key", update="data.key", doc="The name that users see."
        ),
        Column(
            "definition",
            source=f"{_DETAILS}.classificationDefinition",
            insert=f"data.{_DETAILS}.classificationDefinition",
            update=f"data.{_DETAILS}.classificationDefinition",
            cleared="",
            doc="What it means.",
        ),
        Column(
            "color_id",
            Type.INTEGER,
            source=f"{_DETAILS}.colorID",
            insert=f"data.{_DETAILS}.colorID",
            update=f"data.{_DETAILS}.colorID",
            doc="Its colour: 0 yellow, 1 orange, 2 red, 3 purple, 4 light blue, 5 dark blue, 6 green, 7 grey.",
        ),
        Column("position", Type.INTEGER, derived=position_in("options", "field"), doc="Its number; 1 is the first."),
    ),
    paths=(
        AccessPath(
            name="by name",
            endpoints=(replace(_SCHEMA, keep={"key": "{name}"}),),
            keys=("name",),
            accepts=TEXT,
            unique=True,
        ),
        AccessPath(name="all", endpoints=(_SCHEMA,), rows=_LABELS),
    ),
    insert=replace(
        _CHANGED,
        required=("name",),
        headers={"Content-Type": "application/json"},
        body={"op": "addEnumOption", "fieldKey": _FIELD},
    ),
    update=replace(
        _CHANGED,
        body={"op": "editEnumOption", "fieldKey": _FIELD, "enumOptionKey": "{name}"},
        whole=(("name", "definition", "color_id"),),
    ),
    delete=replace(_CHANGED, rows=(), body={"op": "removeEnumOption", "fieldKey": _FIELD, "enumOptionKey": "{name}"}),
)

_KINDS: Final = ("file", "folder")
_ITEM: Final = "item"
_LABEL: Final = Nested(CLASSIFICATION, _ITEM, single=True)
"""The label within an item."""

_OF_ITEM: Final = tuple(
    Endpoint(path=f"/{kind}s/{{item_id}}", rows=(_LABEL,), known=frozenset({"item_id"}), given={"item_type": kind})
    for kind in _KINDS
)


def _writing(method: str, **values: Any) -> Write:
    """Return the call that writes the label of an item, by the type of that."""
    file, folder = (
        Write(
            method=method,
            path=f"/{kind}s/{{item_id}}/metadata/{_TEMPLATE}",
            answers=False,
            takes_fields=False,
            **values,
        )
        for kind in _KINDS
    )
    return replace(file, by="item_type", value="file", others={"folder": folder})


item_classifications: Final = Table(
    name="item_classifications",
    doc="The labels of files and folders, one at most of each. Without a key, those of all items that the signed-in "
    "user sees, as the listings of their folders tell them: no call for each.",
    reference="https://developer.box.com/reference/resources/file--full/",
    key=("item_type", "item_id"),
    fields=("name",),
    columns=(
        AS_USER,
        Column("item_type", source="item.type", nullable=False, doc="`file`, which INSERT takes it for, or `folder`."),
        Column(
            "item_id",
            source="item.id",
            nullable=False,
            target=Target(by="item_type", tables={"file": "files.id", "folder": "folders.id"}),
            doc="Id of the file or folder.",
        ),
        Column("item_name", source="item.name", doc="Name of the file or folder."),
        Column(
            "name",
            references="classifications.name",
            relation="classification",
            insert=_FIELD,
            update="value",
            doc="The label.",
        ),
        Column("definition", doc="What it means."),
        Column("color", doc="The colour that it is shown in, such as `#FF0000`."),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=_OF_ITEM,
            keys=("item_type", "item_id"),
            accepts={"item_type": re.compile("|".join(_KINDS)), "item_id": NOT_ROOT},
            unique=True,
            shown=Shown(called=CLASSIFICATION, nested=_LABEL, keys={"item_type": "type", "item_id": "id"}),
        ),
        AccessPath(name="by item", endpoints=_OF_ITEM, keys=("item_id",), accepts=NOT_ROOT, calls=2),
        AccessPath(
            name="walk",
            endpoints=(replace(FOLDER_ITEMS, rows=(_LABEL,), known=frozenset()),),
            walk=True,
            calls=FOLDERS,
            rows=_LABELLED * (FILES + FOLDERS),
        ),
    ),
    insert=_writing("POST", required=("item_id", "name")),
    update=_writing("PUT", listed=True, body={"op": "replace", "path": f"/{_FIELD}"}),
    delete=_writing("DELETE"),
)
