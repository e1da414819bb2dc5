"""Keep retention policies, what they are assigned to, and until when they keep a version of a file.

Sources: https://developer.box.com/reference/resources/retention-policy/ and
https://developer.box.com/reference/resources/retention-policy-assignment/
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from box_dialect.emulator import clock
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.metadata.instances import Instance, moment
from box_dialect.emulator.model import Folder
from box_dialect.emulator.representations import Representation, Represented, mini, times

from .keeping import lies_in, versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.emulator.metadata.templates import Template
    from box_dialect.emulator.model import File, User, Version
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.state import State

INDEFINITE: Final = "indefinite"
UPLOAD_DATE: Final = "upload_date"
_DAY = 86400


@dataclass(slots=True, eq=False, kw_only=True)
class RetentionPolicy(Entity):
    """A rule that keeps content for `retention_length` days, or for good; a retired one keeps nothing that is newer."""

    type, table, first_id = "retention_policy", "retention_policies", 2_020_000_001
    unique = ("policy_name",)
    policy_name: str
    policy_type: str
    retention_length: str
    disposition_action: str
    created_by: User
    description: str = ""
    retention_type: str = "modifiable"
    status: str = "active"
    retired_at: int | None = None
    can_owner_extend_retention: bool = False
    max_extension_length: str = "none"
    are_owners_notified: bool = False
    custom_notification_recipients: list[User] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """For how long the policy keeps content."""
        return math.inf if self.retention_length == INDEFINITE else int(self.retention_length) * _DAY


@dataclass(slots=True, eq=False, kw_only=True)
class RetentionAssignment(Entity):
    """What a policy is assigned to: a folder, the items that have a template, or without a target all content."""

    type, table, first_id = "retention_policy_assignment", "retention_policy_assignments", 2_030_000_001
    owners = ("retention_policy", "target")
    retention_policy: RetentionPolicy
    target: Folder | Template | None
    assigned_by: User
    filter_fields: list[Json] = field(default_factory=list)
    start_date_field: str = UPLOAD_DATE

    def covers(self, file: File) -> bool:
        """Tell whether the policy is assigned to a file."""
        if isinstance(self.target, Folder):
            return lies_in(file, self.target)
        if self.target is None:
            return file.owned_by.enterprise is not None
        return self._instance(file) is not None

    def until(self, file: File, version: Version) -> float | None:
        """Return until when a version of a file is kept, in Unix seconds, or None if it is not."""
        policy, uploaded = self.retention_policy, version.created_at or 0
        if not self.covers(file) or (policy.retired_at is not None and uploaded > policy.retired_at):
            return None
        end = max(self._start(file, uploaded) + policy.seconds, file.disposition_at or 0)
        return end if end > clock.now() else None

    def _start(self, file: File, uploaded: int) -> float:
        instance = None if self.start_date_field == UPLOAD_DATE else self._instance(file)
        if instance is None:
            return uploaded
        keys = [each.key for each in instance.template.fields if each.id == self.start_date_field]
        started = moment(instance.values.get(keys[0])) if keys else None
        return uploaded if started is None else started.timestamp()

    def _instance(self, file: File) -> Instance | None:
        for instance in file.of(Instance).values():
            if instance.template is self.target and all(_has(instance, each) for each in self.filter_fields):
                return instance
        return None


def _has(instance: Instance, wanted: Json) -> bool:
    """Tell whether an instance has an option, which is named by the ids of the field and the option."""
    for each in instance.template.fields:
        if each.id == wanted["field"]:
            value, keys = instance.values.get(each.key), {option.id: option.key for option in each.options}
            key = keys.get(wanted["value"])
            return key is not None and (key in value if isinstance(value, list) else key == value)
    return False


@dataclass(slots=True, eq=False, kw_only=True)
class VersionRetention(Represented):
    """How long a version of a file is kept, by the policy that keeps it longest; the id follows from the version's."""

    type = "file_version_retention"
    file: File
    file_version: Version
    assignment: RetentionAssignment
    end: float

    id: str = field(init=False)

    def __post_init__(self) -> None:
        self.id = f"2{self.file_version.id}"

    @property
    def winning_retention_policy(self) -> RetentionPolicy:
        """The policy."""
        return self.assignment.retention_policy

    @property
    def applied_at(self) -> int:
        """Since when the version is kept."""
        return max(self.assignment.created_at or 0, self.file_version.created_at or 0)

    @property
    def disposition_at(self) -> int | None:
        """Until when the version is kept."""
        return None if math.isinf(self.end) else int(self.end)


VersionRetention.representation = Representation(
    VersionRetention, ("type", "id"),
    ("file", "file_version", "applied_at", "disposition_at", "winning_retention_policy"), (), (),
    {
        **times(applied_at="applied_at", disposition_at="disposition_at"),
        "file": lambda retention: mini(retention.file),
        "file_version": lambda retention: mini(retention.file_version),
        "winning_retention_policy": lambda retention: mini(retention.winning_retention_policy),
    },
    {},
)  # fmt: skip


def retention_of(store: State, file: File, version: Version) -> VersionRetention | None:
    """Return how long a version of a file is kept, or None if it is not."""
    found = [
        VersionRetention(file=file, file_version=version, assignment=assignment, end=end)
        for assignment in store.of(RetentionAssignment).values()
        if (end := assignment.until(file, version)) is not None
    ]
    return max(found, key=lambda retention: retention.end, default=None)


def retentions(store: State) -> Iterator[VersionRetention]:
    """Yield how long each version is kept that is kept at all."""
    if store.of(RetentionAssignment):
        for file, version in versions(store):
            retention = retention_of(store, file, version)
            if retention is not None:
                yield retention


def is_retained(store: State, file: File) -> bool:
    """Tell whether a policy keeps a version of a file."""
    return bool(store.of(RetentionAssignment)) and any(
        retention_of(store, file, version) is not None for version in file.versions
    )
