"""The devices by which users sign in."""

from known_rows import Written

ROWS = {
    "device_pinners": (
        "SELECT owned_by_name, product_name FROM device_pinners",
        [("Amelia Andersen", "iPhone"), ("Björn Brown", "Android"), ("Chloé Castillo", "Box Drive")],
    ),
}

CALLS = {
    "device_pinners": 2,
}

WRITTEN = {
    "device_pinners": [Written(key={"id": "5111000001"})],
}
