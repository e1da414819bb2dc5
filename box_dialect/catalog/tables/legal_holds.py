"""Legal holds: policies, what they are assigned to, and what they hold.

Sources: https://developer.box.com/reference/resources/legal-hold-policy/, …/legal-hold-policy-assignment/,
…/files-on-hold/, …/file-versions-on-hold/ and …/file-version-legal-hold/
"""

from __future__ import annotations

from typing import Any, Final

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import NOTHING, user
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import (
    AccessPath,
    Column,
    Derived,
    Endpoint,
    FanOut,
    Having,
    JsonObject,
    Location,
    Table,
    Target,
    Type,
    Write,
    dig,
)

_GOVERNANCE: Final = needs("Box Governance", "manage_legal_hold")
_COUNT: Final = 20
_ASSIGNMENTS: Final = 10
_FILES: Final = 100
"""How many policies there are thought to be, what each is assigned to, and the files that an assignment holds."""

_POLICIES: Final = Endpoint(path="/legal_hold_policies", paging=Paging.MARKER, advice=_GOVERNANCE)
_ASSIGNED: Final = FanOut(key="legal_hold_policy_id", parents=_POLICIES, having=Having("assignment_counts.*"))
"""The policies that are assigned to anything."""

_OF_CUSTODIANS: Final = ("user", "ownership", "interactions")
_KINDS: Final = ("file", "file_version", "folder", *_OF_CUSTODIANS)
"""What policies are assigned to, and which of that is content of a user."""


def _custodian(entry: JsonObject, _: Location | None) -> Any:
    return dig(entry, "assigned_to", "id") if dig(entry, "assigned_to", "type") in _OF_CUSTODIANS else None


legal_hold_policies: Final = Table(
    name="legal_hold_policies",
    doc="Holds of Box Governance, by which content stays as evidence. DELETE releases one, which takes Box a while: "
    "meanwhile its `status` is `releasing`, and it is there still.",
    reference="https://developer.box.com/reference/resources/legal-hold-policy/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `legal_hold_policy`."),
        Column("policy_name", insert="policy_name", update="policy_name", doc="The name, unique in the enterprise."),
        Column("description", insert="description", update="description", cleared="", doc="What it is for."),
        Column("status", doc="`active`, `applying`, `releasing` or `released`."),
        Column(
            "is_ongoing",
            Type.BOOLEAN,
            hidden=True,
            derived=NOTHING,
            insert="is_ongoing",
            doc="Whether a new one holds what comes later, too; an input. One that is not has both times.",
        ),
        Column(
            "filter_started_at",
            Type.TIMESTAMP,
            insert="filter_started_at",
            doc="Of custodians, content from then on.",
        ),
        Column(
            "filter_ended_at",
            Type.TIMESTAMP,
            insert="filter_ended_at",
            doc="Of custodians, content until then.",
        ),
        *(
            Column(
                f"{kind}_assignment_count",
                Type.INTEGER,
                f"assignment_counts.{kind}",
                doc=f"How many assignments of the type `{kind}` it has.",
            )
            for kind in _KINDS
        ),
        Column("release_notes", update="release_notes", cleared="", doc="Why it is released."),
        *user("created_by", "the user who made it"),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
        Column("deleted_at", Type.TIMESTAMP, doc="When its release was asked for."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/legal_hold_policies/{id}", takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(
            name="all",
            endpoints=(_POLICIES,),
            filters=(filters.starts_with("policy_name", "policy_name"),),
            rows=_COUNT,
        ),
    ),
    insert=Write(
        method="POST",
        path="/legal_hold_policies",
        required=("policy_name",),
        together=(("filter_started_at", "filter_ended_at"),),
        takes_fields=False,
    ),
    update=Write(method="PUT", path="/legal_hold_policies/{id}", takes_fields=False),
    delete=Write(method="DELETE", path="/legal_hold_policies/{id}"),
)

