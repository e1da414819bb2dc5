"""Keep legal hold policies, what they are assigned to, and which versions of files they hold.

Sources: https://developer.box.com/reference/resources/legal-hold-policy/ and
https://developer.box.com/reference/resources/legal-hold-policy-assignment/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from box_dialect.emulator import access, clock
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import File, Folder, User
from box_dialect.emulator.representations import Representation, Represented, mini, render

from .keeping import lies_in, versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from box_dialect.emulator.model import Version
    from box_dialect.emulator.state import State

KINDS: Final = ("file", "file_version", "folder", "user", "ownership", "interactions")
RELEASE_SECONDS: Final = 60
"""How long a policy, or an assignment, takes to be released; Box says no more than that it is not done at once."""


@dataclass(slots=True, eq=False, kw_only=True)
class LegalHoldPolicy(Entity):
    """A hold on content: what custodians had between two times, or what anybody has from now on, too."""

    type, table, first_id = "legal_hold_policy", "legal_hold_policies", 2_040_000_001
    unique = ("policy_name",)
    policy_name: str
    created_by: User
    description: str = ""
    is_ongoing: bool = False
    filter_started_at: int | None = None
    filter_ended_at: int | None = None
    release_notes: str = ""
    deleted_at: int | None = None

    @property
    def status(self) -> str:
        """Whether the policy is in force or being released."""
        return "active" if self.deleted_at is None else "releasing"


@dataclass(slots=True, eq=False, kw_only=True)
class LegalHoldAssignment(Entity):
    """What a policy is assigned to, which is of one of `KINDS`; of a version `target` is the file."""

    type, table, first_id = "legal_hold_policy_assignment", "legal_hold_policy_assignments", 2_050_000_001
    owners, unique = ("legal_hold_policy", "target"), ("legal_hold_policy", "kind", "target_id")
    legal_hold_policy: LegalHoldPolicy
    kind: str
    target: File | Folder | User
    target_id: str
    assigned_by: User
    deleted_at: int | None = None

    def holds(self, file: File, version: Version) -> bool:
        """Tell whether a version of a file is held."""
        target = self.target
        if isinstance(target, File):
            is_meant = target is file and self.kind in ("file", version.type) and self._is_version(version)
        elif isinstance(target, Folder):
            is_meant = lies_in(file, target)
        else:
            is_meant = self._is_of(target, file, version) and self._is_in_time(version)
        return is_meant and (self.legal_hold_policy.is_ongoing or self._is_older(version))

    def _is_version(self, version: Version) -> bool:
        return self.kind == "file" or version.id == self.target_id

    def _is_of(self, user: User, file: File, version: Version) -> bool:
        if self.kind == "ownership":
            return file.owned_by is user
        if self.kind == "interactions":
            return user in (version.modified_by, file.created_by, file.modified_by)
        return access.may_see(user, file)

    def _is_in_time(self, version: Version) -> bool:
        """Tell whether a version of a custodian's file was made between the times that the policy has, if any."""
        policy, at = self.legal_hold_policy, version.created_at or 0
        start, end = policy.filter_started_at, policy.filter_ended_at
        return (start is None or start <= at) and (end is None or at <= end)

    def _is_older(self, version: Version) -> bool:
        """Tell whether a version was there when the policy was assigned."""
        return (version.created_at or 0) <= (self.created_at or 0)


@dataclass(slots=True, eq=False, kw_only=True)
class VersionHold(Represented):
    """The hold on a version of a file, by all that holds it; the id follows from the version's."""

    type = "file_version_legal_hold"
    file: File
    file_version: Version
    assignments: Sequence[LegalHoldAssignment]

    id: str = field(init=False)

    def __post_init__(self) -> None:
        self.id = f"3{self.file_version.id}"


VersionHold.representation = Representation(
    VersionHold, ("type", "id"), ("file", "file_version", "legal_hold_policy_assignments", "deleted_at"), (), (),
    {
        "file": lambda hold: mini(hold.file),
        "file_version": lambda hold: mini(hold.file_version),
        "legal_hold_policy_assignments": lambda hold: [render(each) for each in hold.assignments],
        "deleted_at": lambda _: None,
    },
    {},
)  # fmt: skip


def holds(store: State) -> Iterator[VersionHold]:
    """Yield the hold on each version that is held."""
    assignments = store.of(LegalHoldAssignment).values()
    for file, version in versions(store) if assignments else ():
        holding = [assignment for assignment in assignments if assignment.holds(file, version)]
        if holding:
            yield VersionHold(file=file, file_version=version, assignments=holding)


def is_held(store: State, file: File) -> bool:
    """Tell whether a version of a file is held."""
    assignments = store.of(LegalHoldAssignment).values()
    return any(assignment.holds(file, version) for assignment in assignments for version in file.versions)


def release(store: State, held: LegalHoldPolicy | LegalHoldAssignment) -> None:
    """Begin to release a policy with all that it is assigned to, or one assignment."""
    now, owned = clock.now(), held.of(LegalHoldAssignment).values()
    for each in (held, *owned):
        if each.deleted_at is None:
            store.change(each, {"deleted_at": now})
            store.remove_at(each, now + RELEASE_SECONDS)
