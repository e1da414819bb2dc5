"""As-User: the user that calls are made as.

Source: https://developer.box.com/guides/authentication/jwt/as-user/
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any, Final

from box_dialect.api.calls import AS_USER_HEADER, ApiCall
from box_dialect.api.path import ApiPath
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from box_dialect.errors import DatabaseError

_FORBIDDEN: Final = 403


class AsUser:
    """Add Box's As-User header to calls, by the id or the login of the property `AsUserId`, if it is set.

    A call that has the header already is made as the user whom it names.
    """

    def __init__(self, user: str | None) -> None:
        self._id = user if user and user.isascii() and user.isdecimal() else None
        self._login = None if self._id else user
        self._given = user
        self._lookup = asyncio.Lock()

    @property
    def id(self) -> str | None:
        """The id of that user, None where the property is not set, or its login was not looked up yet."""
        return self._id

    async def applied(self, call: ApiCall, send: Callable[[ApiCall], Awaitable[Any]]) -> ApiCall:
        """Return the call with the header; a login is looked up once, by `send`, as the one who is signed in.

        Raises ProgrammingError where no user has the login.
        """
        if AS_USER_HEADER in call.headers or call.path.is_signed:
            return call
        if self._login is not None:
            async with self._lookup:
                if self._id is None:
                    self._id = await _id_of(self._login, send)
        if self._id is None:
            return call
        return dataclasses.replace(call, headers={AS_USER_HEADER: self._id, **call.headers})

    def doubted(self, call: ApiCall, refusal: DatabaseError) -> DatabaseError:
        """Return Box's refusal of a call, which names the property, or the column, where that may be the reason."""
        user = call.headers.get(AS_USER_HEADER)
        if refusal.diag.status != _FORBIDDEN or user is None:
            return refusal
        said = f"AsUserId={self._given}" if user == self._id else f"as_user = '{user}'"
        advice = f"check too that the one who is signed in may act as the user of {said}"
        return type(refusal)(f"{refusal}; {advice}", refusal.diag)


async def _id_of(login: str, send: Callable[[ApiCall], Awaitable[Any]]) -> str:
    found = await send(ApiCall("GET", ApiPath("/users"), {"filter_term": login, "fields": "id,login", "limit": "1000"}))
    for user in found["entries"]:
        if str(user["login"]).lower() == login.lower():
            return str(user["id"])
    raise ProgrammingError(
        f"property AsUserId: no user of the enterprise has the login {login!r}; check it, or give the user's id"
    )
