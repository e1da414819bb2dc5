"""Metadata templates, their fields and the options of these: named, typed values for files and folders.

Source: https://developer.box.com/reference/resources/metadata-template/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import (
    TEXT,
    UUID,
    AccessPath,
    Column,
    Derived,
    Endpoint,
    JsonObject,
    Location,
    Nested,
    Table,
    Type,
    Write,
)
from box_dialect.catalog.values import READERS

SCOPE: Final = re.compile("enterprise_[0-9]{1,20}|global")
TEMPLATE_KEY: Final = re.compile("[a-zA-Z_][-a-zA-Z0-9_]{0,63}")
IN_TEMPLATE: Final = ("scope", "template_key")
KEYS: Final = {"scope": SCOPE, "template_key": TEMPLATE_KEY}
"""What scopes and keys of templates can be."""

TEMPLATES: Final = 20
"""How many templates there are thought to be."""

_FIELDS: Final = 5
_OPTIONS: Final = 2

_SCHEMA: Final = Endpoint(path="/metadata_templates/{scope}/{template_key}/schema", takes_fields=False)
_ONE: Final = Endpoint(path="/metadata_templates/{template_id}", takes_fields=False, absent=frozenset({400}))
_ALL: Final = tuple(
    Endpoint(path=f"/metadata_templates/{kind}", paging=Paging.MARKER, takes_fields=False)
    for kind in ("enterprise", "global")
)
_CHANGED: Final = Write(method="PUT", path=_SCHEMA.path, listed=True, ordered=True, takes_fields=False)
"""The call that carries out operations on a template. Source: https://developer.box.com/guides/metadata/templates/update"""


def scope_in_body(scope: Any) -> Any:
    """Return a scope as bodies have it, which name no enterprise."""
    return "enterprise" if isinstance(scope, str) and scope.startswith("enterprise_") else scope


_WITH_OPTIONS: Final = {"enum": "enum", "multi_select": "multiSelect"}
"""The types of fields that have options, by their names in snake_case."""


def _capitalized(kind: str) -> str:
    return kind[0].upper() + kind[1:]


def position_in(place: str, outer: str) -> Derived:
    """Return the number of an object in the list that it stands in."""

    def count(entry: JsonObject, _: Location | None) -> int:
        return 1 + [each["key"] for each in entry[outer][place]].index(entry["key"])

    return Derived(function=count, fields=("key", f"{outer}.{place}"))


def _keys_of(place: str, *kinds: str) -> Derived:
    """Return the keys of the objects of a list, in their order; of some kinds of fields only, where there are any."""

    def read(entry: JsonObject, _: Location | None) -> Any:
        is_told = not kinds or entry["type"] in kinds
        return READERS[Type.JSON]([each["key"] for each in entry.get(place) or ()]) if is_told else None

    return Derived(function=read, fields=(place, *(["type"] if kinds else [])))


