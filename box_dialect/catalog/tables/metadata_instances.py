"""Metadata of files and folders, whichever template it is of, and the policies by which it cascades.

Sources: https://developer.box.com/reference/resources/metadata--full/ and …/metadata-cascade-policy/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from box_dialect.api import Paging
from box_dialect.catalog.folder_items import FILES, FOLDER_ITEMS, FOLDERS, NOT_ROOT
from box_dialect.catalog.model import (
    AccessPath,
    Column,
    Derived,
    Endpoint,
    FanOut,
    JsonObject,
    Location,
    Nested,
    Table,
    Target,
    Type,
    Write,
)
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.tables.metadata_templates import IN_TEMPLATE, KEYS, TEMPLATES, scope_in_body
from box_dialect.catalog.values import READERS

_KINDS: Final = ("file", "folder")
_TAGGED: Final = 0.1
"""The part of the items that is thought to have an instance of a template."""

_CASCADING: Final = 0.02
"""How many policies a folder is thought to have."""


_ITEM: Final = "$item"
"""What the item around an instance is called: no field begins with `$`."""


def _parent(part: int) -> Derived:
    """Return the type of the item, or its id, out of `file_12`."""
    return Derived(function=lambda entry, _: str(entry["$parent"]).split("_", 1)[part], fields=("$parent",))


def _values(entry: JsonObject, _: Location | None) -> Any:
    own = {name: value for name, value in entry.items() if not name.startswith("$")}
    return READERS[Type.JSON](own)


_ONE: Final = tuple(
    Endpoint(
        path=f"/{kind}s/{{item_id}}/metadata/{{scope}}/{{template_key}}",
        takes_fields=False,
        known=frozenset({"item_id", *IN_TEMPLATE}),
        given={"item_type": kind},
    )
    for kind in _KINDS
)
_OF_ITEM: Final = tuple(
    Endpoint(
        path=f"/{kind}s/{{item_id}}/metadata",
        paging=Paging.ALL,
        takes_fields=False,
        known=frozenset({"item_id"}),
        given={"item_type": kind},
        parent_type=kind,
    )
    for kind in _KINDS
)
_IN_FOLDER: Final = replace(
    FOLDER_ITEMS,
    parameters={"usemarker": "true", "fields": "metadata.{scope}.{template_key}"},
    rows=(Nested("metadata", _ITEM, keyed=2),),
    known=frozenset(),
)
"""A folder's items, each with its instance of a template."""


def _writing(method: str, **values: Any) -> Write:
    """Return the call that writes an instance, by the type of the item."""
    file, folder = (
        Write(
            method=method,
            path=f"/{kind}s/{{item_id}}/metadata/{{scope}}/{{template_key}}",
            takes_fields=False,
            **values,
        )
        for kind in _KINDS
    )
    return replace(file, by="item_type", value="file", others={"folder": folder})


