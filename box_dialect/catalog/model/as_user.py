"""As-User: the user whom rows are read and written as, named by a column of tables that each user sees otherwise.

Source: https://developer.box.com/guides/authentication/jwt/as-user/
"""

from __future__ import annotations

import re
from typing import Any, Final

from box_dialect.catalog.model.column import Column, Derived
from box_dialect.errors import ProgrammingError, printable

AS_USER: Final = Column(
    "as_user",
    hidden=True,
    # That of `users.id`, so that either may stand first where they are compared.
    collation="RTRIM",
    derived=Derived(function=lambda _, __: None, fields=()),
    doc="Id of the user whom the row was read as, NULL for the one who is signed in. An input: `WHERE as_user = '7'` "
    "reads and writes as that user, and an INSERT that gives it makes the row as that user.",
)
"""The column by which a statement says it."""

_ID: Final = re.compile("[1-9][0-9]{0,19}")


def checked_user(value: Any) -> str:
    """Return the id of a user whom calls are made as; raises ProgrammingError for what is none."""
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    given = "" if value is None else f"not {printable(value)!r}, "
    raise ProgrammingError(
        f"as_user is the id of a user, {given}and is compared with ids by = or IN alone; the table users has the id of "
        "a login"
    )


def restricted() -> ProgrammingError:
    """Return the error of a statement that names a user in a process where strangers write statements."""
    return ProgrammingError(
        "as_user is refused in a process that restricts URLs, where strangers may write SQL; see docs/security.md"
    )
