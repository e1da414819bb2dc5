"""What lies in folders, in the trash, and is shared."""

from datetime import UTC, datetime

from known_calls import Called

CALLS = {
    "GetThumbnail": [
        Called(
            inputs={
                "FileId": "1200000000007",
                "Extension": "jpg",
                "MinHeight": 32,
                "MinWidth": 33,
                "MaxHeight": 200,
                "MaxWidth": 201,
            },
            sent=[
                (
                    "GET /files/1200000000007/thumbnail.jpg?min_height=32&min_width=33&max_height=200&max_width=201",
                    None,
                )
            ],
            rows=[(...,)],
        )
    ],
    "CopyFile": [
        Called(
            inputs={
                "FileId": "1200000000027",
                "ParentId": "160000000012",
                "Name": "copy.txt",
                "VersionId": "1300000000027",
            },
            sent=[
                (
                    "POST /files/1200000000027/copy?fields=id,type,name,parent,etag",
                    {"parent": {"id": "160000000012"}, "name": "copy.txt", "version": "1300000000027"},
                )
            ],
            rows=[("1200000000030", "file", "copy.txt", "160000000012", "0")],
        )
    ],
    "CopyFolder": [
        Called(
            inputs={"FolderId": "160000000007", "ParentId": "160000000012", "Name": "Pictures"},
            sent=[
                (
                    "POST /folders/160000000007/copy?fields=id,type,name,parent,etag",
                    {"parent": {"id": "160000000012"}, "name": "Pictures"},
                )
            ],
            rows=[("160000000015", "folder", "Pictures", "160000000012", "0")],
        )
    ],
    "MoveItem": [
        Called(
            inputs={"ItemId": "160000000007", "ItemType": "folder", "ParentId": "160000000012", "Name": "Pictures"},
            sent=[("PUT /folders/160000000007", {"parent": {"id": "160000000012"}, "name": "Pictures"})],
            rows=[("160000000007", "folder", "Pictures", "160000000012", "1")],
        )
    ],
    "DeleteItem": [
        Called(
            inputs={"ItemId": "160000000007", "ItemType": "folder", "Recursive": True, "ETag": "0"},
            sent=[("DELETE /folders/160000000007?recursive=true", None, {"if-match": "0"})],
            rows=[(True,)],
        )
    ],
    "UpdateFile": [
        Called(
            inputs={"FileId": "1200000000008", "DispositionAt": "2040-01-02 03:04:05"},
            sent=[
                (
                    "PUT /files/1200000000008?fields=id,type,name,parent,etag",
                    {"disposition_at": "2040-01-02T03:04:05+00:00"},
                )
            ],
            fails="The file is under no retention",
        ),
        Called(
            inputs={
                "FileId": "1200000000008",
                "Name": "READ ME",
                "Description": "text",
                "ParentId": "160000000012",
                "Tags": '["a, b"]',
                "Collections": "[]",
                "CanDownload": "company",
                "ETag": "0",
            },
            sent=[
                (
                    "PUT /files/1200000000008?fields=id,type,name,parent,etag",
                    {
                        "name": "READ ME",
                        "description": "text",
                        "parent": {"id": "160000000012"},
                        "tags": ["a, b"],
                        "collections": [],
                        "permissions": {"can_download": "company"},
                    },
                    {"if-match": "0"},
                ),
            ],
            rows=[("1200000000008", "file", "READ ME", "160000000012", "1")],
        ),
    ],
    "LockFile": [
        Called(
            inputs={"FileId": "1200000000008", "ExpiresAt": "2040-01-02 03:04:05", "IsDownloadPrevented": True},
            sent=[
                (
                    "PUT /files/1200000000008?fields=lock",
                    {
                        "lock": {
                            "access": "lock",
                            "expires_at": "2040-01-02T03:04:05+00:00",
                            "is_download_prevented": True,
                        }
                    },
                )
            ],
            rows=[("700000001", datetime(2040, 1, 2, 3, 4, 5, tzinfo=UTC), True)],
        )
    ],
    "UnlockFile": [
        Called(
            inputs={"FileId": "1200000000008"},
            sent=[("PUT /files/1200000000008?fields=lock", {"lock": None})],
            rows=[(True,)],
            before=["EXEC LockFile '1200000000008'"],
        )
    ],
    "PromoteFileVersion": [
        Called(
            inputs={"FileId": "1200000000027", "VersionId": "1300000000027"},
            sent=[("POST /files/1200000000027/versions/current", {"type": "file_version", "id": "1300000000027"})],
            rows=[("1300000000035", "Notes.txt", 36, "5dbb7089e23d14429fb4e1a9ea97d520cc889a58", ...)],
        )
    ],
    "CopyFileRequest": [
        Called(
            inputs={
                "FileRequestId": "5104000001",
                "FolderId": "160000000012",
                "Title": "T",
                "Description": "D",
                "Status": "inactive",
                "IsEmailRequired": True,
                "IsDescriptionRequired": True,
                "ExpiresAt": "2040-01-02",
            },
            sent=[
                (
                    "POST /file_requests/5104000001/copy",
                    {
                        "folder": {"type": "folder", "id": "160000000012"},
                        "title": "T",
                        "description": "D",
                        "status": "inactive",
                        "is_email_required": True,
                        "is_description_required": True,
                        "expires_at": "2040-01-02T00:00:00+00:00",
                    },
                )
            ],
            rows=[
                (
                    "5104000003",
                    "T",
                    "D",
                    "inactive",
                    True,
                    True,
                    datetime(2040, 1, 2, 0, 0, 0, tzinfo=UTC),
                    "160000000012",
                    "/f/0000000000000000000000013038dc03",
                )
            ],
        )
    ],
    "ConvertNote": [
        Called(
            inputs={"Content": "# Hello", "Name": "Hello", "ParentId": "160000000012", "ContentFormat": "MARKDOWN"},
            sent=[
                (
                    "POST /notes/convert",
                    {
                        "parent": {"type": "folder", "id": "160000000012"},
                        "content": "# Hello",
                        "name": "Hello",
                        "content_format": "markdown",
                    },
                    {"box-version": "2026.0"},
                )
            ],
            rows=[("1200000000030",)],
        )
    ],
    "RestoreItem": [
        Called(
            inputs={"ItemId": "1200000000028", "Name": "new plan.txt", "ParentId": "160000000012"},
            sent=[("POST /files/1200000000028", {"name": "new plan.txt", "parent": {"id": "160000000012"}})],
            rows=[("1200000000028", "file", "old plan.txt", "0", "1")],
        ),
        Called(
            inputs={"ItemId": "160000000014", "ItemType": "folder"},
            sent=[("POST /folders/160000000014", {})],
            rows=[("160000000014", "folder", "Old folder", "0", "1")],
        ),
    ],
    "PurgeItem": [
        Called(
            inputs={"ItemId": "160000000014", "ItemType": "folder"},
            sent=[("DELETE /folders/160000000014/trash", None)],
            rows=[(True,)],
        )
    ],
    "EmptyTrash": [
        Called(
            inputs={},
            sent=[
                ("GET /folders/trash/items?limit=1000&usemarker=true&fields=id,type,name", None),
                ("DELETE /folders/160000000014/trash", None),
                ("DELETE /files/1200000000028/trash", None),
            ],
            rows=[("160000000014", "folder", "Old folder"), ("1200000000028", "file", "old plan.txt")],
        )
    ],
    "ShareItem": [
        Called(
            inputs={
                "ItemId": "1200000000008",
                "ItemType": "file",
                "Access": "open",
                "Password": "Secret-1234",
                "UnsharedAt": "2040-01-02",
                "CanDownload": True,
                "CanEdit": False,
                "VanityName": "a-name-of-many",
            },
            sent=[
                (
                    "PUT /files/1200000000008",
                    {
                        "shared_link": {
                            "access": "open",
                            "password": "Secret-1234",
                            "unshared_at": "2040-01-02T00:00:00+00:00",
                            "permissions": {"can_download": True, "can_edit": False},
                            "vanity_name": "a-name-of-many",
                        }
                    },
                )
            ],
            rows=[
                (
                    "https://app.box.com/s/b3fc00d47a69ae34847c8b061a85055b",
                    "https://app.box.com/shared/static/b3fc00d47a69ae34847c8b061a85055b.README",
                    "https://app.box.com/v/a-name-of-many",
                    "open",
                    "open",
                    datetime(2040, 1, 2, 0, 0, 0, tzinfo=UTC),
                    True,
                    True,
                    False,
                )
            ],
        ),
        Called(
            inputs={"ItemId": "170000000001", "ItemType": "web_link"},
            sent=[("PUT /web_links/170000000001", {"shared_link": {}})],
            rows=[
                (
                    "https://app.box.com/s/b10e72ea8d17078c63b1887b0b9d992e",
                    None,
                    None,
                    "open",
                    "open",
                    None,
                    False,
                    True,
                    False,
                )
            ],
        ),
    ],
    "UnshareItem": [
        Called(
            inputs={"ItemId": "160000000007", "ItemType": "folder"},
            sent=[("PUT /folders/160000000007", {"shared_link": None})],
            rows=[(True,)],
        )
    ],
}
