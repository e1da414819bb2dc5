"""Change files, folders and web links alike: names, places, shared links, copies, the trash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.emulator import errors
from box_dialect.emulator.model import File, Folder
from box_dialect.emulator.representations import FAVORITES, mini, render
from box_dialect.emulator.routing import Reply

from .shared_links import make_shared_link

if TYPE_CHECKING:
    from box_dialect.emulator.model import Item
    from box_dialect.emulator.routing import Call

MAX_NAME, MAX_DESCRIPTION, MAX_TAGS = 255, 256, 100


def check_name(name: object) -> str:
    """Return a name that Box takes, or raise the 400 for one that it refuses.

    https://developer.box.com/guides/uploads/direct/file
    """
    if not isinstance(name, str) or name in ("", ".", "..") or name != name.rstrip(" "):
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
    description = call.text("description", MAX_DESCRIPTION) if "description" in body else item.description
    tags = _tags(body["tags"]) if "tags" in body else item.tags
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
    item.description, item.tags, item.shared_link = description, tags, link
    call.user.favorites = favorites
    store.touch(item, call.user)
    for event in events:
        store.record(event, call.user, item)


def _target(call: Call, item: Item) -> Folder:
    place = call.json.get("parent")
    if place is None:
        assert item.parent is not None  # noqa: S101 - only the root lacks one, and it is never changed
        return item.parent
    identity, user = (call.dig(f"parent.{name}") for name in ("id", "user_id"))
    if user is not None and identity != "0":
        raise errors.invalid_parameter("user_id", user, "Only the root folder goes by a user")
    parent = call.parent(identity)
    step: Folder | None = parent
    while step is not None:
        if step is item:
            raise errors.bad_request("cyclical_folder_structure", "Folder move creates cyclical folder structure")
        step = step.parent
    return parent


def _tags(tags: Any) -> list[str]:
    valid = isinstance(tags, list) and len(tags) <= MAX_TAGS and all(isinstance(tag, str) for tag in tags)
    if not valid:
        raise errors.invalid_parameter("tags", tags, f"'tags' must be a list of at most {MAX_TAGS} texts")
    return list(tags)


def _favorites(call: Call, item: Item) -> dict[Item, None]:
    """Return the caller's favorites, which are the only collection, with the item or, for none or null, without it."""
    asked = call.json["collections"] or []
    if not isinstance(asked, list) or any(
        not isinstance(each, dict) or each.get("id") != FAVORITES["id"] for each in asked
    ):
        raise errors.invalid_parameter("collections", asked, "There is no such collection")
    favorites = {other: None for other in call.user.favorites if other is not item}
    return {**favorites, item: None} if asked else favorites


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
        parent = call.parent(call.dig("parent.id"))
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
    """Remove an item from the trash for good."""
    call.store.purge(trashed(item))
    return Reply(204)


def copy(call: Call, item: Item) -> Item:
    """Copy an item to the parent and name of the body; forbidden characters in the name of a file are dropped."""
    call.require("parent.id")
    if item.is_trashed:
        raise errors.trashed()
    parent = call.parent(call.dig("parent.id"))
    asked = str(call.json.get("name") or item.name)
    clean = "".join(char for char in asked if char.isprintable() and char not in "/\\").rstrip(" ")
    name = check_name(clean if isinstance(item, File) else asked)
    check_free(parent, name)
    twin = call.store.copy(item, parent, name, call.user)
    call.store.record("ITEM_COPY", call.user, twin)
    return twin
