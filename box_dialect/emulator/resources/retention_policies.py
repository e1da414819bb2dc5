"""Serve retention policies.

Source: https://developer.box.com/reference/resources/retention-policy/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired, TypeAlias, TypedDict

from msgspec import Meta

from box_dialect.emulator import clock, errors
from box_dialect.emulator.features import Feature
from box_dialect.emulator.governance.retention import INDEFINITE, RetentionAssignment, RetentionPolicy
from box_dialect.emulator.model import User
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import mini
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update, administrators, equals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

SCOPE: Final = "manage_data_retention"
FEATURE: Final = Feature("retention")
MAX_DESCRIPTION: Final = 500
_NONE: Final = "none"
_Action: TypeAlias = Literal["permanently_delete", "remove_retention"]


class _Recipient(TypedDict):
    id: str
    type: Literal["user"]


class _NamedRecipient(_Recipient, total=False):
    name: Annotated[str, Meta(max_length=50)]
    login: str


class NewRetentionPolicy(TypedDict):
    """What a policy is made of."""

    policy_name: str
    policy_type: Literal["finite", "indefinite"]
    disposition_action: _Action
    description: NotRequired[str]
    retention_length: NotRequired[str | int | None]
    retention_type: NotRequired[Literal["modifiable", "non_modifiable"]]
    can_owner_extend_retention: NotRequired[bool]
    max_extension_length: NotRequired[str | int]
    are_owners_notified: NotRequired[bool]
    custom_notification_recipients: NotRequired[list[_NamedRecipient]]


class UpdateRetentionPolicy(TypedDict, total=False):
    """What changes a policy; null changes nothing."""

    policy_name: str | None
    description: str | None
    disposition_action: _Action | None
    retention_type: str | None
    retention_length: str | int | None
    status: str | None
    can_owner_extend_retention: bool | None
    max_extension_length: str | int
    are_owners_notified: bool | None
    custom_notification_recipients: list[_Recipient] | None


def _created_by(call: Call) -> Iterable[RetentionPolicy]:
    """Return the policies that a user made, or all; a user that there is not is a 404."""
    every, creator = call.store.of(RetentionPolicy).values(), call.query.get("created_by_user_id")
    if not creator:
        return every
    user = call.found(User, creator)
    return [policy for policy in every if policy.created_by is user]


def _length(policy_type: str, asked: object) -> str:
    """Return for how many days a policy keeps content; an indefinite one has no number of days."""
    text = "" if asked is None else str(asked)
    if policy_type == INDEFINITE:
        if text not in ("", INDEFINITE):
            raise errors.invalid_parameter("retention_length", text, "An indefinite policy has no length")
        return INDEFINITE
    if not text:
        raise errors.missing_parameter("retention_length")
    return _days("retention_length", text)


def _days(name: str, text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:7]) < 10**6:
        raise errors.invalid_parameter(name, text, "It must be a number of days")
    return str(int(text))


def _extension(policy_type: str, action: str, asked: object) -> str:
    text = str(asked)
    if text == _NONE:
        return _NONE
    if policy_type == INDEFINITE or action != "permanently_delete":
        why = "Only finite policies that delete permanently can be extended"
        raise errors.invalid_parameter("max_extension_length", text, why)
    return _days("max_extension_length", text)


def _recipients(call: Call, named: Sequence[Json]) -> list[User]:
    return [call.found(User, each["id"]) for each in named]


def _described(text: str) -> str:
    if len(text) > MAX_DESCRIPTION:
        raise errors.invalid_parameter("description", text, f"It is longer than {MAX_DESCRIPTION} characters")
    return text


def _make(call: Call) -> RetentionPolicy:
    body = call.json
    kind, action = body["policy_type"], body["disposition_action"]
    return RetentionPolicy(
        policy_name=body["policy_name"], policy_type=kind, disposition_action=action, created_by=call.user,
        retention_length=_length(kind, body.get("retention_length")),
        description=_described(body.get("description", "")),
        retention_type=body.get("retention_type", "modifiable"),
        can_owner_extend_retention=body.get("can_owner_extend_retention", False),
        max_extension_length=_extension(kind, action, body.get("max_extension_length", _NONE)),
        are_owners_notified=body.get("are_owners_notified", False),
        custom_notification_recipients=_recipients(call, body.get("custom_notification_recipients", ())),
    )  # fmt: skip


def _changes(call: Call, policy: RetentionPolicy) -> dict[str, Any]:
    """Return what is to change; a policy that is not modifiable may become longer and nothing less."""
    changes = {name: value for name, value in call.json.items() if value is not None}
    action = changes.get("disposition_action", policy.disposition_action)
    _described(changes.get("description", ""))
    if "retention_length" in changes:
        length = changes["retention_length"] = _length(policy.policy_type, changes["retention_length"])
        is_shorter = length != INDEFINITE and int(length) * 86400 < policy.seconds
        if policy.retention_type == "non_modifiable" and is_shorter:
            raise errors.forbidden("The duration of a non-modifiable policy cannot be shortened")
    if "retention_type" in changes:
        changes["retention_type"] = changes["retention_type"].replace("-", "_")
        if changes["retention_type"] not in ("modifiable", "non_modifiable"):
            raise errors.invalid_parameter("retention_type", changes["retention_type"], "There is no such type")
        if (policy.retention_type, changes["retention_type"]) == ("non_modifiable", "modifiable"):
            raise errors.forbidden("A non-modifiable policy cannot become modifiable")
    if "max_extension_length" in changes:
        changes["max_extension_length"] = _extension(policy.policy_type, action, changes["max_extension_length"])
    if "custom_notification_recipients" in changes:
        named = changes["custom_notification_recipients"]
        changes["custom_notification_recipients"] = _recipients(call, named)
    if "status" in changes:
        changes["retired_at"] = _retired_at(policy, changes["status"])
    return changes


def _retired_at(policy: RetentionPolicy, status: str) -> int | None:
    if status not in ("retired", policy.status):
        raise errors.invalid_parameter("status", status, "A policy can be retired, and nothing else")
    return policy.retired_at or (clock.now() if status == "retired" else None)


def check_modifiable(_call: Call, policy: RetentionPolicy) -> None:
    """Refuse to delete a policy that is not modifiable, or what it is assigned to."""
    if policy.retention_type == "non_modifiable":
        raise errors.forbidden("The policy is not modifiable")


def _counts(policy: RetentionPolicy) -> dict[str, int]:
    counts = dict.fromkeys(("enterprise", "folder", "metadata_template"), 0)
    for assignment in policy.of(RetentionAssignment).values():
        counts["enterprise" if assignment.target is None else assignment.target.type] += 1
    return counts


RETENTION_POLICIES = Resource(
    RetentionPolicy,
    List("/retention_policies", rows=_created_by, page=marker_page,
        choices={"policy_type": ("finite", "indefinite")},
        filters={
            "policy_name": lambda policy, text: policy.policy_name.startswith(text),
            "policy_type": equals("policy_type"),
        }),
    Get("/retention_policies/{retention_policy_id}"),
    Create("/retention_policies", NewRetentionPolicy, make=_make, takes_fields=False),
    Update("/retention_policies/{retention_policy_id}", UpdateRetentionPolicy, changes=_changes,
        takes_fields=False),
    Delete("/retention_policies/{retention_policy_id}", entity_permission=check_modifiable),
    mini=("policy_name", "retention_length", "disposition_action", "max_extension_length"),
    standard=("policy_type", "description", "retention_type", "status", "created_by", "created_at", "modified_at",
        "can_owner_extend_retention", "are_owners_notified", "custom_notification_recipients", "assignment_counts"),
    computed={
        "assignment_counts": _counts,
        "custom_notification_recipients": lambda policy: [mini(each) for each in policy.custom_notification_recipients],
    },
    permission=administrators(SCOPE),
    feature=FEATURE,
)  # fmt: skip
