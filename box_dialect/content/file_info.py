"""What Box says of a file: its id, its name, its size, and which version is meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api.remote_content import Version
from box_dialect.catalog.datetimes import read_datetime
from box_dialect.errors import OperationalError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

FIELDS: Final = ("name", "size", "sha1", "etag", "file_version", "parent", "created_at", "modified_at")
"""The fields of a file that are asked for. Source: https://developer.box.com/reference/resources/file--full/"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    """A version of a file at Box.

    `size` is in bytes, `sha1` in hexadecimal, the moments are aware; `version_id` is the id of the version, `etag` the
    one of the file. What Box does not tell is None.
    """

    id: str
    name: str
    size: int
    sha1: str | None = None
    version_id: str | None = None
    etag: str | None = None
    parent_id: str | None = None
    created_at: dt.datetime | None = None
    modified_at: dt.datetime | None = None

    @property
    def version(self) -> Version:
        """The version, as content is read of it."""
        return Version(self.id, self.version_id, self.size)


def file_info(entry: Mapping[str, Any], version: Mapping[str, Any] | None = None) -> FileInfo:
    """Return what Box's answer says of a file, or of another one of its versions.

    Raises OperationalError for an answer that is not of a file.
    """
    shown = entry if version is None else version
    file_version = entry.get("file_version") if version is None else version
    parent = entry.get("parent")
    try:
        return FileInfo(
            id=str(entry["id"]),
            name=str(entry["name"]),
            size=int(shown["size"]),
            sha1=_text(shown.get("sha1")),
            version_id=_text((file_version or {}).get("id")),
            etag=_text(entry.get("etag")),
            parent_id=_text((parent or {}).get("id")),
            created_at=_moment(shown.get("created_at")),
            modified_at=_moment(shown.get("modified_at")),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise OperationalError(
            "the answer does not tell a file's id, name and size, so something else than Box answered; check the host "
            "in the URL, the property APIBaseURL and proxies"
        ) from None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _moment(value: Any) -> dt.datetime | None:
    return None if value is None else read_datetime(str(value))
