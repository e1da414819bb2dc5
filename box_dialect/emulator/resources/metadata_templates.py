"""Serve metadata templates.

Source: https://developer.box.com/reference/resources/metadata-template/
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, NotRequired, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.metadata.instances import Instance
from box_dialect.emulator.metadata.seed import plant_metadata
from box_dialect.emulator.metadata.template_update import DisplayName, Draft, TemplateOperation
from box_dialect.emulator.metadata.templates import (
    CLASSIFICATION,
    MAX_TEMPLATES,
    NewField,
    Template,
    add_template,
    key_from,
    make_field,
    scope_named,
    template_of,
)
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.resource import Resource

from .classifications import create_classifications
from .metadata_taxonomies import page_of_nodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.emulator.planted import Planted
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call
    from box_dialect.emulator.state import State


class NewTemplate(TypedDict):
    """What a template is made of."""

    scope: str
    displayName: DisplayName
    templateKey: NotRequired[Annotated[str, Meta(max_length=64, pattern=r"^[a-zA-Z_][-a-zA-Z0-9_]*$")]]
    hidden: NotRequired[bool]
    fields: NotRequired[list[NewField]]
    copyInstanceOnItemCopy: NotRequired[bool]


def _seed(store: State, planted: Planted) -> None:
    add_template(store, "properties", scope="global")
    plant_metadata(store, planted)


METADATA_TEMPLATES = Resource(
    Template,
    base=("id", "type", "templateKey", "scope", "displayName", "hidden", "copyInstanceOnItemCopy", "fields"),
    computed={
        "templateKey": lambda template: template.key,
        "displayName": lambda template: template.display_name,
        "copyInstanceOnItemCopy": lambda template: template.copy_instance_on_item_copy,
        "fields": lambda template: [field.written() for field in template.fields],
    },
    takes_fields=False,
    seed=_seed,
)


def _page(call: Call, templates: Sequence[Template]) -> Json:
    page, counters = marker_page(call.query, templates)
    return {"entries": render_all(page, "base", None), **counters}


def _of_scope(scope: str, call: Call) -> Json:
    wanted = scope_named(call.store, scope)
    return _page(call, [template for template in call.store.of(Template).values() if template.scope == wanted])


for name in ("enterprise", "global"):
    METADATA_TEMPLATES.operation("GET", f"/metadata_templates/{name}")(partial(_of_scope, name))


@METADATA_TEMPLATES.operation("GET", "/metadata_templates")
def find_template(call: Call) -> Json:
    """Find the template of an instance."""
    identity = call.query.get("metadata_instance_id")
    if not identity:
        raise errors.missing_parameter("metadata_instance_id")
    instance = call.store.of(Instance).get(identity)
    if instance is None or not call.sees(instance.item):
        raise errors.invalid_parameter("metadata_instance_id", identity, "There is no such instance")
    return _page(call, [instance.template])


@METADATA_TEMPLATES.operation("GET", "/metadata_templates/{template_id}")
def get_template(call: Call) -> Json:
    """Get a template by its id."""
    template = call.store.of(Template).get(call.id)
    if template is None:
        raise errors.invalid_parameter("template_id", call.id, "There is no such template")
    return render(template, "base")


def _named(call: Call) -> Template:
    """Return the template that the path names by scope and key."""
    scope, key = call.values[:2]
    template = template_of(call.store, scope_named(call.store, scope), key)
    if template is None:
        raise errors.not_found("template", key)
    return template


@METADATA_TEMPLATES.operation("GET", "/metadata_templates/{scope}/{template_key}/schema")
def get_schema(call: Call) -> Json:
    """Get a template by its scope and key."""
    return render(_named(call), "base")


def _check_rights(call: Call, scope: str) -> None:
    """Refuse to write global templates, and those of the enterprise to who does not administer it."""
    if scope != scope_named(call.store, "enterprise"):
        raise errors.forbidden("Only templates of the enterprise can be written")
    call.require_administrator("manage_enterprise_properties", "root_readwrite")


@METADATA_TEMPLATES.operation("POST", "/metadata_templates/schema", NewTemplate)
def create_template(call: Call) -> Reply:
    """Create a template of the enterprise."""
    store, body = call.store, call.json
    scope = scope_named(store, body["scope"])
    _check_rights(call, scope)
    key = body.get("templateKey") or key_from(store, scope, body["displayName"])
    if template_of(store, scope, key) is not None:
        raise errors.conflict("tuple_already_exists", f"There is a template with the key '{key}' already")
    if key == CLASSIFICATION:
        return Reply(200, render(create_classifications(call), "base"))
    if sum(template.scope == scope for template in store.of(Template).values()) >= MAX_TEMPLATES:
        raise errors.bad_request("bad_request", f"An enterprise has {MAX_TEMPLATES} templates at most")
    template = Template(
        scope=scope, key=key, display_name=body["displayName"], hidden=body.get("hidden", False),
        copy_instance_on_item_copy=body.get("copyInstanceOnItemCopy", False),
    )  # fmt: skip
    for new in body.get("fields", ()):
        template.fields.append(make_field(store, new, template.fields, scope, key))
    store.record("METADATA_TEMPLATE_CREATE", call.user, store.add(template))
    return Reply(201, render(template, "base"))


@METADATA_TEMPLATES.operation("PUT", "/metadata_templates/{scope}/{template_key}/schema", list[TemplateOperation])
def update_template(call: Call) -> Json:
    """Change a template by operations, all of them or none."""
    template = _named(call)
    _check_rights(call, template.scope)
    draft = Draft(call.store, template)
    draft.apply(call.json_patch)
    draft.commit()
    call.store.record("METADATA_TEMPLATE_UPDATE", call.user, template)
    return render(template, "base")


@METADATA_TEMPLATES.operation("DELETE", "/metadata_templates/{scope}/{template_key}/schema")
def delete_template(call: Call) -> Reply:
    """Delete a template with all its instances."""
    template = _named(call)
    _check_rights(call, template.scope)
    call.store.record("METADATA_TEMPLATE_DELETE", call.user, template)
    call.store.remove(template)
    return Reply(204)


@METADATA_TEMPLATES.operation("GET", "/metadata_templates/{namespace}/{template_key}/fields/{field_key}/options")
def list_options(call: Call) -> Json:
    """List the nodes that a taxonomy field may have."""
    field = _named(call).field(call.values[2])
    if field is None or field.taxonomy is None:
        raise errors.invalid_parameter("field_key", call.values[2], "The template has no such taxonomy field")
    selectable = field.rules.get("selectableLevels")
    if "only-selectable-options" in call.query and not call.flag("only-selectable-options"):
        selectable = None
    return page_of_nodes(call, field.taxonomy, selectable)
