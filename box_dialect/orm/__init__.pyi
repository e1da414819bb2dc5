# Written by docs/generate.py out of the catalog; edit the declarations there, not this file.

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped

from box_dialect.catalog.model import Relation

AUTOMAP: Final[Mapping[str, Callable[..., Any]]]

def relate(base: type[Any]) -> None: ...
def tables(metadata: sa.MetaData, *added: Relation) -> dict[str, sa.Table]: ...

class Base(DeclarativeBase): ...
class BoxObject: ...

class BoxColumns:
    box_table: Relation

def columns_of(table: Relation) -> type[BoxColumns]: ...
def map_tables(tables: Iterable[Relation], base: type[Any] = ...) -> dict[str, Any]: ...
def templates(bind: sa.engine.Engine | sa.engine.Connection, base: type[Any] | None = ...) -> dict[str, Any]: ...

class FileColumns(BoxColumns):
    as_user: Mapped[str | None]
    search: Mapped[str | None]
    freshness: Mapped[str | None]
    content: Mapped[bytes | None]
    text: Mapped[str | None]
    shared_link_password: Mapped[str | None]
    permissions_can_download: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str | None]
    parent_path: Mapped[str | None]
    path_ids: Mapped[Any]
    depth: Mapped[int | None]
    description: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    modified_by_id: Mapped[str | None]
    modified_by_name: Mapped[str | None]
    modified_by_login: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    owned_by_name: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    shared_link_url: Mapped[str | None]
    shared_link_download_url: Mapped[str | None]
    shared_link_vanity_url: Mapped[str | None]
    shared_link_vanity_name: Mapped[str | None]
    shared_link_access: Mapped[str | None]
    shared_link_effective_access: Mapped[str | None]
    shared_link_effective_permission: Mapped[str | None]
    shared_link_unshared_at: Mapped[dt.datetime | None]
    shared_link_is_password_enabled: Mapped[bool | None]
    shared_link_permissions: Mapped[Any]
    shared_link_download_count: Mapped[int | None]
    shared_link_preview_count: Mapped[int | None]
    etag: Mapped[str | None]
    sequence_id: Mapped[str | None]
    item_status: Mapped[str | None]
    trashed_at: Mapped[dt.datetime | None]
    purged_at: Mapped[dt.datetime | None]
    size: Mapped[int | None]
    extension: Mapped[str | None]
    sha1: Mapped[str | None]
    file_version_id: Mapped[str | None]
    version_number: Mapped[str | None]
    content_created_at: Mapped[dt.datetime | None]
    content_modified_at: Mapped[dt.datetime | None]
    comment_count: Mapped[int | None]
    tags: Mapped[Any]
    collections: Mapped[Any]
    lock_id: Mapped[str | None]
    lock_type: Mapped[str | None]
    lock_created_at: Mapped[dt.datetime | None]
    lock_created_by_id: Mapped[str | None]
    lock_created_by_name: Mapped[str | None]
    lock_created_by_login: Mapped[str | None]
    lock_expired_at: Mapped[dt.datetime | None]
    lock_is_download_prevented: Mapped[bool | None]
    lock_app_type: Mapped[str | None]
    permissions: Mapped[Any]
    is_package: Mapped[bool | None]
    is_accessible_via_shared_link: Mapped[bool | None]
    is_externally_owned: Mapped[bool | None]
    is_associated_with_app_item: Mapped[bool | None]
    is_watermarked: Mapped[bool | None]
    is_watermark_inherited: Mapped[bool | None]
    is_watermarked_by_access_policy: Mapped[bool | None]
    has_collaborations: Mapped[bool | None]
    allowed_invitee_roles: Mapped[Any]
    shared_link_permission_options: Mapped[Any]
    classification_name: Mapped[str | None]
    classification_definition: Mapped[str | None]
    classification_color: Mapped[str | None]
    uploader_display_name: Mapped[str | None]
    expires_at: Mapped[dt.datetime | None]
    disposition_at: Mapped[dt.datetime | None]

class File(FileColumns, Base):
    parent: Mapped[Folder | None]
    created_by: Mapped[User | None]
    modified_by: Mapped[User | None]
    owned_by: Mapped[User | None]
    lock_created_by: Mapped[User | None]
    collaborations: Mapped[list[Collaboration]]
    comments: Mapped[list[Comment]]
    item_classifications: Mapped[list[ItemClassification]]
    collection_items: Mapped[list[CollectionItem]]
    recent_items: Mapped[list[RecentItem]]
    docgen_templates: Mapped[list[DocgenTemplate]]
    docgen_jobs: Mapped[list[DocgenJob]]
    generating_docgen_jobs: Mapped[list[DocgenJob]]
    docgen_batch_jobs: Mapped[list[DocgenBatchJob]]
    generating_docgen_batch_jobs: Mapped[list[DocgenBatchJob]]
    file_versions: Mapped[list[FileVersion]]
    hub_items: Mapped[list[HubItem]]
    watermarks: Mapped[list[Watermark]]
    app_item_associations: Mapped[list[AppItemAssociation]]
    legal_hold_policy_assignments: Mapped[list[LegalHoldPolicyAssignment]]
    files_on_hold: Mapped[list[FilesOnHold]]
    file_version_legal_holds: Mapped[list[FileVersionLegalHold]]
    metadata_instances: Mapped[list[MetadataInstance]]
    files_under_retention: Mapped[list[FilesUnderRetention]]
    file_versions_under_retention: Mapped[list[FileVersionsUnderRetention]]
    file_version_retentions: Mapped[list[FileVersionRetention]]
    logged_sign_requests: Mapped[list[SignRequest]]
    skill_cards: Mapped[list[SkillCard]]
    tasks: Mapped[list[Task]]
    task_assignments: Mapped[list[TaskAssignment]]
    webhooks: Mapped[list[Webhook]]
    access: Mapped[list[EffectiveAccess]]
    external_access: Mapped[list[ExternalAccess]]
    open_shared_links: Mapped[list[OpenSharedLink]]
    stale: Mapped[list[StaleFile]]
    duplicates: Mapped[list[DuplicateFile]]
    inactive_owners: Mapped[list[InactiveUsersContent]]
    def __init__(
        self,
        *,
        content: bytes | None = ...,
        shared_link_password: str | None = ...,
        permissions_can_download: str | None = ...,
        name: str = ...,
        parent_id: str | None = ...,
        parent: Folder | None = ...,
        path: str | None = ...,
        description: str | None = ...,
        shared_link_vanity_name: str | None = ...,
        shared_link_access: str | None = ...,
        shared_link_unshared_at: dt.datetime | None = ...,
        shared_link_permissions: Any = ...,
        file_version_id: str | None = ...,
        content_created_at: dt.datetime | None = ...,
        content_modified_at: dt.datetime | None = ...,
        tags: Any = ...,
        collections: Any = ...,
        lock_type: str | None = ...,
        lock_expired_at: dt.datetime | None = ...,
        lock_is_download_prevented: bool | None = ...,
        disposition_at: dt.datetime | None = ...,
    ) -> None: ...

class FolderColumns(BoxColumns):
    as_user: Mapped[str | None]
    search: Mapped[str | None]
    freshness: Mapped[str | None]
    shared_link_password: Mapped[str | None]
    recursive: Mapped[bool | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str | None]
    parent_path: Mapped[str | None]
    path_ids: Mapped[Any]
    depth: Mapped[int | None]
    description: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    modified_by_id: Mapped[str | None]
    modified_by_name: Mapped[str | None]
    modified_by_login: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    owned_by_name: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    shared_link_url: Mapped[str | None]
    shared_link_download_url: Mapped[str | None]
    shared_link_vanity_url: Mapped[str | None]
    shared_link_vanity_name: Mapped[str | None]
    shared_link_access: Mapped[str | None]
    shared_link_effective_access: Mapped[str | None]
    shared_link_effective_permission: Mapped[str | None]
    shared_link_unshared_at: Mapped[dt.datetime | None]
    shared_link_is_password_enabled: Mapped[bool | None]
    shared_link_permissions: Mapped[Any]
    shared_link_download_count: Mapped[int | None]
    shared_link_preview_count: Mapped[int | None]
    etag: Mapped[str | None]
    sequence_id: Mapped[str | None]
    item_status: Mapped[str | None]
    trashed_at: Mapped[dt.datetime | None]
    purged_at: Mapped[dt.datetime | None]
    size: Mapped[int | None]
    extension: Mapped[str | None]
    content_created_at: Mapped[dt.datetime | None]
    content_modified_at: Mapped[dt.datetime | None]
    tags: Mapped[Any]
    collections: Mapped[Any]
    folder_upload_email: Mapped[str | None]
    folder_upload_email_access: Mapped[str | None]
    sync_state: Mapped[str | None]
    permissions: Mapped[Any]
    has_collaborations: Mapped[bool | None]
    can_non_owners_invite: Mapped[bool | None]
    can_non_owners_view_collaborators: Mapped[bool | None]
    is_externally_owned: Mapped[bool | None]
    is_collaboration_restricted_to_enterprise: Mapped[bool | None]
    is_accessible_via_shared_link: Mapped[bool | None]
    is_associated_with_app_item: Mapped[bool | None]
    is_watermarked: Mapped[bool | None]
    is_watermark_inherited: Mapped[bool | None]
    is_watermarked_by_access_policy: Mapped[bool | None]
    allowed_shared_link_access_levels: Mapped[Any]
    allowed_invitee_roles: Mapped[Any]
    classification_name: Mapped[str | None]
    classification_definition: Mapped[str | None]
    classification_color: Mapped[str | None]

class Folder(FolderColumns, Base):
    parent: Mapped[Folder | None]
    created_by: Mapped[User | None]
    modified_by: Mapped[User | None]
    owned_by: Mapped[User | None]
    files: Mapped[list[File]]
    folders: Mapped[list[Folder]]
    items: Mapped[list[Item]]
    web_links: Mapped[list[WebLink]]
    collaborations: Mapped[list[Collaboration]]
    item_classifications: Mapped[list[ItemClassification]]
    collection_items: Mapped[list[CollectionItem]]
    collected_items: Mapped[list[CollectionItem]]
    recent_items: Mapped[list[RecentItem]]
    hub_items: Mapped[list[HubItem]]
    integration_mappings_slack: Mapped[list[IntegrationMappingsSlack]]
    integration_mappings_teams: Mapped[list[IntegrationMappingsTeam]]
    folder_locks: Mapped[list[FolderLock]]
    watermarks: Mapped[list[Watermark]]
    app_item_associations: Mapped[list[AppItemAssociation]]
    legal_hold_policy_assignments: Mapped[list[LegalHoldPolicyAssignment]]
    metadata_instances: Mapped[list[MetadataInstance]]
    metadata_cascade_policies: Mapped[list[MetadataCascadePolicy]]
    retention_policy_assignments: Mapped[list[RetentionPolicyAssignment]]
    shared_items: Mapped[list[SharedItem]]
    shield_information_barrier_reports: Mapped[list[ShieldInformationBarrierReport]]
    sign_requests: Mapped[list[SignRequest]]
    sign_templates: Mapped[list[SignTemplate]]
    trashed_items: Mapped[list[TrashedItem]]
    webhooks: Mapped[list[Webhook]]
    workflows: Mapped[list[Workflow]]
    automate_workflows: Mapped[list[AutomateWorkflow]]
    access: Mapped[list[EffectiveAccess]]
    inherited_access: Mapped[list[EffectiveAccess]]
    external_access: Mapped[list[ExternalAccess]]
    inherited_external_access: Mapped[list[ExternalAccess]]
    open_shared_links: Mapped[list[OpenSharedLink]]
    sizes: Mapped[list[FolderSize]]
    inactive_owners: Mapped[list[InactiveUsersContent]]
    def __init__(
        self,
        *,
        shared_link_password: str | None = ...,
        name: str = ...,
        parent_id: str | None = ...,
        parent: Folder | None = ...,
        path: str | None = ...,
        description: str | None = ...,
        shared_link_vanity_name: str | None = ...,
        shared_link_access: str | None = ...,
        shared_link_unshared_at: dt.datetime | None = ...,
        shared_link_permissions: Any = ...,
        tags: Any = ...,
        collections: Any = ...,
        folder_upload_email_access: str | None = ...,
        sync_state: str | None = ...,
        can_non_owners_invite: bool | None = ...,
        can_non_owners_view_collaborators: bool | None = ...,
        is_collaboration_restricted_to_enterprise: bool | None = ...,
    ) -> None: ...

