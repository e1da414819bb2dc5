"""Workflows of Relay and Automate."""

ROWS = {
    "workflows": (
        (
            "SELECT f.name, w.name, w.description, is_enabled, flows ->> '$[0].outcomes[0].name' FROM workflows w "
            "JOIN folders f ON f.id = w.folder_id"
        ),
        [
            ("Signed", "Approval", "By whom it may concern", True, "Task"),
            ("Signed", "Old approval", "By whom it may concern", False, "Task"),
        ],
    ),
    "automate_workflows": (
        (
            "SELECT f.name, w.workflow_name, w.description, w.created_by_name FROM automate_workflows w "
            "JOIN folders f ON f.id = w.folder_id"
        ),
        [
            ("Signed", "Approval", "Approval", "Ada Admin"),
            ("Signed", "Old approval", "Old approval", "Ada Admin"),
        ],
    ),
}

CALLS = {"workflows": 27, "automate_workflows": 27}
