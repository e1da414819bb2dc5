"""Serve what retention policies are assigned to, and the files that they keep.

Source: https://developer.box.com/reference/resources/retention-policy-assignment/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.governance.retention import INDEFINITE, UPLOAD_DATE, RetentionAssignment, RetentionPolicy
from box_dialect.emulator.metadata.templates import WITH_OPTIONS, Template
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import mini, reference, render_all, times
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, administrators

from .retention_policies import FEATURE, SCOPE, check_modifiable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from box_dialect.emulator.metadata.templates import Field
    from box_dialect.emulator.model import Folder
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

KINDS = ("folder", "enterprise", "metadata_template")


class _Target(TypedDict):
    type: Literal["enterprise", "folder", "metadata_template"]
    id: NotRequired[str | None]


class _Filter(TypedDict, total=False):
    field: str
    value: str


class NewRetentionAssignment(TypedDict):
    """What an assignment is made of; filters name a field and an option of it by their ids."""

    policy_id: str
    assign_to: _Target
    filter_fields: NotRequired[list[_Filter]]
    start_date_field: NotRequired[str]


def _of_policy(call: Call) -> Iterable[RetentionAssignment]:
    return call.found(RetentionPolicy).of(RetentionAssignment).values()


def _assigned_to(assignment: RetentionAssignment) -> Json:
    return {"type": "enterprise", "id": None} if assignment.target is None else reference(assignment.target)


def _target(call: Call) -> Folder | Template | None:
    kind, identity = call.json["assign_to"]["type"], call.json["assign_to"].get("id")
    if kind == "enterprise":
        if identity is not None:
            raise errors.invalid_parameter("assign_to.id", identity, "An enterprise is not named by an id")
        return None
    if identity is None:
        raise errors.missing_parameter("assign_to.id")
    if kind == "metadata_template":
        return call.found(Template, identity)
    folder = call.store.folders.get(identity)
    if folder is None:
        raise errors.not_found("folder", identity)
    return folder


def _field(target: Folder | Template | None, name: str, identity: str, *types: str) -> Field:
    """Return a field of the template that is assigned to, of one of some types, by its id."""
    known = target.fields if isinstance(target, Template) else []
    found = next((field for field in known if field.id == identity and field.type in types), None)
    if found is None:
        raise errors.invalid_parameter(name, identity, f"The template has no such field of the type {types[0]}")
    return found


def _filters(target: Folder | Template | None, asked: Sequence[Json]) -> list[Json]:
    if len(asked) > 1:
        raise errors.invalid_parameter("filter_fields", asked, "There is one filter at most")
    for each in asked:
        missing = [f"filter_fields.{name}" for name in ("field", "value") if name not in each]
        if missing:
            raise errors.missing_parameter(*missing)
        field = _field(target, "filter_fields", each["field"], *WITH_OPTIONS)
        if each["value"] not in {option.id for option in field.options}:
            raise errors.invalid_parameter("filter_fields", each["value"], "The field has no such option")
    return list(asked)


def _make(call: Call) -> RetentionAssignment:
    body = call.json
    policy, target = call.found(RetentionPolicy, body["policy_id"]), _target(call)
    start = body.get("start_date_field", UPLOAD_DATE)
    if start != UPLOAD_DATE:
        _field(target, "start_date_field", start, "date")
        if policy.retention_length == INDEFINITE:
            raise errors.invalid_parameter("start_date_field", start, "An indefinite policy has no start")
    filters = _filters(target, body.get("filter_fields", ()))
    for other in call.store.of(RetentionAssignment).values():
        is_same = (other.target, other.filter_fields) == (target, filters)
        if is_same and other.retention_policy.seconds >= policy.seconds:
            raise errors.conflict("conflict", "A policy of equal or greater length has been assigned already")
    return RetentionAssignment(
        retention_policy=policy, target=target, assigned_by=call.user, filter_fields=filters, start_date_field=start
    )


RETENTION_POLICY_ASSIGNMENTS = Resource(
    RetentionAssignment,
    List("/retention_policies/{retention_policy_id}/assignments", rows=_of_policy, page=marker_page,
        choices={"type": KINDS}, filters={"type": lambda assignment, kind: _assigned_to(assignment)["type"] == kind}),
    Get("/retention_policy_assignments/{retention_policy_assignment_id}"),
    Create("/retention_policy_assignments", NewRetentionAssignment, make=_make, takes_fields=False,
        event="RETENTION_POLICY_ASSIGNMENT_ADD"),
    Delete("/retention_policy_assignments/{retention_policy_assignment_id}",
        entity_permission=lambda call, assignment: check_modifiable(call, assignment.retention_policy)),
    standard=("retention_policy", "assigned_to", "filter_fields", "assigned_by", "assigned_at", "start_date_field"),
    computed={"assigned_to": _assigned_to, **times(assigned_at="created_at")},
    permission=administrators(SCOPE),
    feature=FEATURE,
)  # fmt: skip


def _found(call: Call) -> RetentionAssignment:
    call.require_administrator(SCOPE)
    return call.found(RetentionAssignment)


@RETENTION_POLICY_ASSIGNMENTS.operation(
    "GET", "/retention_policy_assignments/{retention_policy_assignment_id}/files_under_retention"
)
def list_files(call: Call) -> Json:
    """List the files whose current version an assignment keeps."""
    assignment = _found(call)
    files = [file for file in call.store.files.values() if assignment.until(file, file.versions[-1]) is not None]
    page, counters = marker_page(call.query, files)
    return {"entries": render_all(page, "mini", None), **counters}


@RETENTION_POLICY_ASSIGNMENTS.operation(
    "GET", "/retention_policy_assignments/{retention_policy_assignment_id}/file_versions_under_retention"
)
def list_versions(call: Call) -> Json:
    """List the past versions that an assignment keeps, each as its file with this version."""
    assignment, found = _found(call), []
    owners: dict[str, Any] = {}
    for file in call.store.files.values():
        for version in file.versions[:-1]:
            if assignment.until(file, version) is not None:
                found.append(version)
                owners[version.id] = file
    page, counters = marker_page(call.query, found)
    entries = [{**(mini(owners[version.id]) or {}), "file_version": mini(version)} for version in page]
    return {"entries": entries, **counters}