class ItemColumns(BoxColumns):
    as_user: Mapped[str | None]
    search: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str | None]
    parent_path: Mapped[str | None]
    path_ids: Mapped[Any]
    depth: Mapped[int | None]
    description: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    modified_by_id: Mapped[str | None]
    modified_by_name: Mapped[str | None]
    modified_by_login: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    owned_by_name: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    shared_link_url: Mapped[str | None]
    shared_link_download_url: Mapped[str | None]
    shared_link_vanity_url: Mapped[str | None]
    shared_link_vanity_name: Mapped[str | None]
    shared_link_access: Mapped[str | None]
    shared_link_effective_access: Mapped[str | None]
    shared_link_effective_permission: Mapped[str | None]
    shared_link_unshared_at: Mapped[dt.datetime | None]
    shared_link_is_password_enabled: Mapped[bool | None]
    shared_link_permissions: Mapped[Any]
    shared_link_download_count: Mapped[int | None]
    shared_link_preview_count: Mapped[int | None]
    etag: Mapped[str | None]
    sequence_id: Mapped[str | None]
    item_status: Mapped[str | None]
    trashed_at: Mapped[dt.datetime | None]
    purged_at: Mapped[dt.datetime | None]
    size: Mapped[int | None]
    sha1: Mapped[str | None]
    content_created_at: Mapped[dt.datetime | None]
    content_modified_at: Mapped[dt.datetime | None]
    url: Mapped[str | None]

class Item(ItemColumns, Base):
    parent: Mapped[Folder | None]
    created_by: Mapped[User | None]
    modified_by: Mapped[User | None]
    owned_by: Mapped[User | None]

class WebLinkColumns(BoxColumns):
    as_user: Mapped[str | None]
    search: Mapped[str | None]
    shared_link_password: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str | None]
    parent_path: Mapped[str | None]
    path_ids: Mapped[Any]
    depth: Mapped[int | None]
    description: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    modified_by_id: Mapped[str | None]
    modified_by_name: Mapped[str | None]
    modified_by_login: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    owned_by_name: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    shared_link_url: Mapped[str | None]
    shared_link_download_url: Mapped[str | None]
    shared_link_vanity_url: Mapped[str | None]
    shared_link_vanity_name: Mapped[str | None]
    shared_link_access: Mapped[str | None]
    shared_link_effective_access: Mapped[str | None]
    shared_link_effective_permission: Mapped[str | None]
    shared_link_unshared_at: Mapped[dt.datetime | None]
    shared_link_is_password_enabled: Mapped[bool | None]
    shared_link_permissions: Mapped[Any]
    shared_link_download_count: Mapped[int | None]
    shared_link_preview_count: Mapped[int | None]
    etag: Mapped[str | None]
    sequence_id: Mapped[str | None]
    item_status: Mapped[str | None]
    trashed_at: Mapped[dt.datetime | None]
    purged_at: Mapped[dt.datetime | None]
    url: Mapped[str | None]

class WebLink(WebLinkColumns, Base):
    parent: Mapped[Folder | None]
    created_by: Mapped[User | None]
    modified_by: Mapped[User | None]
    owned_by: Mapped[User | None]
    collection_items: Mapped[list[CollectionItem]]
    recent_items: Mapped[list[RecentItem]]
    hub_items: Mapped[list[HubItem]]
    access: Mapped[list[EffectiveAccess]]
    external_access: Mapped[list[ExternalAccess]]
    open_shared_links: Mapped[list[OpenSharedLink]]
    inactive_owners: Mapped[list[InactiveUsersContent]]
    def __init__(
        self,
        *,
        shared_link_password: str | None = ...,
        name: str = ...,
        parent_id: str | None = ...,
        parent: Folder | None = ...,
        path: str | None = ...,
        description: str | None = ...,
        shared_link_vanity_name: str | None = ...,
        shared_link_access: str | None = ...,
        shared_link_unshared_at: dt.datetime | None = ...,
        url: str | None = ...,
    ) -> None: ...

class UserColumns(BoxColumns):
    force: Mapped[bool | None]
    notify: Mapped[bool | None]
    is_password_reset_required: Mapped[bool | None]
    avatar: Mapped[bytes | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    login: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    status: Mapped[str | None]
    role: Mapped[str | None]
    language: Mapped[str | None]
    timezone: Mapped[str | None]
    space_amount: Mapped[int | None]
    space_used: Mapped[int | None]
    max_upload_size: Mapped[int | None]
    job_title: Mapped[str | None]
    phone: Mapped[str | None]
    address: Mapped[str | None]
    avatar_url: Mapped[str | None]
    notification_email: Mapped[str | None]
    notification_email_is_confirmed: Mapped[bool | None]
    enterprise_id: Mapped[str | None]
    enterprise_name: Mapped[str | None]
    tracking_codes: Mapped[Any]
    my_tags: Mapped[Any]
    hostname: Mapped[str | None]
    can_see_managed_users: Mapped[bool | None]
    is_sync_enabled: Mapped[bool | None]
    is_external_collab_restricted: Mapped[bool | None]
    is_exempt_from_device_limits: Mapped[bool | None]
    is_exempt_from_login_verification: Mapped[bool | None]
    is_platform_access_only: Mapped[bool | None]
    external_app_user_id: Mapped[str | None]

class User(UserColumns, Base):
    created_files: Mapped[list[File]]
    modified_files: Mapped[list[File]]
    owned_files: Mapped[list[File]]
    locked_files: Mapped[list[File]]
    created_folders: Mapped[list[Folder]]
    modified_folders: Mapped[list[Folder]]
    owned_folders: Mapped[list[Folder]]
    created_items: Mapped[list[Item]]
    modified_items: Mapped[list[Item]]
    owned_items: Mapped[list[Item]]
    created_web_links: Mapped[list[WebLink]]
    modified_web_links: Mapped[list[WebLink]]
    owned_web_links: Mapped[list[WebLink]]
    memberships: Mapped[list[Membership]]
    collaborations: Mapped[list[Collaboration]]
    created_collaborations: Mapped[list[Collaboration]]
    created_comments: Mapped[list[Comment]]
    created_events: Mapped[list[Event]]
    action_events: Mapped[list[Event]]
    created_ai_agents: Mapped[list[AiAgent]]
    modified_ai_agents: Mapped[list[AiAgent]]
    owned_archives: Mapped[list[Archive]]
    collaboration_allowlist_exempt_targets: Mapped[list[CollaborationAllowlistExemptTarget]]
    created_collection_items: Mapped[list[CollectionItem]]
    modified_collection_items: Mapped[list[CollectionItem]]
    owned_collection_items: Mapped[list[CollectionItem]]
    owned_device_pinners: Mapped[list[DevicePinner]]
    created_docgen_jobs: Mapped[list[DocgenJob]]
    email_aliases: Mapped[list[EmailAlias]]
    modified_file_versions: Mapped[list[FileVersion]]
    trashed_file_versions: Mapped[list[FileVersion]]
    restored_file_versions: Mapped[list[FileVersion]]
    created_hubs: Mapped[list[Hub]]
    updated_hubs: Mapped[list[Hub]]
    created_enterprise_hubs: Mapped[list[EnterpriseHub]]
    updated_enterprise_hubs: Mapped[list[EnterpriseHub]]
    accessible_hub_collaborations: Mapped[list[HubCollaboration]]
    created_integration_mappings_slack: Mapped[list[IntegrationMappingsSlack]]
    modified_integration_mappings_slack: Mapped[list[IntegrationMappingsSlack]]
    created_folder_locks: Mapped[list[FolderLock]]
    created_legal_hold_policies: Mapped[list[LegalHoldPolicy]]
    legal_hold_policy_assignments: Mapped[list[LegalHoldPolicyAssignment]]
    assigned_legal_hold_policy_assignments: Mapped[list[LegalHoldPolicyAssignment]]
    modified_file_versions_on_hold: Mapped[list[FileVersionsOnHold]]
    trashed_file_versions_on_hold: Mapped[list[FileVersionsOnHold]]
    restored_file_versions_on_hold: Mapped[list[FileVersionsOnHold]]
    created_retention_policies: Mapped[list[RetentionPolicy]]
    assigned_retention_policy_assignments: Mapped[list[RetentionPolicyAssignment]]
    created_shared_items: Mapped[list[SharedItem]]
    modified_shared_items: Mapped[list[SharedItem]]
    owned_shared_items: Mapped[list[SharedItem]]
    created_shield_information_barriers: Mapped[list[ShieldInformationBarrier]]
    updated_shield_information_barriers: Mapped[list[ShieldInformationBarrier]]
    enabled_shield_information_barriers: Mapped[list[ShieldInformationBarrier]]
    created_shield_information_barrier_segments: Mapped[list[ShieldInformationBarrierSegment]]
    updated_shield_information_barrier_segments: Mapped[list[ShieldInformationBarrierSegment]]
    shield_information_barrier_segment_members: Mapped[list[ShieldInformationBarrierSegmentMember]]
    created_shield_information_barrier_segment_members: Mapped[list[ShieldInformationBarrierSegmentMember]]
    updated_shield_information_barrier_segment_members: Mapped[list[ShieldInformationBarrierSegmentMember]]
    created_shield_information_barrier_segment_restrictions: Mapped[list[ShieldInformationBarrierSegmentRestriction]]
    updated_shield_information_barrier_segment_restrictions: Mapped[list[ShieldInformationBarrierSegmentRestriction]]
    created_shield_information_barrier_reports: Mapped[list[ShieldInformationBarrierReport]]
    sign_requests: Mapped[list[SignRequest]]
    storage_policy_assignments: Mapped[list[StoragePolicyAssignment]]
    created_tasks: Mapped[list[Task]]
    task_assignments: Mapped[list[TaskAssignment]]
    assigned_task_assignments: Mapped[list[TaskAssignment]]
    terms_of_service_user_statuses: Mapped[list[TermsOfServiceUserStatus]]
    created_trashed_items: Mapped[list[TrashedItem]]
    modified_trashed_items: Mapped[list[TrashedItem]]
    owned_trashed_items: Mapped[list[TrashedItem]]
    created_webhooks: Mapped[list[Webhook]]
    created_automate_workflows: Mapped[list[AutomateWorkflow]]
    updated_automate_workflows: Mapped[list[AutomateWorkflow]]
    access_to_owned: Mapped[list[EffectiveAccess]]
    access: Mapped[list[EffectiveAccess]]
    external_access_to_owned: Mapped[list[ExternalAccess]]
    external_access: Mapped[list[ExternalAccess]]
    open_shared_links: Mapped[list[OpenSharedLink]]
    stale_files: Mapped[list[StaleFile]]
    duplicate_files: Mapped[list[DuplicateFile]]
    folder_sizes: Mapped[list[FolderSize]]
    left_content: Mapped[list[InactiveUsersContent]]
    def __init__(
        self,
        *,
        notify: bool | None = ...,
        is_password_reset_required: bool | None = ...,
        avatar: bytes | None = ...,
        name: str = ...,
        login: str | None = ...,
        status: str | None = ...,
        role: str | None = ...,
        language: str | None = ...,
        timezone: str | None = ...,
        space_amount: int | None = ...,
        job_title: str | None = ...,
        phone: str | None = ...,
        address: str | None = ...,
        notification_email: str | None = ...,
        enterprise_id: str | None = ...,
        tracking_codes: Any = ...,
        can_see_managed_users: bool | None = ...,
        is_sync_enabled: bool | None = ...,
        is_external_collab_restricted: bool | None = ...,
        is_exempt_from_device_limits: bool | None = ...,
        is_exempt_from_login_verification: bool | None = ...,
        is_platform_access_only: bool | None = ...,
        external_app_user_id: str | None = ...,
    ) -> None: ...

class GroupColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    group_type: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    description: Mapped[str | None]
    provenance: Mapped[str | None]
    external_sync_identifier: Mapped[str | None]
    invitability_level: Mapped[str | None]
    member_viewability_level: Mapped[str | None]
    can_invite_as_collaborator: Mapped[bool | None]

class Group(GroupColumns, Base):
    memberships: Mapped[list[Membership]]
    collaborations: Mapped[list[Collaboration]]
    accessible_hub_collaborations: Mapped[list[HubCollaboration]]
    access: Mapped[list[EffectiveAccess]]
    external_access: Mapped[list[ExternalAccess]]
    def __init__(
        self,
        *,
        name: str = ...,
        description: str | None = ...,
        provenance: str | None = ...,
        external_sync_identifier: str | None = ...,
        invitability_level: str | None = ...,
        member_viewability_level: str | None = ...,
    ) -> None: ...

class MembershipColumns(BoxColumns):
    configurable_permissions: Mapped[Any]
    id: Mapped[str]
    type: Mapped[str]
    user_id: Mapped[str | None]
    user_name: Mapped[str | None]
    user_login: Mapped[str | None]
    group_id: Mapped[str | None]
    group_name: Mapped[str | None]
    role: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]

