"""Plant what a seed has of governance: labels, cards, retention, legal holds and barriers; and of Box's services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .governance.legal_holds import LegalHoldAssignment, LegalHoldPolicy
from .governance.retention import INDEFINITE, RetentionAssignment, RetentionPolicy
from .metadata.classifications import LABEL, add_classifications
from .metadata.instances import add_instance
from .planted import DAY, EPOCH
from .resources.shield_information_barrier_reports import Report
from .resources.shield_information_barrier_segment_members import SegmentMember
from .resources.shield_information_barrier_segment_restrictions import SegmentRestriction
from .resources.shield_information_barrier_segments import Segment
from .resources.shield_information_barriers import Barrier
from .resources.skill_cards import SkillCards
from .seed_services import plant_services

if TYPE_CHECKING:
    from .model import File, Folder, User
    from .planted import Planted
    from .representations import Json
    from .state import State

_AT = EPOCH + 300 * DAY
_LABELS = (("Public", "Anybody may read it.", 6), ("Confidential", "Of the enterprise alone.", 1), ("Secret", "", 2))
_GOOD, _LONG = "Contracts for good", "Twenty years"
_CARD = {
    "type": "skill_card", "skill_card_type": "keyword", "skill_card_title": {"message": "Topics"},
    "skill": {"type": "service", "id": "topics"}, "invocation": {"type": "skill_invocation", "id": "1"},
    "entries": [{"text": "money", "type": "text"}, {"text": "law", "type": "text"}],
}  # fmt: skip


def plant_governance(store: State, planted: Planted) -> None:
    """Plant it, about the files and the users of a seed; what is about files is left out where there is none."""
    for file in planted.files[:1]:
        store.add(SkillCards(file=file, cards=[_CARD]), _AT)
    _plant_retention(store, planted)
    _plant_legal_holds(store, planted)
    _plant_barriers(store, planted)
    plant_services(store, planted)


def plant_classifications(store: State, planted: Planted) -> None:
    """Label some files; keep those that are confidential for good, and those that are secret for twenty years.

    The policies for that are planted before.
    """
    field = {
        "type": "enum", "key": LABEL, "displayName": "Classification", "options": [_label(*each) for each in _LABELS],
    }  # fmt: skip
    body = {"displayName": "Classification", "fields": [field], "copyInstanceOnItemCopy": True}
    template = add_classifications(store, body)
    for (name, _, _), file in zip(_LABELS, planted.files, strict=False):
        add_instance(store, file, template, {LABEL: name})
    options = template.fields[0].options
    policies = {policy.policy_name: policy for policy in store.of(RetentionPolicy).values()}
    for option, name in ((options[1], _GOOD), (options[2], _LONG)):
        assigned = RetentionAssignment(
            retention_policy=policies[name], target=template, assigned_by=store.admin,
            filter_fields=[{"field": template.fields[0].id, "value": option.id}],
        )  # fmt: skip
        store.add(assigned, _AT + 5 * DAY)


def _label(name: str, definition: str, color: int) -> Json:
    return {
        "key": name,
        "staticConfig": {"classification": {"classificationDefinition": definition, "colorID": color}},
    }


def _plant_retention(store: State, planted: Planted) -> None:
    """Keep what lies in a folder for good."""
    policies = [
        RetentionPolicy(
            policy_name=_GOOD, policy_type=INDEFINITE, retention_length=INDEFINITE,
            disposition_action="remove_retention", created_by=store.admin, description="What was signed.",
            retention_type="non_modifiable",
        ),
        RetentionPolicy(
            policy_name=_LONG, policy_type="finite", retention_length=str(20 * 365),
            disposition_action="permanently_delete", created_by=store.admin, can_owner_extend_retention=True,
            max_extension_length="365", are_owners_notified=True, custom_notification_recipients=[store.admin],
        ),
        RetentionPolicy(
            policy_name="Retired", policy_type="finite", retention_length="30", disposition_action="remove_retention",
            created_by=store.admin, status="retired", retired_at=_AT,
        ),
    ]  # fmt: skip
    for place, policy in enumerate(policies):
        store.add(policy, _AT + place * DAY)
    for _, folder in planted.filed[:1]:
        kept = RetentionAssignment(retention_policy=policies[0], target=folder, assigned_by=store.admin)
        store.add(kept, _AT + 4 * DAY)


def _plant_legal_holds(store: State, planted: Planted) -> None:
    """Hold a folder and a file for a case; what a user owned in a year before there was anything is for another one."""
    ongoing = LegalHoldPolicy(policy_name="Case 17", created_by=store.admin, is_ongoing=True)
    over = LegalHoldPolicy(
        policy_name="Audit 2014", created_by=store.admin, description="Of one year.",
        filter_started_at=EPOCH - 365 * DAY, filter_ended_at=EPOCH - DAY,
    )  # fmt: skip
    for place, policy in enumerate((ongoing, over)):
        store.add(policy, _AT + place * DAY)
    targets: list[tuple[LegalHoldPolicy, str, File | Folder | User]] = [
        *((ongoing, target.type, target) for pair in planted.filed[:1] for target in reversed(pair)),
        *((over, "ownership", user) for user in planted.users[:1]),
    ]
    for place, (policy, kind, target) in enumerate(targets, 2):
        assigned = LegalHoldAssignment(
            legal_hold_policy=policy, kind=kind, target=target, target_id=target.id, assigned_by=store.admin
        )
        store.add(assigned, _AT + place * DAY)


def _plant_barriers(store: State, planted: Planted) -> None:
    """Keep two segments apart."""
    admin = store.admin
    enterprise = {"type": "enterprise", "id": store.enterprise["id"]}
    barrier = Barrier(
        enterprise=enterprise, created_by=admin, updated_by=admin, status="enabled", enabled_at=_AT, enabled_by=admin
    )
    store.add(barrier, _AT)
    for place in range(2):
        store.add(Report(shield_information_barrier=barrier, created_by=admin), _AT + place * DAY)
    research, trading, sales = [
        store.add(
            Segment(
                shield_information_barrier=barrier, name=name, created_by=admin, updated_by=admin,
                description=f"Everybody in {name}",
            ),
            _AT + DAY,
        )
        for name in ("Research", "Trading", "Sales")
    ]  # fmt: skip
    for segment, user in zip((research, research, trading), planted.users, strict=False):
        member = SegmentMember(shield_information_barrier_segment=segment, user=user, created_by=admin)
        store.add(member, _AT + 2 * DAY)
    for segment in (trading, sales):
        restriction = SegmentRestriction(
            shield_information_barrier_segment=research, restricted_segment=segment, created_by=admin
        )
        store.add(restriction, _AT + 2 * DAY)
