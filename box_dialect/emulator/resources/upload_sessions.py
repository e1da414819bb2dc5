"""Take large files in parts, each sent by itself and in any order, by upload sessions.

Sources: https://developer.box.com/reference/resources/upload-session/ and
https://developer.box.com/guides/uploads/chunked/
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NotRequired, TypedDict

from box_dialect.emulator import clock, errors
from box_dialect.emulator.bodies import Moment
from box_dialect.emulator.content import MemoryContent, PartedContent, PatternContent
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.faults import UPLOAD_SESSION
from box_dialect.emulator.model import File, Folder
from box_dialect.emulator.paging import offset_page
from box_dialect.emulator.planted import DAY
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import render
from box_dialect.emulator.resource import Resource

from .files import check_unlocked
from .items import check_name
from .uploads import Size, check_free, check_room

if TYPE_CHECKING:
    from box_dialect.emulator.content import Content
    from box_dialect.emulator.model import User
    from box_dialect.emulator.planted import Planted
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call
    from box_dialect.emulator.state import State

PART_SIZE = 8 << 20
MIN_SIZE = 20_000_000
LIFETIME = 7 * DAY
_PATH = "/files/upload_sessions/{upload_session_id}"
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)


@dataclass(slots=True, eq=False, kw_only=True)
class UploadSession(Entity):
    """A file that comes in parts: a new one in a folder, or a new version of a file. `parts` are by their offsets."""

    type, table, first_id = "upload_session", "upload_sessions", 5_190_000_001
    owners = ("target",)
    target: File | Folder
    created_by: User
    name: str
    file_size: int
    parts: dict[int, Content] = field(default_factory=dict)

    @classmethod
    def identity(cls, number: int) -> str:
        """Return an id in hexadecimal."""
        return f"{number:032X}"

    @property
    def total_parts(self) -> int:
        """How many parts there are to be."""
        return -(-self.file_size // PART_SIZE)

    def part(self, offset: int) -> Json:
        """Write a part."""
        part = self.parts[offset]
        return {"part_id": f"{offset // PART_SIZE + 1:08X}", "offset": offset, "size": part.size, "sha1": part.sha1}


class NewSession(TypedDict):
    """What is to be uploaded, and where to."""

    folder_id: str
    file_size: Size
    file_name: str


class NewVersionSession(TypedDict):
    """What is to be uploaded; without a name the file keeps its own."""

    file_size: Size
    file_name: NotRequired[str]


# What Box says of a body, by the key that is wrong, in the order that its reference has them.
_MISSING = {"folder_id": "missing_destination", "file_size": "missing_file_size", "file_name": "missing_file_name"}
_INVALID = {"folder_id": "invalid_folder_id", "file_size": "invalid_file_size", "file_name": "item_name_invalid"}


class _Part(TypedDict, total=False):
    part_id: str
    offset: int
    size: int
    sha1: str


class _Planned(TypedDict):
    offset: Size
    size: Size
    sha512: str


class Plan(TypedDict):
    """Parts that may be known already, with the SHA-512 of each in hexadecimal."""

    parts: list[_Planned]


class _Attributes(TypedDict, total=False):
    content_created_at: Moment
    content_modified_at: Moment


class Commit(TypedDict):
    """The parts of the file in their order, and attributes of the file, as Box's guide has them."""

    parts: list[_Part]
    attributes: NotRequired[_Attributes]


def _seed(state: State, planted: Planted) -> None:
    for folder in [each for each in planted.named.values() if isinstance(each, Folder)][:1]:
        session = UploadSession(target=folder, created_by=state.admin, name="film.mov", file_size=3 * PART_SIZE)
        session.parts = {first: PatternContent("scene", PART_SIZE) for first in (0, PART_SIZE)}
        state.add(session)


UPLOAD_SESSIONS = Resource(UploadSession, seed=_seed)


def _written(call: Call, session: UploadSession) -> Json:
    url = f"{call.base_url}/api/2.0{_PATH.partition('{')[0]}{session.id}"
    ends = {
        "upload_part": "",
        "commit": "/commit",
        "abort": "",
        "list_parts": "/parts",
        "status": "",
        "log_event": "/log",
        "plan": "/plan",
    }
    return {
        "id": session.id,
        "type": session.type,
        "session_expires_at": clock.stamp_in_utc((session.created_at or 0) + LIFETIME),
        "part_size": PART_SIZE,
        "total_parts": session.total_parts,
        "num_parts_processed": len(session.parts),
        "session_endpoints": {name: url + end for name, end in ends.items()},
    }


def _found(call: Call) -> UploadSession:
    """Return the session that the path names, which is that of who began it, and has not expired."""
    session = call.found(UploadSession, call.id)
    if call.store.faults.outcome(UPLOAD_SESSION, session.id) == "expired":
        call.store.remove(session)
        raise errors.not_found(session.type, session.id)
    if session.created_by is not call.user or (session.created_at or 0) + LIFETIME <= clock.now():
        raise errors.not_found(session.type, session.id)
    return session


def _told(call: Call) -> Json:
    """Return the body; what is wrong with it has codes of its own."""
    try:
        return call.json
    except errors.BoxError as error:
        for entry in (error.context_info or {}).get("errors", ()):
            error.code = (_MISSING if entry["reason"] == "missing_parameter" else _INVALID)[entry["name"]]
        raise


def _begin(call: Call, target: File | Folder, name: str) -> Reply:
    size = _told(call)["file_size"]
    check_room(target.owned_by, size)
    if size < MIN_SIZE:
        raise errors.bad_request("file_size_too_small", f"An upload session takes {MIN_SIZE} bytes at least")
    session = UploadSession(target=target, created_by=call.user, name=name, file_size=size)
    call.store.add(session)
    call.store.remove_at(session, clock.now() + LIFETIME)
    return Reply(201, _written(call, session))


