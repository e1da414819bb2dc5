"""List a folder's files as the driver does, by hand: httpx, msgspec, and an expression for each column.

It is what the driver's own work is measured against: the same calls, the same tuples, and no SQL between.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import httpx
import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.servers import Server

FIELDS: Final = (
    "allowed_invitee_roles,classification,collections,comment_count,content_created_at,content_modified_at,"
    "created_at,created_by,description,disposition_at,etag,expires_at,extension,file_version,has_collaborations,id,"
    "is_accessible_via_shared_link,is_associated_with_app_item,is_externally_owned,is_package,item_status,lock,"
    "modified_at,modified_by,name,owned_by,path_collection,permissions,purged_at,sequence_id,sha1,shared_link,"
    "shared_link_permission_options,size,tags,trashed_at,type,uploader_display_name,version_number,watermark_info"
)


class Named(msgspec.Struct):
    """A folder on a path."""

    id: str
    name: str


class Path(msgspec.Struct):
    """The folders from the root down to a file."""

    entries: list[Named]


class User(msgspec.Struct):
    """Who did something."""

    id: str
    name: str
    login: str


class Version(msgspec.Struct):
    """The current version."""

    id: str


class Watermark(msgspec.Struct):
    """Whether a file is watermarked."""

    is_watermarked: bool
    is_watermark_inherited: bool
    is_watermarked_by_access_policy: bool


class Classification(msgspec.Struct):
    """A file's classification."""

    name: str
    definition: str
    color: str


class Lock(msgspec.Struct):
    """Who locked a file, and until when."""

    id: str
    type: str
    created_at: datetime
    created_by: User
    expired_at: datetime | None
    is_download_prevented: bool
    app_type: str | None


class SharedLink(msgspec.Struct):
    """A shared link."""

    url: str
    download_url: str | None
    vanity_url: str | None
    vanity_name: str | None
    access: str
    effective_access: str
    effective_permission: str
    unshared_at: datetime | None
    is_password_enabled: bool
    permissions: msgspec.Raw
    download_count: int
    preview_count: int


class File(msgspec.Struct):
    """A file with the fields that are asked for."""

    type: str
    id: str
    etag: str
    sequence_id: str
    name: str
    sha1: str
    file_version: Version
    description: str
    path_collection: Path
    created_at: datetime
    modified_at: datetime
    trashed_at: datetime | None
    purged_at: datetime | None
    created_by: User
    modified_by: User
    owned_by: User
    shared_link: SharedLink | None
    item_status: str
    size: int
    content_created_at: datetime
    content_modified_at: datetime
    tags: msgspec.Raw
    collections: msgspec.Raw
    permissions: msgspec.Raw
    has_collaborations: bool
    is_accessible_via_shared_link: bool
    is_externally_owned: bool
    allowed_invitee_roles: msgspec.Raw
    watermark_info: Watermark
    classification: Classification | None
    is_associated_with_app_item: bool
    version_number: str
    comment_count: int
    lock: Lock | None
    extension: str
    is_package: bool
    expires_at: datetime | None
    uploader_display_name: str
    disposition_at: datetime | None
    shared_link_permission_options: msgspec.Raw


class Page(msgspec.Struct):
    """One page of a listing."""

    entries: list[File]
    next_marker: str | None = None


def rows(server: Server, folder_id: str) -> Iterator[tuple[Any, ...]]:
    """Yield what `SELECT * FROM files WHERE parent_id = …` gives."""
    decoder = msgspec.json.Decoder(Page)
    parameters = {"usemarker": "true", "limit": "1000", "fields": FIELDS}
    with httpx.Client(headers={"Authorization": f"Bearer {server.token}"}) as client:
        while True:
            answer = client.get(f"{server.api}/folders/{folder_id}/items", params=parameters)
            page = decoder.decode(answer.raise_for_status().content)
            for file in page.entries:
                yield _row(file, folder_id)
            if not page.next_marker:
                return
            parameters["marker"] = page.next_marker


_NO_LINK: Final = (None,) * 12
_NO_LOCK: Final = (None,) * 9
_NOT_CLASSIFIED: Final = (None,) * 3


def _row(file: File, folder_id: str) -> tuple[Any, ...]:
    folders = [folder.name for folder in file.path_collection.entries[1:]]
    created, modified, owner, mark = file.created_by, file.modified_by, file.owned_by, file.watermark_info
    return (
        file.id,
        file.type,
        file.name,
        folder_id,
        "/" + "/".join([*folders, file.name]),
        "/" + "/".join(folders),
        len(folders) + 1,
        file.description,
        _datetime(file.created_at),
        _datetime(file.modified_at),
        created.id,
        created.name,
        created.login,
        modified.id,
        modified.name,
        modified.login,
        owner.id,
        owner.name,
        owner.login,
        *(_NO_LINK if file.shared_link is None else _link(file.shared_link)),
        file.etag,
        file.sequence_id,
        file.item_status,
        _datetime(file.trashed_at),
        _datetime(file.purged_at),
        file.size,
        file.extension,
        file.sha1,
        file.file_version.id,
        file.version_number,
        _datetime(file.content_created_at),
        _datetime(file.content_modified_at),
        file.comment_count,
        _text(file.tags),
        _text(file.collections),
        *(_NO_LOCK if file.lock is None else _lock(file.lock)),
        _text(file.permissions),
        file.is_package,
        file.is_accessible_via_shared_link,
        file.is_externally_owned,
        file.is_associated_with_app_item,
        mark.is_watermarked,
        mark.is_watermark_inherited,
        mark.is_watermarked_by_access_policy,
        file.has_collaborations,
        _text(file.allowed_invitee_roles),
        _text(file.shared_link_permission_options),
        *(_NOT_CLASSIFIED if file.classification is None else msgspec.structs.astuple(file.classification)),
        file.uploader_display_name,
        _datetime(file.expires_at),
        _datetime(file.disposition_at),
    )


def _link(link: SharedLink) -> tuple[Any, ...]:
    return (
        link.url,
        link.download_url,
        link.vanity_url,
        link.vanity_name,
        link.access,
        link.effective_access,
        link.effective_permission,
        _datetime(link.unshared_at),
        link.is_password_enabled,
        _text(link.permissions),
        link.download_count,
        link.preview_count,
    )


def _lock(lock: Lock) -> tuple[Any, ...]:
    by = lock.created_by
    return (
        lock.id,
        lock.type,
        _datetime(lock.created_at),
        by.id,
        by.name,
        by.login,
        _datetime(lock.expired_at),
        lock.is_download_prevented,
        lock.app_type,
    )


def _datetime(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _text(value: msgspec.Raw) -> str:
    return bytes(value).decode()
