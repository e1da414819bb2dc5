"""Cards of skills on files."""

from known_rows import Written

_CARDS = (
    '[{"type":"skill_card","skill_card_type":"status","skill":{"type":"service","id":"s"},'
    '"invocation":{"type":"skill_invocation","id":"1"},"status":{"code":"%s"}}]'
)

ROWS = {
    "skill_cards": (
        (
            "SELECT f.name, cards ->> '$[0].skill_card_title.message', version, can_edit FROM skill_cards c "
            "JOIN files f ON f.id = c.file_id"
        ),
        [("ACME master agreement.pdf", "Topics", 0, True)],
    ),
}

CALLS = {"skill_cards": 14}

WRITTEN = {
    "skill_cards": [
        Written(
            insert={"file_id": "1200000000004", "cards": _CARDS % "processing"},
            updates=[{"cards": _CARDS % "success"}],
        ),
    ],
}