class Membership(MembershipColumns, Base):
    user: Mapped[User | None]
    group: Mapped[Group | None]
    def __init__(
        self,
        *,
        configurable_permissions: Any = ...,
        user_id: str | None = ...,
        user: User | None = ...,
        group_id: str | None = ...,
        group: Group | None = ...,
        role: str | None = ...,
    ) -> None: ...

class CollaborationColumns(BoxColumns):
    as_user: Mapped[str | None]
    invitee: Mapped[str | None]
    notify: Mapped[bool | None]
    can_view_path: Mapped[bool | None]
    id: Mapped[str]
    type: Mapped[str]
    item_id: Mapped[str | None]
    item_type: Mapped[str | None]
    item_name: Mapped[str | None]
    app_item_id: Mapped[str | None]
    app_item_type: Mapped[str | None]
    accessible_by_id: Mapped[str | None]
    accessible_by_type: Mapped[str | None]
    accessible_by_name: Mapped[str | None]
    accessible_by_login: Mapped[str | None]
    user_id: Mapped[str | None]
    group_id: Mapped[str | None]
    invite_email: Mapped[str | None]
    role: Mapped[str | None]
    status: Mapped[str | None]
    is_access_only: Mapped[bool | None]
    expires_at: Mapped[dt.datetime | None]
    acknowledged_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    acceptance_requirements_status: Mapped[Any]

class Collaboration(CollaborationColumns, Base):
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    user: Mapped[User | None]
    group: Mapped[Group | None]
    created_by: Mapped[User | None]
    access: Mapped[list[EffectiveAccess]]
    external_access: Mapped[list[ExternalAccess]]
    def __init__(
        self,
        *,
        notify: bool | None = ...,
        can_view_path: bool | None = ...,
        item_id: str | None = ...,
        item_type: str | None = ...,
        accessible_by_id: str | None = ...,
        accessible_by_type: str | None = ...,
        accessible_by_login: str | None = ...,
        role: str | None = ...,
        status: str | None = ...,
        is_access_only: bool | None = ...,
        expires_at: dt.datetime | None = ...,
    ) -> None: ...

class CommentColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    item_id: Mapped[str | None]
    item_type: Mapped[str | None]
    message: Mapped[str | None]
    tagged_message: Mapped[str | None]
    is_reply_comment: Mapped[bool | None]
    reply_to_id: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]

class Comment(CommentColumns, Base):
    file: Mapped[File | None]
    reply_to: Mapped[Comment | None]
    created_by: Mapped[User | None]
    replies: Mapped[list[Comment]]
    def __init__(
        self,
        *,
        item_id: str | None = ...,
        file: File | None = ...,
        item_type: str | None = ...,
        message: str | None = ...,
        tagged_message: str | None = ...,
    ) -> None: ...

class EventColumns(BoxColumns):
    as_user: Mapped[str | None]
    event_id: Mapped[str]
    type: Mapped[str]
    event_type: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    recorded_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    source_type: Mapped[str | None]
    source_id: Mapped[str | None]
    source_name: Mapped[str | None]
    ip_address: Mapped[str | None]
    action_by_id: Mapped[str | None]
    action_by_name: Mapped[str | None]
    action_by_login: Mapped[str | None]
    session_id: Mapped[str | None]
    source: Mapped[Any]
    additional_details: Mapped[Any]
    stream_type: Mapped[str | None]
    stream_position: Mapped[str | None]

class Event(EventColumns, Base):
    created_by: Mapped[User | None]
    action_by: Mapped[User | None]

class EventPositionColumns(BoxColumns):
    as_user: Mapped[str | None]
    stream_type: Mapped[str]
    stream_position: Mapped[str]

class EventPosition(EventPositionColumns, Base): ...

class AiAgentColumns(BoxColumns):
    mode: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str | None]
    origin: Mapped[str]
    name: Mapped[str]
    access_state: Mapped[str]
    icon_reference: Mapped[str | None]
    allowed_entities: Mapped[Any]
    ask: Mapped[Any]
    text_gen: Mapped[Any]
    extract: Mapped[Any]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    modified_by_id: Mapped[str | None]

class AiAgent(AiAgentColumns, Base):
    created_by: Mapped[User | None]
    modified_by: Mapped[User | None]
    def __init__(
        self,
        *,
        name: str = ...,
        access_state: str = ...,
        icon_reference: str | None = ...,
        allowed_entities: Any = ...,
        ask: Any = ...,
        text_gen: Any = ...,
        extract: Any = ...,
    ) -> None: ...

class ArchiveColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None]
    size: Mapped[int]
    owned_by_id: Mapped[str | None]
    storage_policy_id: Mapped[str | None]

class Archive(ArchiveColumns, Base):
    owned_by: Mapped[User | None]
    def __init__(
        self,
        *,
        name: str = ...,
        description: str | None = ...,
        storage_policy_id: str | None = ...,
    ) -> None: ...

class ClassificationColumns(BoxColumns):
    template_id: Mapped[str]
    id: Mapped[str]
    name: Mapped[str]
    definition: Mapped[str | None]
    color_id: Mapped[int | None]
    position: Mapped[int | None]

class Classification(ClassificationColumns, Base):
    item_classifications: Mapped[list[ItemClassification]]
    def __init__(
        self,
        *,
        name: str = ...,
        definition: str | None = ...,
        color_id: int | None = ...,
    ) -> None: ...

class ItemClassificationColumns(BoxColumns):
    as_user: Mapped[str | None]
    item_type: Mapped[str]
    item_id: Mapped[str]
    item_name: Mapped[str | None]
    name: Mapped[str | None]
    definition: Mapped[str | None]
    color: Mapped[str | None]

class ItemClassification(ItemClassificationColumns, Base):
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    classification: Mapped[Classification | None]
    def __init__(
        self,
        *,
        item_type: str = ...,
        item_id: str = ...,
        name: str | None = ...,
        classification: Classification | None = ...,
    ) -> None: ...

class CollaborationAllowlistEntryColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    domain: Mapped[str | None]
    direction: Mapped[str | None]
    enterprise_id: Mapped[str | None]
    enterprise_name: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]

class CollaborationAllowlistEntry(CollaborationAllowlistEntryColumns, Base):
    def __init__(
        self,
        *,
        domain: str | None = ...,
        direction: str | None = ...,
    ) -> None: ...

class CollaborationAllowlistExemptTargetColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    enterprise_id: Mapped[str | None]
    enterprise_name: Mapped[str | None]
    user_id: Mapped[str | None]
    user_name: Mapped[str | None]
    user_login: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]

class CollaborationAllowlistExemptTarget(CollaborationAllowlistExemptTargetColumns, Base):
    user: Mapped[User | None]
    def __init__(
        self,
        *,
        user_id: str | None = ...,
        user: User | None = ...,
    ) -> None: ...

class CollectionColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str | None]
    name: Mapped[str | None]
    collection_type: Mapped[str | None]

class Collection(CollectionColumns, Base):
    items: Mapped[list[CollectionItem]]

class CollectionItemColumns(BoxColumns):
    as_user: Mapped[str | None]
    collection_id: Mapped[str]
    item_type: Mapped[str]
    item_id: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str | None]
    parent_path: Mapped[str | None]
    path_ids: Mapped[Any]
    depth: Mapped[int | None]
    description: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    modified_by_id: Mapped[str | None]
    modified_by_name: Mapped[str | None]
    modified_by_login: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    owned_by_name: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    shared_link_url: Mapped[str | None]
    shared_link_download_url: Mapped[str | None]
    shared_link_vanity_url: Mapped[str | None]
    shared_link_vanity_name: Mapped[str | None]
    shared_link_access: Mapped[str | None]
    shared_link_effective_access: Mapped[str | None]
    shared_link_effective_permission: Mapped[str | None]
    shared_link_unshared_at: Mapped[dt.datetime | None]
    shared_link_is_password_enabled: Mapped[bool | None]
    shared_link_permissions: Mapped[Any]
    shared_link_download_count: Mapped[int | None]
    shared_link_preview_count: Mapped[int | None]
    etag: Mapped[str | None]
    sequence_id: Mapped[str | None]
    item_status: Mapped[str | None]
    trashed_at: Mapped[dt.datetime | None]
    purged_at: Mapped[dt.datetime | None]
    size: Mapped[int | None]
    sha1: Mapped[str | None]
    content_created_at: Mapped[dt.datetime | None]
    content_modified_at: Mapped[dt.datetime | None]
    url: Mapped[str | None]

class CollectionItem(CollectionItemColumns, Base):
    collection: Mapped[Collection | None]
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    item_web_link: Mapped[WebLink | None]
    parent: Mapped[Folder | None]
    created_by: Mapped[User | None]
    modified_by: Mapped[User | None]
    owned_by: Mapped[User | None]
    def __init__(
        self,
        *,
        collection_id: str = ...,
        collection: Collection | None = ...,
        item_type: str = ...,
        item_id: str = ...,
    ) -> None: ...

