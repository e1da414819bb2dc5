"""Further addresses of users.

Source: https://developer.box.com/reference/resources/email-alias/
"""

from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.model import AccessPath, Column, Endpoint, FanOut, Table, Type, Write

_USERS: Final = Endpoint(path="/users", paging=Paging.MARKER, parameters={"usemarker": "true"})
_OF_USER: Final = Endpoint(
    path="/users/{user_id}/email_aliases", paging=Paging.ALL, takes_fields=False, known=frozenset({"user_id"})
)

email_aliases: Final = Table(
    name="email_aliases",
    doc="Further addresses of users, to which mail for them may be sent. Without a key, those of all managed users.",
    reference="https://developer.box.com/reference/resources/email-alias/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `email_alias`."),
        Column("user_id", derived=NOTHING, references="users.id", doc="Id of the user."),
        Column("email", insert="email", doc="The address."),
        Column("is_confirmed", Type.BOOLEAN, doc="Whether the address is confirmed."),
    ),
    paths=(
        AccessPath(name="by user", endpoints=(_OF_USER,), keys=("user_id",)),
        AccessPath(
            name="of every user",
            endpoints=(_OF_USER,),
            fan_out=FanOut(key="user_id", parents=_USERS),
            calls=1_005,
            rows=1_000,
        ),
    ),
    insert=Write(method="POST", path="/users/{user_id}/email_aliases", required=("email",), takes_fields=False),
    delete=Write(method="DELETE", path="/users/{user_id}/email_aliases/{id}"),
)
