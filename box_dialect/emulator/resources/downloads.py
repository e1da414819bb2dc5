"""Serve the bytes of files at signed addresses that need no token, as Box's storage host does.

Source: https://developer.box.com/guides/downloads/file
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from box_dialect.emulator import clock, errors
from box_dialect.emulator.reply import Reply, Stream

if TYPE_CHECKING:
    from box_dialect.emulator.content import Content
    from box_dialect.emulator.model import File, Item, Version
    from box_dialect.emulator.routing import Call
    from box_dialect.emulator.state import State

LIFETIME = 15 * 60
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


def link_to(call: Call, file: File, version: Version) -> str:
    """Return the address of a version's bytes, which is good for a quarter of an hour."""
    expiry = clock.now() + LIFETIME
    signature = _sign(call.store, file.id, version.id, str(expiry))
    return f"{call.base_url}/dl/{file.id}/{version.id}/{expiry}/{signature}/{quote(file.name, safe='')}"


def version_of(file: File, identity: object) -> Version:
    """Return the version of a file that has an id."""
    version = next((version for version in file.versions if version.id == identity), None)
    if version is None:
        raise errors.not_found("file_version", identity)
    return version


def _sign(store: State, *parts: str) -> str:
    return hmac.new(store.secret, "/".join(parts).encode(), hashlib.sha256).hexdigest()


def download(store: State, path: str, headers: dict[bytes, bytes]) -> Reply:
    """Answer a download with all bytes or with the range that is asked for."""
    _, _, file_id, version_id, expiry, signature, *_ = [*path.split("/"), *[""] * 4]
    file: Item | None = store.items["file"].get(file_id)
    expected = _sign(store, file_id, version_id, expiry)
    if not hmac.compare_digest(expected.encode(), signature.encode()) or int(expiry) < clock.now():
        raise errors.forbidden("The download address is not valid or no longer so")
    version = next((version for version in getattr(file, "versions", ()) if version.id == version_id), None)
    if version is None:
        raise errors.not_found("file", file_id)
    return whole_or_range(version.content, headers.get(b"range", b"").decode("latin-1"))


def whole_or_range(content: Content, asked: str) -> Reply:
    """Answer all bytes, or the one range that is asked for.

    A header that is no range, or several, is passed over, as RFC 9110 lets a server do; there a range that ends before
    it begins is no range.
    """
    size, kind = content.length(), {"content-type": "application/octet-stream", "accept-ranges": "bytes"}
    match = _RANGE.fullmatch(asked)
    if match is None or not any(match.groups()) or (all(match.groups()) and int(match[2]) < int(match[1])):
        return Reply(200, Stream(content.pieces(0, size), size), kind)
    first, last = _bounds(match[1], match[2], size)
    if first > last:
        return Reply(416, None, {"content-range": f"bytes */{size}"})
    part = Stream(content.pieces(first, last + 1), last + 1 - first)
    return Reply(206, part, {**kind, "content-range": f"bytes {first}-{last}/{size}"})


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
