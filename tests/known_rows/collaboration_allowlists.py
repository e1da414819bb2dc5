"""With whom the enterprise may collaborate."""

from known_rows import Written

ROWS = {
    "collaboration_allowlist_entries": (
        "SELECT domain, direction FROM collaboration_allowlist_entries",
        [("partner.example", "both"), ("supplier.example", "inbound")],
    ),
    "collaboration_allowlist_exempt_targets": (
        "SELECT user_name FROM collaboration_allowlist_exempt_targets",
        [("Amelia Andersen",), ("Björn Brown",)],
    ),
}

CALLS = {
    "collaboration_allowlist_entries": 1,
    "collaboration_allowlist_exempt_targets": 1,
}

WRITTEN = {
    "collaboration_allowlist_entries": [Written(insert={"domain": "customer.example", "direction": "outbound"})],
    "collaboration_allowlist_exempt_targets": [Written(insert={"user_id": "20000000003"})],
}