class RecentItemColumns(BoxColumns):
    as_user: Mapped[str | None]
    type: Mapped[str | None]
    item_type: Mapped[str]
    item_id: Mapped[str]
    item_name: Mapped[str | None]
    interaction_type: Mapped[str | None]
    interacted_at: Mapped[dt.datetime | None]
    interaction_shared_link: Mapped[str | None]

class RecentItem(RecentItemColumns, Base):
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    item_web_link: Mapped[WebLink | None]

class DevicePinnerColumns(BoxColumns):
    enterprise_id: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    owned_by_id: Mapped[str | None]
    owned_by_name: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    product_name: Mapped[str | None]

class DevicePinner(DevicePinnerColumns, Base):
    owned_by: Mapped[User | None]

class DocgenTemplateColumns(BoxColumns):
    as_user: Mapped[str | None]
    file_id: Mapped[str]
    file_name: Mapped[str | None]

class DocgenTemplate(DocgenTemplateColumns, Base):
    file: Mapped[File | None]
    docgen_template_tags: Mapped[list[DocgenTemplateTag]]
    def __init__(
        self,
        *,
        file_id: str = ...,
        file: File | None = ...,
    ) -> None: ...

class DocgenTemplateTagColumns(BoxColumns):
    as_user: Mapped[str | None]
    template_version_id: Mapped[str | None]
    template_id: Mapped[str]
    tag_content: Mapped[str]
    tag_type: Mapped[str]
    json_paths: Mapped[Any]

class DocgenTemplateTag(DocgenTemplateTagColumns, Base):
    template: Mapped[DocgenTemplate | None]

class DocgenJobColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    batch_id: Mapped[str]
    template_file_id: Mapped[str]
    template_file_version_id: Mapped[str]
    status: Mapped[str]
    output_type: Mapped[str]
    output_file_version_id: Mapped[str | None]
    failure_errors: Mapped[Any]
    failure_warnings: Mapped[Any]
    output_file_id: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str]
    enterprise_id: Mapped[str | None]
    source: Mapped[str]

class DocgenJob(DocgenJobColumns, Base):
    template_file: Mapped[File | None]
    output_file: Mapped[File | None]
    created_by: Mapped[User | None]

class DocgenBatchJobColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    batch_id: Mapped[str]
    template_file_id: Mapped[str]
    template_file_version_id: Mapped[str]
    status: Mapped[str]
    output_type: Mapped[str]
    output_file_version_id: Mapped[str | None]
    failure_errors: Mapped[Any]
    failure_warnings: Mapped[Any]
    output_file_id: Mapped[str | None]

class DocgenBatchJob(DocgenBatchJobColumns, Base):
    template_file: Mapped[File | None]
    output_file: Mapped[File | None]

class EmailAliasColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    user_id: Mapped[str | None]
    email: Mapped[str | None]
    is_confirmed: Mapped[bool | None]

class EmailAlias(EmailAliasColumns, Base):
    user: Mapped[User | None]
    def __init__(
        self,
        *,
        user_id: str | None = ...,
        user: User | None = ...,
        email: str | None = ...,
    ) -> None: ...

class EnterpriseConfigurationColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str | None]
    security: Mapped[Any]
    content_and_sharing: Mapped[Any]
    user_settings: Mapped[Any]
    shield: Mapped[Any]

class EnterpriseConfiguration(EnterpriseConfigurationColumns, Base): ...

class FileRequestColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    title: Mapped[str | None]
    description: Mapped[str | None]
    status: Mapped[str | None]
    is_email_required: Mapped[bool | None]
    is_description_required: Mapped[bool | None]
    expires_at: Mapped[dt.datetime | None]
    folder_id: Mapped[str]
    folder_name: Mapped[str]
    url: Mapped[str | None]
    etag: Mapped[str | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    updated_by_id: Mapped[str | None]
    updated_by_name: Mapped[str | None]
    updated_by_login: Mapped[str | None]
    updated_at: Mapped[dt.datetime]

class FileRequest(FileRequestColumns, Base):
    folder: Mapped[Folder | None]
    created_by: Mapped[User | None]
    updated_by: Mapped[User | None]

class FileVersionColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    file_id: Mapped[str]
    version_number: Mapped[str | None]
    name: Mapped[str | None]
    size: Mapped[int | None]
    sha1: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    modified_by_id: Mapped[str | None]
    modified_by_name: Mapped[str | None]
    modified_by_login: Mapped[str | None]
    uploader_display_name: Mapped[str | None]
    trashed_at: Mapped[dt.datetime | None]
    trashed_by_id: Mapped[str | None]
    trashed_by_name: Mapped[str | None]
    trashed_by_login: Mapped[str | None]
    restored_at: Mapped[dt.datetime | None]
    restored_by_id: Mapped[str | None]
    restored_by_name: Mapped[str | None]
    restored_by_login: Mapped[str | None]
    purged_at: Mapped[dt.datetime | None]

class FileVersion(FileVersionColumns, Base):
    file: Mapped[File | None]
    modified_by: Mapped[User | None]
    trashed_by: Mapped[User | None]
    restored_by: Mapped[User | None]

class HubColumns(BoxColumns):
    as_user: Mapped[str | None]
    search: Mapped[str | None]
    scope: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    title: Mapped[str | None]
    description: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    updated_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    updated_by_id: Mapped[str | None]
    updated_by_name: Mapped[str | None]
    updated_by_login: Mapped[str | None]
    view_count: Mapped[int | None]
    is_ai_enabled: Mapped[bool | None]
    is_collaboration_restricted_to_enterprise: Mapped[bool | None]
    can_non_owners_invite: Mapped[bool | None]
    can_shared_link_be_created: Mapped[bool | None]
    can_public_shared_link_be_created: Mapped[bool | None]
    copy_hub_access: Mapped[str | None]

class Hub(HubColumns, Base):
    created_by: Mapped[User | None]
    updated_by: Mapped[User | None]
    hub_items: Mapped[list[HubItem]]
    hub_collaborations: Mapped[list[HubCollaboration]]
    hub_document_pages: Mapped[list[HubDocumentPage]]
    hub_document_blocks: Mapped[list[HubDocumentBlock]]
    def __init__(
        self,
        *,
        title: str | None = ...,
        description: str | None = ...,
        is_ai_enabled: bool | None = ...,
        is_collaboration_restricted_to_enterprise: bool | None = ...,
        can_non_owners_invite: bool | None = ...,
        can_shared_link_be_created: bool | None = ...,
        can_public_shared_link_be_created: bool | None = ...,
        copy_hub_access: str | None = ...,
    ) -> None: ...

class EnterpriseHubColumns(BoxColumns):
    search: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    title: Mapped[str | None]
    description: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    updated_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    updated_by_id: Mapped[str | None]
    updated_by_name: Mapped[str | None]
    updated_by_login: Mapped[str | None]
    view_count: Mapped[int | None]
    is_ai_enabled: Mapped[bool | None]
    is_collaboration_restricted_to_enterprise: Mapped[bool | None]
    can_non_owners_invite: Mapped[bool | None]
    can_shared_link_be_created: Mapped[bool | None]
    can_public_shared_link_be_created: Mapped[bool | None]
    copy_hub_access: Mapped[str | None]

class EnterpriseHub(EnterpriseHubColumns, Base):
    created_by: Mapped[User | None]
    updated_by: Mapped[User | None]

class HubItemColumns(BoxColumns):
    as_user: Mapped[str | None]
    parent_id: Mapped[str | None]
    hub_id: Mapped[str]
    item_type: Mapped[str]
    item_id: Mapped[str]
    name: Mapped[str]

class HubItem(HubItemColumns, Base):
    hub: Mapped[Hub | None]
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    item_web_link: Mapped[WebLink | None]
    def __init__(
        self,
        *,
        parent_id: str | None = ...,
        hub_id: str = ...,
        hub: Hub | None = ...,
        item_type: str = ...,
        item_id: str = ...,
    ) -> None: ...

class HubCollaborationColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    hub_id: Mapped[str | None]
    accessible_by_type: Mapped[str | None]
    accessible_by_id: Mapped[str | None]
    accessible_by_name: Mapped[str | None]
    accessible_by_login: Mapped[str | None]
    group_type: Mapped[str | None]
    role: Mapped[str | None]
    status: Mapped[str | None]
    acceptance_requirements_status: Mapped[Any]

class HubCollaboration(HubCollaborationColumns, Base):
    hub: Mapped[Hub | None]
    user: Mapped[User | None]
    group: Mapped[Group | None]
    def __init__(
        self,
        *,
        hub_id: str | None = ...,
        hub: Hub | None = ...,
        accessible_by_type: str | None = ...,
        accessible_by_id: str | None = ...,
        accessible_by_login: str | None = ...,
        role: str | None = ...,
    ) -> None: ...

class HubDocumentPageColumns(BoxColumns):
    as_user: Mapped[str | None]
    hub_id: Mapped[str]
    id: Mapped[str]
    type: Mapped[str]
    parent_id: Mapped[str | None]
    title_fragment: Mapped[str]

class HubDocumentPage(HubDocumentPageColumns, Base):
    hub: Mapped[Hub | None]
    parent: Mapped[HubDocumentPage | None]
    children: Mapped[list[HubDocumentPage]]
    hub_document_blocks: Mapped[list[HubDocumentBlock]]

class HubDocumentBlockColumns(BoxColumns):
    as_user: Mapped[str | None]
    hub_id: Mapped[str]
    page_id: Mapped[str]
    id: Mapped[str]
    type: Mapped[str | None]
    parent_id: Mapped[str | None]
    fragment: Mapped[str | None]

class HubDocumentBlock(HubDocumentBlockColumns, Base):
    hub: Mapped[Hub | None]
    page: Mapped[HubDocumentPage | None]
    parent: Mapped[HubDocumentBlock | None]
    children: Mapped[list[HubDocumentBlock]]

class IntegrationMappingsSlackColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    integration_type: Mapped[str | None]
    box_item_id: Mapped[str]
    box_item_type: Mapped[str]
    box_item_name: Mapped[str | None]
    partner_item_type: Mapped[str]
    partner_item_id: Mapped[str]
    partner_item_slack_workspace_id: Mapped[str | None]
    partner_item_slack_org_id: Mapped[str | None]
    is_manually_created: Mapped[bool | None]
    is_access_management_disabled: Mapped[bool | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    modified_by_id: Mapped[str | None]
    modified_by_name: Mapped[str | None]
    modified_by_login: Mapped[str | None]

class IntegrationMappingsSlack(IntegrationMappingsSlackColumns, Base):
    folder: Mapped[Folder | None]
    created_by: Mapped[User | None]
    modified_by: Mapped[User | None]
    def __init__(
        self,
        *,
        box_item_id: str = ...,
        folder: Folder | None = ...,
        partner_item_type: str = ...,
        partner_item_id: str = ...,
        partner_item_slack_workspace_id: str | None = ...,
        partner_item_slack_org_id: str | None = ...,
        is_access_management_disabled: bool | None = ...,
    ) -> None: ...

class IntegrationMappingsTeamColumns(BoxColumns):
    partner_item_team_id: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    integration_type: Mapped[str | None]
    box_item_id: Mapped[str]
    box_item_type: Mapped[str]
    partner_item_type: Mapped[str]
    partner_item_id: Mapped[str]
    partner_item_tenant_id: Mapped[str]
    is_overridden_by_manual_mapping: Mapped[bool | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]

class IntegrationMappingsTeam(IntegrationMappingsTeamColumns, Base):
    folder: Mapped[Folder | None]
    def __init__(
        self,
        *,
        partner_item_team_id: str | None = ...,
        box_item_id: str = ...,
        folder: Folder | None = ...,
        partner_item_type: str = ...,
        partner_item_id: str = ...,
        partner_item_tenant_id: str = ...,
    ) -> None: ...

class InviteColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    invited_to_id: Mapped[str | None]
    invited_to_name: Mapped[str | None]
    actionable_by_id: Mapped[str | None]
    actionable_by_name: Mapped[str | None]
    actionable_by_login: Mapped[str | None]
    invited_by_id: Mapped[str | None]
    invited_by_name: Mapped[str | None]
    invited_by_login: Mapped[str | None]
    status: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]

class Invite(InviteColumns, Base):
    actionable_by: Mapped[User | None]
    invited_by: Mapped[User | None]
    def __init__(
        self,
        *,
        invited_to_id: str | None = ...,
        actionable_by_login: str | None = ...,
    ) -> None: ...

class FolderLockColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str | None]
    folder_id: Mapped[str]
    folder_name: Mapped[str]
    locked_operations_move: Mapped[bool]
    locked_operations_delete: Mapped[bool]
    lock_type: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_type: Mapped[str | None]