_ASSIGNMENTS_OF: Final = Endpoint(
    path="/legal_hold_policy_assignments",
    paging=Paging.MARKER,
    parameters={"policy_id": "{legal_hold_policy_id}"},
    known=frozenset({"legal_hold_policy_id"}),
    advice=_GOVERNANCE,
)
_NARROWED: Final = (
    filters.equals("assigned_to_type", "assign_to_type", accepts="|".join(_KINDS)),
    filters.equals("assigned_to_id", "assign_to_id", accepts="[0-9]{1,20}"),
)
_EVERY: Final = FanOut(key="legal_hold_policy_assignment_id", parents=_ASSIGNMENTS_OF, outer=_ASSIGNED)
"""The assignments of every policy."""

legal_hold_policy_assignments: Final = Table(
    name="legal_hold_policy_assignments",
    doc="What legal hold policies are assigned to. Without a key, the assignments of every policy that has any. DELETE "
    "releases what one holds, which takes Box a while: meanwhile it has a `deleted_at`, and is there still.",
    reference="https://developer.box.com/reference/resources/legal-hold-policy-assignment/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `legal_hold_policy_assignment`."),
        Column(
            "legal_hold_policy_id",
            source="legal_hold_policy.id",
            references="legal_hold_policies.id",
            insert="policy_id",
            doc="Id of the policy.",
        ),
        Column(
            "assigned_to_type",
            source="assigned_to.type",
            insert="assign_to.type",
            doc="`file`, `file_version`, `folder`; of a custodian, `user` for all that is theirs, `ownership` for what "
            "they own, `interactions` for what they worked on.",
        ),
        Column(
            "assigned_to_id",
            source="assigned_to.id",
            insert="assign_to.id",
            target=Target(
                by="assigned_to_type",
                tables={
                    "file": "files.id",
                    "folder": "folders.id",
                    **dict.fromkeys(("file_version", *_OF_CUSTODIANS)),
                },
            ),
            doc="Id of that file, version, folder or user.",
        ),
        Column(
            "custodian_id",
            derived=Derived(function=_custodian, fields=("assigned_to",)),
            references="users.id",
            doc="Id of the user, where that is a custodian.",
        ),
        *user("assigned_by", "the user who assigned it"),
        Column("assigned_at", Type.TIMESTAMP, doc="When it was assigned."),
        Column("deleted_at", Type.TIMESTAMP, doc="When its release was asked for."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/legal_hold_policy_assignments/{id}", takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(
            name="by policy",
            endpoints=(_ASSIGNMENTS_OF,),
            keys=("legal_hold_policy_id",),
            filters=_NARROWED,
            rows=_ASSIGNMENTS,
        ),
        AccessPath(
            name="of every policy",
            endpoints=(_ASSIGNMENTS_OF,),
            fan_out=_ASSIGNED,
            filters=_NARROWED,
            calls=1 + _COUNT,
            rows=_COUNT * _ASSIGNMENTS,
        ),
    ),
    insert=Write(
        method="POST",
        path="/legal_hold_policy_assignments",
        required=("legal_hold_policy_id", "assigned_to_type", "assigned_to_id"),
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/legal_hold_policy_assignments/{id}"),
)

_ASSIGNMENT: Final = Column(
    "legal_hold_policy_assignment_id",
    derived=NOTHING,
    nullable=False,
    references="legal_hold_policy_assignments.id",
    doc="Id of the assignment that holds it.",
)


def _held(kind: str) -> tuple[AccessPath, ...]:
    """Return the access paths to what assignments hold."""
    endpoint = Endpoint(
        path=f"/legal_hold_policy_assignments/{{legal_hold_policy_assignment_id}}/{kind}",
        paging=Paging.MARKER,
        known=frozenset({"legal_hold_policy_assignment_id"}),
        advice=_GOVERNANCE,
    )
    return (
        AccessPath(name="by assignment", endpoints=(endpoint,), keys=("legal_hold_policy_assignment_id",), rows=_FILES),
        AccessPath(
            name="of every assignment",
            endpoints=(endpoint,),
            fan_out=_EVERY,
            calls=1 + _COUNT + _COUNT * _ASSIGNMENTS,
            rows=_COUNT * _ASSIGNMENTS * _FILES,
        ),
    )


