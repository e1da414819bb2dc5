"""Where an upload goes: a new file or a new version, and how to find out whether it is there already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from box_dialect.api.calls import AS_USER_HEADER, ApiCall
from box_dialect.api.path import ApiPath
from box_dialect.errors import DatabaseError, DataError, IntegrityError, ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from box_dialect.api.calls import CallCount
    from box_dialect.api.client import BoxClient


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """A file that is uploaded: a new one by `name` and `parent_id`, or a new version of `file_id`.

    Raises ProgrammingError where it is neither.
    """

    client: BoxClient
    count: CallCount
    name: str | None
    parent_id: str | None
    file_id: str | None
    etag: str | None
    attributes: Mapping[str, Any]
    as_user: str | None
    fields: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.file_id is None and (self.name is None or self.parent_id is None):
            raise ProgrammingError("an upload needs the name and the folder of a new file, or the id of one")

    @property
    def headers(self) -> dict[str, str]:
        """What each call has: the user as whom it is made."""
        return {} if self.as_user is None else {AS_USER_HEADER: self.as_user}

    @property
    def condition(self) -> dict[str, str]:
        """What the call that makes the file has: the version that must be there."""
        return {} if self.etag is None else {"If-Match": self.etag}

    @property
    def parameters(self) -> dict[str, str]:
        """What the call that answers the file has: which fields of it are asked for."""
        return {"fields": ",".join(self.fields)} if self.fields else {}

    @property
    def description(self) -> dict[str, Any]:
        """The attributes of the file, as one call takes them."""
        named = {} if self.name is None else {"name": self.name}
        placed = {} if self.parent_id is None or self.file_id is not None else {"parent": {"id": self.parent_id}}
        return {**named, **placed, **self.attributes}

    @property
    def content_path(self) -> ApiPath:
        """The path of the content of the file, or of new files."""
        if self.file_id is None:
            return ApiPath("/files/content")
        return ApiPath("/files/{file_id}/content", file_id=self.file_id)

    @property
    def sessions_path(self) -> ApiPath:
        """The path of the upload sessions of the file, or of new files."""
        if self.file_id is None:
            return ApiPath("/files/upload_sessions")
        return ApiPath("/files/{file_id}/upload_sessions", file_id=self.file_id)

    async def check(self, size: int | None = None) -> None:
        """Ask Box whether it takes the file, before any of it is sent: the preflight check.

        Raises IntegrityError for a name that is in use, OperationalError for a full quota.
        Source: https://developer.box.com/guides/uploads/check/
        """
        placed = {key: value for key, value in self.description.items() if key in {"name", "parent"}}
        body = {**placed, **({} if size is None else {"size": size})}
        call = ApiCall("OPTIONS", self.content_path, body=body, headers=self.headers, reads=True)
        await self.client.send(call, self.count)

    async def surely(self, call: ApiCall, sha1: str) -> dict[str, Any]:
        """Send the call that makes the file, and return this; it is sent again where Box has lost it.

        Where its answer is lost, the file may be there all the same: that is looked for by the SHA-1 of its content.
        """
        attempts = self.client.properties.max_retries
        while True:
            try:
                return self._entry(call, await self.client.send(call, self.count))
            except DatabaseError as error:
                if not error.diag.is_unknown:
                    raise
                found = await self.found(sha1)
                if found is not None:
                    return found
                if not attempts:
                    raise
                attempts -= 1

    async def found(self, sha1: str) -> dict[str, Any] | None:
        """Return the file if it has the content of that SHA-1; None where another attempt may make it.

        Raises IntegrityError where another file has the name, OperationalError where the file has changed.
        """
        identity, in_use = self.file_id, None
        if identity is None:
            try:
                await self.check()
            except IntegrityError as error:
                in_use = error
            else:
                return None
            conflict = in_use.diag.conflict or {}
            there = conflict.get("id")
            if conflict.get("type") != "file" or not isinstance(there, str):
                raise in_use
            identity = there
        file = await self._file(identity, [*self.fields, "sha1", "name", "parent"] if self.fields else [])
        if file.get("sha1") == sha1:
            return file
        if in_use is not None:
            raise in_use
        return None

    async def completed(self, file: dict[str, Any]) -> dict[str, Any]:
        """Return a file with the fields that are asked for, where the call that made it gives those of a full one."""
        if all(name.partition(".")[0] in file for name in self.fields):
            return file
        return await self._file(str(file["id"]), self.fields)

    async def _file(self, identity: str, fields: Sequence[str]) -> dict[str, Any]:
        parameters = {"fields": ",".join(dict.fromkeys(fields))} if fields else {}
        call = ApiCall("GET", ApiPath("/files/{file_id}", file_id=identity), parameters, headers=self.headers)
        file = await self.client.send(call, self.count)
        if not isinstance(file, dict):
            raise DataError(f"{call.operation}: Box's answer is not as its reference says: no object")
        return file

    def _entry(self, call: ApiCall, answer: Any) -> dict[str, Any]:
        entries = answer.get("entries") if isinstance(answer, dict) else None
        if not isinstance(entries, list) or not entries or not _is_file(entries[-1]):
            raise DataError(
                f"{call.operation}: Box's answer is not as its reference says: it lacks the file that was uploaded, so "
                "look before you upload it again"
            )
        return dict(entries[-1])


def _is_file(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str)