metadata_templates: Final = Table(
    name="metadata_templates",
    doc="Metadata templates of the enterprise, and those that Box gives to all (scope `global`).",
    reference="https://developer.box.com/reference/resources/metadata-template/",
    columns=(
        Column(
            "metadata_instance_id", hidden=True, derived=NOTHING, doc="Id of an instance, whose template is looked up."
        ),
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `metadata_template`."),
        Column(
            "scope",
            nullable=False,
            insert="scope",
            sent=scope_in_body,
            doc="`global`, or `enterprise_` and the enterprise's id.",
        ),
        Column(
            "template_key",
            nullable=False,
            source="templateKey",
            insert="templateKey",
            doc="The key, unique in its scope; Box makes it of the display name where none is given.",
        ),
        Column(
            "display_name",
            source="displayName",
            insert="displayName",
            update="data.displayName",
            doc="The name that users see.",
        ),
        Column(
            "hidden", Type.BOOLEAN, insert="hidden", update="data.hidden", doc="Whether Box's own applications hide it."
        ),
        Column(
            "copy_instance_on_item_copy",
            Type.BOOLEAN,
            source="copyInstanceOnItemCopy",
            insert="copyInstanceOnItemCopy",
            update="data.copyInstanceOnItemCopy",
            doc="Whether copies of an item have its instance too.",
        ),
        Column(
            "fields",
            Type.JSON,
            insert="fields",
            doc="The fields, in their order; a new template's, as Box's reference has them.",
        ),
        Column(
            "field_keys",
            Type.JSON,
            derived=_keys_of("fields"),
            update="fieldKeys",
            doc="The keys of the fields, in their order; an UPDATE names each one, in another order.",
        ),
    ),
    paths=(
        AccessPath(name="by key", endpoints=(_SCHEMA,), keys=IN_TEMPLATE, accepts=KEYS, unique=True),
        AccessPath(
            name="by id",
            endpoints=(replace(_ONE, path="/metadata_templates/{id}"),),
            keys=("id",),
            accepts=UUID,
            unique=True,
        ),
        AccessPath(
            name="by instance",
            endpoints=(
                Endpoint(
                    path="/metadata_templates",
                    paging=Paging.MARKER,
                    parameters={"metadata_instance_id": "{metadata_instance_id}"},
                    takes_fields=False,
                    known=frozenset({"metadata_instance_id"}),
                    absent=frozenset({400}),
                ),
            ),
            keys=("metadata_instance_id",),
            accepts=UUID,
        ),
        AccessPath(name="all", endpoints=_ALL, calls=2, rows=TEMPLATES),
    ),
    insert=Write(
        method="POST",
        path="/metadata_templates/schema",
        required=("display_name",),
        body={"scope": "enterprise"},
        takes_fields=False,
    ),
    update=replace(
        _CHANGED,
        body={"op": "editTemplate"},
        then=(replace(_CHANGED, body={"op": "reorderFields"}, columns=frozenset({"field_keys"})),),
    ),
    delete=Write(method="DELETE", path=_SCHEMA.path),
)

_WITHIN_TEMPLATE: Final = Nested("fields", "template")
_WITHIN_FIELD: Final = Nested("options", "field")


def _paths(own: dict[str, str], *rows: Nested, count: float) -> tuple[AccessPath, ...]:
    """Return the access paths to what stands within templates, of which `own` keys tell one."""
    schema = replace(_SCHEMA, rows=rows)
    one = replace(schema, keep={place: f"{{{column}}}" for column, place in own.items()})
    return (
        AccessPath(
            name="by key",
            endpoints=(one,),
            keys=(*IN_TEMPLATE, *own),
            accepts={**KEYS, **dict.fromkeys(own, TEXT)},
            unique=True,
        ),
        AccessPath(name="by template", endpoints=(schema,), keys=IN_TEMPLATE, accepts=KEYS, rows=count),
        AccessPath(
            name="by template id",
            endpoints=(replace(_ONE, rows=rows),),
            keys=("template_id",),
            accepts=UUID,
            rows=count,
        ),
        AccessPath(
            name="all", endpoints=tuple(replace(each, rows=rows) for each in _ALL), calls=2, rows=TEMPLATES * count
        ),
    )


