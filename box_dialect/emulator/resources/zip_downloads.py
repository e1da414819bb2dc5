"""Pack files and folders into a zip archive, which is written while it is downloaded, once.

Source: https://developer.box.com/reference/resources/zip-download/
"""

from __future__ import annotations

import hashlib
import io
import secrets
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Literal, NotRequired, TypedDict
from urllib.parse import quote

from msgspec import Meta

from box_dialect.emulator import access, clock, errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.faults import ZIP_DOWNLOAD
from box_dialect.emulator.model import File, Folder, User
from box_dialect.emulator.reply import Reply, Stream
from box_dialect.emulator.resource import Resource

from .files import is_locked_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.emulator.content import Pieces
    from box_dialect.emulator.model import Item
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call
    from box_dialect.emulator.state import State

MAX_FILES = 10_000
LIFETIME = 60  # seconds in which a download must begin
STATUS_LIFETIME = 12 * 3600  # seconds from its beginning
MAX_PARALLEL = 5  # downloads of one user
_FIRST_DAY = datetime(1980, 1, 1, tzinfo=UTC)  # that a zip archive knows
_ZIP64_FROM = 1 << 31  # bytes
_PATH = "/zip_downloads/{zip_download_id}"


class _Packed(TypedDict):
    type: Literal["file", "folder"]
    id: str


class NewZipDownload(TypedDict):
    """What is to be packed, and what the archive is to be called, without .zip."""

    items: Annotated[list[_Packed], Meta(min_length=1)]
    download_file_name: NotRequired[str]


@dataclass(slots=True, eq=False, kw_only=True)
class ZipDownload(Entity):
    """An archive: what is in it, by the names there, and how far its download has come.

    `state` is empty until the download begins.
    """

    type, table, first_id = "zip_download", "zip_downloads", 5_310_000_001
    owners = ("created_by",)
    created_by: User
    name: str
    entries: list[tuple[str, File | Folder]] = field(default_factory=list)
    conflicts: list[list[Json]] = field(default_factory=list)
    downloaded_file_count: int = 0
    skipped_file_count: int = 0
    skipped_folder_count: int = 0
    state: str = ""

    def own_id(self, _free: str) -> str:
        """Return an id that nobody can guess, as it alone lets a download."""
        return secrets.token_urlsafe(48)

    @property
    def files(self) -> list[File]:
        """The files in it."""
        return [item for _, item in self.entries if isinstance(item, File)]


ZIP_DOWNLOADS = Resource(ZipDownload)


def _asked(call: Call, number: int, named: _Packed) -> Item:
    """Return an item that is to be packed, which who is signed in may download."""
    item = call.find(named["type"], named["id"]) if named["id"] != "0" else None
    if item is None or item.is_trashed:
        raise errors.invalid_parameter(f"items[{number}].id", named["id"], "There is no such item to download")
    call.check_permissions(item, "can_download")
    return item


def _named_apart(items: list[Item]) -> tuple[dict[Item, str], list[list[Json]]]:
    """Return what each item is called in the archive; of equal names each item gets another one."""
    names, conflicts = {item: item.name for item in items}, []
    for _, group in groupby(sorted(items, key=_folded), _folded):
        alike = list(group)
        if len(alike) > 1:
            names |= {item: _other_name(item) for item in alike}
            conflicts.append(
                [
                    {"id": item.id, "type": item.type, "original_name": item.name, "download_name": names[item]}
                    for item in alike
                ]
            )
    return names, conflicts


def _folded(item: Item) -> str:
    return item.name.casefold()


def _other_name(item: Item) -> str:
    stem = hashlib.sha256(f"{item.type} {item.id}".encode()).hexdigest()[:12]
    return f"{stem}.{item.extension}" if isinstance(item, File) and item.extension else stem


def _below(item: Item, name: str) -> Iterator[tuple[str, Item]]:
    yield name, item
    for child in list(item.children.values()) if isinstance(item, Folder) else ():
        yield from _below(child, f"{name}/{child.name}")


def _may_download(user: User, item: Item) -> bool:
    return "can_download" in access.permissions(user, item) and not is_locked_for(user, item)


