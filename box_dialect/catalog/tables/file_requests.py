"""Forms by which anybody may upload files to a folder.

Source: https://developer.box.com/reference/resources/file-request/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.columns import user
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type, Write
from box_dialect.catalog.model.as_user import AS_USER

file_requests: Final = Table(
    name="file_requests",
    doc="Forms by which anybody may upload files to a folder. Box lists none, so that a statement names an `id`. One "
    "is made in Box's web application, or by the procedure CopyFileRequest.",
    reference="https://developer.box.com/reference/resources/file-request/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `file_request`."),
        Column("title", update="title", doc="The title that who uploads sees."),
        Column("description", update="description", doc="What who uploads is told."),
        Column("status", update="status", options=("active", "inactive"), doc="`active`, or `inactive`."),
        Column("is_email_required", Type.BOOLEAN, update="is_email_required", doc="Whether an address is asked for."),
        Column(
            "is_description_required",
            Type.BOOLEAN,
            update="is_description_required",
            doc="Whether a description is asked for.",
        ),
        Column("expires_at", Type.TIMESTAMP, update="expires_at", doc="When it ends."),
        Column("folder_id", source="folder.id", nullable=False, references="folders.id", doc="Id of the folder."),
        Column("folder_name", source="folder.name", nullable=False, doc="Name of the folder."),
        Column("url", doc="Where the form is, behind the host of Box's web application."),
        Column("etag", doc="Changes with every change."),
        *user("created_by", "the user who made it"),
        Column("created_at", Type.TIMESTAMP, nullable=False, doc="When it was made."),
        *user("updated_by", "the user who changed it last"),
        Column("updated_at", Type.TIMESTAMP, nullable=False, doc="When it was last changed."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/file_requests/{id}", takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
    ),
    update=Write(method="PUT", path="/file_requests/{id}", takes_fields=False, takes_etag=True),
    delete=Write(method="DELETE", path="/file_requests/{id}"),
)