@UPLOAD_SESSIONS.operation("POST", "/files/upload_sessions", NewSession)
def begin_file(call: Call) -> Reply:
    """Begin the upload of a new file."""
    told = _told(call)
    name, folder = check_name(told["file_name"]), call.parent({"id": told["folder_id"]})
    check_free(folder, name)
    return _begin(call, folder, name)


@UPLOAD_SESSIONS.operation("POST", "/files/{file_id}/upload_sessions", NewVersionSession, needs=("can_upload",))
def begin_version(call: Call) -> Reply:
    """Begin the upload of a new version."""
    file = call.file()
    if file.is_trashed or file.parent is None:
        raise errors.trashed()
    check_unlocked(call, file)
    name = check_name(_told(call).get("file_name") or file.name)
    check_free(file.parent, name, file)
    return _begin(call, file, name)


@UPLOAD_SESSIONS.operation("GET", _PATH)
def get_session(call: Call) -> Json:
    """Get a session, and how far it has come."""
    return _written(call, _found(call))


@UPLOAD_SESSIONS.operation("DELETE", _PATH)
def abort_session(call: Call) -> Reply:
    """Abort a session with the parts that it has."""
    call.store.remove(_found(call))
    return Reply(204)


@UPLOAD_SESSIONS.operation("GET", f"{_PATH}/parts")
def list_parts(call: Call) -> Json:
    """List the parts that have come, by offset."""
    session = _found(call)
    page, counters = offset_page(call.query, sorted(session.parts))
    return {"entries": [session.part(offset) for offset in page], **counters}


@UPLOAD_SESSIONS.operation("PUT", _PATH)
def upload_part(call: Call) -> Json:
    """Take a part, which is as large as all others unless it is the last one, and comes once."""
    session, part = _found(call), MemoryContent(call.body)
    _check_digest(call, part)
    match = _RANGE.fullmatch(call.header("content-range") or "")
    first, last, total = map(int, match.groups()) if match else (0, -1, 0)
    expected = min(PART_SIZE, session.file_size - first)
    if total != session.file_size or first % PART_SIZE or last - first + 1 != part.size or part.size != expected:
        raise errors.BoxError(416, "range_not_satisfiable", "The range is none of the session's")
    if first in session.parts:
        raise errors.BoxError(409, "range_overlaps_existing_part", "The range overlaps that of another part")
    session.parts[first] = part
    return {"part": session.part(first)}


@UPLOAD_SESSIONS.operation("POST", f"{_PATH}/plan", Plan)
def plan_session(call: Call) -> Json:
    """Tell which parts need not be sent, since the file has the same ones: the session takes these from there."""
    session, hits, misses = _found(call), [], []
    known = session.target.content if isinstance(session.target, File) else MemoryContent(b"")
    for planned in call.json["parts"]:
        offset, size = planned["offset"], planned["size"]
        data = known.read(offset, offset + size)
        is_part = offset % PART_SIZE == 0 and size == min(PART_SIZE, session.file_size - offset) == len(data)
        if is_part and hashlib.sha512(data).hexdigest() == planned["sha512"]:
            session.parts.setdefault(offset, MemoryContent(data))
            hits.append({**planned, "part_id": session.part(offset)["part_id"]})
        else:
            misses.append(planned)
    return {"upload_session_id": session.id, "hits": hits, "misses": misses}


@UPLOAD_SESSIONS.operation("POST", f"{_PATH}/commit", Commit)
def commit_session(call: Call) -> Reply:
    """Make the file of all parts, which the body names in their order."""
    session = _found(call)
    target, named = session.target, [part.get("part_id") for part in call.json["parts"]]
    if isinstance(target, File):
        call.check_if_match(target)
        if call.is_known(target):
            raise errors.precondition_failed()
    if named != [session.part(offset)["part_id"] for offset in sorted(session.parts)]:
        raise errors.invalid_parameter("parts", named, "They are not the parts that have come, in their order")
    content = PartedContent(session.parts[offset] for offset in sorted(session.parts))
    if content.size != session.file_size:
        raise errors.BoxError(409, "part_missing", "Some parts have not come yet")
    _check_digest(call, content)
    file = _make(call, session, content)
    call.store.remove(session)
    return Reply(201, {"total_count": 1, "entries": [render(file, "standard", call.fields)]})


def _make(call: Call, session: UploadSession, content: Content) -> File:
    target, told = session.target, call.json.get("attributes", {})
    modified = told.get("content_modified_at")
    if isinstance(target, Folder):
        check_free(target, session.name)
        file = call.store.add_file(
            session.name, target, content, call.user,
            content_created_at=told.get("content_created_at"), content_modified_at=modified,
        )  # fmt: skip
        call.store.record("ITEM_UPLOAD", call.user, file)
        return file
    if target.parent is None or target.is_trashed:
        raise errors.trashed()
    check_unlocked(call, target)
    check_free(target.parent, session.name, target)
    if session.name != target.name:
        call.store.relocate(target, target.parent, session.name)
    call.store.add_version(target, content, call.user, modified)
    call.store.record("ITEM_MODIFY", call.user, target)
    return target


def _check_digest(call: Call, content: Content) -> None:
    """Compare the header digest, which has the SHA-1 in Base64 (RFC 3230)."""
    digest = base64.b64encode(bytes.fromhex(content.sha1)).decode()
    if call.header("digest") is None:
        raise errors.missing_parameter("digest")
    if call.header("digest") != f"sha={digest}":
        raise errors.bad_digest("digest")
