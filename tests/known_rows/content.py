"""Files, folders and what belongs to them."""

import datetime as dt

from known_rows import Written

UPLOAD = "00000000000000000000000135591D81"
"""The id of an upload that has begun."""

ROWS = {
    "files": (
        "SELECT name, size, extension FROM files WHERE parent_id = '0'",
        [(".gitignore", 5, ""), ("notes", 24, ""), ("Notes.txt", 16, "txt")],
    ),
    "folders": (
        "SELECT name, path, depth FROM folders WHERE path LIKE '/Contracts/%'",
        [
            ("2023", "/Contracts/2023", 2),
            ("2024", "/Contracts/2024", 2),
            ("Signed", "/Contracts/2023/Signed", 3),
            ("Empty", "/Contracts/2024/Empty", 3),
        ],
    ),
    "items": ("SELECT type, count(*) FROM items GROUP BY type", [("file", 27), ("folder", 13), ("web_link", 2)]),
    "web_links": (
        "SELECT name, url FROM web_links",
        [("Box website", "https://www.box.com/"), ("Intranet?q=1&x=%20", "https://intranet.example.com/?q=1")],
    ),
    "trashed_items": (
        "SELECT type, name, size, parent_id, owned_by_name, trashed_at < purged_at FROM trashed_items",
        [
            ("file", "old plan.txt", 19, "0", "Amelia Andersen", 1),
            ("folder", "Old folder", 33, "0", "Björn Brown", 1),
        ],
    ),
    "file_versions": (
        "SELECT name, version_number, size, trashed_at IS NULL, trashed_by_name FROM file_versions",
        [
            ("ACME master agreement.pdf", "1", 15, 1, None),
            ("O'Brien & Söhne.docx", "1", 9, 1, None),
            ("Notes.txt", "1", 36, 1, None),
            ("img_0002.jpg", "1", 6, 1, None),
            ("img_0002.jpg", "2", 15, 0, "Chloé Castillo"),
        ],
    ),
    "shared_items": (
        "SELECT type, path, shared_link_access FROM shared_items",
        [("file", "/Notes.txt", "open"), ("folder", "/Photos", "company")],
    ),
    "recent_items": (
        "SELECT item_name, interaction_type FROM recent_items WHERE interaction_type = 'item_preview'",
        [
            (name, "item_preview")
            for name in ("ACME master agreement.pdf", "O'Brien & Söhne.docx", 'Draft "final" (2).docx')
        ],
    ),
    "collections": ("SELECT name, collection_type FROM collections", [("Favorites", "favorites")]),
    "collection_items": (
        "SELECT c.name, i.item_type, i.path FROM collection_items i JOIN collections c ON c.id = i.collection_id",
        [
            ("Favorites", "folder", "/Contracts/2023/Signed"),
            ("Favorites", "file", "/Contracts/2023/Signed/ACME master agreement.pdf"),
        ],
    ),
    "folder_locks": (
        "SELECT folder_name, lock_type, locked_operations_move, locked_operations_delete FROM folder_locks",
        [("2023", "freeze", True, True)],
    ),
    "watermarks": (
        "SELECT item_type, item_id, created_at = modified_at FROM watermarks",
        [("file", "1200000000003", 1)],
    ),
    "file_requests": (
        "SELECT title, status, folder_name FROM file_requests WHERE id = '5104000001'",
        [("Files for Signed", "active", "Signed")],
    ),
    "upload_sessions": (
        f"SELECT part_size, total_parts, num_parts_processed FROM upload_sessions WHERE id = '{UPLOAD}'",
        [(8388608, 3, 2)],
    ),
    "app_item_associations": (
        "SELECT app_item_id, application_type, item_type, item_id FROM app_item_associations",
        [
            ("9160000000003", "hubs", "folder", "160000000003"),
            ("9160000000002", "hubs", "folder", "160000000002"),
        ],
    ),
}

KEYS = {
    "upload_sessions": {"id": UPLOAD},
    "file_requests": {"id": "5104000001"},
}

