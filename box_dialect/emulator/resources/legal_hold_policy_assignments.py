"""Serve what legal hold policies are assigned to, and what they hold.

Source: https://developer.box.com/reference/resources/legal-hold-policy-assignment/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.governance.keeping import version_named
from box_dialect.emulator.governance.legal_holds import KINDS, LegalHoldAssignment, LegalHoldPolicy, release
from box_dialect.emulator.model import User
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import render_all, times
from box_dialect.emulator.resource import Create, Get, List, Resource, administrators, equals, owned

from .legal_hold_policies import FEATURE, SCOPE

if TYPE_CHECKING:
    from box_dialect.emulator.model import File, Folder
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

_PATH = "/legal_hold_policy_assignments/{legal_hold_policy_assignment_id}"


class _Target(TypedDict):
    type: Literal["file", "file_version", "folder", "user", "ownership", "interactions"]
    id: str


class NewLegalHoldAssignment(TypedDict):
    """What an assignment is made of."""

    policy_id: str
    assign_to: _Target


def _target(call: Call, kind: str, identity: str) -> File | Folder | User:
    if kind in ("user", "ownership", "interactions"):
        return call.found(User, identity)
    found: Any
    if kind == "file_version":
        named = version_named(call.store, identity)
        found = None if named is None else named[0]
    else:
        found = call.store.items[kind].get(identity)
    if found is None:
        raise errors.not_found(kind, identity)
    return found  # type: ignore[no-any-return]  # the table of a kind holds that kind only


def _make(call: Call) -> LegalHoldAssignment:
    policy, named = call.found(LegalHoldPolicy, call.json["policy_id"]), call.json["assign_to"]
    if policy.deleted_at is not None:
        raise errors.conflict("conflict", "The policy is being released")
    kind, identity = named["type"], named["id"]
    return LegalHoldAssignment(
        legal_hold_policy=policy, kind=kind, target=_target(call, kind, identity), target_id=identity,
        assigned_by=call.user,
    )  # fmt: skip


LEGAL_HOLD_POLICY_ASSIGNMENTS = Resource(
    LegalHoldAssignment,
    List("/legal_hold_policy_assignments", rows=owned(LegalHoldAssignment, LegalHoldPolicy, "policy_id"),
        page=marker_page, choices={"assign_to_type": KINDS},
        filters={"assign_to_type": equals("kind"), "assign_to_id": equals("target_id")}),
    Get(_PATH, takes_fields=False),
    Create("/legal_hold_policy_assignments", NewLegalHoldAssignment, make=_make, takes_fields=False,
        event="LEGAL_HOLD_ASSIGNMENT_CREATE"),
    standard=("legal_hold_policy", "assigned_to", "assigned_by", "assigned_at", "deleted_at"),
    computed={
        "assigned_to": lambda assignment: {"type": assignment.kind, "id": assignment.target_id},
        **times(assigned_at="created_at"),
    },
    permission=administrators(SCOPE),
    feature=FEATURE,
)  # fmt: skip


def _found(call: Call) -> LegalHoldAssignment:
    call.require_administrator(SCOPE)
    return call.found(LegalHoldAssignment)


@LEGAL_HOLD_POLICY_ASSIGNMENTS.operation("DELETE", _PATH)
def delete_assignment(call: Call) -> Reply:
    """Begin to release what an assignment holds; it is gone some time later."""
    assignment = _found(call)
    release(call.store, assignment)
    call.store.record("LEGAL_HOLD_ASSIGNMENT_DELETE", call.user, assignment)
    return Reply(202)


@LEGAL_HOLD_POLICY_ASSIGNMENTS.operation("GET", f"{_PATH}/files_on_hold")
def list_files(call: Call) -> Json:
    """List the files whose current version an assignment holds."""
    assignment = _found(call)
    files = [file for file in call.store.files.values() if assignment.holds(file, file.versions[-1])]
    page, counters = marker_page(call.query, files)
    return {"entries": render_all(page, "mini", call.fields), **counters}


@LEGAL_HOLD_POLICY_ASSIGNMENTS.operation("GET", f"{_PATH}/file_versions_on_hold")
def list_versions(call: Call) -> Json:
    """List the past versions that an assignment holds."""
    assignment = _found(call)
    files = call.store.files.values()
    found = [version for file in files for version in file.versions[:-1] if assignment.holds(file, version)]
    page, counters = marker_page(call.query, found)
    return {"entries": render_all(page, "standard", call.fields), **counters}
