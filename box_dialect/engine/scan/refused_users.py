"""Users whom Box does not let the one who is signed in act as: they are left out of a statement, which warns of them.

Source: https://developer.box.com/guides/authentication/jwt/as-user/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import AS_USER_HEADER, ApiCall, ApiPath
from box_dialect.engine.caller_warnings import warning_of_user
from box_dialect.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from box_dialect.engine.scan.context import ScanContext

_REFUSALS: Final = frozenset({401, 403})


async def is_refused(
    user: str, failure: DatabaseError, send: Callable[[ApiCall], Awaitable[Any]], context: ScanContext
) -> bool:
    """Tell whether a call failed since Box lets nobody act as its user, by a call that every user may make."""
    if failure.diag.status not in _REFUSALS:
        return False
    try:
        await send(ApiCall("GET", ApiPath("/users/me"), {"fields": "id"}, headers={AS_USER_HEADER: user}))
    except DatabaseError as refusal:
        if refusal.diag.status not in _REFUSALS:
            return False
        if user not in context.refused_users:
            context.refused_users.add(user)
            context.warnings.append(warning_of_user(user, refusal))
        return True
    return False