CALLS = {
    "files": 14,
    "folders": 15,
    "items": 14,
    "web_links": 14,
    "trashed_items": 1,
    "file_versions": 18,
    "shared_items": 14,
    "recent_items": 1,
    "collections": 1,
    "collection_items": 2,
    "folder_locks": 27,
    "watermarks": 15,
    "app_item_associations": 20,
}

LATER = dt.datetime(2040, 1, 31, 12, 30, tzinfo=dt.UTC)
LINKED: dict[str, object] = {
    "shared_link_access": "open",
    "shared_link_vanity_name": "a-vanity-name",
    "shared_link_unshared_at": LATER,
}

WRITTEN = {
    "files": [
        Written(
            insert={
                "name": "minutes.txt",
                "parent_id": "0",
                "content": b"What was said.",
                "content_created_at": dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
                "content_modified_at": dt.datetime(2021, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
                "description": "Of the first meeting",
            },
            updates=[
                {
                    "name": "Minutes.txt",
                    "description": "Approved",
                    "tags": '["urgent","signed"]',
                    "parent_id": "160000000002",
                },
                {"content_modified_at": LATER, "collections": '[{"id": "405151"}]'},
                {**LINKED, "shared_link_permissions": '{"can_download": false}', "permissions_can_download": "company"},
                {"shared_link_password": "Tr0ub4dor&3"},
                {"shared_link_access": None},
                {"lock_type": "lock"},
                {"lock_expired_at": LATER, "lock_is_download_prevented": True},
                {"lock_type": None},
                {"content": b"What was meant.", "description": "Revised"},
                {"content": b"What was done.", "name": "Deeds.txt", "content_modified_at": LATER},
            ],
            reads={
                "collections": '[{"type":"collection","id":"405151","name":"Favorites","collection_type":"favorites"}]',
                "shared_link_permissions": '{"can_preview":true,"can_download":false,"can_edit":false}',
                "shared_link_password": None,
                "permissions_can_download": None,
            },
        )
    ],
    "folders": [
        Written(
            insert={
                "name": "Drafts",
                "parent_id": "0",
                "sync_state": "synced",
                "folder_upload_email_access": "collaborators",
            },
            updates=[
                {"folder_upload_email_access": "open", "tags": '["new"]', "collections": '[{"id": "405151"}]'},
                {"folder_upload_email_access": None, "collections": None},
                {**LINKED, "shared_link_permissions": '{"can_download": false}'},
                {"shared_link_password": "Tr0ub4dor&3"},
                {"shared_link_access": None},
                {"name": "Notes of 2026", "description": "What was said."},
                {"sync_state": "not_synced", "can_non_owners_invite": False},
                {"can_non_owners_view_collaborators": False, "is_collaboration_restricted_to_enterprise": True},
                {"parent_id": "160000000002"},
            ],
            reads={
                "collections": ...,
                "shared_link_permissions": '{"can_preview":true,"can_download":false,"can_edit":false}',
                "shared_link_password": None,
            },
        )
    ],
    "web_links": [
        Written(
            insert={"name": "Reference", "parent_id": "0", "url": "https://example.com/"},
            updates=[
                {"name": "Guide", "description": "Read it.", "url": "https://example.com/guide"},
                {"parent_id": "160000000002"},
                LINKED,
                {"shared_link_password": "Tr0ub4dor&3"},
                {"shared_link_access": None},
            ],
            reads={"shared_link_password": None},
        )
    ],
    "collection_items": [
        Written(insert={"collection_id": "405151", "item_type": kind, "item_id": identity})
        for kind, identity in (("file", "1200000000027"), ("folder", "160000000007"), ("web_link", "170000000001"))
    ],
    "folder_locks": [
        Written(insert={"folder_id": "160000000007", "locked_operations_move": True, "locked_operations_delete": True}),
    ],
    "watermarks": [
        Written(insert={"item_type": kind, "item_id": identity})
        for kind, identity in (("file", "1200000000027"), ("folder", "160000000007"))
    ],
    "file_requests": [
        Written(
            key={"id": "5104000001"},
            updates=[
                {"title": "Your files", "description": "All of them.", "status": "inactive"},
                {"is_email_required": True, "is_description_required": True, "expires_at": LATER},
            ],
        ),
    ],
}
