"""Write entities as JSON: which fields belong to which level is data, how a computed field is read is one function.

Levels: base ⊂ mini ⊂ standard ⊂ full. A GET answers standard, a list mini (search: standard), and `fields` replaces
these by the named fields plus base; names that do not exist are ignored.

Source: https://developer.box.com/guides/api-calls/request-extra-fields
"""

from __future__ import annotations

import secrets
import threading
from decimal import Decimal
from functools import cache, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from . import access, clock
from .model import Collaboration, Comment, File, Folder, Group, Item, Membership, User, Version, WebLink
from .sharing import ACCESS, is_shared, shared_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Json: TypeAlias = dict[str, Any]
Entity: TypeAlias = "File | Folder | WebLink | Item | Version | User | Group | Membership | Comment | Collaboration"

_ITEM_BASE = ("type", "id", "etag")
_ITEM_STANDARD = (
    "description", "path_collection", "created_at", "modified_at", "trashed_at", "purged_at",
    "created_by", "modified_by", "owned_by", "shared_link", "parent", "item_status",
)  # fmt: skip
_CONTENT_TIMES = ("size", "content_created_at", "content_modified_at")
_ITEM_FULL = ("tags", "collections", "permissions", "has_collaborations", "is_accessible_via_shared_link",
    "is_externally_owned", "allowed_invitee_roles", "watermark_info", "classification",
    "is_associated_with_app_item")  # fmt: skip

# Each level adds its fields to the level before.
_ADDED: dict[str, dict[str, tuple[str, ...]]] = {
    "file": {
        "base": _ITEM_BASE,
        "mini": ("file_version", "sequence_id", "sha1", "name"),
        "standard": (*_ITEM_STANDARD, *_CONTENT_TIMES),
        "full": (*_ITEM_FULL, "version_number", "comment_count", "lock", "extension", "is_package", "expires_at",
            "uploader_display_name", "disposition_at", "shared_link_permission_options", "expiring_embed_link"),
    },
    "folder": {
        "base": _ITEM_BASE,
        "mini": ("sequence_id", "name"),
        "standard": (*_ITEM_STANDARD, *_CONTENT_TIMES, "folder_upload_email"),
        "full": (*_ITEM_FULL, "sync_state", "can_non_owners_invite", "is_collaboration_restricted_to_enterprise",
            "allowed_shared_link_access_levels", "can_non_owners_view_collaborators"),
    },
    "web_link": {
        "base": _ITEM_BASE,
        "mini": ("url", "sequence_id", "name"),
        "standard": _ITEM_STANDARD,
        "full": ("collections",),
    },
    "file_version": {
        "base": ("type", "id"),
        "mini": ("sha1",),
        "standard": ("name", "size", "created_at", "modified_at", "modified_by", "trashed_at", "purged_at",
            "uploader_display_name"),
        "full": ("version_number", "trashed_by", "restored_at", "restored_by"),
    },
    "user": {
        "base": ("type", "id"),
        "mini": ("name", "login"),
        "standard": ("created_at", "modified_at", "language", "timezone", "space_amount", "space_used",
            "max_upload_size", "status", "job_title", "phone", "address", "avatar_url", "notification_email"),
        "full": ("role", "tracking_codes", "can_see_managed_users", "is_sync_enabled", "enterprise", "my_tags",
            "is_external_collab_restricted", "is_exempt_from_device_limits", "is_exempt_from_login_verification",
            "hostname", "is_platform_access_only", "external_app_user_id"),
    },
    "group": {
        "base": ("type", "id"),
        "mini": ("name", "group_type"),
        "standard": ("created_at", "modified_at"),
        "full": ("provenance", "external_sync_identifier", "description", "invitability_level",
            "member_viewability_level", "permissions"),
    },
    "group_membership": {
        "base": ("type", "id"),
        "mini": ("user", "group", "role", "created_at", "modified_at"),
        "standard": (),
        "full": ("configurable_permissions",),
    },
    "comment": {
        "base": ("type", "id"),
        "mini": ("is_reply_comment", "message", "created_by", "created_at"),
        "standard": ("modified_at", "item"),
        "full": ("tagged_message",),
    },
    "collaboration": {
        "base": ("type", "id"),
        "mini": ("created_by", "created_at", "modified_at", "expires_at", "status", "accessible_by", "invite_email",
            "role", "acknowledged_at", "item", "is_access_only"),
        "standard": (),
        "full": ("can_view_path", "acceptance_requirements_status", "app_item"),
    },
}  # fmt: skip


