"""Users and their sessions."""

from known_calls import Called

CALLS = {
    "TransferOwnedContent": [
        Called(
            inputs={"UserId": "20000000002", "OwnedById": "20000000001", "Notify": False},
            sent=[
                (
                    "PUT /users/20000000002/folders/0?fields=id,name,owned_by&notify=false",
                    {"owned_by": {"id": "20000000001"}},
                )
            ],
            rows=[("160000000015", "Björn Brown's Files and Folders", "20000000001")],
        )
    ],
    "TerminateUserSessions": [
        Called(
            inputs={"UserIds": "20000000002", "UserLogins": "user03@example.com"},
            sent=[
                ("POST /users/terminate_sessions", {"user_ids": ["20000000002"], "user_logins": ["user03@example.com"]})
            ],
            rows=[("Request is successful, please check the admin events for the status of the job",)],
        ),
        Called(
            inputs={"UserIds": '["20000000002"]'},
            sent=[("POST /users/terminate_sessions", {"user_ids": ["20000000002"], "user_logins": []})],
            rows=[(...,)],
        ),
    ],
    "TerminateGroupSessions": [
        Called(
            inputs={"GroupIds": "30000001,30000002"},
            sent=[("POST /groups/terminate_sessions", {"group_ids": ["30000001", "30000002"]})],
            rows=[("Request is successful, please check the admin events for the status of the job",)],
        )
    ],
    "SubmitExternalUsersDeleteJob": [
        Called(
            inputs={"UserIds": "20000000006,7"},
            sent=[
                (
                    "POST /external_users/submit_delete_job",
                    {"external_users": [{"type": "user", "id": "20000000006"}, {"type": "user", "id": "7"}]},
                    {"box-version": "2025.0"},
                )
            ],
            rows=[("20000000006", 202, None), ("7", 404, "The external user was not found")],
        )
    ],
}