class FolderLock(FolderLockColumns, Base):
    folder: Mapped[Folder | None]
    created_by: Mapped[User | None]
    def __init__(
        self,
        *,
        folder_id: str = ...,
        folder: Folder | None = ...,
        locked_operations_move: bool = ...,
        locked_operations_delete: bool = ...,
    ) -> None: ...

class WatermarkColumns(BoxColumns):
    as_user: Mapped[str | None]
    item_type: Mapped[str]
    item_id: Mapped[str]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]

class Watermark(WatermarkColumns, Base):
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    def __init__(
        self,
        *,
        item_type: str = ...,
        item_id: str = ...,
    ) -> None: ...

class AppItemAssociationColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    app_item_id: Mapped[str]
    app_item_type: Mapped[str]
    application_type: Mapped[str]
    item_type: Mapped[str]
    item_id: Mapped[str]

class AppItemAssociation(AppItemAssociationColumns, Base):
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]

class LegalHoldPolicyColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    policy_name: Mapped[str | None]
    description: Mapped[str | None]
    status: Mapped[str | None]
    is_ongoing: Mapped[bool | None]
    filter_started_at: Mapped[dt.datetime | None]
    filter_ended_at: Mapped[dt.datetime | None]
    file_assignment_count: Mapped[int | None]
    file_version_assignment_count: Mapped[int | None]
    folder_assignment_count: Mapped[int | None]
    user_assignment_count: Mapped[int | None]
    ownership_assignment_count: Mapped[int | None]
    interactions_assignment_count: Mapped[int | None]
    release_notes: Mapped[str | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    deleted_at: Mapped[dt.datetime | None]

class LegalHoldPolicy(LegalHoldPolicyColumns, Base):
    created_by: Mapped[User | None]
    legal_hold_policy_assignments: Mapped[list[LegalHoldPolicyAssignment]]
    def __init__(
        self,
        *,
        policy_name: str | None = ...,
        description: str | None = ...,
        is_ongoing: bool | None = ...,
        filter_started_at: dt.datetime | None = ...,
        filter_ended_at: dt.datetime | None = ...,
        release_notes: str | None = ...,
    ) -> None: ...

class LegalHoldPolicyAssignmentColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str | None]
    legal_hold_policy_id: Mapped[str | None]
    assigned_to_type: Mapped[str | None]
    assigned_to_id: Mapped[str | None]
    custodian_id: Mapped[str | None]
    assigned_by_id: Mapped[str | None]
    assigned_by_name: Mapped[str | None]
    assigned_by_login: Mapped[str | None]
    assigned_at: Mapped[dt.datetime | None]
    deleted_at: Mapped[dt.datetime | None]

class LegalHoldPolicyAssignment(LegalHoldPolicyAssignmentColumns, Base):
    legal_hold_policy: Mapped[LegalHoldPolicy | None]
    assigned_to_file: Mapped[File | None]
    assigned_to_folder: Mapped[Folder | None]
    custodian: Mapped[User | None]
    assigned_by: Mapped[User | None]
    files_on_hold: Mapped[list[FilesOnHold]]
    file_versions_on_hold: Mapped[list[FileVersionsOnHold]]
    def __init__(
        self,
        *,
        legal_hold_policy_id: str | None = ...,
        legal_hold_policy: LegalHoldPolicy | None = ...,
        assigned_to_type: str | None = ...,
        assigned_to_id: str | None = ...,
    ) -> None: ...

class FilesOnHoldColumns(BoxColumns):
    legal_hold_policy_assignment_id: Mapped[str]
    file_id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str | None]
    sha1: Mapped[str | None]
    etag: Mapped[str | None]
    sequence_id: Mapped[str | None]
    file_version_id: Mapped[str | None]
    file_version_type: Mapped[str | None]
    file_version_sha1: Mapped[str | None]

class FilesOnHold(FilesOnHoldColumns, Base):
    legal_hold_policy_assignment: Mapped[LegalHoldPolicyAssignment | None]
    file: Mapped[File | None]

class FileVersionsOnHoldColumns(BoxColumns):
    legal_hold_policy_assignment_id: Mapped[str]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str | None]
    sha1: Mapped[str | None]
    size: Mapped[int | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    modified_by_id: Mapped[str | None]
    modified_by_name: Mapped[str | None]
    modified_by_login: Mapped[str | None]
    trashed_at: Mapped[dt.datetime | None]
    trashed_by_id: Mapped[str | None]
    trashed_by_name: Mapped[str | None]
    trashed_by_login: Mapped[str | None]
    restored_at: Mapped[dt.datetime | None]
    restored_by_id: Mapped[str | None]
    restored_by_name: Mapped[str | None]
    restored_by_login: Mapped[str | None]
    purged_at: Mapped[dt.datetime | None]
    uploader_display_name: Mapped[str | None]

class FileVersionsOnHold(FileVersionsOnHoldColumns, Base):
    legal_hold_policy_assignment: Mapped[LegalHoldPolicyAssignment | None]
    modified_by: Mapped[User | None]
    trashed_by: Mapped[User | None]
    restored_by: Mapped[User | None]

class FileVersionLegalHoldColumns(BoxColumns):
    legal_hold_policy_id: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str | None]
    file_id: Mapped[str | None]
    file_name: Mapped[str | None]
    file_version_id: Mapped[str | None]
    file_version_sha1: Mapped[str | None]
    legal_hold_policy_assignments: Mapped[Any]
    deleted_at: Mapped[dt.datetime | None]

class FileVersionLegalHold(FileVersionLegalHoldColumns, Base):
    file: Mapped[File | None]

class MetadataInstanceColumns(BoxColumns):
    as_user: Mapped[str | None]
    item_type: Mapped[str]
    item_id: Mapped[str]
    scope: Mapped[str]
    template_key: Mapped[str]
    id: Mapped[str | None]
    type: Mapped[str | None]
    type_version: Mapped[int | None]
    version: Mapped[int | None]
    field_values: Mapped[Any]

class MetadataInstance(MetadataInstanceColumns, Base):
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    template: Mapped[MetadataTemplate | None]
    def __init__(
        self,
        *,
        item_type: str = ...,
        item_id: str = ...,
        scope: str = ...,
        template_key: str = ...,
        template: MetadataTemplate | None = ...,
        field_values: Any = ...,
    ) -> None: ...

class MetadataCascadePolicyColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    folder_id: Mapped[str | None]
    owner_enterprise_id: Mapped[str | None]
    scope: Mapped[str | None]
    template_key: Mapped[str | None]

class MetadataCascadePolicy(MetadataCascadePolicyColumns, Base):
    folder: Mapped[Folder | None]
    template: Mapped[MetadataTemplate | None]
    def __init__(
        self,
        *,
        folder_id: str | None = ...,
        folder: Folder | None = ...,
        scope: str | None = ...,
        template_key: str | None = ...,
        template: MetadataTemplate | None = ...,
    ) -> None: ...

class MetadataTaxonomyColumns(BoxColumns):
    enterprise_id: Mapped[str | None]
    id: Mapped[str]
    namespace: Mapped[str]
    key: Mapped[str]
    display_name: Mapped[str]
    levels: Mapped[Any]

class MetadataTaxonomy(MetadataTaxonomyColumns, Base):
    metadata_taxonomy_levels: Mapped[list[MetadataTaxonomyLevel]]
    metadata_taxonomy_nodes: Mapped[list[MetadataTaxonomyNode]]
    metadata_template_fields: Mapped[list[MetadataTemplateField]]
    def __init__(
        self,
        *,
        namespace: str = ...,
        key: str = ...,
        display_name: str = ...,
    ) -> None: ...

class MetadataTaxonomyLevelColumns(BoxColumns):
    enterprise_id: Mapped[str | None]
    namespace: Mapped[str]
    taxonomy_key: Mapped[str]
    level: Mapped[int]
    display_name: Mapped[str | None]
    description: Mapped[str | None]

class MetadataTaxonomyLevel(MetadataTaxonomyLevelColumns, Base):
    taxonomy: Mapped[MetadataTaxonomy | None]
    def __init__(
        self,
        *,
        namespace: str = ...,
        taxonomy_key: str = ...,
        taxonomy: MetadataTaxonomy | None = ...,
        display_name: str | None = ...,
        description: str | None = ...,
    ) -> None: ...

class MetadataTaxonomyNodeColumns(BoxColumns):
    enterprise_id: Mapped[str | None]
    ancestor_id: Mapped[str | None]
    id: Mapped[str]
    namespace: Mapped[str]
    taxonomy_key: Mapped[str]
    display_name: Mapped[str]
    level: Mapped[int]
    parent_id: Mapped[str | None]
    node_path: Mapped[Any]
    ancestors: Mapped[Any]

class MetadataTaxonomyNode(MetadataTaxonomyNodeColumns, Base):
    taxonomy: Mapped[MetadataTaxonomy | None]
    parent: Mapped[MetadataTaxonomyNode | None]
    children: Mapped[list[MetadataTaxonomyNode]]
    def __init__(
        self,
        *,
        namespace: str = ...,
        taxonomy_key: str = ...,
        taxonomy: MetadataTaxonomy | None = ...,
        display_name: str = ...,
        level: int = ...,
        parent_id: str | None = ...,
        parent: MetadataTaxonomyNode | None = ...,
    ) -> None: ...

class MetadataTemplateColumns(BoxColumns):
    metadata_instance_id: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    scope: Mapped[str]
    template_key: Mapped[str]
    display_name: Mapped[str | None]
    hidden: Mapped[bool | None]
    copy_instance_on_item_copy: Mapped[bool | None]
    fields: Mapped[Any]
    field_keys: Mapped[Any]

