"""Users, groups and who belongs to them."""

from known_rows import Written

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01"
JPEG = b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01"
_SAID = {"language": "de", "timezone": "Europe/Berlin", "space_amount": 1000, "job_title": "Clerk", "phone": "1-23"}
_MAY = {
    "can_see_managed_users": False,
    "is_sync_enabled": False,
    "is_external_collab_restricted": True,
    "is_exempt_from_device_limits": True,
    "is_exempt_from_login_verification": True,
}
_CODE = '[{"type":"tracking_code","name":"site","value":"Ulm"}]'

ROWS = {
    "users": ("SELECT name, role FROM users WHERE login = 'user02@example.com'", [("Björn Brown", "coadmin")]),
    "groups": ("SELECT name, group_type FROM groups WHERE name LIKE 'F%'", [("Finance", "managed_group")]),
    "memberships": (
        "SELECT user_name, role FROM memberships WHERE group_name = 'Engineering'",
        [("Amelia Andersen", "admin"), ("Élise Evans", "member")],
    ),
}

CALLS = {
    "users": 1,
    "groups": 1,
    "memberships": 7,
}

WRITTEN = {
    "users": [
        Written(
            insert={
                **_SAID,
                **_MAY,
                "name": "Dora Dorn",
                "login": "dora@example.com",
                "role": "coadmin",
                "status": "active",
                "address": "Ulm",
                "tracking_codes": _CODE,
                "is_platform_access_only": True,
                "external_app_user_id": "dora-1",
            },
            updates=[
                {column: not value for column, value in _MAY.items()},
                {"name": "Dora Dorner", "login": "dorner@example.com", "role": "user"},
                {"language": "en", "timezone": "Europe/London", "space_amount": -1, "job_title": "", "phone": "1-24"},
                {"address": "Bonn", "tracking_codes": "[]", "external_app_user_id": "dora-2"},
                {"avatar": PNG},
                {"avatar": JPEG, "job_title": "Boss"},
                {"avatar": None},
                {"avatar": None, "job_title": "Chief"},
                {"notification_email": "d@example.org"},
                {"notification_email": None},
                {"status": "inactive", "notification_email": "dora@example.org", "is_password_reset_required": True},
            ],
            reads={"is_password_reset_required": ...},
        ),
        Written(
            insert={"name": "Eva Egger", "login": "eva@example.com"},
            updates=[{"enterprise_id": None, "notify": False}],
            reads={"notify": ...},
            delete=False,
        ),
        Written(
            key={"id": "20000000001"},
            updates=[{"job_title": None, "phone": None, "address": None}],
            reads={"job_title": "", "phone": "", "address": ""},
            delete=False,
        ),
    ],
    "groups": [
        Written(
            insert={
                "name": "Clerks",
                "description": "Who writes.",
                "provenance": "Directory",
                "external_sync_identifier": "dir:7",
                "invitability_level": "admins_only",
                "member_viewability_level": "admins_only",
            },
            updates=[
                {
                    "name": "Scribes",
                    "description": "Who copies.",
                    "provenance": "List",
                    "external_sync_identifier": "list:7",
                },
                {"invitability_level": "admins_and_members", "member_viewability_level": "all_managed_users"},
            ],
        ),
        Written(key={"id": "30000001"}, updates=[{"description": None}], reads={"description": ""}),
    ],
    "memberships": [
        Written(
            insert={
                "user_id": "20000000003",
                "group_id": "30000001",
                "role": "admin",
                "configurable_permissions": '{"can_run_reports": true}',
            },
            updates=[{"configurable_permissions": None}, {"role": "member"}],
            reads={"configurable_permissions": ...},
        ),
    ],
}
