"""Retention, legal holds, storage, Shield, archives and classifications."""

import datetime as dt

from known_rows import Written

_ACME, _BRIEN, _DRAFT = "ACME master agreement.pdf", "O'Brien & Söhne.docx", 'Draft "final" (2).docx'
_RECIPIENTS = '[{"type":"user","id":"20000000002"}]'
_BARRIER, _RESEARCH, _TRADING, _SALES = "2060000001", "2080000001", "2080000002", "2080000003"

ROWS = {
    "retention_policies": (
        (
            "SELECT policy_name, retention_length, status, folder_assignment_count, metadata_template_assignment_count "
            "FROM retention_policies"
        ),
        [
            ("Contracts for good", "indefinite", "active", 1, 1),
            ("Twenty years", "7300", "active", 0, 1),
            ("Retired", "30", "retired", 0, 0),
        ],
    ),
    "retention_policy_assignments": (
        (
            "SELECT p.policy_name, a.assigned_to_type, f.name FROM retention_policy_assignments a "
            "JOIN retention_policies p ON p.id = a.retention_policy_id LEFT JOIN folders f ON f.id = a.assigned_to_id"
        ),
        [
            ("Contracts for good", "folder", "Signed"),
            ("Contracts for good", "metadata_template", None),
            ("Twenty years", "metadata_template", None),
        ],
    ),
    "files_under_retention": (
        (
            "SELECT a.retention_policy_name, f.name, a.assigned_to_type FROM files_under_retention f "
            "JOIN retention_policy_assignments a ON a.id = f.retention_policy_assignment_id"
        ),
        [
            ("Contracts for good", _ACME, "folder"),
            ("Contracts for good", _BRIEN, "folder"),
            ("Contracts for good", _BRIEN, "metadata_template"),
            ("Twenty years", _DRAFT, "metadata_template"),
        ],
    ),
    "file_versions_under_retention": (
        "SELECT name, file_version_id, retention_policy_assignment_id FROM file_versions_under_retention",
        [
            (_ACME, "1300000000001", "2030000001"),
            (_BRIEN, "1300000000002", "2030000001"),
            (_BRIEN, "1300000000002", "2030000002"),
        ],
    ),
    "file_version_retentions": (
        "SELECT file_name, winning_retention_policy_name, disposition_at FROM file_version_retentions",
        [
            *[(_ACME, "Contracts for good", None)] * 2,
            *[(_BRIEN, "Contracts for good", None)] * 2,
            (_DRAFT, "Twenty years", dt.datetime(2035, 3, 2, 8, tzinfo=dt.UTC)),
        ],
    ),
    "legal_hold_policies": (
        "SELECT policy_name, status, file_assignment_count, ownership_assignment_count FROM legal_hold_policies",
        [("Case 17", "active", 1, 0), ("Audit 2014", "active", 0, 1)],
    ),
    "legal_hold_policy_assignments": (
        (
            "SELECT p.policy_name, a.assigned_to_type, a.custodian_id FROM legal_hold_policy_assignments a "
            "JOIN legal_hold_policies p ON p.id = a.legal_hold_policy_id"
        ),
        [
            ("Case 17", "folder", None),
            ("Case 17", "file", None),
            ("Audit 2014", "ownership", "20000000001"),
        ],
    ),
    "files_on_hold": (
        "SELECT name, legal_hold_policy_assignment_id FROM files_on_hold",
        [(_ACME, "2050000001"), (_BRIEN, "2050000001"), (_ACME, "2050000002")],
    ),
    "file_versions_on_hold": (
        "SELECT name, size, legal_hold_policy_assignment_id FROM file_versions_on_hold",
        [(_ACME, 15, "2050000001"), (_BRIEN, 9, "2050000001"), (_ACME, 15, "2050000002")],
    ),
    "file_version_legal_holds": (
        "SELECT file_name, json_array_length(legal_hold_policy_assignments) FROM file_version_legal_holds",
        [(_ACME, 2), (_ACME, 2), (_BRIEN, 1), (_BRIEN, 1)],
    ),
    "storage_policies": ("SELECT name FROM storage_policies", [("United States",), ("Germany",)]),
    "storage_policy_assignments": (
        "SELECT a.id, p.name FROM storage_policy_assignments a JOIN storage_policies p ON p.id = a.storage_policy_id",
        [("enterprise_491291", "United States"), ("user_20000000001", "Germany")],
    ),
    "shield_information_barriers": (
        "SELECT enterprise_id, status, created_by_id FROM shield_information_barriers",
        [("491291", "enabled", "19999999001")],
    ),
    "shield_information_barrier_segments": (
        "SELECT name, description FROM shield_information_barrier_segments",
        [
            ("Research", "Everybody in Research"),
            ("Trading", "Everybody in Trading"),
            ("Sales", "Everybody in Sales"),
        ],
    ),
    "shield_information_barrier_segment_members": (
        (
            "SELECT s.name, u.name FROM shield_information_barrier_segment_members m "
            "JOIN shield_information_barrier_segments s ON s.id = m.shield_information_barrier_segment_id "
            "JOIN users u ON u.id = m.user_id"
        ),
        [("Research", "Amelia Andersen"), ("Research", "Björn Brown"), ("Trading", "Chloé Castillo")],
    ),
    "shield_information_barrier_segment_restrictions": (
        (
            "SELECT shield_information_barrier_segment_id, restricted_segment_id "
            "FROM shield_information_barrier_segment_restrictions"
        ),
        [(_RESEARCH, _TRADING), (_RESEARCH, _SALES)],
    ),
    "shield_information_barrier_reports": (
        "SELECT shield_information_barrier_id, status, folder_id FROM shield_information_barrier_reports",
        [(_BARRIER, "done", "0")] * 2,
    ),
    "shield_lists": (
        "SELECT name, content_type, content ->> '$.domains[0]', description FROM shield_lists",
        [("Partners", "domain", "partner.example", "Partners of ours"), ("Offices", "ip", None, "Offices of ours")],
    ),
    "archives": ("SELECT name, size FROM archives", [("Closed cases", 0), ("Projects until 2014", 1_048_576)]),
    "enterprise_configurations": (
        "SELECT id, security ->> '$.password_min_length.value', shield FROM enterprise_configurations",
        [("491291", 8, '{"shield_rules":[]}')],
    ),
    "classifications": (
        "SELECT name, definition, color_id, position FROM classifications",
        [
            ("Public", "Anybody may read it.", 6, 1),
            ("Confidential", "Of the enterprise alone.", 1, 2),
            ("Secret", "", 2, 3),
        ],
    ),
    "item_classifications": (
        "SELECT item_type, item_name, name, color FROM item_classifications",
        [
            ("file", _ACME, "Public", "#26C281"),
            ("file", _BRIEN, "Confidential", "#F5A623"),
            ("file", _DRAFT, "Secret", "#E33D55"),
        ],
    ),
}
CALLS = {
    "retention_policies": 1,
    "retention_policy_assignments": 3,
    "files_under_retention": 6,
    "file_versions_under_retention": 6,
    "file_version_retentions": 1,
    "legal_hold_policies": 1,
    "legal_hold_policy_assignments": 3,
    "files_on_hold": 6,
    "file_versions_on_hold": 6,
    "file_version_legal_holds": 3,
    "storage_policies": 1,
    "storage_policy_assignments": 9,
    "shield_information_barriers": 1,
    "shield_information_barrier_segments": 2,
    "shield_information_barrier_segment_members": 5,
    "shield_information_barrier_segment_restrictions": 5,
    "shield_information_barrier_reports": 2,
    "shield_lists": 3,
    "archives": 1,
    "enterprise_configurations": 2,
    "classifications": 1,
    "item_classifications": 14,
}

