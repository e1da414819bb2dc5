"""Invitations into the enterprise."""

from known_rows import Written

KEYS: dict[str, dict[str, object]] = {
    "invites": {"id": "5110000001"},
}

ROWS = {
    "invites": (
        "SELECT actionable_by_login, invited_by_name, status FROM invites WHERE id = '5110000001'",
        [("zoe@partner.example", "Ada Admin", "pending")],
    ),
}

WRITTEN = {
    "invites": [
        Written(insert={"invited_to_id": "491291", "actionable_by_login": "yannick@elsewhere.example"}, delete=False)
    ],
}
