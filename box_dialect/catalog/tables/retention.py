"""Retention policies: what keeps content from being deleted, what they are assigned to, and what they keep.

Sources: https://developer.box.com/reference/resources/retention-policy/, …/retention-policy-assignment/,
…/files-under-retention/ and …/file-version-retention/
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import NOTHING, user
from box_dialect.catalog.features import needs
from box_dialect.catalog.folder_items import FILES
from box_dialect.catalog.model import (
    AccessPath,
    Column,
    Endpoint,
    FanOut,
    Having,
    Table,
    Target,
    Type,
    Write,
)

_GOVERNANCE: Final = needs("Box Governance", "manage_data_retention")
_COUNT: Final = 20
_ASSIGNMENTS: Final = 3
_FILES: Final = 500
"""How many policies there are thought to be, what each is assigned to, and the files that an assignment keeps."""
_KEPT: Final = FILES / 2
"""How many versions of files are thought to be kept by any policy: those of each second file."""

_POLICIES: Final = Endpoint(path="/retention_policies", paging=Paging.MARKER, advice=_GOVERNANCE)
_ASSIGNED: Final = FanOut(key="retention_policy_id", parents=_POLICIES, having=Having("assignment_counts.*"))
"""The policies that are assigned to anything."""

retention_policies: Final = Table(
    name="retention_policies",
    doc="Rules of Box Governance by which content is kept for some time. One is retired by "
    "`UPDATE … SET status = 'retired'`, so that nothing new is kept by it; DELETE removes it for good, which Box "
    "refuses for one that is not modifiable.",
    reference="https://developer.box.com/reference/resources/retention-policy/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `retention_policy`."),
        Column("policy_name", insert="policy_name", update="policy_name", doc="The name, unique in the enterprise."),
        Column("description", insert="description", update="description", cleared="", doc="What it is for."),
        Column(
            "policy_type",
            insert="policy_type",
            options=("finite", "indefinite"),
            doc="`finite`, which ends after its length, or `indefinite`.",
        ),
        Column(
            "retention_length",
            insert="retention_length",
            update="retention_length",
            doc="For how many days content is kept; `indefinite` of an indefinite one.",
        ),
        Column(
            "disposition_action",
            insert="disposition_action",
            update="disposition_action",
            options=("permanently_delete", "remove_retention"),
            doc="What happens to content at the end: `permanently_delete`, or `remove_retention`.",
        ),
        Column(
            "retention_type",
            insert="retention_type",
            update="retention_type",
            options=("modifiable", "non_modifiable"),
            doc="`modifiable`, or `non_modifiable`, which it stays: it may become longer then, and be retired.",
        ),
        Column(
            "status",
            update="status",
            options=("active", "retired"),
            doc="`active` or `retired`, which it stays: what it keeps is kept on, and nothing new.",
        ),
        Column(
            "can_owner_extend_retention",
            Type.BOOLEAN,
            insert="can_owner_extend_retention",
            update="can_owner_extend_retention",
            doc="Whether the owner of a file may extend its retention.",
        ),
        Column(
            "max_extension_length",
            insert="max_extension_length",
            update="max_extension_length",
            doc="By how many days, at most; `none` where it cannot be extended.",
        ),
        Column(
            "are_owners_notified",
            Type.BOOLEAN,
            insert="are_owners_notified",
            update="are_owners_notified",
            doc="Whether owners are told when a retention is about to end.",
        ),
        Column(
            "custom_notification_recipients",
            Type.JSON,
            insert="custom_notification_recipients",
            update="custom_notification_recipients",
            doc='Users who are told too: `[{"type": "user", "id": "7"}]`.',
        ),
        Column(
            "enterprise_assignment_count",
            Type.INTEGER,
            "assignment_counts.enterprise",
            doc="Whether it is assigned to the enterprise, 1 or 0.",
        ),
        Column(
            "folder_assignment_count",
            Type.INTEGER,
            "assignment_counts.folder",
            doc="To how many folders.",
        ),
        Column(
            "metadata_template_assignment_count",
            Type.INTEGER,
            "assignment_counts.metadata_template",
            doc="To how many metadata templates.",
        ),
        *user("created_by", "the user who made it"),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
    ),
    paths=(
        AccessPath(name="by id", endpoints=(Endpoint(path="/retention_policies/{id}"),), keys=("id",), unique=True),
        AccessPath(
            name="all",
            endpoints=(_POLICIES,),
            filters=(
                filters.equals("policy_name"),
                filters.equals("policy_type", accepts="finite|indefinite"),
                filters.equals("created_by_id", "created_by_user_id", accepts="[0-9]{1,20}"),
            ),
            rows=_COUNT,
        ),
    ),
    insert=Write(
        method="POST",
        path="/retention_policies",
        required=("policy_name", "policy_type", "disposition_action"),
        takes_fields=False,
    ),
    update=Write(method="PUT", path="/retention_policies/{id}", takes_fields=False),
    delete=Write(method="DELETE", path="/retention_policies/{id}"),
)

_ASSIGNMENTS_OF: Final = Endpoint(
    path="/retention_policies/{retention_policy_id}/assignments", paging=Paging.MARKER, advice=_GOVERNANCE
)
_BY_TYPE: Final = filters.equals("assigned_to_type", "type", accepts="folder|enterprise|metadata_template")
_EVERY: Final = FanOut(key="retention_policy_assignment_id", parents=_ASSIGNMENTS_OF, outer=_ASSIGNED)
"""The assignments of every policy."""

retention_policy_assignments: Final = Table(
    name="retention_policy_assignments",
    doc="What retention policies are assigned to: folders, items with a metadata template, or all content of the "
    "enterprise. Without a key, the assignments of every policy that has any.",
    reference="https://developer.box.com/reference/resources/retention-policy-assignment/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `retention_policy_assignment`."),
        Column(
            "retention_policy_id",
            source="retention_policy.id",
            references="retention_policies.id",
            insert="policy_id",
            doc="Id of the policy.",
        ),
        Column("retention_policy_name", source="retention_policy.policy_name", doc="Name of the policy."),
        Column(
            "assigned_to_type",
            source="assigned_to.type",
            insert="assign_to.type",
            doc="`folder`, `metadata_template`, or `enterprise`, which has no id.",
        ),
        Column(
            "assigned_to_id",
            source="assigned_to.id",
            insert="assign_to.id",
            target=Target(
                by="assigned_to_type",
                tables={"folder": "folders.id", "metadata_template": "metadata_templates.id", "enterprise": None},
                alone=frozenset({"enterprise"}),
            ),
            doc="Id of the folder or the template.",
        ),
        Column(
            "filter_fields",
            Type.JSON,
            insert="filter_fields",
            doc="Of a template, the field and the option that items must have, by their ids: "
            '`[{"field": "…", "value": "…"}]`, one at most.',
        ),
        Column(
            "start_date_field",
            insert="start_date_field",
            doc="When retention begins: `upload_date`, or the id of a date field of the template.",
        ),
        *user("assigned_by", "the user who assigned it"),
        Column("assigned_at", Type.TIMESTAMP, doc="When it was assigned."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/retention_policy_assignments/{id}"),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(
            name="by policy",
            endpoints=(_ASSIGNMENTS_OF,),
            keys=("retention_policy_id",),
            filters=(_BY_TYPE,),
            rows=_ASSIGNMENTS,
        ),
        AccessPath(
            name="of every policy",
            endpoints=(_ASSIGNMENTS_OF,),
            fan_out=_ASSIGNED,
            filters=(_BY_TYPE,),
            calls=1 + _COUNT,
            rows=_COUNT * _ASSIGNMENTS,
        ),
    ),
    insert=Write(
        method="POST",
        path="/retention_policy_assignments",
        required=("retention_policy_id", "assigned_to_type"),
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/retention_policy_assignments/{id}"),
)


def _kept(kind: str) -> tuple[AccessPath, ...]:
    """Return the access paths to what assignments keep."""
    endpoint = Endpoint(
        path=f"/retention_policy_assignments/{{retention_policy_assignment_id}}/{kind}",
        paging=Paging.MARKER,
        takes_fields=False,
        known=frozenset({"retention_policy_assignment_id"}),
        advice=_GOVERNANCE,
    )
    return (
        AccessPath(name="by assignment", endpoints=(endpoint,), keys=("retention_policy_assignment_id",), rows=_FILES),
        AccessPath(
            name="of every assignment",
            endpoints=(endpoint,),
            fan_out=_EVERY,
            calls=1 + _COUNT + _COUNT * _ASSIGNMENTS,
            rows=_COUNT * _ASSIGNMENTS * _FILES,
        ),
    )


_KEPT_FILE: Final = (
    Column(
        "retention_policy_assignment_id",
        derived=NOTHING,
        nullable=False,
        references="retention_policy_assignments.id",
        doc="Id of the assignment that keeps it.",
    ),
    Column("file_id", source="id", nullable=False, references="files.id", doc="Id of the file."),
    Column("type", nullable=False, doc="Always `file`."),
    Column("name", doc="Name of the file."),
    Column("sha1", doc="SHA-1 of its current content, in hexadecimal."),
    Column("etag", doc="Changes with every change of the file."),
    Column("sequence_id", doc="Number of the last event that changed it."),
)

files_under_retention: Final = Table(
    name="files_under_retention",
    doc="Files whose current version a retention policy keeps, once for each assignment that does. Without a key, "
    "those of all assignments of all policies, which takes a call for each assignment.",
    reference="https://developer.box.com/reference/resources/files-under-retention/",
    key=("retention_policy_assignment_id", "file_id"),
    columns=(
        *_KEPT_FILE,
        Column("file_version_id", source="file_version.id", nullable=False, doc="Id of the version that is kept."),
        Column("file_version_type", source="file_version.type", doc="Always `file_version`."),
        Column("file_version_sha1", source="file_version.sha1", doc="SHA-1 of that version, in hexadecimal."),
    ),
    paths=_kept("files_under_retention"),
)

file_versions_under_retention: Final = Table(
    name="file_versions_under_retention",
    doc="Past versions of files that a retention policy keeps, once for each assignment that does. Without a key, "
    "those of all assignments of all policies, which takes a call for each assignment. Box calls that outdated.",
    reference="https://developer.box.com/reference/resources/files-under-retention/",
    key=("retention_policy_assignment_id", "file_version_id"),
    columns=(
        *_KEPT_FILE,
        Column("file_version_id", source="file_version.id", nullable=False, doc="Id of the version that is kept."),
        Column("file_version_type", source="file_version.type", doc="Always `file_version`."),
        Column("file_version_sha1", source="file_version.sha1", doc="SHA-1 of that version, in hexadecimal."),
    ),
    paths=_kept("file_versions_under_retention"),
)

_RETENTIONS: Final = Endpoint(
    path="/file_version_retentions", paging=Paging.MARKER, takes_fields=False, advice=_GOVERNANCE
)
_DISPOSED: Final = (
    filters.equals("disposition_action", accepts="permanently_delete|remove_retention"),
    filters.time_between("disposition_at", "disposition_after", "disposition_before"),
)

file_version_retentions: Final = Table(
    name="file_version_retentions",
    doc="Until when each version of a file is kept, and by which policy. Box calls that outdated, and tells more by "
    "`files_under_retention`.",
    reference="https://developer.box.com/reference/resources/file-version-retention/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `file_version_retention`."),
        Column("file_id", source="file.id", references="files.id", doc="Id of the file."),
        Column("file_name", source="file.name", doc="Name of the file."),
        Column("file_version_id", source="file_version.id", doc="Id of the version."),
        Column("file_version_sha1", source="file_version.sha1", doc="SHA-1 of the version, in hexadecimal."),
        Column("applied_at", Type.TIMESTAMP, doc="Since when it is kept."),
        Column("disposition_at", Type.TIMESTAMP, doc="Until when it is kept; NULL where that is for good."),
        Column(
            "winning_retention_policy_id",
            source="winning_retention_policy.id",
            references="retention_policies.id",
            doc="Id of the policy that keeps it longest.",
        ),
        Column(
            "winning_retention_policy_name",
            source="winning_retention_policy.policy_name",
            doc="Name of the policy that keeps it longest.",
        ),
        Column(
            "disposition_action",
            source="winning_retention_policy.disposition_action",
            doc="What happens to it at the end: `permanently_delete`, or `remove_retention`.",
        ),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/file_version_retentions/{id}", takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
        *(
            AccessPath(
                name=f"by {column.removesuffix('_id').replace('_', ' ')}",
                endpoints=(replace(_RETENTIONS, parameters={parameter: f"{{{column}}}"}),),
                keys=(column,),
                filters=_DISPOSED,
                rows=rows,
            )
            for column, parameter, rows in (
                ("file_id", "file_id", 2),
                ("file_version_id", "file_version_id", 1),
                ("winning_retention_policy_id", "policy_id", _ASSIGNMENTS * _FILES),
            )
        ),
        AccessPath(
            name="all",
            endpoints=(_RETENTIONS,),
            filters=_DISPOSED,
            calls=_KEPT / 1_000,
            rows=_KEPT,
        ),
    ),
)
