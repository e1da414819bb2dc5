"""Uploads of large files, which come in parts.

Source: https://developer.box.com/reference/resources/upload-session/
"""

from __future__ import annotations

import re
from typing import Final

from box_dialect.api import Host
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type
from box_dialect.catalog.model.as_user import AS_USER

upload_sessions: Final = Table(
    name="upload_sessions",
    doc="Uploads of large files, as far as they have come. Box lists none, so that a statement names an `id`.",
    reference="https://developer.box.com/reference/resources/upload-session/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id, of hexadecimal digits."),
        Column("type", doc="Always `upload_session`."),
        Column("session_expires_at", Type.TIMESTAMP, doc="When Box gives it up."),
        Column("part_size", Type.INTEGER, doc="The size of all parts but the last one, in bytes."),
        Column("total_parts", Type.INTEGER, doc="How many parts there are to be."),
        Column("num_parts_processed", Type.INTEGER, doc="How many have come."),
        *(
            Column(f"session_endpoints_{name}", source=f"session_endpoints.{name}", doc=f"Where {what}.")
            for name, what in (
                ("upload_part", "parts are sent"),
                ("commit", "the file is made of them"),
                ("abort", "the upload is given up"),
                ("list_parts", "the parts are listed"),
                ("status", "this row is"),
                ("log_event", "the log is"),
            )
        ),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/files/upload_sessions/{id}", host=Host.UPLOAD, takes_fields=False),),
            keys=("id",),
            accepts=re.compile("[0-9A-Fa-f]{1,64}"),
            unique=True,
        ),
    ),
)
