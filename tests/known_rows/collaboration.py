"""Who works with whom on what."""

import datetime as dt

from known_rows import Written

_NEVER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
_LATER = dt.datetime(2999, 1, 2, tzinfo=dt.UTC)

ROWS = {
    "collaborations": (
        "SELECT accessible_by_name, role, status FROM collaborations WHERE item_name = 'Photos'",
        [("Chloé Castillo", "viewer", "rejected")],
    ),
    "comments": (
        "SELECT message, is_reply_comment FROM comments WHERE created_by_name IN ('Ada Admin', 'Björn Brown')",
        [("I did.", True), ('It\'s "final".', False)],
    ),
}

CALLS = {
    "collaborations": 18,
    "comments": 16,
}

WRITTEN = {
    "collaborations": [
        Written(
            insert={
                "item_id": "160000000003",
                "item_type": "folder",
                "accessible_by_id": "20000000003",
                "accessible_by_type": "user",
                "role": "viewer",
                "is_access_only": True,
                "can_view_path": False,
                "notify": False,
                "expires_at": _NEVER,
            },
            updates=[{"role": "previewer uploader", "can_view_path": True}, {"expires_at": _LATER}],
            reads={"can_view_path": ..., "notify": ...},
        ),
        Written(
            insert={
                "item_id": "1200000000008",
                "item_type": "file",
                "accessible_by_login": "user03@example.com",
                "role": "editor",
            },
        ),
        Written(key={"id": "50000000004"}, updates=[{"status": "accepted"}]),
    ],
    "comments": [
        Written(
            insert={
                "item_id": "1200000000008",
                "item_type": "file",
                "message": "@Amelia, read it.",
                "tagged_message": "@[20000000001:Amelia], read it.",
            },
            updates=[{"message": "I have."}],
        ),
    ],
}
