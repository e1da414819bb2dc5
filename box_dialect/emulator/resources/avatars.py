"""Serve the pictures of users.

Source: https://developer.box.com/reference/post-users-id-avatar/
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from box_dialect.emulator import errors, multipart
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import User
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import Resource

from .users import SCOPES

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call

MAX_BYTES, MAX_PIXELS = 1 << 20, 1024
_TYPES = {"png": "image/png", "jpg": "image/jpeg"}
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the segments of a JPEG that tell its size


@dataclass(slots=True, eq=False, kw_only=True)
class Avatar(Entity):
    """The picture of a user."""

    type, table, first_id = "avatar", "avatars", 5_108_000_001
    owners, unique = ("user",), ("user",)
    user: User
    data: bytes
    content_type: str


AVATARS = Resource(Avatar, base=("content_type",))


def _size(data: bytes) -> tuple[int, int] | None:
    """Return how wide and high a PNG or JPEG is, or None for what is neither."""
    if data.startswith(_PNG) and len(data) >= 24:
        return struct.unpack(">II", data[16:24])
    place = 2 if data.startswith(_JPEG) else len(data)
    while place + 9 <= len(data) and data[place] == 0xFF:
        if data[place + 1] in _FRAMES:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return None


def _owner(call: Call) -> User:
    """Return the user whose avatar is to change, who is active: who is signed in, or anybody to an administrator."""
    user = call.found(User, call.id)
    if user is not call.user:
        call.require_administrator(*SCOPES)
    if user.status != "active":
        raise errors.BoxError(403, "forbidden", "The user is not activated")
    return user


def _found(user: User) -> Avatar:
    avatar = next(iter(user.of(Avatar).values()), None)
    if avatar is None:
        raise errors.not_found("avatar", user.id)
    return avatar


@AVATARS.operation("GET", "/users/{user_id}/avatar")
def get_avatar(call: Call) -> Reply:
    """Get the picture of a user."""
    avatar = _found(call.found(User, call.id))
    return Reply(200, avatar.data, {"content-type": avatar.content_type})


@AVATARS.operation("POST", "/users/{user_id}/avatar")
def set_avatar(call: Call) -> Reply:
    """Set the picture of a user, with status 201, or replace it."""
    user = _owner(call)
    picture = next((part for part in multipart.read(call) if part.name == "pic"), None)
    if picture is None:
        raise errors.missing_parameter("pic")
    kind = _TYPES.get(picture.filename.rpartition(".")[2].lower())
    if kind is None:
        raise errors.invalid_parameter("pic", picture.filename, "The file must be a .jpg or a .png")
    size = _size(picture.data)
    if size is None or max(size) > MAX_PIXELS or len(picture.data) > MAX_BYTES:
        raise errors.invalid_parameter(
            "pic", picture.filename, "It must be an image of 1 MB and 1024 x 1024 pixels at most"
        )
    former = next(iter(user.of(Avatar).values()), None)
    if former is not None:
        call.store.remove(former)
    call.store.add(Avatar(user=user, data=picture.data, content_type=kind))
    address = "https://app.box.com/index.php?rm=pic_storage_auth&pic={}&user=" + user.id
    sizes = {name: address.format(name) for name in ("small", "large", "preview")}
    return Reply(201 if former is None else 200, {"pic_urls": sizes})


@AVATARS.operation("DELETE", "/users/{user_id}/avatar")
def delete_avatar(call: Call) -> Reply:
    """Remove the picture of a user."""
    call.store.remove(_found(_owner(call)))
    return Reply(204)
