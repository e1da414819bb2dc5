"""What is to be done with files, and by whom."""

import datetime as dt

from known_rows import Written

_SOON = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
_LATER = dt.datetime(2999, 1, 2, tzinfo=dt.UTC)

ROWS = {
    "tasks": (
        (
            "SELECT item_name, action, completion_rule, is_completed, created_by_name FROM tasks "
            "WHERE item_id = '1200000000001'"
        ),
        [
            ("ACME master agreement.pdf", "review", "all_assignees", True, "Ada Admin"),
            ("ACME master agreement.pdf", "complete", "any_assignee", False, "Ada Admin"),
        ],
    ),
    "task_assignments": (
        (
            "SELECT t.action, a.assigned_to_name, a.assigned_by_name, a.resolution_state, a.message FROM tasks t "
            "JOIN task_assignments a ON a.task_id = t.id WHERE t.item_id = '1200000000002'"
        ),
        [
            ("review", "Björn Brown", "Amelia Andersen", "approved", "Fine."),
            ("complete", "Björn Brown", "Amelia Andersen", "incomplete", ""),
            ("complete", "Ada Admin", "Amelia Andersen", "incomplete", ""),
        ],
    ),
}

CALLS = {
    "tasks": 41,
    "task_assignments": 47,
}

WRITTEN = {
    "tasks": [
        Written(
            insert={
                "item_id": "1200000000008",
                "action": "complete",
                "message": "Sign it.",
                "due_at": _SOON,
                "completion_rule": "any_assignee",
            },
            updates=[
                {"action": "review", "message": "Read it.", "due_at": _LATER},
                {"completion_rule": "all_assignees", "message": ""},
            ],
        )
    ],
    "task_assignments": [
        Written(
            insert={"task_id": "5101000002", "assigned_to_id": "20000000003"},
            updates=[{"message": "I am at it."}, {"resolution_state": "completed"}, {"resolution_state": "incomplete"}],
        ),
        Written(insert={"task_id": "5101000004", "assigned_to_login": "user03@example.com"}),
    ],
}
