# Written by docs/generate.py out of the catalog; edit the declarations there, not this file.

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped

from box_dialect.catalog import Table

AUTOMAP: Final[Mapping[str, Callable[..., Any]]]

def relate(base: type[Any]) -> None: ...
def tables(metadata: sa.MetaData, *added: Table) -> dict[str, sa.Table]: ...

class Base(DeclarativeBase): ...
class BoxObject: ...

class BoxColumns:
    box_table: Table

def columns_of(table: Table) -> type[BoxColumns]: ...
def map_tables(tables: Iterable[Table], base: type[Any] = ...) -> dict[str, Any]: ...

class FileColumns(BoxColumns):
    search: Mapped[str | None]
    content: Mapped[bytes | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str | None]
    parent_path: Mapped[str | None]
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
    lock_id: Mapped[str | None]
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
    comments: Mapped[list[Comment]]

class FolderColumns(BoxColumns):
    search: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str | None]
    parent_path: Mapped[str | None]
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
    def __init__(
        self,
        *,
        name: str = ...,
        parent_id: str | None = ...,
        parent: Folder | None = ...,
        description: str | None = ...,
        sync_state: str | None = ...,
        can_non_owners_invite: bool | None = ...,
        can_non_owners_view_collaborators: bool | None = ...,
        is_collaboration_restricted_to_enterprise: bool | None = ...,
    ) -> None: ...

class ItemColumns(BoxColumns):
    search: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str | None]
    parent_path: Mapped[str | None]
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
    search: Mapped[str | None]
    id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[str | None]
    path: Mapped[str | None]
    parent_path: Mapped[str | None]
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
    def __init__(
        self,
        *,
        name: str = ...,
        parent_id: str | None = ...,
        parent: Folder | None = ...,
        description: str | None = ...,
        url: str | None = ...,
    ) -> None: ...

class UserColumns(BoxColumns):
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

class MembershipColumns(BoxColumns):
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

class CollaborationColumns(BoxColumns):
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
    user: Mapped[User | None]
    group: Mapped[Group | None]
    created_by: Mapped[User | None]

class CommentColumns(BoxColumns):
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
    session_id: Mapped[str | None]
    source: Mapped[Any]
    additional_details: Mapped[Any]
    stream_type: Mapped[str | None]

class Event(EventColumns, Base):
    created_by: Mapped[User | None]
