"""What users are to accept, and who did."""

from known_rows import Written

ROWS = {
    "terms_of_services": (
        "SELECT tos_type, status, text FROM terms_of_services WHERE tos_type = 'external'",
        [("external", "enabled", "What external users are to accept.")],
    ),
    "terms_of_service_user_statuses": (
        (
            "SELECT t.tos_type, s.user_name, s.is_accepted FROM terms_of_service_user_statuses s "
            "JOIN terms_of_services t ON t.id = s.tos_id WHERE s.user_id = '20000000002'"
        ),
        [("external", "Björn Brown", False)],
    ),
}

CALLS = {
    "terms_of_services": 1,
    "terms_of_service_user_statuses": 2,
}

WRITTEN = {
    "terms_of_services": [
        Written(
            insert={"tos_type": "managed", "status": "disabled", "text": "Behave."},
            updates=[{"status": "enabled"}, {"text": "Behave well."}, {"text": "", "status": "disabled"}],
            delete=False,
        ),
    ],
    "terms_of_service_user_statuses": [
        Written(
            insert={"tos_id": "5112000001", "user_id": "20000000003", "is_accepted": True},
            updates=[{"is_accepted": False}],
            delete=False,
        )
    ],
}