files_on_hold: Final = Table(
    name="files_on_hold",
    doc="Files whose current version is on hold, once for each assignment that holds it. Without a key, those of all "
    "assignments of all policies, which takes a call for each assignment. Holds of an older kind are in "
    "`file_version_legal_holds`.",
    reference="https://developer.box.com/reference/resources/files-on-hold/",
    key=("legal_hold_policy_assignment_id", "file_id"),
    columns=(
        _ASSIGNMENT,
        Column("file_id", source="id", nullable=False, references="files.id", doc="Id of the file."),
        Column("type", nullable=False, doc="Always `file`."),
        Column("name", doc="Name of the file."),
        Column("sha1", doc="SHA-1 of its content, in hexadecimal."),
        Column("etag", doc="Changes with every change of the file."),
        Column("sequence_id", doc="Number of the last event that changed it."),
        Column("file_version_id", source="file_version.id", doc="Id of its current version."),
        Column("file_version_type", source="file_version.type", doc="Always `file_version`."),
        Column("file_version_sha1", source="file_version.sha1", doc="SHA-1 of that version, in hexadecimal."),
    ),
    paths=_held("files_on_hold"),
)

file_versions_on_hold: Final = Table(
    name="file_versions_on_hold",
    doc="Past versions of files that are on hold, once for each assignment that holds one. Without a key, those of all "
    "assignments of all policies, which takes a call for each assignment. Box calls that outdated, and tells not of "
    "which file a version is: `file_version_legal_holds` does.",
    reference="https://developer.box.com/reference/resources/file-versions-on-hold/",
    key=("legal_hold_policy_assignment_id", "id"),
    columns=(
        _ASSIGNMENT,
        Column("id", nullable=False, doc="Box's id of the version."),
        Column("type", nullable=False, doc="Always `file_version`."),
        Column("name", doc="Name of the file."),
        Column("sha1", doc="SHA-1 of the content, in hexadecimal."),
        Column("size", Type.INTEGER, doc="Size in bytes."),
        Column("created_at", Type.TIMESTAMP, doc="When it was uploaded."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
        *user("modified_by", "the user who uploaded it"),
        Column("trashed_at", Type.TIMESTAMP, doc="When it was moved to the trash."),
        *user("trashed_by", "the user who moved it there"),
        Column("restored_at", Type.TIMESTAMP, doc="When it was restored."),
        *user("restored_by", "the user who restored it"),
        Column("purged_at", Type.TIMESTAMP, doc="When it is removed from the trash."),
        Column("uploader_display_name", doc="Name of who uploaded it, also without an account."),
    ),
    paths=_held("file_versions_on_hold"),
)

_HOLDS: Final = Endpoint(
    path="/file_version_legal_holds",
    paging=Paging.MARKER,
    parameters={"policy_id": "{legal_hold_policy_id}"},
    takes_fields=False,
    known=frozenset({"legal_hold_policy_id"}),
    advice=_GOVERNANCE,
)

file_version_legal_holds: Final = Table(
    name="file_version_legal_holds",
    doc="The versions of files that are on hold, each once, with all that holds it. Without a key, those of every "
    "policy that is assigned to anything.",
    reference="https://developer.box.com/reference/resources/file-version-legal-hold/",
    distinct=True,
    columns=(
        Column(
            "legal_hold_policy_id",
            hidden=True,
            derived=NOTHING,
            doc="Id of a policy, whose holds are listed.",
        ),
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `file_version_legal_hold`."),
        Column("file_id", source="file.id", references="files.id", doc="Id of the file."),
        Column("file_name", source="file.name", doc="Name of the file."),
        Column("file_version_id", source="file_version.id", doc="Id of the version."),
        Column("file_version_sha1", source="file_version.sha1", doc="SHA-1 of the version, in hexadecimal."),
        Column("legal_hold_policy_assignments", Type.JSON, doc="The assignments that hold it, a list of objects."),
        Column("deleted_at", Type.TIMESTAMP, doc="When its release was asked for."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/file_version_legal_holds/{id}", takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(name="by policy", endpoints=(_HOLDS,), keys=("legal_hold_policy_id",), rows=_ASSIGNMENTS * _FILES),
        AccessPath(
            name="of every policy",
            endpoints=(_HOLDS,),
            fan_out=_ASSIGNED,
            calls=1 + _COUNT,
            rows=_COUNT * _ASSIGNMENTS * _FILES,
        ),
    ),
)