class MetadataTemplate(MetadataTemplateColumns, Base):
    metadata_instances: Mapped[list[MetadataInstance]]
    metadata_cascade_policies: Mapped[list[MetadataCascadePolicy]]
    metadata_template_fields: Mapped[list[MetadataTemplateField]]
    retention_policy_assignments: Mapped[list[RetentionPolicyAssignment]]
    def __init__(
        self,
        *,
        scope: str = ...,
        template_key: str = ...,
        display_name: str | None = ...,
        hidden: bool | None = ...,
        copy_instance_on_item_copy: bool | None = ...,
        fields: Any = ...,
        field_keys: Any = ...,
    ) -> None: ...

class MetadataTemplateFieldColumns(BoxColumns):
    template_id: Mapped[str]
    scope: Mapped[str]
    template_key: Mapped[str]
    key: Mapped[str]
    id: Mapped[str | None]
    type: Mapped[str]
    display_name: Mapped[str]
    description: Mapped[str | None]
    hidden: Mapped[bool | None]
    position: Mapped[int | None]
    options: Mapped[Any]
    enum_option_keys: Mapped[Any]
    multi_select_option_keys: Mapped[Any]
    taxonomy_id: Mapped[str | None]
    namespace: Mapped[str | None]
    taxonomy_key: Mapped[str | None]
    options_rules: Mapped[Any]

class MetadataTemplateField(MetadataTemplateFieldColumns, Base):
    template: Mapped[MetadataTemplate | None]
    taxonomy: Mapped[MetadataTaxonomy | None]
    metadata_template_field_options: Mapped[list[MetadataTemplateFieldOption]]
    def __init__(
        self,
        *,
        scope: str = ...,
        template_key: str = ...,
        template: MetadataTemplate | None = ...,
        key: str = ...,
        type: str = ...,  # noqa: A002 - the column is called so
        display_name: str = ...,
        description: str | None = ...,
        hidden: bool | None = ...,
        options: Any = ...,
        enum_option_keys: Any = ...,
        multi_select_option_keys: Any = ...,
        taxonomy_id: str | None = ...,
        namespace: str | None = ...,
        taxonomy_key: str | None = ...,
        taxonomy: MetadataTaxonomy | None = ...,
        options_rules: Any = ...,
    ) -> None: ...

class MetadataTemplateFieldOptionColumns(BoxColumns):
    template_id: Mapped[str]
    scope: Mapped[str]
    template_key: Mapped[str]
    field_key: Mapped[str]
    field_type: Mapped[str]
    key: Mapped[str]
    id: Mapped[str | None]
    position: Mapped[int | None]

class MetadataTemplateFieldOption(MetadataTemplateFieldOptionColumns, Base):
    field: Mapped[MetadataTemplateField | None]
    def __init__(
        self,
        *,
        scope: str = ...,
        template_key: str = ...,
        field_key: str = ...,
        field: MetadataTemplateField | None = ...,
        field_type: str = ...,
        key: str = ...,
    ) -> None: ...

class RetentionPolicyColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    policy_name: Mapped[str | None]
    description: Mapped[str | None]
    policy_type: Mapped[str | None]
    retention_length: Mapped[str | None]
    disposition_action: Mapped[str | None]
    retention_type: Mapped[str | None]
    status: Mapped[str | None]
    can_owner_extend_retention: Mapped[bool | None]
    max_extension_length: Mapped[str | None]
    are_owners_notified: Mapped[bool | None]
    custom_notification_recipients: Mapped[Any]
    enterprise_assignment_count: Mapped[int | None]
    folder_assignment_count: Mapped[int | None]
    metadata_template_assignment_count: Mapped[int | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]

class RetentionPolicy(RetentionPolicyColumns, Base):
    created_by: Mapped[User | None]
    retention_policy_assignments: Mapped[list[RetentionPolicyAssignment]]
    file_version_retentions: Mapped[list[FileVersionRetention]]
    def __init__(
        self,
        *,
        policy_name: str | None = ...,
        description: str | None = ...,
        policy_type: str | None = ...,
        retention_length: str | None = ...,
        disposition_action: str | None = ...,
        retention_type: str | None = ...,
        status: str | None = ...,
        can_owner_extend_retention: bool | None = ...,
        max_extension_length: str | None = ...,
        are_owners_notified: bool | None = ...,
        custom_notification_recipients: Any = ...,
    ) -> None: ...

class RetentionPolicyAssignmentColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    retention_policy_id: Mapped[str | None]
    retention_policy_name: Mapped[str | None]
    assigned_to_type: Mapped[str | None]
    assigned_to_id: Mapped[str | None]
    filter_fields: Mapped[Any]
    start_date_field: Mapped[str | None]
    assigned_by_id: Mapped[str | None]
    assigned_by_name: Mapped[str | None]
    assigned_by_login: Mapped[str | None]
    assigned_at: Mapped[dt.datetime | None]

class RetentionPolicyAssignment(RetentionPolicyAssignmentColumns, Base):
    retention_policy: Mapped[RetentionPolicy | None]
    assigned_to_folder: Mapped[Folder | None]
    assigned_to_metadata_template: Mapped[MetadataTemplate | None]
    assigned_by: Mapped[User | None]
    files_under_retention: Mapped[list[FilesUnderRetention]]
    file_versions_under_retention: Mapped[list[FileVersionsUnderRetention]]
    def __init__(
        self,
        *,
        retention_policy_id: str | None = ...,
        retention_policy: RetentionPolicy | None = ...,
        assigned_to_type: str | None = ...,
        assigned_to_id: str | None = ...,
        filter_fields: Any = ...,
        start_date_field: str | None = ...,
    ) -> None: ...

class FilesUnderRetentionColumns(BoxColumns):
    retention_policy_assignment_id: Mapped[str]
    file_id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str | None]
    sha1: Mapped[str | None]
    etag: Mapped[str | None]
    sequence_id: Mapped[str | None]
    file_version_id: Mapped[str]
    file_version_type: Mapped[str | None]
    file_version_sha1: Mapped[str | None]

class FilesUnderRetention(FilesUnderRetentionColumns, Base):
    retention_policy_assignment: Mapped[RetentionPolicyAssignment | None]
    file: Mapped[File | None]

class FileVersionsUnderRetentionColumns(BoxColumns):
    retention_policy_assignment_id: Mapped[str]
    file_id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str | None]
    sha1: Mapped[str | None]
    etag: Mapped[str | None]
    sequence_id: Mapped[str | None]
    file_version_id: Mapped[str]
    file_version_type: Mapped[str | None]
    file_version_sha1: Mapped[str | None]

class FileVersionsUnderRetention(FileVersionsUnderRetentionColumns, Base):
    retention_policy_assignment: Mapped[RetentionPolicyAssignment | None]
    file: Mapped[File | None]

class FileVersionRetentionColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str | None]
    file_id: Mapped[str | None]
    file_name: Mapped[str | None]
    file_version_id: Mapped[str | None]
    file_version_sha1: Mapped[str | None]
    applied_at: Mapped[dt.datetime | None]
    disposition_at: Mapped[dt.datetime | None]
    winning_retention_policy_id: Mapped[str | None]
    winning_retention_policy_name: Mapped[str | None]
    disposition_action: Mapped[str | None]

class FileVersionRetention(FileVersionRetentionColumns, Base):
    file: Mapped[File | None]
    winning_retention_policy: Mapped[RetentionPolicy | None]

class SharedItemColumns(BoxColumns):
    as_user: Mapped[str | None]
    shared_link: Mapped[str | None]
    shared_link_password: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str | None]
    parent_path: Mapped[str | None]
    path_ids: Mapped[Any]
    depth: Mapped[int | None]
    description: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    modified_by_id: Mapped[str | None]
    modified_by_name: Mapped[str | None]
    modified_by_login: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    owned_by_name: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    shared_link_url: Mapped[str | None]
    shared_link_download_url: Mapped[str | None]
    shared_link_vanity_url: Mapped[str | None]
    shared_link_vanity_name: Mapped[str | None]
    shared_link_access: Mapped[str | None]
    shared_link_effective_access: Mapped[str | None]
    shared_link_effective_permission: Mapped[str | None]
    shared_link_unshared_at: Mapped[dt.datetime | None]
    shared_link_is_password_enabled: Mapped[bool | None]
    shared_link_permissions: Mapped[Any]
    shared_link_download_count: Mapped[int | None]
    shared_link_preview_count: Mapped[int | None]
    etag: Mapped[str | None]
    sequence_id: Mapped[str | None]
    item_status: Mapped[str | None]
    trashed_at: Mapped[dt.datetime | None]
    purged_at: Mapped[dt.datetime | None]
    size: Mapped[int | None]
    sha1: Mapped[str | None]
    content_created_at: Mapped[dt.datetime | None]
    content_modified_at: Mapped[dt.datetime | None]
    url: Mapped[str | None]

class SharedItem(SharedItemColumns, Base):
    parent: Mapped[Folder | None]
    created_by: Mapped[User | None]
    modified_by: Mapped[User | None]
    owned_by: Mapped[User | None]

class ShieldInformationBarrierColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str | None]
    enterprise_id: Mapped[str | None]
    status: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    updated_at: Mapped[dt.datetime | None]
    updated_by_id: Mapped[str | None]
    enabled_at: Mapped[dt.datetime | None]
    enabled_by_id: Mapped[str | None]

class ShieldInformationBarrier(ShieldInformationBarrierColumns, Base):
    created_by: Mapped[User | None]
    updated_by: Mapped[User | None]
    enabled_by: Mapped[User | None]
    shield_information_barrier_segments: Mapped[list[ShieldInformationBarrierSegment]]
    shield_information_barrier_segment_members: Mapped[list[ShieldInformationBarrierSegmentMember]]
    shield_information_barrier_segment_restrictions: Mapped[list[ShieldInformationBarrierSegmentRestriction]]
    shield_information_barrier_reports: Mapped[list[ShieldInformationBarrierReport]]
    def __init__(
        self,
        *,
        enterprise_id: str | None = ...,
        status: str | None = ...,
    ) -> None: ...

class ShieldInformationBarrierSegmentColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str | None]
    shield_information_barrier_id: Mapped[str | None]
    name: Mapped[str | None]
    description: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    updated_at: Mapped[dt.datetime | None]
    updated_by_id: Mapped[str | None]

class ShieldInformationBarrierSegment(ShieldInformationBarrierSegmentColumns, Base):
    shield_information_barrier: Mapped[ShieldInformationBarrier | None]
    created_by: Mapped[User | None]
    updated_by: Mapped[User | None]
    shield_information_barrier_segment_members: Mapped[list[ShieldInformationBarrierSegmentMember]]
    shield_information_barrier_segment_restrictions: Mapped[list[ShieldInformationBarrierSegmentRestriction]]
    shield_information_barrier_segment_restrictions_by_others: Mapped[list[ShieldInformationBarrierSegmentRestriction]]
    def __init__(
        self,
        *,
        shield_information_barrier_id: str | None = ...,
        shield_information_barrier: ShieldInformationBarrier | None = ...,
        name: str | None = ...,
        description: str | None = ...,
    ) -> None: ...

class ShieldInformationBarrierSegmentMemberColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str | None]
    shield_information_barrier_id: Mapped[str | None]
    shield_information_barrier_segment_id: Mapped[str | None]
    user_id: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    updated_at: Mapped[dt.datetime | None]
    updated_by_id: Mapped[str | None]

