"""What is called when something happens to files and folders.

Source: https://developer.box.com/reference/resources/webhook/
"""

from __future__ import annotations

from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import user
from box_dialect.catalog.model import (
    AccessPath,
    Column,
    Completion,
    Endpoint,
    Fetch,
    JsonObject,
    Table,
    Target,
    Type,
    Write,
)
from box_dialect.catalog.model.as_user import AS_USER

_LISTED: Final = frozenset({AS_USER.name, "id", "type", "target_id", "target_type"})
_COUNT: Final = 20


async def _find_rest(webhook: JsonObject, fetch: Fetch) -> None:
    """Ask for the webhook itself: the listing tells of its target alone."""
    webhook.update(await fetch(webhook["id"]) or {})


_COLUMNS: Final = (
    AS_USER,
    Column("id", nullable=False, doc="Box's id."),
    Column("type", nullable=False, doc="Always `webhook`."),
    Column(
        "target_id",
        source="target.id",
        target=Target(by="target_type", tables={"file": "files.id", "folder": "folders.id"}),
        insert="target.id",
        update="target.id",
        doc="Id of the file or folder.",
    ),
    Column("target_type", source="target.type", insert="target.type", update="target.type", doc="`file` or `folder`."),
    Column("address", insert="address", update="address", doc="What is called, by HTTPS."),
    Column(
        "triggers",
        Type.JSON,
        insert="triggers",
        update="triggers",
        doc="By what it is called, a list of texts such as `FILE.UPLOADED`.",
    ),
    *user("created_by", "the user who made it"),
    Column("created_at", Type.TIMESTAMP, doc="When it was made."),
)

webhooks: Final = Table(
    name="webhooks",
    doc="What Box calls when something happens to a file or folder: those that the application has for the signed-in "
    "user. The listing tells their ids and targets; what else a statement reads takes a call for each.",
    reference="https://developer.box.com/reference/resources/webhook/",
    columns=_COLUMNS,
    paths=(
        AccessPath(
            name="by id", endpoints=(Endpoint(path="/webhooks/{id}", takes_fields=False),), keys=("id",), unique=True
        ),
        AccessPath(
            name="all",
            endpoints=(
                Endpoint(
                    path="/webhooks",
                    paging=Paging.MARKER,
                    takes_fields=False,
                    complete=Completion(
                        columns=frozenset(column.name for column in _COLUMNS) - _LISTED,
                        path="/webhooks/{id}",
                        takes_fields=False,
                        add=_find_rest,
                    ),
                ),
            ),
            calls=1 + _COUNT,
            rows=_COUNT,
        ),
    ),
    insert=Write(
        method="POST",
        path="/webhooks",
        required=("target_id", "target_type", "address", "triggers"),
        takes_fields=False,
    ),
    update=Write(method="PUT", path="/webhooks/{id}", together=(("target_id", "target_type"),), takes_fields=False),
    delete=Write(method="DELETE", path="/webhooks/{id}"),
)
