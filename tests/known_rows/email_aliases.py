"""Further addresses of users."""

from known_rows import Written

ROWS = {
    "email_aliases": ("SELECT email, is_confirmed FROM email_aliases", [("ada@example.com", True)]),
}

CALLS = {
    "email_aliases": 8,
}

WRITTEN = {
    "email_aliases": [Written(insert={"user_id": "20000000001", "email": "amelia@example.org"})],
}
