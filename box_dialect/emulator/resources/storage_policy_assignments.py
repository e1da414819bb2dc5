"""Serve whose content is stored in which region.

Source: https://developer.box.com/reference/resources/storage-policy-assignment
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import User
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import reference, render_all
from box_dialect.emulator.resource import Create, Delete, Get, Resource, Update, administers_the_enterprise

from .storage_policies import FEATURE, StoragePolicy

if TYPE_CHECKING:
    from box_dialect.emulator.errors import BoxError
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class StoragePolicyAssignment(Entity):
    """Where the content of a user is stored, or with `user` None that of all other users of the enterprise.

    The id has that of the user or the enterprise in it, `holder_id`.
    """

    type, table, first_id = "storage_policy_assignment", "storage_policy_assignments", 5_118_000_001
    owners, unique = ("storage_policy", "user"), ("holder_id",)
    storage_policy: StoragePolicy
    user: User | None
    holder_id: str

    @property
    def holder(self) -> str:
        """The kind of the holder."""
        return "enterprise" if self.user is None else "user"

    def own_id(self, _free: str) -> str:
        """Return the id, which follows from the holder."""
        return f"{self.holder}_{self.holder_id}"


class _Policy(TypedDict):
    type: Literal["storage_policy"]
    id: str


class _Holder(TypedDict):
    type: Literal["user", "enterprise"]
    id: str


class UpdateAssignment(TypedDict):
    """What changes an assignment."""

    storage_policy: _Policy


class NewAssignment(UpdateAssignment):
    """What an assignment is made of."""

    assigned_to: _Holder


def _holder(call: Call, kind: str, identity: str) -> User | None:
    """Return the user of the enterprise that is named, or None for the enterprise itself."""
    if kind == "enterprise":
        if identity != call.store.enterprise["id"]:
            raise errors.not_found("enterprise", identity)
        return None
    user = call.found(User, identity)
    if user.enterprise is None:
        raise errors.not_found("user", identity)
    return user


def _policy(call: Call) -> StoragePolicy:
    return call.found(StoragePolicy, call.json["storage_policy"]["id"])


def _changes(call: Call, _assignment: StoragePolicyAssignment) -> dict[str, Any]:
    return {"storage_policy": _policy(call)}


def _make(call: Call) -> StoragePolicyAssignment:
    asked = call.json["assigned_to"]
    user = _holder(call, asked["type"], asked["id"])
    return StoragePolicyAssignment(storage_policy=_policy(call), user=user, holder_id=asked["id"])


def _is_of_user(_call: Call, assignment: StoragePolicyAssignment) -> None:
    """Refuse to delete what holds for the enterprise."""
    if assignment.user is None:
        raise errors.forbidden("The enterprise must have a storage policy")


def _conflict() -> BoxError:
    return errors.conflict("conflict", "A storage policy is assigned already")


STORAGE_POLICY_ASSIGNMENTS = Resource(
    StoragePolicyAssignment,
    Get("/storage_policy_assignments/{storage_policy_assignment_id}"),
    Create("/storage_policy_assignments", NewAssignment, make=_make, status=200),
    Update("/storage_policy_assignments/{storage_policy_assignment_id}", UpdateAssignment, changes=_changes),
    Delete("/storage_policy_assignments/{storage_policy_assignment_id}", entity_permission=_is_of_user),
    mini=("storage_policy", "assigned_to"),
    computed={
        "storage_policy": lambda assignment: reference(assignment.storage_policy),
        "assigned_to": lambda assignment: {"type": assignment.holder, "id": assignment.holder_id},
    },
    permission=administers_the_enterprise,
    conflict=_conflict,
    takes_fields=False,
    feature=FEATURE,
)


@STORAGE_POLICY_ASSIGNMENTS.operation("GET", "/storage_policy_assignments")
def list_assignments(call: Call) -> Json:
    """List the assignment that holds for a user, which may be that of the enterprise, or for the enterprise."""
    administers_the_enterprise(call)
    missing = [name for name in ("resolved_for_type", "resolved_for_id") if not call.query.get(name)]
    if missing:
        raise errors.missing_parameter(*missing)
    kind = call.choice("resolved_for_type", ("user", "enterprise"), "")
    user = _holder(call, kind, call.query["resolved_for_id"])
    assignments = call.store.of(StoragePolicyAssignment)
    own = None if user is None else assignments.get(f"user_{user.id}")
    found = own or assignments.get(f"enterprise_{call.store.enterprise['id']}")
    page, counters = marker_page({"marker": call.query.get("marker", "")}, [] if found is None else [found])
    return {"entries": render_all(page, "mini", None), **counters}
