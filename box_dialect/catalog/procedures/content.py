"""Procedures that copy, move, change, lock and delete what lies in folders.

Sources: https://developer.box.com/reference/resources/file--full/, …/folder--full/ and …/web-link/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.api_versions import V2026_0
from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.inputs import LIST, OBJECTS
from box_dialect.catalog.model.procedure import Call, Input, Procedure

from ._items import ANY_ITEM, ETAG, FIELDS, FILE_ID, ITEM, SUCCESS

_TO: Final = Input(name="ParentId", default="0", body="parent.id", doc="Id of the folder that shall hold the copy.")
_COPY_NAME: Final = Input(name="Name", body="name", doc="Name of the copy. Default: that of what is copied.")

copy_file: Final = Procedure(
    name="CopyFile",
    doc="Copy a file.",
    reference="https://developer.box.com/reference/post-files-id-copy/",
    inputs=(
        FILE_ID,
        _TO,
        _COPY_NAME,
        Input(name="VersionId", body="version", doc="Id of the version that is copied. Default: the current one."),
    ),
    outputs=ITEM,
    side_effect=True,
    call=Call(method="POST", path="/files/{file_id}/copy", parameters=FIELDS),
)

copy_folder: Final = Procedure(
    name="CopyFolder",
    doc="Copy a folder with all that is in it.",
    reference="https://developer.box.com/reference/post-folders-id-copy/",
    inputs=(Input(name="FolderId", required=True, doc="Id of the folder."), _TO, _COPY_NAME),
    outputs=ITEM,
    side_effect=True,
    call=Call(method="POST", path="/folders/{folder_id}/copy", parameters=FIELDS),
)

move_item: Final = Procedure(
    name="MoveItem",
    doc="Move an item to another folder, under the name that it has or another one.",
    reference="https://developer.box.com/reference/put-files-id/",
    inputs=(
        *ANY_ITEM,
        Input(name="ParentId", required=True, body="parent.id", doc="Id of the folder that shall hold it."),
        Input(name="Name", body="name", doc="Its name there. Default: the one that it has."),
    ),
    outputs=ITEM,
    side_effect=True,
    call=Call(method="PUT", path="/{item_type}/{item_id}"),
)

delete_item: Final = Procedure(
    name="DeleteItem",
    doc="Move an item to the trash, or delete it for good, as the enterprise has set it.",
    reference="https://developer.box.com/reference/delete-files-id/",
    inputs=(
        *ANY_ITEM,
        Input(
            name="Recursive",
            type=Type.BOOLEAN,
            query="recursive",
            doc="Whether a folder goes with all that is in it. Default: one that holds anything is an error.",
        ),
        ETAG,
    ),
    outputs=(SUCCESS,),
    side_effect=True,
    call=Call(method="DELETE", path="/{item_type}/{item_id}"),
    aliases=("DeleteFile",),
)

update_file: Final = Procedure(
    name="UpdateFile",
    doc="Change a file; what is not given stays. UPDATE `files` does the same to many.",
    reference="https://developer.box.com/reference/put-files-id/",
    inputs=(
        FILE_ID,
        Input(name="Name", body="name", doc="Its name."),
        Input(name="Description", body="description", doc="Its description; an empty text takes it away."),
        Input(name="ParentId", body="parent.id", doc="Id of the folder that shall hold it."),
        Input(name="Tags", type=Type.JSON, form=LIST, body="tags", doc="All its tags."),
        Input(name="Collections", type=Type.JSON, form=OBJECTS, body="collections", doc="Collections it is in."),
        Input(
            name="DispositionAt",
            type=Type.TIMESTAMP,
            body="disposition_at",
            doc="When its retention ends; it can only become later.",
        ),
        Input(
            name="CanDownload",
            choices=("open", "company"),
            body="permissions.can_download",
            doc="Who may download it.",
        ),
        ETAG,
    ),
    outputs=ITEM,
    side_effect=True,
    call=Call(method="PUT", path="/files/{file_id}", parameters=FIELDS),
)

lock_file: Final = Procedure(
    name="LockFile",
    doc="Lock a file, so that nobody else changes it.",
    reference="https://developer.box.com/guides/files/lock/",
    inputs=(
        FILE_ID,
        Input(
            name="ExpiresAt",
            type=Type.TIMESTAMP,
            body="lock.expires_at",
            doc="When the lock ends. Default: it does not.",
        ),
        Input(
            name="IsDownloadPrevented",
            type=Type.BOOLEAN,
            body="lock.is_download_prevented",
            doc="Whether nobody else may download it either.",
        ),
    ),
    outputs=(
        Column("LockId", source="lock.id", doc="Id of the lock."),
        Column("ExpiresAt", Type.TIMESTAMP, "lock.expired_at", doc="When it ends."),
        Column("IsDownloadPrevented", Type.BOOLEAN, "lock.is_download_prevented", doc="Whether it stops downloads."),
    ),
    side_effect=True,
    call=Call(method="PUT", path="/files/{file_id}", parameters={"fields": "lock"}, body={"lock": {"access": "lock"}}),
)

unlock_file: Final = Procedure(
    name="UnlockFile",
    doc="Take the lock off a file.",
    reference="https://developer.box.com/guides/files/unlock/",
    inputs=(FILE_ID,),
    outputs=(SUCCESS,),
    side_effect=True,
    call=Call(method="PUT", path="/files/{file_id}", parameters={"fields": "lock"}, body={"lock": None}),
)

promote_file_version: Final = Procedure(
    name="PromoteFileVersion",
    doc="Make an earlier version of a file the current one, as a copy of it.",
    reference="https://developer.box.com/reference/post-files-id-versions-current/",
    inputs=(FILE_ID, Input(name="VersionId", required=True, body="id", doc="Id of the version.")),
    outputs=(
        Column("Id", doc="Id of the new current version."),
        Column("Name", doc="The name of the file in it."),
        Column("Size", Type.INTEGER, doc="Size in bytes."),
        Column("SHA1", source="sha1", doc="SHA-1 of the content, in hexadecimal."),
        Column("CreatedAt", Type.TIMESTAMP, doc="When it was made."),
    ),
    side_effect=True,
    call=Call(method="POST", path="/files/{file_id}/versions/current", body={"type": "file_version"}),
)

copy_file_request: Final = Procedure(
    name="CopyFileRequest",
    doc="Copy a file request to a folder; Box makes none in another way.",
    reference="https://developer.box.com/reference/post-file-requests-id-copy/",
    inputs=(
        Input(name="FileRequestId", required=True, doc="Id of the file request."),
        Input(name="FolderId", required=True, body="folder.id", doc="Id of the folder that the copy asks files for."),
        Input(name="Title", body="title", doc="Title of the copy. Default, as of all others: what the original has."),
        Input(name="Description", body="description", doc="What it says."),
        Input(name="Status", choices=("active", "inactive"), body="status", doc="Whether it takes files."),
        Input(
            name="IsEmailRequired", type=Type.BOOLEAN, body="is_email_required", doc="Whether it asks for an address."
        ),
        Input(
            name="IsDescriptionRequired",
            type=Type.BOOLEAN,
            body="is_description_required",
            doc="Whether it asks for a description.",
        ),
        Input(name="ExpiresAt", type=Type.TIMESTAMP, body="expires_at", doc="When it takes no more files."),
    ),
    outputs=(
        Column("Id", doc="Id of the copy."),
        Column("Title", doc="Its title."),
        Column("Description", doc="What it says."),
        Column("Status", doc="Whether it takes files: `active` or `inactive`."),
        Column("IsEmailRequired", Type.BOOLEAN, doc="Whether it asks for an address."),
        Column("IsDescriptionRequired", Type.BOOLEAN, doc="Whether it asks for a description."),
        Column("ExpiresAt", Type.TIMESTAMP, doc="When it takes no more files."),
        Column("FolderId", source="folder.id", doc="Id of the folder that it asks files for."),
        Column("URL", source="url", doc="Its address, behind that of the enterprise at Box."),
    ),
    side_effect=True,
    call=Call(method="POST", path="/file_requests/{file_request_id}/copy", body={"folder": {"type": "folder"}}),
)

convert_note: Final = Procedure(
    name="ConvertNote",
    doc="Make a Box Note of a text of Markdown.",
    reference="https://developer.box.com/reference/v2026.0/post-notes-convert/",
    inputs=(
        Input(name="Content", required=True, body="content", doc="The text."),
        Input(name="Name", required=True, body="name", doc="Name of the note, without the extension."),
        Input(name="ParentId", default="0", body="parent.id", doc="Id of the folder that shall hold it."),
        Input(
            name="ContentFormat",
            choices=("markdown",),
            default="markdown",
            body="content_format",
            doc="What the text is written in.",
        ),
    ),
    outputs=(Column("Id", doc="Id of the note, which is a file."),),
    side_effect=True,
    call=Call(
        method="POST",
        path="/notes/convert",
        headers=V2026_0,
        body={"parent": {"type": "folder"}},
    ),
)
