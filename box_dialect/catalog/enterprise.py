"""The enterprise of the signed-in user: who is in it, and what is listed by its id."""

from __future__ import annotations

from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import Column, Endpoint, FanOut, Having

ENTERPRISE: Final = FanOut(
    key="enterprise_id",
    parents=Endpoint(path="/users/me"),
    source="enterprise.id",
    having=Having("enterprise.id"),
)
"""The one parent of what is listed for an enterprise; a user of no enterprise has none."""

USERS: Final = Endpoint(path="/users", paging=Paging.MARKER, parameters={"usemarker": "true"})
"""Its managed users. Source: https://developer.box.com/reference/get-users/"""

USERS_COUNT: Final = 1_000
USERS_CALLS: Final = 5
"""How many managed users there are thought to be, and the calls that list them."""


def enterprise_id(what: str) -> Column:
    """Return the hidden column that this binds, of a table with `what` is listed."""
    return Column("enterprise_id", hidden=True, derived=NOTHING, doc=f"Id of the enterprise whose {what} are listed.")
