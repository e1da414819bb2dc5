"""What sends the calls of a statement that write rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from box_dialect.api import AS_USER_HEADER, ApiCall
from box_dialect.api.source import BytesSource
from box_dialect.api.upload import upload

if TYPE_CHECKING:
    from box_dialect.catalog.model import JsonObject
    from box_dialect.engine.execution.session import Session


class Sender:
    """Send the calls of the execution that runs now, also when the session is at another one.

    They are made as a `user`, None for the one who is signed in.
    """

    def __init__(self, session: Session, user: str | None = None) -> None:
        self._session, self._execution, self._user = session, session.execution, user
        self._headers = {} if user is None else {AS_USER_HEADER: user}
        self.returned = session.execution.returned

    async def send(self, call: ApiCall) -> Any:
        """Send a call and return the answer."""
        if self._headers:
            call = replace(call, headers={**call.headers, **self._headers})
        return await self._session.client.send(call, self._execution.count)

    async def upload(
        self, content: bytes, attributes: JsonObject, file_id: str | None, etag: str | None, fields: str
    ) -> JsonObject:
        """Upload the content of a new file, or a new version of one, and return the file with the `fields`.

        The attributes are Box's; of a new file, they have its name and folder.
        """
        further = dict(attributes)
        name, parent = further.pop("name", None), further.pop("parent", {})
        return await upload(
            self._session.client,
            self._execution.count,
            BytesSource(content),
            name=name,
            parent_id=parent.get("id"),
            file_id=file_id,
            etag=etag,
            attributes=further,
            as_user=self._user,
            fields=fields.split(","),
        )

    def note_written(self) -> None:
        """Take note that Box has written something."""
        self._session.has_written = True
