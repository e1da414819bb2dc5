"""Classifications and information barriers."""

from known_calls import Called
from known_calls.preparing import label

CALLS = {
    "SetClassification": [
        Called(
            inputs={"ItemId": "1200000000008", "ItemType": "file", "Classification": "Secret"},
            sent=[
                (
                    "POST /files/1200000000008/metadata/enterprise/securityClassification-6VMVochwUWo",
                    {"Box__Security__Classification__Key": "Secret"},
                ),
                (
                    "PUT /files/1200000000008/metadata/enterprise/securityClassification-6VMVochwUWo",
                    [{"op": "replace", "path": "/Box__Security__Classification__Key", "value": "Secret"}],
                    {"content-type": "application/json-patch+json"},
                ),
            ],
            rows=[("Secret", 1)],
            prepare=label,
            before=["EXEC SetClassification '1200000000008', 'file', 'Public'"],
        ),
        Called(
            inputs={"ItemId": "160000000007", "ItemType": "folder", "Classification": "Public"},
            sent=[
                (
                    "POST /folders/160000000007/metadata/enterprise/securityClassification-6VMVochwUWo",
                    {"Box__Security__Classification__Key": "Public"},
                )
            ],
            rows=[("Public", 0)],
            prepare=label,
        ),
    ],
    "RemoveClassification": [
        Called(
            inputs={"ItemId": "160000000007", "ItemType": "folder"},
            sent=[("DELETE /folders/160000000007/metadata/enterprise/securityClassification-6VMVochwUWo", None)],
            rows=[(True,)],
            prepare=label,
            before=["EXEC SetClassification '160000000007', 'folder', 'Public'"],
        )
    ],
    "ChangeInformationBarrierStatus": [
        Called(
            inputs={"BarrierId": "2060000001", "Status": "disabled"},
            sent=[("POST /shield_information_barriers/change_status", {"id": "2060000001", "status": "disabled"})],
            rows=[("2060000001", "disabled", ...)],
        )
    ],
}