WRITTEN = {
    "retention_policies": [
        Written(
            insert={
                "policy_name": "Invoices",
                "description": "Ten years.",
                "policy_type": "finite",
                "retention_length": "3650",
                "disposition_action": "permanently_delete",
                "retention_type": "modifiable",
                "can_owner_extend_retention": True,
                "max_extension_length": "30",
                "are_owners_notified": True,
                "custom_notification_recipients": _RECIPIENTS,
            },
            updates=[
                {"policy_name": "Bills", "description": "Nine years.", "retention_length": "3285"},
                {"max_extension_length": "none", "can_owner_extend_retention": False, "are_owners_notified": False},
                {"disposition_action": "remove_retention", "custom_notification_recipients": "[]"},
                {"status": "retired"},
            ],
            reads={"custom_notification_recipients": ...},
        ),
        Written(
            insert={"policy_name": "Letters", "policy_type": "indefinite", "disposition_action": "remove_retention"},
            updates=[{"retention_type": "non_modifiable"}],
            delete=False,
        ),
    ],
    "legal_hold_policies": [
        Written(
            insert={"policy_name": "Case 18", "description": "Of what comes, too.", "is_ongoing": True},
            updates=[{"policy_name": "Case 18a", "description": "Over."}, {"release_notes": "It is over."}],
            reads={"is_ongoing": ...},
            left={"status": "releasing", "release_notes": "It is over."},
        ),
        Written(
            insert={
                "policy_name": "Audit 2015",
                "filter_started_at": dt.datetime(2015, 1, 1, tzinfo=dt.UTC),
                "filter_ended_at": dt.datetime(2015, 12, 31, tzinfo=dt.UTC),
            },
            left={"status": "releasing"},
        ),
    ],
    "legal_hold_policy_assignments": [
        Written(
            insert={
                "legal_hold_policy_id": "2040000002",
                "assigned_to_type": "file",
                "assigned_to_id": "1200000000008",
            },
            left={"assigned_to_id": "1200000000008"},
        ),
    ],
    "storage_policy_assignments": [
        Written(
            insert={
                "storage_policy_id": "5117000002",
                "assigned_to_type": "user",
                "assigned_to_id": "20000000002",
            },
            updates=[{"storage_policy_id": "5117000001"}],
        ),
    ],
    "shield_information_barrier_segments": [
        Written(
            insert={"shield_information_barrier_id": _BARRIER, "name": "Law", "description": "Lawyers"},
            updates=[{"name": "Legal", "description": "All lawyers"}],
        ),
    ],
    "shield_information_barrier_segment_members": [
        Written(insert={"shield_information_barrier_segment_id": _SALES, "user_id": "20000000004"}),
    ],
    "shield_information_barrier_segment_restrictions": [
        Written(insert={"shield_information_barrier_segment_id": _TRADING, "restricted_segment_id": _SALES}),
    ],
    "shield_information_barrier_reports": [
        Written(insert={"shield_information_barrier_id": _BARRIER}, delete=False),
    ],
    "shield_lists": [
        Written(
            insert={
                "name": "Lands",
                "description": "Where we are",
                "content": '{"type":"country","country_codes":["FR","DE"]}',
            },
            updates=[
                {"name": "Countries", "description": "Where we were"},
                {"content": '{"type":"email","email_addresses":["a@example.com"]}'},
            ],
        ),
    ],
    "archives": [
        Written(
            insert={"name": "Old", "description": "Of old", "storage_policy_id": "5117000002"},
            updates=[{"name": "Older"}, {"description": "Of the past"}],
            reads={"storage_policy_id": ...},
        ),
    ],
    "classifications": [
        Written(
            insert={"name": "Internal", "definition": "Ours.", "color_id": 4},
            updates=[{"definition": "Of us alone."}, {"color_id": 5}, {"name": "Inside"}],
        ),
    ],
    "item_classifications": [
        Written(
            insert={"item_type": kind, "item_id": identity, "name": "Public"},
            updates=[{"name": "Confidential"}],
        )
        for kind, identity in (("file", "1200000000008"), ("folder", "160000000001"))
    ],
}
