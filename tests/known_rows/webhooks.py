"""What is called when something happens to files and folders."""

from known_rows import Written

ROWS = {
    "webhooks": (
        "SELECT f.name, w.target_type, w.address, w.triggers FROM webhooks w JOIN folders f ON f.id = w.target_id",
        [
            ("2023", "folder", "https://hooks.example.com/box", '["FILE.UPLOADED","FILE.TRASHED"]'),
            ("Signed", "folder", "https://hooks.example.com/box", '["FILE.UPLOADED","FILE.TRASHED"]'),
        ],
    ),
}

CALLS = {
    "webhooks": 3,
}

WRITTEN = {
    "webhooks": [
        Written(
            insert={
                "target_id": "1200000000008",
                "target_type": "file",
                "address": "https://example.com/",
                "triggers": '["FILE.LOCKED"]',
            },
            updates=[
                {"address": "https://example.com/box", "triggers": '["FILE.LOCKED","FILE.UNLOCKED"]'},
                {"target_id": "160000000004", "target_type": "folder"},
            ],
        )
    ],
}