def _cumulative(added: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    levels: dict[str, tuple[str, ...]] = {}
    fields: tuple[str, ...] = ()
    for level, names in added.items():
        fields = levels[level] = (*fields, *names)
    return levels


LEVELS = {kind: _cumulative(added) for kind, added in _ADDED.items()}

_FOLDER_PERMISSIONS = ("can_delete", "can_download", "can_invite_collaborator", "can_rename", "can_set_share_access",
    "can_share", "can_upload", "can_apply_watermark")  # fmt: skip
_FILE_PERMISSIONS = (*_FOLDER_PERMISSIONS, "can_annotate", "can_comment", "can_preview", "can_view_annotations_all",
    "can_view_annotations_self")  # fmt: skip
_TRASH = {"type": "folder", "id": "1", "sequence_id": None, "etag": None, "name": "Trash"}
_EMBED_LIFETIME = 3600
_LARGE = 10**10  # bytes
_NOBODY = {"type": "user", "id": "", "name": "", "login": ""}


FAVORITES = {"type": "collection", "id": "405151", "name": "Favorites", "collection_type": "favorites"}


class _Page(threading.local):
    """What the entries of a list share while it is written: minis by entity, paths by the folder they lead to."""

    minis: dict[Any, Json] | None = None
    paths: dict[Any, Json] | None = None


_page = _Page()


def mini(entity: Entity | None) -> Json | None:
    """Write the mini representation, or null."""
    if entity is None:
        return None
    known = _page.minis
    if known is None:
        return render(entity, "mini")
    found = known.get(entity)
    if found is None:
        found = known[entity] = render(entity, "mini")
    return found


def _etag(item: Item) -> str | None:
    return None if item.id == "0" else str(item.etag)


def _path(item: Item) -> Json:
    known, above = _page.paths, [] if item.trashed_at is not None else access.path(item)
    if known is None or not above:
        return _steps(item, above)
    found = known.get(above[0])
    if found is None:
        found = known[above[0]] = _steps(item, above)
    return found


def _steps(item: Item, above: list[Folder]) -> Json:
    entries: list[Json | None] = [_TRASH] if item.trashed_at is not None else []
    for step in above:
        entries.append(mini(step))
        if step.trashed_at is not None:
            entries.append(_TRASH)
            break
    return {"total_count": len(entries), "entries": entries[::-1]}


def _parent(item: Item) -> Json | None:
    above = access.path(item)
    return mini(above[0]) if above else None


def _permissions(item: File | Folder) -> dict[str, bool]:
    names, user = _FILE_PERMISSIONS if isinstance(item, File) else _FOLDER_PERMISSIONS, access.reader.get()
    granted = frozenset(names) if user is None else access.permissions(user, item)
    return {name: name in granted for name in names}


def _creator(item: Item) -> Json | None:
    return _NOBODY if item.id == "0" else mini(item.created_by)


def _current_version(file: File) -> Json:
    """Write a mini version by hand: each file of a list has an own one, so that it counts."""
    version = file.versions[-1]
    return {"type": "file_version", "id": version.id, "sha1": version.content.sha1}


def _extension(file: File) -> str:
    stem, dot, extension = file.name.rpartition(".")
    return extension if dot and stem else ""


def _commented(comment: Comment) -> Json:
    target = comment.reply_to or comment.file
    return {"type": target.type, "id": target.id}


def _grantee(collaboration: Collaboration) -> Json | None:
    grantee = collaboration.accessible_by
    if isinstance(grantee, User):
        name = "" if collaboration.status == "pending" else grantee.name
        return {"type": "user", "id": grantee.id, "name": name, "login": grantee.login, "is_active": True}
    return mini(grantee)


def lock_of(file: File) -> dict[str, Any] | None:
    """Return the lock of a file, unless it expired."""
    lock = file.lock
    expired = lock is not None and lock["expired_at"] is not None and lock["expired_at"] <= clock.now()
    return None if expired else lock


def _lock(file: File) -> Json | None:
    lock = lock_of(file)
    if lock is None:
        return None
    times = {name: clock.stamp(lock[name]) for name in ("created_at", "expired_at")}
    return {**lock, **times, "created_by": mini(lock["created_by"])}


def _may_invite(group: Group) -> bool:
    user = access.reader.get()
    return user is None or access.is_among(user, group, group.invitability_level)


def _of_enterprise(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Hide from the enterprise what is known of an external user beyond name and login."""
    return lambda user: read(user) if user.enterprise is not None or user is access.reader.get() else None


def _folder_size(folder: Folder) -> int | msgspec.Raw:
    """Write the size of a folder, a large one with an exponent as Box warns of; no digit is lost."""
    return folder.size if folder.size < _LARGE else msgspec.Raw(f"{Decimal(folder.size).normalize():E}".encode())


def _upload_email(folder: Folder) -> dict[str, str] | None:
    email = folder.folder_upload_email
    return None if email is None or folder.is_trashed else email


def _collections(item: Item) -> list[dict[str, str]]:
    user = access.reader.get()
    return [FAVORITES] if user is not None and item in user.favorites else []


def _embed_link(file: File) -> Json:
    """Write what a page would show the file with; the token is of the right form, but nobody has a use for it here."""
    token = secrets.token_urlsafe(24)
    return {
        "access_token": token,
        "expires_in": _EMBED_LIFETIME,
        "token_type": "bearer",
        "restricted_to": [{"scope": "base_preview", "object": mini(file)}],
        "url": f"https://app.box.com/preview/expiring_embed/{token}",
    }


def _watermark(_: Item) -> Json:
    return dict.fromkeys(("is_watermarked", "is_watermark_inherited", "is_watermarked_by_access_policy"), False)


_ITEM: dict[str, Callable[[Any], Any]] = {
    "etag": _etag,
    "sequence_id": _etag,
    "path_collection": _path,
    "created_by": _creator,
    "modified_by": lambda item: mini(item.modified_by),
    "owned_by": lambda item: mini(item.owned_by),
    "parent": _parent,
    "item_status": lambda item: "trashed" if item.is_trashed else "active",
    "has_collaborations": lambda item: bool(item.collaborations),
    "shared_link": shared_link,
    "is_accessible_via_shared_link": is_shared,
    "collections": _collections,
    "is_externally_owned": lambda item: item.owned_by.enterprise is None,
    "allowed_invitee_roles": lambda _: list(access.ROLES),
    "watermark_info": _watermark,
    "classification": lambda _: None,
    "is_associated_with_app_item": lambda _: False,
}
_COMPUTED: dict[str, dict[str, Callable[[Any], Any]]] = {
    "file": {
        **_ITEM,
        "sha1": lambda file: file.content.sha1,
        "file_version": _current_version,
        "permissions": _permissions,
        "version_number": lambda file: str(file.versions[-1].version_number),
        "comment_count": lambda file: len(file.comments),
        "lock": _lock,
        "extension": _extension,
        "is_package": lambda _: False,
        "expires_at": lambda _: None,
        "disposition_at": lambda _: None,
        "uploader_display_name": lambda file: file.versions[-1].modified_by.name,
        "shared_link_permission_options": lambda _: ["can_preview", "can_download", "can_edit"],
        "expiring_embed_link": _embed_link,
    },
    "folder": {
        **_ITEM,
        "permissions": _permissions,
        "size": _folder_size,
        "folder_upload_email": _upload_email,
        "allowed_shared_link_access_levels": lambda folder: [] if folder.id == "0" else list(ACCESS),
    },
    "web_link": _ITEM,
    "file_version": {
        "sha1": lambda version: version.content.sha1,
        "size": lambda version: version.content.size,
        "modified_by": lambda version: mini(version.modified_by),
        "uploader_display_name": lambda version: version.modified_by.name,
        "version_number": lambda version: str(version.version_number),
        "trashed_by": lambda version: mini(version.trashed_by),
        "restored_by": lambda version: mini(version.restored_by),
    },
    "user": {
        "avatar_url": lambda user: f"https://app.box.com/api/avatar/large/{user.id}",
        "my_tags": lambda _: [],
        "hostname": lambda _: "https://app.box.com/",
    },
    "group": {"permissions": lambda group: {"can_invite_as_collaborator": _may_invite(group)}},
    "group_membership": {
        "user": lambda membership: mini(membership.user),
        "group": lambda membership: mini(membership.group),
    },
    "comment": {
        "is_reply_comment": lambda comment: comment.reply_to is not None,
        "created_by": lambda comment: mini(comment.created_by),
        "item": _commented,
    },
    "collaboration": {
        "created_by": lambda collaboration: mini(collaboration.created_by),
        "accessible_by": _grantee,
        "item": lambda collaboration: None if collaboration.status == "pending" else mini(collaboration.item),
        "acceptance_requirements_status": lambda _: {},
        "app_item": lambda _: None,
    },
}


def _reader(kind: str, name: str) -> Callable[[Any], Any]:
    if kind == "user" and name not in LEVELS["user"]["mini"]:
        return _of_enterprise(_plain_reader(kind, name))
    return _plain_reader(kind, name)


def _plain_reader(kind: str, name: str) -> Callable[[Any], Any]:
    computed = _COMPUTED[kind].get(name)
    if computed is not None:
        return computed
    read = attrgetter(name)
    return (lambda entity: clock.stamp(read(entity))) if name.endswith("_at") else read


Columns: TypeAlias = "tuple[tuple[str, Callable[[Any], Any]], ...]"


@cache
def _level(kind: str, level: str) -> Columns:
    return tuple((name, _reader(kind, name)) for name in LEVELS[kind][level])


@lru_cache(maxsize=1024)
def _named(kind: str, fields: str) -> Columns:
    names = {name.strip() for name in fields.split(",")}.union(LEVELS[kind]["base"])
    return tuple((name, _reader(kind, name)) for name in LEVELS[kind]["full"] if name in names)


def render(entity: Entity, level: str = "standard", fields: str | None = None) -> Json:
    """Write an entity with the fields of a level, or with those that `fields` names (comma-separated) plus base."""
    columns = _named(entity.type, fields) if fields else _level(entity.type, level)
    return {name: read(entity) for name, read in columns}


def render_all(entities: Iterable[Entity], level: str, fields: str | None) -> list[Json]:
    """Write the entries of a list."""
    _page.minis, _page.paths = {}, {}
    try:
        return [render(entity, level, fields) for entity in entities]
    finally:
        _page.minis = _page.paths = None


def event_sources(entity: Entity) -> tuple[Json, Json]:
    """Write what an event is about, for the stream of a user and for the streams of the enterprise."""
    if not isinstance(entity, File | Folder | WebLink):
        return render(entity), render(entity)
    flat = {"item_type": entity.type, "item_id": entity.id, "item_name": entity.name}
    return render(entity), {**flat, "parent": mini(entity.parent), "owned_by": mini(entity.owned_by)}