metadata_instances: Final = Table(
    name="metadata_instances",
    doc="Metadata of files and folders: what each has for the fields of a template. Without a key, that of every file "
    "and folder that the signed-in user sees, which takes a call for each.",
    reference="https://developer.box.com/reference/resources/metadata--full/",
    key=("item_type", "item_id", *IN_TEMPLATE),
    fields=(),
    columns=(
        AS_USER,
        Column("item_type", derived=_parent(0), nullable=False, doc="`file`, which INSERT takes it for, or `folder`."),
        Column(
            "item_id",
            derived=_parent(1),
            nullable=False,
            target=Target(by="item_type", tables={"file": "files.id", "folder": "folders.id"}),
            doc="Id of the file or folder.",
        ),
        Column("scope", source="$scope", nullable=False, doc="Scope of the template."),
        Column(
            "template_key",
            source="$template",
            nullable=False,
            references="metadata_templates.template_key",
            along={"scope": "scope"},
            relation="template",
            doc="Key of the template.",
        ),
        Column("id", source="$id", doc="Box's id."),
        Column("type", source="$type", doc="What Box calls the type of the instance."),
        Column("type_version", Type.INTEGER, source="$typeVersion", doc="Version of the template."),
        Column("version", Type.INTEGER, source="$version", doc="Counts the changes."),
        Column(
            "field_values",
            Type.JSON,
            derived=Derived(function=_values, fields=()),
            insert="",
            update="",
            doc="The values by the keys of the fields. An UPDATE sends what differs.",
        ),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=_ONE,
            keys=("item_type", "item_id", *IN_TEMPLATE),
            accepts={"item_type": re.compile("file|folder"), "item_id": NOT_ROOT, **KEYS},
            unique=True,
        ),
        AccessPath(
            name="by item and template",
            endpoints=_ONE,
            keys=("item_id", *IN_TEMPLATE),
            accepts={"item_id": NOT_ROOT, **KEYS},
            calls=2,
        ),
        AccessPath(name="by item", endpoints=_OF_ITEM, keys=("item_id",), accepts=NOT_ROOT, calls=2),
        AccessPath(
            name="by template",
            endpoints=(_IN_FOLDER,),
            keys=IN_TEMPLATE,
            accepts=KEYS,
            walk=True,
            calls=FOLDERS,
            rows=_TAGGED * (FILES + FOLDERS),
        ),
        AccessPath(
            name="of every item",
            endpoints=_OF_ITEM,
            fan_out=FanOut(key="item_id", parents=FOLDER_ITEMS, walk=True),
            calls=2 * FOLDERS + FILES,
            rows=TEMPLATES * _TAGGED * (FILES + FOLDERS),
        ),
    ),
    insert=_writing("POST"),
    update=_writing("PUT", patch="add", tests="$version"),
    delete=_writing("DELETE"),
)

_POLICIES: Final = Endpoint(
    path="/metadata_cascade_policies",
    paging=Paging.MARKER,
    parameters={"folder_id": "{folder_id}"},
    takes_fields=False,
    takes_limit=False,
    known=frozenset({"folder_id"}),
)

metadata_cascade_policies: Final = Table(
    name="metadata_cascade_policies",
    doc="Policies by which what a folder has for a template comes to all that lies in it. Without a key, those of "
    "every folder that the signed-in user sees, which takes a call for each.",
    reference="https://developer.box.com/reference/resources/metadata-cascade-policy/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `metadata_cascade_policy`."),
        Column("folder_id", source="parent.id", references="folders.id", insert="folder_id", doc="Id of the folder."),
        Column("owner_enterprise_id", source="owner_enterprise.id", doc="Id of the enterprise that owns it."),
        Column(
            "scope",
            insert="scope",
            sent=scope_in_body,
            doc="Scope of the template: `global`, or `enterprise_` and the enterprise's id.",
        ),
        Column(
            "template_key",
            source="templateKey",
            references="metadata_templates.template_key",
            along={"scope": "scope"},
            relation="template",
            insert="templateKey",
            doc="Key of the template.",
        ),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/metadata_cascade_policies/{id}", takes_fields=False),),
            keys=("id",),
            accepts=re.compile("[-0-9a-fA-F]{1,36}"),
            unique=True,
        ),
        AccessPath(name="by folder", endpoints=(_POLICIES,), keys=("folder_id",), accepts=NOT_ROOT, rows=_CASCADING),
        AccessPath(
            name="of every folder",
            endpoints=(_POLICIES,),
            fan_out=FanOut(key="folder_id", parents=FOLDER_ITEMS.keeping(type="folder"), walk=True),
            calls=2 * FOLDERS,
            rows=_CASCADING * FOLDERS,
        ),
    ),
    insert=Write(
        method="POST",
        path="/metadata_cascade_policies",
        required=("folder_id", "scope", "template_key"),
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/metadata_cascade_policies/{id}"),
)