class ShieldInformationBarrierSegmentMember(ShieldInformationBarrierSegmentMemberColumns, Base):
    shield_information_barrier: Mapped[ShieldInformationBarrier | None]
    shield_information_barrier_segment: Mapped[ShieldInformationBarrierSegment | None]
    user: Mapped[User | None]
    created_by: Mapped[User | None]
    updated_by: Mapped[User | None]
    def __init__(
        self,
        *,
        shield_information_barrier_segment_id: str | None = ...,
        shield_information_barrier_segment: ShieldInformationBarrierSegment | None = ...,
        user_id: str | None = ...,
        user: User | None = ...,
    ) -> None: ...

class ShieldInformationBarrierSegmentRestrictionColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str | None]
    shield_information_barrier_id: Mapped[str | None]
    shield_information_barrier_segment_id: Mapped[str | None]
    restricted_segment_id: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    updated_at: Mapped[dt.datetime | None]
    updated_by_id: Mapped[str | None]

class ShieldInformationBarrierSegmentRestriction(ShieldInformationBarrierSegmentRestrictionColumns, Base):
    shield_information_barrier: Mapped[ShieldInformationBarrier | None]
    shield_information_barrier_segment: Mapped[ShieldInformationBarrierSegment | None]
    restricted_segment: Mapped[ShieldInformationBarrierSegment | None]
    created_by: Mapped[User | None]
    updated_by: Mapped[User | None]
    def __init__(
        self,
        *,
        shield_information_barrier_segment_id: str | None = ...,
        shield_information_barrier_segment: ShieldInformationBarrierSegment | None = ...,
        restricted_segment_id: str | None = ...,
        restricted_segment: ShieldInformationBarrierSegment | None = ...,
    ) -> None: ...

class ShieldInformationBarrierReportColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str | None]
    shield_information_barrier_id: Mapped[str | None]
    status: Mapped[str | None]
    folder_id: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    updated_at: Mapped[dt.datetime | None]

class ShieldInformationBarrierReport(ShieldInformationBarrierReportColumns, Base):
    shield_information_barrier: Mapped[ShieldInformationBarrier | None]
    folder: Mapped[Folder | None]
    created_by: Mapped[User | None]
    def __init__(
        self,
        *,
        shield_information_barrier_id: str | None = ...,
        shield_information_barrier: ShieldInformationBarrier | None = ...,
    ) -> None: ...

class ShieldListColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    content_type: Mapped[str | None]
    description: Mapped[str | None]
    content: Mapped[Any]
    enterprise_id: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

class ShieldList(ShieldListColumns, Base):
    def __init__(
        self,
        *,
        name: str = ...,
        description: str | None = ...,
        content: Any = ...,
    ) -> None: ...

class SignRequestColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str | None]
    name: Mapped[str | None]
    status: Mapped[str | None]
    short_id: Mapped[str | None]
    source_files: Mapped[Any]
    signers: Mapped[Any]
    parent_folder_id: Mapped[str | None]
    parent_folder_name: Mapped[str | None]
    sign_files: Mapped[Any]
    is_ready_for_download: Mapped[bool | None]
    signing_log_id: Mapped[str | None]
    signing_log_name: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    auto_expire_at: Mapped[dt.datetime | None]
    days_valid: Mapped[int | None]
    sender_id: Mapped[str | None]
    sender_email: Mapped[str | None]
    collaborator_level: Mapped[str | None]
    prepare_url: Mapped[str | None]
    error_code: Mapped[str | None]
    template_id: Mapped[str | None]
    is_document_preparation_needed: Mapped[bool | None]
    redirect_url: Mapped[str | None]
    declined_redirect_url: Mapped[str | None]
    are_text_signatures_enabled: Mapped[bool | None]
    signature_color: Mapped[str | None]
    email_subject: Mapped[str | None]
    email_message: Mapped[str | None]
    are_reminders_enabled: Mapped[bool | None]
    prefill_tags: Mapped[Any]
    external_id: Mapped[str | None]
    external_system_name: Mapped[str | None]
    request_flow: Mapped[str | None]

class SignRequest(SignRequestColumns, Base):
    parent_folder: Mapped[Folder | None]
    signing_log: Mapped[File | None]
    sender: Mapped[User | None]
    template: Mapped[SignTemplate | None]
    sign_request_signers: Mapped[list[SignRequestSigner]]
    def __init__(
        self,
        *,
        name: str | None = ...,
        source_files: Any = ...,
        signers: Any = ...,
        parent_folder_id: str | None = ...,
        parent_folder: Folder | None = ...,
        days_valid: int | None = ...,
        template_id: str | None = ...,
        template: SignTemplate | None = ...,
        is_document_preparation_needed: bool | None = ...,
        redirect_url: str | None = ...,
        declined_redirect_url: str | None = ...,
        are_text_signatures_enabled: bool | None = ...,
        signature_color: str | None = ...,
        email_subject: str | None = ...,
        email_message: str | None = ...,
        are_reminders_enabled: bool | None = ...,
        prefill_tags: Any = ...,
        external_id: str | None = ...,
        external_system_name: str | None = ...,
        request_flow: str | None = ...,
    ) -> None: ...

class SignRequestSignerColumns(BoxColumns):
    as_user: Mapped[str | None]
    sign_request_id: Mapped[str]
    position: Mapped[int]
    email: Mapped[str | None]
    role: Mapped[str | None]
    signing_order: Mapped[int | None]
    is_in_person: Mapped[bool | None]
    has_viewed_document: Mapped[bool | None]
    decision: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None]
    decision_info: Mapped[str | None]
    inputs: Mapped[Any]
    attachments: Mapped[Any]
    signer_group_id: Mapped[str | None]
    language: Mapped[str | None]
    login_required: Mapped[bool | None]
    verification_phone_number: Mapped[str | None]
    suppress_notifications: Mapped[bool | None]
    redirect_url: Mapped[str | None]
    declined_redirect_url: Mapped[str | None]
    embed_url_external_user_id: Mapped[str | None]
    embed_url: Mapped[str | None]
    iframeable_embed_url: Mapped[str | None]

class SignRequestSigner(SignRequestSignerColumns, Base):
    sign_request: Mapped[SignRequest | None]

class SignTemplateColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str | None]
    name: Mapped[str | None]
    email_subject: Mapped[str | None]
    email_message: Mapped[str | None]
    days_valid: Mapped[int | None]
    parent_folder_id: Mapped[str | None]
    parent_folder_name: Mapped[str | None]
    source_files: Mapped[Any]
    signers: Mapped[Any]
    are_fields_locked: Mapped[bool | None]
    are_options_locked: Mapped[bool | None]
    are_recipients_locked: Mapped[bool | None]
    are_email_settings_locked: Mapped[bool | None]
    are_files_locked: Mapped[bool | None]
    additional_info: Mapped[Any]
    ready_sign_link_url: Mapped[str | None]
    ready_sign_link_name: Mapped[str | None]
    ready_sign_link_instructions: Mapped[str | None]
    ready_sign_link_folder_id: Mapped[str | None]
    ready_sign_link_is_notification_disabled: Mapped[bool | None]
    ready_sign_link_is_active: Mapped[bool | None]
    custom_branding_company_name: Mapped[str | None]
    custom_branding_logo_uri: Mapped[str | None]
    custom_branding_branding_color: Mapped[str | None]
    custom_branding_email_footer_text: Mapped[str | None]
    request_flow: Mapped[str | None]

class SignTemplate(SignTemplateColumns, Base):
    parent_folder: Mapped[Folder | None]
    sign_requests: Mapped[list[SignRequest]]

class SkillCardColumns(BoxColumns):
    as_user: Mapped[str | None]
    file_id: Mapped[str]
    cards: Mapped[Any]
    id: Mapped[str | None]
    type: Mapped[str | None]
    type_version: Mapped[int | None]
    version: Mapped[int | None]
    can_edit: Mapped[bool | None]

class SkillCard(SkillCardColumns, Base):
    file: Mapped[File | None]
    def __init__(
        self,
        *,
        file_id: str = ...,
        file: File | None = ...,
        cards: Any = ...,
    ) -> None: ...

class StoragePolicyColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str | None]

class StoragePolicy(StoragePolicyColumns, Base):
    storage_policy_assignments: Mapped[list[StoragePolicyAssignment]]

class StoragePolicyAssignmentColumns(BoxColumns):
    resolved_for_type: Mapped[str | None]
    resolved_for_id: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    storage_policy_id: Mapped[str | None]
    assigned_to_type: Mapped[str | None]
    assigned_to_id: Mapped[str | None]

class StoragePolicyAssignment(StoragePolicyAssignmentColumns, Base):
    storage_policy: Mapped[StoragePolicy | None]
    assigned_to_user: Mapped[User | None]
    def __init__(
        self,
        *,
        storage_policy_id: str | None = ...,
        storage_policy: StoragePolicy | None = ...,
        assigned_to_type: str | None = ...,
        assigned_to_id: str | None = ...,
    ) -> None: ...

class TaskColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    item_id: Mapped[str | None]
    item_name: Mapped[str | None]
    action: Mapped[str | None]
    message: Mapped[str | None]
    due_at: Mapped[dt.datetime | None]
    completion_rule: Mapped[str | None]
    is_completed: Mapped[bool | None]
    task_assignment_collection: Mapped[Any]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]

class Task(TaskColumns, Base):
    file: Mapped[File | None]
    created_by: Mapped[User | None]
    assignments: Mapped[list[TaskAssignment]]
    def __init__(
        self,
        *,
        item_id: str | None = ...,
        file: File | None = ...,
        action: str | None = ...,
        message: str | None = ...,
        due_at: dt.datetime | None = ...,
        completion_rule: str | None = ...,
    ) -> None: ...

class TaskAssignmentColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    task_id: Mapped[str | None]
    item_id: Mapped[str | None]
    item_name: Mapped[str | None]
    assigned_to_id: Mapped[str | None]
    assigned_to_name: Mapped[str | None]
    assigned_to_login: Mapped[str | None]
    assigned_by_id: Mapped[str | None]
    assigned_by_name: Mapped[str | None]
    assigned_by_login: Mapped[str | None]
    message: Mapped[str | None]
    resolution_state: Mapped[str | None]
    assigned_at: Mapped[dt.datetime | None]
    completed_at: Mapped[dt.datetime | None]
    reminded_at: Mapped[dt.datetime | None]

class TaskAssignment(TaskAssignmentColumns, Base):
    task: Mapped[Task | None]
    file: Mapped[File | None]
    assigned_to: Mapped[User | None]
    assigned_by: Mapped[User | None]
    def __init__(
        self,
        *,
        task_id: str | None = ...,
        task: Task | None = ...,
        assigned_to_id: str | None = ...,
        assigned_to: User | None = ...,
        assigned_to_login: str | None = ...,
        message: str | None = ...,
        resolution_state: str | None = ...,
    ) -> None: ...

class TermsOfServiceColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    status: Mapped[str | None]
    enterprise_id: Mapped[str | None]
    enterprise_name: Mapped[str | None]
    tos_type: Mapped[str | None]
    text: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]

class TermsOfService(TermsOfServiceColumns, Base):
    user_statuses: Mapped[list[TermsOfServiceUserStatus]]
    def __init__(
        self,
        *,
        status: str | None = ...,
        tos_type: str | None = ...,
        text: str | None = ...,
    ) -> None: ...