metadata_template_fields: Final = Table(
    name="metadata_template_fields",
    doc="The fields of metadata templates. A new one comes after those that there are.",
    reference="https://developer.box.com/reference/resources/metadata-template/",
    key=(*IN_TEMPLATE, "key"),
    fields=(),
    columns=(
        Column("template_id", source="template.id", nullable=False, doc="Id of the template."),
        Column("scope", source="template.scope", nullable=False, doc="Scope of the template."),
        Column(
            "template_key",
            nullable=False,
            source="template.templateKey",
            references="metadata_templates.template_key",
            along={"scope": "scope"},
            relation="template",
            doc="Key of the template.",
        ),
        Column(
            "key",
            nullable=False,
            insert="data.key",
            update="data.key",
            doc="The key, unique in its template; what items have for the field goes along with another key.",
        ),
        Column("id", doc="Box's id."),
        Column(
            "type",
            nullable=False,
            insert="data.type",
            doc="`string`, `float`, `date`, `enum`, `multiSelect` or `taxonomy`.",
        ),
        Column(
            "display_name",
            nullable=False,
            source="displayName",
            insert="data.displayName",
            update="data.displayName",
            doc="The name that users see.",
        ),
        Column("description", insert="data.description", update="data.description", doc="What the field holds."),
        Column(
            "hidden",
            Type.BOOLEAN,
            insert="data.hidden",
            update="data.hidden",
            doc="Whether Box's own applications hide it.",
        ),
        Column("position", Type.INTEGER, derived=position_in("fields", "template"), doc="Its number; 1 is the first."),
        Column(
            "options",
            Type.JSON,
            insert="data.options",
            doc='The options of an `enum` or `multiSelect`; a new field\'s as `[{"key": "a"}]`.',
        ),
        *(
            Column(
                f"{word}_option_keys",
                Type.JSON,
                derived=_keys_of("options", kind),
                update=f"{kind}OptionKeys",
                doc=f"The options of a field of the type `{kind}`, in their order; an UPDATE names each one, in "
                "another order.",
            )
            for word, kind in _WITH_OPTIONS.items()
        ),
        Column("taxonomy_id", source="taxonomyId", insert="data.taxonomyId", doc="Id of the taxonomy of a `taxonomy`."),
        Column(
            "namespace",
            insert="data.namespace",
            doc="Namespace of that taxonomy.",
        ),
        Column(
            "taxonomy_key",
            source="taxonomyKey",
            references="metadata_taxonomies.key",
            along={"namespace": "namespace"},
            relation="taxonomy",
            insert="data.taxonomyKey",
            doc="Key of that taxonomy.",
        ),
        Column(
            "options_rules",
            Type.JSON,
            source="optionsRules",
            insert="data.optionsRules",
            doc="Which nodes of the taxonomy are taken.",
        ),
    ),
    paths=_paths({"key": "key"}, _WITHIN_TEMPLATE, count=_FIELDS),
    insert=replace(
        _CHANGED, body={"op": "addField"}, required=("key", "type", "display_name"), rows=(_WITHIN_TEMPLATE,)
    ),
    update=replace(
        _CHANGED,
        body={"op": "editField", "fieldKey": "{key}"},
        rows=(_WITHIN_TEMPLATE,),
        then=tuple(
            replace(
                _CHANGED,
                body={"op": f"reorder{_capitalized(kind)}Options", "fieldKey": "{key}"},
                rows=(_WITHIN_TEMPLATE,),
                columns=frozenset({f"{word}_option_keys"}),
            )
            for word, kind in _WITH_OPTIONS.items()
        ),
    ),
    delete=replace(_CHANGED, body={"op": "removeField", "fieldKey": "{key}"}),
)


def _option(verb: str, *named: str) -> Write:
    """Return the call that carries out an operation on an option, by the type of the field."""
    made = {
        kind: replace(
            _CHANGED,
            body={"op": f"{verb}{_capitalized(kind)}Option", "fieldKey": "{field_key}"}
            | {f"{kind}OptionKey": f"{{{column}}}" for column in named},
            rows=() if verb == "remove" else (_WITHIN_TEMPLATE, _WITHIN_FIELD),
        )
        for kind in _WITH_OPTIONS.values()
    }
    return replace(made["enum"], by="field_type", value="enum", others={"multiSelect": made["multiSelect"]})


metadata_template_field_options: Final = Table(
    name="metadata_template_field_options",
    doc="The options of the fields of metadata templates whose type is `enum` or `multiSelect`. A new one comes after "
    "those that there are.",
    reference="https://developer.box.com/reference/resources/metadata-template/",
    key=(*IN_TEMPLATE, "field_key", "key"),
    fields=(),
    columns=(
        Column("template_id", source="field.template.id", nullable=False, doc="Id of the template."),
        Column("scope", source="field.template.scope", nullable=False, doc="Scope of the template."),
        Column("template_key", source="field.template.templateKey", nullable=False, doc="Key of the template."),
        Column(
            "field_key",
            source="field.key",
            nullable=False,
            references="metadata_template_fields.key",
            along={"scope": "scope", "template_key": "template_key"},
            relation="field",
            doc="Key of the field.",
        ),
        Column(
            "field_type",
            source="field.type",
            nullable=False,
            doc="`enum`, which INSERT takes it for unless told, or `multiSelect`.",
        ),
        Column(
            "key",
            nullable=False,
            insert="data.key",
            update="data.key",
            doc="The option; what items have goes along with another key.",
        ),
        Column("id", doc="Box's id."),
        Column("position", Type.INTEGER, derived=position_in("options", "field"), doc="Its number; 1 is the first."),
    ),
    paths=_paths(
        {"field_key": "field.key", "field_type": "field.type", "key": "key"},
        _WITHIN_TEMPLATE,
        _WITHIN_FIELD,
        count=_FIELDS * _OPTIONS,
    ),
    insert=replace(_option("add"), required=("field_key", "key")),
    update=_option("edit", "key"),
    delete=_option("remove", "key"),
)