@ZIP_DOWNLOADS.operation("POST", "/zip_downloads", NewZipDownload)
def begin_zip(call: Call) -> Reply:
    """Check what is to be packed, and tell where the archive is."""
    items = list(dict.fromkeys(_asked(call, number, named) for number, named in enumerate(call.json["items"])))
    names, conflicts = _named_apart(items)
    zipped = ZipDownload(
        created_by=call.user, name=call.json.get("download_file_name") or "Box Download", conflicts=conflicts
    )
    for name, item in (each for asked in items for each in _below(asked, names[asked])):
        if not isinstance(item, File | Folder):
            continue
        if _may_download(call.user, item):
            zipped.entries.append((name, item))
        elif isinstance(item, File):
            zipped.skipped_file_count += 1
        else:
            zipped.skipped_folder_count += 1
    files = zipped.files
    if len(files) > MAX_FILES:
        message = f"An archive has {MAX_FILES} files at most"
        raise errors.bad_request("zip_download_file_count_exceeded_limit", message)
    if sum(file.size for file in files) > call.user.max_upload_size:
        message = "The files are larger than the upload limit of the account"
        raise errors.bad_request("zip_download_pre_compressed_bytes_exceeded_limit", message)
    call.store.add(zipped)
    ends = clock.now() + LIFETIME
    call.store.remove_at(zipped, ends)
    url = f"{call.base_url}/2.0/zip_downloads/{zipped.id}"
    told = {"download_url": f"{url}/content", "status_url": f"{url}/status", "name_conflicts": conflicts}
    return Reply(202, {**told, "expires_at": clock.stamp(ends)})


@ZIP_DOWNLOADS.operation("GET", f"{_PATH}/content", is_signed=True)
def get_zip(call: Call) -> Reply:
    """Give the archive, whose address needs no token and is good for one download."""
    zipped = call.found(ZipDownload)
    if zipped.state:
        raise errors.not_found(zipped.type, zipped.id)
    if sum(other.state == "in_progress" for other in zipped.created_by.of(ZipDownload).values()) >= MAX_PARALLEL:
        message = f"No user has more than {MAX_PARALLEL} downloads of archives at once"
        raise errors.BoxError(429, "user_too_many_concurrent_downloads", message, headers={"retry-after": "1"})
    zipped.state = "in_progress"
    call.store.remove_at(zipped, clock.now() + STATUS_LIFETIME)
    fails = call.store.faults.outcome(ZIP_DOWNLOAD, zipped.id) == "failed"
    name = f"{zipped.name}.zip"
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "_" for letter in name
    )
    disposition = f"attachment;filename=\"{plain}\";filename*=UTF-8''{quote(name, safe='')}"
    headers = {"content-type": "application/octet-stream", "content-disposition": disposition}
    return Reply(200, Stream(_pieces(call.store, zipped, fails=fails)), headers)


@ZIP_DOWNLOADS.operation("GET", f"{_PATH}/status")
def get_status(call: Call) -> Json:
    """Tell how far a download has come that has begun."""
    zipped = call.found(ZipDownload)
    if zipped.created_by is not call.user or not zipped.state:
        raise errors.not_found(zipped.type, zipped.id)
    return {
        "total_file_count": len(zipped.files),
        "downloaded_file_count": zipped.downloaded_file_count,
        "skipped_file_count": zipped.skipped_file_count,
        "skipped_folder_count": zipped.skipped_folder_count,
        "state": zipped.state,
    }


class _Sink(io.RawIOBase):
    """What an archive is written to, and taken from piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes
        self._written += data
        return len(data)

    def take(self) -> bytes:
        """Return what was written since it was last taken."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


def _pieces(store: State, zipped: ZipDownload, *, fails: bool) -> Pieces:
    """Yield the bytes of an archive, in which nothing is compressed; what is gone by now is skipped."""
    sink = _Sink()
    try:
        with zipfile.ZipFile(sink, "w") as archive:
            for name, item in zipped.entries:
                if isinstance(item, Folder):
                    archive.writestr(zipfile.ZipInfo(f"{name}/"), b"")
                elif store.files.get(item.id) is not item or item.is_trashed:
                    zipped.skipped_file_count += 1
                else:
                    size = item.content.length()
                    with archive.open(_info(name, item), "w", force_zip64=size >= _ZIP64_FROM) as target:
                        for piece in item.content.pieces(0, size):
                            target.write(piece)
                            yield sink.take()
                    zipped.downloaded_file_count += 1
                    if fails:
                        raise OSError("The archive cannot be written any further")
        yield sink.take()
        zipped.state = "succeeded"
    finally:
        zipped.state = zipped.state if zipped.state == "succeeded" else "failed"


def _info(name: str, file: File) -> zipfile.ZipInfo:
    moment = max(datetime.fromtimestamp(file.content_modified_at, UTC), _FIRST_DAY)
    year, month, day, hour, minute, second, *_ = moment.timetuple()
    return zipfile.ZipInfo(name, (year, month, day, hour, minute, second))