class TermsOfServiceUserStatusColumns(BoxColumns):
    id: Mapped[str]
    type: Mapped[str]
    tos_id: Mapped[str | None]
    user_id: Mapped[str | None]
    user_name: Mapped[str | None]
    user_login: Mapped[str | None]
    is_accepted: Mapped[bool | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]

class TermsOfServiceUserStatus(TermsOfServiceUserStatusColumns, Base):
    terms_of_service: Mapped[TermsOfService | None]
    user: Mapped[User | None]
    def __init__(
        self,
        *,
        tos_id: str | None = ...,
        terms_of_service: TermsOfService | None = ...,
        user_id: str | None = ...,
        user: User | None = ...,
        is_accepted: bool | None = ...,
    ) -> None: ...

class TrashedItemColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    description: Mapped[str | None]
    size: Mapped[int | None]
    sha1: Mapped[str | None]
    file_version_id: Mapped[str | None]
    url: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    modified_at: Mapped[dt.datetime | None]
    content_created_at: Mapped[dt.datetime | None]
    content_modified_at: Mapped[dt.datetime | None]
    trashed_at: Mapped[dt.datetime | None]
    purged_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    modified_by_id: Mapped[str | None]
    modified_by_name: Mapped[str | None]
    modified_by_login: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    owned_by_name: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    etag: Mapped[str | None]
    sequence_id: Mapped[str | None]
    item_status: Mapped[str | None]

class TrashedItem(TrashedItemColumns, Base):
    parent: Mapped[Folder | None]
    created_by: Mapped[User | None]
    modified_by: Mapped[User | None]
    owned_by: Mapped[User | None]

class UploadSessionColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str | None]
    session_expires_at: Mapped[dt.datetime | None]
    part_size: Mapped[int | None]
    total_parts: Mapped[int | None]
    num_parts_processed: Mapped[int | None]
    session_endpoints_upload_part: Mapped[str | None]
    session_endpoints_commit: Mapped[str | None]
    session_endpoints_abort: Mapped[str | None]
    session_endpoints_list_parts: Mapped[str | None]
    session_endpoints_status: Mapped[str | None]
    session_endpoints_log_event: Mapped[str | None]

class UploadSession(UploadSessionColumns, Base): ...

class WebhookColumns(BoxColumns):
    as_user: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    target_id: Mapped[str | None]
    target_type: Mapped[str | None]
    address: Mapped[str | None]
    triggers: Mapped[Any]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]

class Webhook(WebhookColumns, Base):
    target_file: Mapped[File | None]
    target_folder: Mapped[Folder | None]
    created_by: Mapped[User | None]
    def __init__(
        self,
        *,
        target_id: str | None = ...,
        target_type: str | None = ...,
        address: str | None = ...,
        triggers: Any = ...,
    ) -> None: ...

class WorkflowColumns(BoxColumns):
    as_user: Mapped[str | None]
    folder_id: Mapped[str]
    id: Mapped[str]
    type: Mapped[str | None]
    name: Mapped[str | None]
    description: Mapped[str | None]
    is_enabled: Mapped[bool | None]
    flows: Mapped[Any]

class Workflow(WorkflowColumns, Base):
    folder: Mapped[Folder | None]

class AutomateWorkflowColumns(BoxColumns):
    as_user: Mapped[str | None]
    folder_id: Mapped[str]
    id: Mapped[str]
    type: Mapped[str]
    action_type: Mapped[str]
    description: Mapped[str | None]
    workflow_id: Mapped[str]
    workflow_name: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    updated_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[str | None]
    created_by_name: Mapped[str | None]
    created_by_login: Mapped[str | None]
    updated_by_id: Mapped[str | None]
    updated_by_name: Mapped[str | None]
    updated_by_login: Mapped[str | None]

class AutomateWorkflow(AutomateWorkflowColumns, Base):
    folder: Mapped[Folder | None]
    created_by: Mapped[User | None]
    updated_by: Mapped[User | None]

class SysTableColumns(BoxColumns):
    name: Mapped[str]
    type: Mapped[str]
    description: Mapped[str]
    is_insertable: Mapped[bool]
    is_updatable: Mapped[bool]
    is_deletable: Mapped[bool]
    reference: Mapped[str | None]
    definition: Mapped[str | None]

class SysTable(SysTableColumns, Base):
    columns: Mapped[list[SysTablecolumn]]
    foreignkeys: Mapped[list[SysForeignkey]]
    access_paths: Mapped[list[SysAccessPath]]

class SysTablecolumnColumns(BoxColumns):
    table_name: Mapped[str]
    name: Mapped[str]
    ordinal: Mapped[int]
    type: Mapped[str]
    is_nullable: Mapped[bool]
    key_ordinal: Mapped[int | None]
    is_hidden: Mapped[bool]
    is_insertable: Mapped[bool]
    is_updatable: Mapped[bool]
    options: Mapped[Any]
    description: Mapped[str]

class SysTablecolumn(SysTablecolumnColumns, Base):
    table: Mapped[SysTable | None]

class SysForeignkeyColumns(BoxColumns):
    table_name: Mapped[str]
    name: Mapped[str]
    column_name: Mapped[str]
    referenced_table_name: Mapped[str]
    referenced_column_name: Mapped[str]
    type_column_name: Mapped[str | None]
    type_value: Mapped[str | None]
    reverse_name: Mapped[str | None]

class SysForeignkey(SysForeignkeyColumns, Base):
    table: Mapped[SysTable | None]

class SysAccessPathColumns(BoxColumns):
    table_name: Mapped[str]
    name: Mapped[str]
    operations: Mapped[str]
    key_columns: Mapped[Any]
    filter_columns: Mapped[Any]
    order_columns: Mapped[Any]
    is_unique: Mapped[bool]
    is_walk: Mapped[bool]
    calls: Mapped[float]
    rows: Mapped[float]

class SysAccessPath(SysAccessPathColumns, Base):
    table: Mapped[SysTable | None]

class SysProcedureColumns(BoxColumns):
    name: Mapped[str]
    side_effect: Mapped[bool]
    gives_several: Mapped[bool]
    description: Mapped[str]
    reference: Mapped[str | None]

class SysProcedure(SysProcedureColumns, Base):
    parameters: Mapped[list[SysProcedureparameter]]

class SysProcedureparameterColumns(BoxColumns):
    procedure_name: Mapped[str]
    direction: Mapped[str]
    name: Mapped[str]
    ordinal: Mapped[int]
    type: Mapped[str]
    is_required: Mapped[bool]
    default_value: Mapped[str | None]
    options: Mapped[Any]
    is_secret: Mapped[bool]
    description: Mapped[str]

class SysProcedureparameter(SysProcedureparameterColumns, Base):
    procedure: Mapped[SysProcedure | None]

class SysPropertyColumns(BoxColumns):
    name: Mapped[str]
    snake_case: Mapped[str]
    type: Mapped[str]
    default_value: Mapped[str | None]
    value: Mapped[str | None]
    options: Mapped[Any]
    is_secret: Mapped[bool]
    description: Mapped[str]

class SysProperty(SysPropertyColumns, Base): ...

class EffectiveAccessColumns(BoxColumns):
    item_type: Mapped[str]
    item_id: Mapped[str]
    item_name: Mapped[str]
    path: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    way: Mapped[str]
    role: Mapped[str | None]
    status: Mapped[str]
    inherited_from_id: Mapped[str | None]
    user_id: Mapped[str | None]
    user_name: Mapped[str | None]
    user_login: Mapped[str | None]
    invite_email: Mapped[str | None]
    group_id: Mapped[str | None]
    group_name: Mapped[str | None]
    link_access: Mapped[str | None]
    collaboration_id: Mapped[str | None]
    expires_at: Mapped[dt.datetime | None]

class EffectiveAccess(EffectiveAccessColumns, Base):
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    item_web_link: Mapped[WebLink | None]
    owned_by: Mapped[User | None]
    inherited_from: Mapped[Folder | None]
    user: Mapped[User | None]
    group: Mapped[Group | None]
    collaboration: Mapped[Collaboration | None]

class ExternalAccessColumns(BoxColumns):
    item_type: Mapped[str]
    item_id: Mapped[str]
    item_name: Mapped[str]
    path: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    way: Mapped[str]
    role: Mapped[str | None]
    status: Mapped[str]
    inherited_from_id: Mapped[str | None]
    user_id: Mapped[str | None]
    user_name: Mapped[str | None]
    user_login: Mapped[str | None]
    invite_email: Mapped[str | None]
    group_id: Mapped[str | None]
    group_name: Mapped[str | None]
    link_access: Mapped[str | None]
    collaboration_id: Mapped[str | None]
    expires_at: Mapped[dt.datetime | None]
    domain: Mapped[str | None]

class ExternalAccess(ExternalAccessColumns, Base):
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    item_web_link: Mapped[WebLink | None]
    owned_by: Mapped[User | None]
    inherited_from: Mapped[Folder | None]
    user: Mapped[User | None]
    group: Mapped[Group | None]
    collaboration: Mapped[Collaboration | None]

class OpenSharedLinkColumns(BoxColumns):
    item_type: Mapped[str]
    item_id: Mapped[str]
    item_name: Mapped[str]
    path: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    url: Mapped[str | None]
    permission: Mapped[str | None]
    is_password_enabled: Mapped[bool | None]
    unshared_at: Mapped[dt.datetime | None]
    download_count: Mapped[int | None]

class OpenSharedLink(OpenSharedLinkColumns, Base):
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    item_web_link: Mapped[WebLink | None]
    owned_by: Mapped[User | None]

class StaleFileColumns(BoxColumns):
    id: Mapped[str]
    name: Mapped[str]
    path: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    size: Mapped[int | None]
    modified_at: Mapped[dt.datetime | None]
    days_unchanged: Mapped[int | None]

class StaleFile(StaleFileColumns, Base):
    file: Mapped[File | None]
    owned_by: Mapped[User | None]

class DuplicateFileColumns(BoxColumns):
    id: Mapped[str]
    name: Mapped[str]
    path: Mapped[str | None]
    owned_by_id: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    size: Mapped[int | None]
    sha1: Mapped[str | None]
    created_at: Mapped[dt.datetime | None]
    copies: Mapped[int | None]

class DuplicateFile(DuplicateFileColumns, Base):
    file: Mapped[File | None]
    owned_by: Mapped[User | None]

class FolderSizeColumns(BoxColumns):
    id: Mapped[str]
    name: Mapped[str]
    path: Mapped[str | None]
    depth: Mapped[int | None]
    owned_by_id: Mapped[str | None]
    owned_by_login: Mapped[str | None]
    file_count: Mapped[int]
    file_size: Mapped[int]
    total_file_count: Mapped[int]
    total_size: Mapped[int]

class FolderSize(FolderSizeColumns, Base):
    folder: Mapped[Folder | None]
    owned_by: Mapped[User | None]

class InactiveUsersContentColumns(BoxColumns):
    item_type: Mapped[str]
    item_id: Mapped[str]
    name: Mapped[str]
    path: Mapped[str | None]
    size: Mapped[int | None]
    modified_at: Mapped[dt.datetime | None]
    user_id: Mapped[str | None]
    user_name: Mapped[str | None]
    user_login: Mapped[str | None]
    user_status: Mapped[str | None]

class InactiveUsersContent(InactiveUsersContentColumns, Base):
    item_file: Mapped[File | None]
    item_folder: Mapped[Folder | None]
    item_web_link: Mapped[WebLink | None]
    user: Mapped[User | None]
