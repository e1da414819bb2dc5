"""Box Sign, workflows, hubs, Doc Gen and skills."""

from json import dumps

from known_calls import Called, Has

CALLS = {
    "CreateSignRequest": [
        Called(
            inputs={
                "Signers": dumps([{"email": "signer@example.net", "role": "signer", "order": 1}]),
                "SourceFileIds": "1200000000001",
                "ParentFolderId": "160000000012",
                "TemplateId": "d518c4b6-43ad-5ead-8b65-2570030a87a4",
                "Name": "Offer",
                "EmailSubject": "S",
                "EmailMessage": "M",
                "AreRemindersEnabled": True,
                "AreTextSignaturesEnabled": False,
                "IsDocumentPreparationNeeded": True,
                "DaysValid": 30,
                "PrefillTags": '[{"document_tag_id": "1", "text_value": "x"}]',
                "SignatureColor": "red",
                "RedirectURL": "https://example.com/r",
                "DeclinedRedirectURL": "https://example.com/d",
                "ExternalId": "x1",
                "ExternalSystemName": "X",
                "RequestFlow": "standard",
            },
            sent=[
                (
                    "POST /sign_requests",
                    {
                        "signers": [{"email": "signer@example.net", "role": "signer", "order": 1}],
                        "source_files": [{"type": "file", "id": "1200000000001"}],
                        "parent_folder": {"type": "folder", "id": "160000000012"},
                        "template_id": "d518c4b6-43ad-5ead-8b65-2570030a87a4",
                        "name": "Offer",
                        "email_subject": "S",
                        "email_message": "M",
                        "are_reminders_enabled": True,
                        "are_text_signatures_enabled": False,
                        "is_document_preparation_needed": True,
                        "days_valid": 30,
                        "prefill_tags": [{"document_tag_id": "1", "text_value": "x"}],
                        "signature_color": "red",
                        "redirect_url": "https://example.com/r",
                        "declined_redirect_url": "https://example.com/d",
                        "external_id": "x1",
                        "external_system_name": "X",
                        "request_flow": "standard",
                    },
                )
            ],
            rows=[
                (
                    "9ab72a86-aba3-560b-acdc-e78341247032",
                    "Offer.pdf",
                    "converting",
                    Has('[{"email":"admin@example.com","role":"final_copy_reader","is'),
                    '[{"type":"file","id":"1200000000001","etag":"1"}]',
                    "160000000012",
                    "https://app.box.com/sign/document/9ab72a86-aba3-560b-acdc-e78341247032/prepare_doc/",
                    ...,
                )
            ],
        )
    ],
    "CancelSignRequest": [
        Called(
            inputs={"SignRequestId": "36cb1f51-2bf4-583c-ace4-630ae7efeb31", "Reason": "Not needed"},
            sent=[("POST /sign_requests/36cb1f51-2bf4-583c-ace4-630ae7efeb31/cancel", {"reason": "Not needed"})],
            rows=[
                (
                    "36cb1f51-2bf4-583c-ace4-630ae7efeb31",
                    "ACME master agreement.pdf.pdf",
                    "cancelled",
                    Has('[{"email":"admin@example.com","role":"final_copy_reader","is'),
                    '[{"type":"file","id":"1200000000001","etag":"1"}]',
                    "160000000003",
                    None,
                    None,
                )
            ],
        )
    ],
    "ResendSignRequest": [
        Called(
            inputs={"SignRequestId": "36cb1f51-2bf4-583c-ace4-630ae7efeb31"},
            sent=[("POST /sign_requests/36cb1f51-2bf4-583c-ace4-630ae7efeb31/resend", None)],
            rows=[(True,)],
        )
    ],
    "StartWorkflow": [
        Called(
            inputs={
                "WorkflowId": "2130000001",
                "FlowId": "cf37c4b3-2783-5692-a1b4-5180a08c0c7f",
                "FolderId": "160000000003",
                "FileIds": "1200000000001,1200000000002",
                "Outcomes": "[]",
            },
            sent=[
                (
                    "POST /workflows/2130000001/start",
                    {
                        "type": "workflow_parameters",
                        "flow": {"type": "flow", "id": "cf37c4b3-2783-5692-a1b4-5180a08c0c7f"},
                        "folder": {"type": "folder", "id": "160000000003"},
                        "files": [{"type": "file", "id": "1200000000001"}, {"type": "file", "id": "1200000000002"}],
                        "outcomes": [],
                    },
                )
            ],
            rows=[(True,)],
        )
    ],
    "StartAutomateWorkflow": [
        Called(
            inputs={
                "WorkflowId": "2481f7f3-e06d-5897-aab7-dcf79be271af",
                "WorkflowActionId": "2270000001",
                "FileIds": '["1200000000001"]',
            },
            sent=[
                (
                    "POST /automate_workflows/2481f7f3-e06d-5897-aab7-dcf79be271af/start",
                    {"workflow_action_id": "2270000001", "file_ids": ["1200000000001"]},
                    {"box-version": "2026.0"},
                )
            ],
            rows=[(True,)],
        )
    ],
    "CopyHub": [
        Called(
            inputs={"HubId": "2170000001", "Title": "Twin", "Description": "D", "IncludeItems": True},
            sent=[
                (
                    "POST /hubs/2170000001/copy",
                    {"title": "Twin", "description": "D", "include_items": True},
                    {"box-version": "2025.0"},
                )
            ],
            rows=[("2170000003", "Twin", "D", ...)],
        )
    ],
    "ManageHubItems": [
        Called(
            inputs={
                "HubId": "2170000001",
                "Operations": dumps(
                    [
                        {"action": "add", "item": {"type": "file", "id": "1200000000008"}},
                        {"action": "remove", "item": {"type": "file", "id": "404"}},
                    ]
                ),
            },
            sent=[
                (
                    "POST /hubs/2170000001/manage_items",
                    {
                        "operations": [
                            {"action": "add", "item": {"type": "file", "id": "1200000000008"}},
                            {"action": "remove", "item": {"type": "file", "id": "404"}},
                        ]
                    },
                    {"box-version": "2025.0"},
                )
            ],
            rows=[
                ("add", "file", "1200000000008", "1f7a1a63-23b0-54ae-8343-c5ff6165bb93", 201, None),
                ("remove", "file", "404", None, 404, "Not Found"),
            ],
        )
    ],
    "CreateDocGenBatch": [
        Called(
            inputs={
                "FileId": "1200000000001",
                "DestinationFolderId": "160000000012",
                "DocumentGenerationData": '[{"generated_file_name": "doc", "user_input": {"a": 1}}]',
                "OutputType": "docx",
                "InputSource": "api",
                "FileVersionId": "1300000000001",
            },
            sent=[
                (
                    "POST /docgen_batches",
                    {
                        "file": {"type": "file", "id": "1200000000001"},
                        "destination_folder": {"type": "folder", "id": "160000000012"},
                        "document_generation_data": [{"generated_file_name": "doc", "user_input": {"a": 1}}],
                        "output_type": "docx",
                        "input_source": "api",
                        "file_version": {"type": "file_version", "id": "1300000000001"},
                    },
                    {"box-version": "2025.0"},
                )
            ],
            rows=[("317c0a4c-57d9-5c50-9b13-3e70d5b8c404",)],
        )
    ],
    "UpdateSkillInvocation": [
        Called(
            inputs={
                "SkillId": "s1",
                "FileId": "1200000000001",
                "Status": "success",
                "Cards": dumps(
                    [
                        {
                            "type": "skill_card",
                            "skill_card_type": "status",
                            "skill": {"type": "service", "id": "s"},
                            "invocation": {"type": "skill_invocation", "id": "1"},
                            "status": {"code": "success"},
                        }
                    ]
                ),
                "FileVersionId": "1300000000001",
                "UsageUnit": "file",
                "UsageValue": 1.5,
            },
            sent=[
                (
                    "PUT /skill_invocations/s1",
                    {
                        "file": {"type": "file", "id": "1200000000001"},
                        "status": "success",
                        "metadata": {
                            "cards": [
                                {
                                    "type": "skill_card",
                                    "skill_card_type": "status",
                                    "skill": {"type": "service", "id": "s"},
                                    "invocation": {"type": "skill_invocation", "id": "1"},
                                    "status": {"code": "success"},
                                }
                            ]
                        },
                        "file_version": {"type": "file_version", "id": "1300000000001"},
                        "usage": {"unit": "file", "value": 1.5},
                    },
                )
            ],
            rows=[(True,)],
        )
    ],
}
