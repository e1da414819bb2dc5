"""Hubs and what they have."""

from known_rows import Written

_HUBS = [("Sales kit", "", "Ada Admin", 0, "all"), ("Handbook", "How things are done", "Ada Admin", 17, "all")]

ROWS = {
    "hubs": ("SELECT title, description, created_by_name, view_count, copy_hub_access FROM hubs", _HUBS),
    "enterprise_hubs": (
        "SELECT title, description, created_by_name, view_count, copy_hub_access FROM enterprise_hubs",
        _HUBS,
    ),
    "hub_items": (
        (
            "SELECT h.title, i.item_type, i.name, f.path FROM hub_items i JOIN hubs h ON h.id = i.hub_id "
            "JOIN files f ON f.id = i.item_id"
        ),
        [
            ("Handbook", "file", "ACME master agreement.pdf", "/Contracts/2023/Signed/ACME master agreement.pdf"),
            ("Handbook", "file", "O'Brien & Söhne.docx", "/Contracts/2023/Signed/O'Brien & Söhne.docx"),
        ],
    ),
    "hub_collaborations": (
        (
            "SELECT h.title, accessible_by_type, accessible_by_name, accessible_by_login, role, status "
            "FROM hub_collaborations c JOIN hubs h ON h.id = c.hub_id"
        ),
        [
            ("Handbook", "user", "Amelia Andersen", "user01@example.com", "editor", "accepted"),
            ("Handbook", "user", "Björn Brown", "user02@example.com", "viewer", "accepted"),
        ],
    ),
    "hub_document_pages": (
        (
            "SELECT h.title, p.title_fragment, above.title_fragment FROM hub_document_pages p "
            "JOIN hubs h ON h.id = p.hub_id LEFT JOIN hub_document_pages above ON above.id = p.parent_id"
        ),
        [("Sales kit", "Sales kit", None), ("Handbook", "Handbook", None), ("Handbook", "Holidays", "Handbook")],
    ),
    "hub_document_blocks": (
        (
            "SELECT p.title_fragment, b.type, b.fragment FROM hub_document_blocks b "
            "JOIN hub_document_pages p ON p.id = b.page_id"
        ),
        [
            ("Sales kit", "item_list", None),
            ("Handbook", "item_list", None),
            ("Handbook", "section_title", "Welcome"),
            ("Handbook", "paragraph", "Read this <b>first</b>."),
        ],
    ),
}

CALLS = {
    "hubs": 1,
    "enterprise_hubs": 1,
    "hub_items": 3,
    "hub_collaborations": 3,
    "hub_document_pages": 3,
    "hub_document_blocks": 6,
}

WRITTEN = {
    "hubs": [
        Written(
            insert={"title": "Onboarding", "description": "For who is new"},
            updates=[
                {"title": "First week", "description": "For who is new here"},
                {"is_ai_enabled": False, "is_collaboration_restricted_to_enterprise": True},
                {"can_non_owners_invite": False, "can_shared_link_be_created": False},
                {"can_public_shared_link_be_created": True, "copy_hub_access": "none"},
            ],
        ),
        Written(insert={"title": "Open", "copy_hub_access": "company"}),
    ],
    "hub_items": [
        Written(
            insert={
                "hub_id": "2170000002",
                "item_type": "folder",
                "item_id": "160000000002",
                "parent_id": "b03f9908-61c3-5f42-a4a8-74ac57684ed0",
            },
            reads={"parent_id": None},
        ),
        Written(insert={"hub_id": "2170000001", "item_type": "file", "item_id": "1200000000004"}),
    ],
    "hub_collaborations": [
        Written(
            insert={
                "hub_id": "2170000002",
                "accessible_by_type": "group",
                "accessible_by_id": "30000001",
                "role": "viewer",
            },
            updates=[{"role": "editor"}],
        ),
        Written(insert={"hub_id": "2170000002", "accessible_by_id": "20000000001", "role": "co-owner"}),
        Written(insert={"hub_id": "2170000002", "accessible_by_login": "user02@example.com", "role": "viewer"}),
    ],
}
