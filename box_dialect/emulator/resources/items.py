"""Serve what files, folders and web links have in common: how they are written, changed, copied and thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NotRequired, TypedDict

from msgspec import Meta

from box_dialect.emulator import access, errors
from box_dialect.emulator.bodies import Collected, Identified, Place
from box_dialect.emulator.metadata.classifications import written_classification
from box_dialect.emulator.metadata.instances import Instance
from box_dialect.emulator.model import File, Folder
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import kept, mini, render
from box_dialect.emulator.sharing import is_shared, shared_link

from .app_item_associations import associations
from .shared_links import LinkSettings, make_shared_link
from .watermarks import watermark_info

if TYPE_CHECKING:
    from box_dialect.emulator.model import Item, User
    from box_dialect.emulator.representations import Json, Reader
    from box_dialect.emulator.routing import Call

MAX_NAME = 255
FAVORITES = {"type": "collection", "id": "405151", "name": "Favorites", "collection_type": "favorites"}
BASE = ("type", "id", "etag")
STANDARD = (
    "description", "path_collection", "created_at", "modified_at", "trashed_at", "purged_at",
    "created_by", "modified_by", "owned_by", "shared_link", "parent", "item_status",
)  # fmt: skip
CONTENT_TIMES = ("size", "content_created_at", "content_modified_at")
FULL = ("tags", "collections", "permissions", "has_collaborations", "is_accessible_via_shared_link",
    "is_externally_owned", "allowed_invitee_roles", "watermark_info", "classification",
    "is_associated_with_app_item")  # fmt: skip
_FOLDER_PERMISSIONS = ("can_delete", "can_download", "can_invite_collaborator", "can_rename", "can_set_share_access",
    "can_share", "can_upload", "can_apply_watermark")  # fmt: skip
_FILE_PERMISSIONS = (*_FOLDER_PERMISSIONS, "can_annotate", "can_comment", "can_preview", "can_view_annotations_all",
    "can_view_annotations_self")  # fmt: skip
_TRASH = {"type": "folder", "id": "1", "sequence_id": None, "etag": None, "name": "Trash"}
_NOBODY = {"type": "user", "id": "", "name": "", "login": ""}


class Update(TypedDict, total=False):
    """What changes any item."""

    name: str
    parent: Place
    shared_link: LinkSettings | None
    collections: list[Collected] | None


class Copy(TypedDict):
    """Where a copy of an item is to lie, and its name unless it keeps that of the item."""

    parent: Identified
    name: NotRequired[Annotated[str, Meta(min_length=1)]]


class _Parent(TypedDict, total=False):
    id: str


class Restore(TypedDict, total=False):
    """Where an item goes from the trash if its old place is gone or its name is taken."""

    name: str
    parent: _Parent


def _etag(item: Item) -> str | None:
    return None if item.id == "0" else str(item.etag)


def _path(item: Item) -> Json:
    known, above = kept("path_collection"), [] if item.trashed_at is not None else access.path(item)
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


def _collections(item: Item) -> list[dict[str, str]]:
    user = access.reader.get()
    return [FAVORITES] if user is not None and item in user.favorites else []


COMPUTED: dict[str, Reader] = {
    "etag": _etag,
    "sequence_id": _etag,
    "path_collection": _path,
    "created_by": _creator,
    "parent": _parent,
    "permissions": _permissions,
    "item_status": lambda item: "trashed" if item.is_trashed else "active",
    "has_collaborations": lambda item: bool(item.collaborations),
    "shared_link": shared_link,
    "is_accessible_via_shared_link": is_shared,
    "collections": _collections,
    "is_externally_owned": lambda item: item.owned_by.enterprise is None,
    "allowed_invitee_roles": lambda _: list(access.ROLES),
    "watermark_info": watermark_info,
    "classification": written_classification,
    "is_associated_with_app_item": lambda item: any(associations(item)),
}


def check_name(name: str) -> str:
    """Return a name that Box takes, or raise the 400 for one that it refuses.

    https://developer.box.com/guides/uploads/direct/file
    """
    if name in ("", ".", "..") or name != name.rstrip(" "):
        raise errors.invalid_parameter("name", name, "The name is not valid", "item_name_invalid")
    if any(char in "/\\" or char < " " or char == "\x7f" for char in name):
        raise errors.invalid_parameter("name", name, "The name has a forbidden character", "item_name_invalid")
    if len(name) > MAX_NAME:
        raise errors.invalid_parameter("name", name, "The name is too long", "item_name_too_long")
    return name


def clash(parent: Folder, name: str, item: Item | None = None) -> Item | None:
    """Return what other than `item` already has a name in a folder; case makes no difference."""
    other = parent.children.get(name.casefold())
    return None if other is item else other


def check_free(parent: Folder, name: str, item: Item | None = None) -> None:
    """Raise the 409 with a list of conflicts when a name is taken."""
    other = clash(parent, name, item)
    if other is not None:
        raise errors.name_in_use([render(other) if isinstance(other, Folder) else mini(other)])


def check_storage(owner: User, size: int) -> None:
    """Raise the 403 when what a user is to own takes more space than the user has."""
    if owner.space_amount >= 0 and owner.space_used + size > owner.space_amount:
        raise errors.storage_full()


def answer(call: Call, item: Item, status: int = 200) -> Reply:
    """Answer an item with what the caller asks of it."""
    return Reply(status, render(item, "standard", call.fields))


def update(call: Call, item: Item) -> None:
    """Apply what the body names: name, parent, description, tags and shared link; what it lacks stays."""
    if item.id == "0":
        raise errors.forbidden()
    body, store = call.json, call.store
    if "parent" not in body:  # a move is not protected by if-match
        call.check_if_match(item)
    name, parent = check_name(body.get("name", item.name)), _target(call, item)
    check_free(parent, name, item)
    if parent.owned_by is not item.owned_by:
        check_storage(parent.owned_by, item.size)
    link = make_shared_link(call, item) if "shared_link" in body else item.shared_link
    favorites = _favorites(call, item) if "collections" in body else call.user.favorites
    events = [
        event
        for event, happened in (
            ("ITEM_RENAME", name != item.name),
            ("ITEM_MOVE", parent is not item.parent),
            ("ITEM_SHARED", bool(link and not item.shared_link)),
            ("ITEM_SHARED_UNSHARE", bool(item.shared_link and not link)),
        )
        if happened
    ]
    if name != item.name or parent is not item.parent:
        store.relocate(item, parent, name)
    item.description, item.tags = body.get("description", item.description), body.get("tags", item.tags)
    item.shared_link = link
    call.user.favorites = favorites
    store.touch(item, call.user)
    for event in events:
        store.record(event, call.user, item)


def _target(call: Call, item: Item) -> Folder:
    place = call.json.get("parent")
    if place is None:
        assert item.parent is not None  # noqa: S101 - only the root lacks one, and it is never changed
        return item.parent
    if "user_id" in place and place.get("id") != "0":
        raise errors.invalid_parameter("user_id", place["user_id"], "Only the root folder goes by a user")
    parent = call.parent(place)
    step: Folder | None = parent
    while step is not None:
        if step is item:
            raise errors.bad_request("cyclical_folder_structure", "Folder move creates cyclical folder structure")
        step = step.parent
    return parent


def _favorites(call: Call, item: Item) -> dict[Item, None]:
    """Return the caller's favorites, which are the only collection, with the item or, for none or null, without it."""
    asked = call.json["collections"] or []
    if any(each.get("id") != FAVORITES["id"] for each in asked):
        raise errors.invalid_parameter("collections", asked, "There is no such collection")
    favorites = {other: None for other in call.user.favorites if other is not item}
    return {**favorites, item: None} if asked else favorites


