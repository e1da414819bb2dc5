"""Archives, for content that nobody needs any more.

Source: https://developer.box.com/reference/v2025.0/resources/archive/
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.api_versions import V2025_0
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type, Write

_ARCHIVES: Final = Endpoint(
    path="/archives",
    paging=Paging.MARKER,
    headers=V2025_0,
    takes_fields=False,
    advice=needs("Box Archive"),
)
_ARCHIVED: Final = 20
"""How many archives there are thought to be."""

archives: Final = Table(
    name="archives",
    doc="Archives, for content that nobody needs any more. Box finds none by its id, so that it lists all.",
    reference="https://developer.box.com/reference/v2025.0/resources/archive/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `archive`."),
        Column("name", nullable=False, insert="name", update="name", doc="The name, unique in the enterprise."),
        Column("description", insert="description", update="description", cleared="", doc="What it is for."),
        Column("size", Type.INTEGER, nullable=False, doc="Size in bytes of all that it holds."),
        Column("owned_by_id", source="owned_by.id", references="users.id", doc="Id of the user who owns it."),
        Column(
            "storage_policy_id",
            hidden=True,
            derived=NOTHING,
            insert="storage_policy_id",
            doc="Id of the region of a new one, an input.",
        ),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(replace(_ARCHIVES, keep={"id": "{id}"}),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(name="all", endpoints=(_ARCHIVES,), rows=_ARCHIVED),
    ),
    insert=Write(method="POST", path="/archives", required=("name",), headers=V2025_0, takes_fields=False),
    update=Write(method="PUT", path="/archives/{id}", headers=V2025_0, takes_fields=False),
    delete=Write(method="DELETE", path="/archives/{id}", headers=V2025_0),
)
