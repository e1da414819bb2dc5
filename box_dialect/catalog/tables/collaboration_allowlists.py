"""With whom the enterprise may collaborate: domains, and the users for whom these do not hold.

Sources: https://developer.box.com/reference/resources/collaboration-allowlist-entry/ and
…/collaboration-allowlist-exempt-target/
"""

from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import user
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type, Write

_ENTRIES: Final = "/collaboration_whitelist_entries"
_EXEMPT: Final = "/collaboration_whitelist_exempt_targets"
_COUNT: Final = 100
_LISTS: Final = needs("lists of allowed collaboration domains")

_ENTERPRISE: Final = (
    Column("enterprise_id", source="enterprise.id", doc="Id of the enterprise."),
    Column("enterprise_name", source="enterprise.name", doc="Name of the enterprise."),
)


def _paths(of: str) -> tuple[AccessPath, ...]:
    return (
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path=f"{of}/{{id}}", takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(
            name="all",
            endpoints=(Endpoint(path=f"{of}", paging=Paging.MARKER, takes_fields=False, advice=_LISTS),),
            rows=_COUNT,
        ),
    )


collaboration_allowlist_entries: Final = Table(
    name="collaboration_allowlist_entries",
    doc="The domains whose users may collaborate with those of the enterprise.",
    reference="https://developer.box.com/reference/resources/collaboration-allowlist-entry/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `collaboration_whitelist_entry`."),
        Column("domain", insert="domain", doc="The domain, such as `example.com`."),
        Column(
            "direction",
            insert="direction",
            doc="`outbound`: its users may be invited here, `inbound`: they may invite from there, or `both`.",
        ),
        *_ENTERPRISE,
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
    ),
    paths=_paths(_ENTRIES),
    insert=Write(method="POST", path=_ENTRIES, required=("domain", "direction"), takes_fields=False),
    delete=Write(method="DELETE", path=f"{_ENTRIES}/{{id}}"),
)

collaboration_allowlist_exempt_targets: Final = Table(
    name="collaboration_allowlist_exempt_targets",
    doc="The users who may collaborate with any domain, whatever the allowlist says.",
    reference="https://developer.box.com/reference/resources/collaboration-allowlist-exempt-target/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `collaboration_whitelist_exempt_target`."),
        *_ENTERPRISE,
        *user("user", "the user", insert={"id": "user.id"}),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
    ),
    paths=_paths(_EXEMPT),
    insert=Write(method="POST", path=_EXEMPT, required=("user_id",), takes_fields=False),
    delete=Write(method="DELETE", path=f"{_EXEMPT}/{{id}}"),
)