def needed(call: Call) -> frozenset[str]:
    """Return the permissions that a change needs: what each key of its body does.

    Favorites are a matter of each user's own.
    """
    keys = call.json.keys() - {"collections"}
    sharing = frozenset({"can_share"} if "shared_link" in keys else ())
    return sharing | frozenset({"can_rename"} if keys - {"shared_link"} else ())


def discard(call: Call, item: Item) -> Reply:
    """Move an item to the trash."""
    if item.id == "0":
        raise errors.forbidden()
    if item.is_trashed:
        raise errors.trashed()
    call.check_if_match(item)
    call.store.discard(item, call.user)
    call.store.record("ITEM_TRASH", call.user, item)
    return Reply(204)


def trashed(item: Item) -> Item:
    """Return an item that is itself in the trash: what merely lies in a trashed folder is not."""
    if item.trashed_at is None:
        raise errors.not_trashed()
    return item


def restore(call: Call, item: Item) -> Reply:
    """Move an item out of the trash, to the place that the body names if its old one is gone."""
    trashed(item)
    body = call.json
    name, parent = check_name(body.get("name", item.name)), item.parent
    taken = parent is None or parent.is_trashed or clash(parent, name) is not None
    if taken and "parent" in body:
        parent = call.parent(body["parent"])
    if parent is None or parent.is_trashed:
        raise errors.not_found("parent", parent.id if parent else None)
    if clash(parent, item.name) is None:
        name = item.name  # the body's name is for the case of a conflict
    check_free(parent, name)
    call.store.restore(item, parent, name)
    call.store.touch(item, call.user)
    call.store.record("ITEM_UNDELETE_VIA_TRASH", call.user, item)
    body = render(item, "standard", call.fields)
    # These are in force again, but the answer does not tell.
    return Reply(201, body | dict.fromkeys(body.keys() & {"shared_link", "folder_upload_email"}))


def purge(call: Call, item: Item) -> Reply:
    """Remove an item from the trash for good, unless a retention policy or a legal hold keeps it."""
    if call.store.is_kept(trashed(item)):
        raise errors.BoxError(403, "forbidden_by_policy", "The item is under retention or on legal hold")
    call.store.purge(item)
    return Reply(204)


def copy(call: Call, item: Item) -> Item:
    """Copy an item to the parent and name of the body; forbidden characters in the name of a file are dropped."""
    if item.is_trashed:
        raise errors.trashed()
    parent, asked = call.parent(call.json["parent"]), call.json.get("name", item.name)
    clean = "".join(char for char in asked if char.isprintable() and char not in "/\\").rstrip(" ")
    name = check_name(clean if isinstance(item, File) else asked)
    check_free(parent, name)
    check_storage(parent.owned_by, item.size)
    twin = call.store.copy(item, parent, name, call.user)
    call.store.record("ITEM_COPY", call.user, twin)
    for _ in twin.of(Instance):
        call.store.record("METADATA_INSTANCE_COPY", call.user, twin)
    return twin
