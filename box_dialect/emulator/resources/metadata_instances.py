"""Serve the metadata instances of files and folders.

Source: https://developer.box.com/reference/resources/metadata/
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from box_dialect.emulator import errors
from box_dialect.emulator.errors import BoxError, MetadataError
from box_dialect.emulator.metadata.instances import (
    MAX_INSTANCES,
    Instance,
    add_instance,
    change_values,
    hydrated,
    instance_of,
)
from box_dialect.emulator.metadata.json_patch import PatchOperation, patched
from box_dialect.emulator.metadata.templates import Template, scope_named, template_of
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import Resource

if TYPE_CHECKING:
    from box_dialect.emulator.model import File, Folder
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

METADATA_INSTANCES = Resource(Instance, takes_fields=False)


def _item(kind: str, call: Call) -> File | Folder:
    item = call.folder() if kind == "folder" else call.file()
    if item.is_trashed:
        raise errors.trashed()
    return item


def _tagged(kind: str, call: Call) -> File | Folder:
    """Return the item that the path names; the root folder has no instances."""
    item = _item(kind, call)
    if item.id == "0":
        raise errors.method_not_allowed()
    return item


def _template(call: Call) -> Template | None:
    """Return the template that the path names by its scope and key."""
    scope, key = call.operation.path.split("/")[4:6]
    if scope.startswith("{"):
        _, scope, key = call.values
    return template_of(call.store, scope_named(call.store, scope), key)


def _found(kind: str, call: Call) -> Instance:
    item = _tagged(kind, call)
    instance = instance_of(item, _template(call))
    if instance is None:
        raise BoxError(404, "instance_not_found", "Instance not found")
    return instance


def _seen(call: Call, instance: Instance, written: Json) -> Json:
    """Return an instance as it was written, in the view that the query names."""
    return hydrated(instance, written) if call.choice("view", ("", "hydrated"), "") else written


def _list(kind: str, call: Call) -> Json:
    item = _item(kind, call)
    if item.id == "0":
        raise BoxError(403, "forbidden", "The root folder has no metadata")
    entries = [_seen(call, instance, instance.listed()) for instance in item.of(Instance).values()]
    return {"entries": entries, "limit": MAX_INSTANCES}


def _get(kind: str, call: Call) -> Json:
    instance = _found(kind, call)
    return _seen(call, instance, instance.written())


def _create(kind: str, call: Call) -> Reply:
    item, template = _tagged(kind, call), _template(call)
    if template is None:
        raise BoxError(404, "instance_tuple_not_found", "Template not found")
    values = call.json
    if instance_of(item, template) is not None:
        raise MetadataError(409, "conflict", "Conflict on Metadata Instance.")
    if len(item.of(Instance)) >= MAX_INSTANCES:
        raise errors.bad_request("bad_request", f"An item has {MAX_INSTANCES} instances at most")
    instance = add_instance(call.store, item, template, values)
    call.store.record("METADATA_INSTANCE_CREATE", call.user, item)
    return Reply(201, instance.written())


def _update(kind: str, call: Call) -> Json:
    instance = _found(kind, call)
    before = instance.written()
    after = patched(before, call.json_patch)
    own = before.keys() - instance.values.keys()
    for name in own:
        if after.get(name) != before[name]:
            raise MetadataError(400, "schema_validation_failed", f"'{name}' cannot be changed")
    change_values(call.store, instance, {key: value for key, value in after.items() if key not in own})
    if after != before:
        call.store.record("METADATA_INSTANCE_UPDATE", call.user, instance.item)
    return instance.written()


def _delete(kind: str, call: Call) -> Reply:
    instance = _found(kind, call)
    call.store.remove(instance)
    call.store.record("METADATA_INSTANCE_DELETE", call.user, instance.item)
    return Reply(204)


def serve_instances(
    resource: Resource[Any], template: str, new: Any = dict[str, Any], patch: Any = list[PatchOperation]
) -> None:
    """Declare what can be done with the instances of a template, which a path names by scope and key, on either kind.

    `new` is the type of the body that makes an instance, `patch` that of the one that changes it.
    """
    for kind in ("file", "folder"):
        path = f"/{kind}s/{{{kind}_id}}/metadata/{template}"
        resource.operation("GET", path)(partial(_get, kind))
        resource.operation("POST", path, new, needs=("can_rename",))(partial(_create, kind))
        resource.operation("PUT", path, patch, needs=("can_rename",))(partial(_update, kind))
        resource.operation("DELETE", path, needs=("can_rename",))(partial(_delete, kind))


for name in ("file", "folder"):
    METADATA_INSTANCES.operation("GET", f"/{name}s/{{{name}_id}}/metadata")(partial(_list, name))
serve_instances(METADATA_INSTANCES, "{scope}/{template_key}")
