"""Serve the policies by which metadata of folders cascades.

Source: https://developer.box.com/reference/resources/metadata-cascade-policy/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.errors import BoxError
from box_dialect.emulator.metadata.cascades import CascadePolicy
from box_dialect.emulator.metadata.instances import instance_of
from box_dialect.emulator.metadata.templates import scope_named, template_of
from box_dialect.emulator.paging import marker_page, offset_of
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import reference, render, render_all
from box_dialect.emulator.resource import Resource

if TYPE_CHECKING:
    from box_dialect.emulator.model import Folder
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


class NewPolicy(TypedDict):
    """What a policy is made of."""

    folder_id: str
    scope: Literal["global", "enterprise"]
    templateKey: str


class Application(TypedDict):
    """How a policy is applied to what lies below its folder."""

    conflict_resolution: Literal["none", "overwrite"]


def _enterprise(policy: CascadePolicy) -> Json:
    owner: Any = policy.folder.owned_by.enterprise or {}
    return {"type": "enterprise", "id": owner.get("id", "")}


METADATA_CASCADE_POLICIES = Resource(
    CascadePolicy,
    mini=("owner_enterprise", "parent", "scope", "templateKey"),
    computed={
        "owner_enterprise": _enterprise,
        "parent": lambda policy: reference(policy.folder),
        "scope": lambda policy: policy.template.scope,
        "templateKey": lambda policy: policy.template.key,
    },
    takes_fields=False,
)


def _folder(call: Call, identity: str, *needed: str) -> Folder:
    """Return a folder that may have policies, which the root folder may not."""
    folder: Any = call.find("folder", identity)
    if folder is None or folder.is_trashed:
        raise errors.not_found("folder", identity)
    if folder.id == "0":
        raise BoxError(403, "forbidden", "The root folder has no cascade policies")
    call.check_permissions(folder, *needed)
    return folder  # type: ignore[no-any-return]  # the table of a kind holds that kind only


@METADATA_CASCADE_POLICIES.operation("GET", "/metadata_cascade_policies")
def list_policies(call: Call) -> Json:
    """List the policies of a folder."""
    if not call.query.get("folder_id"):
        raise errors.missing_parameter("folder_id")
    folder = _folder(call, call.query["folder_id"])
    enterprise = call.query.get("owner_enterprise_id") or call.store.enterprise["id"]
    policies = [each for each in folder.of(CascadePolicy).values() if _enterprise(each)["id"] == enterprise]
    offset = offset_of(call.query)
    page, counters = marker_page({"marker": call.query.get("marker", "")}, policies[offset:])
    return {"entries": render_all(page, "mini", None), **counters}


@METADATA_CASCADE_POLICIES.operation("POST", "/metadata_cascade_policies", NewPolicy)
def create_policy(call: Call) -> Reply:
    """Let a template cascade from a folder, as soon as the folder has an instance of it."""
    body = call.json
    folder = _folder(call, body["folder_id"], "can_rename")
    template = template_of(call.store, scope_named(call.store, body["scope"]), body["templateKey"])
    if template is None:
        raise BoxError(404, "instance_tuple_not_found", "Template not found")
    if any(each.template is template for each in folder.of(CascadePolicy).values()):
        raise errors.conflict("tuple_already_exists", "The template cascades from this folder already")
    policy = call.store.add(CascadePolicy(folder=folder, template=template))
    return Reply(201, render(policy, "mini"))


def _found(call: Call, *needed: str) -> CascadePolicy:
    policy = call.store.of(CascadePolicy).get(call.id)
    if policy is None:
        raise BoxError(404, "instance_not_found", "Cascade policy not found")
    _folder(call, policy.folder.id, *needed)
    return policy


@METADATA_CASCADE_POLICIES.operation("GET", "/metadata_cascade_policies/{metadata_cascade_policy_id}")
def get_policy(call: Call) -> Json:
    """Get a policy."""
    return render(_found(call), "mini")


@METADATA_CASCADE_POLICIES.operation(
    "POST", "/metadata_cascade_policies/{metadata_cascade_policy_id}/apply", Application
)
def apply_policy(call: Call) -> Reply:
    """Let come to all below the folder what the folder has; nothing tells when that is done."""
    policy = _found(call, "can_rename")
    overwrite = call.json["conflict_resolution"] == "overwrite"
    if instance_of(policy.folder, policy.template) is None:
        raise BoxError(404, "instance_not_found", "The folder has no instance of the template")
    call.store.cascades.apply(policy, overwrite=overwrite)
    return Reply(202)


@METADATA_CASCADE_POLICIES.operation("DELETE", "/metadata_cascade_policies/{metadata_cascade_policy_id}")
def delete_policy(call: Call) -> Reply:
    """Delete a policy; what has cascaded stays."""
    call.store.remove(_found(call, "can_rename"))
    return Reply(204)
