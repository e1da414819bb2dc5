"""Past versions of files.

Source: https://developer.box.com/reference/resources/file-version--full/
"""

from __future__ import annotations

from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING, user
from box_dialect.catalog.folder_items import FILES, FOLDER_ITEMS, FOLDERS
from box_dialect.catalog.model import AccessPath, Column, Endpoint, FanOut, Form, Having, Table, Type, Write
from box_dialect.catalog.model.as_user import AS_USER

_CHANGED: Final = 0.1
"""The part of the files that is thought to have past versions."""

_VERSIONS: Final = Endpoint(
    path="/files/{file_id}/versions", paging=Paging.OFFSET, known=frozenset({"file_id"}), parent_type="file"
)

file_versions: Final = Table(
    name="file_versions",
    doc="Past versions of files, in the trash too. Box does not list the current version, which is found by `file_id` "
    "and `id` alone: `files.file_version_id`. Without a key, those of every file that has some.",
    reference="https://developer.box.com/reference/resources/file-version--full/",
    key=("file_id", "id"),
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id of the version."),
        Column("type", nullable=False, doc="Always `file_version`."),
        Column("file_id", nullable=False, derived=NOTHING, references="files.id", doc="Id of the file."),
        Column("version_number", doc="Number of the version."),
        Column("name", doc="What the file was called."),
        Column("size", Type.INTEGER, doc="Size in bytes."),
        Column("sha1", doc="SHA-1 of the content, in hexadecimal."),
        Column("created_at", Type.TIMESTAMP, doc="When it was uploaded."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
        *user("modified_by", "the user who changed it last"),
        Column("uploader_display_name", doc="Name of who uploaded it, also without an account."),
        Column(
            "trashed_at",
            Type.TIMESTAMP,
            update="trashed_at",
            cleared=None,
            form=Form("NULL alone, which restores the version; DELETE moves it to the trash", lambda _: False),
            doc="When it was moved to the trash; an UPDATE to NULL restores it.",
        ),
        *user("trashed_by", "the user who moved it to the trash"),
        Column("restored_at", Type.TIMESTAMP, doc="When it was restored."),
        *user("restored_by", "the user who restored it"),
        Column("purged_at", Type.TIMESTAMP, doc="When it is removed for good by itself."),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=(Endpoint(path="/files/{file_id}/versions/{id}", known=frozenset({"file_id"})),),
            keys=("file_id", "id"),
            unique=True,
        ),
        AccessPath(name="by file", endpoints=(_VERSIONS,), keys=("file_id",), partial=True, rows=0.3),
        AccessPath(
            name="of every file",
            endpoints=(_VERSIONS,),
            fan_out=FanOut(
                key="file_id",
                parents=FOLDER_ITEMS,
                walk=True,
                having=Having("version_number", without=frozenset({"0", "1"})),
                share=_CHANGED,
            ),
            partial=True,
            calls=FOLDERS + _CHANGED * FILES,
            rows=3 * _CHANGED * FILES,
        ),
    ),
    update=Write(method="PUT", path="/files/{file_id}/versions/{id}", takes_fields=False),
    delete=Write(method="DELETE", path="/files/{file_id}/versions/{id}"),
)
