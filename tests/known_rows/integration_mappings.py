"""Folders that are mapped to channels of Slack and of Microsoft Teams."""

from known_rows import Written

ROWS = {
    "integration_mappings_slack": (
        (
            "SELECT partner_item_id, partner_item_slack_workspace_id, is_manually_created, f.name "
            "FROM integration_mappings_slack m JOIN folders f ON f.id = m.box_item_id"
        ),
        [("C12345670", "T12352314", True, "Signed"), ("C12345671", "T12352314", False, "Signed")],
    ),
    "integration_mappings_teams": (
        (
            "SELECT partner_item_type, partner_item_id, f.name "
            "FROM integration_mappings_teams m JOIN folders f ON f.id = m.box_item_id"
        ),
        [("channel", "19%3ABCD-Avgfggkggyftdtfghghjk", "Signed")],
    ),
}

CALLS = {"integration_mappings_slack": 1, "integration_mappings_teams": 1}

WRITTEN = {
    "integration_mappings_slack": [
        Written(
            insert={
                "partner_item_type": "channel",
                "partner_item_id": "C7",
                "partner_item_slack_workspace_id": "T7",
                "box_item_id": "160000000002",
                "is_access_management_disabled": True,
            },
            updates=[{"box_item_id": "160000000001"}, {"is_access_management_disabled": False}],
        ),
        Written(
            insert={"partner_item_id": "C8", "partner_item_slack_org_id": "O7", "box_item_id": "160000000002"},
        ),
    ],
    "integration_mappings_teams": [
        Written(
            insert={
                "partner_item_type": "team",
                "partner_item_id": "t7",
                "partner_item_tenant_id": "c0d159a7-8c9b-5fc0-8e68-168bfab64a2b",
                "partner_item_team_id": "c0d159a7-8c9b-5fc0-8e68-168bfab64a2c",
                "box_item_id": "160000000002",
            },
            reads={"partner_item_team_id": None},
            updates=[{"box_item_id": "160000000001"}],
        ),
    ],
}
