"""Serve legal hold policies.

Source: https://developer.box.com/reference/resources/legal-hold-policy/
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Final, NotRequired, TypeAlias, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.bodies import Moment
from box_dialect.emulator.features import Feature
from box_dialect.emulator.governance.legal_holds import KINDS, LegalHoldAssignment, LegalHoldPolicy, release
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import Create, Get, List, Resource, Update, administrators, starts_with

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call

SCOPE: Final = "manage_legal_hold"
FEATURE: Final = Feature("legal_holds")
_Name: TypeAlias = Annotated[str, Meta(max_length=254)]
_Text: TypeAlias = Annotated[str, Meta(max_length=500)]


class NewLegalHold(TypedDict):
    """What a policy is made of: it is ongoing, or has the times between which custodians' content was made."""

    policy_name: _Name
    description: NotRequired[_Text]
    filter_started_at: NotRequired[Moment]
    filter_ended_at: NotRequired[Moment]
    is_ongoing: NotRequired[bool]


class UpdateLegalHold(TypedDict, total=False):
    """What changes a policy."""

    policy_name: _Name
    description: _Text
    release_notes: _Text


def _make(call: Call) -> LegalHoldPolicy:
    body, names = call.json, ("filter_started_at", "filter_ended_at")
    if not body.get("is_ongoing"):
        missing = [name for name in names if name not in body]
        if missing:
            raise errors.missing_parameter(*missing)
        if body[names[0]] > body[names[1]]:
            raise errors.invalid_parameter(names[1], body[names[1]], "The end is before the start")
    return LegalHoldPolicy(created_by=call.user, **body)


def _counts(policy: LegalHoldPolicy) -> dict[str, int]:
    return dict.fromkeys(KINDS, 0) | Counter(each.kind for each in policy.of(LegalHoldAssignment).values())


LEGAL_HOLD_POLICIES = Resource(
    LegalHoldPolicy,
    List("/legal_hold_policies", page=marker_page, filters={"policy_name": starts_with("policy_name")}),
    Get("/legal_hold_policies/{legal_hold_policy_id}", takes_fields=False),
    Create("/legal_hold_policies", NewLegalHold, make=_make, takes_fields=False, event="LEGAL_HOLD_POLICY_CREATE"),
    Update("/legal_hold_policies/{legal_hold_policy_id}", UpdateLegalHold, takes_fields=False,
        event="LEGAL_HOLD_POLICY_UPDATE"),
    mini=("policy_name",),
    standard=("description", "status", "assignment_counts", "created_by", "created_at", "modified_at", "deleted_at",
        "filter_started_at", "filter_ended_at", "release_notes"),
    computed={"assignment_counts": _counts},
    permission=administrators(SCOPE),
    feature=FEATURE,
)  # fmt: skip


@LEGAL_HOLD_POLICIES.operation("DELETE", "/legal_hold_policies/{legal_hold_policy_id}")
def delete_policy(call: Call) -> Reply:
    """Begin to release a policy, which is gone some time later."""
    call.require_administrator(SCOPE)
    policy = call.found(LegalHoldPolicy)
    release(call.store, policy)
    call.store.record("LEGAL_HOLD_POLICY_DELETE", call.user, policy)
    return Reply(202)
